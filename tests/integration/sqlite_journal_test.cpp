// SPDX-License-Identifier: MIT
#include "platform/sqlite_journal.hpp"

#include <thread>

#include "sqlite_fixture.hpp"
#include "support/event_samples.hpp"
#include "support/memory_journal.hpp"

using namespace konductor;
using namespace konductor::test;
using platform::SqliteJournal;
using ports::Document;

TEST_CASE("every event and document is there after the file is opened again") {
  JournalFolder folder;
  std::vector<engine::Event> events;
  for (const engine::EventBody& body : sample_bodies())
    events.push_back({static_cast<std::int64_t>(events.size()), "run-7", body});
  std::string binary("a\0b\xFF\r\n", 6);
  {
    auto journal = hold_journal(folder.database());
    append(*journal, events, {{"001-task-1-executor-1", binary}, {"empty", ""}});
  }
  auto journal = open_journal(folder.database());
  CHECK(replayed(*journal) == events);
  CHECK(journal->document("001-task-1-executor-1").value() == binary);
  CHECK(journal->document("empty").value() == "");
  CHECK_FALSE(journal->document("other").value().has_value());
}

TEST_CASE("a file that was removed is written again with all that was recorded") {
  JournalFolder folder;
  const std::string side = GENERATE("", "-wal");
  {
    auto journal = hold_journal(folder.database());
    append(*journal, {note(1)}, {{"doc", "text"}});
    CHECK(journal->document("doc").value() == "text");
    std::filesystem::remove(folder.database());
    if (!side.empty()) std::filesystem::remove(folder.database().string() + side);
    append(*journal, {note(2)});
    CHECK(journal->document("doc").value() == "text");
    append(*journal, {note(3)});
  }
  auto journal = open_journal(folder.database());
  CHECK(replayed(*journal) == std::vector<engine::Event>{note(1), note(2), note(3)});
  CHECK(journal->document("doc").value() == "text");
}

TEST_CASE("two engines of one removed file go on with one file") {
  JournalFolder folder;
  {
    auto first = hold_journal(folder.database(), "01");
    auto second = hold_journal(folder.database(), "02");
    append(*first, {note(1)});
    append(*second, {note(2)});
    std::filesystem::remove(folder.database());
    append(*first, {note(3)});
    append(*second, {note(4)});
  }
  CHECK(replayed(*open_journal(folder.database(), "01")).size() == 2);
  CHECK(replayed(*open_journal(folder.database(), "02")).size() == 2);
}

TEST_CASE("a file that was replaced by another one is an error") {
  JournalFolder folder;
  auto journal = hold_journal(folder.database());
  append(*journal, {note(1)});
  std::filesystem::remove(folder.database());
  { auto other = hold_journal(folder.database()); }
  const std::vector<engine::Event> events{note(2)};
  const auto result = journal->append(events, {});
  REQUIRE(result.has_error());
  CHECK(result.error().code == ErrorCode::environment);
}

TEST_CASE("the newest document of a name is the one that is read") {
  JournalFolder folder;
  auto journal = hold_journal(folder.database());
  append(*journal, {note(1)}, {{"doc", "first"}, {"doc", "second"}});
  append(*journal, {}, {{"doc", "third"}});
  CHECK(journal->document("doc").value() == "third");
}

TEST_CASE("a document of several mebibytes and an append of nothing are taken") {
  JournalFolder folder;
  auto journal = hold_journal(folder.database());
  const std::string large(5U << 20U, 'x');
  append(*journal, {note(1, large)}, {{"doc", large}});
  append(*journal, {});
  CHECK(journal->document("doc").value() == large);
  CHECK(replayed(*journal).size() == 1);
}

TEST_CASE("rows carry phase, run, type, plan and task in columns of their own") {
  JournalFolder folder;
  auto journal = hold_journal(folder.database(), "01-auth");
  append(*journal, {note(3), {5, "run-1", engine::event::wave_finished{2}}});
  const std::string columns =
      "SELECT group_concat(phase || ' ' || run || ' ' || type || ' ' || "
      "coalesce(plan, '-') || ' ' || coalesce(task, '-'), '; ') FROM event";
  CHECK(query_sql(folder.database(), columns) ==
        "01-auth run-1 note_recorded 3 1; 01-auth run-1 wave_finished - -");
}

