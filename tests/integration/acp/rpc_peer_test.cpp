// SPDX-License-Identifier: MIT
// Two JSON-RPC peers, or a peer and raw bytes, over pipes.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect_pipe.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <csignal>
#include <optional>

#include "rpc/peer.hpp"

namespace asio = boost::asio;
using namespace konductor::rpc;

namespace {

// Answers "echo" with its params, "wait" when it is told to, and knows nothing else.
class Echo : public Handler {
 public:
  explicit Echo(asio::io_context& io) : released(io, TimePoint::max()) {}
  Task<Outcome> on_request(Request request) override {
    if (request.method == "wait") co_await released.async_wait(asio::use_awaitable);
    if (request.method == "echo") co_return succeeded(std::move(request.params));
    if (request.method == "throw") throw std::runtime_error("it is thrown");
    co_return method_not_found(request.method);
  }
  void on_notification(Notification notification) override { notes.push_back(notification.method); }
  void on_message(std::string_view line) override { messages.emplace_back(line); }

  asio::steady_timer released;
  std::vector<std::string> notes;
  std::vector<std::string> messages;
};

class WithoutSigpipe {
 public:
  WithoutSigpipe() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;
  ~WithoutSigpipe() { std::signal(SIGPIPE, before_); }

 private:
  void (*before_)(int);
};

struct Pair {
  Pair() {
    asio::readable_pipe left_in(io);
    asio::readable_pipe right_in(io);
    asio::writable_pipe left_out(io);
    asio::writable_pipe right_out(io);
    asio::connect_pipe(left_in, right_out);
    asio::connect_pipe(right_in, left_out);
    left = std::make_unique<Peer>(std::move(left_in), std::move(left_out), left_handler);
    right = std::make_unique<Peer>(std::move(right_in), std::move(right_out), right_handler);
  }
  void spawn(Task<void> task) {
    asio::co_spawn(io, std::move(task), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  }
  Outcome ask(const std::string& method, const Json& params) {
    std::optional<Outcome> answer;
    const auto call = [](Pair& pair, std::string name, Json with,
                         std::optional<Outcome>& to) -> Task<void> {
      to = co_await pair.left->call(std::move(name), std::move(with));
      pair.left->finish_output();
    };
    spawn(call(*this, method, params, answer));
    run();
    REQUIRE(answer.has_value());
    return *answer;
  }
  void run() {
    spawn(left->run());
    spawn(right->run());
    io.run();
  }

  WithoutSigpipe without_sigpipe;
  asio::io_context io{1};
  Echo left_handler{io};
  Echo right_handler{io};
  std::unique_ptr<Peer> left;
  std::unique_ptr<Peer> right;
};

}  // namespace

TEST_CASE("rpc: a call is answered") {
  Pair pair;
  const Json params = {{"text", "ä\n\"x\""}};
  const Outcome answer = pair.ask("echo", params);
  REQUIRE_FALSE(answer.failure.has_value());
  CHECK(answer.result == params);
  CHECK(pair.right_handler.messages.size() == 1);
}

TEST_CASE("rpc: an unknown method and an exception are failures of their own") {
  const auto [method, code] = GENERATE(
      table<std::string, int>({{"nobody/knows", kMethodNotFound}, {"throw", kInternalError}}));
  Pair pair;
  const Outcome answer = pair.ask(method, Json::object());
  REQUIRE(answer.failure.has_value());
  CHECK(answer.failure->origin == Failure::Origin::peer);
  CHECK(answer.failure->code == code);
}

TEST_CASE("rpc: a call fails when the other side goes away") {
  Pair pair;
  pair.right_handler.on_notification({"first", Json()});
  const auto leave = [](Pair& both) -> Task<void> {
    both.right->stop();
    co_return;
  };
  pair.spawn(leave(pair));
  const Outcome answer = pair.ask("wait", Json::object());
  REQUIRE(answer.failure.has_value());
  CHECK(answer.failure->origin == Failure::Origin::gone);
}

TEST_CASE("rpc: a call that is not answered in time fails, others go on") {
  Pair pair;
  std::vector<Outcome> answers;
  const auto calls = [](Pair& both, std::vector<Outcome>& all) -> Task<void> {
    const TimePoint soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
    const Json nothing = Json::object();
    all.push_back(co_await both.left->call("wait", nothing, soon));
    all.push_back(co_await both.left->call("echo", nothing));
    both.left->finish_output();
  };
  pair.spawn(calls(pair, answers));
  pair.run();
  REQUIRE(answers.size() == 2);
  REQUIRE(answers[0].failure.has_value());
  CHECK(answers[0].failure->origin == Failure::Origin::timed_out);
  CHECK_FALSE(answers[1].failure.has_value());
}

TEST_CASE("rpc: a cancelled call throws and its late answer is dropped") {
  Pair pair;
  asio::cancellation_signal signal;
  bool is_aborted = false;
  const auto call = [](Pair& both) -> Task<void> {
    const Json nothing = Json::object();
    (void)co_await both.left->call("wait", nothing);
  };
  asio::co_spawn(pair.io, call(pair),
                 asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr& error) {
                   is_aborted = error != nullptr;
                   pair.right_handler.released.cancel();
                   pair.left->finish_output();
                 }));
  const auto cancel = [](asio::cancellation_signal& by) -> Task<void> {
    by.emit(asio::cancellation_type::terminal);
    co_return;
  };
  pair.spawn(cancel(signal));
  pair.run();
  CHECK(is_aborted);
}

