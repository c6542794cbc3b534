// SPDX-License-Identifier: MIT
#include "rpc/peer.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <utility>

#include "base/overloaded.hpp"

namespace konductor::rpc {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator&&;

namespace {

constexpr int kTooManyRequests = -32004;

Failure gone() {
  return Failure{Failure::Origin::gone, kInternalError, "the other side is gone", Json()};
}

}  // namespace

Peer::Peer(asio::readable_pipe input, asio::writable_pipe output, Handler& handler)
    : executor_(input.get_executor()),
      input_(std::move(input)),
      output_(std::move(output)),
      handler_(handler),
      work_is_over_(executor_, TimePoint::max()),
      has_lines_(executor_, TimePoint::max()) {}

Task<void> Peer::run() {
  co_await (read_all() && write_all());
  const Signals in_work = in_work_;  // One that ends at once changes the list.
  for (const auto& signal : in_work)
    signal->emit(asio::cancellation_type::terminal);
  const auto token = asio::as_tuple(asio::use_awaitable);
  while (!in_work_.empty())
    co_await work_is_over_.async_wait(token);
}

Task<void> Peer::read_all() {
  std::array<char, std::size_t{64} << 10U> buffer{};
  const auto token = asio::as_tuple(asio::use_awaitable);
  const auto on_each = [this](std::string_view line) { on_line(line); };
  while (!is_closed_) {
    const auto space = asio::buffer(buffer);
    const auto [error, count] = co_await input_.async_read_some(space, token);
    if (error) break;
    splitter_.feed(std::string_view(buffer.data(), count), on_each);
  }
  close();
}

Task<void> Peer::write_all() {
  const auto token = asio::as_tuple(asio::use_awaitable);
  while (!is_closed_) {
    if (lines_.empty() && is_finishing_) break;
    if (lines_.empty()) {
      co_await has_lines_.async_wait(token);
      continue;
    }
    const std::string line = std::move(lines_.front());
    lines_.pop_front();
    const auto bytes = asio::buffer(line);
    const auto [error, count] = co_await asio::async_write(output_, bytes, token);
    waiting_bytes_ -= line.size();
    if (error || count != line.size()) {
      on_deaf();
      break;
    }
  }
  is_finishing_ = true;
  lines_.clear();
  boost::system::error_code ignored;
  output_.close(ignored);
}

// Nothing that waits can be heard of but what was said before.
void Peer::on_deaf() {
  is_deaf_ = true;
  const TimePoint last = std::chrono::steady_clock::now() + kRestTime;
  for (const auto& [id, waiting] : waiting_) {
    waiting->deadline = std::min(waiting->deadline, last);
    waiting->answered.expires_at(waiting->deadline);
  }
}

Task<Outcome> Peer::call(std::string method, Json params, TimePoint deadline) {
  if (is_closed_ || is_finishing_) {
    Outcome outcome;
    outcome.failure = gone();
    co_return outcome;
  }
  const std::int64_t id = ++last_id_;
  const auto waiting = std::make_shared<Waiting>(executor_);
  waiting->deadline = deadline;
  waiting->answered.expires_at(deadline);
  waiting_[id] = waiting;
  send(encode_request(id, method, std::move(params)));
  const auto token = asio::as_tuple(asio::use_awaitable);
  bool is_cancelled = false;
  while (!waiting->is_over && !is_cancelled &&
         std::chrono::steady_clock::now() < waiting->deadline) {
    co_await waiting->answered.async_wait(token);
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    is_cancelled = cancellation.cancelled() != asio::cancellation_type::none;
  }
  waiting_.erase(id);
  if (!waiting->is_over && is_cancelled)
    throw boost::system::system_error(asio::error::operation_aborted);
  if (!waiting->is_over && is_deaf_) {
    waiting->outcome.failure = gone();
  } else if (!waiting->is_over) {
    const std::string text = "no answer to " + method + " in time";
    waiting->outcome.failure = Failure{Failure::Origin::timed_out, kInternalError, text, Json()};
  }
  co_return std::move(waiting->outcome);
}

void Peer::notify(std::string_view method, Json params) {
  send(encode_notification(method, std::move(params)));
}

void Peer::finish_output() {
  is_finishing_ = true;
  has_lines_.cancel();
}

void Peer::stop() {
  close();
}

void Peer::close() {
  if (is_closed_) return;
  is_closed_ = true;
  boost::system::error_code ignored;
  input_.close(ignored);
  output_.close(ignored);
  has_lines_.cancel();
  for (const auto& [id, waiting] : waiting_) {
    if (waiting->is_over) continue;
    waiting->outcome.failure = gone();
    waiting->is_over = true;
    waiting->answered.cancel();
  }
}

void Peer::on_line(std::string_view line) {
  if (is_closed_) return;
  Message message = decode(line);
  const bool is_shown =
      std::holds_alternative<Request>(message) || std::holds_alternative<Notification>(message);
  if (is_shown) handler_.on_message(line);
  std::visit(Overloaded{
                 [this](Request& request) { on_request(std::move(request)); },
                 [this](Notification& note) { handler_.on_notification(std::move(note)); },
                 [this](Response& response) { on_response(std::move(response)); },
                 [this](Malformed&) { ++malformed_lines_; },
             },
             message);
}

void Peer::on_request(Request request) {
  if (in_work_.size() >= kRequestsMax) {
    send(encode_response(request.id, failed(kTooManyRequests, "too many requests at a time")));
    return;
  }
  auto signal = std::make_shared<asio::cancellation_signal>();
  in_work_.push_back(signal);
  auto on_end = [this, signal](const std::exception_ptr&) {
    in_work_.remove(signal);
    work_is_over_.cancel();
  };
  asio::co_spawn(executor_, answer(std::move(request)),
                 asio::bind_cancellation_slot(signal->slot(), std::move(on_end)));
}

Task<void> Peer::answer(Request request) {
  const Json id = request.id;
  Outcome outcome;
  try {
    outcome = co_await handler_.on_request(std::move(request));
  } catch (const std::exception& error) {
    outcome = failed(kInternalError, error.what());
  }
  send(encode_response(id, std::move(outcome)));
}

void Peer::on_response(Response response) {
  if (!response.id.is_number_integer()) return;
  const auto found = waiting_.find(response.id.get<std::int64_t>());
  if (found == waiting_.end() || found->second->is_over) return;
  found->second->outcome = std::move(response.outcome);
  found->second->is_over = true;
  found->second->answered.cancel();
}

void Peer::send(std::string line) {
  if (is_closed_ || is_finishing_) return;
  waiting_bytes_ += line.size();
  if (waiting_bytes_ > kWaitingBytesMax) {
    close();
    return;
  }
  lines_.push_back(std::move(line));
  has_lines_.cancel();
}

}  // namespace konductor::rpc