TEST_CASE("an engine whose phase was taken over may not append, and says so") {
  JournalFolder folder;
  auto first = hold_journal(folder.database());
  append(*first, {note(1)});
  auto second = open_journal(folder.database());
  const auto fence = second->take_fence();
  REQUIRE(fence.has_value());
  CHECK(fence.value() == 2);

  const std::vector<engine::Event> late = {note(2), note(3)};
  const std::vector<Document> documents = {{"late", "text"}};
  const auto refused = first->append(late, documents);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ErrorCode::fenced);
  CHECK(has(refused.error().message, "took over phase \"01\""));
  CHECK(first->append({}, {}).error().code == ErrorCode::fenced);

  append(*second, {note(4)});
  CHECK(replayed(*second) == std::vector<engine::Event>{note(1), note(4)});
  CHECK_FALSE(second->document("late").value().has_value());
}

TEST_CASE("an engine that never took the phase may not append") {
  JournalFolder folder;
  auto journal = open_journal(folder.database());
  const std::vector<engine::Event> events = {note(1)};
  CHECK(journal->append(events, {}).error().code == ErrorCode::fenced);
  CHECK(replayed(*journal).empty());
}

TEST_CASE("the fence of one phase leaves other phases alone") {
  JournalFolder folder;
  auto first = hold_journal(folder.database(), "01");
  auto second = hold_journal(folder.database(), "02");
  append(*first, {note(1)});
  append(*second, {note(2)});
  append(*first, {note(3)}, {{"doc", "of 01"}});
  CHECK(replayed(*first) == std::vector<engine::Event>{note(1), note(3)});
  CHECK(replayed(*second) == std::vector<engine::Event>{note(2)});
  CHECK_FALSE(second->document("doc").value().has_value());
  CHECK(first->phases().value() == std::vector<std::string>{"01", "02"});
}

TEST_CASE("engines of several phases make and write the same file at once") {
  JournalFolder folder;
  constexpr int kAppends = 100;
  std::vector<std::string> errors(4);
  {
    std::vector<std::jthread> engines;
    for (std::size_t i = 0; i < errors.size(); ++i)
      engines.emplace_back([&, i] {
        auto journal = SqliteJournal::open(folder.database(), "0" + std::to_string(i));
        if (journal.has_error()) return void(errors[i] = journal.error().message);
        if (auto fence = journal.value()->take_fence(); fence.has_error())
          return void(errors[i] = fence.error().message);
        for (int n = 0; n < kAppends && errors[i].empty(); ++n) {
          const std::vector<engine::Event> events = {note(n), note(n, "second")};
          if (auto result = journal.value()->append(events, {}); result.has_error())
            errors[i] = result.error().message;
        }
      });
  }
  for (std::size_t i = 0; i < errors.size(); ++i) {
    CHECK(errors[i].empty());
    INFO(errors[i]);
    const auto events = replayed(*open_journal(folder.database(), "0" + std::to_string(i)));
    REQUIRE(events.size() == 2 * kAppends);
    for (int n = 0; n < kAppends; ++n)
      CHECK(events[2 * static_cast<std::size_t>(n)] == note(n));
  }
}

TEST_CASE("a journal that is only read needs no fence and sees what others commit") {
  JournalFolder folder;
  auto writer = hold_journal(folder.database());
  append(*writer, {note(1)});
  auto reader = SqliteJournal::open_read_only(folder.database(), "01");
  REQUIRE(reader.has_value());
  CHECK(replayed(*reader.value()).size() == 1);
  append(*writer, {note(2)}, {{"doc", "d"}});
  CHECK(replayed(*reader.value()).size() == 2);
  CHECK(reader.value()->document("doc").value() == "d");
  CHECK(reader.value()->phases().value() == std::vector<std::string>{"01"});
  append(*writer, {note(3)});
}

TEST_CASE("reading goes on while another engine is inside a transaction") {
  JournalFolder folder;
  auto writer = hold_journal(folder.database());
  append(*writer, {note(1)});
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(folder.database().c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE; DELETE FROM event", nullptr, nullptr, nullptr) ==
          SQLITE_OK);
  auto reader = SqliteJournal::open_read_only(folder.database(), "01");
  REQUIRE(reader.has_value());
  CHECK(replayed(*reader.value()).size() == 1);

  platform::SqliteJournalOptions impatient;
  impatient.busy_timeout = std::chrono::milliseconds(20);
  auto waiting = open_journal(folder.database(), "02", impatient);
  const auto locked = waiting->take_fence();
  REQUIRE(locked.has_error());
  CHECK(locked.error().code == ErrorCode::environment);
  CHECK(has(locked.error().message, "locked by another program"));
  sqlite3_close(other);
  CHECK(waiting->take_fence().value() == 1);
}

