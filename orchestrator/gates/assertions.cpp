// SPDX-License-Identifier: MIT
#include "gates/assertions.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "gates/words.hpp"

namespace konductor::gates {
namespace {

using std::string_view;

// "expect", "expectThat", "expect_eq", but not "expected".
bool is_word_or_longer(string_view word, string_view start) {
  if (!begins(to_lower(word), start)) return false;
  return word.size() == start.size() || word[start.size()] == '_' || is_upper(word[start.size()]);
}

// CHECK, CHECK_THAT, BOOST_REQUIRE_EQUAL, but not CHECKSUM.
bool is_macro(string_view word, string_view name) {
  for (auto at = word.find(name); at != string_view::npos; at = word.find(name, at + 1)) {
    const bool begins_there = at == 0 || word[at - 1] == '_';
    const std::size_t end = at + name.size();
    const bool ends_there = end == word.size() || word[end] == '_';
    const bool is_all_upper =
        std::none_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (begins_there && ends_there && is_all_upper) return true;
  }
  return false;
}

// Words joined by ".", "->" or "::", such as "assert.equal", and what stands around them.
struct Chain {
  std::vector<string_view> words;
  bool is_behind_dot = false;  // "expect(x)" + ".toBe".
  char next = '\0';            // The next character that is no blank.
  char previous = '\0';        // The one right before.

