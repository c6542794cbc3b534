// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "engine/run_machine.hpp"
#include "engine/run_state.hpp"
#include "plan/plan.hpp"
#include "ports/workspaces.hpp"

namespace konductor::cli {

// What stopped the command; errors of plan files have a place.
struct ResultError {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string hint;
  std::string path;  // "" without a place.
  int line = 0;
  int column = 0;
};

ResultError result_error(const Error& error);
ResultError result_error(const plan::Diagnostic& diagnostic);

// What `execute` came to, on every path (schemas/result.schema.json).
struct ResultDocument {
  std::string phase;               // As typed while no phase is found.
  std::optional<std::string> run;  // None: nothing was started.
  int exit = 0;
  std::string outcome;  // run_finished's word, or invalid, busy, environment, limit, dry_run.
  std::string message;
  std::vector<ResultError> errors;
  const engine::RunState* state = nullptr;  // Null: there was no run to speak of.
  ports::Delivery delivery;
  std::string delivery_state;  // "" is none.
  bool is_review_enabled = true;
  engine::RunScope scope;
  double seconds = 0;
  double expected_seconds = 0;  // 0: not known.
};

// The document as an object, for those who have more to put in it.
nlohmann::ordered_json result_object(const ResultDocument& document);

// The one document, without a line break at its end.
std::string result_json(const ResultDocument& document);

}  // namespace konductor::cli
