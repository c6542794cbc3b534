// SPDX-License-Identifier: MIT
// Whatever an attempt leaves behind is gone when it is over.
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "integration/process_fixture.hpp"
#include "platform/owner_mark.hpp"

using konductor::ErrorCode;
using konductor::platform::read_children;
using konductor::ports::ProcessIdentity;
using konductor::test::is_alive;
using konductor::test::is_in_table;
using konductor::test::pid_in;
using konductor::test::ProcessFixture;
using konductor::test::read_file;
using namespace std::chrono_literals;

namespace {

bool is_ready(const konductor::ports::ProcessSpec& spec) {
  return read_file(spec.stdout_path).find("ready") != std::string::npos;
}

void require_no_children() {
  REQUIRE(read_children(::getpid()).empty());
}

}  // namespace

TEST_CASE("a grandchild that keeps stdout open holds nobody up and is ended") {
  ProcessFixture fixture;
  const auto pid_file = fixture.dir / "pid";
  const auto spec = fixture.spec({"keep_stdout", pid_file.native()});
  const auto result = fixture.supervise(spec);
  CHECK(result.cause == "done");
  CHECK(result.exit.exit_code == 0);
  CHECK(result.strays == 1);
  REQUIRE(pid_in(pid_file) > 0);
  CHECK_FALSE(is_in_table(pid_in(pid_file)));
  require_no_children();
}

TEST_CASE("a daemon without session, parent and environment of the attempt is ended") {
  ProcessFixture fixture;
  const auto pid_file = fixture.dir / "pid";
  const auto spec = fixture.spec({"daemon", pid_file.native()});
  const auto result = fixture.supervise(spec);
  CHECK(result.exit.exit_code == 0);
  CHECK(result.strays == 1);
  REQUIRE(pid_in(pid_file) > 0);
  CHECK_FALSE(is_in_table(pid_in(pid_file)));
  require_no_children();
}

TEST_CASE("a daemon is ended with its own attempt and not with another's") {
  ProcessFixture fixture;
  // Both daemons are orphans of the engine while both attempts run.
  const auto first_spec = fixture.spec({"daemon_and_hang", (fixture.dir / "first").native()});
  const auto second_spec = fixture.spec({"daemon_and_hang", (fixture.dir / "second").native()});
  const auto first = fixture.start(first_spec);
  const auto second = fixture.start(second_spec);
  fixture.run_until([&] { return is_ready(first_spec) && is_ready(second_spec); });
  const pid_t first_daemon = pid_in(fixture.dir / "first");
  const pid_t second_daemon = pid_in(fixture.dir / "second");

  CHECK(fixture.run(second->kill_tree()).value() == 1);
  CHECK_FALSE(is_alive(second_daemon));
  CHECK(is_alive(first_daemon));
  CHECK(is_alive(first->identity().pid));
  CHECK(fixture.run(first->kill_tree()).value() == 1);
  CHECK_FALSE(is_alive(first_daemon));
  require_no_children();
}

TEST_CASE("a daemon without any sign is ended when nobody it could belong to runs") {
  ProcessFixture fixture;
  const auto hanging_spec = fixture.spec({"hang"});
  const auto hanging = fixture.start(hanging_spec);
  fixture.run_until([&] { return is_ready(hanging_spec); });
  // Without a token there is no mark, and the daemon drops all else.
  auto leaver_spec = fixture.spec({"daemon", (fixture.dir / "pid").native()});
  leaver_spec.token.clear();
  const auto leaver = fixture.start(leaver_spec);
  CHECK(fixture.supervise(*leaver).exit.exit_code == 0);
  // It may belong to the one that still runs.
  CHECK(is_alive(pid_in(fixture.dir / "pid")));
  CHECK(fixture.run(hanging->kill_tree()).value() == 1);
  CHECK_FALSE(is_in_table(pid_in(fixture.dir / "pid")));
  require_no_children();
}

TEST_CASE("a daemon without any sign is ended at once when no other attempt could have made it") {
  ProcessFixture fixture;
  auto leaver_spec = fixture.spec({"daemon_and_hang", (fixture.dir / "pid").native()});
  leaver_spec.token.clear();
  const auto leaver = fixture.start(leaver_spec);
  fixture.run_until([&] { return is_ready(leaver_spec); });
  // The system counts time in hundredths of a second; within one nobody was first.
  const auto now = konductor::platform::boot_ticks();
  fixture.run_until([&] { return konductor::platform::boot_ticks() > now; });
  const auto later_spec = fixture.spec({"hang"});
  const auto later = fixture.start(later_spec);
  CHECK(fixture.run(leaver->kill_tree()).value() == 1);
  CHECK_FALSE(is_in_table(pid_in(fixture.dir / "pid")));
  CHECK(is_alive(later->identity().pid));
  CHECK(fixture.run(later->kill_tree()).value() == 0);
  require_no_children();
}

