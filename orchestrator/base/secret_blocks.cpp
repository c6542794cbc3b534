// SPDX-License-Identifier: MIT
// Secrets that are told by what stands before them: private keys, headers of HTTP.
#include <algorithm>
#include <array>
#include <string>

#include "base/escaped_text.hpp"
#include "base/secret_shape_parts.hpp"
#include "base/text.hpp"

namespace konductor {

using std::string_view;
using Fit = ShapeMatch::Fit;

namespace {

using namespace shapes;

constexpr string_view kBegin = "-----BEGIN ";
constexpr string_view kEnd = "-----END";
constexpr string_view kKeyEnds[] = {"PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"};
constexpr std::size_t kLabelMax = 40;
constexpr std::size_t kBodyMin = 40;
constexpr std::size_t kBodyLineMin = 20;  // But for the last line, which is of any length.

bool is_base64(char c) {
  return is_alphanumeric(c) || c == '+' || c == '/' || c == '=';
}

// Backslashes before a slash, as some programs write it in JSON: of a text that goes on, also those
// at its end, behind which a slash may come.
bool begins_slash(string_view text, std::size_t at, bool is_whole) {
  constexpr std::size_t kMarksMax = (std::size_t{1} << kEscapeLevelsMax) - 1;
  const std::size_t from = at;
  while (at < text.size() && at - from < kMarksMax && text[at] == '\\')
    ++at;
  return at > from && (at < text.size() ? text[at] == '/' : !is_whole);
}

std::size_t skip_body_line(string_view text, std::size_t at, bool is_whole) {
  while (at < text.size() && (is_base64(text[at]) || begins_slash(text, at, is_whole)))
    ++at;
  return at;
}

// Past what stands between the lines of a key, in the file itself or in a string of a program.
std::size_t skip_line_end(string_view text, std::size_t at, bool is_whole) {
  while (at < text.size()) {
    const bool is_escape =
        text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == 'n' || text[at + 1] == 'r');
    if (is_escape)
      at += 2;
    else if (begins_slash(text, at, is_whole))
      break;
    else if (string_view(" \t\r\n\"'+,>|`\\").find(text[at]) != string_view::npos)
      ++at;
    else
      break;
  }
  return at;
}

// Past a header of an old or armored key: "Proc-Type: 4,ENCRYPTED". `npos` when the text ends too
// early to tell.
std::size_t skip_headers(string_view text, std::size_t at, bool is_whole) {
  constexpr int kHeadersMax = 8;
  for (int n = 0; n < kHeadersMax; ++n) {
    std::size_t end = at;
    while (end < text.size() && (is_alphanumeric(text[end]) || text[end] == '-'))
      ++end;
    if (end + 2 > text.size() && !is_whole) return string_view::npos;
    if (end == at || text.substr(end, 2) != ": ") return at;
    const auto line_end = std::min(text.find('\n', end), text.find("\\n", end));
    if (line_end == string_view::npos) return is_whole ? at : line_end;
    at = skip_line_end(text, line_end, is_whole);
  }
  return at;
}

// Behind the first line of a key that begins at `at`.
ShapeMatch match_key_header(string_view text, std::size_t at, bool is_whole) {
  ShapeMatch match;
  match.fit = fit_prefix(text, at, kBegin, is_whole);
  if (match.fit != Fit::yes) return match;
  const string_view rest = text.substr(at + kBegin.size(), kLabelMax);
  for (const string_view end : kKeyEnds)
    if (const auto place = rest.find(end); place != string_view::npos)
      return {Fit::yes, at + kBegin.size() + place + end.size(), {}, "a private key"};
  match.fit = rest.size() < kLabelMax && !is_whole ? Fit::maybe : Fit::no;
  return match;
}

}  // namespace

// A header alone is no key: programs that read keys have it too.
ShapeMatch match_private_key(string_view text, std::size_t at, bool is_whole) {
  if (at >= text.size() || text[at] != '-') return {};
  ShapeMatch match = match_key_header(text, at, is_whole);
  if (match.fit != Fit::yes) return match;
  std::size_t length = 0;
  std::size_t begin = skip_headers(text, skip_line_end(text, match.end, is_whole), is_whole);
  if (begin == string_view::npos) return {Fit::maybe, 0, {}, {}};
  while (true) {
    const std::size_t end = skip_body_line(text, begin, is_whole);
    const std::size_t next = skip_line_end(text, end, is_whole);
    // Whether this line is one of the key is told by what follows.
    if (next + kEnd.size() > text.size() && !is_whole) return {Fit::maybe, 0, {}, {}};
    const bool is_last = text.substr(next, kEnd.size()) == kEnd;
    if (end == begin || (end - begin < kBodyLineMin && !is_last)) break;
    match.secrets.push_back({begin, end});
    match.end = end;
    length += end - begin;
    if (is_last || next == end) break;
    begin = next;
  }
  if (length < kBodyMin) return {};
  const TextRange& first = match.secrets.front();
  if (is_placeholder(text.substr(first.begin, first.end - first.begin))) return {};
  return match;
}

