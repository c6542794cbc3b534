// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "acp/fields.hpp"

namespace konductor::acp {

// Tokens and money, as far as the agent tells. Cached input is not among the input.
struct Usage {
  bool is_known = false;  // It told of tokens, be it none.
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  double cost_usd = 0;
};

// What the agent said in one turn. Keeps the last message, whatever the length of the turn.
class Transcript {
 public:
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

  std::string message_;
  std::string message_id_;
  bool is_message_over_ = true;
  bool has_called_tools_ = false;
  bool has_failed_ = false;
  Usage usage_;
};

// The tokens that the answer to session/prompt tells, else those of the updates.
Usage usage_of(const Json& answer, const Transcript& transcript);

// Whether a turn that ended "well" was none: agents hand on a refused request as their message.
// Nothing but an error text without a token and without a tool call, or nothing at all.
bool is_hollow(const Transcript& transcript, const Usage& usage);

}  // namespace konductor::acp
