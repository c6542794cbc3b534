// SPDX-License-Identifier: MIT
#include "gates/weakening.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/text.hpp"
#include "gates/test_files.hpp"
#include "gates/test_text.hpp"

namespace konductor::gates {
namespace {

using std::string_view;

// Comparing everything with everything is not worth it beyond this.
constexpr std::size_t kRenamesMax = 30;

// What was where a file of tests is now; either side may be missing.
struct Pair {
  const TestChange* before = nullptr;
  const TestChange* after = nullptr;
  TestText old_text;
  TestText new_text;

  const std::string& path() const { return after != nullptr ? after->path : before->path; }
  bool is_declared() const {
    return (before != nullptr && before->is_declared) || (after != nullptr && after->is_declared);
  }
};

// How often something is left over.
using Pool = std::map<std::string, int, std::less<>>;

bool take(Pool& pool, const std::string& text) {
  const auto found = pool.find(text);
  if (found == pool.end() || found->second == 0) return false;
  --found->second;
  return true;
}

std::vector<string_view> sorted_lines(string_view text) {
  std::vector<string_view> lines;
  for (const string_view line : split_lines(text))
    if (!trim(line).empty()) lines.push_back(trim(line));
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Whether one is the other, renamed and perhaps changed: at least half of the lines are the same.
bool is_alike(const std::string& one, const std::string& other) {
  if (one == other) return true;
  const std::vector<string_view> left = sorted_lines(one);
  const std::vector<string_view> right = sorted_lines(other);
  std::vector<string_view> common;
  std::set_intersection(left.begin(), left.end(), right.begin(), right.end(),
                        std::back_inserter(common));
  return !common.empty() && common.size() * 2 >= std::max(left.size(), right.size());
}

std::vector<Pair> pair_up(const std::vector<TestChange>& changes) {
  std::vector<Pair> pairs;
  std::vector<const TestChange*> gone;
  std::vector<const TestChange*> added;
  for (const TestChange& change : changes) {
    const bool had_tests = change.before && holds_tests(change.path, *change.before);
    const bool has_tests = change.after && holds_tests(change.path, *change.after);
    if (had_tests && change.after)
      pairs.push_back({&change, &change, {}, {}});
    else if (had_tests)
      gone.push_back(&change);
    else if (has_tests)
      added.push_back(&change);
  }
  for (const TestChange* old : gone) {
    auto match = std::find_if(added.begin(), added.end(), [&](const TestChange* one) {
      return one != nullptr && *one->after == *old->before;
    });
    if (match == added.end() && gone.size() <= kRenamesMax && added.size() <= kRenamesMax)
      match = std::find_if(added.begin(), added.end(), [&](const TestChange* one) {
        return one != nullptr && is_alike(*one->after, *old->before);
      });
    pairs.push_back({old, match == added.end() ? nullptr : *match, {}, {}});
    if (match != added.end()) added.erase(match);
  }
  for (const TestChange* one : added)
    pairs.push_back({nullptr, one, {}, {}});
  for (Pair& pair : pairs) {
    if (pair.before != nullptr && pair.before->before)
      pair.old_text = read_tests(pair.before->path, *pair.before->before);
    if (pair.after != nullptr && pair.after->after)
      pair.new_text = read_tests(pair.after->path, *pair.after->after);
  }
  std::sort(pairs.begin(), pairs.end(),
            [](const Pair& left, const Pair& right) { return left.path() < right.path(); });
  return pairs;
}

// Those of `left` that are not in `right`, counted.
std::vector<std::string> without(const std::vector<std::string>& left,
                                 const std::vector<std::string>& right) {
  Pool pool;
  for (const std::string& text : right)
    ++pool[text];
  std::vector<std::string> rest;
  for (const std::string& text : left)
    if (!take(pool, text)) rest.push_back(text);
  return rest;
}

std::vector<std::string> texts_of(const std::vector<Skip>& skips) {
  std::vector<std::string> texts;
  texts.reserve(skips.size());
  for (const Skip& skip : skips)
    texts.push_back(skip.text);
  return texts;
}

// What came to files of tests: assertions that may have moved there, skips that left them.
struct Moved {
  Pool assertions;
  Pool skips;
};

Moved find_moved(const std::vector<Pair>& pairs) {
  Moved moved;
  for (const Pair& pair : pairs) {
    for (const std::string& text : without(pair.new_text.assertions, pair.old_text.assertions))
      ++moved.assertions[text];
    for (const std::string& text :
         without(texts_of(pair.old_text.skips), texts_of(pair.new_text.skips)))
      ++moved.skips[text];
  }
  return moved;
}

// How many assertions fewer there are that are nowhere else now.
std::size_t count_lost(const Pair& pair, Moved& moved) {
  const std::size_t before = pair.old_text.assertions.size();
  const std::size_t after = pair.new_text.assertions.size();
  if (after >= before) return 0;
  std::size_t lost = before - after;
  for (const std::string& text : without(pair.old_text.assertions, pair.new_text.assertions))
    if (lost > 0 && take(moved.assertions, text)) --lost;
  return lost;
}

void check_assertions(const Pair& pair, Moved& moved, std::vector<std::string>& findings) {
  const std::size_t count = pair.old_text.assertions.size();
  const std::size_t lost = count_lost(pair, moved);
  if (pair.after == nullptr) {
    const bool is_moved = count > 0 && lost == 0;
    if (is_moved || (pair.before->is_declared && pair.before->is_deletion_listed)) return;
    findings.push_back(quote(pair.path()) + ", a file of tests, was deleted, and " +
                       (pair.before->is_declared
                            ? "the summary does not list it under \"Files Deleted\""
                            : "the task does not declare it"));
    return;
  }
  if (lost == 0 || pair.is_declared()) return;
  findings.push_back(quote(pair.path()) + " lost " + std::to_string(lost) + " of its " +
                     std::to_string(count) +
                     " assertions, and the task does not declare it: put them back, or put others "
                     "in the place of those that are wrong");
}

void check_skips(const Pair& pair, bool may_skip, Moved& moved,
                 std::vector<std::string>& findings) {
  if (pair.after == nullptr || (may_skip && pair.is_declared())) return;
  Pool old;
  for (const Skip& skip : pair.old_text.skips)
    ++old[skip.text];
  for (const Skip& skip : pair.new_text.skips) {
    const bool is_new_file = pair.before == nullptr;
    if (take(old, skip.text) || (is_new_file && skip.is_conditional) ||
        take(moved.skips, skip.text))
      continue;
    findings.push_back(pair.path() + ":" + std::to_string(skip.line) + ": `" + skip.marker +
                       "` keeps tests from counting, which the task does not ask for");
  }
}

}  // namespace

bool speaks_of_skipping(string_view task_text) {
  const std::string lower = to_lower(task_text);
  for (const string_view word : {"skip", "disabl", "xfail", "quarantine", "#[ignore", "@ignore"})
    if (lower.find(word) != std::string::npos) return true;
  return false;
}

std::vector<std::string> find_weakening(const std::vector<TestChange>& changes, bool may_skip) {
  const std::vector<Pair> pairs = pair_up(changes);
  Moved moved = find_moved(pairs);
  std::vector<std::string> findings;
  for (const Pair& pair : pairs) {
    check_assertions(pair, moved, findings);
    check_skips(pair, may_skip, moved, findings);
  }
  return findings;
}

}  // namespace konductor::gates