namespace {

constexpr std::array<string_view, 3> kHeaderNames = {"authorization", "Authorization",
                                                     "AUTHORIZATION"};
constexpr std::array<string_view, 3> kBearers = {"bearer", "Bearer", "BEARER"};
constexpr std::array<string_view, 3> kSchemes = {"bearer", "basic", "token"};
constexpr std::size_t kHeaderMarksMax = 24;
constexpr std::size_t kCredentialMin = 8;
constexpr std::size_t kBareCredentialMin = 20;
constexpr std::size_t kCredentialMax = std::size_t{32} << 10U;

bool is_of_credential(char c) {
  return is_alphanumeric(c) || string_view("-._~+/=").find(c) != string_view::npos;
}

std::size_t skip_any(string_view text, std::size_t at, string_view marks) {
  const std::size_t from = at;
  while (at < text.size() && at - from < kHeaderMarksMax &&
         marks.find(text[at]) != string_view::npos)
    ++at;
  return at;
}

std::size_t skip_credential(string_view text, std::size_t from, bool is_whole) {
  std::size_t at = from;
  while (at < text.size() && at - from < kCredentialMax &&
         (is_of_credential(text[at]) || begins_slash(text, at, is_whole)))
    ++at;
  return at;
}

ShapeMatch match_credential(string_view text, std::size_t at, std::size_t length_min,
                            bool needs_digit, bool is_whole) {
  const std::size_t end = skip_credential(text, at, is_whole);
  if (end == text.size() && !is_whole) return {Fit::maybe, 0, {}, {}};
  const string_view value = text.substr(at, end - at);
  const bool has_digit = std::any_of(value.begin(), value.end(), is_digit);
  if (value.size() < length_min || is_placeholder(value)) return {};
  if (needs_digit && !has_digit) return {};
  return {Fit::yes, end, {{at, end}}, "a credential"};
}

ShapeMatch match_header(string_view text, std::size_t from, bool is_whole) {
  const std::size_t at = skip_any(text, from, "\" \t'\\:=");
  const bool is_named = text.substr(from, at - from).find_first_of(":=\"'") != string_view::npos;
  std::size_t end = at;
  while (end < text.size() && end - at < kCredentialMin && is_alphanumeric(text[end]))
    ++end;
  if (end == text.size() && !is_whole) return {Fit::maybe, 0, {}, {}};
  const std::string scheme = to_lower(text.substr(at, end - at));
  const bool has_scheme = std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
  // Else it is a word like any other: a path, a name in a program.
  if (at == from || (!is_named && !has_scheme)) return {};
  if (!has_scheme) return match_credential(text, at, kBareCredentialMin, true, is_whole);
  return match_credential(text, skip_any(text, end, " \t"), kCredentialMin, scheme == "token",
                          is_whole);
}

}  // namespace

ShapeMatch match_authorization(string_view text, std::size_t at, bool is_whole) {
  const bool is_of_proxy = at > 0 && text[at - 1] == '-';
  if (!is_of_proxy && !begins_word(text, at)) return {};
  for (const string_view name : kHeaderNames) {
    const Fit fit = fit_prefix(text, at, name, is_whole);
    if (fit == Fit::maybe) return {fit, 0, {}, {}};
    if (fit == Fit::yes) return match_header(text, at + name.size(), is_whole);
  }
  for (const string_view word : kBearers) {
    const Fit fit = fit_prefix(text, at, word, is_whole);
    if (fit == Fit::maybe) return {fit, 0, {}, {}};
    if (fit == Fit::no) continue;
    const std::size_t behind = skip_any(text, at + word.size(), " \t");
    if (behind == text.size() && !is_whole) return {Fit::maybe, 0, {}, {}};
    if (behind == at + word.size()) return {};
    return match_credential(text, behind, kBareCredentialMin, true, is_whole);
  }
  return {};
}

namespace shapes {

std::vector<string_view> block_beginnings() {
  std::vector<string_view> all = {kBegin};
  all.insert(all.end(), kHeaderNames.begin(), kHeaderNames.end());
  all.insert(all.end(), kBearers.begin(), kBearers.end());
  return all;
}

}  // namespace shapes
}  // namespace konductor
