// SPDX-License-Identifier: MIT
#include "cli/project_detection.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.hpp"

namespace konductor::cli {
namespace {

// A build file that settles everything by being there.
struct PlainRule {
  std::string_view file;
  std::string_view language;
  std::string_view test_command;
};
constexpr PlainRule kPlainRules[] = {
    {"Cargo.toml", "Rust", "cargo test"},   {"go.mod", "Go", "go test ./..."},
    {"mix.exs", "Elixir", "mix test"},      {"Package.swift", "Swift", "swift test"},
    {"build.zig", "Zig", "zig build test"}, {"deno.json", "TypeScript", "deno test"},
};

class Detector {
 public:
  explicit Detector(const ProjectListing& listing)
      : listing_(listing), names_(listing.names.begin(), listing.names.end()) {}

  ProjectKind detect() {
    for (const PlainRule& rule : kPlainRules)
      if (has(rule.file)) add(rule.language, rule.test_command);
    detect_node();
    detect_python();
    detect_cmake();
    detect_java();
    detect_others();
    detect_make();
    return std::move(kind_);
  }

 private:
  bool has(std::string_view name) const { return names_.count(std::string(name)) != 0; }
  bool has_any(std::initializer_list<std::string_view> names) const {
    return std::any_of(names.begin(), names.end(),
                       [this](std::string_view name) { return has(name); });
  }
  bool has_ending(std::string_view ending) const {
    return std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
      return name.size() > ending.size() &&
             name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
    });
  }
  std::string text(const std::string& name) const {
    const auto found = listing_.texts.find(name);
    return found == listing_.texts.end() ? std::string() : found->second;
  }
  bool says(const std::string& name, std::string_view word) const {
    return text(name).find(word) != std::string::npos;
  }

  static void add_once(std::vector<std::string>& list, std::string_view item) {
    if (!item.empty() && std::find(list.begin(), list.end(), item) == list.end())
      list.emplace_back(item);
  }
  void add(std::string_view language, std::string_view test_command) {
    add_once(kind_.languages, language);
    add_once(kind_.test_commands, test_command);
  }

  // The script "test" of a manifest in JSON, but not the one that only says that there is none.
  bool has_test_script(const std::string& manifest) const {
    const auto json = nlohmann::json::parse(text(manifest), nullptr, false);
    if (!json.is_object() || !json.contains("scripts") || !json["scripts"].is_object())
      return false;
    const auto script = json["scripts"].find("test");
    if (script == json["scripts"].end()) return false;
    return !script->is_string() ||
           script->get<std::string>().find("no test specified") == std::string::npos;
  }

  void detect_node() {
    if (!has("package.json")) return;
    const bool has_tests = has_test_script("package.json");
    const char* manager = "npm";
    const char* setup = has_any({"package-lock.json", "npm-shrinkwrap.json"}) ? "npm ci" : "";
    if (has("pnpm-lock.yaml")) {
      manager = "pnpm";
      setup = "pnpm install --frozen-lockfile";
    } else if (has("yarn.lock")) {
      manager = "yarn";
      setup = "yarn install --frozen-lockfile";
    } else if (has_any({"bun.lock", "bun.lockb"})) {
      manager = "bun run";
      setup = "bun install --frozen-lockfile";
    }
    add(has("tsconfig.json") ? "TypeScript" : "JavaScript",
        has_tests ? std::string(manager) + " test" : "");
    add_once(kind_.setup_commands, setup);
  }

  void detect_python() {
    if (!has_any({"pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "pytest.ini",
                  "tox.ini", "conftest.py", "Pipfile"}))
      return;
    const bool uses_pytest = has_any({"pytest.ini", "conftest.py"}) ||
                             says("pyproject.toml", "pytest") || says("setup.cfg", "pytest") ||
                             says("requirements.txt", "pytest") || says("tox.ini", "pytest");
    const bool has_tests = has_any({"tests/", "test/"});
    std::string command;
    if (uses_pytest || has_tests) command = uses_pytest ? "pytest" : "python3 -m unittest";
    if (uses_pytest && has("uv.lock")) command = "uv run pytest";
    if (uses_pytest && has("poetry.lock")) command = "poetry run pytest";
    add("Python", command);
  }

  void detect_cmake() {
    if (!has("CMakeLists.txt")) return;
    const std::string lists = text("CMakeLists.txt");
    const bool is_c_only = lists.find("LANGUAGES C)") != std::string::npos ||
                           lists.find("LANGUAGES C\n") != std::string::npos;
    add(is_c_only ? "C" : "C++",
        "cmake -S . -B build && cmake --build build && ctest --test-dir build "
        "--output-on-failure");
  }

  void detect_java() {
    if (has("pom.xml")) add("Java", has("mvnw") ? "./mvnw test" : "mvn test");
    if (has_any({"build.gradle", "build.gradle.kts"}))
      add("Java", has("gradlew") ? "./gradlew test" : "gradle test");
  }

  void detect_others() {
    if (has("Gemfile")) {
      const bool uses_rspec = has_any({"spec/", ".rspec"});
      add("Ruby", uses_rspec        ? "bundle exec rspec"
                  : has("Rakefile") ? "bundle exec rake test"
                                    : "");
    }
    if (has("composer.json")) add("PHP", has_test_script("composer.json") ? "composer test" : "");
    if (has_ending(".sln") || has_ending(".csproj")) add("C#", "dotnet test");
    if (has("meson.build") && !has("CMakeLists.txt"))
      add(says("meson.build", "'cpp'") ? "C++" : "C", "meson setup build && meson test -C build");
  }

  // Rules such as "test:" or "check test: build", but no assignment "test := x".
  void detect_make() {
    for (const char* name : {"GNUmakefile", "makefile", "Makefile"}) {
      if (!has(name)) continue;
      const std::string rules = text(name);
      for (const char* target : {"test", "check"}) {
        if (!has_target(rules, target)) continue;
        add("", std::string("make ") + target);
        return;
      }
    }
  }

  static bool has_target(const std::string& rules, std::string_view target) {
    for (const std::string_view line : split_lines(rules)) {
      const auto colon = line.find(':');
      if (colon == std::string_view::npos || line.substr(colon, 2) == ":=") continue;
      if (line.substr(colon, 3) == "::=" || line.find('=') < colon || line.front() == '\t' ||
          line.front() == '#')
        continue;
      for (const std::string_view word : split(line.substr(0, colon), ' '))
        if (word == target) return true;
    }
    return false;
  }

  const ProjectListing& listing_;
  std::set<std::string> names_;
  ProjectKind kind_;
};

}  // namespace

const std::vector<std::string>& detection_files() {
  static const std::vector<std::string> files = {
      "package.json",     "composer.json", "pyproject.toml", "setup.cfg",
      "requirements.txt", "tox.ini",       "meson.build",    "CMakeLists.txt",
      "GNUmakefile",      "makefile",      "Makefile"};
  return files;
}

ProjectKind detect_project(const ProjectListing& listing) {
  return Detector(listing).detect();
}

}  // namespace konductor::cli
