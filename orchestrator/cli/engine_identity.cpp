// SPDX-License-Identifier: MIT
#include "cli/engine_identity.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <random>

namespace konductor::cli {

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

std::string make_run_id(std::int64_t milliseconds) {
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%S", &parts);
  std::random_device random;
  std::array<char, 8> suffix{};
  std::snprintf(suffix.data(), suffix.size(), "%04x", random() & 0xFFFFU);
  return std::string(text.data()) + "-" + suffix.data();
}

driver::ShippedPrograms shipped_programs() {
  std::error_code error;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path folder = own.parent_path();
  driver::ShippedPrograms programs{folder / "konductor-replay", folder / "konductor-acp",
                                   folder / "konductor-supervisor"};
  if (::access(programs.supervisor.c_str(), X_OK) != 0) programs.supervisor.clear();
  return programs;
}

}  // namespace konductor::cli
