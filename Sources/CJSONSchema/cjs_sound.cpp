#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "CJSONSchema.h"

namespace {

enum Kind : uint8_t { plain, quote, backslash, control, wide };

/// What each byte is within a string.
struct Kinds {
  uint8_t of[256] = {};
  constexpr Kinds() {
    for (int byte = 0; byte < 0x20; byte++) of[byte] = control;
    for (int byte = 0x80; byte < 0x100; byte++) of[byte] = wide;
    of[static_cast<int>('"')] = quote;
    of[static_cast<int>('\\')] = backslash;
  }
};
constexpr Kinds kinds;

/// Says yes to most of the JSON that `cjs_scan` finds sound, and never to other bytes. It may say no to JSON that is
/// sound but rare: `cjs_scan` then has the word, and finds the one for what is wrong.
class Sound {
 public:
  Sound(const char *bytes, size_t count, const cjs_options &options)
      : at_(reinterpret_cast<const uint8_t *>(bytes)), end_(at_ + count), options_(options) {}

  bool document() {
    if (end_ - at_ >= 3 && std::memcmp(at_, "\xEF\xBB\xBF", 3) == 0) at_ += 3;
    while (value_begins()) {
      bool another = false;
      while (!another) {
        space();
        if (open_.empty()) return at_ == end_;
        if (take(',')) {
          if (open_.back().is_object && !name()) return false;
          another = true;
        } else if (!take(open_.back().is_object ? '}' : ']') || !close()) {
          return false;
        }
      }
    }
    return false;
  }

 private:
  struct Open {
    bool is_object;
    size_t names_before;
  };

  /// Reads on until a value without inner ones has been read.
  bool value_begins() {
    while (true) {
      space();
      if (at_ == end_) return false;
      switch (*at_) {
        case '{':
          if (!open(true)) return false;
          if (take('}')) return close();
          if (!name()) return false;
          break;
        case '[':
          if (!open(false)) return false;
          if (take(']')) return close();
          break;
        case '"': return string();
        case 't': return word("true");
        case 'f': return word("false");
        case 'n': return word("null");
        default: return number();
      }
    }
  }

  bool open(bool is_object) {
    at_++;
    open_.push_back({is_object, names_.size()});
    space();
    return open_.size() <= static_cast<size_t>(options_.depth_max);
  }

  bool close() {
    const auto first = names_.begin() + static_cast<std::ptrdiff_t>(open_.back().names_before);
    const bool differ = static_cast<size_t>(names_.end() - first) <= options_.members_max && all_differ(first);
    names_.erase(first, names_.end());
    open_.pop_back();
    return differ;
  }

  /// Few names are compared each with each; many are sorted, whose cost no choice of names can drive up.
  bool all_differ(std::vector<std::string_view>::iterator first) {
    if (names_.end() - first > 16) {
      std::sort(first, names_.end());
      return std::adjacent_find(first, names_.end()) == names_.end();
    }
    for (auto one = first; one != names_.end(); ++one)
      for (auto other = first; other != one; ++other)
        if (*one == *other) return false;
    return true;
  }

  bool name() {
    space();
    const uint8_t *start = at_ + 1;
    if (at_ == end_ || *at_ != '"' || !string()) return false;
    const std::string_view name(reinterpret_cast<const char *>(start), static_cast<size_t>(at_ - start) - 1);
    // Names with escapes are left to the other: here they are compared as they are written.
    if (name.find('\\') != std::string_view::npos) return false;
    names_.push_back(name);
    space();
    return take(':');
  }

  bool string() {
    at_++;
    while (at_ != end_) {
      switch (kinds.of[*at_]) {
        case plain: at_++; break;
        case quote: at_++; return true;
        case control: return false;
        case backslash:
          if (!escape()) return false;
          break;
        default:
          if (!sequence()) return false;
      }
    }
    return false;
  }

  /// Escapes of halves of surrogate pairs are left to the other.
  bool escape() {
    at_++;
    if (at_ == end_) return false;
    const uint8_t letter = *at_++;
    if (letter != 'u') return letter != 0 && std::strchr("\"\\/bfnrt", letter) != nullptr;
    if (end_ - at_ < 4) return false;
    const bool is_surrogate = (at_[0] | 0x20) == 'd' && at_[1] >= '8';
    const bool are_digits = std::all_of(at_, at_ + 4, is_hex);
    at_ += 4;
    return are_digits && !is_surrogate;
  }

  static bool is_hex(uint8_t byte) { return is_digit(byte) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f'); }
  static bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

  /// A sequence of two to four bytes (Unicode 15, table 3-7).
  bool sequence() {
    const uint8_t first = *at_;
    const size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first < 0xC2 || first > 0xF4 || static_cast<size_t>(end_ - at_) < length) return false;
    const uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (at_[1] < low || at_[1] > high) return false;
    for (size_t index = 2; index < length; index++)
      if ((at_[index] & 0xC0) != 0x80) return false;
    at_ += length;
    return true;
  }

  bool word(std::string_view letters) {
    if (static_cast<size_t>(end_ - at_) < letters.size() || std::memcmp(at_, letters.data(), letters.size()) != 0)
      return false;
    at_ += letters.size();
    return true;
  }

  /// Numbers that may be too large for a double are left to the other.
  bool number() {
    take('-');
    const uint8_t *start = at_;
    size_t whole = digits();
    if (whole == 0 || whole > 200 || (*start == '0' && whole > 1)) return false;
    if (take('.') && digits() == 0) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    const size_t exponent = digits();
    return exponent == 1 || exponent == 2;
  }

  size_t digits() {
    const uint8_t *start = at_;
    while (at_ != end_ && is_digit(*at_)) at_++;
    return static_cast<size_t>(at_ - start);
  }

  bool take(char byte) {
    if (at_ == end_ || *at_ != static_cast<uint8_t>(byte)) return false;
    at_++;
    return true;
  }

  void space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) at_++;
  }

  const uint8_t *at_, *end_;
  const cjs_options &options_;
  std::vector<Open> open_;
  /// Of all objects that are open, those of the innermost last.
  std::vector<std::string_view> names_;
};

}  // namespace

extern "C" int cjs_sound(const char *bytes, size_t count, const cjs_options *options) {
  try {
    return Sound(bytes, count, *options).document() ? 1 : 0;
  } catch (const std::exception &) {
    return 0;
  }
}
