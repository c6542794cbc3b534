// SPDX-License-Identifier: MIT
// Processes held together by a cgroup.
#include "support/cgroups.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "integration/process_fixture.hpp"
#include "platform/cgroup_files.hpp"
#include "platform/cgroup_place.hpp"
#include "platform/memory.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using konductor::driver::AttemptLimits;
using konductor::platform::own_cgroup_directory;
using nlohmann::json;

namespace {

struct Contained : ProcessFixture, TestCgroups {
  // With a supervisor, as attempts have one, or without, as verify commands.
  ports::ProcessSpec in(const std::string& name, std::vector<std::string> arguments,
                        bool is_supervised = true) {
    ports::ProcessSpec contained = spec(std::move(arguments));
    contained.cgroup = path(name);
    if (!is_supervised) return contained;
    ports::Supervision supervision;
    supervision.program = KONDUCTOR_SUPERVISOR;
    supervision.record = record();
    supervision.grace = 100ms;
    contained.supervision = supervision;
    return contained;
  }
  std::string record() const { return (dir / "process.json").native(); }
  json recorded() const { return json::parse(read_file(record())); }
};

AttemptLimits ended_after(std::chrono::milliseconds time) {
  AttemptLimits limits;
  limits.timeout = time;
  limits.grace = 100ms;
  return limits;
}

// Processes that carry the attempt's mark, wherever they went.
int left_of(ProcessFixture& fixture, const ports::ProcessSpec& spec) {
  return fixture.run(fixture.launcher.sweep(spec.token)).value();
}

}  // namespace

TEST_CASE("the cgroup of this process is found where it is mounted") {
  const std::string unified =
      "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
  const std::string hybrid =
      "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
      "35 31 0:31 /box /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
  const std::string own = "4:memory:/box\n0::/user.slice/a b.scope\n";
  CHECK(own_cgroup_directory(unified, own) == "/sys/fs/cgroup/user.slice/a b.scope");
  CHECK(own_cgroup_directory(hybrid, own) == "/sys/fs/cgroup/unified/user.slice/a b.scope");
  CHECK(own_cgroup_directory(hybrid, "0::/\n") == "/sys/fs/cgroup/unified");
  // Only a part of it is mounted.
  const std::string part = "41 31 0:38 /user.slice /mnt/c\\040g rw - cgroup2 none rw\n";
  CHECK(own_cgroup_directory(part, own) == "/mnt/c g/a b.scope");
  CHECK(own_cgroup_directory(part, "0::/user.slice\n") == "/mnt/c g");
  CHECK(own_cgroup_directory(part, "0::/user.slices\n").empty());
  CHECK(own_cgroup_directory(part, "0::/\n").empty());
}

TEST_CASE("where there is no second version of cgroups none is found") {
  const std::string mounts = "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  CHECK(own_cgroup_directory("", "0::/\n").empty());
  CHECK(own_cgroup_directory(mounts, "").empty());
  CHECK(own_cgroup_directory(mounts, "3:cpuset:/\n").empty());
  CHECK(own_cgroup_directory(mounts, "0::/../other\n").empty());
  CHECK(own_cgroup_directory("a line - cgroup2\n- cgroup2 x y\n1 2 3 4 5 - ext4 x y\n", "0::/\n")
            .empty());
}

TEST_CASE("available memory is what the kernel says") {
  CHECK(platform::parse_available_memory("MemTotal: 9 kB\nMemAvailable:    23122 kB\n") ==
        std::uint64_t{23122} * 1024);
  CHECK(platform::parse_available_memory("MemTotal: 9 kB\n") == 0);
  CHECK(platform::parse_available_memory("MemAvailable: much\n") == 0);
  CHECK(platform::available_memory() > 0);
}

TEST_CASE("a process is in its cgroup from its first instruction") {
  Contained box;
  if (!box.is_there()) return;
  const bool is_supervised = GENERATE(true, false);
  auto spec = box.in("one", {}, is_supervised);
  spec.argv = {"/bin/cat", "/proc/self/cgroup"};
  const auto result = box.supervise(spec);
  CHECK(result.exit.exit_code == 0);
  CHECK(result.strays == 0);
  CHECK_THAT(read_file(spec.stdout_path),
             Contains("/" + fs::path(box.parent()).filename().native() + "/one\n"));
  CHECK_FALSE(box.exists("one"));
}

TEST_CASE("a contained process has no descriptors but its own three") {
  Contained box;
  if (!box.is_there()) return;
  const auto spec = box.in("one", {"descriptors"}, GENERATE(true, false));
  CHECK(box.supervise(spec).exit.exit_code == 0);
  CHECK(read_file(spec.stdout_path) == "0\n1\n2\n");
}

