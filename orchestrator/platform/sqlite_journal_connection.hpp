// SPDX-License-Identifier: MIT
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

// A thin layer over sqlite3: handles that close themselves, and errors that say what to do.
namespace konductor::platform::sqlite {

// A prepared statement. Columns and parameters count as in SQLite: columns from 0, parameters
// from 1. Bound texts must live until the next reset.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}

  void bind(int parameter, std::string_view text);
  void bind_bytes(int parameter, std::string_view bytes);
  void bind(int parameter, std::int64_t number);
  void bind_null(int parameter);

  // Runs to the next row: SQLITE_ROW, SQLITE_DONE or an error code.
  int step();
  // Makes the statement ready to run again and lets go of its locks.
  void reset();

  // The text is valid until the next step or reset.
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::int64_t number(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

enum class Access {
  read_write,  // Makes the file when it is missing.
  read_only,
  immutable,  // For a folder in which not even SQLite's side files can be made.
};

// One connection to one file; one thread at a time.
class Connection {
 public:
  static Result<Connection> open(const std::filesystem::path& path, Access access,
                                 std::chrono::milliseconds busy_timeout);

  // Prepares one statement that is kept and run often.
  [[nodiscard]] Result<Statement> prepare(std::string_view sql) const;
  // Runs one or more statements without results.
  [[nodiscard]] Result<void> execute(const char* sql) const;
  // The first column of the first row; 0 when there is none.
  [[nodiscard]] Result<std::int64_t> number(std::string_view sql) const;
  // Runs a statement that returns nothing and makes it ready again.
  [[nodiscard]] Result<void> run(Statement& statement) const;

  [[nodiscard]] std::int64_t last_inserted() const;
  // Undoes an open transaction, if there is one.
  void roll_back() const;
  // True when the call that failed last failed on the disk.
  [[nodiscard]] bool has_failed_disk() const;
  // True when the file no longer stands where it was opened.
  [[nodiscard]] bool has_moved() const;
  // Closing writes nothing and removes nothing.
  void leave_side_files() const;
  // The error for a result code that is neither a row nor the end.
  [[nodiscard]] Error error(int code) const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::chrono::milliseconds busy_timeout() const { return busy_timeout_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
  std::filesystem::path path_;
  std::chrono::milliseconds busy_timeout_{};
};

// What to do about a file that is damaged or was never a journal.
Error unusable_database(const std::filesystem::path& path, std::string_view why);

}  // namespace konductor::platform::sqlite
