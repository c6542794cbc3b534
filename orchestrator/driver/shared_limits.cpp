// SPDX-License-Identifier: MIT
#include "driver/shared_limits.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "driver/attempt_environment.hpp"

namespace konductor::driver {

namespace fs = std::filesystem;

std::optional<std::int64_t> SharedLimits::until(const std::string& account) const {
  constexpr std::uint64_t kBytesMax = 64;
  if (directory_.empty()) return std::nullopt;
  const Result<std::string> text = files_.read(path_of(account), kBytesMax);
  if (text.has_error()) return std::nullopt;
  const std::string_view digits = trim(text.value());
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_whole = error == std::errc() && end == digits.data() + digits.size();
  return is_whole ? std::optional(value) : std::nullopt;
}

Result<void> SharedLimits::tell(const std::string& account, std::int64_t until) {
  if (directory_.empty() || this->until(account).value_or(0) >= until) return {};
  return files_.write(path_of(account), std::to_string(until) + "\n");
}

void SharedLimits::withdraw(const std::string& account, std::int64_t now) {
  const std::optional<std::int64_t> told = until(account);
  if (!told || *told > now) return;
  const Result<void> removed = files_.remove(path_of(account));
  static_cast<void>(removed);
}

fs::path shared_limits_directory(const std::vector<std::string>& environment) {
  const fs::path configured = environment_value(environment, "XDG_STATE_HOME");
  if (configured.is_absolute()) return configured / "konductor" / "limits";
  const fs::path home = environment_value(environment, "HOME");
  return home.is_absolute() ? home / ".local" / "state" / "konductor" / "limits" : fs::path();
}

}  // namespace konductor::driver
