// SPDX-License-Identifier: MIT
#include "records/state_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

#include "base/check.hpp"
#include "base/text.hpp"

namespace konductor::records {
namespace {

// The order of the format's own tables; others follow in alphabetical order.
constexpr std::array<std::string_view, 6> kOrder = {"project", "current",  "progress",
                                                    "metrics", "blockers", "release"};

Error error_at(const toml::source_region& source, std::string_view what) {
  return Error{ErrorCode::invalid_input, "line " + std::to_string(source.begin.line) + ", column " +
                                             std::to_string(source.begin.column) + ": " +
                                             std::string(what)};
}

Result<toml::table> parse(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return error_at(error.source(), error.description());
  }
}

// Reads known keys of one table and remembers the first that has the wrong type.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string_view name) : table_(&table), name_(name) {}

  void read(std::string_view key, std::string& out) {
    const toml::node* node = table_->get(key);
    if (node == nullptr) return;
    if (const auto* text = node->as_string())
      out = text->get();
    else if (node->is_date() || node->is_time() || node->is_date_time())
      out = time_text(*node);
    else
      fail(key, *node, "a string");
  }
  void read(std::string_view key, std::int64_t& out) {
    const toml::node* node = table_->get(key);
    if (node == nullptr) return;
    if (const auto* number = node->as_integer())
      out = number->get();
    else
      fail(key, *node, "an integer");
  }
  void read(std::string_view key, bool& out) {
    const toml::node* node = table_->get(key);
    if (node == nullptr) return;
    if (const auto* value = node->as_boolean())
      out = value->get();
    else
      fail(key, *node, "true or false");
  }
  [[nodiscard]] Result<void> result() const {
    if (error_) return *error_;
    return {};
  }

 private:
  // Some tools write times bare.
  static std::string time_text(const toml::node& node) {
    std::ostringstream text;
    if (const auto* value = node.as_date_time()) text << value->get();
    if (const auto* value = node.as_date()) text << value->get();
    if (const auto* value = node.as_time()) text << value->get();
    return text.str();
  }
  void fail(std::string_view key, const toml::node& node, std::string_view expected) {
    if (error_) return;
    const std::string name = std::string(name_) + "." + std::string(key);
    error_ = error_at(node.source(), quote(name) + " must be " + std::string(expected));
  }

  const toml::table* table_;
  std::string_view name_;
  std::optional<Error> error_;
};

template <class Struct>
Result<void> read_fields(const toml::table& table, std::string_view name, Struct& out) {
  TableReader reader(table, name);
  Struct::fields(out, [&](std::string_view key, auto& field) { reader.read(key, field); });
  return reader.result();
}

template <class Struct>
Result<void> read_table(const toml::table& document, std::string_view name, Struct& out) {
  const toml::node* node = document.get(name);
  if (node == nullptr) return {};
  if (!node->is_table()) return error_at(node->source(), quote(name) + " must be a table");
  return read_fields(*node->as_table(), name, out);
}

Result<void> read_blockers(const toml::table& document, std::vector<Blocker>& out) {
  const toml::node* node = document.get("blockers");
  if (node == nullptr) return {};
  const auto wrong = [](const toml::node& at) {
    return error_at(at.source(), "\"blockers\" must be an array of tables");
  };
  if (!node->is_array()) return wrong(*node);
  for (const toml::node& entry : *node->as_array()) {
    if (!entry.is_table()) return wrong(entry);
    KON_TRY_VOID(read_fields(*entry.as_table(), "blockers", out.emplace_back()));
  }
  return {};
}

// Sets what differs from what the table says; a key that is missing and empty stays missing.
template <class Struct>
void write_fields(toml::table& table, const Struct& values) {
  TableReader reader(table, "");
  Struct::fields(values, [&](std::string_view key, const auto& now) {
    std::decay_t<decltype(now)> before{};
    reader.read(key, before);
    if (now != before) table.insert_or_assign(key, now);
  });
}

template <class Struct>
void write_table(toml::table& document, std::string_view name, const Struct& values) {
  toml::table* table = document[name].as_table();
  if (table != nullptr) return write_fields(*table, values);
  toml::table fresh;
  write_fields(fresh, values);
  if (!fresh.empty()) document.insert_or_assign(name, std::move(fresh));
}

void write_blockers(toml::table& document, const std::vector<Blocker>& blockers) {
  toml::array* list = document["blockers"].as_array();
  if (list == nullptr) {
    if (blockers.empty()) return;
    list = document.insert("blockers", toml::array{}).first->second.as_array();
  }
  for (std::size_t i = 0; i < blockers.size(); ++i) {
    if (i == list->size()) {
      list->push_back(toml::table{});
      list->get(i)->as_table()->insert("resolved", false);
    }
    write_fields(*list->get(i)->as_table(), blockers[i]);
  }
}

