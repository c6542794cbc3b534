// SPDX-License-Identifier: MIT
// Who is away is told, and whoever is told harms no run.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <thread>

#include "e2e/scenario.hpp"

using Catch::Matchers::Contains;
using e2e::Ended;
using e2e::json;
using e2e::Scenario;

namespace {

// Its head, and as much behind it as that says.
bool is_whole(const std::string& request) {
  const std::string length = "Content-Length: ";
  const std::size_t head = request.find("\r\n\r\n");
  const std::size_t at = request.find(length);
  if (head == std::string::npos || at == std::string::npos) return false;
  return request.size() >= head + 4 + std::stoul(request.substr(at + length.size()));
}

// Takes requests on the loopback and answers each the same.
class Hook {
 public:
  explicit Hook(std::string answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener_, 8) == 0);
    REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;
  ~Hook() { close(); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook?a=b"; }
  // All that came.
  std::string close() {
    if (thread_.joinable()) {
      ::shutdown(listener_, SHUT_RDWR);
      thread_.join();
      ::close(listener_);
    }
    return seen_;
  }

 private:
  void serve() {
    while (true) {
      const int peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      std::array<char, 4096> buffer{};
      std::string request;
      while (!is_whole(request)) {
        pollfd ready{peer, POLLIN, 0};
        if (::poll(&ready, 1, 5000) <= 0) break;
        const ssize_t got = ::read(peer, buffer.data(), buffer.size());
        if (got <= 0) break;
        request.append(buffer.data(), static_cast<std::size_t>(got));
      }
      seen_ += request;
      const ssize_t sent = ::write(peer, answer_.data(), answer_.size());
      static_cast<void>(sent);
      ::close(peer);
    }
  }

  std::string answer_;
  std::string seen_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

}  // namespace

TEST_CASE("a command is told of what is blocked and of the end") {
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"blocked escalate"});
  scenario.with_environment("TOLD", scenario.home() / "told");
  scenario.write(scenario.home() / "told" / "none", "");
  scenario.set("notify.command",
               R"(["sh", "-c", "cat >$TOLD/$KONDUCTOR_EVENT; echo $KONDUCTOR_EXIT >$TOLD/exit"])");
  REQUIRE(scenario.execute().exit == 4);
  const json blocked = json::parse(scenario.read(scenario.home() / "told/blocked"));
  CHECK(blocked.at("schema_version") == 1);
  CHECK(blocked.at("event") == "blocked");
  CHECK(blocked.at("phase") == "01");
  CHECK(blocked.at("address") == "01/001/1");
  CHECK_THAT(blocked.at("command").get<std::string>(), Contains("konductor unblock 01/001/1"));
  CHECK_THAT(blocked.at("message").get<std::string>(), Contains("blocker-of-1-1"));
  const json done = json::parse(scenario.read(scenario.home() / "told/done"));
  CHECK(done.at("exit") == 4);
  CHECK(done.at("outcome") == "blocked");
  CHECK(scenario.read(scenario.home() / "told/exit") == "4\n");
}

TEST_CASE("a notifier that fails or hangs harms nothing and is noted once") {
  const char* const command =
      GENERATE(R"(["false"])", R"(["no-such-program-anywhere"])", R"(["sleep", "600"])");
  CAPTURE(command);
  Scenario scenario;
  scenario.set("features.code_review", "false").set("execution.circuit_breaker", "9");
  scenario.plan(1, {"blocked escalate"}).plan(2, {"blocked escalate"}).plan(3, {"ok"});
  scenario.set("notify.command", command).set("notify.timeout", "\"300ms\"");
  const Ended ended = scenario.execute();
  CHECK(ended.exit == 4);
  CHECK(scenario.has_plan_file("003-summary.md"));
  CHECK(count(ended.err, "note: notify.command") == 1);
  CHECK(scenario.living_agents().empty());
}

TEST_CASE("a webhook gets the document by POST") {
  Hook hook("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"ok"});
  scenario.set("notify.webhook", "\"" + hook.url() + "\"");
  const Ended ended = scenario.execute();
  CHECK(ended.exit == 0);
  CHECK_THAT(ended.err, !Contains("notify.webhook"));
  const std::string request = hook.close();
  CHECK_THAT(request, Contains("POST /hook?a=b HTTP/1.1\r\n"));
  CHECK_THAT(request, Contains("Content-Type: application/json"));
  const json done = json::parse(request.substr(request.find("\r\n\r\n")));
  CHECK(done.at("event") == "done");
  CHECK(done.at("exit") == 0);
}

TEST_CASE("a webhook that says no, or is not there, is noted once") {
  Hook hook("HTTP/1.1 500 Oh no\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  const std::string url = hook.url();
  const bool is_there = GENERATE(true, false);
  if (!is_there) hook.close();
  Scenario scenario;
  scenario.set("features.code_review", "false").plan(1, {"ok"});
  scenario.set("notify.webhook", "\"" + url + "\"");
  const Ended ended = scenario.execute();
  CHECK(ended.exit == 0);
  CHECK(count(ended.err, "note: notify.webhook") == 1);
}
