// SPDX-License-Identifier: MIT
// The built konductor-replay as a process: arguments, environment and current directory arrive.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "unit/replay/scratch.hpp"

namespace fs = std::filesystem;
using konductor::replay::test::Scratch;

namespace {

const std::string kProgram = std::string(KONDUCTOR_BINARY_DIR) + "/konductor-replay";

// Runs a shell line in the scratch directory; stdout and stderr go to files there.
int shell(const Scratch& scratch, const std::string& line) {
  const std::string command =
      "cd '" + (scratch / ".").string() + "' && { " + line + "; } >out 2>err </dev/null";
  const int status = std::system(command.c_str());
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("konductor-replay plays into its current directory") {
  const Scratch scratch;
  scratch.put("c/executor/001-task-2/3/files/src/tool", "#!/bin/sh\nexit 5\n", 0755);
  scratch.put("c/executor/001-task-2/3/document.md", "## Status: DONE\n");
  scratch.put("c/executor/001-task-2/3/stdout.log", "done\n");
  fs::create_directories(scratch / "work/out");
  const int status = shell(scratch,
                           "cd work && KONDUCTOR_ROLE=executor KONDUCTOR_PLAN=1 KONDUCTOR_TASK=2 "
                           "KONDUCTOR_OUTPUT=out/summary.md '" +
                               kProgram + "' --cassette ../c --take 3");
  INFO(scratch.get("err"));
  CHECK(status == 0);
  CHECK(scratch.get("out") == "done\n");
  CHECK(scratch.get("work/out/summary.md") == "## Status: DONE\n");
  CHECK(shell(scratch, "work/src/tool") == 5);
}

TEST_CASE("konductor-replay ends with 64 when the take is missing") {
  const Scratch scratch;
  fs::create_directories(scratch / "c");
  const int status = shell(scratch,
                           "KONDUCTOR_ROLE=code-reviewer KONDUCTOR_REASON=holistic "
                           "KONDUCTOR_OUTPUT=review.md '" +
                               kProgram + "' --cassette c --take 1");
  CHECK(status == 64);
  CHECK_THAT(scratch.get("err"), Catch::Contains("c/code-reviewer/holistic/1"));
  CHECK_FALSE(scratch.exists("review.md"));
}
