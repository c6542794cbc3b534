// SPDX-License-Identifier: MIT
#include "cli/ci_markers.hpp"

#include <catch2/catch.hpp>

using namespace konductor::cli;

TEST_CASE("the environment says whose log it is") {
  CHECK(ci_system({"GITHUB_ACTIONS=true"}) == CiSystem::github);
  CHECK(ci_system({"GITLAB_CI=true"}) == CiSystem::gitlab);
  CHECK(ci_system({"GITHUB_ACTIONS=false", "CI=true"}) == CiSystem::none);
  CHECK(is_ci_environment({"CI=true"}));
  CHECK(is_ci_environment({"CI=1"}));
  CHECK_FALSE(is_ci_environment({"CI=false"}));
  CHECK_FALSE(is_ci_environment({"CI=0"}));
  CHECK_FALSE(is_ci_environment({"CI="}));
  CHECK_FALSE(is_ci_environment({}));
}

TEST_CASE("annotations are escaped as workflow commands demand") {
  const AnnotationPlace place{"src/a,b:c.cpp", 12, 3};
  CHECK(annotation_text(CiSystem::github, AnnotationLevel::error, place, "01/001/1: failed",
                        "100 % wrong\r\nsecond line: a, b") ==
        "::error file=src/a%2Cb%3Ac.cpp,line=12,col=3,title=01/001/1%3A failed"
        "::100 %25 wrong%0D%0Asecond line: a, b\n");
  CHECK(annotation_text(CiSystem::github, AnnotationLevel::warning, {"a.cpp", 0, 0}, "", "text") ==
        "::warning file=a.cpp::text\n");
  CHECK(annotation_text(CiSystem::github, AnnotationLevel::error, {}, "", "text") ==
        "::error::text\n");
  CHECK(annotation_text(CiSystem::gitlab, AnnotationLevel::error, place, "", "text").empty());
  CHECK(annotation_text(CiSystem::none, AnnotationLevel::error, place, "", "text").empty());
}

TEST_CASE("groups are what the log's system can fold") {
  const LogGroup group{"konductor_01_001_1_1",
                       "01/001/1 done\nand more",
                       1700000000,
                       1700000042,
                       {"one", "  - two"},
                       true};
  CHECK(group_text(CiSystem::github, group) ==
        "::group::01/001/1 done%0Aand more\none\n  - two\n::endgroup::\n");
  LogGroup plain = group;
  plain.title = "01/001/1 done";
  CHECK(group_text(CiSystem::gitlab, plain) ==
        "\x1b[0Ksection_start:1700000000:konductor_01_001_1_1[collapsed=true]\r\x1b[0K"
        "01/001/1 done\none\n  - two\n"
        "\x1b[0Ksection_end:1700000042:konductor_01_001_1_1\r\x1b[0K\n");
  plain.is_folded = false;
  CHECK(group_text(CiSystem::gitlab, plain)
            .rfind("\x1b[0Ksection_start:1700000000:konductor_01_001_1_1\r\x1b[0K", 0) == 0);
  CHECK(group_text(CiSystem::none, plain) == "01/001/1 done\none\n  - two\n");
}

TEST_CASE("an agent's words are no commands") {
  CHECK(without_commands(CiSystem::github, "::error::gotcha") == "> ::error::gotcha");
  CHECK(without_commands(CiSystem::github, "  ::add-mask::x") == "  > ::add-mask::x");
  CHECK(without_commands(CiSystem::github, "says ##[error]gotcha ##[x") ==
        "says ## [error]gotcha ## [x");
  CHECK(without_commands(CiSystem::github, "std::string") == "std::string");
  CHECK(without_commands(CiSystem::gitlab, "::error::fine here") == "::error::fine here");
}
