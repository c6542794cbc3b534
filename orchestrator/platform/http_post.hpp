// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "base/result.hpp"

namespace konductor::platform {

// Posts a JSON document to an address that begins with http:// and returns the status of the
// answer. All of it takes `timeout` at most. Error `io`: nobody is there, or no answer comes;
// `invalid_input`: the address is none.
boost::asio::awaitable<Result<int>> post_json(std::string url, std::string body,
                                              std::chrono::milliseconds timeout);

}  // namespace konductor::platform
