// SPDX-License-Identifier: MIT
// The decoder: a resume reads the journal of a large phase, hence simdjson.
#include <simdjson.h>

#include <array>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "engine/event_json.hpp"

namespace konductor::engine {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

// simdjson reads a few bytes past the end, so each text is copied into a buffer with room for that.
struct Scratch {
  ondemand::parser parser;
  std::string buffer;
};

// What was wrong, and in which field.
struct Fault {
  error_code code = simdjson::SUCCESS;
  std::string field;
  bool is_ok() const { return code == simdjson::SUCCESS; }
};

template <class Struct>
Fault read_members(ondemand::object object, Struct& target);

Fault read(ondemand::value value, std::string& out) {
  std::string_view text;
  const error_code code = value.get_string().get(text);
  if (code == simdjson::SUCCESS) out.assign(text);
  return {code, ""};
}

Fault read(ondemand::value value, std::int64_t& out) {
  return {value.get_int64().get(out), ""};
}

Fault read(ondemand::value value, int& out) {
  std::int64_t wide = 0;
  const error_code code = value.get_int64().get(wide);
  if (code != simdjson::SUCCESS) return {code, ""};
  if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max())
    return {simdjson::NUMBER_OUT_OF_RANGE, ""};
  out = static_cast<int>(wide);
  return {};
}

Fault read(ondemand::value value, double& out) {
  return {value.get_double().get(out), ""};
}

Fault read(ondemand::value value, bool& out) {
  return {value.get_bool().get(out), ""};
}

template <class Struct>
Fault read_object(ondemand::value value, Struct& out) {
  ondemand::object object;
  const error_code code = value.get_object().get(object);
  if (code != simdjson::SUCCESS) return {code, ""};
  return read_members(object, out);
}

Fault read(ondemand::value value, Finding& out) {
  return read_object(value, out);
}
Fault read(ondemand::value value, SubTask& out) {
  return read_object(value, out);
}
Fault read(ondemand::value value, Usage& out) {
  return read_object(value, out);
}

template <class Element>
Fault read(ondemand::value value, std::vector<Element>& out) {
  out.clear();
  ondemand::array array;
  if (const error_code code = value.get_array().get(array); code != simdjson::SUCCESS)
    return {code, ""};
  for (auto item : array) {
    ondemand::value element;
    if (const error_code code = std::move(item).get(element); code != simdjson::SUCCESS)
      return {code, ""};
    if (Fault fault = read(element, out.emplace_back()); !fault.is_ok()) return fault;
  }
  return {};
}

// Steps through the members of an object.
class Members {
 public:
  explicit Members(ondemand::object object) {
    code_ = object.begin().get(position_);
    if (code_ == simdjson::SUCCESS) code_ = object.end().get(end_);
    load();
  }
  [[nodiscard]] bool is_at_end() const { return is_at_end_; }
  [[nodiscard]] error_code code() const { return code_; }
  [[nodiscard]] std::string_view key() const { return key_; }
  ondemand::value value() { return field_.value(); }
  void next() {
    ++position_;
    load();
  }

 private:
  void load() {
    is_at_end_ = code_ != simdjson::SUCCESS || position_ == end_;
    if (is_at_end_) return;
    code_ = (*position_).get(field_);
    if (code_ == simdjson::SUCCESS) code_ = field_.unescaped_key().get(key_);
    is_at_end_ = code_ != simdjson::SUCCESS;
  }

  ondemand::object_iterator position_;
  ondemand::object_iterator end_;
  ondemand::field field_;
  std::string_view key_;
  error_code code_ = simdjson::SUCCESS;
  bool is_at_end_ = false;
};

// Walks members and fields side by side: the encoder wrote them in the same order, so one walk over
// the fields is the rule. A member that no field takes in a whole walk is unknown.
template <class Struct>
Fault read_members(ondemand::object object, Struct& target) {
  Members members(object);
  Fault fault;
  while (!members.is_at_end()) {
    bool is_known = false;
    Struct::fields(target, [&](std::string_view name, auto& field) {
      if (members.is_at_end() || !fault.is_ok() || name != members.key()) return;
      is_known = true;
      fault = read(members.value(), field);
      if (fault.is_ok()) return members.next();
      fault.field = fault.field.empty() ? std::string(name) : std::string(name) + "." + fault.field;
    });
    if (!fault.is_ok()) return fault;
    if (!is_known) members.next();
  }
  return {members.code(), ""};
}

template <class Body>
Fault read_body(ondemand::object object, EventBody& out) {
  return read_members(object, out.emplace<Body>());
}

struct Reader {
  std::string_view name;
  Fault (*read)(ondemand::object, EventBody&);
};

template <std::size_t... Index>
constexpr auto make_readers(std::index_sequence<Index...>) {
  return std::array<Reader, sizeof...(Index)>{
      Reader{std::variant_alternative_t<Index, EventBody>::kName,
             &read_body<std::variant_alternative_t<Index, EventBody>>}...};
}

constexpr auto kReaders = make_readers(std::make_index_sequence<std::variant_size_v<EventBody>>());

Fault decode(const Reader& reader, std::string_view json, EventBody& out) {
  thread_local Scratch scratch;
  scratch.buffer.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  scratch.buffer.assign(json);
  ondemand::document document;
  ondemand::object object;
  error_code code = scratch.parser.iterate(scratch.buffer).get(document);
  if (code == simdjson::SUCCESS) code = document.get_object().get(object);
  if (code != simdjson::SUCCESS) return {code, ""};
  if (Fault fault = reader.read(object, out); !fault.is_ok()) return fault;
  const bool is_at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  return {is_at_end ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT, ""};
}

}  // namespace

Result<std::optional<EventBody>> decode_body(std::string_view name, std::string_view json) {
  for (const Reader& reader : kReaders) {
    if (reader.name != name) continue;
    EventBody body;
    const Fault fault = decode(reader, json, body);
    if (fault.is_ok()) return std::optional<EventBody>(std::move(body));
    std::string message = "event " + quote(name);
    if (!fault.field.empty()) message += ", field " + quote(fault.field);
    message += std::string(": ") + simdjson::error_message(fault.code);
    return Error{ErrorCode::invalid_input, std::move(message)};
  }
  return std::optional<EventBody>();
}

}  // namespace konductor::engine
