// SPDX-License-Identifier: MIT
#include "driver/attempt_monitor.hpp"

#include <unistd.h>

#include "agent/session_usage.hpp"
#include "driver/file_tail.hpp"

namespace konductor::driver {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;

}  // namespace

AttemptMonitor::AttemptMonitor(const config::RuntimeSettings& runtime,
                               const std::filesystem::path& directory, StepLimits limits)
    : stream_(agent::make_agent_stream(runtime)),
      runtime_(runtime),
      path_(directory / "stdout.log"),
      limits_(limits) {}

AttemptMonitor::~AttemptMonitor() {
  if (file_ >= 0) ::close(file_);
}

// Returns the bytes that were read; 0 at the end of what is there.
std::size_t AttemptMonitor::read_some() {
  if (file_ < 0) file_ = open_output(path_);
  if (file_ < 0) return 0;
  buffer_.resize(kPieceBytes);
  const ssize_t got = ::read(file_, buffer_.data(), buffer_.size());
  if (got <= 0) return 0;
  stream_->feed(std::string_view(buffer_).substr(0, static_cast<std::size_t>(got)));
  return static_cast<std::size_t>(got);
}

bool AttemptMonitor::look() {
  return !stream_ || read_some() < kPieceBytes;
}

std::string AttemptMonitor::verdict() const {
  if (!stream_) return {};
  const agent::StreamProgress progress = stream_->progress();
  if (limits_.repeats > 0 && progress.repeats >= limits_.repeats) return "tool_loop";
  if (limits_.steps > 0 && progress.steps > limits_.steps) return "step_limit";
  const engine::Usage spent = agent::with_price(stream_->spent(), runtime_);
  const bool has_passed =
      (limits_.tokens > 0 && spent.input_tokens + spent.output_tokens > limits_.tokens) ||
      (limits_.usd > 0 && spent.cost_usd > limits_.usd);
  return has_passed ? "over_budget" : "";
}

std::optional<agent::StreamReport> AttemptMonitor::finish(const agent::Moment& moment) {
  if (!stream_) return std::nullopt;
  while (read_some() > 0) {
  }
  return stream_->finish(moment);
}

bool OutputListeners::look() {
  bool is_content = true;
  for (OutputListener* listener : listeners_)
    is_content = listener->look() && is_content;
  return is_content;
}

std::string OutputListeners::verdict() const {
  for (const OutputListener* listener : listeners_)
    if (std::string verdict = listener->verdict(); !verdict.empty()) return verdict;
  return {};
}

}  // namespace konductor::driver
