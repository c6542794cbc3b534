// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "engine/event.hpp"

namespace konductor::agent {

// What an agent with a protocol of its own said of its end. Half of the truth: `decide_outcome`
// holds it against the rest.
struct StreamReport {
  enum class End {
    none,     // No final event, or one that something followed.
    success,  // A final event that says so in every field.
    failure,
  };
  End end = End::none;
  // Why it failed, as far as it is known: auth, quota, overloaded, context_too_long, network; else
  // "". Without a final event: what the last error says.
  std::string cause;
  std::string detail;                    // Its own words for that, one line.
  std::optional<std::int64_t> retry_at;  // Seconds since 1970: when the account's limit is lifted.
  std::string message;                   // The agent's last words: its document, if it wrote none.
  engine::Usage usage;
};

// Reads what an agent prints, one JSON object a line, in pieces of any size. Keeps one line and the
// last message, whatever the length of the stream. Any bytes are accepted: a line that is no event
// is passed over.
class AgentStream {
 public:
  // A longer line is passed over and counted.
  static constexpr std::size_t kLineBytesMax = std::size_t{16} << 20U;

  virtual ~AgentStream() = default;
  void feed(std::string_view bytes);
  // After the last byte; a last line without its line break counts.
  StreamReport finish();
  [[nodiscard]] std::uint64_t skipped_lines() const { return skipped_lines_; }

 private:
  virtual void on_line(std::string_view line) = 0;
  [[nodiscard]] virtual StreamReport report() const = 0;
  void end_line();

  std::string line_;
  bool is_too_long_ = false;
  std::uint64_t skipped_lines_ = 0;
};

// The reader for a kind of runtime; null for a kind whose output nobody reads.
std::unique_ptr<AgentStream> make_agent_stream(config::RuntimeKind kind);

std::unique_ptr<AgentStream> make_claude_stream();
std::unique_ptr<AgentStream> make_codex_stream();

}  // namespace konductor::agent
