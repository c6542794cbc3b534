// SPDX-License-Identifier: MIT
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "bench.hpp"
#include "measure.hpp"
#include "platform/boost_process_launcher.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kTick = std::chrono::milliseconds(1);
constexpr int kChains = 32;
constexpr int kShortChildren = 60;  // Of each chain, one after another.
constexpr int kLongChildren = 64;   // Alive all the time.

struct Loop {
  boost::asio::io_context context;
  double longest = 0;  // Seconds between two ticks.
  bool is_over = false;
  int chains = kChains;
};

boost::asio::awaitable<void> tick(Loop& loop) {
  boost::asio::steady_timer timer(loop.context);
  auto last = Clock::now();
  while (!loop.is_over) {
    timer.expires_after(kTick);
    co_await timer.async_wait(boost::asio::use_awaitable);
    const auto now = Clock::now();
    loop.longest = std::max(loop.longest, std::chrono::duration<double>(now - last).count());
    last = now;
  }
}

konductor::ports::ProcessSpec sleeper(const std::string& seconds, const std::string& directory) {
  konductor::ports::ProcessSpec spec;
  spec.argv = {"/bin/sleep", seconds};
  spec.token = "KONDUCTOR_PROMPT_FILE=" + directory;
  spec.environment = {"PATH=/usr/bin:/bin", spec.token};
  spec.directory = directory;
  return spec;
}

boost::asio::awaitable<void> chain(Loop& loop, konductor::platform::BoostProcessLauncher& launcher,
                                   std::string directory) {
  for (int child = 0; child < kShortChildren; ++child) {
    const auto spec = sleeper("0.005", directory);
    auto started = launcher.start(spec);
    if (started.has_error()) throw std::runtime_error(started.error().message);
    auto exit = co_await started.value()->wait();
    if (exit.has_error()) throw std::runtime_error(exit.error().message);
  }
  if (--loop.chains == 0) loop.is_over = true;
}

boost::asio::awaitable<void> end_all(
    std::vector<std::unique_ptr<konductor::ports::Process>>& processes) {
  for (auto& process : processes) {
    auto ended = co_await process->kill_tree();
    static_cast<void>(ended);
  }
}

double idle_gap(double seconds) {
  Loop loop;
  boost::asio::co_spawn(loop.context, tick(loop), boost::asio::detached);
  boost::asio::steady_timer end(loop.context, std::chrono::duration_cast<Clock::duration>(
                                                  std::chrono::duration<double>(seconds)));
  end.async_wait([&loop](const boost::system::error_code&) { loop.is_over = true; });
  loop.context.run();
  return loop.longest;
}

}  // namespace

void bench_loop_stall() {
  const Scratch scratch;
  const auto began = Clock::now();
  Loop loop;
  konductor::platform::BoostProcessLauncher launcher(loop.context.get_executor());
  std::vector<std::unique_ptr<konductor::ports::Process>> living;
  for (int n = 0; n < kLongChildren; ++n) {
    auto started = launcher.start(sleeper("3600", scratch.path()));
    if (started.has_error()) throw std::runtime_error(started.error().message);
    living.push_back(std::move(started).value());
  }
  boost::asio::co_spawn(loop.context, tick(loop), boost::asio::detached);
  for (int n = 0; n < kChains; ++n)
    boost::asio::co_spawn(loop.context, chain(loop, launcher, scratch.path()),
                          [](const std::exception_ptr& error) {
                            if (error) std::rethrow_exception(error);
                          });
  // Not until it runs dry: the long children are still waited for.
  while (!loop.is_over)
    loop.context.run_one();
  const double taken = std::chrono::duration<double>(Clock::now() - began).count();
  loop.context.restart();
  boost::asio::co_spawn(loop.context, end_all(living), boost::asio::detached);
  loop.context.run();
  const double idle = idle_gap(taken);
  std::printf("### Longest gap between ticks of 1 ms\n\n| | ms |\n|---|---|\n");
  std::printf("| no children | %.1f |\n", idle * 1e3);
  std::printf("| %d short children, %d at once, beside %d long ones | %.1f |\n\n",
              kChains * kShortChildren, kChains, kLongChildren, loop.longest * 1e3);
}

}  // namespace bench
