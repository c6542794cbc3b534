// SPDX-License-Identifier: MIT
#include "cli/run_program.hpp"

#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>

#include "platform/boost_process_launcher.hpp"
#include "platform/posix_file_store.hpp"
#include "platform/shutdown_signals.hpp"
#include "platform/system_clock.hpp"

namespace konductor::cli {
namespace {

namespace asio = boost::asio;
constexpr std::uint64_t kOutputMax = std::uint64_t{1} << 20U;

asio::awaitable<void> listen(platform::ShutdownSignals& signals, driver::StopSignal& stop) {
  while (true) {
    co_await signals.next();
    stop.request(signals.count() == 1 ? driver::StopLevel::polite : driver::StopLevel::immediate);
  }
}

}  // namespace

Result<ProgramEnd> run_program(std::vector<std::string> argv, std::vector<std::string> environment,
                               const std::string& directory, driver::AttemptLimits limits) {
  asio::io_context context{1};
  platform::SystemClock clock{context.get_executor()};
  platform::BoostProcessLauncher launcher{context.get_executor()};
  platform::ShutdownSignals signals{context.get_executor()};
  driver::StopSignal stop{context.get_executor()};
  const std::filesystem::path output = std::filesystem::path(directory) / "stdout.log";
  ports::ProcessSpec spec;
  spec.argv = std::move(argv);
  spec.environment = std::move(environment);
  spec.token = "KONDUCTOR_PROGRAM=" + directory + "/" + std::to_string(::getpid());
  spec.environment.push_back(spec.token);
  spec.directory = directory;
  spec.stdout_path = output.string();
  const platform::PosixFileStore files;
  platform::PosixFileStore writable;
  KON_TRY_VOID(writable.remove(output));
  KON_TRY(const std::unique_ptr<ports::Process> process, launcher.start(spec));
  asio::cancellation_signal listening;
  asio::co_spawn(context, listen(signals, stop),
                 asio::bind_cancellation_slot(listening.slot(), [](std::exception_ptr) {}));
  Result<driver::Supervised> ended = Error{};
  std::exception_ptr thrown;
  asio::co_spawn(context, driver::supervise(clock, *process, limits, stop),
                 [&](std::exception_ptr error, Result<driver::Supervised> result) {
                   thrown = error;
                   if (!error) ended = std::move(result);
                   listening.emit(asio::cancellation_type::terminal);
                 });
  context.run();
  if (thrown) std::rethrow_exception(thrown);
  if (ended.has_error()) return ended.error();
  ProgramEnd end;
  end.cause = ended.value().cause;
  end.exit_code = ended.value().exit.exit_code;
  end.seconds = std::chrono::duration<double>(ended.value().duration).count();
  end.left_behind = ended.value().strays;
  end.signal = signals.first_signal();
  Result<std::string> text = files.read(output, kOutputMax);
  if (text.has_value()) end.out = std::move(text).value();
  return end;
}

}  // namespace konductor::cli
