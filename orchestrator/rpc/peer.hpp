// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "rpc/line_splitter.hpp"
#include "rpc/message.hpp"

namespace konductor::rpc {

template <class T>
using Task = boost::asio::awaitable<T>;
using TimePoint = std::chrono::steady_clock::time_point;

// What the other side may ask for.
class Handler {
 public:
  virtual ~Handler() = default;
  // The answer to a request; may take its time, other messages are handled meanwhile. Cancelled
  // when the connection ends.
  virtual Task<Outcome> on_request(Request request) = 0;
  virtual void on_notification(Notification notification) = 0;
  // Every line that is a request or a notification, before it is handled.
  virtual void on_message(std::string_view line) = 0;
};

// One side of a JSON-RPC 2.0 connection: messages as lines, requests in both directions. For one
// thread, in a process that ignores SIGPIPE. A peer can only be destroyed after run() has returned.
class Peer {
 public:
  // Requests of the other side that are worked on at a time; more are refused.
  static constexpr std::size_t kRequestsMax = 64;
  // Bytes that wait to be read by the other side; with more the connection is given up.
  static constexpr std::size_t kWaitingBytesMax = std::size_t{64} << 20U;
  // How long answers may still take once the other side has stopped to listen: what it said before
  // counts.
  static constexpr std::chrono::milliseconds kRestTime{500};

  Peer(boost::asio::readable_pipe input, boost::asio::writable_pipe output, Handler& handler);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Reads, answers and writes until the other side closes its end, or stop(). Calls that wait fail
  // then. Call once.
  Task<void> run();

  // Asks the other side. Fails with `gone` when the connection ends first or the other side cannot
  // be written to, with `timed_out` when the deadline comes first. Throws operation_aborted when
  // cancelled; a late answer is dropped.
  Task<Outcome> call(std::string method, Json params, TimePoint deadline = TimePoint::max());
  void notify(std::string_view method, Json params);

  // Closes this side's end once everything that waits is written. What the other side still says is
  // read.
  void finish_output();
  // Ends run() without waiting for the other side.
  void stop();

  // Lines that are no messages, or too long.
  [[nodiscard]] std::uint64_t skipped_lines() const {
    return malformed_lines_ + splitter_.skipped_lines();
  }

 private:
  struct Waiting {
    explicit Waiting(const boost::asio::any_io_executor& executor) : answered(executor) {}
    boost::asio::steady_timer answered;
    TimePoint deadline;
    Outcome outcome;
    bool is_over = false;
  };
  using Signals = std::list<std::shared_ptr<boost::asio::cancellation_signal>>;

  Task<void> read_all();
  Task<void> write_all();
  Task<void> answer(Request request);
  void on_line(std::string_view line);
  void on_request(Request request);
  void on_response(Response response);
  void send(std::string line);
  void on_deaf();
  void close();

  boost::asio::any_io_executor executor_;
  boost::asio::readable_pipe input_;
  boost::asio::writable_pipe output_;
  Handler& handler_;
  LineSplitter splitter_;
  std::uint64_t malformed_lines_ = 0;
  std::int64_t last_id_ = 0;
  std::map<std::int64_t, std::shared_ptr<Waiting>> waiting_;
  Signals in_work_;
  boost::asio::steady_timer work_is_over_;
  std::deque<std::string> lines_;
  std::size_t waiting_bytes_ = 0;
  boost::asio::steady_timer has_lines_;
  bool is_finishing_ = false;
  bool is_deaf_ = false;  // The other side.
  bool is_closed_ = false;
};

}  // namespace konductor::rpc
