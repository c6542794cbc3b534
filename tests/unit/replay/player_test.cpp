// SPDX-License-Identifier: MIT
#include "replay/player.hpp"

#include <catch2/catch.hpp>

#include "replay/files.hpp"
#include "scratch.hpp"

namespace fs = std::filesystem;
using konductor::ErrorCode;
using konductor::replay::check_inside_path;
using konductor::replay::play_files;
using konductor::replay::Take;
using konductor::replay::TakeFile;
using konductor::replay::test::Scratch;

namespace {

Take files(std::vector<TakeFile> list) {
  Take take;
  take.files = std::move(list);
  return take;
}

}  // namespace

TEST_CASE("files are written with their folders and their modes") {
  const Scratch scratch;
  const Take take = files({{"deep/er/run.sh", "#!/bin/sh\n", 0755}, {"plain", "text", 0640}});
  REQUIRE(play_files(take, scratch / ".").has_value());
  CHECK(scratch.get("deep/er/run.sh") == "#!/bin/sh\n");
  CHECK(scratch.mode("deep/er/run.sh") == 0755);
  CHECK(scratch.mode("plain") == 0640);
}

TEST_CASE("a file that is there is replaced, mode and all") {
  const Scratch scratch;
  scratch.put("a", "long old text", 0755);
  REQUIRE(play_files(files({{"a", "new", 0644}}), scratch / ".").has_value());
  CHECK(scratch.get("a") == "new");
  CHECK(scratch.mode("a") == 0644);
}

TEST_CASE("files are removed, and one that is not there is no error") {
  const Scratch scratch;
  scratch.put("a/b", "");
  Take take;
  take.deleted = {"a/b", "a/missing", "nowhere/at/all"};
  REQUIRE(play_files(take, scratch / ".").has_value());
  CHECK_FALSE(scratch.exists("a/b"));
}

TEST_CASE("a file can give way to a folder of its name") {
  const Scratch scratch;
  scratch.put("a", "file");
  Take take = files({{"a/b", "inside", 0644}});
  take.deleted = {"a"};
  REQUIRE(play_files(take, scratch / ".").has_value());
  CHECK(scratch.get("a/b") == "inside");
}

TEST_CASE("playing the same take twice gives the same tree") {
  const Scratch scratch;
  scratch.put("old", "");
  Take take = files({{"a", "1", 0444}, {"b/c", "2", 0644}});
  take.deleted = {"old"};
  REQUIRE(play_files(take, scratch / ".").has_value());
  REQUIRE(play_files(take, scratch / ".").has_value());
  CHECK(scratch.get("a") == "1");
  CHECK(scratch.get("b/c") == "2");
}

TEST_CASE("a folder of the workspace that is a link is not followed") {
  const Scratch scratch;
  scratch.put("outside/victim", "untouched");
  fs::create_directories(scratch / "work");
  fs::create_directory_symlink(scratch / "outside", scratch / "work/link");
  Take take = files({{"first", "", 0644}, {"link/victim", "overwritten", 0644}});
  SECTION("to write") {}
  SECTION("to remove") {
    take.files.pop_back();
    take.deleted = {"link/victim"};
  }
  const auto played = play_files(take, scratch / "work");
  REQUIRE_FALSE(played.has_value());
  CHECK(played.error().code == ErrorCode::invalid_input);
  CHECK_THAT(played.error().message, Catch::Contains("link"));
  CHECK(scratch.get("outside/victim") == "untouched");
  CHECK_FALSE(scratch.exists("work/first"));
}

TEST_CASE("a link that stands where a file belongs is replaced, not written through") {
  const Scratch scratch;
  scratch.put("outside", "untouched");
  fs::create_directories(scratch / "work");
  fs::create_symlink(scratch / "outside", scratch / "work/a");
  REQUIRE(play_files(files({{"a", "new", 0644}}), scratch / "work").has_value());
  CHECK(scratch.get("outside") == "untouched");
  CHECK(scratch.get("work/a") == "new");
  CHECK_FALSE(fs::is_symlink(scratch / "work/a"));
}

TEST_CASE("a folder is neither overwritten nor removed") {
  const Scratch scratch;
  scratch.put("a/inside", "kept");
  Take take;
  SECTION("by a file") {
    take.files = {TakeFile{"a", "x", 0644}};
  }
  SECTION("by a deletion") {
    take.deleted = {"a"};
  }
  CHECK_FALSE(play_files(take, scratch / ".").has_value());
  CHECK(scratch.get("a/inside") == "kept");
}

TEST_CASE("names that only look dangerous are allowed") {
  for (const char* path : {"..a", "a..b/c", ".gitignore", "src/.konductor/x", "a b", "-x", "ü"}) {
    INFO(path);
    CHECK(check_inside_path(path).has_value());
  }
  CHECK_FALSE(check_inside_path(std::string_view("a\0b", 3)).has_value());
  CHECK_FALSE(check_inside_path("").has_value());
}
