// SPDX-License-Identifier: MIT
#include "replay/cassette.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <vector>

#include "scratch.hpp"

namespace fs = std::filesystem;
using konductor::ErrorCode;
using konductor::RoleName;
using konductor::replay::read_take;
using konductor::replay::Take;
using konductor::replay::take_path;
using konductor::replay::TakeAddress;
using konductor::replay::TakeFile;
using konductor::replay::write_take;
using konductor::replay::test::Scratch;

namespace {

const TakeAddress kFirst{RoleName::executor, 1, 1, 1};
const std::string kPlace = "c/executor/001-task-1/1/";

ErrorCode code_of_reading(const Scratch& scratch) {
  const auto take = read_take(scratch / "c", kFirst);
  REQUIRE_FALSE(take.has_value());
  INFO(take.error().message);
  CHECK_FALSE(take.error().message.empty());
  return take.error().code;
}

}  // namespace

TEST_CASE("a take lies under its role, its task and its number") {
  CHECK(take_path({RoleName::executor, 2, 1, 3}) == "executor/002-task-1/3");
  CHECK(take_path({RoleName::spec_reviewer, 12, 10, 1}) == "spec-reviewer/012-task-10/1");
  CHECK(take_path({RoleName::executor, 1000, 1, 1}) == "executor/1000-task-1/1");
  CHECK(take_path({RoleName::code_reviewer, 0, 0, 2}) == "code-reviewer/holistic/2");
  CHECK(take_path({RoleName::executor, 4, 0, 1}) == "executor/004-merge/1");
}

TEST_CASE("a take that was written is read back whole") {
  const Scratch scratch;
  const Take take{
      {TakeFile{"bin/run", "#!/bin/sh\n", 0755},
       TakeFile{"src/a b.txt", std::string("x\0y", 3), 0644}, TakeFile{"src/empty", "", 0600}},
      {"old.txt", "src/gone.txt"},
      "## Status: DONE\n",
      "said\n",
      3};
  REQUIRE(write_take(scratch / "c", kFirst, take).has_value());
  const auto read = read_take(scratch / "c", kFirst);
  INFO((read.has_value() ? "" : read.error().message));
  REQUIRE(read.has_value());
  CHECK(*read == take);
}

TEST_CASE("a take may be empty") {
  const Scratch scratch;
  REQUIRE(write_take(scratch / "c", kFirst, Take{}).has_value());
  const auto read = read_take(scratch / "c", kFirst);
  REQUIRE(read.has_value());
  CHECK(*read == Take{});
}

TEST_CASE("an empty document is not the same as none") {
  const Scratch scratch;
  scratch.put(kPlace + "document.md", "");
  const auto read = read_take(scratch / "c", kFirst);
  REQUIRE(read.has_value());
  CHECK(read->document == std::string());
}

TEST_CASE("writing a take again leaves nothing of the first one") {
  const Scratch scratch;
  const Take first{{TakeFile{"a", "1", 0644}}, {"b"}, "document", "out", 1};
  const Take second{{TakeFile{"c", "2", 0644}}, {}, std::nullopt, "", 0};
  REQUIRE(write_take(scratch / "c", kFirst, first).has_value());
  REQUIRE(write_take(scratch / "c", kFirst, second).has_value());
  const auto read = read_take(scratch / "c", kFirst);
  REQUIRE(read.has_value());
  CHECK(*read == second);
  std::vector<fs::path> names;
  for (const auto& entry : fs::directory_iterator(scratch / "c/executor/001-task-1"))
    names.push_back(entry.path().filename());
  CHECK(names == std::vector<fs::path>{"1"});
}

TEST_CASE("what a killed writer left is no take and is replaced") {
  const Scratch scratch;
  scratch.put("c/executor/001-task-1/.1.part/files/half", "half");
  CHECK(code_of_reading(scratch) == ErrorCode::not_found);
  REQUIRE(write_take(scratch / "c", kFirst, Take{}).has_value());
  const auto read = read_take(scratch / "c", kFirst);
  REQUIRE(read.has_value());
  CHECK(read->files.empty());
}

TEST_CASE("a missing take is named by the directory that was looked for") {
  const Scratch scratch;
  scratch.put("c/executor/001-task-1/2/document.md", "");
  const auto take = read_take(scratch / "c", kFirst);
  REQUIRE_FALSE(take.has_value());
  CHECK(take.error().code == ErrorCode::not_found);
  CHECK_THAT(take.error().message, Catch::Contains((scratch / "c/executor/001-task-1/1").string()));

  const auto nothing = read_take(scratch / "nowhere", kFirst);
  REQUIRE_FALSE(nothing.has_value());
  CHECK(nothing.error().code == ErrorCode::not_found);
  CHECK_THAT(nothing.error().message, Catch::Contains("nowhere/executor/001-task-1/1"));
}

