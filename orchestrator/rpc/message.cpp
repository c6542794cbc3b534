// SPDX-License-Identifier: MIT
#include "rpc/message.hpp"

#include <limits>
#include <utility>

#include "base/json_escapes.hpp"
#include "base/text.hpp"

namespace konductor::rpc {
namespace {

Json parse(std::string_view line) {
  const Json::parser_callback_t is_kept = [](int depth, Json::parse_event_t, Json&) {
    return depth <= kDepthMax;
  };
  Json json = Json::parse(line, is_kept, false);
  if (json.is_discarded())
    json = Json::parse(without_half_characters(to_valid_utf8(line)), is_kept, false);
  return json;
}

// Takes a member out of the object; null when it is not there.
Json take(Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? Json() : std::move(*found);
}

bool is_id(const Json& id) {
  return id.is_string() || id.is_number_integer();
}

Failure failure_of(Json error) {
  Failure failure;
  const Json code = take(error, "code");
  if (code.is_number_integer()) {
    const auto number = code.get<std::int64_t>();
    const bool fits =
        number >= std::numeric_limits<int>::min() && number <= std::numeric_limits<int>::max();
    if (fits) failure.code = static_cast<int>(number);
  }
  const Json message = take(error, "message");
  if (message.is_string()) failure.message = message.get<std::string>();
  failure.data = take(error, "data");
  return failure;
}

Message response_of(Json& object) {
  Response response;
  response.id = take(object, "id");
  const bool has_result = object.contains("result");
  Json error = take(object, "error");
  if (!is_id(response.id) || has_result == error.is_object()) return Malformed();
  if (has_result)
    response.outcome.result = take(object, "result");
  else
    response.outcome.failure = failure_of(std::move(error));
  return response;
}

std::string line_of(const Json& message) {
  return message.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json frame() {
  return Json{{"jsonrpc", "2.0"}};
}

}  // namespace

Outcome succeeded(Json result) {
  Outcome outcome;
  outcome.result = std::move(result);
  return outcome;
}

Outcome failed(int code, std::string message) {
  Outcome outcome;
  outcome.failure = Failure{Failure::Origin::peer, code, std::move(message), Json()};
  return outcome;
}

Outcome method_not_found(std::string_view method) {
  return failed(kMethodNotFound, "no such method: " + quote(method));
}

Message decode(std::string_view line) {
  Json object = parse(line);
  if (!object.is_object()) return Malformed();
  if (!object.contains("method")) return response_of(object);
  const Json method = take(object, "method");
  Json params = take(object, "params");
  if (params.is_null()) params = Json::object();
  if (!method.is_string() || !params.is_structured()) return Malformed();
  if (!object.contains("id")) return Notification{method.get<std::string>(), std::move(params)};
  Json id = take(object, "id");
  if (!is_id(id)) return Malformed();
  return Request{std::move(id), method.get<std::string>(), std::move(params)};
}

std::string encode_request(const Json& id, std::string_view method, Json params) {
  Json message = frame();
  message["id"] = id;
  message["method"] = method;
  message["params"] = std::move(params);
  return line_of(message);
}

std::string encode_notification(std::string_view method, Json params) {
  Json message = frame();
  message["method"] = method;
  message["params"] = std::move(params);
  return line_of(message);
}

std::string encode_response(const Json& id, Outcome outcome) {
  Json message = frame();
  message["id"] = id;
  if (outcome.failure) {
    Json error = {{"code", outcome.failure->code}, {"message", outcome.failure->message}};
    if (!outcome.failure->data.is_null()) error["data"] = std::move(outcome.failure->data);
    message["error"] = std::move(error);
  } else {
    message["result"] = std::move(outcome.result);
  }
  return line_of(message);
}

}  // namespace konductor::rpc
