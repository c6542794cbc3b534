// SPDX-License-Identifier: MIT
#include "plan/verify_commands.hpp"

#include <catch2/catch.hpp>

using namespace konductor::plan;

namespace {

using Kind = VerifyStep::Kind;
using Expect = VerifyStep::Expect;
using Steps = std::vector<VerifyStep>;

VerifyStep command(const std::string& text, Expect expect = Expect::success, int code = 0) {
  return {Kind::command, text, expect, code};
}

VerifyStep fails(const std::string& text) {
  return command(text, Expect::failure);
}

VerifyStep exits(const std::string& text, int code) {
  return command(text, Expect::exit_code, code);
}

VerifyStep file(const std::string& path) {
  return {Kind::file_exists, path, Expect::success, 0};
}

VerifyStep script(const std::string& text) {
  return {Kind::script, text, Expect::success, 0};
}

}  // namespace

// Catch2 prints a failed comparison of steps with this.
namespace Catch {
template <>
struct StringMaker<VerifyStep> {
  static std::string convert(const VerifyStep& step) {
    return std::to_string(static_cast<int>(step.kind)) + " \"" + step.text + "\" " +
           std::to_string(static_cast<int>(step.expect)) + " " + std::to_string(step.exit_code);
  }
};
}  // namespace Catch

TEST_CASE("the clauses of a verify field are its commands") {
  const std::vector<std::pair<std::string, Steps>> cases = {
      {"`cargo check` passes, `cargo test` passes",
       {command("cargo check"), command("cargo test")}},
      {"Workflow YAML is valid", {}},
      {"", {}},
      {"`make` passes; `make lint` passes and `ctest` passes then `./run` works",
       {command("make"), command("make lint"), command("ctest"), command("./run")}},
      {"`make` && `ctest`", {command("make"), command("ctest")}},
      {"`make`, and then run `ctest`", {command("make"), command("ctest")}},
      {"Run `make test`", {command("make test")}},
      {"run: `make test`", {command("make test")}},
      {"Run the tests with `make test`", {}},
      {"Output of `make test` is empty", {}},
      {"After migration, `make test` passes", {command("make test")}},
      {"`make` prints `ok, and done; then &&`", {command("make")}},
      {"`a && b; c, d and e` passes", {command("a && b; c, d and e")}},
      {"``echo `date` `` works", {command("echo `date`")}},
      {"- `make` passes\n- `ctest` passes\n", {command("make"), command("ctest")}},
      {"1. `make`\n2. then `ctest`\n   - `nested` too",
       {command("make"), command("ctest"), command("nested")}},
      {"- [ ] `make` passes\n- [x] `ctest`", {command("make"), command("ctest")}},
      {"`make`\n\n`ctest`", {command("make"), command("ctest")}},
      {"**`make`** passes", {command("make")}},
      {"(`make` passes)", {command("make")}},
      {"`$ make test` passes", {command("make test")}},
      {"Understand `make`, android `x`", {}},
      {"`grep '^version' Cargo.toml` shows 0.2.1, matches `cat version.txt`",
       {command("grep '^version' Cargo.toml")}},
      {"テスト `make` を実行", {}},
      {"` `", {}},
  };
  for (const auto& [text, steps] : cases) {
    INFO(text);
    CHECK(parse_verify(text, {}) == steps);
  }
}

TEST_CASE("a clause says whether its command must fail") {
  const std::vector<std::pair<std::string, Steps>> cases = {
      {"`cargo test mcp::` — tests exist and fail", {fails("cargo test mcp::")}},
      {"`cargo test mcp::` — tests exist and fail (the parser only returns wave/title)",
       {fails("cargo test mcp::")}},
      {"`cargo test config::` — tests exist", {command("cargo test config::")}},
      {"`make test` fails", {fails("make test")}},
      {"`make test` Fails.", {fails("make test")}},
      {"`make test` —fails", {fails("make test")}},
      {"`make test` must fail, `make` passes", {fails("make test"), command("make")}},
      {"`make` passes, `make test` fails", {command("make"), fails("make test")}},
      {"`make test` compiles, and then the new tests fail", {fails("make test")}},
      {"`make test` compiles, but fails", {fails("make test")}},
      {"`make test` does not fail", {command("make test")}},
      {"`make test` never fails", {command("make test")}},
      {"`make test` — no tests fail", {command("make test")}},
      {"`make test` does not pass", {fails("make test")}},
      {"`./calc` with no arguments fails", {fails("./calc")}},
      {"`./calc 1 /` fails with a message", {fails("./calc 1 /")}},
      {"`make` prints a hint if a test fails", {command("make")}},
      {"`make` passes, error responses fail gracefully", {command("make")}},
      {"`make` prints what is wrong and bad input fails with a message", {command("make")}},
      {"`make` passes with `fail` in its output", {command("make")}},
      {"`make` passes, failing tests are listed", {command("make")}},
      {"- `make` passes\n- Bad input fails\n", {command("make")}},
      {"`make check`, it fails", {fails("make check")}},
      {"`make a`, `make b` — both fail", {command("make a"), fails("make b")}},
  };
  for (const auto& [text, steps] : cases) {
    INFO(text);
    CHECK(parse_verify(text, {}) == steps);
  }
}

