// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace konductor {

// What went wrong, as far as a caller decides by it. People read the message.
enum class ErrorCode {
  invalid_input,  // A plan, a setting or an argument is wrong: nothing was started.
  not_found,      // The thing named does not exist.
  already_exists,
  conflict,     // Two changes cannot both hold (a merge, a moved branch).
  busy,         // Another engine holds the phase.
  fenced,       // Another engine took over; this one must stop without another write.
  environment,  // The machine lacks something: a program, disk space, an identity, a usable
                // database.
  io,           // The operating system refused a file operation.
  cancelled,
  limit_reached,  // A budget or time limit stopped it; it can go on later.
  internal,
};

std::string_view to_string(ErrorCode code);

// An operating error: a code for callers and a message for people. Messages are lower case, name
// the thing in quotes and say how to mend it.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;

  // Returns this error with `context` and ": " before its message, outermost first.
  [[nodiscard]] Error with_context(std::string_view context) const;

  friend bool operator==(const Error&, const Error&) = default;
};

// Makes an Error from errno: "`what`: No such file or directory". ENOSPC, EDQUOT, EROFS, EMFILE and
// ENOMEM are `environment`, ENOENT is `not_found`, everything else `io`.
Error error_from_errno(int error_number, std::string_view what);

}  // namespace konductor