TEST_CASE("links in a cassette are refused") {
  const Scratch scratch;
  scratch.put("outside/file", "secret");
  scratch.put(kPlace + "document.md", "");
  const fs::path place = scratch / kPlace;

  SECTION("as a file") {
    fs::create_directories(place / "files");
    fs::create_symlink(scratch / "outside/file", place / "files/link");
  }
  SECTION("as a folder of files") {
    fs::create_directories(place / "files");
    fs::create_symlink(scratch / "outside", place / "files/link");
  }
  SECTION("as the folder of all files") {
    fs::create_symlink(scratch / "outside", place / "files");
  }
  SECTION("as the document") {
    fs::remove(place / "document.md");
    fs::create_symlink(scratch / "outside/file", place / "document.md");
  }
  SECTION("as the list of deleted files") {
    fs::create_symlink(scratch / "outside/file", place / "deleted");
  }
  SECTION("as the take") {
    fs::rename(scratch / "c/executor/001-task-1/1", scratch / "moved");
    fs::create_symlink(scratch / "moved", scratch / "c/executor/001-task-1/1");
  }
  SECTION("as the role") {
    fs::rename(scratch / "c/executor", scratch / "moved");
    fs::create_symlink(scratch / "moved", scratch / "c/executor");
  }
  CHECK(code_of_reading(scratch) == ErrorCode::invalid_input);
}

TEST_CASE("a device or a pipe in a cassette is refused and not waited for") {
  const Scratch scratch;
  scratch.put(kPlace + "files/a", "");
  REQUIRE(::mkfifo((scratch / (kPlace + "files/pipe")).c_str(), 0600) == 0);
  CHECK(code_of_reading(scratch) == ErrorCode::invalid_input);
}

TEST_CASE("paths to delete stay inside the workspace") {
  const Scratch scratch;
  const auto text =
      GENERATE(as<std::string>(), "../up\n", "/etc/passwd\n", "a/../../b\n", "a//b\n", "./a\n",
               "a/\n", ".git/config\n", "sub/.git/HEAD\n", ".konductor/state.toml\n", "fine\n..\n");
  INFO(text);
  scratch.put(kPlace + "deleted", text);
  CHECK(code_of_reading(scratch) == ErrorCode::invalid_input);
}

TEST_CASE("deleted paths are read a line each, blank lines and CRLF allowed") {
  const Scratch scratch;
  scratch.put(kPlace + "deleted", "a\r\n\nb c/..d\n");
  const auto take = read_take(scratch / "c", kFirst);
  REQUIRE(take.has_value());
  CHECK(take->deleted == std::vector<std::string>{"a", "b c/..d"});
}

TEST_CASE("files of git and of konductor are refused") {
  const Scratch scratch;
  const auto name =
      GENERATE(as<std::string>(), ".git/hooks/pre-commit", "a/.git", ".konductor/state.toml");
  INFO(name);
  scratch.put(kPlace + "files/" + name, "");
  CHECK(code_of_reading(scratch) == ErrorCode::invalid_input);
}

TEST_CASE("an exit file holds one number from 0 to 255") {
  const Scratch scratch;
  const auto bad = GENERATE(as<std::string>(), "", "-1", "256", "1 2", "one", "99999999999", "0x1");
  INFO(bad);
  scratch.put(kPlace + "exit", bad);
  CHECK(code_of_reading(scratch) == ErrorCode::invalid_input);
  scratch.put(kPlace + "exit", " 255\n");
  const auto take = read_take(scratch / "c", kFirst);
  REQUIRE(take.has_value());
  CHECK(take->exit_code == 255);
}

TEST_CASE("a take that could not be read again is not written") {
  const Scratch scratch;
  Take take;
  SECTION("a file above the workspace") {
    take.files = {TakeFile{"../a", "", 0644}};
  }
  SECTION("an absolute file") {
    take.files = {TakeFile{"/a", "", 0644}};
  }
  SECTION("a deleted path with a line break") {
    take.deleted = {"a\nb"};
  }
  SECTION("an exit code out of range") {
    take.exit_code = 300;
  }
  const auto written = write_take(scratch / "c", kFirst, take);
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == ErrorCode::invalid_input);
  CHECK_FALSE(scratch.exists("c"));
}
