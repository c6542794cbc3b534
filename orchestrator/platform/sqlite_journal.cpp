// SPDX-License-Identifier: MIT
#include "platform/sqlite_journal.hpp"

#include <utility>

#include "base/check.hpp"
#include "base/text.hpp"
#include "engine/event_json.hpp"
#include "platform/sqlite_journal_schema.hpp"
#include "platform/sqlite_journal_store.hpp"

namespace konductor::platform {
namespace {

using sqlite::Access;
using sqlite::Connection;
using sqlite::Statement;

// The address columns of an event's row; absent in events that speak of no plan or task.
struct Address {
  std::optional<std::int64_t> plan;
  std::optional<std::int64_t> task;

  void look(std::string_view name, int value) {
    if (name == "plan") plan = value;
    if (name == "task") task = value;
  }
  template <class Other>
  void look(std::string_view, const Other&) {}
};

Address address_of(const engine::EventBody& body) {
  Address address;
  std::visit(
      [&](const auto& e) {
        std::decay_t<decltype(e)>::fields(
            e, [&](std::string_view name, const auto& field) { address.look(name, field); });
      },
      body);
  return address;
}

void bind(Statement& statement, int parameter, const std::optional<std::int64_t>& value) {
  if (value)
    statement.bind(parameter, *value);
  else
    statement.bind_null(parameter);
}

// True when nothing waits in the write-ahead log: the file can then be read as it stands, without
// the side files that SQLite would make beside it and leave there. Should an engine begin to write
// meanwhile, it writes to the log, long before it touches the file.
bool is_at_rest(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path.string() + "-wal", error);
  return error || size == 0;
}

Error no_journal(const std::filesystem::path& path) {
  return Error{ErrorCode::not_found,
               quote(path.string()) + " holds no journal yet: no phase was ever executed here"};
}

}  // namespace

SqliteJournal::SqliteJournal(std::unique_ptr<Store> store) : store_(std::move(store)) {}
SqliteJournal::~SqliteJournal() = default;

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(const std::filesystem::path& path,
                                                           std::string phase,
                                                           SqliteJournalOptions options) {
  KON_TRY(Connection connection, Connection::open(path, Access::read_write, options.busy_timeout));
  KON_TRY_VOID(sqlite::prepare_for_writing(connection, options.schema_steps));
  auto store = std::make_unique<Store>();
  store->connection = std::move(connection);
  store->phase = std::move(phase);
  KON_TRY_VOID(store->prepare_writes());
  return std::make_unique<SqliteJournal>(std::move(store));
}

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open_read_only(
    const std::filesystem::path& path, std::string phase, SqliteJournalOptions options) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return no_journal(path);
  const Access access = is_at_rest(path) ? Access::immutable : Access::read_only;
  KON_TRY(Connection connection, Connection::open(path, access, options.busy_timeout));
  KON_TRY(const bool is_ready, sqlite::check_for_reading(connection, options.schema_steps));
  if (!is_ready) return no_journal(path);
  auto store = std::make_unique<Store>();
  store->connection = std::move(connection);
  store->phase = std::move(phase);
  return std::make_unique<SqliteJournal>(std::move(store));
}

Result<std::int64_t> SqliteJournal::take_fence() {
  KON_CHECK(store_->writes.has_value());
  const Connection& connection = store_->connection;
  KON_TRY(Statement next, connection.prepare("INSERT INTO fence (phase, token) VALUES (?1, 1) "
                                             "ON CONFLICT (phase) DO UPDATE SET token = token + 1 "
                                             "RETURNING token"));
  // One statement is one transaction; it is committed when the statement has run to its end.
  next.bind(1, store_->phase);
  int code = next.step();
  if (code != SQLITE_ROW) return connection.error(code);
  const std::int64_t token = next.number(0);
  code = next.step();
  if (code != SQLITE_DONE) return connection.error(code);
  store_->fence = token;
  return token;
}

Result<void> SqliteJournal::Store::prepare_writes() {
  KON_TRY(Statement begin, connection.prepare("BEGIN IMMEDIATE"));
  KON_TRY(Statement token, connection.prepare("SELECT token FROM fence WHERE phase = ?1"));
  KON_TRY(Statement event,
          connection.prepare("INSERT INTO event (phase, run, time, type, plan, task, body) "
                             "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  KON_TRY(Statement document, connection.prepare("INSERT INTO document (phase, name, seq, text) "
                                                 "VALUES (?1, ?2, ?3, ?4)"));
  KON_TRY(Statement commit, connection.prepare("COMMIT"));
  writes.emplace(Writes{std::move(begin), std::move(token), std::move(event), std::move(document),
                        std::move(commit)});
  return {};
}

Result<void> SqliteJournal::Store::check_fence() {
  Statement& token = writes->token;
  token.bind(1, phase);
  const int code = token.step();
  const std::int64_t now = code == SQLITE_ROW ? token.number(0) : 0;
  Error error;
  if (code != SQLITE_ROW && code != SQLITE_DONE) error = connection.error(code);
  token.reset();
  if (!error.message.empty()) return error;
  if (fence != 0 && now == fence) return {};
  return Error{ErrorCode::fenced,
               "another engine took over phase " + quote(phase) +
                   "; this one stops without another write (its work is recorded up to here)"};
}

Result<void> SqliteJournal::Store::insert(const engine::Event& event, std::string_view body) {
  const Address address = address_of(event.body);
  Statement& row = writes->event;
  row.bind(1, phase);
  row.bind(2, event.run);
  row.bind(3, event.time);
  row.bind(4, engine::event_name(event.body));
  bind(row, 5, address.plan);
  bind(row, 6, address.task);
  row.bind(7, body);
  return connection.run(row);
}

Result<void> SqliteJournal::Store::insert(const ports::Document& document,
                                          const std::optional<std::int64_t>& seq) {
  Statement& row = writes->document;
  row.bind(1, phase);
  row.bind(2, document.name);
  bind(row, 3, seq);
  row.bind_bytes(4, document.text);
  return connection.run(row);
}

Result<void> SqliteJournal::Store::add(std::span<const engine::Event> events,
                                       std::span<const std::string> bodies,
                                       std::span<const ports::Document> documents) {
  KON_TRY_VOID(connection.run(writes->begin));
  KON_TRY_VOID(check_fence());
  std::optional<std::int64_t> seq;
  for (std::size_t i = 0; i < events.size(); ++i) {
    KON_TRY_VOID(insert(events[i], bodies[i]));
    seq = connection.last_inserted();
  }
  for (const ports::Document& document : documents)
    KON_TRY_VOID(insert(document, seq));
  return connection.run(writes->commit);
}

Result<void> SqliteJournal::append(std::span<const engine::Event> events,
                                   std::span<const ports::Document> documents) {
  KON_CHECK(store_->writes.has_value());
  if (store_->failure) return *store_->failure;
  KON_TRY_VOID(store_->mend());
  // Encoded before the file is locked: other phases' engines wait for it.
  std::vector<std::string> bodies;
  bodies.reserve(events.size());
  for (const engine::Event& event : events)
    bodies.push_back(engine::encode_body(event.body));
  Result<void> result = store_->add(events, bodies, documents);
  if (result.has_error()) {
    if (store_->connection.has_failed_disk()) store_->failure = result.error();
    store_->connection.roll_back();
  }
  return result;
}

}  // namespace konductor::platform
