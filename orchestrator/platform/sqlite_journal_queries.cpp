// SPDX-License-Identifier: MIT
// What is read from a journal, by the engine that resumes and by those that only look.
#include <map>

#include "base/text.hpp"
#include "engine/event_json.hpp"
#include "platform/sqlite_journal_store.hpp"

namespace konductor::platform {
namespace {

using sqlite::Connection;
using sqlite::Statement;

// Decodes the row (run, time, type, body, seq) at the statement's position.
Result<std::optional<engine::Event>> read_event(const Statement& row, const Connection& from) {
  auto body = engine::decode_body(row.text(2), row.text(3));
  if (body.has_error())
    return sqlite::unusable_database(
        from.path(), "row " + std::to_string(row.number(4)) + ": " + body.error().message);
  if (!body.value()) return std::optional<engine::Event>();
  return std::optional<engine::Event>(
      engine::Event{row.number(1), std::string(row.text(0)), std::move(*body.value())});
}

// The event of the statement's first row, if there is a row.
Result<std::optional<engine::Event>> read_one(Statement& statement, const Connection& from) {
  const int code = statement.step();
  if (code == SQLITE_ROW) return read_event(statement, from);
  if (code != SQLITE_DONE) return from.error(code);
  return std::optional<engine::Event>();
}

}  // namespace

Result<void> SqliteJournal::replay(
    const std::function<Result<void>(engine::Event&&)>& visit) const {
  KON_TRY_VOID(replay_after(0, visit));
  return {};
}

Result<std::int64_t> SqliteJournal::replay_after(
    std::int64_t number, const std::function<Result<void>(engine::Event&&)>& visit) const {
  const Connection& connection = store_->connection;
  KON_TRY(Statement row, connection.prepare("SELECT run, time, type, body, seq FROM event "
                                            "WHERE phase = ?1 AND seq > ?2 ORDER BY seq"));
  row.bind(1, store_->phase);
  row.bind(2, number);
  int code = row.step();
  for (; code == SQLITE_ROW; code = row.step()) {
    KON_TRY(std::optional<engine::Event> event, read_event(row, connection));
    number = row.number(4);
    if (event) KON_TRY_VOID(visit(std::move(*event)));
  }
  if (code != SQLITE_DONE) return connection.error(code);
  return number;
}

Result<std::optional<std::string>> SqliteJournal::document(const std::string& name) const {
  const Connection& connection = store_->connection;
  if (!store_->newest_document) {
    KON_TRY(Statement prepared, connection.prepare("SELECT text FROM document WHERE phase = ?1 AND "
                                                   "name = ?2 ORDER BY id DESC LIMIT 1"));
    store_->newest_document = std::move(prepared);
  }
  Statement& row = *store_->newest_document;
  row.bind(1, store_->phase);
  row.bind(2, name);
  const int code = row.step();
  std::optional<std::string> text;
  if (code == SQLITE_ROW) text.emplace(row.text(0));
  Error error;
  if (code != SQLITE_ROW && code != SQLITE_DONE) error = connection.error(code);
  row.reset();
  if (!error.message.empty()) return error;
  return text;
}

Result<std::vector<std::string>> SqliteJournal::phases() const {
  const Connection& connection = store_->connection;
  // Who appends to a phase took its fence before.
  KON_TRY(Statement row, connection.prepare("SELECT phase FROM fence ORDER BY phase"));
  std::vector<std::string> names;
  int code = row.step();
  for (; code == SQLITE_ROW; code = row.step())
    names.emplace_back(row.text(0));
  if (code != SQLITE_DONE) return connection.error(code);
  return names;
}

Result<engine::TaskDurations> SqliteJournal::task_durations() const {
  const Connection& connection = store_->connection;
  KON_TRY(Statement row,
          connection.prepare(
              "SELECT phase, plan, task, max(CASE type WHEN 'task_completed' THEN time END) - "
              "min(CASE type WHEN 'task_started' THEN time END) AS took FROM event WHERE type IN "
              "('task_started', 'task_completed') AND plan > 0 AND task > 0 "
              "GROUP BY phase, plan, task, run HAVING took >= 0 ORDER BY max(seq)"));
  engine::TaskDurations durations;
  std::map<std::pair<std::string, TaskAddress>, double> all;
  int code = row.step();
  for (; code == SQLITE_ROW; code = row.step()) {
    const TaskAddress address{static_cast<int>(row.number(1)), static_cast<int>(row.number(2))};
    const double seconds = static_cast<double>(row.number(3)) / 1000;
    all[{std::string(row.text(0)), address}] = seconds;
    if (row.text(0) == store_->phase) durations.own[address] = seconds;
  }
  if (code != SQLITE_DONE) return connection.error(code);
  for (const auto& [task, seconds] : all)
    durations.typical += seconds / static_cast<double>(all.size());
  durations.count = all.size();
  return durations;
}

Result<std::optional<LastRun>> SqliteJournal::last_run() const {
  const Connection& connection = store_->connection;
  // Read backwards from the end: the newest run is near it.
  KON_TRY(Statement start,
          connection.prepare("SELECT run, time, type, body, seq FROM event WHERE phase = ?1 AND "
                             "type = 'run_started' ORDER BY seq DESC LIMIT 1"));
  start.bind(1, store_->phase);
  KON_TRY(std::optional<engine::Event> started, read_one(start, connection));
  if (!started) return std::optional<LastRun>();
  LastRun last;
  last.run = started->run;
  last.started_at = started->time;
  last.started = std::get<engine::event::run_started>(std::move(started->body));
  const std::int64_t seq = start.number(4);

  KON_TRY(Statement newest, connection.prepare("SELECT run, time, type, body, seq FROM event WHERE "
                                               "phase = ?1 AND seq >= ?2 ORDER BY seq DESC"));
  newest.bind(1, store_->phase);
  newest.bind(2, seq);
  int code = newest.step();
  if (code == SQLITE_ROW) last.last_event_at = newest.number(1);
  for (; code == SQLITE_ROW; code = newest.step()) {
    if (newest.text(2) != engine::event::run_finished::kName || newest.text(0) != last.run)
      continue;
    KON_TRY(std::optional<engine::Event> finished, read_event(newest, connection));
    last.finished_at = finished->time;
    last.finished = std::get<engine::event::run_finished>(std::move(finished->body));
    break;
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE) return connection.error(code);
  return std::optional<LastRun>(std::move(last));
}

}  // namespace konductor::platform
