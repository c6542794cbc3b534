// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "acp/conversation.hpp"
#include "acp_client/agent_child.hpp"
#include "rpc/peer.hpp"

namespace konductor::acp_client {

// Drives one session of an agent from its start to its end.
class Client : private rpc::Handler {
 public:
  // Lines with their line break.
  using Print = std::function<void(std::string_view)>;

  Client(boost::asio::io_context& io, acp::Order order, std::chrono::milliseconds grace,
         Print print);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Starts the agent and returns its session's exit status once the process is gone. The result
  // line is the last that is printed.
  int run(const std::vector<std::string>& agent);

 private:
  rpc::Task<rpc::Outcome> on_request(rpc::Request request) override;
  void on_notification(rpc::Notification notification) override;
  void on_message(std::string_view line) override;

  rpc::Task<void> whole_run();
  rpc::Task<void> hold_session();
  rpc::Task<void> interrupt();
  rpc::Task<void> end_agent();
  // Returns when `is_true` is, or at the deadline.
  rpc::Task<void> wait_until(const std::function<bool()>& is_true, rpc::TimePoint deadline);
  void start(rpc::Task<void> task, bool& is_over);
  void listen();
  rpc::Outcome answer_permission(const rpc::Json& params);
  rpc::Outcome read_file(const rpc::Json& params) const;
  rpc::Outcome write_file(const rpc::Json& params) const;
  void fail_unanswered();
  [[nodiscard]] int exit_status() const;

  boost::asio::io_context& io_;
  acp::Conversation conversation_;
  std::chrono::milliseconds grace_;
  Print print_;
  boost::asio::steady_timer changed_;
  boost::asio::signal_set signals_;
  std::unique_ptr<AgentChild> child_;
  std::unique_ptr<rpc::Peer> peer_;
  int signal_ = 0;  // The first that came.
  int signal_count_ = 0;
  bool is_session_over_ = false;
  bool is_child_over_ = false;
  bool is_peer_over_ = false;
  bool is_run_over_ = false;
};

}  // namespace konductor::acp_client
