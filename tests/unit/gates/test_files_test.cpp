// SPDX-License-Identifier: MIT
#include "gates/test_files.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace konductor::gates;

TEST_CASE("files of tests are told by their path") {
  const std::string path = GENERATE(
      as<std::string>{}, "tests/parser_test.cpp", "test/parser.c", "src/__tests__/App.jsx",
      "src/app.test.ts", "src/app.spec.tsx", "app-test.js", "pkg/server_test.go",
      "tests/test_api.py", "test_api.py", "api_test.py", "conftest.py",
      "src/test/java/org/FooTest.java", "FooTests.java", "FooTestCase.java", "TestFoo.java",
      "FooIT.java", "src/FooTest.kt", "FooSpec.scala", "My.App.Tests/FooTests.cs",
      "My.App.Tests/Helper.cs", "FooTests.swift", "AppTests/Helper.swift", "spec/user_spec.rb",
      "spec/spec_helper.rb", "test/user_test.rb", "test/user_test.exs", "t/basic.t",
      "test/run.bats", "features/login.feature", "tests/data/one.json", "crates/a/tests/it.rs",
      "cypress/login.cy.ts", "base_unittest.cc", "deep/er/x-spec.js",
      "internal/testdata/golden.txt", "src/__snapshots__/App.test.js.snap", "LoginTest.php",
      "test/Main_test.hs", "test-widget.js", "parser_tests.erl");
  CAPTURE(path);
  CHECK(is_test_file(path));
}

TEST_CASE("what only looks like a file of tests is none") {
  const std::string path = GENERATE(
      as<std::string>{}, "", "src/main.cpp", "src/contest.py", "latest.go", "src/attestation.rs",
      "testing.md", "tests/README.md", "docs/test_plan.md", "jest.config.js", "docs/specs/api.yaml",
      "docker-compose.test.yml", "src/Latest.java", "LATEST.java", "src/greatest.js",
      "tests/.gitkeep", "src/protest/sign.cpp", "Test.md", "src/inspector.rb", "spec.md",
      "src/tester.py", "src/specials/x.cpp", "src/attest.cs", "README");
  CAPTURE(path);
  CHECK_FALSE(is_test_file(path));
}

TEST_CASE("Rust keeps tests beside the code") {
  CHECK(holds_tests("src/lib.rs", "fn a() {}\n#[cfg(test)]\nmod tests {}\n"));
  CHECK_FALSE(holds_tests("src/lib.rs", "fn a() {}\n"));
  CHECK_FALSE(holds_tests("src/lib.py", "#[cfg(test)]\n"));
}
