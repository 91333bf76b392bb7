#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "CJSONSchema.h"
#include "wide_regex.hpp"

#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#undef regex

#include "schema_text.hpp"

using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

struct cjs_schema {
  valijson::Schema schema;
  valijson::Validator validator;
  bool compares_items = false;
};

namespace {

char *copied(const std::string &text) {
  char *copy = static_cast<char *>(std::malloc(text.size() + 1));
  if (copy == nullptr) std::abort();
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

/// `uniqueItems` compares every item with every other and cannot be interrupted.
constexpr size_t compared_items_max = 5000;

size_t longest_array(const json &value) {
  if (!value.is_structured()) return 0;
  size_t longest = value.is_array() ? value.size() : 0;
  for (const auto &child : value) longest = std::max(longest, longest_array(child));
  return longest;
}

/// `<root>`, `[name]`, `[0]` as a JSON Pointer (RFC 6901).
std::string pointer(const std::vector<std::string> &context) {
  std::string text;
  for (const auto &step : context) {
    if (step == "<root>") continue;
    const bool bracketed = step.size() >= 2 && step.front() == '[' && step.back() == ']';
    text += '/';
    for (char byte : bracketed ? step.substr(1, step.size() - 2) : step) {
      if (byte == '~')
        text += "~0";
      else if (byte == '/')
        text += "~1";
      else
        text += byte;
    }
  }
  return text;
}

}  // namespace

extern "C" cjs_schema *cjs_schema_compile(const char *bytes, size_t count, char **error) {
  *error = nullptr;
  try {
    json text = json::parse(bytes, bytes + count);
    lgsp::SchemaText prepared(text);
    if (!prepared.complaint.empty()) {
      *error = copied(prepared.complaint);
      return nullptr;
    }
    auto made = std::make_unique<cjs_schema>();
    made->compares_items = prepared.compares_items;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    Adapter root(text);
    parser.populateSchema(root, made->schema);
    return made.release();
  } catch (const std::exception &problem) {
    *error = copied(problem.what());
    return nullptr;
  }
}

extern "C" void cjs_schema_free(cjs_schema *schema) { delete schema; }

extern "C" int cjs_schema_validate(
  cjs_schema *schema, const char *bytes, size_t count, cjs_on_complaint on_complaint, void *context) {
  try {
    const json document = json::parse(bytes, bytes + count);
    if (schema->compares_items && longest_array(document) > compared_items_max) {
      on_complaint(context, "", "An array is too long to be checked for unique items.");
      return -1;
    }
    valijson::ValidationResults results;
    const bool valid = schema->validator.validate(schema->schema, Adapter(document), &results);
    for (const auto &complaint : results)
      on_complaint(context, pointer(complaint.context).c_str(), complaint.description.c_str());
    return valid ? 1 : 0;
  } catch (const lgsp::TooLongToMatch &) {
    on_complaint(context, "", "A string is too long to be matched against a pattern.");
    return -1;
  } catch (const std::exception &) {
    on_complaint(context, "", "The document could not be checked against the schema.");
    return -1;
  }
}
