// SPDX-License-Identifier: MIT
// What goes wrong around the journal's file: dead engines, full disks, damaged and foreign files.
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <iostream>

#include "platform/sqlite_journal_schema.hpp"
#include "sqlite_fixture.hpp"

using namespace konductor;
using namespace konductor::test;
using platform::SchemaStep;
using platform::SqliteJournal;
using platform::SqliteJournalOptions;

namespace {

constexpr int kEventsPerTransaction = 5;

// Appends transactions of five events each until it is killed, telling of each on `pipe`. Runs in a
// forked child: no assertions.
[[noreturn]] void write_until_killed(const std::filesystem::path& path, int pipe) {
  auto journal = SqliteJournal::open(path, "01");
  if (journal.has_error() || journal.value()->take_fence().has_error()) ::_exit(1);
  for (int n = 0;; ++n) {
    std::vector<engine::Event> events;
    for (int i = 0; i < kEventsPerTransaction; ++i)
      events.push_back(note(n * kEventsPerTransaction + i, std::string(3000, 'x')));
    const std::vector<ports::Document> documents = {{"doc-" + std::to_string(n), "text"}};
    if (journal.value()->append(events, documents).has_error()) ::_exit(2);
    if (::write(pipe, &n, sizeof n) != sizeof n) ::_exit(3);
  }
}

// A small file system in memory, for a disk that can be filled; not everybody may mount one.
class SmallDisk {
 public:
  explicit SmallDisk(const char* size) {
    is_mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, size) == 0;
    if (!is_mounted_) std::cout << "skipped: may not mount a small disk here\n";
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool is_mounted() const { return is_mounted_; }
  [[nodiscard]] std::filesystem::path database() const { return folder_.database(); }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  bool make_read_only() const {
    return ::mount("tmpfs", path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

 private:
  JournalFolder folder_;
  bool is_mounted_ = false;
};

SqliteJournalOptions with_steps(std::span<const SchemaStep> steps) {
  SqliteJournalOptions options;
  options.schema_steps = steps;
  return options;
}

// Overwrites `bytes` bytes in the middle of every page from `first` on (pages of 4096 bytes).
void damage_pages(const std::filesystem::path& path, std::size_t first, std::size_t bytes) {
  std::string text = read_file(path);
  for (std::size_t at = first * 4096; at + bytes < text.size(); at += 4096)
    std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(at), bytes, '\x5A');
  write_file(path, text);
}

}  // namespace

TEST_CASE("a writer killed in mid-stream leaves whole transactions and loses none") {
  for (int round = 0; round < 5; ++round) {
    JournalFolder folder;
    std::array<int, 2> pipe{};
    REQUIRE(::pipe(pipe.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) write_until_killed(folder.database(), pipe[1]);
    ::close(pipe[1]);
    int committed = -1;
    while (committed < 10 + 7 * round)
      REQUIRE(::read(pipe[0], &committed, sizeof committed) == sizeof committed);
    ::kill(child, SIGKILL);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    for (int n = 0; ::read(pipe[0], &n, sizeof n) == sizeof n;)
      committed = n;
    ::close(pipe[0]);

    auto reader = SqliteJournal::open_read_only(folder.database(), "01");
    REQUIRE(reader.has_value());
    const auto events = replayed(*reader.value());
    REQUIRE(events.size() % kEventsPerTransaction == 0);
    const int found = static_cast<int>(events.size()) / kEventsPerTransaction;
    CHECK((found == committed + 1 || found == committed + 2));
    for (std::size_t i = 0; i < events.size(); ++i)
      CHECK(std::get<engine::event::note_recorded>(events[i].body).plan == static_cast<int>(i));
    for (int n = 0; n < found; ++n)
      CHECK(reader.value()->document("doc-" + std::to_string(n)).value() == "text");

    auto next = open_journal(folder.database());
    CHECK(next->take_fence().value() == 2);
    append(*next, {note(1)});
    CHECK(replayed(*next).size() == events.size() + 1);
  }
}

TEST_CASE("a full disk is an environment error, keeps what is there, and room mends it") {
  SmallDisk disk("size=1m");
  if (!disk.is_mounted()) return;
  auto journal = hold_journal(disk.database());
  append(*journal, {note(0)});
  std::size_t whole = 1;
  Error error;
  for (int n = 1; n < 1000; ++n) {
    const std::vector<engine::Event> events = {note(n, std::string(20000, 'x')), note(n)};
    const auto result = journal->append(events, {});
    if (result.has_error()) {
      error = result.error();
      break;
    }
    whole += 2;
  }
  CHECK(error.code == ErrorCode::environment);
  CHECK(has(error.message, "the disk is full; free some space and run again"));
  CHECK(has(error.message, "konductor.db"));
  CHECK(replayed(*journal).size() == whole);
  journal.reset();
  REQUIRE(::mount("tmpfs", disk.path().c_str(), "tmpfs", MS_REMOUNT, "size=8m") == 0);
  auto next = hold_journal(disk.database());
  CHECK(replayed(*next).size() == whole);
  append(*next, {note(1, std::string(20000, 'x'))});
  CHECK(replayed(*next).size() == whole + 1);
}

TEST_CASE("a limit on file sizes fails one append and leaves the journal whole") {
  JournalFolder folder;
  { append(*hold_journal(folder.database()), {note(0)}); }
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto journal = SqliteJournal::open(folder.database(), "01");
    if (journal.has_error() || journal.value()->take_fence().has_error()) ::_exit(10);
    const rlimit limit{200'000, 200'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(11);
    for (int n = 1; n < 100; ++n) {
      const std::vector<engine::Event> events = {note(n, std::string(9000, 'x'))};
      const auto result = journal.value()->append(events, {});
      if (!result.has_error()) continue;
      const auto again = journal.value()->append(events, {});
      const bool is_right = result.error().code == ErrorCode::environment && n > 5 &&
                            again.has_error() && again.error() == result.error();
      ::_exit(is_right ? 100 + n : 12);
    }
    ::_exit(13);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  const int failed_at = WEXITSTATUS(status) - 100;
  REQUIRE(failed_at > 0);
  CHECK(replayed(*open_journal(folder.database())).size() == static_cast<std::size_t>(failed_at));
}

TEST_CASE("a file that is no database is refused and left as it is") {
  JournalFolder folder;
  for (const std::string& text :
       {std::string("not a database at all, but long enough to have a header of its own ......"
                    ".................................................................."),
        std::string(8192, '\0'), std::string("SQLite format 3") + std::string(5000, '\x7F')}) {
    write_file(folder.database(), text);
    const Error error = open_error(folder.database());
    CHECK(error.code == ErrorCode::environment);
    CHECK(has(error.message, "konductor.db\" is not a usable journal"));
    CHECK(has(error.message, "move it away"));
    CHECK(has(error.message, "rebuilt from the files under phases/"));
    CHECK(SqliteJournal::open_read_only(folder.database(), "01").error().code ==
          ErrorCode::environment);
    CHECK(read_file(folder.database()) == text);
  }
}

TEST_CASE("a damaged database is an environment error wherever the damage shows") {
  JournalFolder folder;
  {
    auto journal = hold_journal(folder.database());
    for (int n = 0; n < 50; ++n)
      append(*journal, {note(n, std::string(3000, 'x'))});
  }
  const std::string whole = read_file(folder.database());
  for (const std::size_t first : {1U, 2U, 5U}) {
    write_file(folder.database(), whole);
    damage_pages(folder.database(), first, 200);
    auto journal = SqliteJournal::open(folder.database(), "01");
    const auto result =
        journal.has_error()
            ? Result<void>(journal.error())
            : journal.value()->replay([](engine::Event&&) -> Result<void> { return {}; });
    REQUIRE(result.has_error());
    CHECK(result.error().code == ErrorCode::environment);
    CHECK(has(result.error().message, "is not a usable journal"));
  }
  write_file(folder.database(), whole.substr(0, whole.size() / 2));
  auto cut = SqliteJournal::open(folder.database(), "01");
  const auto result = cut.has_error()
                          ? Result<void>(cut.error())
                          : cut.value()->replay([](engine::Event&&) -> Result<void> { return {}; });
  REQUIRE(result.has_error());
  CHECK(result.error().code == ErrorCode::environment);
}

TEST_CASE("a row whose body is not what an event holds is a damaged journal") {
  JournalFolder folder;
  auto journal = hold_journal(folder.database());
  append(*journal, {note(1), note(2)});
  run_sql(folder.database(), "UPDATE event SET body = '{\"plan\":\"x\"}' WHERE seq = 2");
  const auto result = journal->replay([](engine::Event&&) -> Result<void> { return {}; });
  REQUIRE(result.has_error());
  CHECK(result.error().code == ErrorCode::environment);
  CHECK(has(result.error().message, "row 2: event \"note_recorded\", field \"plan\""));
}

TEST_CASE("a missing table is a damaged journal") {
  JournalFolder folder;
  { hold_journal(folder.database()); }
  run_sql(folder.database(), "DROP TABLE event");
  const Error error = open_error(folder.database());
  CHECK(error.code == ErrorCode::environment);
  CHECK(has(error.message, "is not a usable journal"));
}

TEST_CASE("the database of a newer konductor is refused, unchanged, and names both versions") {
  JournalFolder folder;
  { append(*hold_journal(folder.database()), {note(1)}); }
  run_sql(folder.database(), "PRAGMA user_version=7");
  const std::string before = read_file(folder.database());
  const Error error = open_error(folder.database());
  CHECK(error.code == ErrorCode::environment);
  CHECK(has(error.message, "schema version 7"));
  CHECK(has(error.message, "up to 1"));
  CHECK(has(error.message, "upgrade konductor"));
  CHECK(SqliteJournal::open_read_only(folder.database(), "01").error() == error);
  CHECK(read_file(folder.database()) == before);
}

TEST_CASE("another program's database is refused and left as it is") {
  JournalFolder folder;
  run_sql(folder.database(), "CREATE TABLE event (x); INSERT INTO event VALUES (1)");
  const std::string before = read_file(folder.database());
  const Error error = open_error(folder.database());
  CHECK(error.code == ErrorCode::environment);
  CHECK(has(error.message, "another program"));
  CHECK(read_file(folder.database()) == before);
  CHECK_FALSE(std::filesystem::exists(folder.database().string() + "-wal"));
}

TEST_CASE("an older database is brought forward with everything in it") {
  JournalFolder folder;
  const std::array<SchemaStep, 3> steps = {
      platform::journal_schema_steps()[0],
      "ALTER TABLE event ADD COLUMN host TEXT; UPDATE event SET host = 'here'",
      "CREATE TABLE extra (x); INSERT INTO extra SELECT count(*) FROM event"};
  const std::span<const SchemaStep> all(steps);
  {
    auto old = open_journal(folder.database(), "01", with_steps(all.first(1)));
    REQUIRE(old->take_fence().has_value());
    append(*old, {note(1), note(2)}, {{"doc", "text"}});
  }
  const auto too_old = SqliteJournal::open_read_only(folder.database(), "01", with_steps(all));
  REQUIRE(too_old.has_error());
  CHECK(has(too_old.error().message, "older schema version 1"));

  auto journal = open_journal(folder.database(), "01", with_steps(all));
  CHECK(replayed(*journal) == std::vector<engine::Event>{note(1), note(2)});
  CHECK(journal->document("doc").value() == "text");
  CHECK(journal->take_fence().value() == 2);
  append(*journal, {note(3)});
  CHECK(query_sql(folder.database(), "PRAGMA user_version") == "3");
  CHECK(query_sql(folder.database(), "SELECT x FROM extra") == "2");
  CHECK(query_sql(folder.database(), "SELECT count(*) FROM event WHERE host = 'here'") == "2");
  journal.reset();
  CHECK(replayed(*open_journal(folder.database(), "01", with_steps(all))).size() == 3);
  CHECK(has(open_error(folder.database(), with_steps(all.first(2))).message, "version 3"));
}

TEST_CASE("a migration that fails changes nothing") {
  JournalFolder folder;
  { append(*hold_journal(folder.database()), {note(1)}); }
  const std::array<SchemaStep, 3> steps = {platform::journal_schema_steps()[0],
                                           "ALTER TABLE event ADD COLUMN host TEXT",
                                           "INSERT INTO no_such_table VALUES (1)"};
  CHECK(open_error(folder.database(), with_steps(steps)).code == ErrorCode::environment);
  CHECK(query_sql(folder.database(), "PRAGMA user_version") == "1");
  CHECK(replayed(*open_journal(folder.database())).size() == 1);
}

TEST_CASE("what is in the way of the file is named") {
  JournalFolder folder;
  std::filesystem::create_directory(folder.database());
  const Error directory = open_error(folder.database());
  CHECK(directory.code == ErrorCode::environment);
  CHECK(has(directory.message, "is a folder where the journal's database should be"));
  CHECK(SqliteJournal::open_read_only(folder.database(), "01").error() == directory);

  const auto pipe = folder.path() / "pipe.db";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(has(open_error(pipe).message, "is not a file"));

  const Error missing = open_error(folder.path() / "missing" / "konductor.db");
  CHECK(missing.code == ErrorCode::environment);
  CHECK(has(missing.message, "cannot be opened"));
}

TEST_CASE("on a read-only file system the journal can be read, not written") {
  SmallDisk disk("size=4m");
  if (!disk.is_mounted()) return;
  { append(*hold_journal(disk.database()), {note(1)}); }
  REQUIRE(disk.make_read_only());
  const auto writing = SqliteJournal::open(disk.database(), "01");
  const auto result =
      writing.has_error() ? Result<std::int64_t>(writing.error()) : writing.value()->take_fence();
  REQUIRE(result.has_error());
  CHECK(result.error().code == ErrorCode::environment);
  CHECK(has(result.error().message, "make the file and its folder writable"));
  auto reader = SqliteJournal::open_read_only(disk.database(), "01");
  REQUIRE(reader.has_value());
  CHECK(replayed(*reader.value()).size() == 1);
}

TEST_CASE("a read-only folder is an environment error") {
  JournalFolder folder;
  { append(*hold_journal(folder.database()), {note(1)}); }
  const auto missing = folder.path() / "other.db";
  REQUIRE(::chmod(folder.path().c_str(), 0555) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    // Root may write everywhere, nobody may not.
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(10);
    for (const auto& path : {folder.database(), missing}) {
      const auto journal = SqliteJournal::open(path, "01");
      if (!journal.has_error() || journal.error().code != ErrorCode::environment) ::_exit(11);
      if (journal.error().message.find("make the file and its folder writable") ==
          std::string::npos)
        ::_exit(12);
    }
    const auto reader = SqliteJournal::open_read_only(folder.database(), "01");
    if (reader.has_error()) ::_exit(13);
    ::_exit(replayed(*reader.value()).size() == 1 ? 0 : 14);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(::chmod(folder.path().c_str(), 0700) == 0);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
