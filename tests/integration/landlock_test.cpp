// SPDX-License-Identifier: MIT
#include "support/landlock.hpp"

#include <fcntl.h>

#include "integration/process_fixture.hpp"
#include "platform/real_places.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using Catch::Matchers::Contains;

namespace {

// A process that may write "inside" and the run directory, beside "outside".
struct Confined : ProcessFixture {
  fs::path inside = dir / "inside";
  fs::path outside = dir / "outside";
  std::vector<std::string> writable = {inside, "/dev/null", dir / "missing"};
  std::vector<std::string> unreadable;
  std::vector<std::string> readable;
  std::string said;

  Confined() {
    write_file(inside / "own.txt", "own\n");
    write_file(outside / "file.txt", "kept\n");
    fs::create_directories(outside / "empty");
  }

  // Whether the shell command, run in `directory`, is let through.
  bool may(const std::string& command, const fs::path& directory) {
    ports::ProcessSpec confined = spec({});
    confined.argv = {"/bin/sh", "-c", command};
    confined.environment.push_back("HOME=" + dir.text());
    confined.directory = directory;
    confined.confinement = ports::Confinement{"", writable, unreadable, readable};
    // What a script writes to /dev/stderr is a write to that file.
    confined.confinement->writable.push_back(confined.stderr_path);
    write_file(confined.stderr_path, "");
    const auto ended = supervise(confined);
    said = read_file(confined.stderr_path);
    return ended.exit.exit_code == 0;
  }
  bool may(const std::string& command) { return may(command, inside); }
};

}  // namespace

TEST_CASE("a confined process does what it likes inside of its places") {
  if (!has_landlock()) return;
  Confined it;
  for (const char* command :
       {"echo more >> own.txt", "mkdir -p a b && echo x > a/x && mv a/x b/y", "ln -s own.txt link",
        "ln own.txt hard", "rm -r a", "truncate -s 0 own.txt", "mkfifo pipe", "chmod 600 own.txt",
        "echo hidden > /dev/null", "echo told > /dev/stderr", "cat ../outside/file.txt"}) {
    INFO(command);
    CHECK(it.may(command));
  }
}

TEST_CASE("a confined process is refused every change outside, and so is all that it starts") {
  if (!has_landlock()) return;
  Confined it;
  for (const char* command :
       {"echo x > ../outside/new.txt", "echo x >> ../outside/file.txt", "rm ../outside/file.txt",
        "rmdir ../outside/empty", "mkdir ../outside/folder", "mv own.txt ../outside/",
        "mv ../outside/file.txt .", "ln ../outside/file.txt taken", "ln -s /etc ../outside/link",
        "mkfifo ../outside/pipe", "ln -s ../outside/file.txt way && echo x >> way",
        "setsid -w sh -c 'echo x >> ../outside/file.txt'", "(cd ../outside && echo x > new.txt)",
        "echo x > ../missing"}) {
    INFO(command);
    CHECK_FALSE(it.may(command));
    CHECK_THAT(it.said, Contains("Permission denied") || Contains("cross-device"));
  }
  CHECK(read_file(it.outside / "file.txt") == "kept\n");
  CHECK(std::distance(fs::directory_iterator(it.outside), fs::directory_iterator()) == 2);
  if (platform::landlock_abi() >= 3) CHECK_FALSE(it.may("truncate -s 0 ../outside/file.txt"));
}

TEST_CASE("who starts a confined process is not confined, nor is the next one") {
  if (!has_landlock()) return;
  Confined it;
  CHECK_FALSE(it.may("echo x > ../outside/new.txt"));
  write_file(it.outside / "of-engine.txt", "x");
  CHECK(read_file(it.outside / "of-engine.txt") == "x");
  auto next = it.spec({});
  next.argv = {"/bin/sh", "-c", "echo x > outside/new.txt"};
  CHECK(it.supervise(next).exit.exit_code == 0);
}

TEST_CASE("a confined process signals its own, and not who started it") {
  if (platform::landlock_abi() < 6) {
    WARN("skipped: this kernel does not confine signals");
    return;
  }
  Confined it;
  CHECK_FALSE(it.may("kill -0 $PPID"));
  CHECK(it.may("cat /dev/zero > /dev/null & kill -KILL $!"));
}

TEST_CASE("a confined process inherits no descriptor either, that of its rules included") {
  if (!has_landlock()) return;
  ProcessFixture fixture;
  const int low = ::open("/dev/null", O_RDONLY);
  const int high = ::fcntl(low, F_DUPFD, 500);
  REQUIRE(high >= 500);
  auto spec = fixture.spec({"descriptors"});
  spec.confinement.emplace();
  const std::size_t before = count_open_descriptors();
  fixture.supervise(spec);
  CHECK(count_open_descriptors() <= before + 4);  // What the launcher itself keeps open.
  ::close(low);
  ::close(high);
  CHECK(read_file(spec.stdout_path) == "0\n1\n2\n");
}

