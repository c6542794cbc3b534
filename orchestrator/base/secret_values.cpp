// SPDX-License-Identifier: MIT
#include "base/secret_values.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace konductor {
namespace {

using std::string_view;

constexpr std::size_t kLengthMin = 8;
constexpr std::size_t kWordMax = 20;
constexpr std::size_t kNumberMax = 24;
constexpr std::size_t kWordsMax = 3;  // More words in a row are a pass phrase.

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_alphanumeric(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c);
}

bool ends_with(string_view text, string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// "word", "Word", "WORD", "5", "v2": letters of one case and no more digits than a version has.
bool is_plain_part(string_view part) {
  constexpr std::size_t kDigitsMax = 4;
  const auto digits = static_cast<std::size_t>(std::count_if(part.begin(), part.end(), is_digit));
  if (digits > kDigitsMax || part.size() > kWordMax) return false;
  const auto first_digit = std::find_if(part.begin(), part.end(), is_digit);
  const string_view letters = part.substr(0, static_cast<std::size_t>(first_digit - part.begin()));
  if (letters.size() + digits != part.size()) return false;
  const string_view behind_first = letters.substr(std::min<std::size_t>(1, letters.size()));
  return std::all_of(behind_first.begin(), behind_first.end(), is_lower) ||
         std::all_of(letters.begin(), letters.end(), is_upper);
}

struct Parts {
  std::size_t words = 0;
  bool are_plain = true;
};

Parts parts_of(string_view value) {
  Parts parts;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= value.size(); ++i) {
    if (i < value.size() && is_alphanumeric(value[i])) continue;
    const string_view part = value.substr(begin, i - begin);
    begin = i + 1;
    if (part.empty()) continue;
    ++parts.words;
    parts.are_plain = parts.are_plain && is_plain_part(part);
  }
  return parts;
}

bool consists_of(string_view value, string_view marks) {
  return std::all_of(value.begin(), value.end(), [&](char c) {
    return is_alphanumeric(c) || marks.find(c) != string_view::npos;
  });
}

bool is_number(string_view value) {
  return value.size() <= kNumberMax &&
         value.find_first_not_of("0123456789.,+-_: ") == string_view::npos;
}

// "/home/user/.config/key-4f2a9b.json": a name in it may hold anything but looks like no key.
bool is_path(string_view value) {
  constexpr std::size_t kRandomMin = 20;
  const bool is_rooted = value.front() == '/' || value.substr(0, 2) == "~/" ||
                         value.substr(0, 2) == "./" || value.substr(0, 3) == "../";
  if (!is_rooted || !consists_of(value, "/._-~@ ")) return false;
  for (const string_view part : split(value, '/'))
    if (part.size() >= kRandomMin && !parts_of(part).are_plain) return false;
  return true;
}

// "https://api.example.com/v1", without a user and a query.
bool is_address(string_view value) {
  const auto scheme = value.find("://");
  if (scheme == string_view::npos || !consists_of(value, ":/._-~")) return false;
  return parts_of(value).are_plain;
}

// The part of "scheme://user:password@host" that nobody may read.
string_view password_in(string_view value) {
  const auto scheme = value.find("://");
  if (scheme == string_view::npos) return {};
  string_view authority = value.substr(scheme + 3);
  authority = authority.substr(0, authority.find_first_of("/?# \t\n"));
  const auto at = authority.rfind('@');
  if (at == string_view::npos) return {};
  const string_view user = authority.substr(0, at);
  const auto colon = user.find(':');
  return colon == string_view::npos ? string_view() : user.substr(colon + 1);
}

}  // namespace

bool is_secret_name(string_view name) {
  std::string upper;
  for (const char c : name)
    upper += is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
  for (const string_view word :
       {"TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL"})
    if (upper.find(word) != std::string::npos) return true;
  for (const string_view part : split(upper, '_'))
    if (ends_with(part, "KEY") || ends_with(part, "KEYS") || part == "PASS" || part == "PAT" ||
        (part == "PWD" && upper.size() > part.size() && upper != "OLDPWD"))
      return true;
  return false;
}

bool is_telling_value(string_view value) {
  value = trim(value);
  if (count_code_points(value) < kLengthMin) return false;
  if (is_number(value) || is_path(value) || is_address(value)) return false;
  const Parts parts = parts_of(value);
  const bool are_words = parts.are_plain && parts.words <= kWordsMax && consists_of(value, "/._- ");
  return !are_words;
}

std::vector<SecretValue> secrets_of_environment(const std::vector<std::string>& environment) {
  std::vector<SecretValue> secrets;
  std::set<std::string, std::less<>> known;
  auto add = [&](string_view name, string_view value) {
    value = trim(value);
    if (is_telling_value(value) && known.emplace(value).second)
      secrets.push_back({std::string(name), std::string(value)});
  };
  for (const std::string& entry : environment) {
    const auto equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) continue;
    const string_view name = string_view(entry).substr(0, equals);
    const string_view value = string_view(entry).substr(equals + 1);
    if (is_secret_name(name)) add(name, value);
    add(name, password_in(value));
  }
  return secrets;
}

}  // namespace konductor
