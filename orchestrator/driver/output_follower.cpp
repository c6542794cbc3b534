// SPDX-License-Identifier: MIT
#include "driver/output_follower.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "driver/file_tail.hpp"

namespace konductor::driver {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Bytes of the character that begins with `lead`; 1 for what begins none.
std::size_t character_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte >= 0xF0U) return 4;
  if (byte >= 0xE0U) return 3;
  return byte >= 0xC0U ? 2 : 1;
}

// The longest start of `text` that does not end inside a character.
std::size_t whole_characters(std::string_view text) {
  std::size_t lead = text.size();
  while (lead > 0 && text.size() - lead < 4) {
    --lead;
    if (is_continuation(text[lead])) continue;
    return lead + character_length(text[lead]) > text.size() ? lead : text.size();
  }
  return text.size();
}

std::string read_at(int file, std::uint64_t offset, std::size_t bytes) {
  std::string text(bytes, '\0');
  const ssize_t got = ::pread(file, text.data(), bytes, static_cast<off_t>(offset));
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

}  // namespace

OutputFollower::OutputFollower(ports::Clock& clock, engine::event::attempt_output head,
                               const std::filesystem::path& directory, const Redactor& redactor,
                               const TellOutput& tell)
    : clock_(clock), head_(std::move(head)), redactor_(redactor), tell_(tell) {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    streams_[i].name = i == 0 ? "stdout" : "stderr";
    streams_[i].path = directory / (streams_[i].name + ".log");
    streams_[i].redaction = std::make_unique<RedactingStream>(redactor);
  }
}

OutputFollower::~OutputFollower() {
  for (const Stream& stream : streams_)
    if (stream.file >= 0) ::close(stream.file);
}

bool OutputFollower::look() {
  const auto now = clock_.steady_now();
  if (now < next_at_) return false;
  bool is_any_told = false;
  for (Stream& stream : streams_)
    is_any_told = tell_new(stream, false) || is_any_told;
  if (is_any_told) next_at_ = now + kPause;
  return true;
}

void OutputFollower::finish() {
  for (Stream& stream : streams_)
    tell_new(stream, true);
}

bool OutputFollower::tell_new(Stream& stream, bool is_final) {
  if (stream.file < 0) stream.file = open_output(stream.path);
  struct stat status = {};
  if (stream.file < 0 || ::fstat(stream.file, &status) != 0) return false;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  stream.told = std::min(stream.told, size);  // The attempt may have emptied it.
  const bool is_new = stream.told < size;
  std::uint64_t skipped = 0;
  if (is_new) {
    std::uint64_t from = size - std::min<std::uint64_t>(size, kBytesPerLook);
    if (from > stream.told) {
      // Not from the middle of a character.
      const std::string start = read_at(stream.file, from, 3);
      from += static_cast<std::uint64_t>(
          std::find_if_not(start.begin(), start.end(), is_continuation) - start.begin());
      skipped = from - stream.told + stream.waiting.size() + stream.redaction->held_bytes();
      begin_behind_gap(stream, from);
      skipped -= std::min<std::uint64_t>(skipped, stream.redaction->held_bytes());
    }
    const std::string text =
        read_at(stream.file, stream.told, static_cast<std::size_t>(size - stream.told));
    stream.told += text.size();
    stream.redaction->feed(text, stream.waiting);
  }
  if (is_final) stream.redaction->finish(stream.waiting);
  tell_pieces(stream, skipped, is_final);
  return is_new;
}

// A secret may have begun before the place from which it is told again.
void OutputFollower::begin_behind_gap(Stream& stream, std::uint64_t from) const {
  const std::uint64_t before = std::min<std::uint64_t>(from, RedactingStream::kWindow);
  const std::string text = read_at(stream.file, from - before, static_cast<std::size_t>(before));
  stream.redaction = std::make_unique<RedactingStream>(redactor_);
  std::string not_told;
  stream.redaction->feed(text, not_told);
  stream.waiting.clear();
  stream.told = from;
}

void OutputFollower::tell_pieces(Stream& stream, std::uint64_t skipped, bool is_final) const {
  const std::string_view text = stream.waiting;
  std::size_t told = 0;
  while (told < text.size()) {
    const std::string_view rest = text.substr(told);
    std::string_view piece = rest.substr(0, kPieceMax);
    const std::size_t whole = whole_characters(piece);
    if (whole > 0 || !is_final) piece = piece.substr(0, whole);
    if (piece.empty()) break;
    engine::event::attempt_output output = head_;
    output.stream = stream.name;
    output.text = piece;
    output.skipped = static_cast<std::int64_t>(told == 0 ? skipped : 0);
    tell_(output);
    told += piece.size();
  }
  stream.waiting.erase(0, told);
}

}  // namespace konductor::driver
