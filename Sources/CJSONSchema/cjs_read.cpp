#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <unistd.h>
#include <vector>

#include "CJSONSchema.h"

namespace {

struct Place {
  long line = 1;
  long column = 0;
};

/// Hands bytes to the parser one by one and knows where each of them stands.
class Source {
 public:
  Source(cjs_read read, void *context) : read_(read), context_(context) {}

  bool has() {
    if (next_ < filled_) return true;
    if (ended_) return false;
    long got = read_(context_, buffer_, sizeof buffer_);
    failed_ = got < 0;
    ended_ = got <= 0;
    next_ = 0;
    filled_ = ended_ ? 0 : static_cast<size_t>(got);
    return !ended_;
  }

  char current() { return has() ? buffer_[next_] : 0; }

  void advance() {
    if (!has()) return;
    auto byte = static_cast<unsigned char>(buffer_[next_++]);
    total_ += 1;
    before_ = here_;
    if (after_newline_) {
      here_.line += 1;
      here_.column = 0;
      after_newline_ = false;
    }
    if ((byte & 0xC0) != 0x80) here_.column += 1;
    if (byte == '\n') after_newline_ = true;
    if (total_ == 3 && here_.column == 1) here_.column = 0;  // one character in three bytes: a byte-order mark
    if (byte == 0 && nul_.column == 0) nul_ = here_;
    note_string(byte);
  }

  /// Where the first NUL character stands; column 0: there is none.
  Place nul() const { return nul_; }

  bool failed() const { return failed_; }

  /// Place of the byte with that number, counted from 1; only the last two read and the one to come are known.
  Place place(size_t byte) const {
    if (byte < total_) return before_;
    Place place = here_;
    if (byte == total_) return place;
    if (after_newline_) {
      place.line += 1;
      place.column = 0;
    }
    place.column += 1;
    return place;
  }

  Place last() const { return here_; }
  /// Where the last string began.
  Place string_start() const { return string_start_; }
  bool in_string() const { return in_string_; }

 private:
  void note_string(unsigned char byte) {
    if (!in_string_) {
      in_string_ = byte == '"';
      if (in_string_) string_start_ = here_;
    } else if (escaped_) {
      escaped_ = false;
    } else if (byte == '\\') {
      escaped_ = true;
    } else if (byte == '"') {
      in_string_ = false;
    }
  }

  cjs_read read_;
  void *context_;
  char buffer_[16 * 1024];
  size_t next_ = 0, filled_ = 0, total_ = 0;
  bool ended_ = false, failed_ = false, after_newline_ = false, in_string_ = false, escaped_ = false;
  Place here_, before_, string_start_, nul_;
};

struct Iterator {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char *;
  using reference = char;

  Source *source = nullptr;

  char operator*() const { return source->current(); }
  Iterator &operator++() {
    source->advance();
    return *this;
  }
  Iterator operator++(int) {
    Iterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const Iterator &other) const { return ended() == other.ended(); }
  bool operator!=(const Iterator &other) const { return !(*this == other); }

 private:
  bool ended() const { return source == nullptr || !source->has(); }
};

/// The member names of one open object. Few are compared one by one; many go into a tree, whose cost no choice of
/// names can drive up (a hash table's can).
class Names {
 public:
  bool add(const std::string &name) {
    if (many_.empty()) {
      for (const auto &other : few_)
        if (other == name) return false;
      few_.push_back(name);
      if (few_.size() > 16) {
        many_.insert(few_.begin(), few_.end());
        few_.clear();
      }
      return true;
    }
    return many_.insert(name).second;
  }
  size_t count() const { return few_.size() + many_.size(); }

 private:
  std::vector<std::string> few_;
  std::set<std::string> many_;
};

class Examiner : public nlohmann::json_sax<nlohmann::json> {
 public:
  Examiner(Source &source, const cjs_options &options) : source_(source), options_(options) {}

  cjs_problem problem{CJS_OK, 0, 0, {0}};

  bool null() override { return tell(CJS_NULL, nullptr, 0); }
  bool boolean(bool value) override { return tell(value ? CJS_TRUE : CJS_FALSE, nullptr, 0); }
  bool number_integer(number_integer_t value) override { return tell_text(CJS_NUMBER_TEXT, value); }
  bool number_unsigned(number_unsigned_t value) override { return tell_text(CJS_NUMBER_TEXT, value); }
  bool number_float(number_float_t, const string_t &text) override {
    return tell(CJS_NUMBER_TEXT, text.data(), text.size());
  }
  bool string(string_t &value) override { return tell(CJS_STRING, value.data(), value.size()); }
  bool binary(binary_t &) override { return false; }

  bool start_object(std::size_t) override {
    if (!enter()) return false;
    open_.emplace_back();
    return tell(CJS_OBJECT, nullptr, 0);
  }
  bool key(string_t &name) override {
    if (!open_.back().add(name)) return stop(CJS_DUPLICATE, source_.string_start(), name);
    if (open_.back().count() > options_.members_max) return stop(CJS_MEMBERS, source_.string_start(), "");
    return tell(CJS_KEY, name.data(), name.size());
  }
  bool end_object() override {
    depth_ -= 1;
    open_.pop_back();
    return tell(CJS_OBJECT_END, nullptr, 0);
  }
  bool start_array(std::size_t) override { return enter() && tell(CJS_ARRAY, nullptr, 0); }
  bool end_array() override {
    depth_ -= 1;
    return tell(CJS_ARRAY_END, nullptr, 0);
  }

