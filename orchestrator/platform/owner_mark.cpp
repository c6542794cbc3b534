// SPDX-License-Identifier: MIT
#include "platform/owner_mark.hpp"

#include <sys/resource.h>

namespace konductor::platform {

namespace {

constexpr OwnerMark kLeastMark = 1ULL << 61;
constexpr OwnerMark kMarkBits = kLeastMark - 1;

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ULL;
  }
  return hash;
}

}  // namespace

std::optional<OwnerMark> owner_mark_for(std::string_view token) {
  static const bool is_free = [] {
    rlimit own = {};
    return ::getrlimit(RLIMIT_RTTIME, &own) == 0 && own.rlim_max == RLIM_INFINITY;
  }();
  if (!is_free || token.empty()) return std::nullopt;
  return kLeastMark | (hash_of(token) & kMarkBits);
}

std::optional<OwnerMark> read_owner_mark(pid_t pid) {
  rlimit limit = {};
  if (::prlimit(pid, RLIMIT_RTTIME, nullptr, &limit) != 0) return std::nullopt;
  if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max < kLeastMark) return std::nullopt;
  return limit.rlim_max;
}

}  // namespace konductor::platform