TEST_CASE("rpc: what is no message is passed over and counted") {
  asio::io_context io(1);
  Echo handler(io);
  asio::readable_pipe input(io);
  asio::writable_pipe peer_out(io);
  asio::readable_pipe nobody(io);
  asio::writable_pipe output(io);
  asio::connect_pipe(input, peer_out);
  asio::connect_pipe(nobody, output);
  Peer peer(std::move(input), std::move(output), handler);
  const std::string bytes = "\n{\n[1,2]\n\xFF\n{\"id\":{},\"method\":\"echo\"}\n" +
                            std::string(LineSplitter::kLineBytesMax + 5, 'x') +
                            "\n{\"method\":\"news\"}\n{\"id\":99,\"result\":1}\n{\"method\":\"cut";
  const auto write = [](asio::writable_pipe& to, const std::string& text) -> Task<void> {
    const auto buffer = asio::buffer(text);
    co_await asio::async_write(to, buffer, asio::use_awaitable);
    to.close();
  };
  asio::co_spawn(io, write(peer_out, bytes), [](const std::exception_ptr&) {});
  asio::co_spawn(io, peer.run(), [](const std::exception_ptr&) {});
  io.run();
  CHECK(handler.notes == std::vector<std::string>{"news"});
  CHECK(peer.skipped_lines() == 5);
}

TEST_CASE("rpc: a call to one that does not listen any more fails, but what it said counts") {
  const WithoutSigpipe without_sigpipe;
  asio::io_context io(1);
  Echo handler(io);
  asio::readable_pipe input(io);
  asio::writable_pipe from_other(io);
  asio::readable_pipe to_other(io);
  asio::writable_pipe output(io);
  asio::connect_pipe(input, from_other);
  asio::connect_pipe(to_other, output);
  Peer peer(std::move(input), std::move(output), handler);
  const bool has_answered = GENERATE(false, true);
  const std::string said = has_answered ? "{\"id\":1,\"result\":7}\n" : "{\"method\":\"news\"}\n";
  asio::write(from_other, asio::buffer(said));
  to_other.close();
  std::optional<Outcome> answer;
  const auto call = [](Peer& with, std::optional<Outcome>& to) -> Task<void> {
    to = co_await with.call("echo", Json::object());
    with.stop();
  };
  asio::co_spawn(io, call(peer, answer), [](const std::exception_ptr&) {});
  asio::co_spawn(io, peer.run(), [](const std::exception_ptr&) {});
  io.run();
  REQUIRE(answer.has_value());
  CHECK(answer->failure.has_value() == !has_answered);
  if (!has_answered) CHECK(answer->failure->origin == Failure::Origin::gone);
}
