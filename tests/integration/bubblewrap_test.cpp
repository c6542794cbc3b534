// SPDX-License-Identifier: MIT
// What bubblewrap lets a program do, as the launcher calls it.
#include "platform/bubblewrap.hpp"

#include <catch2/catch.hpp>

#include "integration/process_fixture.hpp"
#include "support/bubblewrap.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using Catch::Matchers::Contains;

namespace {

// A process that may write "inside" and not read "outside/secret", but for "outside/secret/own".
struct Wrapped : ProcessFixture {
  fs::path inside = dir / "inside";
  fs::path outside = dir / "outside";
  std::string said;

  Wrapped() {
    write_file(inside / "own.txt", "own\n");
    write_file(outside / "file.txt", "kept\n");
    write_file(outside / "secret/key", "key\n");
    write_file(outside / "secret/own/file", "file\n");
    write_file(outside / "password", "word\n");
  }

  ports::ProcessSpec shell(const std::string& command) {
    ports::ProcessSpec wrapped = spec({});
    wrapped.argv = {"/bin/sh", "-c", command};
    wrapped.directory = inside;
    wrapped.confinement =
        ports::Confinement{find_bwrap(),
                           // An empty path is no place.
                           {"", inside, "/dev/null", "/dev/zero", dir / "missing",
                            outside / "secret/own", dir / "run"},
                           {outside / "secret", outside / "password", outside / "nothing"}};
    return wrapped;
  }

  // With a supervisor around it, as attempts have.
  ports::ProcessSpec supervised_shell(const std::string& command) {
    ports::ProcessSpec wrapped = shell(command);
    fs::create_directories(dir / "run");
    wrapped.supervision = ports::Supervision{KONDUCTOR_SUPERVISOR, dir / "run/process.json"};
    return wrapped;
  }

  bool may(const std::string& command) {
    const ports::ProcessSpec wrapped = shell(command);
    const auto ended = supervise(wrapped);
    said = read_file(wrapped.stderr_path);
    return ended.exit.exit_code == 0;
  }
};

}  // namespace

TEST_CASE("in bubblewrap a process does what it likes in its places, and reads the rest") {
  if (!has_bubblewrap()) return;
  Wrapped it;
  for (const char* command :
       {"echo more >> own.txt", "mkdir -p a b && echo x > a/x && mv a/x b/y", "rm -r b",
        "ln own.txt hard", "echo hidden > /dev/null", "cat ../outside/file.txt /etc/passwd",
        "cat ../outside/secret/own/file", "echo x > ../outside/secret/own/new",
        "test \"$PWD\" = \"$(pwd -P)\"", "head -c 1 /dev/zero"}) {
    INFO(command);
    CHECK(it.may(command));
  }
  CHECK(read_file(it.outside / "secret/own/new") == "x\n");
}

TEST_CASE("in bubblewrap a process is refused all other writing, and what it may not read") {
  if (!has_bubblewrap()) return;
  Wrapped it;
  for (const char* command :
       {"echo x > ../outside/new.txt", "echo x >> ../outside/file.txt", "rm ../outside/file.txt",
        "mkdir ../outside/folder", "mv own.txt ../outside/", "echo x > ../missing",
        "cat ../outside/secret/key", "cat ../outside/password", "echo x >> ../outside/password",
        "echo x > ../outside/secret/new", "rm ../outside/password",
        "ln -s ../outside/secret/key way && cat way", "mount -o remount,rw /",
        "umount ../outside/secret"}) {
    INFO(command);
    CHECK_FALSE(it.may(command));
    CHECK_THAT(it.said, Contains("Read-only file system") || Contains("Permission denied") ||
                            Contains("No such file") || Contains("nonexistent") ||
                            Contains("permission denied") || Contains("must be superuser") ||
                            Contains("busy"));
  }
  CHECK(read_file(it.outside / "file.txt") == "kept\n");
  CHECK(read_file(it.outside / "password") == "word\n");
  CHECK_FALSE(fs::exists(it.outside / "secret/new"));
}

