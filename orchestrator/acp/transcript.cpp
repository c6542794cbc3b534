// SPDX-License-Identifier: MIT
#include "acp/transcript.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "base/text.hpp"

namespace konductor::acp {
namespace {

double amount_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return 0;
  const double amount = found->get<double>();
  return std::isfinite(amount) && amount > 0 ? amount : 0;
}

// Some count cached input among the input, some do not: the sum tells.
Usage tokens_of(const Json& told) {
  Usage usage;
  usage.is_known = true;
  usage.input_tokens = count_at(told, "inputTokens");
  usage.output_tokens = count_at(told, "outputTokens");
  usage.cache_read_tokens = count_at(told, "cachedReadTokens");
  const std::int64_t total = count_at(told, "totalTokens");
  const bool is_cache_in_input = usage.cache_read_tokens > 0 &&
                                 usage.cache_read_tokens <= usage.input_tokens &&
                                 total == usage.input_tokens + usage.output_tokens;
  if (is_cache_in_input) usage.input_tokens -= usage.cache_read_tokens;
  usage.input_tokens += count_at(told, "cachedWriteTokens");
  return usage;
}

bool looks_like_error(const std::string& message) {
  constexpr std::array<std::string_view, 8> kBeginnings = {
      "api error",         "error:",  "internal error",       "request failed",
      "unexpected status", "stream ", "exceeded retry limit", "{\"error\""};
  const std::string lower = to_lower(trim(message).substr(0, 64));
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view beginning) { return lower.rfind(beginning, 0) == 0; });
}

}  // namespace

void Transcript::on_update(const Json& update) {
  const std::string kind = text_at(update, "sessionUpdate");
  if (kind == "agent_message_chunk") {
    on_message(update);
  } else if (kind == "tool_call" || kind == "tool_call_update") {
    on_tool_call(text_at(update, "toolCallId"));
  } else if (kind == "agent_thought_chunk" || kind == "user_message_chunk") {
    is_message_over_ = true;
  } else if (kind == "usage_update") {
    const Json& cost = object_at(update, "cost");
    if (text_at(cost, "currency") == "USD")
      usage_.cost_usd = std::max(usage_.cost_usd, amount_at(cost, "amount"));
  } else if (kind == "session_info_update") {
    const Json& status = object_at(object_at(object_at(update, "_meta"), "codex"), "threadStatus");
    if (const std::string type = text_at(status, "type"); !type.empty())
      has_failed_ = type == "systemError";
  }
}

// What an agent had to ask for may be told of by updates only.
void Transcript::on_tool_call(const std::string& id) {
  if (std::find(calls_.begin(), calls_.end(), id) != calls_.end()) return;
  if (calls_.size() == kCallsMax) calls_.pop_front();
  calls_.push_back(id);
  has_called_tools_ = true;
  is_message_over_ = true;
}

void Transcript::on_message(const Json& update) {
  const Json& step = object_at(object_at(update, "_meta"), "usage");
  if (!step.empty()) {
    const Usage tokens = tokens_of(step);
    usage_.is_known = true;
    usage_.input_tokens += tokens.input_tokens;
    usage_.output_tokens += tokens.output_tokens;
    usage_.cache_read_tokens += tokens.cache_read_tokens;
  }
  const std::string text = text_at(object_at(update, "content"), "text");
  if (text.empty()) return;
  const std::string id = text_at(update, "messageId");
  if (is_message_over_ || id != message_id_) message_.clear();
  is_message_over_ = false;
  message_id_ = id;
  message_ += text.substr(0, kMessageBytesMax - message_.size());
}

Usage usage_of(const Json& answer, const Transcript& transcript) {
  Usage usage = transcript.usage();
  const Json& told = object_at(answer, "usage");
  const Json& count = object_at(object_at(object_at(answer, "_meta"), "quota"), "token_count");
  if (!told.empty()) {
    usage = tokens_of(told);
  } else if (!usage.is_known && !count.empty()) {
    usage.is_known = true;
    usage.is_of_answers = true;
    usage.input_tokens = count_at(count, "input_tokens");
    usage.output_tokens = count_at(count, "output_tokens");
  }
  usage.cost_usd = transcript.usage().cost_usd;
  return usage;
}

std::string hollowness(const Transcript& transcript, const Usage& usage) {
  const std::string& message = transcript.message();
  const bool is_said = transcript.has_failed() && !message.empty();
  if (is_said) return message;
  if (transcript.has_failed()) return "the agent failed and does not say why";
  if (transcript.has_called_tools()) return "";
  if (message.empty()) return "the agent said and did nothing";
  const bool has_used_tokens = usage.input_tokens + usage.output_tokens > 0;
  if (has_used_tokens) return "";
  if (looks_like_error(message)) return message;
  return usage.is_of_answers ? "the model's stream ended early: no answer of it was counted" : "";
}

}  // namespace konductor::acp
