// SPDX-License-Identifier: MIT
#include "driver/attempt_findings.hpp"

#include <catch2/catch.hpp>

#include "support/memory_file_store.hpp"

using namespace konductor;
using konductor::driver::AttemptFindings;
using konductor::driver::AttemptPaths;
using konductor::driver::read_findings;
using konductor::driver::write_findings;
using konductor::ports::ChangeKind;
using konductor::ports::FileChange;
using konductor::test::MemoryFileStore;

namespace {

using Lines = std::vector<std::string>;

struct Fixture {
  MemoryFileStore files;
  Redactor redactor{{{"A_KEY", "q1w2e3r4t5"}}};
  AttemptPaths paths;

  Fixture() { paths.directory = "/runs/r/001-task-1-executor-1"; }

  void write(const AttemptFindings& findings) {
    REQUIRE(write_findings(files, redactor, paths, findings).has_value());
  }
  [[nodiscard]] AttemptFindings read() const { return read_findings(files, paths); }
};

}  // namespace

TEST_CASE("findings of an attempt survive their engine and a loss of power") {
  Fixture it;
  AttemptFindings findings;
  findings.cause = "escaped_workspace";
  findings.detail = "it made links";
  findings.kept = "refs/konductor/r/001-task-1-executor-1";
  findings.changes = {{ChangeKind::added, "new.txt"}, {ChangeKind::modified, "old.txt"}};
  findings.violations = {"moved main"};
  findings.notes = {"somebody moved main"};
  it.write(findings);
  it.files.drop_unsynced();
  const AttemptFindings read = it.read();
  CHECK(read.cause == "escaped_workspace");
  CHECK(read.detail == "it made links");
  CHECK(read.kept == findings.kept);
  CHECK(read.changes == findings.changes);
  CHECK(read.violations == findings.violations);
  CHECK(read.notes == findings.notes);
}

TEST_CASE("where nothing was found nothing is written") {
  Fixture it;
  it.write({});
  CHECK(it.files.writes() == 0);
  CHECK(it.read().is_empty());
}

TEST_CASE("findings hold no secret") {
  Fixture it;
  AttemptFindings findings;
  findings.violations = {"made \"q1w2e3r4t5\""};
  it.write(findings);
  CHECK(it.read().violations == Lines{"made \"[redacted:A_KEY]\""});
}

TEST_CASE("findings that somebody damaged or made up name nothing but what was kept") {
  Fixture it;
  const auto read = [&](std::string_view text) {
    REQUIRE(it.files.write(it.paths.directory / "found.json", text).has_value());
    return it.read();
  };
  CHECK(read("").is_empty());
  CHECK(read("[1]").is_empty());
  CHECK(read(R"({"cause": 1, "added": "x", "violations": [2], "kept": null})").is_empty());
  CHECK(read(R"({"kept": "refs/heads/main"})").kept.empty());
  // The agent may write there: it is not to choose how it ended.
  for (const char* cause : {"done", "quota", "interrupted"})
    CHECK(read(R"({"cause": ")" + std::string(cause) + R"(", "detail": "x"})").is_empty());
}