  string_view first() const { return words.front(); }
  string_view second() const { return words.size() > 1 ? words[1] : string_view(); }
  string_view last() const { return words.back(); }
};

std::vector<Chain> chains_of(string_view code) {
  std::vector<Chain> chains;
  std::size_t at = 0;
  const auto word_end = [code](std::size_t from) {
    while (from < code.size() && is_word(code[from]))
      ++from;
    return from;
  };
  while (at < code.size()) {
    if (!is_word(code[at])) {
      ++at;
      continue;
    }
    Chain chain;
    chain.previous = at > 0 ? code[at - 1] : '\0';
    chain.is_behind_dot = chain.previous == '.' || (at > 1 && code.substr(at - 2, 2) == "->");
    for (;;) {
      const std::size_t end = word_end(at);
      chain.words.push_back(code.substr(at, end - at));
      at = end;
      std::size_t joint = 0;
      for (const string_view one : {"::", "->", "?.", "."})
        if (joint == 0 && code.substr(at, one.size()) == one) joint = one.size();
      if (joint == 0 || at + joint >= code.size() || !is_word(code[at + joint])) break;
      at += joint;
    }
    const auto next = code.find_first_not_of(' ', at);
    chain.next = next == string_view::npos ? '\0' : code[next];
    chains.push_back(std::move(chain));
  }
  return chains;
}

constexpr auto kGoFailures =
    std::to_array<string_view>({"Error", "Errorf", "Fatal", "Fatalf", "Fail", "FailNow"});
constexpr auto kJavaScriptChecks = std::to_array<string_view>(
    {"is",     "not",     "equal",  "equals",    "notEqual",    "deepEqual",
     "same",   "notSame", "ok",     "notOk",     "true",        "false",
     "truthy", "falsy",   "throws", "notThrows", "throwsAsync", "rejects",
     "like",   "match",   "regex",  "snapshot",  "fail",        "strictEqual"});
constexpr auto kPerlChecks =
    std::to_array<string_view>({"ok", "is", "isnt", "like", "unlike", "is_deeply", "cmp_ok",
                                "isa_ok", "can_ok", "lives_ok", "dies_ok", "throws_ok"});
constexpr auto kMatchers = std::to_array<string_view>(
    {"any", "anything", "objectContaining", "arrayContaining", "stringContaining", "stringMatching",
     "closeTo", "not", "extend", "assertions", "hasAssertions"});
constexpr auto kMacros = std::to_array<string_view>(
    {"CHECK", "REQUIRE", "FAIL", "ADD_FAILURE", "QVERIFY", "QCOMPARE", "BOOST_TEST"});

bool is_javascript(string_view extension) {
  static constexpr auto kExtensions = std::to_array<string_view>(
      {"js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "coffee", "vue", "svelte"});
  return is_in(kExtensions, extension);
}

bool is_should_word(string_view word, const Chain& chain, string_view extension) {
  if (!is_word_or_longer(word, "should")) return false;
  static constexpr auto kBare =
      std::to_array<string_view>({"kt", "kts", "hs", "scala", "rb", "ex", "exs", "cr"});
  // A test may be named "shouldParse".
  return chain.is_behind_dot || word.data() != chain.first().data() || is_in(kBare, extension);
}

bool is_asserting_word(string_view word, const Chain& chain, string_view extension) {
  const std::string lower = to_lower(word);
  if (lower.find("assert") != std::string::npos) return true;
  const bool is_call = chain.next == '(' || chain.next == '!' || chain.next == '{' ||
                       chain.next == '<' || chain.next == '[' || is_word(chain.next);
  if (is_word_or_longer(word, "expect") && is_call) {
    // `.expect("why")` unwraps a value in Rust.
    const bool is_first = word.data() == chain.first().data() && !chain.is_behind_dot;
    if (extension == "rs") return is_first;
    return !(is_first && chain.words.size() > 1 && is_in(kMatchers, chain.second()));
  }
  if (lower == "is_expected" || begins(lower, "refute") || begins(lower, "must_") ||
      begins(lower, "wont_") || lower == "xctfail" || begins(lower, "xctunwrap"))
    return true;
  if (is_should_word(word, chain, extension)) return true;
  for (const string_view macro : kMacros)
    if (is_macro(word, macro) && chain.next == '(') return true;
  if (word.data() != chain.last().data() || chain.next != '(') return false;
  return lower == "raises" || lower == "fail" || is_word_or_longer(word, "verify");
}

bool is_asserting_chain(const Chain& chain, string_view extension) {
  if (std::any_of(chain.words.begin(), chain.words.end(),
                  [&](string_view word) { return is_asserting_word(word, chain, extension); }))
    return true;
  const string_view first = chain.first();
  const string_view second = chain.second();
  if (extension == "go") {
    const bool is_tester = first == "t" || first == "b" || first == "f" || first == "tb";
    const bool is_helper = first == "require" || first == "is" || first == "check";
    return (is_tester && is_in(kGoFailures, second)) ||
           (is_helper && !second.empty() && is_upper(second.front()));
  }
  if (is_javascript(extension)) return first == "t" && is_in(kJavaScriptChecks, second);
  if (extension == "t" || extension == "pl") return is_in(kPerlChecks, first) && second.empty();
  if (begins(extension, "clj")) return first == "is" && chain.previous == '(';
  if (extension == "jl")
    return begins(first, "test") && chain.previous == '@' && first != "testset";
  return false;
}

// It only names what asserts elsewhere.
bool is_import(string_view code) {
  for (const string_view word :
       {"import ", "from ", "use ", "using ", "#include", "package ", "require ",
        "require_relative", "open ", "extern ", "#define ", "alias ", "load "})
    if (begins(code, word)) return true;
  return code.find("= require(") != string_view::npos;
}

bool is_shell_test(string_view code, string_view extension) {
  static constexpr auto kShells = std::to_array<string_view>({"bats", "sh", "bash", "zsh"});
  if (!is_in(kShells, extension)) return false;
  return begins(code, "[ ") || begins(code, "[[ ") || begins(code, "test ") || begins(code, "(( ");
}

}  // namespace

bool asserts(string_view code, string_view extension) {
  if (is_import(code)) return false;
  if (is_shell_test(code, extension)) return true;
  const std::vector<Chain> chains = chains_of(code);
  return std::any_of(chains.begin(), chains.end(),
                     [&](const Chain& chain) { return is_asserting_chain(chain, extension); });
}

}  // namespace konductor::gates