TEST_CASE("in bubblewrap a process that may write single files writes these, in place") {
  if (!has_bubblewrap()) return;
  Wrapped it;
  const fs::path tree = it.outside / "tree";
  write_file(tree / "own.txt", "own\n");
  write_file(tree / "beside.txt", "kept\n");
  write_file(tree / "folder/file.txt", "file\n");
  const auto may = [&](const std::string& command) {
    ports::ProcessSpec wrapped = it.shell(command);
    wrapped.directory = tree;
    wrapped.confinement = ports::Confinement{
        find_bwrap(), {tree / "own.txt", tree / "folder", "/dev/null"}, {it.outside}, {tree}};
    const auto ended = it.supervise(wrapped);
    it.said = read_file(wrapped.stderr_path);
    return ended.exit.exit_code == 0;
  };
  for (const char* command :
       {"cat own.txt beside.txt folder/file.txt && ls", "echo x > own.txt", "echo x >> own.txt",
        "echo x > folder/new.txt && mv folder/new.txt folder/file.txt && rm folder/file.txt"}) {
    INFO(command);
    CHECK(may(command));
  }
  for (const char* command : {"echo x > beside.txt", "echo x > new.txt", "rm own.txt",
                              "rm beside.txt", "mkdir more", "mv beside.txt folder/",
                              "echo x > folder/new && mv folder/new own.txt", "cat ../file.txt"}) {
    INFO(command);
    CHECK_FALSE(may(command));
    CHECK_THAT(it.said,
               Contains("Read-only file system") || Contains("busy") || Contains("No such file"));
  }
  CHECK(read_file(tree / "beside.txt") == "kept\n");
  CHECK(read_file(tree / "own.txt") == "x\nx\n");
}

TEST_CASE("in bubblewrap a process sees no more of the disk through another process") {
  if (!has_bubblewrap()) return;
  Wrapped it;
  const std::string outside = it.outside;
  for (const std::string& command : std::vector<std::string>{
           "cat $p/root" + outside + "/secret/key", "cat $p/root" + outside + "/password",
           "echo x > $p/root" + outside + "/new.txt", "cat $p/cwd/../outside/secret/key"}) {
    INFO(command);
    CHECK(it.may("for p in /proc/[0-9]*; do if " + command + "; then exit 1; fi; done"));
  }
  CHECK_FALSE(fs::exists(it.outside / "new.txt"));
}

TEST_CASE("in bubblewrap the processes of an attempt are found by its mark and ended") {
  if (!has_bubblewrap()) return;
  Wrapped it;
  const ports::ProcessSpec spec = it.supervised_shell(
      "setsid sh -c ': > left; exec tail -f /dev/null' & "
      "while ! test -e left; do :; done; exit 3");
  const auto process = it.start(spec);
  CHECK(it.run(process->wait()).value().exit_code == 3);
  CHECK(it.run(process->kill_tree()).value() >= 1);
  CHECK(it.run(it.launcher.sweep(spec.token)).value() == 0);
}

TEST_CASE("in bubblewrap the processes of a killed engine's attempt are found by its mark") {
  if (!has_bubblewrap()) return;
  Wrapped it;
  const ports::ProcessSpec spec =
      it.supervised_shell("setsid tail -f /dev/null & : > ready; exec tail -f /dev/null");
  const auto process = it.start(spec);
  it.run_until([&] { return fs::exists(it.inside / "ready"); });
  CHECK(it.run(it.launcher.sweep(spec.token)).value() >= 4);
  CHECK(it.run(process->wait()).has_value());
  CHECK(it.run(it.launcher.sweep(spec.token)).value() == 0);
}

TEST_CASE("in bubblewrap a process is asked to end before it is killed") {
  if (!has_bubblewrap()) return;
  Wrapped it;
  const int signal = GENERATE(SIGTERM, SIGINT);
  const auto process = it.start(it.supervised_shell(
      "trap 'echo asked > asked; exit 5' TERM INT; : > ready; while :; do :; done"));
  it.run_until([&] { return fs::exists(it.inside / "ready"); });
  if (signal == SIGINT)
    process->interrupt();
  else
    process->signal_tree(SIGTERM);
  CHECK(it.run(process->wait()).value().exit_code == 5);
  CHECK(read_file(it.inside / "asked") == "asked\n");
  CHECK(it.run(process->kill_tree()).has_value());
}

TEST_CASE("bubblewrap that cannot make a sandbox is told with what to do") {
  const Result<void> tried = platform::try_bwrap("/bin/false");
  REQUIRE(tried.has_error());
  CHECK(tried.error().code == ErrorCode::environment);
  CHECK_THAT(tried.error().message, Contains("/bin/false") && Contains("bwrap --ro-bind / / true"));
}
