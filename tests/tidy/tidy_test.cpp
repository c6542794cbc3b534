// SPDX-License-Identifier: MIT
// Properties of the source, held as tests: layers, banned headers and calls, and the coroutine
// expressions that g++ 12 compiles into crashes.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

struct SourceFile {
  std::string path;    // Relative to the source directory.
  std::string folder;  // The layer: first folder below orchestrator/.
  std::string text;    // Comments and string contents blanked, line breaks kept.
  std::string raw;
};

// Blanks comments and the insides of string literals, so that words in them are not code.
std::string blank_comments_and_strings(const std::string& text) {
  std::string out = text;
  enum class In { code, line_comment, block_comment, string, character } in = In::code;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    switch (in) {
      case In::code:
        if (c == '/' && next == '/')
          in = In::line_comment;
        else if (c == '/' && next == '*')
          in = In::block_comment;
        else if (c == 'R' && next == '"' &&
                 (i == 0 ||
                  !(isalnum(static_cast<unsigned char>(text[i - 1])) != 0 || text[i - 1] == '_'))) {
          const auto open = text.find('(', i);
          const std::string close = ")" + text.substr(i + 2, open - i - 2) + "\"";
          const auto end = text.find(close, open);
          for (std::size_t k = open + 1; k < end && k < text.size(); ++k)
            if (out[k] != '\n') out[k] = ' ';
          i = end == std::string::npos ? text.size() : end + close.size() - 1;
          continue;
        } else if (c == '"')
          in = In::string;
        else if (c == '\'' && (i == 0 || isalnum(static_cast<unsigned char>(text[i - 1])) == 0))
          in = In::character;
        if (in == In::line_comment || in == In::block_comment) out[i] = ' ';
        break;
      case In::line_comment:
        if (c == '\n')
          in = In::code;
        else
          out[i] = ' ';
        break;
      case In::block_comment:
        if (c == '*' && next == '/') {
          out[i] = ' ';
          out[++i] = ' ';
          in = In::code;
        } else if (c != '\n') {
          out[i] = ' ';
        }
        break;
      case In::string:
      case In::character: {
        const char quote = in == In::string ? '"' : '\'';
        if (c == '\\') {
          out[i] = ' ';
          if (i + 1 < text.size()) out[++i] = ' ';
        } else if (c == quote) {
          in = In::code;
        } else if (c != '\n') {
          out[i] = ' ';
        }
        break;
      }
    }
  }
  return out;
}

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<SourceFile> sources_below(const std::string& top) {
  std::vector<SourceFile> files;
  const fs::path root = KONDUCTOR_SOURCE_DIR;
  if (!fs::exists(root / top)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
    const std::string extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".hpp" && extension != ".c") continue;
    const fs::path relative = entry.path().lexically_relative(root);
    auto part = relative.begin();
    ++part;
    SourceFile file{relative, *part, "", read_file(entry.path())};
    file.text = blank_comments_and_strings(file.raw);
    files.push_back(std::move(file));
  }
  return files;
}

