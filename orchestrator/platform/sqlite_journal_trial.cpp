// SPDX-License-Identifier: MIT
#include "platform/sqlite_journal_trial.hpp"

#include <unistd.h>

#include "base/text.hpp"
#include "platform/sqlite_journal_connection.hpp"

namespace konductor::platform {
namespace {

Result<void> write_to(const std::filesystem::path& path) {
  KON_TRY(const sqlite::Connection connection,
          sqlite::Connection::open(path, sqlite::Access::read_write, std::chrono::seconds(5)));
  KON_TRY(sqlite::Statement mode, connection.prepare("PRAGMA journal_mode = WAL"));
  const int code = mode.step();
  if (code != SQLITE_ROW) return connection.error(code);
  const std::string chosen(mode.text(0));
  mode.reset();
  if (chosen != "wal")
    return Error{ErrorCode::environment,
                 "SQLite offers no write-ahead log there, only " + quote(chosen)};
  return connection.execute(
      "CREATE TABLE trial(number INTEGER);"
      "INSERT INTO trial VALUES(1);"
      "DROP TABLE trial;");
}

}  // namespace

Result<void> try_journal(const std::filesystem::path& directory) {
  const std::filesystem::path path =
      directory / ("konductor-trial-" + std::to_string(::getpid()) + ".db");
  const Result<void> written = write_to(path);
  std::error_code ignored;
  for (const char* end : {"", "-wal", "-shm", "-journal"})
    std::filesystem::remove(path.string() + end, ignored);
  if (written.has_error()) return Error{ErrorCode::environment, written.error().message};
  return {};
}

std::string sqlite_version() {
  return sqlite3_libversion();
}

}  // namespace konductor::platform