TEST_CASE("processes that replace each other when one dies are all ended") {
  ProcessFixture fixture;
  for (const char* behaviour : {"respawn", "comet"}) {
    INFO(behaviour);
    const auto spec = fixture.spec({behaviour});
    const auto process = fixture.start(spec);
    const std::string token = spec.token;
    const auto result = fixture.supervise(*process);
    CHECK(result.exit.exit_code == 0);
    require_no_children();
    CHECK(fixture.run(fixture.launcher.sweep(token)).value() == 0);
  }
}

TEST_CASE("a process that has a child and ends while it is looked at leaves none") {
  ProcessFixture fixture;
  const bool has_neighbour = GENERATE(false, true);
  std::unique_ptr<konductor::ports::Process> neighbour;
  if (has_neighbour) neighbour = fixture.start(fixture.spec({"hang"}));
  for (int round = 0; round < 20; ++round) {
    INFO(round);
    CHECK(fixture.supervise(fixture.spec({"comet", "fast"})).exit.exit_code == 0);
    REQUIRE(read_children(::getpid()).size() == (has_neighbour ? 1U : 0U));
  }
}

TEST_CASE("a search finds a process that lives on only through its children") {
  ProcessFixture fixture;
  for (int round = 0; round < 10; ++round) {
    INFO(round);
    const auto spec = fixture.spec({"comet"});
    const auto process = fixture.start(spec);
    const pid_t root = process->identity().pid;
    fixture.run_until([root] { return !is_alive(root); });
    process->abandon();
    CHECK(fixture.run(fixture.launcher.sweep(spec.token)).value() > 0);
    fixture.supervise(fixture.spec({"exit", "0"}));  // Reaps the dead.
    require_no_children();
  }
}

TEST_CASE("orphans that die while their attempt runs do not stay zombies") {
  ProcessFixture fixture;
  const auto spec = fixture.spec({"orphans", "40"});
  const auto process = fixture.start(spec);
  fixture.run_until([&] { return is_ready(spec); });
  fixture.run_until([&] { return read_children(::getpid()).size() == 1; });
  CHECK(read_children(::getpid()).front() == process->identity().pid);
  CHECK(fixture.run(process->kill_tree()).value() == 0);
  require_no_children();
}

TEST_CASE("reaping orphans steals no exit status") {
  ProcessFixture fixture;
  const auto hanging_spec = fixture.spec({"orphans", "10"});
  const auto hanging = fixture.start(hanging_spec);
  std::vector<std::unique_ptr<konductor::ports::Process>> processes;
  for (int code = 1; code <= 20; ++code)
    processes.push_back(fixture.start(fixture.spec({"exit", std::to_string(code)})));
  // All are dead before anybody asks.
  fixture.run_until([&] {
    return std::none_of(processes.begin(), processes.end(),
                        [](const auto& process) { return is_alive(process->identity().pid); });
  });
  for (int code = 1; code <= 20; ++code)
    CHECK(fixture.supervise(*processes[static_cast<std::size_t>(code - 1)]).exit.exit_code == code);
  fixture.run(hanging->kill_tree()).value();
  require_no_children();
}

TEST_CASE("a signal reaches every process of the tree once") {
  ProcessFixture fixture;
  const auto spec = fixture.spec({"count_term"});
  const auto process = fixture.start(spec);
  fixture.run_until([&] { return read_file(spec.stdout_path) == "rr"; });
  process->signal_tree(SIGTERM);
  fixture.run_until([&] { return read_file(spec.stdout_path).size() >= 4; });
  CHECK(fixture.run(process->kill_tree()).value() == 1);
  CHECK(read_file(spec.stdout_path) == "rrTT");
}

TEST_CASE("a process that is given up with its object does not run on") {
  ProcessFixture fixture;
  const auto spec = fixture.spec({"hang"});
  auto process = fixture.start(spec);
  fixture.run_until([&] { return is_ready(spec); });
  const pid_t pid = process->identity().pid;
  process.reset();
  fixture.run_until([pid] { return !is_alive(pid); });
  fixture.supervise(fixture.spec({"exit", "0"}));
  require_no_children();
}