TEST_CASE("a program that is missing is told as one when it would be confined") {
  if (!has_landlock()) return;
  ProcessFixture fixture;
  auto spec = fixture.spec({});
  spec.argv = {(fixture.dir / "nothing").native()};
  spec.confinement.emplace();
  const auto started = fixture.launcher.start(spec);
  REQUIRE(started.has_error());
  CHECK(started.error().code == ErrorCode::environment);
  CHECK_THAT(started.error().message, Contains("not found"));
}

TEST_CASE("a confined process reads all but what it is denied, by whatever way") {
  if (!has_landlock()) return;
  Confined it;
  write_file(it.outside / "secret/key", "key\n");
  write_file(it.outside / "secret/own/file", "file\n");
  write_file(it.outside / "password", "word\n");
  fs::create_symlink(it.outside / "secret", it.inside / "way");
  fs::create_symlink(it.outside / "password", it.outside / "link");
  fs::create_directory_symlink(it.outside, it.dir / "elsewhere");
  it.unreadable = {it.outside / "secret/", it.dir / "elsewhere/password", it.outside / "missing"};
  it.writable.push_back(it.outside / "secret/own");
  for (const char* command :
       {"cat ../outside/file.txt", "cat ../outside/secret/own/file", "cat own.txt /etc/passwd",
        "echo x > new.txt && cat new.txt", "ls .. / ../outside/secret", "cat /proc/self/status",
        "head -c 1 /dev/urandom", "echo piped | cat", "sh -c 'cat own.txt'", "cat < /dev/null"}) {
    INFO(command);
    CHECK(it.may(command));
  }
  for (const char* command : {"cat ../outside/secret/key", "cat way/key", "cat ../outside/password",
                              "cat ../outside/link", "cat ../elsewhere/password",
                              "cat ../outside/secret/own/../key", "sh ../outside/password",
                              "cp ../outside/password mine", "cd ../outside/secret && cat key"}) {
    INFO(command);
    CHECK_FALSE(it.may(command));
    CHECK_THAT(it.said, Contains("Permission denied") || Contains("cannot open"));
  }
}

TEST_CASE("a confined process that may write single files writes these, in place") {
  if (!has_landlock()) return;
  Confined it;
  write_file(it.outside / "tree/own.txt", "own\n");
  write_file(it.outside / "tree/beside.txt", "kept\n");
  write_file(it.outside / "tree/folder/file.txt", "file\n");
  const fs::path tree = it.outside / "tree";
  it.writable = {tree / "own.txt", tree / "folder", "/dev/null"};
  it.unreadable = {it.outside};
  it.readable = {tree};
  for (const char* command :
       {"cat own.txt beside.txt folder/file.txt && ls", "echo x > own.txt", "echo x >> own.txt",
        "echo x > folder/new.txt && mv folder/new.txt folder/file.txt && rm folder/file.txt"}) {
    INFO(command);
    CHECK(it.may(command, tree));
  }
  for (const char* command :
       {"echo x > beside.txt", "echo x > new.txt", "rm own.txt", "rm beside.txt", "mkdir more",
        "echo x > folder/new && mv folder/new beside.txt", "mv beside.txt folder/",
        "ln -s own.txt link", "ln beside.txt folder/hard", "cat ../file.txt"}) {
    INFO(command);
    CHECK_FALSE(it.may(command, tree));
    CHECK_THAT(it.said, Contains("Permission denied") || Contains("cross-device"));
  }
  CHECK(read_file(tree / "beside.txt") == "kept\n");
  CHECK(read_file(tree / "own.txt") == "x\nx\n");
}

TEST_CASE("what comes up later beside an unreadable place cannot be read either") {
  if (!has_landlock()) return;
  Confined it;
  write_file(it.outside / "secret", "key\n");
  it.unreadable = {it.outside / "secret", it.outside / "later/key"};
  // Its rules are made before it begins.
  const std::string wait = "while ! cat ../inside/go 2> /dev/null; do :; done; ";
  ports::ProcessSpec spec = it.spec({});
  spec.argv = {"/bin/sh", "-c", wait + "cat ../outside/file.txt && ! cat ../outside/later/key"};
  spec.directory = it.inside;
  spec.confinement = ports::Confinement{"", it.writable, it.unreadable};
  const auto process = it.start(spec);
  write_file(it.outside / "later/key", "key\n");
  // Whole, or not there.
  write_file(it.inside / "going", "go\n");
  fs::rename(it.inside / "going", it.inside / "go");
  CHECK(it.supervise(*process).exit.exit_code == 0);
  CHECK(read_file(spec.stdout_path) == "go\nkept\n");
}

TEST_CASE("a directory that cannot be listed is passed through to what is known in it") {
  if (!has_landlock()) return;
  const platform::RealPlaces places = {{"/home/ada/.ssh", platform::PlaceUse::no_read},
                                       {"/srv/tree", platform::PlaceUse::write}};
  const auto list = [](const std::string& directory) -> std::vector<std::string> {
    if (directory == "/") return {"home", "srv", "usr"};
    if (directory == "/home") return {};
    if (directory == "/home/ada") return {".ssh", ".ssh-notes", "work"};
    FAIL("listed " << directory);
    return {};
  };
  CHECK(platform::readable_places(places, list) ==
        std::vector<std::string>{"/home/ada/.ssh-notes", "/home/ada/work", "/srv", "/usr"});
}
