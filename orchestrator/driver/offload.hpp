// SPDX-License-Identifier: MIT
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "ports/clock.hpp"

namespace konductor::driver {

namespace detail {

// Runs `job` on the pool and hands what it returned or threw to `handler` on the handler's own
// executor, which counts the job as work meanwhile.
template <class T, class Job>
struct RunOnPool {
  template <class Handler>
  void operator()(Handler handler, const boost::asio::any_io_executor& pool, Job job) const {
    auto executor = boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                        boost::asio::execution::outstanding_work.tracked);
    boost::asio::post(pool, [handler = std::move(handler), job = std::move(job),
                             executor = std::move(executor)]() mutable {
      std::exception_ptr error;
      std::optional<T> value;
      try {
        value.emplace(job());
      } catch (...) {
        error = std::current_exception();
      }
      boost::asio::post(executor,
                        [handler = std::move(handler), error, value = std::move(value)]() mutable {
                          // The value is moved out even beside an error, so T is made by default
                          // then.
                          if (value.has_value())
                            std::move(handler)(error, std::move(*value));
                          else
                            std::move(handler)(error, T{});
                        });
    });
  }
};

}  // namespace detail

// Runs `job`, a function without arguments that may block, on `pool`, which usually is one of
// threads, and returns on the caller's loop with its result or exception. A job cannot be
// cancelled: cancelling takes effect after it. Name the job first: co_await offload(pool,
// std::move(job)).
template <class Job, class T = std::invoke_result_t<Job&>>
ports::Task<T> offload(boost::asio::any_io_executor pool, Job job) {
  return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                     void(std::exception_ptr, T)>(
      detail::RunOnPool<T, Job>(), boost::asio::use_awaitable, std::move(pool), std::move(job));
}

}  // namespace konductor::driver
