// SPDX-License-Identifier: MIT
#include "plan/verify_outcome.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/text.hpp"

namespace konductor::plan {
namespace {

using Expect = VerifyStep::Expect;
using Words = std::set<std::string, std::less<>>;

const Words kPasses = {"pass", "passes", "succeed", "succeeds"};
const Words kFails = {"fail", "fails"};
const Words kExits = {"exit", "exits"};
const Words kExitFillers = {"with", "code", "codes", "status", "a", "an", "the", "of", "is"};
// Deny the verb right after them.
const Words kDenials = {"not",   "never", "cannot",  "without",   "doesn't", "don't",
                        "won't", "can't", "mustn't", "shouldn't", "doesn’t", "don’t",
                        "won’t", "can’t", "mustn’t", "shouldn’t"};
// Deny what fails: "no tests fail"; but "with no arguments fails" denies nothing.
const Words kNones = {"no", "none", "nothing", "neither", "zero", "0"};
const Words kPrepositions = {"with", "on", "for", "given", "in", "from", "to", "at", "of"};
const Words kConditions = {"if", "when", "unless", "whether", "until"};
constexpr std::size_t kNoneReach = 4;  // Words between "no" and "fail".
constexpr std::size_t kConditionReach = 3;
// Words that may stand before "fails" while it is still the command that fails.
const Words kCommandSubjects = {
    "but",   "yet",    "also", "which",  "that", "it",    "they",    "the",  "these",     "those",
    "all",   "both",   "each", "new",    "test", "tests", "command", "run",  "suite",     "build",
    "check", "checks", "must", "should", "will", "still", "now",     "does", "assertions"};

std::string word_at(const std::vector<VerifyToken>& tokens, std::size_t at) {
  return at < tokens.size() ? to_lower(bare_word(tokens[at].text)) : std::string();
}

bool is_word(const std::vector<VerifyToken>& tokens, std::size_t at, const Words& words) {
  return at < tokens.size() && !tokens[at].is_span && words.count(word_at(tokens, at)) != 0;
}

// Index of the last of `words` among the `reach` tokens before `at`, not before `begin`.
std::optional<std::size_t> find_before(const std::vector<VerifyToken>& tokens, std::size_t begin,
                                       std::size_t at, std::size_t reach, const Words& words) {
  const std::size_t first = at > begin + reach ? at - reach : begin;
  for (std::size_t i = at; i-- > first;)
    if (is_word(tokens, i, words)) return i;
  return std::nullopt;
}

bool is_denied(const std::vector<VerifyToken>& tokens, std::size_t begin, std::size_t at) {
  return find_before(tokens, begin, at, 1, kDenials).has_value();
}

bool is_of_none(const std::vector<VerifyToken>& tokens, std::size_t begin, std::size_t at) {
  const auto none = find_before(tokens, begin, at, kNoneReach, kNones);
  return none && !find_before(tokens, begin, *none, 1, kPrepositions);
}

VerifyOutcome failure_unless(bool negated) {
  return {negated ? Expect::success : Expect::failure, 0};
}

// The outcome of the "exits" at `at`, if a code follows it.
std::optional<VerifyOutcome> exit_outcome(const std::vector<VerifyToken>& tokens, std::size_t begin,
                                          std::size_t at) {
  bool negated = is_denied(tokens, begin, at);
  std::size_t next = at + 1;
  for (; kExitFillers.count(word_at(tokens, next)) != 0 || word_at(tokens, next) == "not"; ++next)
    negated = negated || word_at(tokens, next) == "not";
  const std::string word = word_at(tokens, next);
  if (word == "nonzero" || word == "non-zero" ||
      (word == "non" && word_at(tokens, next + 1) == "zero"))
    return failure_unless(negated);
  int code = word == "zero" ? 0 : -1;
  if (code != 0) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), code);
    if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  }
  if (code < 0 || code > 255) return std::nullopt;
  if (negated) return code == 0 ? std::optional(failure_unless(false)) : std::nullopt;
  return VerifyOutcome{code == 0 ? Expect::success : Expect::exit_code, code};
}

}  // namespace

std::string_view bare_word(std::string_view word) {
  constexpr std::string_view kMarks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  const auto is_dash = [](std::string_view text) { return text == "–" || text == "—"; };
  constexpr std::size_t kDashBytes = 3;
  while (!word.empty()) {
    if (kMarks.find(word.front()) != std::string_view::npos)
      word.remove_prefix(1);
    else if (is_dash(word.substr(0, kDashBytes)))
      word.remove_prefix(kDashBytes);
    else if (kMarks.find(word.back()) != std::string_view::npos)
      word.remove_suffix(1);
    else if (word.size() > kDashBytes && is_dash(word.substr(word.size() - kDashBytes)))
      word.remove_suffix(kDashBytes);
    else
      break;
  }
  return word;
}

std::optional<VerifyOutcome> stated_outcome(const std::vector<VerifyToken>& tokens,
                                            std::size_t begin) {
  for (std::size_t at = begin; at < tokens.size(); ++at)
    if (is_word(tokens, at, kExits))
      if (const auto outcome = exit_outcome(tokens, begin, at)) return outcome;
  for (std::size_t at = begin; at < tokens.size(); ++at) {
    const bool passes = is_word(tokens, at, kPasses);
    if (!passes && !is_word(tokens, at, kFails)) continue;
    if (find_before(tokens, begin, at, kConditionReach, kConditions)) continue;
    const bool negated = is_denied(tokens, begin, at) || (!passes && is_of_none(tokens, begin, at));
    return failure_unless(negated != passes);
  }
  return std::nullopt;
}

bool continues_outcome(const std::vector<VerifyToken>& tokens) {
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const std::string word = word_at(tokens, at);
    if (word.empty()) continue;
    if (tokens[at].is_span) return false;
    if (kFails.count(word) != 0 || kExits.count(word) != 0) return true;
    if (kCommandSubjects.count(word) == 0) return false;
  }
  return false;
}

}  // namespace konductor::plan
