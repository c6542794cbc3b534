// SPDX-License-Identifier: MIT
#include "cli/attempt_output.hpp"

#include <unistd.h>

#include "driver/file_tail.hpp"

namespace konductor::cli {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10U;

}  // namespace

OutputLog::~OutputLog() {
  if (file_ >= 0) ::close(file_);
}

bool OutputLog::read(const Tell& tell, const std::function<bool()>& goes_on) {
  if (file_ < 0) file_ = driver::open_output(path_);
  if (file_ < 0) return false;
  bool is_any = false;
  std::string piece;
  while (goes_on()) {
    piece.resize(kPieceBytes);
    const ssize_t got = ::pread(file_, piece.data(), piece.size(), static_cast<off_t>(offset_));
    if (got <= 0) break;
    is_any = true;
    offset_ += static_cast<std::uint64_t>(got);
    piece.resize(static_cast<std::size_t>(got));
    std::string told;
    redaction_.feed(piece, told);
    tell(told);
  }
  return is_any;
}

void OutputLog::finish(const Tell& tell) {
  std::string told;
  redaction_.finish(told);
  tell(told);
}

}  // namespace konductor::cli
