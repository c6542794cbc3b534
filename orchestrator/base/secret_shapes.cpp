// SPDX-License-Identifier: MIT
#include "base/secret_shapes.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/secret_shape_parts.hpp"
#include "base/text.hpp"

namespace konductor {

using std::string_view;
using Fit = ShapeMatch::Fit;

namespace shapes {

bool is_placeholder(string_view value) {
  const std::string lower = to_lower(value);
  for (const string_view sign : {"example", "xxxxx", "00000000", "placeholder", "redacted", "your-",
                                 "your_", "insert-", "changeme"})
    if (lower.find(sign) != std::string::npos) return true;
  return std::none_of(value.begin(), value.end(), is_digit) &&
         value.find_first_of("-_") != string_view::npos;
}

Fit fit_prefix(string_view text, std::size_t at, string_view prefix, bool is_whole) {
  const string_view there = text.substr(at, prefix.size());
  if (there == prefix) return Fit::yes;
  if (is_whole || there.size() == prefix.size()) return Fit::no;
  return there == prefix.substr(0, there.size()) ? Fit::maybe : Fit::no;
}

}  // namespace shapes

namespace {

using namespace shapes;

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

// "ESC[1;31m" colours what follows it.
bool ends_colour(string_view before) {
  if (before.empty() || before.back() != 'm') return false;
  before.remove_suffix(1);
  while (!before.empty() && (is_digit(before.back()) || before.back() == ';'))
    before.remove_suffix(1);
  return !before.empty() && before.back() == '[';
}

// "\n", "\u0027": the letter or digits are no beginning of the word that follows.
bool ends_escape(string_view before) {
  constexpr std::size_t kCodeDigits = 4;
  if (before.size() >= 2 && before[before.size() - 2] == '\\') return true;
  if (before.size() < kCodeDigits + 2) return false;
  const string_view code = before.substr(before.size() - kCodeDigits - 2);
  return code.substr(0, 2) == "\\u" &&
         code.find_first_not_of("0123456789abcdefABCDEF", 2) == string_view::npos;
}

}  // namespace

namespace shapes {

bool begins_word(string_view text, std::size_t at) {
  if (at == 0 || !is_one_of(Letters::word_or_dash, text[at - 1])) return true;
  const std::size_t from = at - std::min(at, kShapeLookBack);
  const string_view before = text.substr(from, at - from);
  return ends_escape(before) || ends_colour(before);
}

}  // namespace shapes

namespace {

ShapeMatch match_shape(string_view text, std::size_t at, const Shape& shape, bool is_whole) {
  ShapeMatch match;
  match.fit = fit_prefix(text, at, shape.prefix, is_whole);
  if (match.fit != Fit::yes) return match;
  match.fit = Fit::no;
  const std::size_t begin = at + shape.prefix.size();
  std::size_t end = begin;
  while (end < text.size() && end - begin <= shape.length_max &&
         is_one_of(shape.letters, text[end]))
    ++end;
  const std::size_t length = end - begin;
  if (length > shape.length_max) return match;
  if (end == text.size() && !is_whole) {
    match.fit = Fit::maybe;
    return match;
  }
  const bool is_cut = end < text.size() && is_one_of(Letters::word, text[end]);
  if (is_cut || length < shape.length_min) return match;
  // Judged without its prefix: that has dashes of its own.
  if (is_placeholder(text.substr(begin, length))) return match;
  return {Fit::yes, end, {{at, end}}, shape.kind};
}

constexpr auto kFirstLetters = [] {
  std::array<bool, 256> letters{};
  for (const Shape& shape : kShapes)
    letters[static_cast<unsigned char>(shape.prefix.front())] = true;
  return letters;
}();

}  // namespace

ShapeMatch match_token(string_view text, std::size_t at, bool is_whole) {
  if (at >= text.size() || !kFirstLetters[static_cast<unsigned char>(text[at])]) return {};
  if (!begins_word(text, at)) return {};
  for (const Shape& shape : kShapes) {
    if (shape.prefix.front() != text[at]) continue;
    ShapeMatch match = match_shape(text, at, shape, is_whole);
    if (match.fit != Fit::no) return match;
  }
  return {};
}

std::vector<string_view> secret_beginnings() {
  std::vector<string_view> all = block_beginnings();
  for (const Shape& shape : kShapes)
    all.push_back(shape.prefix);
  return all;
}

}  // namespace konductor