TEST_CASE("a contained process that cannot be started leaves no cgroup") {
  Contained box;
  if (!box.is_there()) return;
  const bool is_supervised = GENERATE(true, false);
  auto spec = box.in("one", {}, is_supervised);
  spec.argv = {(box.dir / "missing").native()};
  const auto started = box.launcher.start(spec);
  if (!is_supervised) {
    REQUIRE(started.has_error());
    CHECK(started.error().code == ErrorCode::environment);
  } else {
    // Its supervisor finds out.
    const auto result = box.run(driver::supervise(box.clock, *started.value(), {}, box.stop));
    REQUIRE(result.has_error());
    CHECK(result.error().code == ErrorCode::environment);
  }
  CHECK_FALSE(box.exists("one"));
}

TEST_CASE("a supervisor that is not let into the cgroup starts nothing") {
  Contained box;
  if (!box.is_there()) return;
  const auto spec = box.in("one", {"exit", "0"});
  // Beside one that is for threads there is no place for processes.
  const std::string beside = box.path("threads");
  REQUIRE(platform::make_cgroup(beside, {}).has_value());
  REQUIRE(platform::write_cgroup_file(beside, "cgroup.type", "threaded").has_value());
  const auto started = box.launcher.start(spec);
  REQUIRE(started.has_value());
  const auto result = box.run(driver::supervise(box.clock, *started.value(), {}, box.stop));
  REQUIRE(result.has_error());
  CHECK_THAT(result.error().message, Contains("in its cgroup"));
  CHECK(box.recorded().at("failed_step") == "cgroup");
}

TEST_CASE("what a contained process leaves behind is ended with it") {
  Contained box;
  if (!box.is_there()) return;
  const bool is_supervised = GENERATE(true, false);
  const auto pid_file = box.dir / "pid";
  SECTION("a daemon without session, parent and environment") {
    const auto result = box.supervise(box.in("one", {"daemon", pid_file.native()}, is_supervised));
    CHECK(result.exit.exit_code == 0);
    CHECK(result.strays == 1);
    REQUIRE(pid_in(pid_file) > 0);
    CHECK_FALSE(is_in_table(pid_in(pid_file)));
  }
  SECTION("one that ignores SIGTERM") {
    const auto result =
        box.supervise(box.in("one", {"ignore_term"}, is_supervised), ended_after(200ms));
    CHECK(result.cause == "timed_out");
    CHECK(result.exit.signal == SIGKILL);
  }
  SECTION("processes that make others as fast as they end") {
    const std::string what = GENERATE("respawn", "comet");
    const auto spec = box.in("one", {what}, is_supervised);
    CHECK(box.supervise(spec).exit.exit_code == 0);
    CHECK(left_of(box, spec) == 0);
  }
  SECTION("cgroups of its own") {
    auto spec = box.in("one", {}, is_supervised);
    spec.argv = {"/bin/sh", "-c",
                 "mkdir -p " + spec.cgroup + "/a/b && echo 0 > " + spec.cgroup +
                     "/a/b/cgroup.procs && sleep 600 &"};
    CHECK(box.supervise(spec).exit.exit_code == 0);
  }
  CHECK_FALSE(box.exists("one"));
  CHECK(platform::read_children(::getpid()).empty());
}

TEST_CASE("a fork bomb is ended") {
  Contained box;
  const bool is_contained = GENERATE(true, false);
  if (is_contained && !box.is_there()) return;
  // It makes three hundred processes, in sessions of their own, that ignore SIGTERM.
  auto spec = box.in("one", {"bomb", "300"}, GENERATE(true, false));
  if (!is_contained) spec.cgroup.clear();
  const auto result = box.supervise(spec, ended_after(GENERATE(20ms, 400ms)));
  CHECK(result.cause == "timed_out");
  CHECK(left_of(box, spec) == 0);
  if (is_contained) CHECK_FALSE(box.exists("one"));
  CHECK(platform::read_children(::getpid()).empty());
}

TEST_CASE("a supervisor is not in its program's cgroup, which may be ended without it") {
  Contained box;
  if (!box.is_there()) return;
  const auto pid_file = box.dir / "pid";
  const auto spec = box.in("one", {"daemon_and_hang", pid_file.native()});
  auto process = box.start(spec);
  box.run_until([&] { return read_file(spec.stdout_path).find("ready") != std::string::npos; });
  const std::vector<int> members = platform::cgroup_processes(spec.cgroup);
  CHECK(members.size() == 2);
  CHECK(std::count(members.begin(), members.end(), process->identity().pid) == 0);
  CHECK(std::count(members.begin(), members.end(), pid_in(pid_file)) == 1);
  CHECK(box.run(platform::end_cgroup(spec.cgroup)).value() == 2);
  const auto ended = box.supervise(*process);
  CHECK(ended.exit.signal == SIGKILL);
  CHECK(box.recorded().at("signal") == SIGKILL);
}

