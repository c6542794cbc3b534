// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/redactor.hpp"
#include "driver/supervise.hpp"
#include "engine/event.hpp"
#include "ports/clock.hpp"

namespace konductor::driver {

using TellOutput = std::function<void(const engine::event::attempt_output&)>;

// Tells what a running attempt prints, from the files that its output goes to. Bounded in time and
// memory however fast the attempt prints: at most `kBytesPerLook` of a stream every `kPause`; what
// came before those is skipped, and the next piece says how much. The end is always told. Secrets
// are not: what may turn out to be the beginning of one is told when more was printed. What was
// printed a moment ago is read from the page cache, so that a look does not hold up the loop.
class OutputFollower final : public OutputListener {
 public:
  static constexpr std::size_t kPieceMax = 16 << 10;
  static constexpr std::size_t kBytesPerLook = 64 << 10;
  static constexpr std::chrono::milliseconds kPause{100};

  // `head` says whose output it is. `directory` holds `stdout.log` and `stderr.log`, which need not
  // be there yet. The other arguments outlive the follower.
  OutputFollower(ports::Clock& clock, engine::event::attempt_output head,
                 const std::filesystem::path& directory, const Redactor& redactor,
                 const TellOutput& tell);
  OutputFollower(const OutputFollower&) = delete;
  OutputFollower& operator=(const OutputFollower&) = delete;
  ~OutputFollower();

  bool look() override;
  // The attempt has ended: tells what is left.
  void finish();

 private:
  struct Stream {
    std::string name;
    std::filesystem::path path;
    int file = -1;
    std::uint64_t told = 0;  // Bytes from the start that were told or skipped, or wait.
    std::unique_ptr<RedactingStream> redaction;
    std::string waiting;  // Redacted; a character whose rest is still to come.
  };

  bool tell_new(Stream& stream, bool is_final);
  void begin_behind_gap(Stream& stream, std::uint64_t from) const;
  // Tells what waits, but for a character whose rest is still to come.
  void tell_pieces(Stream& stream, std::uint64_t skipped, bool is_final) const;

  ports::Clock& clock_;
  engine::event::attempt_output head_;
  const Redactor& redactor_;
  const TellOutput& tell_;
  std::array<Stream, 2> streams_;
  std::chrono::steady_clock::time_point next_at_{};
};

}  // namespace konductor::driver
