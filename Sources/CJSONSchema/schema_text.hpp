// Reads a schema before valijson does: refuses what could reach outside or never end, and rewrites `format`, which
// valijson 1.0 applies to values of any type although draft 7 (section 7 of the validation draft) means strings only.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "wide_regex.hpp"

namespace lgsp {

class SchemaText {
  using json = nlohmann::json;

 public:
  explicit SchemaText(json &root) : root_(root) {
    if (!root.is_object() && !root.is_boolean()) {
      complaint = "a schema is an object or true or false";
      return;
    }
    visit(root, "");
  }

  /// What is wrong; empty when nothing is.
  std::string complaint;
  /// Whether it has `uniqueItems`.
  bool compares_items = false;

 private:
  void complain(const std::string &pointer, const std::string &text) {
    if (complaint.empty()) complaint = (pointer.empty() ? std::string("at the root") : "at " + pointer) + ": " + text;
  }

  void visit(json &schema, const std::string &at) {
    if (!schema.is_object() || !complaint.empty()) return;
    if (++visited_ > 100000) return complain(at, "the schema has more than 100000 parts");
    const auto reference = schema.find("$ref");
    if (reference != schema.end() && reference->is_string()) {
      check_reference(*reference, at);
      return visit_map(schema, "definitions", at);
    }
    check_words(schema, at);
    for (auto member = schema.begin(); member != schema.end(); ++member) {
      const std::string here = at + "/" + member.key();
      if (is_schema(member.key()))
        visit_one_or_many(member.value(), here);
      else if (is_map(member.key()))
        visit_map(schema, member.key(), at);
    }
    rewrite_format(schema);
  }

  void visit_map(json &schema, const std::string &word, const std::string &at) {
    const auto map = schema.find(word);
    if (map == schema.end() || !map->is_object()) return;
    for (auto member = map->begin(); member != map->end(); ++member)
      visit(member.value(), at + "/" + word + "/" + member.key());
  }

  void visit_one_or_many(json &value, const std::string &at) {
    if (!value.is_array()) return visit(value, at);
    for (size_t i = 0; i < value.size(); i++) visit(value[i], at + "/" + std::to_string(i));
  }

  static bool is_schema(const std::string &word) {
    static const std::set<std::string> words{"additionalItems", "additionalProperties", "allOf", "anyOf", "contains",
                                             "else", "if", "items", "not", "oneOf", "propertyNames", "then"};
    return words.count(word) > 0;
  }

  static bool is_map(const std::string &word) {
    return word == "properties" || word == "patternProperties" || word == "definitions" || word == "dependencies";
  }

  void check_words(const json &schema, const std::string &at) {
    const auto pattern = schema.find("pattern");
    if (pattern != schema.end() && pattern->is_string()) check_pattern(*pattern, at + "/pattern");
    const auto patterns = schema.find("patternProperties");
    if (patterns != schema.end() && patterns->is_object())
      for (auto each = patterns->begin(); each != patterns->end(); ++each)
        check_pattern(each.key(), at + "/patternProperties");
    compares_items = compares_items || schema.value("uniqueItems", json(false)) == json(true);
    const auto version = schema.find("$schema");
    if (version == schema.end() || !version->is_string()) return;
    const std::string name = *version;
    if (name.find("draft-07") == std::string::npos && name.find("draft-06") == std::string::npos &&
        name.find("draft-04") == std::string::npos)
      complain(at + "/$schema", "only drafts 4, 6 and 7 of JSON Schema are known");
  }

  void check_pattern(const std::string &pattern, const std::string &at) {
    try {
      std::lgsp_wide_regex(pattern).wide();
    } catch (const std::exception &) {
      complain(at, "the pattern is not an ECMAScript regular expression that can be compiled");
    }
  }

  /// Local references only, and none that leads back to itself without a value in between.
  void check_reference(const std::string &reference, const std::string &at) {
    std::set<std::string> seen;
    std::string next = reference;
    while (next.rfind("#/", 0) == 0 || next == "#") {
      if (!seen.insert(next).second) return complain(at, "$ref leads back to itself: " + next);
      const json *target = find(next.substr(1));
      if (target == nullptr) return complain(at, "$ref points to nothing: " + next);
      if (!target->is_object() || !target->contains("$ref") || !(*target)["$ref"].is_string()) return;
      next = (*target)["$ref"];
    }
    if (next.find("://") != std::string::npos && !known_id(next))
      complain(at, "$ref to another document is not followed: " + next + "; copy it under definitions");
  }

  const json *find(const std::string &pointer) {
    try {
      return &root_.at(json::json_pointer(decoded(pointer)));
    } catch (const std::exception &) {
      return nullptr;
    }
  }

  /// Percent escapes of a URI fragment.
  static std::string decoded(const std::string &text) {
    std::string plain;
    for (size_t i = 0; i < text.size(); i++) {
      if (text[i] == '%' && i + 2 < text.size()) {
        plain += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        plain += text[i];
      }
    }
    return plain;
  }

  bool known_id(const std::string &uri) const {
    const std::string base = uri.substr(0, uri.find('#'));
    const std::string own = root_.is_object() && root_.contains("$id") && root_["$id"].is_string()
                              ? root_["$id"].get<std::string>()
                              : std::string();
    return !own.empty() && own.substr(0, own.find('#')) == base;
  }

  void rewrite_format(json &schema) {
    const auto format = schema.find("format");
    if (format == schema.end() || !format->is_string()) return;
    const std::string name = *format;
    schema.erase("format");
    if (name != "date" && name != "time" && name != "date-time") return;
    json rule = {{"if", {{"type", "string"}}}, {"then", {{"format", name}}}};
    auto &all = schema["allOf"];
    if (!all.is_array()) all = json::array();
    all.push_back(rule);
  }

  json &root_;
  int visited_ = 0;
};

}  // namespace lgsp