TEST_CASE("reading makes no journal where there is none") {
  JournalFolder folder;
  CHECK(SqliteJournal::open_read_only(folder.database(), "01").error().code ==
        ErrorCode::not_found);
  CHECK_FALSE(std::filesystem::exists(folder.database()));
  write_file(folder.database(), "");
  CHECK(SqliteJournal::open_read_only(folder.database(), "01").error().code ==
        ErrorCode::not_found);
  CHECK(std::filesystem::file_size(folder.database()) == 0);
}

TEST_CASE("the newest run of a phase is found, finished or not") {
  JournalFolder folder;
  auto journal = hold_journal(folder.database());
  CHECK_FALSE(journal->last_run().value().has_value());
  engine::event::run_started started;
  started.phase = "01";
  started.pid = 42;
  append(*journal, {{100, "run-1", started}, {150, "run-1", engine::event::wave_started{1}}});
  auto last = journal->last_run().value();
  REQUIRE(last.has_value());
  CHECK(last->run == "run-1");
  CHECK(last->started.pid == 42);
  CHECK(last->started_at == 100);
  CHECK(last->last_event_at == 150);
  CHECK_FALSE(last->finished.has_value());
  append(*journal, {{200, "run-1", engine::event::run_finished{3, "breaker", "none", ""}},
                    {210, "by-hand", engine::event::task_unblocked{1, 1, "c"}}});
  last = journal->last_run().value();
  REQUIRE(last->finished.has_value());
  CHECK(last->finished->exit == 3);
  CHECK(last->finished_at == 200);
  CHECK(last->last_event_at == 210);
  append(*journal, {{300, "run-2", started}});
  last = journal->last_run().value();
  CHECK(last->run == "run-2");
  CHECK_FALSE(last->finished.has_value());
  CHECK(last->finished_at == 0);
}

TEST_CASE("replay stops at the visitor's error and the journal goes on working") {
  JournalFolder folder;
  auto journal = hold_journal(folder.database());
  append(*journal, {note(1), note(2), note(3)});
  int seen = 0;
  const auto stopped = journal->replay([&](engine::Event&&) -> Result<void> {
    if (++seen == 2) return Error{ErrorCode::cancelled, "enough"};
    return {};
  });
  CHECK(stopped.error() == Error{ErrorCode::cancelled, "enough"});
  CHECK(seen == 2);
  append(*journal, {note(4)});
  CHECK(replayed(*journal).size() == 4);
}

TEST_CASE("events of types that this build does not know are passed over") {
  JournalFolder folder;
  auto journal = hold_journal(folder.database());
  append(*journal, {note(1)});
  run_sql(folder.database(),
          "INSERT INTO event (phase, run, time, type, body) VALUES "
          "('01', 'r', 5, 'event_of_tomorrow', '[1,2')");
  append(*journal, {note(2)});
  CHECK(replayed(*journal) == std::vector<engine::Event>{note(1), note(2)});
}

TEST_CASE("names with quotes, blanks and other alphabets are stored as they are") {
  JournalFolder folder;
  const std::string phase = "01-it's \"x\" \xC3\xA9; DROP TABLE event";
  auto journal = hold_journal(folder.path() / "file:a b?mode=memory#%41.db", phase);
  append(*journal, {note(1)});
  CHECK(std::filesystem::is_regular_file(folder.path() / "file:a b?mode=memory#%41.db"));
  CHECK(journal->phases().value() == std::vector<std::string>{phase});
  CHECK(replayed(*journal).size() == 1);
}

TEST_CASE("the memory journal keeps the same promises") {
  auto log = std::make_shared<MemoryLog>();
  MemoryJournal first(log);
  const std::vector<engine::Event> events = {note(1), note(2)};
  CHECK(first.append(events, {}).error().code == ErrorCode::fenced);
  REQUIRE(first.take_fence().value() == 1);
  std::size_t calls = 0;
  first.after_append([&](std::size_t count) { calls = count; });
  first.fail_nth_append(2);
  append(first, events, {{"doc", "a"}});
  CHECK(calls == 1);
  CHECK(first.append(events, {}).error().code == ErrorCode::environment);
  append(first, {note(3)}, {{"doc", "b"}});
  CHECK(calls == 2);
  CHECK(first.document("doc").value() == "b");
  CHECK(replayed(first) == std::vector<engine::Event>{note(1), note(2), note(3)});

  MemoryJournal second(log);
  REQUIRE(second.take_fence().value() == 2);
  CHECK(first.append(events, {}).error().code == ErrorCode::fenced);
  log->cut_back_to(1);
  CHECK(replayed(second) == events);
}
