// SPDX-License-Identifier: MIT
#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "base/result.hpp"

namespace konductor {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "konductor: internal error: %s:%d: check failed: %s\n", file, line,
               condition);
  std::abort();
}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::runtime_error(error.message);
}

}  // namespace konductor
