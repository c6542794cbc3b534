// SPDX-License-Identifier: MIT
#include "platform/http_post.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <memory>
#include <string_view>

#include "base/text.hpp"

namespace konductor::platform {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::string_view kScheme = "http://";
// Of an answer; nobody reads it.
constexpr std::size_t kAnswerMax = std::size_t{64} << 10U;

struct WebAddress {
  std::string authority;  // As the Host field has it.
  std::string host;
  std::string port = "80";
  std::string target = "/";
};

Result<WebAddress> parse_address(std::string_view url) {
  if (url.substr(0, kScheme.size()) != kScheme)
    return Error{ErrorCode::invalid_input, quote(url) + " does not begin with http://"};
  url.remove_prefix(kScheme.size());
  WebAddress address;
  const std::size_t path = url.find_first_of("/?#");
  if (path != std::string_view::npos) {
    address.target = url.substr(path, url.find('#') - path);
    if (address.target.empty() || address.target.front() != '/') address.target.insert(0, "/");
  }
  std::string_view authority = url.substr(0, path);
  if (const auto user = authority.rfind('@'); user != std::string_view::npos)
    return Error{ErrorCode::invalid_input, "a name and a password in an address are not sent"};
  address.authority = authority;
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) address.port = authority.substr(colon + 1);
  authority = authority.substr(0, colon);
  if (bracket != std::string_view::npos && authority.front() == '[')
    authority = authority.substr(1, bracket - 1);
  address.host = authority;
  if (address.host.empty() || address.port.empty())
    return Error{ErrorCode::invalid_input, "the address names no host"};
  return address;
}

Error failed(const std::string& what, const boost::system::error_code& error) {
  return Error{ErrorCode::io, what + ": " + error.message()};
}

}  // namespace

asio::awaitable<Result<int>> post_json(std::string url, std::string body,
                                       std::chrono::milliseconds timeout) {
  const Result<WebAddress> parsed = parse_address(url);
  if (parsed.has_error()) co_return parsed.error();
  const WebAddress& address = parsed.value();
  const auto executor = co_await asio::this_coro::executor;
  const auto token = asio::as_tuple(asio::use_awaitable);
  tcp::resolver resolver(executor);
  // Names are looked up on another thread; an answer that is late is not waited for.
  asio::steady_timer deadline(executor, timeout);
  deadline.async_wait([&resolver](const boost::system::error_code& error) {
    if (!error) resolver.cancel();
  });
  const auto found = co_await resolver.async_resolve(address.host, address.port, token);
  if (std::get<0>(found)) co_return failed("cannot find its host", std::get<0>(found));
  beast::tcp_stream stream(executor);
  stream.expires_at(deadline.expiry());
  const auto& endpoints = std::get<1>(found);
  const auto connected = co_await stream.async_connect(endpoints, token);
  if (std::get<0>(connected)) co_return failed("cannot reach it", std::get<0>(connected));
  http::request<http::string_body> request(http::verb::post, address.target, 11);
  request.set(http::field::host, address.authority);
  request.set(http::field::user_agent, "konductor");
  request.set(http::field::content_type, "application/json");
  request.keep_alive(false);
  request.body() = std::move(body);
  request.prepare_payload();
  const auto written = co_await http::async_write(stream, request, token);
  if (std::get<0>(written)) co_return failed("cannot write to it", std::get<0>(written));
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> answer;
  answer.body_limit(kAnswerMax);
  const auto read = co_await http::async_read_header(stream, buffer, answer, token);
  if (std::get<0>(read)) co_return failed("it does not answer", std::get<0>(read));
  boost::system::error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
  co_return static_cast<int>(answer.get().result_int());
}

}  // namespace konductor::platform