TEST_CASE("a clause says with which code its command exits") {
  const std::vector<std::pair<std::string, Steps>> cases = {
      {"`run-it now` exits 2", {exits("run-it now", 2)}},
      {"`bash install.sh --help` prints usage and exits 0", {command("bash install.sh --help")}},
      {"`x y` prints usage and exits 64", {exits("x y", 64)}},
      {"`x y` exits with code 3.", {exits("x y", 3)}},
      {"`x y` must exit with status `3`", {exits("x y", 3)}},
      {"`x y` fails with exit code 3", {exits("x y", 3)}},
      {"`x y` fails, exits 3", {exits("x y", 3)}},
      {"`x y` exits non-zero", {fails("x y")}},
      {"`x y` exits with a nonzero status", {fails("x y")}},
      {"`x y` does not exit 0", {fails("x y")}},
      {"`x y` exits 0, `z w` exits 1", {command("x y"), exits("z w", 1)}},
      {"`x y` exits cleanly", {command("x y")}},
      {"`x y` exits 999", {command("x y")}},
      {"`x y` has 2 exits 7 doors wide", {exits("x y", 7)}},
  };
  for (const auto& [text, steps] : cases) {
    INFO(text);
    CHECK(parse_verify(text, {}) == steps);
  }
}

TEST_CASE("a span that names a file asks for the file") {
  const auto lookup = [](std::string_view path) {
    if (path == "docs/a.md") return FileKind::plain;
    if (path == "tests/run.sh") return FileKind::executable;
    return FileKind::missing;
  };
  const std::vector<std::string> declared = {"mkdocs.yml", "tests/run.sh"};
  const auto steps = [&](const std::string& text) { return parse_verify(text, declared, lookup); };
  CHECK(steps("`mkdocs.yml` nav includes new pages") == Steps{file("mkdocs.yml")});
  CHECK(steps("`docs/a.md` exists, `make` passes") == Steps{file("docs/a.md"), command("make")});
  CHECK(steps("`other.yml` nav includes new pages") == Steps{command("other.yml")});
  CHECK(steps("`tests/run.sh` passes") == Steps{command("tests/run.sh")});
  CHECK(steps("`cat docs/a.md` works") == Steps{command("cat docs/a.md")});
  CHECK(parse_verify("`tests/run.sh` is there", declared) == Steps{file("tests/run.sh")});
  CHECK(steps("`make` prints a table, `mkdocs.yml` fails") ==
        Steps{command("make"), file("mkdocs.yml")});
}

TEST_CASE("a fence marked sh is a script, other fences are text") {
  CHECK(parse_verify("```sh\nmake\nctest && x\n```\n", {}) == Steps{script("make\nctest && x\n")});
  CHECK(parse_verify("`make` passes:\n\n~~~ sh title\nx\n~~~\n\n`y z`", {}) ==
        Steps{command("make"), script("x\n"), command("y z")});
  CHECK(parse_verify("- Run it:\n  ```sh\n  make\n  ```\n", {}) == Steps{script("make\n")});
  CHECK(parse_verify("```\nmake\n```\n```text\n`x y`\n```\n    `indented x`\n", {}) == Steps{});
  CHECK(parse_verify("```sh\n\n```\n", {}) == Steps{});
}

TEST_CASE("malformed Markdown gives steps or none, never a crash") {
  for (const char* text : {"`", "``", "`make", "```sh\nmake", "- `a b", "**`a b`", ",;,and,then&&",
                           "run", "run run `x y`", "> `a b` fails"}) {
    INFO(text);
    CHECK(parse_verify(text, {}).size() <= 1);
  }
}
