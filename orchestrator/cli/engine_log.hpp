// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.hpp"
#include "ports/run_observer.hpp"

namespace spdlog {
class logger;
}

namespace konductor::cli {

// `engine.log` in a run's directory: every event as it became durable, for looking back.
class EngineLog final : public ports::RunObserver {
 public:
  EngineLog();
  ~EngineLog() override;
  EngineLog(const EngineLog&) = delete;
  EngineLog& operator=(const EngineLog&) = delete;

  // Error `environment` when the file cannot be written.
  Result<void> open(const std::filesystem::path& run_directory, bool is_verbose);
  void on_event(const engine::Event& event) override;

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace konductor::cli
