// SPDX-License-Identifier: MIT
#include "platform/sqlite_journal_schema.hpp"

#include <array>

#include "base/text.hpp"

namespace konductor::platform {
namespace {

// Rows are read phase by phase in the order of their numbers, and bodies come last, so that rows of
// other phases are passed over cheaply without an index that every commit would have to write.
constexpr SchemaStep kVersion1 = R"(
CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  phase TEXT NOT NULL,
  run TEXT NOT NULL,
  time INTEGER NOT NULL,
  type TEXT NOT NULL,
  plan INTEGER,
  task INTEGER,
  body TEXT NOT NULL
);
CREATE TABLE document (
  id INTEGER PRIMARY KEY,
  phase TEXT NOT NULL,
  name TEXT NOT NULL,
  seq INTEGER REFERENCES event (seq),
  text BLOB NOT NULL
);
CREATE INDEX document_by_name ON document (phase, name);
CREATE TABLE fence (
  phase TEXT PRIMARY KEY,
  token INTEGER NOT NULL
) WITHOUT ROWID;
)";

constexpr std::array<SchemaStep, 1> kSteps = {kVersion1};

}  // namespace

std::span<const SchemaStep> journal_schema_steps() {
  return kSteps;
}

namespace sqlite {
namespace {

// "KOND": tells our databases from those of other programs.
constexpr std::int64_t kApplicationId = 0x4B4F4E44;
// The side file is cut back to this after a checkpoint, in bytes.
constexpr std::int64_t kWalBytesKept = 16 << 20;
constexpr int kRetryMilliseconds = 5;

struct Found {
  std::int64_t version = 0;
  bool is_empty = true;
};

// What the file holds now; called inside a transaction, so that it is one moment's state. Errors:
// another program's database, or a newer one.
Result<Found> look_inside(const Connection& connection, std::span<const SchemaStep> steps) {
  KON_TRY(const std::int64_t application, connection.number("PRAGMA application_id"));
  KON_TRY(const std::int64_t version, connection.number("PRAGMA user_version"));
  KON_TRY(const std::int64_t tables, connection.number("SELECT count(*) FROM sqlite_master"));
  if (tables == 0 && version == 0 && (application == 0 || application == kApplicationId))
    return Found{};
  if (application != kApplicationId || version < 1)
    return unusable_database(connection.path(), "it is the database of another program");
  const auto known = static_cast<std::int64_t>(steps.size());
  if (version <= known) return Found{version, false};
  return Error{ErrorCode::environment,
               quote(connection.path().string()) +
                   " was written by a newer konductor: it has schema version " +
                   std::to_string(version) + ", this konductor knows versions up to " +
                   std::to_string(known) + "; upgrade konductor"};
}

Result<Found> look_at(const Connection& connection, std::span<const SchemaStep> steps) {
  KON_TRY_VOID(connection.execute("BEGIN"));
  Result<Found> found = look_inside(connection, steps);
  connection.roll_back();
  return found;
}

// Switching to WAL needs the file for itself and does not always wait: two engines that make the
// same file at once would otherwise fail.
Result<void> switch_to_wal(const Connection& connection) {
  KON_TRY(Statement statement, connection.prepare("PRAGMA journal_mode=WAL"));
  int code = statement.step();
  for (auto waited = std::chrono::milliseconds(0);
       (code & 0xFF) == SQLITE_BUSY && waited < connection.busy_timeout();
       waited += std::chrono::milliseconds(kRetryMilliseconds)) {
    statement.reset();
    sqlite3_sleep(kRetryMilliseconds);
    code = statement.step();
  }
  if (code != SQLITE_ROW) return connection.error(code);
  if (statement.text(0) == "wal") return {};
  return Error{ErrorCode::environment, quote(connection.path().string()) +
                                           " is on a file system that cannot share a journal; put "
                                           "the project on a local disk"};
}

Result<void> apply_steps(const Connection& connection, std::span<const SchemaStep> steps) {
  KON_TRY(const Found found, look_inside(connection, steps));
  const auto done = static_cast<std::size_t>(found.version);
  for (const SchemaStep step : steps.subspan(done))
    KON_TRY_VOID(connection.execute(step));
  const std::string stamp = "PRAGMA application_id=" + std::to_string(kApplicationId) +
                            "; PRAGMA user_version=" + std::to_string(steps.size()) + "; COMMIT";
  return connection.execute(stamp.c_str());
}

Result<void> migrate(const Connection& connection, std::span<const SchemaStep> steps) {
  // Another engine may be migrating too: what holds is what is found once the lock is ours.
  KON_TRY_VOID(connection.execute("BEGIN IMMEDIATE"));
  Result<void> result = apply_steps(connection, steps);
  if (!result.has_value()) connection.roll_back();
  return result;
}

}  // namespace

Result<void> prepare_for_writing(const Connection& connection, std::span<const SchemaStep> steps) {
  KON_TRY(const Found found, look_at(connection, steps));
  KON_TRY_VOID(switch_to_wal(connection));
  const std::string settings =
      "PRAGMA synchronous=FULL; PRAGMA journal_size_limit=" + std::to_string(kWalBytesKept);
  KON_TRY_VOID(connection.execute(settings.c_str()));
  if (!found.is_empty && found.version == static_cast<std::int64_t>(steps.size())) return {};
  return migrate(connection, steps);
}

Result<bool> check_for_reading(const Connection& connection, std::span<const SchemaStep> steps) {
  KON_TRY(const Found found, look_at(connection, steps));
  if (found.is_empty) return false;
  if (found.version == static_cast<std::int64_t>(steps.size())) return true;
  return Error{ErrorCode::environment,
               quote(connection.path().string()) + " has the older schema version " +
                   std::to_string(found.version) +
                   "; run \"konductor execute\" once, which brings it to version " +
                   std::to_string(steps.size())};
}

}  // namespace sqlite
}  // namespace konductor::platform
