// SPDX-License-Identifier: MIT
#pragma once

#include <boost/system/result.hpp>

#include "base/error.hpp"

namespace konductor {

// A value or an Error. Functions that can fail for reasons of the outside world return it; broken
// invariants use KON_CHECK instead.
template <class T>
using Result = boost::system::result<T, Error>;

[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

}  // namespace konductor

#define KON_CONCAT_INNER(a, b) a##b
#define KON_CONCAT(a, b) KON_CONCAT_INNER(a, b)

// A declaration and a keyword cannot stand in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define KON_TRY_INNER(temporary, declaration, expression, return_keyword)  \
  auto temporary = (expression);                                           \
  if (!temporary.has_value()) return_keyword std::move(temporary).error(); \
  declaration = std::move(temporary).value()
// NOLINTEND(bugprone-macro-parentheses)

// KON_TRY(auto plan, load_plan(text)): declares `plan`, or returns the error to the caller.
#define KON_TRY(declaration, expression) \
  KON_TRY_INNER(KON_CONCAT(kon_result_, __LINE__), declaration, expression, return )

// The same inside a coroutine.
#define KON_CO_TRY(declaration, expression) \
  KON_TRY_INNER(KON_CONCAT(kon_result_, __LINE__), declaration, expression, co_return )

// KON_TRY_VOID(file.close()): returns the error to the caller, if there is one.
#define KON_TRY_VOID(expression)                             \
  if (auto KON_CONCAT(kon_result_, __LINE__) = (expression); \
      !KON_CONCAT(kon_result_, __LINE__).has_value())        \
  return std::move(KON_CONCAT(kon_result_, __LINE__)).error()

#define KON_CO_TRY_VOID(expression)                          \
  if (auto KON_CONCAT(kon_result_, __LINE__) = (expression); \
      !KON_CONCAT(kon_result_, __LINE__).has_value())        \
  co_return std::move(KON_CONCAT(kon_result_, __LINE__)).error()
