// SPDX-License-Identifier: MIT
#include "gates/weakening.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace konductor::gates;
using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

namespace {

const std::string kThree =
    "def test_a():\n    assert a == 1\n    assert b == 2\n    assert c == 3\n";
const std::string kTwo = "def test_a():\n    assert a == 1\n    assert c == 3\n";
const std::string kSkipped = "@pytest.mark.skip\n" + kThree;

TestChange modified(std::string path, std::string before, std::string after) {
  return {std::move(path), std::move(before), std::move(after), false, false};
}
TestChange added(std::string path, std::string after) {
  return {std::move(path), std::nullopt, std::move(after), false, false};
}
TestChange deleted(std::string path, std::string before) {
  return {std::move(path), std::move(before), std::nullopt, false, false};
}
TestChange declared(TestChange change) {
  change.is_declared = true;
  return change;
}

}  // namespace

TEST_CASE("an assertion that is gone is a finding where the file is not declared") {
  const TestChange change = modified("tests/test_a.py", kThree, kTwo);
  const Texts findings = find_weakening({change}, false);
  REQUIRE(findings.size() == 1);
  CHECK_THAT(findings[0], Contains("\"tests/test_a.py\" lost 1 of its 3 assertions"));
  CHECK(find_weakening({declared(change)}, false).empty());
}

TEST_CASE("an assertion that became a comment is gone") {
  const std::string after =
      "def test_a():\n    assert a == 1\n    # assert b == 2\n    assert c == 3\n";
  CHECK(find_weakening({modified("test_a.py", kThree, after)}, false).size() == 1);
}

TEST_CASE("changes that take nothing away are no weakening") {
  const std::string after =
      GENERATE(as<std::string>{},
               "def test_a():\n    assert a == 9\n    assert b == 2\n"
               "    assert c == 3\n",
               "def test_b():\n    assert x\n\n" + kThree, "import sys\n" + kThree);
  CHECK(find_weakening({modified("test_a.py", kThree, after)}, false).empty());
}

TEST_CASE("what is no test may lose assertions") {
  CHECK(find_weakening({modified("src/a.py", kThree, kTwo)}, false).empty());
  CHECK(find_weakening({deleted("src/a.py", kThree)}, false).empty());
}

TEST_CASE("a deleted file of tests is a finding") {
  TestChange change = deleted("tests/test_a.py", kThree);
  CHECK_THAT(find_weakening({change}, false).at(0), Contains("does not declare it"));
  change.is_declared = true;
  CHECK_THAT(find_weakening({change}, false).at(0), Contains("Files Deleted"));
  change.is_deletion_listed = true;
  CHECK(find_weakening({change}, false).empty());
  change.is_declared = false;
  CHECK(find_weakening({change}, false).size() == 1);
}

TEST_CASE("a file of tests that was moved is not gone") {
  const TestChange old = deleted("tests/test_a.py", kThree);
  SECTION("as it is") {
    CHECK(find_weakening({old, added("tests/unit/test_a.py", kThree)}, false).empty());
  }
  SECTION("and extended") {
    CHECK(
        find_weakening({old, added("tests/test_b.py", kThree + "    assert d\n")}, false).empty());
  }
  SECTION("and weakened") {
    const Texts findings = find_weakening({old, added("tests/test_b.py", kTwo)}, false);
    REQUIRE(findings.size() == 1);
    CHECK_THAT(findings[0], Contains("\"tests/test_b.py\" lost 1 of its 3 assertions"));
  }
  SECTION("out of the tests") {
    CHECK(find_weakening({old, added("attic/a.py", kThree)}, false).size() == 1);
  }
  SECTION("without assertions") {
    const std::string text = "#!/bin/sh\nset -e\n./run one\n./run two\n";
    CHECK(find_weakening({deleted("tests/a.sh", text), added("tests/b.sh", text)}, false).empty());
    CHECK(find_weakening({deleted("tests/a.sh", text)}, false).size() == 1);
  }
}

TEST_CASE("assertions may go to another file of tests") {
  const TestChange from = modified("tests/test_a.py", kThree, kTwo);
  CHECK(
      find_weakening({from, added("tests/test_b.py", "def test_b():\n    assert b == 2\n")}, false)
          .empty());
  CHECK(find_weakening({from, added("src/b.py", "assert b == 2\n")}, false).size() == 1);
  // One that is there once stands in for one.
  const TestChange other = modified("tests/test_c.py", kThree, kTwo);
  CHECK(find_weakening({from, other, added("tests/test_b.py", "    assert b == 2\n")}, false)
            .size() == 1);
}

TEST_CASE("a new skip is a finding even where the file is declared") {
  const TestChange change = modified("tests/test_a.py", kThree, kSkipped);
  CHECK_THAT(find_weakening({change}, false).at(0), Contains("tests/test_a.py:1: "));
  CHECK_THAT(find_weakening({declared(change)}, false).at(0), Contains("pytest.mark.skip"));
  CHECK(find_weakening({declared(change)}, true).empty());
  CHECK(find_weakening({change}, true).size() == 1);
}

TEST_CASE("an old skip is no finding") {
  CHECK(find_weakening({modified("test_a.py", kSkipped, kSkipped + "    assert d\n")}, false)
            .empty());
  CHECK(find_weakening({modified("test_a.py", kSkipped, kThree)}, false).empty());
  CHECK(find_weakening({deleted("tests/test_a.py", kSkipped), added("tests/test_b.py", kSkipped)},
                       false)
            .empty());
}

TEST_CASE("a new test may skip itself on a condition only") {
  const std::string conditional =
      "def test_a():\n    if not git():\n        pytest.skip('no git')\n    assert a\n";
  CHECK(find_weakening({added("test_a.py", conditional)}, false).empty());
  CHECK(find_weakening({added("test_a.py", kSkipped)}, false).size() == 1);
  CHECK(find_weakening({modified("test_a.py", kThree, kThree + conditional)}, false).size() == 1);
}

TEST_CASE("a task speaks of skipping in plain words") {
  CHECK(speaks_of_skipping("Skip the slow tests on CI"));
  CHECK(speaks_of_skipping("mark it `#[ignore]`"));
  CHECK(speaks_of_skipping("disable the flaky one"));
  CHECK_FALSE(speaks_of_skipping("Add a parser; ignore blanks"));
}
