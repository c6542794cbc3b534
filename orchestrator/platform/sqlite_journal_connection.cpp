// SPDX-License-Identifier: MIT
#include "platform/sqlite_journal_connection.hpp"

#include <cerrno>
#include <system_error>

#include "base/text.hpp"

namespace konductor::platform::sqlite {
namespace {

constexpr std::string_view kNothingLost = "; what was recorded is kept";

// A `file:` address of the path, for the settings that only an address can carry.
std::string immutable_address(const std::string& path) {
  std::string address = "file:";
  for (const char c : path) {
    if (c == '%')
      address += "%25";
    else if (c == '?')
      address += "%3f";
    else if (c == '#')
      address += "%23";
    else
      address += c;
  }
  return address + "?immutable=1";
}

std::string system_reason(int error_number) {
  if (error_number == 0) return "";
  return ": " + std::generic_category().message(error_number);
}

std::string unwritable(const std::string& name, std::string_view verb, int error_number) {
  return name + " cannot be " + std::string(verb) + system_reason(error_number) +
         "; make the file and its folder writable and run again";
}

std::string full_disk(const std::string& name) {
  return name + ": the disk is full; free some space and run again" + std::string(kNothingLost);
}

// What opening would do something strange with: a folder, a pipe that blocks, a device.
Result<void> check_file_type(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status)) return {};
  const char* what = std::filesystem::is_directory(status) ? " is a folder" : " is not a file";
  return Error{ErrorCode::environment, quote(path.string()) + what +
                                           " where the journal's database should be; move it "
                                           "away and run again"};
}

}  // namespace

Error unusable_database(const std::filesystem::path& path, std::string_view why) {
  return Error{ErrorCode::environment,
               quote(path.string()) + " is not a usable journal (" + std::string(why) +
                   "); move it away together with its -wal and -shm files and run again: the "
                   "journal is then rebuilt from the files under phases/"};
}

void Statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text64(handle_.get(), parameter, text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
}

void Statement::bind_bytes(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(handle_.get(), parameter, bytes.empty() ? "" : bytes.data(), bytes.size(),
                      SQLITE_STATIC);
}

void Statement::bind(int parameter, std::int64_t number) {
  sqlite3_bind_int64(handle_.get(), parameter, number);
}

void Statement::bind_null(int parameter) {
  sqlite3_bind_null(handle_.get(), parameter);
}

int Statement::step() {
  return sqlite3_step(handle_.get());
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
}

std::string_view Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(handle_.get(), column);
  const int size = sqlite3_column_bytes(handle_.get(), column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

Result<Connection> Connection::open(const std::filesystem::path& path, Access access,
                                    std::chrono::milliseconds busy_timeout) {
  KON_TRY_VOID(check_file_type(path));
  Connection connection;
  connection.path_ = path;
  connection.busy_timeout_ = busy_timeout;
  // An absolute path is never taken for an address.
  std::error_code ignored;
  std::string name = std::filesystem::absolute(path, ignored).string();
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (access == Access::immutable) {
    flags |= SQLITE_OPEN_URI;
    name = immutable_address(name);
  }
  flags |= access == Access::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                        : SQLITE_OPEN_READONLY;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  connection.handle_.reset(handle);
  if (code != SQLITE_OK) return connection.error(code);
  sqlite3_busy_timeout(handle, static_cast<int>(busy_timeout.count()));
  // The file may come from somebody else's repository: nothing in its schema may call functions.
  KON_TRY_VOID(connection.execute("PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=ON"));
  return connection;
}

Result<Statement> Connection::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error(code);
  return Statement(statement);
}

Result<void> Connection::execute(const char* sql) const {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return {};
}

Result<std::int64_t> Connection::number(std::string_view sql) const {
  KON_TRY(Statement statement, prepare(sql));
  const int code = statement.step();
  if (code == SQLITE_ROW) return statement.number(0);
  if (code != SQLITE_DONE) return error(code);
  return std::int64_t{0};
}

Result<void> Connection::run(Statement& statement) const {
  const int code = statement.step();
  if (code == SQLITE_DONE) {
    statement.reset();
    return {};
  }
  Error failure = error(code);
  statement.reset();
  return failure;
}

std::int64_t Connection::last_inserted() const {
  return sqlite3_last_insert_rowid(handle_.get());
}

void Connection::roll_back() const {
  if (sqlite3_get_autocommit(handle_.get()) != 0) return;
  // A failure ends the transaction too; the first error is the one to tell.
  sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

bool Connection::has_failed_disk() const {
  return (sqlite3_errcode(handle_.get()) & 0xFF) == SQLITE_IOERR;
}

bool Connection::has_moved() const {
  int moved = 0;
  const int code = sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return code == SQLITE_OK && moved != 0;
}

void Connection::leave_side_files() const {
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Error Connection::error(int code) const {
  const std::string name = quote(path_.string());
  const std::string reason = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
  const int error_number = handle_ ? sqlite3_system_errno(handle_.get()) : 0;
  auto environment = [](std::string message) {
    return Error{ErrorCode::environment, std::move(message)};
  };
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return environment(full_disk(name));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_ERROR:  // A table or a column is missing: somebody changed the file.
    case SQLITE_SCHEMA:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return unusable_database(path_, reason);
    case SQLITE_READONLY:
      return environment(unwritable(name, "written", 0));
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return environment(unwritable(name, "opened", error_number));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return environment(name + " has been locked by another program for " +
                         std::to_string(busy_timeout_.count() / 1000) +
                         " s; end that program and run again" + std::string(kNothingLost));
    case SQLITE_IOERR:
      if (error_number == ENOSPC || error_number == EDQUOT) return environment(full_disk(name));
      return environment(name + ": " + reason + system_reason(error_number) +
                         "; check the disk and run again" + std::string(kNothingLost));
    default:
      return environment(name + ": " + reason + std::string(kNothingLost));
  }
}

}  // namespace konductor::platform::sqlite
