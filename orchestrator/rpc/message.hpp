// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace konductor::rpc {

using Json = nlohmann::json;

// Codes that JSON-RPC 2.0 defines.
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;

// Why a call has no result.
struct Failure {
  enum class Origin {
    peer,       // The other side says so; `code`, `message` and `data` are its words.
    gone,       // The other side went away before it answered.
    timed_out,  // It did not answer in time.
  };
  Origin origin = Origin::peer;
  int code = kInternalError;
  std::string message;
  Json data;
};

// What a request leads to: a result, or a failure.
struct Outcome {
  Json result;
  std::optional<Failure> failure;
};

Outcome succeeded(Json result);
Outcome failed(int code, std::string message);
// The answer to a request for a method that nobody knows.
Outcome method_not_found(std::string_view method);

struct Request {
  Json id;  // A text or a whole number; goes back as it came.
  std::string method;
  Json params;  // An object or a list.
};

struct Notification {
  std::string method;
  Json params;
};

struct Response {
  Json id;
  Outcome outcome;
};

// A line that is no message.
struct Malformed {};

using Message = std::variant<Request, Notification, Response, Malformed>;

// Values deeper than this are left out of a message: what walks through one may recurse.
inline constexpr int kDepthMax = 64;

// One line, without its line break. Any bytes are accepted.
Message decode(std::string_view line);

// One line each, with its line break. Text that is no UTF-8 is mended.
std::string encode_request(const Json& id, std::string_view method, Json params);
std::string encode_notification(std::string_view method, Json params);
std::string encode_response(const Json& id, Outcome outcome);

}  // namespace konductor::rpc