  bool parse_error(std::size_t byte, const std::string &, const nlohmann::detail::exception &error) override {
    const std::string text = error.what();
    if (text.find("number overflow") != std::string::npos) return stop(CJS_NUMBER, source_.place(byte), "");
    const bool whole_string = text.find("unexpected string literal") != std::string::npos;
    const bool open_string = text.find("missing closing quote") != std::string::npos;
    const Place place = whole_string || open_string ? source_.string_start() : source_.place(byte);
    const cjs_code code = text.find("UTF-8") != std::string::npos     ? CJS_UTF8
                          : text.find("surrogate") != std::string::npos ? CJS_SURROGATE
                                                                        : CJS_SYNTAX;
    return stop(code, place, plain(text));
  }

  /// The library takes a NUL character for the end of the text, and would pass whatever comes behind it.
  void refuse_nul() {
    if (problem.code == CJS_OK && source_.nul().column > 0) stop(CJS_SYNTAX, source_.nul(), "a NUL character");
  }

 private:
  bool enter() {
    depth_ += 1;
    return depth_ <= options_.depth_max || stop(CJS_DEPTH, source_.last(), "");
  }

  bool tell(cjs_event event, const char *bytes, size_t count) {
    if (options_.on_event == nullptr || options_.on_event(options_.event_context, event, bytes, count)) return true;
    return stop(CJS_STOPPED, source_.last(), "");
  }

  template <typename Number>
  bool tell_text(cjs_event event, Number value) {
    if (options_.on_event == nullptr) return true;
    const std::string text = std::to_string(value);
    return tell(event, text.data(), text.size());
  }

  bool stop(cjs_code code, Place place, const std::string &message) {
    problem.code = source_.failed() ? CJS_UNREADABLE : code;
    problem.line = place.line;
    problem.column = place.column > 0 ? place.column : 1;
    size_t count = std::min(message.size(), sizeof problem.message - 1);
    while (count < message.size() && count > 0 && (static_cast<unsigned char>(message[count]) & 0xC0) == 0x80) count--;
    std::memcpy(problem.message, message.data(), count);
    problem.message[count] = 0;
    return false;
  }

  /// The library's words without its own name, the place, and the text that it quotes.
  static std::string plain(const std::string &text) {
    size_t from = text.find("syntax error ");
    from = from == std::string::npos ? 0 : from + std::strlen("syntax error ");
    std::string words = text.substr(from);
    const size_t quote = words.find("; last read: '");
    if (quote == std::string::npos) return words;
    const size_t expected = words.rfind("'; expected ");
    const std::string tail = expected != std::string::npos && expected > quote ? words.substr(expected + 1) : "";
    return words.substr(0, quote) + tail;
  }

  Source &source_;
  const cjs_options &options_;
  int depth_ = 0;
  std::vector<Names> open_;
};

}  // namespace

namespace {
int code_without_memory;
}  // namespace

extern "C" void cjs_end_without_memory(int code) {
  code_without_memory = code;
  std::set_new_handler([] { _exit(code_without_memory); });
}

extern "C" void cjs_text_free(char *text) { std::free(text); }

extern "C" cjs_problem cjs_scan(cjs_read read, void *read_context, const cjs_options *options) {
  try {
    auto source = std::make_unique<Source>(read, read_context);
    Examiner examiner(*source, *options);
    nlohmann::json::sax_parse(Iterator{source.get()}, Iterator{}, &examiner);
    examiner.refuse_nul();
    if (source->failed()) examiner.problem.code = CJS_UNREADABLE;
    return examiner.problem;
  } catch (const std::exception &) {
    return cjs_problem{CJS_UNREADABLE, 0, 0, "memory ended"};
  }
}

extern "C" cjs_shape cjs_measure(const char *bytes, size_t count) {
  cjs_shape shape{0, 0};
  int depth = 0;
  for (size_t i = 0; i < count; i++) {
    const char byte = bytes[i];
    if (byte == '"') {
      for (i++; i < count && bytes[i] != '"'; i++)
        if (bytes[i] == '\\') i++;
    } else if (byte == '{' || byte == '[') {
      shape.depth = std::max(shape.depth, ++depth);
    } else if (byte == '}' || byte == ']') {
      depth--;
    } else if (byte >= '0' && byte <= '9') {
      const size_t start = i;
      while (i < count && bytes[i] >= '0' && bytes[i] <= '9') i++;
      const bool whole = i >= count || (bytes[i] != '.' && bytes[i] != 'e' && bytes[i] != 'E');
      const size_t digits = i - start;
      if (whole && (digits > 16 || (digits == 16 && std::memcmp(bytes + start, "9007199254740992", 16) > 0)))
        shape.has_large_integer = 1;
      if (!whole)
        while (i < count && std::strchr("0123456789.eE+-", bytes[i]) != nullptr && bytes[i] != 0) i++;
      i--;
    }
  }
  return shape;
}
