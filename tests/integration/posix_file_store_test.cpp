// SPDX-License-Identifier: MIT
#include "platform/posix_file_store.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "base/redactor.hpp"
#include "support/small_disk.hpp"
#include "support/temp_dir.hpp"

namespace fs = std::filesystem;
using konductor::ErrorCode;
using konductor::platform::PosixFileStore;
using konductor::ports::Durability;
using konductor::test::read_file;
using konductor::test::SmallDisk;
using konductor::test::TempDir;
using konductor::test::write_file;

namespace {

using Secrets = std::vector<konductor::SecretValue>;

std::vector<std::string> names_in(const fs::path& directory) {
  return PosixFileStore().list(directory).value();
}

// Lets no file grow beyond `bytes` while it lives: a write then fails as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit before_ = {};
  void (*old_handler_)(int) = nullptr;
};

}  // namespace

TEST_CASE("a written file is read back, its directories made") {
  const TempDir dir;
  PosixFileStore store;
  const auto durability = GENERATE(Durability::cached, Durability::synced);
  const std::string text("with a zero byte \0 and \xff", 25);
  REQUIRE(store.write(dir / "a/b/c.md", text, durability).has_value());
  CHECK(store.read(dir / "a/b/c.md").value() == text);
  REQUIRE(store.write(dir / "a/b/c.md", "", durability).has_value());
  CHECK(store.read(dir / "a/b/c.md").value().empty());
  CHECK(names_in(dir / "a/b") == std::vector<std::string>{"c.md"});
}

TEST_CASE("a write replaces a link and leaves what it points to alone") {
  const TempDir dir;
  write_file(dir / "outside", "precious");
  fs::create_symlink(dir / "outside", dir / "link");
  REQUIRE(PosixFileStore().write(dir / "link", "new").has_value());
  CHECK(read_file(dir / "outside") == "precious");
  CHECK_FALSE(fs::is_symlink(dir / "link"));
  CHECK(read_file(dir / "link") == "new");
}

TEST_CASE("a replaced file keeps its permission bits") {
  const TempDir dir;
  write_file(dir / "state.toml", "old");
  ::chmod((dir / "state.toml").c_str(), 0640);
  REQUIRE(PosixFileStore().write(dir / "state.toml", "new").has_value());
  struct stat status = {};
  ::stat((dir / "state.toml").c_str(), &status);
  CHECK((status.st_mode & 0777U) == 0640U);
}

TEST_CASE("a reader of the old file keeps it while it is replaced") {
  const TempDir dir;
  PosixFileStore store;
  REQUIRE(store.write(dir / "f", "old").has_value());
  std::ifstream reader(dir / "f");
  REQUIRE(store.write(dir / "f", "new").has_value());
  std::string text;
  reader >> text;
  CHECK(text == "old");
}

TEST_CASE("a write that fails leaves the old file and nothing else") {
  const TempDir dir;
  PosixFileStore store;
  REQUIRE(store.write(dir / "f", "old").has_value());
  {
    const FileSizeLimit limit(1000);
    const auto result = store.write(dir / "f", std::string(5000, 'x'));
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().message.find("cannot write \"" + (dir / "f").native()) == 0);
  }
  CHECK(read_file(dir / "f") == "old");
  CHECK(names_in(dir.path()) == std::vector<std::string>{"f"});

  fs::create_directory(dir / "folder");
  CHECK_FALSE(store.write(dir / "folder", "text").has_value());
  CHECK(names_in(dir.path()) == std::vector<std::string>{"f", "folder"});
}

TEST_CASE("a full device is an error of the environment") {
  if (!fs::exists("/dev/full")) return;
  // A device cannot be replaced by rename in a test, so the classification is checked by itself.
  const auto error = konductor::error_from_errno(ENOSPC, "cannot write \"x\"");
  CHECK(error.code == ErrorCode::environment);
  CHECK(error.message == "cannot write \"x\": No space left on device");
}

TEST_CASE("a path through a file says what is wrong") {
  const TempDir dir;
  PosixFileStore store;
  write_file(dir / ".konductor", "a file");
  const auto written = store.write(dir / ".konductor/state.toml", "text");
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().message.find("Not a directory") != std::string::npos);
  const auto made = store.make_directories(dir / ".konductor/runs/x");
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().message.find("Not a directory") != std::string::npos);
  CHECK_FALSE(store.make_directories(dir / ".konductor").has_value());
  CHECK_FALSE(store.exists(dir / ".konductor/state.toml"));
}

TEST_CASE("reading refuses what is missing, too large or no file") {
  const TempDir dir;
  PosixFileStore store;
  CHECK(store.read(dir / "none").error().code == ErrorCode::not_found);
  write_file(dir / "big", std::string(101, 'x'));
  const auto big = store.read(dir / "big", 100);
  REQUIRE_FALSE(big.has_value());
  CHECK(big.error().message.find("larger than 100 bytes") != std::string::npos);
  CHECK(store.read(dir / "big", 101).value().size() == 101);
  CHECK(store.read(dir.path()).error().message.find("not a regular file") != std::string::npos);
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  CHECK(store.read(dir / "pipe").error().message.find("not a regular file") != std::string::npos);
  // The size that the system reports for these is 0.
  CHECK_FALSE(store.read("/proc/self/status").value().empty());
  CHECK_FALSE(store.read("/proc/self/status", 10).has_value());
}

TEST_CASE("listing is sorted, and a missing directory is empty") {
  const TempDir dir;
  for (const char* name : {"b", "a", ".hidden", "10"})
    write_file(dir / name, "");
  CHECK(names_in(dir.path()) == std::vector<std::string>{".hidden", "10", "a", "b"});
  CHECK(names_in(dir / "none").empty());
  CHECK_FALSE(PosixFileStore().list(dir / "a").has_value());
}

