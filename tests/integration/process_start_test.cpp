// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "base/text.hpp"
#include "integration/process_fixture.hpp"

namespace fs = std::filesystem;
using konductor::ErrorCode;
using konductor::test::count_open_descriptors;
using konductor::test::ProcessFixture;
using konductor::test::read_file;
using konductor::test::write_file;

namespace {

void make_program(const fs::path& path, std::string_view text, mode_t mode) {
  write_file(path, text);
  ::chmod(path.c_str(), mode);
}

}  // namespace

TEST_CASE("an exit code and a signal of the same number are told apart") {
  ProcessFixture fixture;
  const auto exited = fixture.supervise(fixture.spec({"exit", "15"}));
  CHECK(exited.exit.exit_code == 15);
  CHECK(exited.exit.signal == 0);
  const auto killed = fixture.supervise(fixture.spec({"signal", "15"}));
  CHECK(killed.exit.exit_code == -1);
  CHECK(killed.exit.signal == SIGTERM);
  CHECK(exited.cause == "done");
  CHECK(killed.cause == "done");
}

TEST_CASE("stdin is the file, then its end, or nothing") {
  ProcessFixture fixture;
  const std::string prompt = std::string(300'000, 'p') + "\n";
  write_file(fixture.dir / "prompt.md", prompt);
  auto with_input = fixture.spec({"cat"});
  with_input.stdin_path = (fixture.dir / "prompt.md").native();
  CHECK(fixture.supervise(with_input).exit.exit_code == 0);
  CHECK(read_file(with_input.stdout_path) == prompt);
  const auto without = fixture.spec({"cat"});
  CHECK(fixture.supervise(without).exit.exit_code == 0);
  CHECK(read_file(without.stdout_path).empty());
}

TEST_CASE("stdout and stderr are appended to their files, or to one") {
  ProcessFixture fixture;
  auto spec = fixture.spec({"both"});
  write_file(spec.stdout_path, "before ");
  fixture.supervise(spec);
  CHECK(read_file(spec.stdout_path) == "before out");
  CHECK(read_file(spec.stderr_path) == "err");
  spec.stderr_path = spec.stdout_path;
  fixture.supervise(spec);
  CHECK(read_file(spec.stdout_path) == "before outouterr");
  spec.stdout_path.clear();
  spec.stderr_path.clear();
  CHECK(fixture.supervise(spec).exit.exit_code == 0);
}

TEST_CASE("arguments, environment and directory are exactly those asked for") {
  ProcessFixture fixture;
  const auto arguments = fixture.spec({"arguments", "", "a b", "$HOME", "*", "\xff\n"});
  fixture.supervise(arguments);
  CHECK(read_file(arguments.stdout_path) ==
        std::string(KONDUCTOR_PROCESS_HELPER) + "\narguments\n\na b\n$HOME\n*\n\xff\n\n");

  auto environment = fixture.spec({"environment"});
  environment.environment.push_back("NAME=with = and spaces");
  fixture.supervise(environment);
  CHECK(read_file(environment.stdout_path) ==
        "PATH=/usr/bin:/bin\n" + environment.token + "\nNAME=with = and spaces\n");

  auto directory = fixture.spec({"directory"});
  fs::create_directory(fixture.dir / "sub folder");
  directory.directory = (fixture.dir / "sub folder").native();
  fixture.supervise(directory);
  CHECK(read_file(directory.stdout_path) == directory.directory + "\n");
}

TEST_CASE("a child inherits no descriptor, whatever the engine has open") {
  ProcessFixture fixture;
  // Neither has close-on-exec, and one has a high number.
  const int low = ::open("/dev/null", O_RDONLY);
  const int high = ::fcntl(low, F_DUPFD, 500);
  REQUIRE(high >= 500);
  const auto spec = fixture.spec({"descriptors"});
  fixture.supervise(spec);
  ::close(low);
  ::close(high);
  CHECK(read_file(spec.stdout_path) == "0\n1\n2\n");
}

TEST_CASE("a child leads its own group and has default signals") {
  ProcessFixture fixture;
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGUSR1);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto old_handler = std::signal(SIGPIPE, SIG_IGN);
  const auto spec = fixture.spec({"state"});
  const auto process = fixture.start(spec);
  std::signal(SIGPIPE, old_handler);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  const std::string pid = std::to_string(process->identity().pid);
  fixture.supervise(*process);
  const std::string state = read_file(spec.stdout_path);
  CHECK(state.find("pid " + pid + " group " + pid + " ") == 0);
  CHECK(state.find("SigBlk:\t0000000000000000") != std::string::npos);
  CHECK(state.find("SigIgn:\t0000000000000000") != std::string::npos);
}

TEST_CASE("the engine's own signal handling is as it was after a start") {
  ProcessFixture fixture;
  static volatile sig_atomic_t caught = 0;
  const auto before = std::signal(SIGUSR2, [](int) { caught = 1; });
  fixture.supervise(fixture.spec({"exit", "0"}));
  ::raise(SIGUSR2);
  std::signal(SIGUSR2, before);
  CHECK(caught == 1);
}

