// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/redactor.hpp"

namespace konductor::cli {

// Reads a log of an attempt's, which may still be written, without its secrets. Bounded in memory,
// however long the log is.
class OutputLog {
 public:
  using Tell = std::function<void(std::string_view)>;

  // The file need not be there yet. `redactor` outlives the log.
  OutputLog(std::filesystem::path path, const Redactor& redactor)
      : path_(std::move(path)), redaction_(redactor) {}
  OutputLog(const OutputLog&) = delete;
  OutputLog& operator=(const OutputLog&) = delete;
  ~OutputLog();

  // Tells what was written since; stops early when `goes_on` says so. False when there was nothing.
  bool read(const Tell& tell, const std::function<bool()>& goes_on);
  // After the attempt's end: what was held back.
  void finish(const Tell& tell);
  // Whether there is such a file, as far as `read` has seen.
  [[nodiscard]] bool is_there() const { return file_ >= 0; }

 private:
  std::filesystem::path path_;
  RedactingStream redaction_;
  int file_ = -1;
  std::uint64_t offset_ = 0;
};

}  // namespace konductor::cli
