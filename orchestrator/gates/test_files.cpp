// SPDX-License-Identifier: MIT
#include "gates/test_files.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "gates/words.hpp"

namespace konductor::gates {
namespace {

using std::string_view;

constexpr auto kTestFolders = std::to_array<string_view>(
    {"test", "tests", "__tests__", "__test__", "unittest", "unittests", "e2e", "e2e-tests",
     "testsuite", "testdata", "cypress", "t", "__snapshots__"});
// In these a file counts when it is a program, since specifications may lie there too.
constexpr auto kSpecFolders = std::to_array<string_view>({"spec", "specs", "__specs__"});
constexpr auto kDocuments =
    std::to_array<string_view>({"md", "markdown", "rst", "adoc", "pdf", "org"});
constexpr auto kSources = std::to_array<string_view>(
    {"adb", "ads",  "bash", "bats", "c",   "cc",     "clj",    "cljc",    "cljs", "coffee",
     "cpp", "cr",   "cs",   "cts",  "cxx", "d",      "dart",   "elm",     "erl",  "ex",
     "exs", "f90",  "fish", "fs",   "go",  "gradle", "groovy", "h",       "hh",   "hpp",
     "hs",  "hxx",  "java", "jl",   "js",  "jsx",    "kt",     "kts",     "lhs",  "lua",
     "m",   "mjs",  "ml",   "mli",  "mm",  "mts",    "nim",    "php",     "pl",   "pm",
     "ps1", "purs", "py",   "pyi",  "pyx", "r",      "rb",     "robot",   "rs",   "scala",
     "sh",  "sml",  "sol",  "sql",  "sv",  "svelte", "swift",  "t",       "tcl",  "ts",
     "tsx", "v",    "vb",   "vhd",  "vue", "zig",    "zsh",    "feature", "cjs",  "cu"});
constexpr auto kAlwaysTests = std::to_array<string_view>({"bats", "feature", "t"});

bool ends(string_view text, string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// "ParserTest", but neither "Test" nor "LATEST".
bool ends_in_camel_case(string_view name, string_view end) {
  return ends(name, end) && name.size() > end.size() &&
         is_lower_or_digit(name[name.size() - end.size() - 1]);
}

bool is_test_folder(string_view name) {
  const std::string lower = to_lower(name);
  return is_in(kTestFolders, lower) || ends(lower, ".tests") || ends(lower, ".test") ||
         ends_in_camel_case(name, "Tests") || ends_in_camel_case(name, "Test");
}

// `stem` is a file's name without its extension.
bool is_test_name(string_view stem, string_view extension) {
  const std::string lower = to_lower(stem);
  for (const string_view whole : {"test", "tests", "conftest", "test_helper", "spec_helper"})
    if (lower == whole) return true;
  for (const char separator : {'_', '-', '.'}) {
    for (const string_view word :
         {"test", "tests", "spec", "specs", "unittest", "unittests", "gtest", "e2e", "cy"})
      if (ends(lower, std::string(1, separator) + std::string(word))) return true;
    if (begins(lower, std::string("test") + separator)) return true;
  }
  for (const string_view word : {"Test", "Tests", "TestCase", "TestCases", "Spec", "Specs"})
    if (ends_in_camel_case(stem, word)) return true;
  if (extension == "java" && ends_in_camel_case(stem, "IT")) return true;
  const bool is_named_first =
      begins(stem, "Test") && stem.size() > 4 && stem[4] >= 'A' && stem[4] <= 'Z';
  return is_named_first;
}

}  // namespace

string_view extension_of(string_view path) {
  const auto slash = path.rfind('/');
  const string_view name = slash == string_view::npos ? path : path.substr(slash + 1);
  const auto dot = name.rfind('.');
  if (dot == string_view::npos || dot == 0) return {};
  const string_view extension = name.substr(dot + 1);
  // Only "R" is written in capitals where it matters.
  return extension == "R" ? string_view("r") : extension;
}

bool is_test_file(string_view path) {
  std::vector<string_view> parts = split(path, '/');
  const string_view name = parts.back();
  parts.pop_back();
  const string_view extension = extension_of(path);
  const bool is_source = is_in(kSources, extension);
  if (name.empty() || is_in(kDocuments, extension) || name.front() == '.') return false;
  for (const string_view folder : parts) {
    if (is_test_folder(folder)) return true;
    if (is_source && is_in(kSpecFolders, to_lower(folder))) return true;
  }
  if (!is_source) return false;
  if (is_in(kAlwaysTests, extension)) return true;
  return is_test_name(name.substr(0, name.size() - extension.size() - 1), extension);
}

bool holds_tests(string_view path, string_view text) {
  if (is_test_file(path)) return true;
  return extension_of(path) == "rs" && (text.find("#[cfg(test)]") != string_view::npos ||
                                        text.find("#[test]") != string_view::npos);
}

}  // namespace konductor::gates
