// SPDX-License-Identifier: MIT
#include "cli/project_detection.hpp"

#include <catch2/catch.hpp>

using namespace konductor::cli;  // NOLINT

namespace {

using Lines = std::vector<std::string>;

ProjectKind detect(Lines names, std::map<std::string, std::string> texts = {}) {
  for (const auto& [name, text] : texts)
    names.push_back(name);
  return detect_project({std::move(names), std::move(texts)});
}

}  // namespace

TEST_CASE("one build file settles language and tests") {
  const auto [file, language, command] = GENERATE(table<std::string, std::string, std::string>({
      {"Cargo.toml", "Rust", "cargo test"},
      {"go.mod", "Go", "go test ./..."},
      {"mix.exs", "Elixir", "mix test"},
      {"pom.xml", "Java", "mvn test"},
      {"build.gradle", "Java", "gradle test"},
      {"build.gradle.kts", "Java", "gradle test"},
      {"calculator.sln", "C#", "dotnet test"},
      {"pytest.ini", "Python", "pytest"},
  }));
  CAPTURE(file);
  const ProjectKind kind = detect({file});
  CHECK(kind.languages == Lines{language});
  CHECK(kind.test_commands == Lines{command});
}

TEST_CASE("wrappers in the project come before programs of the machine") {
  CHECK(detect({"pom.xml", "mvnw"}).test_commands == Lines{"./mvnw test"});
  CHECK(detect({"build.gradle", "gradlew"}).test_commands == Lines{"./gradlew test"});
}

TEST_CASE("an empty folder tells nothing") {
  CHECK(detect({}) == ProjectKind{});
  CHECK(detect({"README.md", "docs/"}) == ProjectKind{});
}

TEST_CASE("a package's test script counts, the one that says there is none does not") {
  const std::string with_tests = R"({"scripts": {"test": "vitest run"}})";
  CHECK(detect({}, {{"package.json", with_tests}}).test_commands == Lines{"npm test"});
  CHECK(detect({"pnpm-lock.yaml"}, {{"package.json", with_tests}}).test_commands ==
        Lines{"pnpm test"});
  CHECK(detect({"yarn.lock"}, {{"package.json", with_tests}}).test_commands == Lines{"yarn test"});
  const std::string without =
      R"({"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}})";
  CHECK(detect({}, {{"package.json", without}}).test_commands.empty());
  CHECK(detect({}, {{"package.json", "{}"}}).languages == Lines{"JavaScript"});
}

TEST_CASE("a manifest that does not parse only tells that it is there") {
  for (const char* text :
       {"", "{", "[]", "null", R"({"scripts": 1})", R"({"scripts": []})", "\xFF\xFE"}) {
    CAPTURE(text);
    const ProjectKind kind = detect({}, {{"package.json", text}});
    CHECK(kind.languages == Lines{"JavaScript"});
    CHECK(kind.test_commands.empty());
  }
}

TEST_CASE("a lock file says how a fresh tree is prepared") {
  CHECK(detect({"package.json", "package-lock.json"}).setup_commands == Lines{"npm ci"});
  CHECK(detect({"package.json", "tsconfig.json"}).languages == Lines{"TypeScript"});
  CHECK(detect({"package.json"}).setup_commands.empty());
}

TEST_CASE("python's runner is found by what is configured") {
  CHECK(detect({}, {{"pyproject.toml", "[tool.pytest.ini_options]\n"}}).test_commands ==
        Lines{"pytest"});
  CHECK(detect({"uv.lock"}, {{"pyproject.toml", "dev = [\"pytest\"]"}}).test_commands ==
        Lines{"uv run pytest"});
  CHECK(detect({"setup.py", "tests/"}).test_commands == Lines{"python3 -m unittest"});
  CHECK(detect({"setup.py"}).test_commands.empty());
}

TEST_CASE("cmake is built before it is tested") {
  const ProjectKind kind = detect({}, {{"CMakeLists.txt", "project(x LANGUAGES CXX)\n"}});
  CHECK(kind.languages == Lines{"C++"});
  REQUIRE(kind.test_commands.size() == 1);
  CHECK_THAT(kind.test_commands[0], Catch::Contains("cmake --build build && ctest"));
  CHECK(detect({}, {{"CMakeLists.txt", "project(x LANGUAGES C)\n"}}).languages == Lines{"C"});
}

TEST_CASE("a makefile counts when it has a rule for tests") {
  CHECK(detect({}, {{"Makefile", "all: a\n\ntest: all\n\t./run\n"}}).test_commands ==
        Lines{"make test"});
  CHECK(detect({}, {{"Makefile", ".PHONY: check\ncheck test2: all\n"}}).test_commands ==
        Lines{"make check"});
  for (const char* rules : {"", "all:\n\ttest: x\n", "test := 1\n", "test ::= 1\n", "# test: x\n",
                            "tests: x\n", "test = a:b\n"}) {
    CAPTURE(rules);
    CHECK(detect({}, {{"Makefile", rules}}).test_commands.empty());
  }
}

TEST_CASE("a project of several languages names them all once") {
  const ProjectKind kind =
      detect({"Cargo.toml", "package.json", "tsconfig.json"}, {{"Makefile", "test:\n"}});
  CHECK(kind.languages == Lines{"Rust", "TypeScript"});
  CHECK(kind.test_commands == Lines{"cargo test", "make test"});
}
