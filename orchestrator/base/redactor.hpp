// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret_shapes.hpp"
#include "base/secret_values.hpp"

namespace konductor {

// Puts "[redacted:NAME]" in the place of secrets: of the values it is given, written as they are or
// into a JSON string once or more often, and of tokens, private keys and credentials of well-known
// shapes. A line of JSON stays one. Safe from several threads.
class Redactor {
 public:
  // Knows well-known shapes only.
  Redactor() : Redactor(std::vector<SecretValue>()) {}
  explicit Redactor(const std::vector<SecretValue>& secrets);

  [[nodiscard]] std::string redact(std::string_view text) const;
  [[nodiscard]] bool has_secret(std::string_view text) const;

 private:
  friend class RedactingStream;

  struct Pattern {
    std::string mark;
    std::string value;
  };
  // A secret at a place of the text, and what stands there instead.
  struct Match {
    ShapeMatch::Fit fit = ShapeMatch::Fit::no;
    std::size_t end = 0;
    std::vector<TextRange> secrets;
    std::string mark;

    void shift(std::size_t count);
  };

  void add_pattern(const std::string& name, std::string_view value);
  void add_beginning(std::string_view three_bytes);
  [[nodiscard]] std::size_t next_candidate(std::string_view text, std::size_t at) const;
  [[nodiscard]] Match match(std::string_view text, std::size_t at, bool is_whole) const;
  [[nodiscard]] Match match_values(std::string_view text, std::size_t at, bool is_whole) const;
  [[nodiscard]] Match longest_match(std::string_view text, std::size_t at, bool is_whole) const;

  std::vector<Pattern> patterns_;
  std::array<std::vector<std::size_t>, 256> by_first_;  // Patterns by the first byte of the value.
  std::vector<std::uint64_t> beginnings_;  // A set of hashes of the three bytes that begin one.
};

// Redacts a text that comes in pieces of any size: what comes out is the same for all of them. Told
// is what cannot be part of a secret, whatever follows, so that but for the beginnings of secrets
// nothing is held back; keeps `kHeldBytesMax` bytes beside the piece at most.
class RedactingStream {
 public:
  // No secret is looked for further than this behind its begin.
  static constexpr std::size_t kWindow = std::size_t{40} << 10U;
  static constexpr std::size_t kHeldBytesMax = 2 * kWindow + 64;

  // `redactor` outlives the stream.
  explicit RedactingStream(const Redactor& redactor) : redactor_(redactor) {}

  // Adds to `out` what can be told by now.
  void feed(std::string_view piece, std::string& out);
  // After the last piece.
  void finish(std::string& out);
  [[nodiscard]] bool has_found() const { return has_found_; }
  // What was fed and is neither told nor replaced yet.
  [[nodiscard]] std::size_t held_bytes() const { return text_.size() - told_; }

 private:
  void advance(bool is_whole, std::string& out);
  void replace(const Redactor::Match& match, std::string& out);
  void tell(std::size_t end, std::string& out);
  void drop_told();
  [[nodiscard]] bool is_escaped(std::size_t at) const;
  [[nodiscard]] std::size_t escape_begin(std::size_t at) const;

  const Redactor& redactor_;
  std::string text_;             // What is looked at, and a little of what was told before.
  std::size_t told_ = 0;         // Up to here it is told, or replaced.
  std::size_t at_ = 0;           // Up to here it is known what stands there.
  std::size_t behind_ = 0;       // The newest secret's end: an escape cannot begin before.
  bool is_escape_open_ = false;  // Whether an odd number of backslashes came before `text_`.
  bool has_found_ = false;
};

}  // namespace konductor