TEST_CASE("a supervisor writes down how long its program ran") {
  Contained box;
  auto spec = box.in("one", {"nap", "150"});
  if (!box.is_there()) spec.cgroup.clear();
  CHECK(box.supervise(spec).exit.exit_code == 0);
  const json record = box.recorded();
  CHECK(record.at("exit_code") == 0);
  CHECK(record.at("milliseconds") >= 150);
  CHECK(record.at("milliseconds") < 60'000);
  CHECK(record.at("out_of_memory") == false);
}

TEST_CASE("an attempt that is taken over is ended with its cgroup") {
  Contained box;
  if (!box.is_there()) return;
  const auto spec = box.in("one", {"ignore_term"});
  auto process = box.start(spec);
  box.run_until([&] { return read_file(spec.stdout_path).find("ready") != std::string::npos; });
  const auto identity = process->identity();
  CHECK(identity.cgroup == spec.cgroup);
  auto adopted = box.launcher.adopt(identity);
  REQUIRE(adopted.has_value());
  CHECK(adopted.value()->memory() > 0);
  CHECK(box.run(adopted.value()->kill_tree()).value() >= 1);
  CHECK_FALSE(box.exists("one"));
  CHECK(box.run(process->kill_tree()).has_value());
}

TEST_CASE("cgroups that an engine left are emptied and removed but for those that are wanted") {
  Contained box;
  if (!box.is_there()) return;
  auto one = box.start(box.in("one", {"ignore_term"}, false));
  const auto other_spec = box.in("other", {"hang"}, false);
  auto other = box.start(other_spec);
  CHECK(box.run(box.launcher.end_cgroup(box.parent(), {"other"})).value() == 1);
  CHECK_FALSE(box.exists("one"));
  REQUIRE(box.exists("other"));
  CHECK(is_alive(other->identity().pid));
  CHECK_FALSE(is_alive(one->identity().pid));
  CHECK(box.run(box.launcher.end_cgroup(box.parent(), {})).value() == 1);
  CHECK_FALSE(fs::exists(box.parent()));
  CHECK(box.run(box.launcher.end_cgroup(box.parent(), {})).value() == 0);
  CHECK(box.run(one->kill_tree()).has_value());
  CHECK(box.run(other->kill_tree()).has_value());
}

TEST_CASE("ceilings are written as the kernel reads them") {
  // A folder stands for a cgroup: which controllers there are is the machine's own matter.
  TempDir dir;
  const fs::path cgroup = dir / "run" / "one";
  for (const char* file : {"memory.max", "memory.swap.max", "pids.max", "cpu.max"})
    write_file(cgroup / file, "");
  Ceilings ceilings;
  ceilings.memory = 1 << 20;
  ceilings.processes = 64;
  ceilings.cpus = 1.5;
  REQUIRE(platform::make_cgroup(cgroup, ceilings).has_value());
  CHECK(read_file(cgroup / "memory.max") == "1048576");
  CHECK(read_file(cgroup / "memory.swap.max") == "0");
  CHECK(read_file(cgroup / "pids.max") == "64");
  CHECK(read_file(cgroup / "cpu.max") == "150000 100000");
}

TEST_CASE("a ceiling that cannot be had is not passed over") {
  TempDir dir;
  Ceilings ceilings;
  ceilings.memory = 1 << 20;
  const Result<void> made = platform::make_cgroup(dir / "run" / "one", ceilings);
  REQUIRE(made.has_error());
  CHECK_THAT(made.error().message, Contains("ceiling") && Contains("memory.max"));
}

TEST_CASE("the ceilings that were met are known") {
  TempDir dir;
  CHECK(platform::read_ceilings_met(dir.text()) == CeilingsMet{});
  write_file(dir / "memory.events", "low 0\noom 3\noom_kill 0\noom_group_kill 0\n");
  write_file(dir / "pids.events", "max 0\n");
  CHECK(platform::read_ceilings_met(dir.text()) == CeilingsMet{});
  write_file(dir / "memory.events", "low 0\noom 3\noom_kill 2\noom_group_kill 0\n");
  CHECK(platform::read_ceilings_met(dir.text()) == CeilingsMet{true, false});
  write_file(dir / "pids.events", "max 7\n");
  CHECK(platform::read_ceilings_met(dir.text()) == CeilingsMet{true, true});
}

TEST_CASE("without a cgroup a process's user is given room for so many processes more") {
  ProcessFixture fixture;
  auto spec = fixture.spec({});
  spec.argv = {"/bin/grep", "Max processes", "/proc/self/limits"};
  spec.ceilings.user_processes = 500;
  CHECK(fixture.supervise(spec).exit.exit_code == 0);
  const std::string line = read_file(spec.stdout_path);
  const int limit = std::stoi(line.substr(std::string("Max processes").size()));
  CHECK(limit > 500);
  CHECK(limit < 500 + 10'000);
}

TEST_CASE("what a process and its children hold is counted") {
  Contained box;
  const bool is_contained = GENERATE(true, false);
  if (is_contained && !box.is_there()) return;
  auto spec = box.in("one", {"hold", "20"}, GENERATE(true, false));
  if (!is_contained) spec.cgroup.clear();
  auto process = box.start(spec);
  box.run_until([&] { return read_file(spec.stdout_path).find("ready") != std::string::npos; });
  CHECK(process->memory() >= std::uint64_t{20} << 20U);
  CHECK(process->memory() < std::uint64_t{60} << 20U);
  CHECK(box.run(process->kill_tree()).has_value());
  CHECK(process->memory() == 0);
}
