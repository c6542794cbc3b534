// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "acp/permission.hpp"
#include "acp/settings.hpp"
#include "acp/transcript.hpp"
#include "rpc/message.hpp"

namespace konductor::acp {

// What one session is for.
struct Order {
  std::string prompt;
  std::string model;         // "" leaves the agent its own.
  std::string session;       // The id of a session to go on with; "" begins a new one.
  std::string whole_prompt;  // For a new one where that cannot be; "" is the same prompt.
  Rights rights;
  bool offers_files = false;  // Tell the agent that it may read and write files by the client.
  std::function<bool(const std::string&)> has_variable;  // In the environment, not empty.
};

// How a session ended.
struct Ending {
  bool is_success = false;
  std::string stop_reason;  // The agent's; "" when it gave none.
  std::string session_id;
  bool can_resume = false;  // The agent can go on with that session.
  std::string message;      // The agent's last one.
  Usage usage;
  int code = 0;       // Of the error, as the agent gives it.
  std::string error;  // Why it failed; "" when it did not.
};

// One line of JSON, `{"type":"result",…}`, with its line break.
std::string result_line(const Ending& ending);

// The client's side of one session, from `initialize` to the answer to its prompt, as values: it is
// told what came and says what to send.
class Conversation {
 public:
  explicit Conversation(Order order);

  // The first request to send.
  [[nodiscard]] Call begin() const;
  // Takes the answer to the last request and gives the next one; nothing when the session is over.
  std::optional<Call> answered(const rpc::Outcome& answer);
  // What there is to tell since the last time, as lines of JSON with their line breaks:
  // `{"type":"session",…}` when one is open, `{"type":"warning","message":…}` for what was wanted
  // and is not so.
  std::string take_news();
  // Takes the params of a session/update.
  void on_update(const Json& params);
  // What is known of the call that a session/request_permission is about.
  [[nodiscard]] ToolCall asked_for(const Json& params) const;
  // Ends it for a reason of the client's own.
  void fail(std::string error);

  // The notification that interrupts the prompt; nothing while none is being worked on.
  [[nodiscard]] std::optional<Call> cancel() const;
  // True while the agent works on the prompt: it may take any time for that.
  [[nodiscard]] bool is_prompting() const { return step_ == Step::prompt; }
  [[nodiscard]] bool is_over() const { return step_ == Step::over; }
  [[nodiscard]] const Order& order() const { return order_; }
  // How it ended, once it has.
  [[nodiscard]] const Ending& ending() const { return ending_; }

 private:
  enum class Step { initialize, login, open, mode, model, prompt, over };

  std::optional<Call> after_initialize(const Json& result);
  Call open_session();
  Call open_anew();
  std::optional<Call> after_open(const Json& session);
  std::optional<Call> after_mode();
  Call prompt_call();
  std::optional<Call> on_failure(const rpc::Failure& failure);
  void on_end(const Json& answer);
  void tell_session();
  void warn(const std::string& text);

  Order order_;
  Step step_ = Step::initialize;
  bool has_logged_in_ = false;
  bool offers_load_ = false;
  bool is_loaded_ = false;
  std::string login_;
  std::string session_id_;
  std::optional<Call> model_call_;
  std::string news_;
  ToolCalls tool_calls_;
  Transcript transcript_;
  Ending ending_;
};

}  // namespace konductor::acp
