// SPDX-License-Identifier: MIT
#include "cli/engine_log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>

#include "engine/event_json.hpp"

namespace konductor::cli {

EngineLog::EngineLog() = default;
EngineLog::~EngineLog() = default;

Result<void> EngineLog::open(const std::filesystem::path& run_directory, bool is_verbose) {
  std::error_code error;
  std::filesystem::create_directories(run_directory, error);
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(
        (run_directory / "engine.log").string());
    logger_ = std::make_shared<spdlog::logger>("engine", std::move(sink));
  } catch (const spdlog::spdlog_ex& failure) {
    return Error{ErrorCode::environment, std::string("engine.log: ") + failure.what()};
  }
  logger_->set_level(is_verbose ? spdlog::level::debug : spdlog::level::info);
  logger_->flush_on(spdlog::level::warn);
  return {};
}

void EngineLog::on_event(const engine::Event& event) {
  if (!logger_) return;
  logger_->info("{} {}", engine::event_name(event.body), engine::encode_body(event.body));
}

}  // namespace konductor::cli
