// SPDX-License-Identifier: MIT
#include "driver/request_file.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace konductor::driver {
namespace {

using nlohmann::json;

constexpr std::string_view kExtension = ".json";
constexpr std::size_t kIdMax = 64;

bool is_id(std::string_view text) {
  const auto is_good = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  };
  return !text.empty() && text.size() <= kIdMax && std::all_of(text.begin(), text.end(), is_good);
}

Error wrong(const std::string& what) {
  return Error{ErrorCode::invalid_input, what};
}

Result<int> number_at(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return 0;
  constexpr std::int64_t kMax = 1'000'000;
  if (!found->is_number_integer() || *found < 0 || *found > kMax)
    return wrong(quote(name) + " is no number of a plan or task");
  return found->get<int>();
}

}  // namespace

std::string request_file_name(const std::string& id) {
  return id + std::string(kExtension);
}

std::string request_file_text(const engine::Request& request) {
  json object;
  object["schema_version"] = 1;
  object["id"] = request.id;
  object["action"] = engine::to_string(request.action);
  object["plan"] = request.address.plan;
  object["task"] = request.address.task;
  object["text"] = to_valid_utf8(request.text);
  object["now"] = request.is_immediate;
  object["until"] = request.until;
  return object.dump(2) + "\n";
}

Result<engine::Request> parse_request_file(std::string_view name, std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return wrong("it is no JSON object");
  if (object.value("schema_version", json()) != json(1))
    return wrong("it is of another version of konductor");
  engine::Request request;
  const auto id = object.find("id");
  if (id == object.end() || !id->is_string() || !is_id(id->get_ref<const std::string&>()))
    return wrong("it has no id");
  request.id = id->get<std::string>();
  if (name != request_file_name(request.id)) return wrong("its name is not that of its id");
  const auto action = object.find("action");
  if (action == object.end() || !action->is_string()) return wrong("it names no action");
  const auto known = engine::parse_request_action(action->get_ref<const std::string&>());
  if (!known) return wrong("nobody knows its action");
  request.action = *known;
  KON_TRY(request.address.plan, number_at(object, "plan"));
  KON_TRY(request.address.task, number_at(object, "task"));
  if (const auto found = object.find("text"); found != object.end()) {
    if (!found->is_string()) return wrong("its text is none");
    request.text = to_valid_utf8(found->get_ref<const std::string&>());
  }
  if (request.text.size() > engine::kRequestTextMax) return wrong("its text is too long");
  request.is_immediate = object.value("now", json()) == json(true);
  const auto until = object.find("until");
  if (until == object.end() || !until->is_number_integer())
    return wrong("it does not say until when it holds");
  request.until = until->get<std::int64_t>();
  return request;
}

}  // namespace konductor::driver
