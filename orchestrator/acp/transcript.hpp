// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "acp/fields.hpp"

namespace konductor::acp {

// Tokens and money, as far as the agent tells. Cached input is not among the input.
struct Usage {
  bool is_known = false;       // It told of tokens, be it none.
  bool is_of_answers = false;  // Of answers of the model that came to their end, and of no others.
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  double cost_usd = 0;
};

// What the agent said in one turn. Keeps the last message, whatever the length of the turn.
class Transcript {
 public:
  // Older calls are forgotten.
  static constexpr std::size_t kCallsMax = 256;
  // What a message has beyond this is left out.
  static constexpr std::size_t kMessageBytesMax = std::size_t{4} << 20U;

  // `update` of a session/update. Kinds that are not known are passed over.
  void on_update(const Json& update);

  // The last message that has any text.
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] bool has_called_tools() const { return has_called_tools_; }
  // The agent's own engine has failed; what its message says is an error then.
  [[nodiscard]] bool has_failed() const { return has_failed_; }
  // What updates told: the sum of the steps' tokens, and the money so far.
  [[nodiscard]] const Usage& usage() const { return usage_; }

 private:
  void on_message(const Json& update);
  void on_tool_call(const std::string& id);

  std::string message_;
  std::string message_id_;
  bool is_message_over_ = true;
  bool has_called_tools_ = false;
  std::deque<std::string> calls_;
  bool has_failed_ = false;
  Usage usage_;
};

// The tokens that the answer to session/prompt tells, else those of the updates.
Usage usage_of(const Json& answer, const Transcript& transcript);

// What was wrong with a turn that ended "well"; "" when nothing was. Agents hand on a refused
// request as their message: nothing but an error text without a token and without a tool call, or
// nothing at all. Gemini CLI does so with what came of an answer that was cut off, and tells of no
// tokens then.
std::string hollowness(const Transcript& transcript, const Usage& usage);

}  // namespace konductor::acp
