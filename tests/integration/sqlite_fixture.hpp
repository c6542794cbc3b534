// SPDX-License-Identifier: MIT
#pragma once

#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "platform/sqlite_journal.hpp"
#include "support/temp_dir.hpp"

// What the tests of the SQLite journal share.
namespace konductor::test {

// A folder of its own for one test, gone afterwards.
class JournalFolder {
 public:
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path database() const { return folder_ / "konductor.db"; }

 private:
  TempDir folder_;
};

inline engine::Event note(int number, std::string text = "n") {
  return engine::Event{1000 + number, "run-1", engine::event::note_recorded{number, 1, text}};
}

inline std::unique_ptr<platform::SqliteJournal> open_journal(
    const std::filesystem::path& path, std::string phase = "01",
    platform::SqliteJournalOptions options = {}) {
  auto journal = platform::SqliteJournal::open(path, std::move(phase), options);
  if (journal.has_error()) FAIL(journal.error().message);
  return std::move(journal).value();
}

// Opens the journal and takes the phase.
inline std::unique_ptr<platform::SqliteJournal> hold_journal(const std::filesystem::path& path,
                                                             std::string phase = "01") {
  auto journal = open_journal(path, std::move(phase));
  auto fence = journal->take_fence();
  if (fence.has_error()) FAIL(fence.error().message);
  return journal;
}

inline void append(ports::Journal& journal, std::vector<engine::Event> events,
                   std::vector<ports::Document> documents = {}) {
  auto result = journal.append(events, documents);
  if (result.has_error()) FAIL(result.error().message);
}

inline std::vector<engine::Event> replayed(const ports::Journal& journal) {
  std::vector<engine::Event> events;
  auto result = journal.replay([&](engine::Event&& event) -> Result<void> {
    events.push_back(std::move(event));
    return {};
  });
  if (result.has_error()) FAIL(result.error().message);
  return events;
}

// The error of opening for writing.
inline Error open_error(const std::filesystem::path& path,
                        platform::SqliteJournalOptions options = {}) {
  auto journal = platform::SqliteJournal::open(path, "01", options);
  REQUIRE(journal.has_error());
  return journal.error();
}

inline bool has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

// Runs SQL on the file, beside the journal's code.
inline void run_sql(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  const int code = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
  const std::string message = sqlite3_errmsg(database);
  sqlite3_close(database);
  INFO(message);
  REQUIRE(code == SQLITE_OK);
}

// The first column of the first row.
inline std::string query_sql(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  std::string text;
  if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != nullptr)
    text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return text;
}

}  // namespace konductor::test
