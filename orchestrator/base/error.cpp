// SPDX-License-Identifier: MIT
#include "base/error.hpp"

#include <cerrno>
#include <system_error>

namespace konductor {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_input:
      return "invalid_input";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::already_exists:
      return "already_exists";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::busy:
      return "busy";
    case ErrorCode::fenced:
      return "fenced";
    case ErrorCode::environment:
      return "environment";
    case ErrorCode::io:
      return "io";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::limit_reached:
      return "limit_reached";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

Error Error::with_context(std::string_view context) const {
  std::string text(context);
  text += ": ";
  text += message;
  return Error{code, std::move(text)};
}

Error error_from_errno(int error_number, std::string_view what) {
  ErrorCode code = ErrorCode::io;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EROFS:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      code = ErrorCode::environment;
      break;
    case ENOENT:
      code = ErrorCode::not_found;
      break;
    default:
      break;
  }
  std::string message(what);
  message += ": ";
  message += std::generic_category().message(error_number);
  return Error{code, std::move(message)};
}

}  // namespace konductor
