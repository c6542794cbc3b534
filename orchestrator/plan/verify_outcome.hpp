// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/verify_commands.hpp"

namespace konductor::plan {

// A word of a verify text, or a whole code span.
struct VerifyToken {
  bool is_span = false;
  std::string text;
};

// What a text says of how a command ends.
struct VerifyOutcome {
  VerifyStep::Expect expect = VerifyStep::Expect::success;
  int exit_code = 0;
  friend bool operator==(const VerifyOutcome&, const VerifyOutcome&) = default;
};

// A word without the ASCII punctuation and dashes around it; "" for a word of nothing else.
std::string_view bare_word(std::string_view word);

// The outcome that `tokens` from `begin` on state: "exits N" wherever it stands, else the first of
// "passes", "succeeds" and "fails" that no condition ("if it fails") takes back; "does not fail"
// is success. Nothing when they say nothing.
std::optional<VerifyOutcome> stated_outcome(const std::vector<VerifyToken>& tokens,
                                            std::size_t begin);

// Whether a part of a sentence that "and" or a comma has cut off still speaks of the command before
// it: "fail", "exits 2", "then the tests fail", but not "error responses fail".
bool continues_outcome(const std::vector<VerifyToken>& tokens);

}  // namespace konductor::plan
