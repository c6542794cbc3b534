// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "platform/file_lock.hpp"
#include "ports/fence.hpp"

namespace konductor::platform {

// A phase's lock as the fence of its engine. While an engine acts it also holds a lock on the
// file's first byte. Who takes the phase over replaces the file first, so that nothing begins any
// more, and then waits for that byte.
class PhaseFence final : public ports::Fence {
 public:
  // Takes the phase; errors as of FileLock::try_lock().
  static Result<std::unique_ptr<PhaseFence>> hold(const std::filesystem::path& lock,
                                                  std::string phase,
                                                  std::int64_t wall_milliseconds);
  // Takes it from an engine that is suspended or out of reach. When that one is in the middle of
  // an act, nobody but it could end the act: stopped, or not done in ten seconds, it is killed.
  // Error `busy` when it cannot be.
  static Result<std::unique_ptr<PhaseFence>> take_over(const std::filesystem::path& lock,
                                                       std::string phase,
                                                       std::int64_t wall_milliseconds);

  PhaseFence(FileLock lock, std::string phase, std::int64_t wall_milliseconds)
      : lock_(std::move(lock)), phase_(std::move(phase)), since_(wall_milliseconds) {}
  PhaseFence(const PhaseFence&) = delete;
  PhaseFence& operator=(const PhaseFence&) = delete;
  // Lets go of the phase, which is an act, too.
  ~PhaseFence() override;

  // Where somebody only removed the lock's file, it is made anew.
  Result<void> begin() override;
  void end() override;
  // The engine that was killed for it; 0: none was.
  [[nodiscard]] long killed() const { return killed_; }

 private:
  void put_back_file();

  FileLock lock_;
  std::string phase_;
  std::int64_t since_;
  long killed_ = 0;
  std::mutex mutex_;
  int acts_ = 0;
};

}  // namespace konductor::platform
