// SPDX-License-Identifier: MIT
#include "cli/terminal_device.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace konductor::cli {
namespace {

// To the descriptor that was given others write too, and they expect it to wait: so the terminal is
// opened again.
platform::UniqueFd open_again(int file) {
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  return platform::UniqueFd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

bool takes_bytes(int file, int milliseconds) {
  pollfd ready{file, POLLOUT, 0};
  return ::poll(&ready, 1, milliseconds) == 1 && (ready.revents & POLLOUT) != 0;
}

}  // namespace

TerminalDevice::TerminalDevice(int file) : file_(file), own_(open_again(file)) {}

void TerminalDevice::write(std::string_view bytes) {
  waiting_ += bytes;
  write_more();
}

bool TerminalDevice::write_more() {
  const bool is_own = own_.get() >= 0;
  const int file = is_own ? own_.get() : file_;
  while (!waiting_.empty()) {
    // Where it could not be opened again, a piece that the kernel has room for.
    constexpr std::size_t kPiece = 512;
    if (!is_own && !takes_bytes(file, 0)) return false;
    const ssize_t taken = ::write(file, waiting_.data(),
                                  is_own ? waiting_.size() : std::min(waiting_.size(), kPiece));
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0 && errno == EAGAIN) return false;
    if (taken <= 0) waiting_.clear();  // The terminal is gone.
    if (taken > 0) waiting_.erase(0, static_cast<std::size_t>(taken));
  }
  return true;
}

void TerminalDevice::finish() {
  constexpr int kFinishMilliseconds = 1000;
  while (!write_more())
    if (!takes_bytes(own_.get() >= 0 ? own_.get() : file_, kFinishMilliseconds)) break;
  waiting_.clear();
}

ScreenSize TerminalDevice::size() const {
  winsize told{};
  ScreenSize size;
  if (::ioctl(file_, TIOCGWINSZ, &told) != 0 || told.ws_col == 0 || told.ws_row == 0) return size;
  size.columns = told.ws_col;
  size.rows = told.ws_row;
  return size;
}

}  // namespace konductor::cli
