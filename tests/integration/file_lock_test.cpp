// SPDX-License-Identifier: MIT
#include "platform/file_lock.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "platform/phase_fence.hpp"
#include "support/temp_dir.hpp"

namespace fs = std::filesystem;
using konductor::ErrorCode;
using konductor::platform::FileLock;
using konductor::platform::PhaseFence;
using konductor::test::read_file;
using konductor::test::TempDir;
using konductor::test::write_file;

namespace {

constexpr std::int64_t kStarted = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

}  // namespace

TEST_CASE("a held lock refuses a second engine and names its holder") {
  const TempDir dir;
  const auto first = FileLock::try_lock(dir / "locks/phase-01.lock", kStarted);
  REQUIRE(first.has_value());
  const auto second = FileLock::try_lock(dir / "locks/phase-01.lock", kStarted);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::busy);
  CHECK(second.error().message.find("pid " + std::to_string(::getpid())) != std::string::npos);
  CHECK(second.error().message.find("on host \"") != std::string::npos);
  CHECK(second.error().message.find("started 2026-01-01T00:00:00Z") != std::string::npos);
}

TEST_CASE("a lock ends with its object and leaves no file") {
  const TempDir dir;
  {
    auto lock = FileLock::try_lock(dir / "lock", kStarted);
    REQUIRE(lock.has_value());
    const FileLock moved = std::move(lock).value();
    CHECK(moved.is_held());
    CHECK_FALSE(FileLock::try_lock(dir / "lock", kStarted).has_value());
  }
  CHECK_FALSE(fs::exists(dir / "lock"));
  CHECK(FileLock::try_lock(dir / "lock", kStarted).has_value());
}

TEST_CASE("the lock of an engine that was killed can be taken") {
  const TempDir dir;
  const std::string path = (dir / "lock").native();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = FileLock::try_lock(path, kStarted);
    ::_exit(lock.has_value() ? 7 : 8);  // No destructor runs: the file stays.
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WEXITSTATUS(status) == 7);
  REQUIRE(read_file(path).find(std::to_string(child)) != std::string::npos);

  const auto lock = FileLock::try_lock(path, kStarted);
  REQUIRE(lock.has_value());
  CHECK(read_file(path).find(std::to_string(::getpid())) != std::string::npos);
}

TEST_CASE("a lock can be taken over from a holder that does not answer") {
  const TempDir dir;
  auto suspended = FileLock::try_lock(dir / "lock", kStarted);
  REQUIRE(suspended.has_value());
  {
    const auto taker = FileLock::take_over(dir / "lock", kStarted);
    REQUIRE(taker.has_value());
    CHECK(taker->is_held());
    CHECK_FALSE(suspended->is_held());
    // The old holder's end must not free the new holder's lock.
    suspended = FileLock::try_lock(dir / "other", kStarted);
    CHECK(taker->is_held());
    CHECK_FALSE(FileLock::try_lock(dir / "lock", kStarted).has_value());
  }
  CHECK(FileLock::take_over(dir / "never-there", kStarted).has_value());
}

TEST_CASE("a lock file with foreign content is no obstacle") {
  const TempDir dir;
  write_file(dir / "lock", "\x01 not json");
  CHECK(FileLock::try_lock(dir / "lock", kStarted).has_value());
}

TEST_CASE("a lock that cannot be made says why") {
  const TempDir dir;
  write_file(dir / "file", "");
  const auto lock = FileLock::try_lock(dir / "file/lock", kStarted);
  REQUIRE_FALSE(lock.has_value());
  CHECK(lock.error().code == ErrorCode::io);
  CHECK(lock.error().message.find("Not a directory") != std::string::npos);
}

TEST_CASE("a phase's lock that somebody removed is put back, and one that was taken is not") {
  const TempDir dir;
  const fs::path path = dir / "konductor.db-01.lock";
  const auto hold = [&] { return PhaseFence::hold(path, "01", kStarted); };
  auto first = std::move(hold()).value();
  fs::remove(path);
  REQUIRE(first->begin().has_value());
  first->end();
  CHECK(hold().error().code == ErrorCode::busy);
  auto second = std::move(PhaseFence::take_over(path, "01", kStarted)).value();
  CHECK(first->begin().error().code == ErrorCode::fenced);
  // It has finished its work, and its file is gone.
  second.reset();
  REQUIRE_FALSE(fs::exists(path));
  CHECK(first->begin().error().code == ErrorCode::fenced);
  CHECK_FALSE(fs::exists(path));
}
