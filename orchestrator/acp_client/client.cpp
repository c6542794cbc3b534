// SPDX-License-Identifier: MIT
#include "acp_client/client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <exception>
#include <utility>

#include "acp_client/workspace_files.hpp"
#include "base/text.hpp"

namespace konductor::acp_client {

namespace asio = boost::asio;
using rpc::Json;
using rpc::Outcome;
using rpc::Task;
using rpc::TimePoint;
using std::chrono::milliseconds;

namespace {

// For everything but the prompt: a start on a busy machine takes many seconds.
constexpr std::chrono::seconds kAnswerTime{120};
// For what a dead agent has written.
constexpr milliseconds kRestTime{500};
// For an agent whose input was closed, and after SIGTERM and SIGKILL.
constexpr std::chrono::seconds kLeaveTime{3};
constexpr std::chrono::seconds kTermTime{1};
constexpr std::chrono::seconds kKillTime{5};

constexpr int kFileNotFound = -32002;

TimePoint in(milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

Outcome file_failure(const Error& error) {
  const bool is_missing = error.code == ErrorCode::not_found;
  return rpc::failed(is_missing ? kFileNotFound : rpc::kInternalError, error.message);
}

}  // namespace

Client::Client(asio::io_context& io, acp::Order order, milliseconds grace, Print print)
    : io_(io),
      conversation_(std::move(order)),
      grace_(grace),
      print_(std::move(print)),
      changed_(io),
      signals_(io, SIGINT, SIGTERM) {}

int Client::run(const std::vector<std::string>& agent) {
  listen();
  auto child = AgentChild::start(io_.get_executor(), agent);
  if (child.has_error()) {
    conversation_.fail(child.error().message);
  } else {
    child_ = std::move(child).value();
    rpc::Handler& handler = *this;
    peer_ = std::make_unique<rpc::Peer>(child_->take_output(), child_->take_input(), handler);
    start(peer_->run(), is_peer_over_);
    start(child_->wait(), is_child_over_);
    start(hold_session(), is_session_over_);
    start(whole_run(), is_run_over_);
    io_.run();
  }
  print_(acp::result_line(conversation_.ending()));
  return exit_status();
}

void Client::start(Task<void> task, bool& is_over) {
  auto on_end = [this, &is_over](const std::exception_ptr& error) {
    if (error) conversation_.fail("an error of konductor-acp itself");
    is_over = true;
    changed_.cancel();
  };
  asio::co_spawn(io_, std::move(task), std::move(on_end));
}

void Client::listen() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    if (signal_ == 0) signal_ = signal;
    ++signal_count_;
    changed_.cancel();
    listen();
  });
}

Task<void> Client::wait_until(const std::function<bool()>& is_true, TimePoint deadline) {
  const auto token = asio::as_tuple(asio::use_awaitable);
  while (!is_true() && std::chrono::steady_clock::now() < deadline) {
    changed_.expires_at(deadline);
    co_await changed_.async_wait(token);
  }
}

Task<void> Client::whole_run() {
  const std::function<bool()> is_decided = [this] {
    return is_session_over_ || is_child_over_ || signal_ != 0;
  };
  const TimePoint never = TimePoint::max();
  co_await wait_until(is_decided, never);
  if (!is_session_over_ && !is_child_over_) co_await interrupt();
  if (!conversation_.is_over()) {
    // How it ended says more than that it said nothing more.
    const std::function<bool()> is_all_told = [this] {
      return conversation_.is_over() || (is_child_over_ && is_peer_over_);
    };
    const TimePoint deadline = in(kRestTime);
    co_await wait_until(is_all_told, deadline);
    fail_unanswered();
  }
  co_await end_agent();
  peer_->stop();
  const std::function<bool()> is_quiet = [this] { return is_session_over_ && is_peer_over_; };
  co_await wait_until(is_quiet, never);
  signals_.cancel();
}

// Asks for one thing after the other.
Task<void> Client::hold_session() {
  acp::Call call = conversation_.begin();
  while (true) {
    const TimePoint deadline = conversation_.is_prompting() ? TimePoint::max() : in(kAnswerTime);
    const Outcome answer =
        co_await peer_->call(std::move(call.method), std::move(call.params), deadline);
    if (answer.failure && answer.failure->origin == rpc::Failure::Origin::gone) co_return;
    std::optional<acp::Call> next = conversation_.answered(answer);
    print_(conversation_.take_news());
    if (!next) co_return;
    call = std::move(*next);
  }
}