TEST_CASE("a program is found in the environment's PATH, not the engine's") {
  ProcessFixture fixture;
  make_program(fixture.dir / "bin/agent", "#!/bin/sh\necho found\n", 0755);
  fs::create_directories(fixture.dir / "first/agent");  // A directory is no program.
  make_program(fixture.dir / "second/agent", "#!/bin/sh\n", 0644);
  auto spec = fixture.spec({});
  spec.argv = {"agent"};
  spec.environment = {"PATH=relative:" + (fixture.dir / "first").native() + ":" +
                      (fixture.dir / "second").native() + ":" + (fixture.dir / "bin").native()};
  fixture.supervise(spec);
  CHECK(read_file(spec.stdout_path) == "found\n");

  // It moves: what was remembered must not be trusted.
  fs::create_directories(fixture.dir / "first");
  fs::remove_all(fixture.dir / "first/agent");
  fs::rename(fixture.dir / "bin/agent", fixture.dir / "first/agent");
  fixture.supervise(spec);
  CHECK(read_file(spec.stdout_path) == "found\nfound\n");
}

TEST_CASE("a relative program is looked up from the working directory") {
  ProcessFixture fixture;
  make_program(fixture.dir / "work/agent.sh", "#!/bin/sh\necho here\n", 0755);
  auto spec = fixture.spec({});
  spec.argv = {"./agent.sh"};
  spec.directory = (fixture.dir / "work").native();
  fixture.supervise(spec);
  CHECK(read_file(spec.stdout_path) == "here\n");
}

TEST_CASE("what cannot be started is named with the reason, and leaves nothing behind") {
  ProcessFixture fixture;
  make_program(fixture.dir / "plain", "#!/bin/sh\n", 0644);
  make_program(fixture.dir / "text", "just words\n", 0755);
  make_program(fixture.dir / "orphaned", "#!/no/such/interpreter\n", 0755);
  const auto error_of = [&](std::vector<std::string> argv) {
    auto spec = fixture.spec({});
    spec.argv = std::move(argv);
    const auto started = fixture.launcher.start(spec);
    REQUIRE_FALSE(started.has_value());
    return started.error();
  };
  const std::size_t before = count_open_descriptors();
  const auto missing = error_of({"no-such-agent"});
  CHECK(missing.code == ErrorCode::environment);
  CHECK(missing.message.find("\"no-such-agent\": not found in PATH") != std::string::npos);
  const auto missing_path = error_of({"/no/such/agent"});
  CHECK(missing_path.code == ErrorCode::environment);
  CHECK(missing_path.message.find("not found") != std::string::npos);
  const auto not_executable = error_of({(fixture.dir / "plain").native()});
  CHECK(not_executable.code == ErrorCode::environment);
  CHECK(not_executable.message.find("not executable") != std::string::npos);
  const auto no_program = error_of({(fixture.dir / "text").native()});
  CHECK(no_program.code == ErrorCode::environment);
  CHECK(no_program.message.find("#!") != std::string::npos);
  CHECK(error_of({(fixture.dir / "orphaned").native()}).code == ErrorCode::environment);
  CHECK(error_of({}).code == ErrorCode::invalid_input);
  CHECK(error_of({""}).code == ErrorCode::invalid_input);
  CHECK(error_of({"/bin/true", std::string(4 << 20, 'x')}).message.find("too long") !=
        std::string::npos);

  auto bad_directory = fixture.spec({"exit", "0"});
  bad_directory.directory = (fixture.dir / "none").native();
  const auto refused = fixture.launcher.start(bad_directory);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::io);
  CHECK(refused.error().message.find("entering \"" + bad_directory.directory) != std::string::npos);

  auto bad_output = fixture.spec({"exit", "0"});
  bad_output.stdout_path = (fixture.dir / "none/stdout.log").native();
  CHECK(fixture.launcher.start(bad_output).error().message.find("stdout.log") != std::string::npos);
  auto bad_input = fixture.spec({"exit", "0"});
  bad_input.stdin_path = (fixture.dir / "none.md").native();
  CHECK(fixture.launcher.start(bad_input).error().message.find("none.md") != std::string::npos);

  CHECK(count_open_descriptors() == before);
  CHECK(konductor::platform::read_children(::getpid()).empty());
}

TEST_CASE("running out of descriptors is an error of the environment") {
  ProcessFixture fixture;
  rlimit before = {};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none = {3, before.rlim_max};
  const auto spec = fixture.spec({"exit", "0"});
  ::setrlimit(RLIMIT_NOFILE, &none);
  const auto started = fixture.launcher.start(spec);
  ::setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE_FALSE(started.has_value());
  CHECK(started.error().code == ErrorCode::environment);
  CHECK(started.error().message.find("too many open files") != std::string::npos);
}
