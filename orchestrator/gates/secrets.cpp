// SPDX-License-Identifier: MIT
#include "gates/secrets.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.hpp"

namespace konductor::gates {
namespace {

using std::string_view;

// Of what a token consists behind its prefix.
enum class Letters { alphanumeric, word, word_or_dash, upper_or_digit, hex };

struct Shape {
  string_view prefix;
  Letters letters;
  std::size_t length_min;
  std::size_t length_max;
  string_view kind;
};

constexpr std::size_t kLong = 400;

// The longer prefix first where one begins with another.
constexpr auto kShapes = std::to_array<Shape>({
    {"AKIA", Letters::upper_or_digit, 16, 16, "an AWS access key"},
    {"ASIA", Letters::upper_or_digit, 16, 16, "an AWS access key"},
    {"ABIA", Letters::upper_or_digit, 16, 16, "an AWS access key"},
    {"ghp_", Letters::alphanumeric, 36, 255, "a GitHub token"},
    {"gho_", Letters::alphanumeric, 36, 255, "a GitHub token"},
    {"ghu_", Letters::alphanumeric, 36, 255, "a GitHub token"},
    {"ghs_", Letters::alphanumeric, 36, 255, "a GitHub token"},
    {"ghr_", Letters::alphanumeric, 36, 255, "a GitHub token"},
    {"github_pat_", Letters::word, 40, 255, "a GitHub token"},
    {"glpat-", Letters::word_or_dash, 20, kLong, "a GitLab token"},
    {"gldt-", Letters::word_or_dash, 20, kLong, "a GitLab token"},
    {"glrt-", Letters::word_or_dash, 20, kLong, "a GitLab token"},
    {"glptt-", Letters::hex, 40, 40, "a GitLab token"},
    {"xoxb-", Letters::word_or_dash, 20, kLong, "a Slack token"},
    {"xoxa-", Letters::word_or_dash, 20, kLong, "a Slack token"},
    {"xoxp-", Letters::word_or_dash, 20, kLong, "a Slack token"},
    {"xoxr-", Letters::word_or_dash, 20, kLong, "a Slack token"},
    {"xoxs-", Letters::word_or_dash, 20, kLong, "a Slack token"},
    {"xapp-1-", Letters::word_or_dash, 20, kLong, "a Slack token"},
    {"AIza", Letters::word_or_dash, 35, 35, "a Google API key"},
    {"GOCSPX-", Letters::word_or_dash, 28, 28, "a Google client secret"},
    {"sk_live_", Letters::alphanumeric, 20, kLong, "a Stripe key"},
    {"rk_live_", Letters::alphanumeric, 20, kLong, "a Stripe key"},
    {"npm_", Letters::alphanumeric, 36, 36, "an npm token"},
    {"pypi-AgEIcHlwaS5vcmc", Letters::word_or_dash, 50, kLong, "a PyPI token"},
    {"sk-ant-", Letters::word_or_dash, 30, kLong, "an Anthropic key"},
    {"sk-proj-", Letters::word_or_dash, 40, kLong, "an OpenAI key"},
    {"sk-svcacct-", Letters::word_or_dash, 40, kLong, "an OpenAI key"},
    {"sk-admin-", Letters::word_or_dash, 40, kLong, "an OpenAI key"},
    {"sk-or-v1-", Letters::hex, 64, 64, "an OpenRouter key"},
    {"sk-", Letters::alphanumeric, 40, kLong, "an OpenAI key"},
    {"hf_", Letters::alphanumeric, 34, 40, "a Hugging Face token"},
    {"dop_v1_", Letters::hex, 64, 64, "a DigitalOcean token"},
    {"dckr_pat_", Letters::word_or_dash, 27, 40, "a Docker token"},
    {"shpat_", Letters::hex, 32, 32, "a Shopify token"},
    {"shpss_", Letters::hex, 32, 32, "a Shopify token"},
    {"AGE-SECRET-KEY-1", Letters::upper_or_digit, 58, 58, "a private key"},
    {"hvs.", Letters::word_or_dash, 90, kLong, "a Vault token"},
    {"dapi", Letters::hex, 32, 32, "a Databricks token"},
    {"lin_api_", Letters::alphanumeric, 40, 40, "a Linear key"},
    {"rubygems_", Letters::hex, 48, 48, "a RubyGems key"},
    {"pul-", Letters::hex, 40, 40, "a Pulumi token"},
    {"ntn_", Letters::alphanumeric, 46, 46, "a Notion token"},
    {"glsa_", Letters::word, 41, 41, "a Grafana token"},
});

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_one_of(Letters letters, char c) {
  switch (letters) {
    case Letters::alphanumeric:
      return is_alphanumeric(c);
    case Letters::word:
      return is_alphanumeric(c) || c == '_';
    case Letters::word_or_dash:
      return is_alphanumeric(c) || c == '_' || c == '-';
    case Letters::upper_or_digit:
      return is_digit(c) || (c >= 'A' && c <= 'Z');
    case Letters::hex:
      return is_digit(c) || (c >= 'a' && c <= 'f');
  }
  return false;
}

// What documents put where a secret goes: "AKIAIOSFODNN7EXAMPLE", "ghp_xxxxxxxx…", words with
// dashes and no digit.
bool is_placeholder(string_view value) {
  const std::string lower = to_lower(value);
  for (const string_view sign : {"example", "xxxxx", "00000000", "placeholder", "redacted", "your-",
                                 "your_", "insert-", "changeme"})
    if (lower.find(sign) != std::string::npos) return true;
  return std::none_of(value.begin(), value.end(), is_digit) &&
         value.find_first_of("-_") != string_view::npos;
}

struct Found {
  std::size_t offset = 0;
  string_view value;  // What makes it this secret and no other.
  string_view kind;
};

void find_tokens(string_view text, const Shape& shape, std::vector<Found>& found) {
  for (auto at = text.find(shape.prefix); at != string_view::npos;
       at = text.find(shape.prefix, at + 1)) {
    // In the middle of another word it is chance.
    if (at > 0 && (is_one_of(Letters::word_or_dash, text[at - 1]))) continue;
    const std::size_t begin = at + shape.prefix.size();
    std::size_t end = begin;
    while (end < text.size() && is_one_of(shape.letters, text[end]))
      ++end;
    const bool is_cut = end < text.size() && is_one_of(Letters::word, text[end]);
    const std::size_t length = end - begin;
    if (is_cut || length < shape.length_min || length > shape.length_max) continue;
    // Judged without its prefix: that has dashes of its own.
    if (is_placeholder(text.substr(begin, length))) continue;
    found.push_back({at, text.substr(at, end - at), shape.kind});
  }
}

constexpr string_view kBegin = "-----BEGIN ";
constexpr string_view kKeyEnds[] = {"PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"};
constexpr std::size_t kLabelMax = 40;
constexpr std::size_t kBodyMin = 40;

bool is_base64(char c) {
  return is_alphanumeric(c) || c == '+' || c == '/' || c == '=';
}

// Past what stands between the lines of a key, in the file itself or in a string of a program.
std::size_t skip_line_end(string_view text, std::size_t at) {
  while (at < text.size()) {
    const bool is_escape =
        text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == 'n' || text[at + 1] == 'r');
    if (is_escape)
      at += 2;
    else if (string_view(" \t\r\n\"'+,>|`\\").find(text[at]) != string_view::npos)
      ++at;
    else
      break;
  }
  return at;
}

// Past a header of an old or armored key: "Proc-Type: 4,ENCRYPTED".
std::size_t skip_headers(string_view text, std::size_t at) {
  constexpr int kHeadersMax = 8;
  for (int n = 0; n < kHeadersMax; ++n) {
    std::size_t end = at;
    while (end < text.size() && (is_alphanumeric(text[end]) || text[end] == '-'))
      ++end;
    if (end == at || text.substr(end, 2) != ": ") return at;
    auto line_end = std::min(text.find('\n', end), text.find("\\n", end));
    if (line_end == string_view::npos) return at;
    at = skip_line_end(text, line_end);
  }
  return at;
}

// A header alone is no key: programs that read keys have it too.
void find_private_keys(string_view text, std::vector<Found>& found) {
  for (auto at = text.find(kBegin); at != string_view::npos; at = text.find(kBegin, at + 1)) {
    const string_view rest = text.substr(at + kBegin.size(), kLabelMax);
    std::size_t length = string_view::npos;
    for (const string_view end : kKeyEnds)
      if (const auto place = rest.find(end); place != string_view::npos)
        length = place + end.size();
    if (length == string_view::npos) continue;
    const std::size_t body = skip_headers(text, skip_line_end(text, at + kBegin.size() + length));
    std::size_t end = body;
    while (end < text.size() && is_base64(text[end]))
      ++end;
    const string_view value = text.substr(body, end - body);
    if (value.size() < kBodyMin || is_placeholder(value)) continue;
    found.push_back({at, value, "a private key"});
  }
}

bool is_binary(string_view text) {
  constexpr std::size_t kLookedAt = 8000;
  return text.substr(0, kLookedAt).find('\0') != string_view::npos;
}

std::vector<Found> find_all(string_view text) {
  std::vector<Found> found;
  if (is_binary(text)) return found;
  for (const Shape& shape : kShapes) {
    std::vector<Found> more;
    find_tokens(text, shape, more);
    // "sk-ant-…" and the like begin with a shorter prefix too.
    for (const Found& one : more)
      if (std::none_of(found.begin(), found.end(),
                       [&](const Found& other) { return other.offset == one.offset; }))
        found.push_back(one);
  }
  find_private_keys(text, found);
  std::sort(found.begin(), found.end(),
            [](const Found& left, const Found& right) { return left.offset < right.offset; });
  return found;
}

int line_at(string_view text, std::size_t offset) {
  return 1 + static_cast<int>(std::count(text.begin(),
                                         text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

}  // namespace

std::vector<SecretPlace> find_new_secrets(const std::vector<FileVersions>& files) {
  std::set<std::string, std::less<>> known;
  for (const FileVersions& file : files)
    if (file.before)
      for (const Found& found : find_all(*file.before))
        known.emplace(found.value);
  std::vector<SecretPlace> places;
  for (const FileVersions& file : files) {
    if (!file.after) continue;
    for (const Found& found : find_all(*file.after))
      if (known.count(found.value) == 0)
        places.push_back({file.path, line_at(*file.after, found.offset), std::string(found.kind)});
  }
  return places;
}

}  // namespace konductor::gates