void Client::fail_unanswered() {
  if (is_child_over_)
    conversation_.fail("the agent ended with " + child_->fate() + " before it answered");
  else
    conversation_.fail(is_peer_over_ ? "the agent closed its output before it answered"
                                     : "the agent closed its input before it answered");
}

// By protocol first: only then an agent ends what its tools started.
Task<void> Client::interrupt() {
  if (std::optional<acp::Call> cancel = conversation_.cancel()) {
    peer_->notify(cancel->method, std::move(cancel->params));
    const std::function<bool()> is_done = [this] {
      return is_session_over_ || is_child_over_ || signal_count_ > 1;
    };
    const TimePoint deadline = in(grace_);
    co_await wait_until(is_done, deadline);
  }
  if (!is_session_over_) conversation_.fail("interrupted");
}

Task<void> Client::end_agent() {
  const std::function<bool()> is_gone = [this] { return is_child_over_; };
  peer_->finish_output();
  const bool is_hurried = signal_count_ > 1;
  TimePoint deadline = in(is_hurried ? milliseconds(0) : milliseconds(kLeaveTime));
  co_await wait_until(is_gone, deadline);
  if (is_child_over_) co_return;
  child_->send(SIGTERM);
  deadline = in(is_hurried ? milliseconds(0) : milliseconds(kTermTime));
  co_await wait_until(is_gone, deadline);
  if (is_child_over_) co_return;
  child_->send(SIGKILL);
  deadline = in(kKillTime);
  co_await wait_until(is_gone, deadline);
}

void Client::on_message(std::string_view line) {
  std::string text = R"({"type":"agent","message":)";
  text.append(line);
  text += "}\n";
  print_(text);
}

void Client::on_notification(rpc::Notification notification) {
  if (notification.method == "session/update") conversation_.on_update(notification.params);
}

Task<Outcome> Client::on_request(rpc::Request request) {
  if (request.method == "session/request_permission") co_return answer_permission(request.params);
  if (request.method == "fs/read_text_file") co_return read_file(request.params);
  if (request.method == "fs/write_text_file") co_return write_file(request.params);
  co_return rpc::method_not_found(request.method);
}

Outcome Client::answer_permission(const Json& params) {
  const acp::ToolCall call = conversation_.asked_for(params);
  acp::Decision decision = acp::decide(call, conversation_.order().rights, resolve_path);
  if (signal_ != 0) decision = {false, "interrupted"};
  const Json line = {{"type", "permission"},
                     {"tool_call", call.id},
                     {"kind", call.kind},
                     {"title", call.title},
                     {"is_allowed", decision.is_allowed},
                     {"reason", decision.reason}};
  print_(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  return rpc::succeeded(acp::permission_result(acp::list_at(params, "options"), decision));
}

Outcome Client::read_file(const Json& params) const {
  const std::string path = acp::text_at(params, "path");
  const acp::Rights& rights = conversation_.order().rights;
  if (!acp::may_read(rights, path, resolve_path))
    return rpc::failed(rpc::kInvalidParams, quote(path) + " is outside of the workspace");
  const std::optional<std::string> real = resolve_path(path);
  if (!real) return rpc::failed(rpc::kInvalidParams, quote(path) + " is no absolute path");
  Result<std::string> text =
      read_text(*real, acp::count_at(params, "line"), acp::count_at(params, "limit"));
  if (text.has_error()) return file_failure(text.error());
  return rpc::succeeded({{"content", std::move(text).value()}});
}

Outcome Client::write_file(const Json& params) const {
  const std::string path = acp::text_at(params, "path");
  const acp::Rights& rights = conversation_.order().rights;
  if (!acp::may_change(rights, path, resolve_path))
    return rpc::failed(rpc::kInvalidParams, quote(path) + " may not be written");
  const std::optional<std::string> real = resolve_path(path);
  if (!real) return rpc::failed(rpc::kInvalidParams, quote(path) + " is no absolute path");
  const Result<void> written = write_text(*real, acp::text_at(params, "content"));
  if (written.has_error()) return file_failure(written.error());
  return rpc::succeeded(Json::object());
}

int Client::exit_status() const {
  constexpr int kSignalBase = 128;
  if (conversation_.ending().is_success) return 0;
  return signal_ != 0 ? kSignalBase + signal_ : 1;
}

}  // namespace konductor::acp_client
