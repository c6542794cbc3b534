// SPDX-License-Identifier: MIT
// What is done when the database was removed while an engine had it open: an agent may do so, and
// the next commits would go into a file without a name.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/text.hpp"
#include "platform/sqlite_journal_schema.hpp"
#include "platform/sqlite_journal_store.hpp"

namespace konductor::platform {
namespace {

namespace fs = std::filesystem;
using sqlite::Access;
using sqlite::Connection;
using sqlite::Statement;

Error cannot(std::string_view what, const fs::path& path) {
  return Error{ErrorCode::environment, "cannot " + std::string(what) + " " + quote(path.string()) +
                                           ": " + std::generic_category().message(errno)};
}

Result<void> sync(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_synced = fd >= 0 && ::fsync(fd) == 0;
  const Error failure = cannot("sync", path);
  if (fd >= 0) ::close(fd);
  if (!is_synced) return failure;
  return {};
}

std::string sql_text(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text)
    quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

// Writes what the connection holds to its path again. Another engine may have done so first.
Result<void> put_back(const Connection& connection) {
  const fs::path& path = connection.path();
  // Named as the database's side files are: nobody takes it, or its own, for an agent's work.
  const fs::path copy = path.string() + "-copy-" + std::to_string(::getpid());
  ::unlink(copy.c_str());
  const std::string sql = "VACUUM INTO " + sql_text(copy.string());
  Result<void> copied = connection.execute(sql.c_str());
  if (copied.has_value()) copied = sync(copy);
  if (copied.has_error()) {
    ::unlink(copy.c_str());
    return copied;
  }
  // Those of the removed file: nothing of them is in the copy twice.
  for (const char* side : {"-wal", "-shm"})
    ::unlink((path.string() + side).c_str());
  const bool is_put = ::link(copy.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const Error failure = cannot("put back", path);
  ::unlink(copy.c_str());
  if (!is_put) return failure;
  return sync(path.parent_path());
}

Result<std::int64_t> count_events(const Connection& connection, const std::string& phase) {
  KON_TRY(Statement count, connection.prepare("SELECT count(*) FROM event WHERE phase = ?1"));
  count.bind(1, phase);
  const int code = count.step();
  if (code != SQLITE_ROW) return connection.error(code);
  return count.number(0);
}

}  // namespace

Result<void> SqliteJournal::Store::mend() {
  if (!connection.has_moved()) return {};
  const fs::path path = connection.path();
  std::error_code error;
  if (!fs::exists(path, error)) KON_TRY_VOID(put_back(connection));
  KON_TRY(Connection found, Connection::open(path, Access::read_write, connection.busy_timeout()));
  KON_TRY_VOID(sqlite::prepare_for_writing(found, journal_schema_steps()));
  KON_TRY(const std::int64_t there, count_events(found, phase));
  KON_TRY(const std::int64_t recorded, count_events(connection, phase));
  if (there != recorded)
    return Error{ErrorCode::environment,
                 quote(path.string()) +
                     " was replaced by another file while this engine ran; "
                     "move that one away and run again: the journal is then "
                     "rebuilt from the files under phases/"};
  // The old connection would otherwise remove the side files of the new one.
  connection.leave_side_files();
  // Statements belong to their connection.
  writes.reset();
  newest_document.reset();
  connection = std::move(found);
  return prepare_writes();
}

}  // namespace konductor::platform
