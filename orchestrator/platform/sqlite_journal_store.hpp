// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>

#include "platform/sqlite_journal.hpp"
#include "platform/sqlite_journal_connection.hpp"

namespace konductor::platform {

// What a journal holds open.
struct SqliteJournal::Store {
  // Statements that every append runs.
  struct Writes {
    sqlite::Statement begin;
    sqlite::Statement token;
    sqlite::Statement event;
    sqlite::Statement document;
    sqlite::Statement commit;
  };

  sqlite::Connection connection;
  std::string phase;
  std::optional<Writes> writes;                      // None when the journal is only read.
  std::optional<sqlite::Statement> newest_document;  // Prepared by the first who asks for one.
  std::int64_t fence = 0;
  // Set once the disk failed a write: what it holds then is uncertain, so nothing more is added.
  std::optional<Error> failure;

  Result<void> prepare_writes();
  // Puts the file back where it was, should it have been removed, and goes on with it. Errors:
  // `environment`, when something else stands in its place.
  Result<void> mend();
  // One transaction from its begin to its commit; the caller rolls back when it fails.
  Result<void> add(std::span<const engine::Event> events, std::span<const std::string> bodies,
                   std::span<const ports::Document> documents);

 private:
  Result<void> check_fence();
  Result<void> insert(const engine::Event& event, std::string_view body);
  Result<void> insert(const ports::Document& document, const std::optional<std::int64_t>& seq);
};

}  // namespace konductor::platform