TEST_CASE("every process of an attempt carries its mark") {
  ProcessFixture fixture;
  const auto spec = fixture.spec({"daemon_and_hang", (fixture.dir / "pid").native()});
  const auto mark = konductor::platform::owner_mark_for(spec.token);
  if (!mark.has_value()) return;  // This test runs under another engine.
  const auto process = fixture.start(spec);
  fixture.run_until([&] { return is_ready(spec); });
  CHECK(konductor::platform::read_owner_mark(process->identity().pid) == mark);
  CHECK(konductor::platform::read_owner_mark(pid_in(fixture.dir / "pid")) == mark);
  CHECK_FALSE(konductor::platform::read_owner_mark(::getpid()).has_value());
  CHECK(konductor::platform::owner_mark_for("another") != mark);
  fixture.run(process->kill_tree()).value();
}

namespace {

// Plays an engine that starts one attempt and is killed: the attempt runs on under somebody else.
// Returns the attempt's identity.
ProcessIdentity leave_by_dead_engine(ProcessFixture& fixture,
                                     const konductor::ports::ProcessSpec& spec) {
  const pid_t engine = ::fork();
  if (engine == 0) {
    konductor::platform::Spawner spawner;
    const auto spawned =
        spawner.spawn(spec, spec.argv.front(), konductor::platform::owner_mark_for(spec.token));
    konductor::test::write_file(fixture.dir / "attempt.tmp",
                                std::to_string(spawned.has_value() ? spawned->pid : 0));
    std::filesystem::rename(fixture.dir / "attempt.tmp", fixture.dir / "attempt");
    ::raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(engine, &status, 0) == engine);
  const pid_t pid = pid_in(fixture.dir / "attempt");
  REQUIRE(pid > 0);
  fixture.run_until([&] { return is_ready(spec); });
  const auto stat = konductor::platform::read_process_stat(pid);
  REQUIRE(stat.has_value());
  return {pid, stat->start_time, spec.token};
}

// While it lives, orphans of dead engines do not become this program's children.
class NoSubreaper {
 public:
  NoSubreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }
  ~NoSubreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }
};

}  // namespace

TEST_CASE("an attempt of a killed engine is adopted, watched and ended") {
  ProcessFixture fixture;
  const NoSubreaper elsewhere;
  const auto spec = fixture.spec({"daemon_and_hang", (fixture.dir / "pid").native()});
  const ProcessIdentity identity = leave_by_dead_engine(fixture, spec);
  const pid_t daemon = pid_in(fixture.dir / "pid");

  auto process = fixture.launcher.adopt(identity);
  REQUIRE(process.has_value());
  CHECK(process.value()->output_bytes() == 6);  // "ready\n"
  konductor::driver::AttemptLimits limits;
  limits.timeout = 50ms;
  limits.grace = 5s;
  const auto result = fixture.supervise(*process.value(), limits);
  CHECK(result.cause == "timed_out");
  CHECK(result.exit.exit_code == -1);
  CHECK(result.exit.signal == 0);
  CHECK_FALSE(is_alive(identity.pid));
  CHECK_FALSE(is_alive(daemon));
  const auto again = fixture.launcher.adopt(identity);
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().code == ErrorCode::not_found);
}

TEST_CASE("only the very process is adopted") {
  ProcessFixture fixture;
  const auto spec = fixture.spec({"hang"});
  const auto process = fixture.start(spec);
  fixture.run_until([&] { return is_ready(spec); });
  const ProcessIdentity identity = process->identity();
  ProcessIdentity other = identity;
  other.start_time += 1;
  CHECK(fixture.launcher.adopt(other).error().code == ErrorCode::not_found);
  other = identity;
  other.token = "KONDUCTOR_PROMPT_FILE=/another";
  CHECK(fixture.launcher.adopt(other).error().code == ErrorCode::not_found);
  other = identity;
  other.pid = 0;
  CHECK(fixture.launcher.adopt(other).error().code == ErrorCode::not_found);
  fixture.run(process->kill_tree()).value();
  CHECK(fixture.launcher.adopt(identity).error().code == ErrorCode::not_found);
}

TEST_CASE("a sweep ends what a killed engine left, and nothing else") {
  ProcessFixture fixture;
  const NoSubreaper elsewhere;
  const auto bystander_spec = fixture.spec({"hang"});
  const auto bystander = fixture.start(bystander_spec);
  const auto spec = fixture.spec({"daemon_and_hang", (fixture.dir / "pid").native()});
  const ProcessIdentity identity = leave_by_dead_engine(fixture, spec);
  const pid_t daemon = pid_in(fixture.dir / "pid");

  CHECK(fixture.run(fixture.launcher.sweep("KONDUCTOR_PROMPT_FILE=/none")).value() == 0);
  CHECK(is_alive(identity.pid));
  CHECK(fixture.run(fixture.launcher.sweep(spec.token)).value() == 2);
  CHECK_FALSE(is_alive(identity.pid));
  CHECK_FALSE(is_alive(daemon));
  CHECK(is_alive(bystander->identity().pid));
  fixture.run(bystander->kill_tree()).value();
}
