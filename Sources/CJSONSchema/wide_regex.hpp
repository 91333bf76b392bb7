// valijson 1.0 matches `pattern` with std::regex over bytes: a Vietnamese letter then counts as two or three
// characters, classes such as [À-ỹ] do not work, and the recursive matcher of libstdc++ overflows the stack on long
// strings. Its headers have no seam for another engine. So the word `regex`, where they use it, is made to mean the
// class below, which matches characters instead of bytes and refuses strings that are too long for the stack.
//
// Include this after all standard headers and before valijson's.
#pragma once

#include <regex>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace lgsp {

/// A string too long to be matched by a recursive engine.
struct TooLongToMatch : std::runtime_error {
  TooLongToMatch() : std::runtime_error("too long") {}
};

/// Longest string that is matched against a pattern, in characters; a worker's stack holds several times as many.
constexpr size_t matched_characters_max = 16 * 1024;

/// UTF-8 to characters; bytes that are not UTF-8 become U+FFFD.
inline std::wstring widened(const std::string &text) {
  std::wstring wide;
  wide.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (length == 0 || i + length > text.size()) {
      wide.push_back(0xFFFD);
      i += 1;
      continue;
    }
    wchar_t scalar = length == 1 ? lead : lead & (0xFF >> (length + 1));
    for (size_t k = 1; k < length; k++) scalar = scalar << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    wide.push_back(scalar);
    i += length;
  }
  return wide;
}

}  // namespace lgsp

namespace std {

/// A pattern; what is compiled from it is kept per thread, since valijson compiles some patterns at every use.
class lgsp_wide_regex {
 public:
  explicit lgsp_wide_regex(const string &pattern) : pattern_(pattern) {}

  const wregex &wide() const {
    static thread_local unordered_map<string, wregex> kept;
    return compiled(kept, [this] { return wregex(lgsp::widened(pattern_)); });
  }
  const std::regex &narrow() const {
    static thread_local unordered_map<string, std::regex> kept;
    return compiled(kept, [this] { return std::regex(pattern_); });
  }

 private:
  template <typename Compiled, typename Compile>
  const Compiled &compiled(unordered_map<string, Compiled> &kept, Compile compile) const {
    const auto found = kept.find(pattern_);
    if (found != kept.end()) return found->second;
    if (kept.size() >= 1000) kept.clear();
    return kept.emplace(pattern_, compile()).first->second;
  }

  string pattern_;
};

inline bool regex_search(const string &text, const lgsp_wide_regex &pattern) {
  const wstring wide = lgsp::widened(text);
  if (wide.size() > lgsp::matched_characters_max) throw lgsp::TooLongToMatch();
  return regex_search(wide, pattern.wide());
}

// Only used by valijson for dates and times, which are ASCII.
inline bool regex_match(const string &text, smatch &matches, const lgsp_wide_regex &pattern) {
  return text.size() <= 64 && regex_match(text, matches, pattern.narrow());
}

inline bool regex_match(const string &text, const lgsp_wide_regex &pattern) {
  return text.size() <= 64 && regex_match(text, pattern.narrow());
}

}  // namespace std

#define regex lgsp_wide_regex
