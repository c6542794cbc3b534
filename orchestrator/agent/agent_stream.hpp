// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/reset_words.hpp"
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
  std::string session;  // The name under which the agent goes on where it left; "" when unknown.
  engine::Usage usage;
  std::vector<std::string> notes;  // What a person should know of, whatever the end.
  friend bool operator==(const StreamReport&, const StreamReport&) = default;
};

// How far an agent has come, as far as its stream tells.
struct StreamProgress {
  // Tool calls, those of agents that it started among them, and calls of the model that broke off
  // and were made again: an agent that runs in circles does one or the other.
  std::int64_t steps = 0;
  // How often the newest tool call has come in a row: the same tool with the same input. 0 before
  // the first.
  int repeats = 0;
  friend bool operator==(const StreamProgress&, const StreamProgress&) = default;
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
  // After the last byte; a last line without its line break counts. `moment` is when it was read: a
  // limit's end may be told in words that count from it.
  StreamReport finish(const Moment& moment = {});
  [[nodiscard]] std::uint64_t skipped_lines() const { return skipped_lines_; }
  // Holds for the whole lines that were fed.
  [[nodiscard]] StreamProgress progress() const { return progress_; }
  // What it has used so far, of agents that tell it step by step; nothing of others.
  [[nodiscard]] const engine::Usage& spent() const { return spent_; }
  // For people who watch it: from now on it is kept what the agent does.
  void follow_activity() { follows_activity_ = true; }
  // Its newest tool call or words (agent/activity.hpp); "" before the first.
  [[nodiscard]] const std::string& activity() const { return activity_; }

 protected:
  // An id that cannot be one is passed over: it becomes an argument of a command.
  void note_session(std::string_view id);
  // An input that is not told ("") is unlike any other.
  void count_tool_call(std::string_view tool, std::string_view input);
  // For a stream that tells of a call's input later than of the call: first the one, then the other
  // with what the call did.
  void count_step() { ++progress_.steps; }
  void note_input(std::string_view tool, std::string_view input);
  void count_repeated_request() { ++progress_.steps; }
  void count_usage(const engine::Usage& of_step) { engine::add(spent_, of_step); }
  // Of a message that may be told in several events, each with what it has used until then.
  void count_message_usage(std::string_view message, const engine::Usage& until_then);
  // The tool calls and words of an `assistant` event, as Claude Code and its likes print it.
  void count_message_tools(std::string_view line);
  [[nodiscard]] bool follows_activity() const { return follows_activity_; }
  void set_activity(std::string activity);  // "" changes nothing.
  // Adds a piece, unless the message has grown longer than a line may be.
  static void add_to_message(std::string& message, std::string_view piece);

 private:
  virtual void on_line(std::string_view line) = 0;
  [[nodiscard]] virtual StreamReport report() const = 0;
  void add_to_line(std::string_view piece);
  void end_line();

  std::string line_;  // What came of it before the piece that is being fed.
  bool is_too_long_ = false;
  std::uint64_t skipped_lines_ = 0;
  std::string session_;
  StreamProgress progress_;
  std::size_t newest_call_ = 0;  // Its hash.
  engine::Usage spent_;
  bool follows_activity_ = false;
  std::string activity_;
  std::deque<std::pair<std::string, engine::Usage>> messages_;  // The newest ones, by their ids.
};

// The reader for what such a runtime prints, by its kind and, for kind `command`, its dialect; null
// when nobody reads it.
std::unique_ptr<AgentStream> make_agent_stream(const config::RuntimeSettings& runtime);

std::unique_ptr<AgentStream> make_claude_stream();
std::unique_ptr<AgentStream> make_codex_stream();
std::unique_ptr<AgentStream> make_acp_stream();
std::unique_ptr<AgentStream> make_opencode_stream();
std::unique_ptr<AgentStream> make_gemini_stream();
std::unique_ptr<AgentStream> make_qwen_stream();
std::unique_ptr<AgentStream> make_pi_stream();

// Whose output such a runtime prints: "acp" or one of `config::kDialects`, "text" when nobody reads
// it.
std::string_view dialect_of(const config::RuntimeSettings& runtime);

}  // namespace konductor::agent
