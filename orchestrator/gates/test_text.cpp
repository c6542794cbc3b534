// SPDX-License-Identifier: MIT
#include "gates/test_text.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "gates/assertions.hpp"
#include "gates/code_lines.hpp"
#include "gates/test_files.hpp"
#include "gates/words.hpp"

namespace konductor::gates {
namespace {

using std::string_view;

enum class Where {
  code,       // Outside of strings and comments, where a word begins.
  inside,     // The same, in the middle of a word too.
  raw,        // Strings count.
  statement,  // A line begins with it.
};

struct Marker {
  string_view text;
  string_view languages;  // Extensions with blanks around them.
  Where where = Where::code;
  bool is_conditional = false;
};

constexpr string_view kPython = " py pyi pyx ";
constexpr string_view kJavaScript = " js jsx ts tsx mjs cjs mts cts coffee vue svelte ";
constexpr string_view kJava = " java kt kts scala groovy ";
constexpr string_view kDotNet = " cs fs vb ";
constexpr string_view kC = " c cc cpp cxx h hh hpp hxx cu m mm ";
constexpr string_view kRuby = " rb cr ";
constexpr string_view kShell = " bats sh bash zsh ";

// The first that fits a line names it.
constexpr auto kMarkers = std::to_array<Marker>({
    {"pytest.mark.skipif", kPython, Where::code, true},
    {"unittest.skipIf", kPython, Where::code, true},
    {"unittest.skipUnless", kPython, Where::code, true},
    {"pytest.importorskip", kPython, Where::code, true},
    {"pytest.mark.skip", kPython},
    {"pytest.mark.xfail", kPython},
    {"pytest.skip", kPython},
    {"pytest.xfail", kPython},
    {"unittest.skip", kPython},
    {"self.skipTest", kPython},
    {"expectedFailure", kPython},
    {"SkipTest", kPython},
    {"@skipIf", kPython, Where::code, true},
    {"@skipUnless", kPython, Where::code, true},
    {"@skip", kPython},
    {"it.skipIf", kJavaScript, Where::code, true},
    {"test.skipIf", kJavaScript, Where::code, true},
    {"describe.skipIf", kJavaScript, Where::code, true},
    {"it.skip", kJavaScript},
    {"test.skip", kJavaScript},
    {"describe.skip", kJavaScript},
    {"context.skip", kJavaScript},
    {"suite.skip", kJavaScript},
    {"specify.skip", kJavaScript},
    {"concurrent.skip", kJavaScript},
    {"this.skip", kJavaScript},
    {"t.skip", kJavaScript},
    {"it.only", kJavaScript},
    {"test.only", kJavaScript},
    {"describe.only", kJavaScript},
    {"context.only", kJavaScript},
    {"suite.only", kJavaScript},
    {"it.todo", kJavaScript},
    {"test.todo", kJavaScript},
    {"test.fixme", kJavaScript},
    {"it.fails", kJavaScript},
    {"test.fails", kJavaScript},
    {"test.failing", kJavaScript},
    {"it.failing", kJavaScript},
    {"xit(", kJavaScript},
    {"xtest(", kJavaScript},
    {"xdescribe(", kJavaScript},
    {"xcontext(", kJavaScript},
    {"xspecify(", kJavaScript},
    {"fit(", kJavaScript},
    {"fdescribe(", kJavaScript},
    {"#[ignore", " rs "},
    {"t.Skip", " go "},
    {"b.Skip", " go "},
    {"f.Skip", " go "},
    {"tb.Skip", " go "},
    {"T().Skip", " go ", Where::inside},
    {"@DisabledIf", kJava, Where::inside, true},
    {"@DisabledOn", kJava, Where::inside, true},
    {"@DisabledFor", kJava, Where::inside, true},
    {"@Disabled", kJava},
    {"@Ignore", kJava},
    {"[Ignore", kDotNet},
    {"[Explicit", kDotNet},
    {"Skip =", kDotNet},
    {"Skip=", kDotNet},
    {"Assert.Ignore", kDotNet},
    {"Assert.Inconclusive", kDotNet},
    {"GTEST_SKIP", kC},
    {"DISABLED_", kC},
    {"QSKIP", kC},
    {"SKIP(", kC},
    {"TEST_IGNORE", kC, Where::inside},
    {"doctest::skip", kC},
    {"unit_test::disabled", kC, Where::inside},
    {"\"[.", kC, Where::raw},
    {"][.", kC, Where::raw},
    {"[hide]", kC, Where::raw},
    {"[!hide]", kC, Where::raw},
    {"[!mayfail]", kC, Where::raw},
    {"[!shouldfail]", kC, Where::raw},
    {"#if 0", kC, Where::statement},
    {"XCTSkipIf", " swift m mm ", Where::code, true},
    {"XCTSkipUnless", " swift m mm ", Where::code, true},
    {"XCTSkip", " swift m mm "},
    {".disabled(", " swift ", Where::inside},
    {"skip", kRuby, Where::statement},
    {"pending", kRuby, Where::statement},
    {"xit", kRuby, Where::statement},
    {"xdescribe", kRuby, Where::statement},
    {"xcontext", kRuby, Where::statement},
    {"xspecify", kRuby, Where::statement},
    {"skip: true", kRuby},
    {"skip: \"", kRuby},
    {"pending: true", kRuby},
    {"pending: \"", kRuby},
    {"markTestSkipped", " php "},
    {"markTestIncomplete", " php "},
    {"->skip(", " php ", Where::inside},
    {"@tag :skip", " ex exs "},
    {"@moduletag :skip", " ex exs "},
    {"@describetag :skip", " ex exs "},
    {"@tag skip:", " ex exs "},
    {"@Skip", " dart "},
    {"skip: true", " dart "},
    {"skip: '", " dart "},
    {"@test_skip", " jl "},
    {"@test_broken", " jl "},
    {"skip_all", " t pl "},
    {"skip", " t pl r ", Where::statement},
    {"skip_if", " r ", Where::statement, true},
    {"SkipZigTest", " zig "},
    {"xit", " hs lua ", Where::statement},
    {"xdescribe", " hs lua ", Where::statement},
    {"pending", " hs lua ", Where::statement},
    {"skip", kShell, Where::statement},
});

bool begins_word(string_view code, std::size_t at, string_view text) {
  return at == 0 || !is_word(text.front()) || (!is_word(code[at - 1]) && code[at - 1] != '.');
}

bool stands_in(const CodeLine& line, const Marker& marker) {
  if (marker.where == Where::raw) return line.raw.find(marker.text) != string_view::npos;
  const string_view code = line.code;
  if (marker.where == Where::statement)
    return begins(code, marker.text) &&
           (code.size() == marker.text.size() || !is_word(code[marker.text.size()]));
  for (auto at = code.find(marker.text); at != string_view::npos;
       at = code.find(marker.text, at + 1))
    if (marker.where == Where::inside || begins_word(code, at, marker.text)) return true;
  return false;
}

bool is_condition(string_view code) {
  return begins(code, "if ") || begins(code, "if(") || begins(code, "unless ") ||
         begins(code, "} else") || begins(code, "else") || begins(code, "elif ");
}

bool has_condition(string_view code) {
  for (const string_view word : {" if ", " unless ", "||", "&&"})
    if (code.find(word) != string_view::npos) return true;
  return is_condition(code);
}

}  // namespace

TestText read_tests(string_view path, string_view text) {
  const string_view extension = extension_of(path);
  const std::string language = " " + std::string(extension) + " ";
  std::vector<const Marker*> markers;
  for (const Marker& marker : kMarkers)
    if (marker.languages.find(language) != string_view::npos) markers.push_back(&marker);
  TestText found;
  bool is_in_tests = extension != "rs" || is_test_file(path);
  bool is_below_condition = false;
  for (const CodeLine& line : code_lines(text, extension)) {
    is_in_tests = is_in_tests || begins(line.code, "#[cfg(test)]") || begins(line.code, "#[test]");
    if (!is_in_tests) continue;
    if (asserts(line.code, extension)) found.assertions.emplace_back(line.raw);
    const auto marker = std::find_if(markers.begin(), markers.end(),
                                     [&](const Marker* one) { return stands_in(line, *one); });
    if (marker != markers.end()) {
      const bool is_conditional =
          (*marker)->is_conditional || is_below_condition || has_condition(line.code);
      found.skips.push_back(
          Skip{std::string((*marker)->text), std::string(line.raw), line.number, is_conditional});
    }
    is_below_condition = is_condition(line.code);
  }
  return found;
}

}  // namespace konductor::gates
