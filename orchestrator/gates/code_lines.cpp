// SPDX-License-Identifier: MIT
#include "gates/code_lines.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "gates/words.hpp"

namespace konductor::gates {
namespace {

using std::string_view;

constexpr auto kHashComments = std::to_array<string_view>(
    {"py", "pyi", "pyx", "rb", "sh", "bash", "zsh", "fish",   "bats", "pl",    "pm",     "t",
     "r",  "jl",  "nim", "cr", "ex", "exs",  "ps1", "coffee", "tcl",  "robot", "feature"});
constexpr auto kDashComments =
    std::to_array<string_view>({"lua", "sql", "hs", "lhs", "elm", "purs", "adb", "ads", "vhd"});
constexpr auto kSemicolonComments = std::to_array<string_view>({"clj", "cljs", "cljc"});
// Where 'text' is a string and not one character.
constexpr auto kSingleQuotes = std::to_array<string_view>(
    {"py",   "pyi", "pyx", "rb",     "js",     "jsx",    "ts",   "tsx",  "mjs",
     "cjs",  "mts", "cts", "vue",    "svelte", "coffee", "php",  "dart", "lua",
     "r",    "jl",  "pl",  "pm",     "t",      "sh",     "bash", "zsh",  "fish",
     "bats", "ex",  "exs", "groovy", "gradle", "sql",    "nim",  "cr"});

class Reader {
 public:
  explicit Reader(string_view extension)
      : is_single_quoted_(is_in(kSingleQuotes, extension)),
        is_triple_quoted_(extension == "py" || extension == "pyi" || extension == "pyx") {
    if (is_in(kHashComments, extension)) comment_ = "#";
    if (is_in(kDashComments, extension)) comment_ = "--";
    if (is_in(kSemicolonComments, extension)) comment_ = ";";
    if (extension == "php") comment_ = "//";
  }

  // The code of the next line.
  std::string code_of(string_view line) {
    if (is_triple_quoted_ && toggles_triple(line)) return {};
    std::string code;
    std::size_t at = 0;
    while (at < line.size()) {
      if (is_in_block_) {
        const auto end = line.find("*/", at);
        is_in_block_ = end == string_view::npos;
        if (is_in_block_) break;
        at = end + 2;
        continue;
      }
      if (begins_comment(line, at)) break;
      if (comment_ == "//" && line.substr(at, 2) == "/*") {
        is_in_block_ = true;
        at += 2;
        continue;
      }
      const auto end = string_end(line, at);
      code += line[at];
      if (end != string_view::npos) code += line[end];
      at = end == string_view::npos ? at + 1 : end + 1;
    }
    return std::string(trim(code));
  }

 private:
  // True when the line lies in such a text, wholly or in part.
  bool toggles_triple(string_view line) {
    bool is_touched = is_in_triple_;
    for (const string_view quotes : {"\"\"\"", "'''"})
      for (auto at = line.find(quotes); at != string_view::npos; at = line.find(quotes, at + 3)) {
        is_in_triple_ = !is_in_triple_;
        is_touched = true;
      }
    return is_touched;
  }

  bool begins_comment(string_view line, std::size_t at) const {
    if (line.substr(at, comment_.size()) != comment_) return false;
    // "$#", "#{x}", "a--".
    return comment_ == "//" || at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t';
  }

  // Where the string that begins at `at` ends; npos when none begins there or it goes on.
  std::size_t string_end(string_view line, std::size_t at) const {
    constexpr std::size_t kCharacterMax = 4;
    const char quote = line[at];
    if (quote != '"' && quote != '\'' && quote != '`') return string_view::npos;
    std::size_t end = at + 1;
    while (end < line.size() && line[end] != quote)
      end += line[end] == '\\' ? 2 : 1;
    if (end >= line.size()) return string_view::npos;
    const bool is_character = quote == '\'' && !is_single_quoted_;
    return is_character && end - at > kCharacterMax ? string_view::npos : end;
  }

  string_view comment_ = "//";
  bool is_single_quoted_;
  bool is_triple_quoted_;
  bool is_in_block_ = false;
  bool is_in_triple_ = false;
};

}  // namespace

std::vector<CodeLine> code_lines(string_view text, string_view extension) {
  std::vector<CodeLine> lines;
  Reader reader(extension);
  int number = 0;
  for (const string_view line : split_lines(text)) {
    ++number;
    const string_view raw = trim(line);
    std::string code = reader.code_of(raw);
    if (!code.empty()) lines.push_back({number, raw, std::move(code)});
  }
  return lines;
}

}  // namespace konductor::gates
