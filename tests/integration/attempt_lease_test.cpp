// SPDX-License-Identifier: MIT
// What is made of a lease on the disk, before an attempt and after it.
#include "driver/attempt_lease.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>

#include "platform/posix_file_store.hpp"
#include "support/small_disk.hpp"
#include "support/temp_dir.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using driver::close_lease;
using driver::open_lease;

namespace {

using Lines = std::vector<std::string>;

// A work tree of git, as one looks from inside.
struct Leased {
  TempDir home;
  fs::path tree = home / "tree";
  platform::PosixFileStore files;

  Leased() {
    write_file(tree / ".git", "gitdir: ../git\n");
    write_file(tree / "src/old.cpp", "old\n");
    write_file(home / "outside/file.txt", "kept\n");
  }

  Lines open(const Lines& paths) { return open_lease(files, tree, paths).value(); }
  void close(const Lines& paths) { REQUIRE(close_lease(files, tree, paths).has_value()); }
  std::string at(const char* path) const { return (tree / path).string(); }
};

}  // namespace

TEST_CASE("files of a lease are there before the attempt and gone after it unless written") {
  Leased it;
  const Lines paths = {"src/old.cpp", "src/new.cpp", "new/deep/a.txt", "new/b.txt", "docs/"};
  CHECK(it.open(paths) == Lines{it.at("src/old.cpp"), it.at("src/new.cpp"), it.at("new/deep/a.txt"),
                                it.at("new/b.txt"), it.at("docs/")});
  CHECK(read_file(it.tree / "src/old.cpp") == "old\n");
  CHECK(fs::file_size(it.tree / "new/deep/a.txt") == 0);
  write_file(it.tree / "new/b.txt", "written\n");
  it.close(paths);
  CHECK(read_file(it.tree / "new/b.txt") == "written\n");
  CHECK_FALSE(fs::exists(it.tree / "src/new.cpp"));
  CHECK_FALSE(fs::exists(it.tree / "new/deep"));
  CHECK(read_file(it.tree / "src/old.cpp") == "old\n");
}

TEST_CASE("an empty file that somebody wrote on purpose stays") {
  Leased it;
  const Lines paths = {"package/__init__.py", "package/empty", "package/untouched"};
  REQUIRE(it.open(paths).size() == 3);
  write_file(it.tree / "package/__init__.py", "");
  REQUIRE(::utimensat(AT_FDCWD, it.at("package/empty").c_str(), nullptr, 0) == 0);
  it.close(paths);
  CHECK(fs::exists(it.tree / "package/__init__.py"));
  CHECK(fs::exists(it.tree / "package/empty"));
  CHECK_FALSE(fs::exists(it.tree / "package/untouched"));
}

TEST_CASE("a lease leads nowhere but into the tree") {
  Leased it;
  fs::create_directory_symlink(it.home / "outside", it.tree / "way");
  fs::create_symlink(it.home / "outside/file.txt", it.tree / "link");
  fs::create_symlink(it.home / "outside/missing", it.tree / "dangling");
  fs::create_symlink("src/old.cpp", it.tree / "inside");
  const Lines paths = {"way/file.txt", "way/new.txt",  "way/",  "link",
                       "dangling",     "../outside/",  ".git",  ".git/hooks/",
                       "src",          ".konductor/x", "inside"};
  CHECK(it.open(paths) == Lines{it.at("src/old.cpp")});
  it.close(paths);
  CHECK_FALSE(fs::exists(it.home / "outside/new.txt"));
  CHECK_FALSE(fs::exists(it.home / "outside/missing"));
  CHECK(read_file(it.home / "outside/file.txt") == "kept\n");
}

TEST_CASE("what an engine that died had made is cleaned up by the next one") {
  Leased it;
  const Lines paths = {"new/a.txt"};
  REQUIRE(it.open(paths).size() == 1);
  REQUIRE(it.open(paths).size() == 1);
  it.close(paths);
  it.close(paths);
  CHECK_FALSE(fs::exists(it.tree / "new"));
}

TEST_CASE(
    "a disk without room for the files of a lease is told, and one that fills up is cleaned") {
  Leased it;
  const SmallDisk disk(it.tree, "size=1m,nr_inodes=32");
  if (!disk.is_mounted()) {
    WARN("skipped: a file system cannot be mounted here");
    return;
  }
  Lines paths;
  for (int number = 0; number < 40; ++number)
    paths.push_back("new/" + std::to_string(number) + ".txt");
  const auto opened = open_lease(it.files, it.tree, paths);
  REQUIRE(opened.has_error());
  CHECK(opened.error().code == ErrorCode::environment);
  CHECK(opened.error().message.find("No space left on device") != std::string::npos);
  REQUIRE(fs::exists(it.tree / "new/0.txt"));
  it.close(paths);
  CHECK_FALSE(fs::exists(it.tree / "new"));
  CHECK(read_file(it.tree / "src/old.cpp") == "old\n");
}

// Hidden: prints what a lease costs; see docs/sandbox.md.
TEST_CASE("what a lease costs an attempt", "[.measure]") {
  constexpr int kRounds = 51;
  for (const int count : {1, 10, 100}) {
    Leased it;
    Lines paths;
    for (int number = 0; number < count; ++number)
      paths.push_back("new/" + std::to_string(number) + ".txt");
    std::vector<double> opened;
    std::vector<double> closed;
    for (int round = 0; round < kRounds; ++round) {
      const auto begin = std::chrono::steady_clock::now();
      REQUIRE(it.open(paths).size() == paths.size());
      const auto middle = std::chrono::steady_clock::now();
      it.close(paths);
      const auto end = std::chrono::steady_clock::now();
      opened.push_back(std::chrono::duration<double, std::micro>(middle - begin).count());
      closed.push_back(std::chrono::duration<double, std::micro>(end - middle).count());
    }
    std::sort(opened.begin(), opened.end());
    std::sort(closed.begin(), closed.end());
    std::printf("%d missing files: %.0f us before the attempt, %.0f us after it\n", count,
                opened[kRounds / 2], closed[kRounds / 2]);
    CHECK(fs::exists(it.tree / "src/old.cpp"));
  }
}