std::size_t line_of(const std::string& text, std::size_t offset) {
  return 1 + static_cast<std::size_t>(std::count(
                 text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

std::string place(const SourceFile& file, std::size_t offset) {
  return file.path + ":" + std::to_string(line_of(file.text, offset)) + ": error: ";
}

// Folder → folders it may include. Written down in docs/ARCHITECTURE.md too.
const std::map<std::string, std::set<std::string>> kLayers = {
    {"base", {}},
    {"config", {"base"}},
    {"plan", {"base"}},
    {"engine", {"base", "plan"}},
    {"agent", {"base", "config", "plan", "engine"}},
    {"records", {"base", "plan"}},
    {"gates", {"base"}},
    {"conformance", {"base"}},
    {"ports", {"base", "plan", "engine"}},
    {"driver",
     {"base", "config", "plan", "engine", "agent", "records", "gates", "ports", "replay"}},
    {"platform", {"base", "plan", "engine", "ports"}},
    {"cli",
     {"base", "config", "plan", "engine", "agent", "records", "gates", "conformance", "ports",
      "driver", "platform", "replay"}},
    {"replay", {"base"}},
    {"rpc", {"base"}},
    {"acp", {"base", "rpc"}},
    {"acp_client", {"base", "rpc", "acp"}},
    {"supervisor", {}},
};
const std::set<std::string> kPureFolders = {"base",    "config", "plan", "engine",     "agent",
                                            "records", "gates",  "acp",  "conformance"};

std::vector<std::string> layer_errors(const SourceFile& file) {
  std::vector<std::string> errors;
  static const std::regex include(R"re(#include "([a-z_]+)/)re");
  const auto allowed = kLayers.find(file.folder);
  if (allowed == kLayers.end()) return {file.path + ": error: folder is not in the layer table"};
  for (std::sregex_iterator it(file.raw.begin(), file.raw.end(), include), end; it != end; ++it) {
    const std::string folder = (*it)[1];
    if (folder != file.folder && allowed->second.count(folder) == 0)
      errors.push_back(place(file, static_cast<std::size_t>(it->position())) + file.folder +
                       "/ may not include " + folder + "/");
  }
  return errors;
}

std::vector<std::string> matches(const SourceFile& file, const std::string& pattern,
                                 const std::string& rule) {
  std::vector<std::string> errors;
  const std::regex regex(pattern);
  for (std::sregex_iterator it(file.text.begin(), file.text.end(), regex), end; it != end; ++it)
    errors.push_back(place(file, static_cast<std::size_t>(it->position())) + rule);
  return errors;
}

// What stands after each `co_await` up to the end of its full expression.
std::vector<std::string> coroutine_errors(const SourceFile& file) {
  std::vector<std::string> errors;
  const std::string word = "co_await";
  for (auto at = file.text.find(word); at != std::string::npos;
       at = file.text.find(word, at + word.size())) {
    int depth = 0;
    std::size_t end = at + word.size();
    for (; end < file.text.size(); ++end) {
      const char c = file.text[end];
      if (c == '(' || c == '[') ++depth;
      if (c == ')' || c == ']') {
        if (depth == 0) break;
        --depth;
      }
      if (depth == 0 && (c == ';' || c == '{')) break;
      if (c == '{') break;
    }
    const std::string operand = file.text.substr(at, end - at);
    const char stop = end < file.text.size() ? file.text[end] : ';';
    if (stop == '{' && depth > 0)
      errors.push_back(place(file, at) +
                       "braces or a lambda inside a co_await expression; name a local first");
    if (operand.find('?') != std::string::npos)
      errors.push_back(place(file, at) + "?: inside a co_await expression; use if and else");
    const auto statement = file.text.find_last_of(";{}", at);
    const std::string before = file.text.substr(statement + 1, at - statement - 1);
    if (before.find('?') != std::string::npos)
      errors.push_back(place(file, at) + "co_await inside ?:; use if and else");
    const bool is_in_list = statement != std::string::npos && file.text[statement] == '{' &&
                            file.text.find_last_not_of(" \n", statement - 1) != std::string::npos &&
                            file.text[file.text.find_last_not_of(" \n", statement - 1)] == '=';
    if (is_in_list)
      errors.push_back(place(file, at) + "co_await inside a braced list; name a local first");
  }
  return errors;
}

void require_none(const std::vector<std::string>& errors) {
  for (const std::string& error : errors)
    UNSCOPED_INFO(error);
  REQUIRE(errors.empty());
}

template <class Check>
void require_clean(const std::vector<SourceFile>& files, Check check) {
  REQUIRE_FALSE(files.empty());
  std::vector<std::string> errors;
  for (const SourceFile& file : files)
    for (std::string& error : check(file))
      errors.push_back(std::move(error));
  require_none(errors);
}

std::vector<std::string> banned_header_errors(const SourceFile& file) {
  if (kPureFolders.count(file.folder) == 0) return {};
  std::vector<std::string> errors = matches(
      file, R"(#include <(boost/asio|boost/process|git2\.h|spdlog/|fstream>|thread>|sqlite3))",
      "a pure folder may not include this header");
  for (std::string& error : matches(file, R"(::now\(\))", "a pure folder is given the time"))
    errors.push_back(std::move(error));
  return errors;
}

// One library, one owner.
std::vector<std::string> owner_errors(const SourceFile& file) {
  static const std::vector<std::pair<std::string, std::string>> owners = {
      {R"(#include <git2)", "platform/git_"},
      {R"(#include <boost/process)", "platform/boost_process_launcher"},
      {R"(#include <sqlite3)", "platform/sqlite_journal"},
      {R"(#include <CLI/)", "cli/command_line"},
      {R"(#include <cmark)", "plan/markdown"},
      {R"(#include <utf8proc)", "cli/display_text"},
      {R"(#include <boost/beast)", "platform/http_"},
  };
  std::vector<std::string> errors;
  for (const auto& [pattern, owner] : owners) {
    if (file.path.find("orchestrator/" + owner) == 0) continue;
    for (std::string& error : matches(file, pattern, "only " + owner + " may include this"))
      errors.push_back(std::move(error));
  }
  return errors;
}

std::vector<std::string> banned_word_errors(const SourceFile& file) {
  static const std::vector<std::pair<std::string, std::string>> rules = {
      {R"(\bdetached\b)", "asio::detached loses errors; spawn through TaskGroup"},
      {R"(\bsleep_for\b)", "wait for what you wait for, or use the clock"},
      {R"(\busing namespace std\b)", "name what you use"},
      {R"(\bstd::endl\b)", "write \\n"},
      {R"((^|[^_\w.])new [A-Za-z_:<])", "use make_unique or a value"},
      {R"(\bdelete [a-z_]+;)", "use make_unique or a value"},
      {R"(\.terminate\(\))", "signal the process group instead"},
  };
  std::vector<std::string> errors;
  for (const auto& [pattern, rule] : rules)
    for (std::string& error : matches(file, pattern, rule))
      errors.push_back(std::move(error));
  static const std::regex todo(R"(\b(TODO|FIXME|XXX)\b)");
  for (std::sregex_iterator it(file.raw.begin(), file.raw.end(), todo), end; it != end; ++it)
    errors.push_back(place(file, static_cast<std::size_t>(it->position())) + "finish it instead");
  return errors;
}

std::vector<std::string> long_line_errors(const SourceFile& file) {
  std::vector<std::string> errors;
  std::istringstream lines(file.raw);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    std::size_t width = 0;
    for (const char c : line)
      width += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    if (width > 100 && line.find("http") == std::string::npos &&
        line.find("R\"") == std::string::npos)
      errors.push_back(file.path + ":" + std::to_string(number) +
                       ": error: longer than 100 columns");
  }
  return errors;
}

// Catch2 reads a name that begins with one of these marks as an option or a pattern, and ctest can
// start the test no more.
std::vector<std::string> test_name_errors(const SourceFile& file) {
  static const std::regex name(R"re(TEST_CASE\("[-~\[])re");
  std::vector<std::string> errors;
  for (std::sregex_iterator it(file.raw.begin(), file.raw.end(), name), end; it != end; ++it)
    errors.push_back(place(file, static_cast<std::size_t>(it->position())) +
                     "begin the name with a letter");
  return errors;
}

SourceFile sample(const std::string& path, const std::string& folder, const std::string& text) {
  return SourceFile{path, folder, blank_comments_and_strings(text), text};
}

}  // namespace

TEST_CASE("folders include only the layers below them") {
  require_clean(sources_below("orchestrator"), layer_errors);
}

TEST_CASE("pure folders touch no clock, thread, file or process") {
  require_clean(sources_below("orchestrator"), banned_header_errors);
}

TEST_CASE("each library has one owner") {
  require_clean(sources_below("orchestrator"), owner_errors);
}

TEST_CASE("co_await takes named things only") {
  require_clean(sources_below("orchestrator"), coroutine_errors);
  require_clean(sources_below("tests"), coroutine_errors);
}

TEST_CASE("banned words are not used") {
  require_clean(sources_below("orchestrator"), banned_word_errors);
}

TEST_CASE("lines end at column 100") {
  require_clean(sources_below("orchestrator"), long_line_errors);
}

TEST_CASE("every file begins with its licence") {
  require_clean(sources_below("orchestrator"), [](const SourceFile& file) {
    std::vector<std::string> errors;
    if (file.raw.rfind("// SPDX-License-Identifier: MIT\n", 0) != 0)
      errors.push_back(file.path + ":1: error: no SPDX line");
    return errors;
  });
}

TEST_CASE("tests have names that ctest can start them by") {
  require_clean(sources_below("tests"), test_name_errors);
}

TEST_CASE("the rules find what they are made for") {
  const auto bad_await = {
      "x = co_await f(Options{a, b});",   "co_await f([captured] { g(); });",
      "x = cond ? co_await f() : other;", "v = {co_await f(), co_await g()};",
      "co_await f({.name = n});",
  };
  for (const char* text : bad_await) {
    INFO(text);
    CHECK_FALSE(coroutine_errors(sample("orchestrator/driver/x.cpp", "driver", text)).empty());
  }
  const auto good_await = {"co_await f(std::move(named));",
                           "if (auto r = co_await f(); r) { g(); }",
                           "KON_CO_TRY(auto v, co_await f());"};
  for (const char* text : good_await) {
    INFO(text);
    CHECK(coroutine_errors(sample("orchestrator/driver/x.cpp", "driver", text)).empty());
  }
  CHECK_FALSE(layer_errors(sample("orchestrator/plan/x.cpp", "plan", "#include \"driver/y.hpp\"\n"))
                  .empty());
  CHECK_FALSE(
      banned_header_errors(sample("orchestrator/plan/x.cpp", "plan", "#include <fstream>\n"))
          .empty());
  const std::string option_like = std::string("TEST_") + "CASE(\"--ci does\") {";
  CHECK_FALSE(test_name_errors(sample("tests/e2e/x_test.cpp", "e2e", option_like)).empty());
  CHECK_FALSE(
      owner_errors(sample("orchestrator/driver/x.cpp", "driver", "#include <git2.h>\n")).empty());
  CHECK_FALSE(
      banned_word_errors(sample("orchestrator/driver/x.cpp", "driver", "auto p = new T;")).empty());
  CHECK(banned_word_errors(sample("orchestrator/driver/x.cpp", "driver", "\"new day\" // new T\n"))
            .empty());
}