// Tables and lists of tables have headers of their own and must follow all plain values.
bool has_header(const toml::node& node) {
  if (const auto* table = node.as_table()) return !table->is_inline();
  const auto* list = node.as_array();
  return list != nullptr && list->is_array_of_tables() && !list->get(0)->as_table()->is_inline();
}

void append_part(std::string& out, const toml::table& part) {
  if (part.empty()) return;
  std::ostringstream text;
  text << part;
  if (!out.empty()) out += '\n';
  out += trim(text.str());
  out += '\n';
}

std::string format(const toml::table& document) {
  std::vector<std::string> names(kOrder.begin(), kOrder.end());
  toml::table plain;
  for (const auto& [key, node] : document) {
    if (!has_header(node))
      plain.insert(key, node);
    else if (std::find(kOrder.begin(), kOrder.end(), key.str()) == kOrder.end())
      names.emplace_back(key.str());
  }
  std::string out;
  append_part(out, plain);
  for (const std::string& name : names) {
    const toml::node* node = document.get(name);
    if (node == nullptr || !has_header(*node)) continue;
    toml::table part;
    part.insert(name, *node);
    append_part(out, part);
  }
  return out;
}

bool is_of(const Blocker& blocker, std::string_view phase, std::string_view address) {
  const std::string start = std::string(address) + ":";
  return !blocker.resolved && blocker.phase == phase && blocker.reason.rfind(start, 0) == 0;
}

}  // namespace

Result<StateFile> parse_state(std::string_view text) {
  KON_TRY(const toml::table document, parse(text));
  StateFile state;
  KON_TRY_VOID(read_table(document, "project", state.project));
  KON_TRY_VOID(read_table(document, "current", state.current));
  KON_TRY_VOID(read_table(document, "progress", state.progress));
  KON_TRY_VOID(read_table(document, "metrics", state.metrics));
  KON_TRY_VOID(read_blockers(document, state.blockers));
  state.source = text;
  return state;
}

std::string to_toml(const StateFile& state) {
  Result<toml::table> source = parse(state.source);
  KON_CHECK(source.has_value());
  toml::table document = std::move(source).value();
  write_table(document, "project", state.project);
  write_table(document, "current", state.current);
  write_table(document, "progress", state.progress);
  write_table(document, "metrics", state.metrics);
  write_blockers(document, state.blockers);
  return format(document);
}

std::string initial_state(std::string_view project, std::string_view phase,
                          std::int64_t phases_total, std::string_view now) {
  const toml::table document{
      {"project", toml::table{{"name", project}, {"initialized", now}}},
      {"current",
       toml::table{
           {"phase", phase}, {"step", "specced"}, {"status", "idle"}, {"plan", ""}, {"wave", 0}}},
      {"progress", toml::table{{"phases_total", phases_total},
                               {"phases_complete", 0},
                               {"current_phase_plans", 0},
                               {"current_phase_plans_complete", 0}}},
      {"metrics", toml::table{{"last_activity", now}, {"total_agent_sessions", 1}}},
  };
  return format(document);
}

void set_step(StateFile& state, std::string_view phase, std::string_view step,
              std::string_view status, std::string_view now) {
  const bool is_blocked = std::any_of(
      state.blockers.begin(), state.blockers.end(),
      [&](const Blocker& blocker) { return !blocker.resolved && blocker.phase == phase; });
  state.current.phase = phase;
  state.current.step = step;
  state.current.status = is_blocked ? "blocked" : status;
  state.metrics.last_activity = now;
}

std::string blocker_reason(std::string_view address, std::string_view reason) {
  std::string text = std::string(address) + ":";
  bool is_gap = true;
  for (const char c : reason) {
    const bool is_blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!is_blank && is_gap) text += ' ';
    if (!is_blank) text += c;
    is_gap = is_blank;
  }
  return to_valid_utf8(text);
}

void add_blocker(StateFile& state, std::string_view phase, std::string_view address,
                 std::string_view reason, std::string_view now) {
  const auto open = std::find_if(state.blockers.begin(), state.blockers.end(),
                                 [&](const Blocker& b) { return is_of(b, phase, address); });
  const std::string text = blocker_reason(address, reason);
  if (open != state.blockers.end())
    open->reason = text;
  else
    state.blockers.push_back(
        Blocker{std::string(phase), state.current.step, text, std::string(now), false});
  state.current.status = "blocked";
  state.metrics.last_activity = now;
}

std::size_t resolve_blockers(StateFile& state, std::string_view phase, std::string_view address,
                             std::string_view now) {
  std::size_t count = 0;
  bool is_any_open = false;
  for (Blocker& blocker : state.blockers) {
    if (is_of(blocker, phase, address)) {
      blocker.resolved = true;
      ++count;
    }
    is_any_open = is_any_open || !blocker.resolved;
  }
  if (count == 0) return 0;
  if (!is_any_open && state.current.status == "blocked") state.current.status = "idle";
  state.metrics.last_activity = now;
  return count;
}

}  // namespace konductor::records