TEST_CASE("temporary files of writers that were killed are removed and nothing else") {
  using konductor::platform::remove_temporary_files;
  using konductor::platform::TemporariesOf;
  const TempDir dir;
  // Above what the kernel gives out as a process's number.
  const std::string dead = ".konductor-2147483647-3.tmp";
  const std::string alive = ".konductor-" + std::to_string(::getpid()) + "-3.tmp";
  const std::vector<std::string> others = {".konductor--3.tmp", ".konductor-7.tmp",
                                           ".konductor-x-3.tmp", "notes.tmp"};
  for (const std::string& name : others)
    write_file(dir.path() / name, "kept");
  write_file(dir.path() / dead, "half");
  write_file(dir.path() / alive, "half");
  remove_temporary_files(dir.path(), TemporariesOf::dead_processes);
  CHECK_FALSE(fs::exists(dir.path() / dead));
  CHECK(fs::exists(dir.path() / alive));
  remove_temporary_files(dir.path(), TemporariesOf::everybody);
  CHECK(names_in(dir.path()) == others);
  remove_temporary_files(dir.path() / "missing", TemporariesOf::everybody);
}

TEST_CASE("removing takes whole trees and follows no link") {
  const TempDir dir;
  PosixFileStore store;
  write_file(dir / "kept/file", "precious");
  write_file(dir / "tree/locked/file", "x");
  fs::create_directory_symlink(dir / "kept", dir / "tree/link");
  ::chmod((dir / "tree/locked").c_str(), 0500);
  REQUIRE(store.remove(dir / "tree").has_value());
  CHECK_FALSE(fs::exists(dir / "tree"));
  CHECK(read_file(dir / "kept/file") == "precious");
  CHECK(store.remove(dir / "tree").has_value());
  CHECK(store.remove(dir / "kept/file").has_value());
}

TEST_CASE("files with secrets are replaced, all others are not even written") {
  const TempDir dir;
  PosixFileStore store;
  const konductor::Redactor redactor(Secrets{{"A_KEY", "q1w2e3r4t5"}});
  const std::string clean(300'000, 'x');
  write_file(dir / "logs/clean.log", clean);
  // Across the borders of what is read at a time.
  for (std::size_t at = (256U << 10U) - 12; at < (256U << 10U) + 2; ++at)
    write_file(dir / ("logs/sub/" + std::to_string(at)),
               clean.substr(0, at) + "q1w2e3r4t5" + clean);
  write_file(dir / "outside", "q1w2e3r4t5");
  fs::create_symlink(dir / "outside", dir / "logs/link");
  REQUIRE(::mkfifo((dir / "logs/pipe").c_str(), 0600) == 0);
  fs::permissions(dir / "logs/sub/262144", fs::perms::owner_read);
  struct stat before = {};
  REQUIRE(::stat((dir / "logs/clean.log").c_str(), &before) == 0);
  CHECK(store.redact(dir / "logs", redactor).value());
  struct stat after = {};
  REQUIRE(::stat((dir / "logs/clean.log").c_str(), &after) == 0);
  CHECK(after.st_ino == before.st_ino);
  for (const std::string& name : names_in(dir / "logs/sub")) {
    const std::size_t at = std::stoul(name);
    CHECK((read_file(dir / "logs/sub" / name) == clean.substr(0, at) + "[redacted:A_KEY]" + clean));
  }
  CHECK(fs::status(dir / "logs/sub/262144").permissions() == fs::perms::owner_read);
  CHECK(read_file(dir / "outside") == "q1w2e3r4t5");
  CHECK_FALSE(store.redact(dir / "logs", redactor).value());
  CHECK_FALSE(store.redact(dir / "missing", redactor).value());
}

TEST_CASE("secrets go without room for another file, too, and nothing else does") {
  const TempDir dir;
  PosixFileStore store;
  const konductor::Redactor redactor(Secrets{{"A_KEY", "q1w2e3r4t5"}});
  const std::string text(400'000, 'x');
  const std::string secret = "q1w2e3r4t5";
  write_file(dir / "outside", secret);
  fs::create_directories(dir / "disk");
  const SmallDisk disk(dir / "disk", "size=4m");
  if (!disk.is_mounted()) {
    WARN("skipped: a file system cannot be mounted here");
    return;
  }
  write_file(dir / "disk/one.log", text + secret + text);
  // Marks are longer than what they stand for: no room is left for all of them.
  write_file(dir / "disk/many.log", secret + secret + secret);
  std::string whole;
  while (whole.size() < 300'000)
    whole += secret + "\n";
  write_file(dir / "disk/whole.log", whole);
  write_file(dir / "disk/named.log", secret);
  fs::create_hard_link(dir / "disk/named.log", dir / "disk/other-name.log");
  disk.fill("filler");
  CHECK(store.redact(dir / "disk/one.log", redactor).value());
  CHECK((read_file(dir / "disk/one.log").substr(0, 800'000) ==
         (text + "[redacted:A_KEY]" + text).substr(0, 800'000)));
  CHECK(store.redact(dir / "disk/many.log", redactor).value());
  CHECK(store.redact(dir / "disk/whole.log", redactor).value());
  for (const char* name : {"one.log", "many.log", "whole.log"})
    CHECK(read_file(dir / "disk" / name).find("w2e3") == std::string::npos);
  CHECK(read_file(dir / "disk/whole.log").substr(0, 34) == "[redacted:A_KEY]\n[redacted:A_KEY]\n");
  // Whose it is behind its other name, nobody knows.
  const auto named = store.redact(dir / "disk/named.log", redactor);
  REQUIRE(named.has_error());
  CHECK(named.error().code == konductor::ErrorCode::environment);
  CHECK(read_file(dir / "disk/other-name.log") == secret);
}
