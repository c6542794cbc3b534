// SPDX-License-Identifier: MIT
#include "platform/directory_watch.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "platform/unique_fd.hpp"
#include "support/temp_dir.hpp"

namespace fs = std::filesystem;
using konductor::platform::DirectoryWatch;
using konductor::platform::UniqueFd;
using namespace konductor::test;
using Paths = std::vector<std::string>;

namespace {

bool skips_build(const std::string& path) {
  return fs::path(path).filename() == "build";
}

struct Watched {
  Watched() : top(parent / "top") {
    write_file(top / "a.txt", "a");
    write_file(top / "dir/b.txt", "b");
    write_file(top / "dir/deep/c.txt", "c");
    write_file(top / "build/out.o", "o");
    watch = DirectoryWatch::start(top, skips_build);
    REQUIRE(watch != nullptr);
  }
  std::optional<Paths> changes() const { return watch->take_changes(skips_build); }

  TempDir parent;
  fs::path top;
  std::unique_ptr<DirectoryWatch> watch;
};

void write_through_mapping(const fs::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(file.is_open());
  void* const bytes = ::mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  REQUIRE(bytes != MAP_FAILED);
  *static_cast<char*>(bytes) = 'z';
  ::munmap(bytes, 1);
}

}  // namespace

TEST_CASE("a watch tells which paths changed, wherever below they are") {
  const Watched watched;
  CHECK(watched.changes() == Paths{});
  const fs::path& top = watched.top;
  SECTION("written") {
    write_file(top / "dir/deep/c.txt", "changed");
    CHECK(watched.changes() == Paths{"dir/deep/c.txt"});
    CHECK(watched.changes() == Paths{});
  }
  SECTION("written in place through a mapping") {
    write_through_mapping(top / "a.txt");
    CHECK(watched.changes() == Paths{"a.txt"});
  }
  SECTION("cut short without being opened") {
    REQUIRE(::truncate((top / "a.txt").c_str(), 0) == 0);
    CHECK(watched.changes() == Paths{"a.txt"});
  }
  SECTION("another mode") {
    fs::permissions(top / "a.txt", fs::perms::owner_exec, fs::perm_options::add);
    CHECK(watched.changes() == Paths{"a.txt"});
  }
  SECTION("made, removed, moved") {
    write_file(top / "new.txt", "new");
    fs::remove(top / "a.txt");
    fs::rename(top / "dir/b.txt", top / "dir/deep/d.txt");
    CHECK(watched.changes() == Paths{"a.txt", "dir/b.txt", "dir/deep/d.txt", "new.txt"});
  }
  SECTION("a link made and led elsewhere") {
    fs::create_symlink("a.txt", top / "link");
    CHECK(watched.changes() == Paths{"link"});
    fs::remove(top / "link");
    fs::create_symlink("b.txt", top / "link");
    CHECK(watched.changes() == Paths{"link"});
  }
  SECTION("a directory removed with all that is in it, and made again") {
    fs::remove_all(top / "dir");
    CHECK(watched.changes() == Paths{"dir", "dir/b.txt", "dir/deep", "dir/deep/c.txt"});
    write_file(top / "dir/b.txt", "again");
    CHECK(watched.changes() == Paths{"dir"});
    write_file(top / "dir/b.txt", "and again");
    CHECK(watched.changes() == Paths{"dir/b.txt"});
  }
}

TEST_CASE("a new directory stands for all below it, and is watched from then on") {
  const Watched watched;
  write_file(watched.top / "new/deeper/file.txt", "1");
  CHECK(watched.changes() == Paths{"new"});
  write_file(watched.top / "new/deeper/file.txt", "2");
  CHECK(watched.changes() == Paths{"new/deeper/file.txt"});
}

TEST_CASE("what happens in a skipped directory is not told") {
  const Watched watched;
  write_file(watched.top / "build/out.o", "changed");
  write_file(watched.top / "build/more/out.o", "new");
  CHECK(watched.changes() == Paths{});
  write_file(watched.top / "dir/build/out.o", "new");
  CHECK(watched.changes() == Paths{"dir/build"});
  write_file(watched.top / "dir/build/out.o", "changed");
  CHECK(watched.changes() == Paths{});
}

TEST_CASE("a watch says when it does not know") {
  const Watched watched;
  SECTION("a directory was moved") {
    fs::rename(watched.top / "dir/deep", watched.top / "deep");
    CHECK_FALSE(watched.changes());
  }
  SECTION("a directory was moved in") {
    write_file(watched.parent / "other/file.txt", "x");
    fs::rename(watched.parent / "other", watched.top / "other");
    CHECK_FALSE(watched.changes());
  }
  SECTION("another directory stands there") {
    fs::rename(watched.top, watched.parent / "away");
    fs::create_directories(watched.top);
    CHECK_FALSE(watched.changes());
  }
  SECTION("it was removed") {
    fs::remove_all(watched.top);
    CHECK_FALSE(watched.changes());
  }
  SECTION("more happened than the kernel remembers") {
    const fs::path one = watched.top / "one";
    const fs::path other = watched.top / "other";
    write_file(one, "");
    const int events_max = std::stoi(read_file("/proc/sys/fs/inotify/max_queued_events"));
    for (int n = 0; n < events_max / 4 + 1; ++n) {
      fs::rename(one, other);
      fs::rename(other, one);
    }
    CHECK_FALSE(watched.changes());
  }
}

TEST_CASE("a watch follows its directory when it is told the new name") {
  const Watched watched;
  fs::rename(watched.top, watched.parent / "renamed");
  watched.watch->follow(watched.parent / "renamed");
  write_file(watched.parent / "renamed/dir/b.txt", "changed");
  CHECK(watched.changes() == Paths{"dir/b.txt"});
}

TEST_CASE("no watch of what others can write to unseen") {
  CHECK(DirectoryWatch::start("/proc/self", skips_build) == nullptr);
  CHECK(DirectoryWatch::start("/nowhere/at/all", skips_build) == nullptr);
}
