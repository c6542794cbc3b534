// SPDX-License-Identifier: MIT
#include "cli/lock_holder.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/text.hpp"
#include "cli/engine_identity.hpp"

namespace konductor::cli {
namespace {

std::optional<std::string> read_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string text_field(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::optional<LockHolder> parse_lock_holder(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto pid = json.find("pid");
  if (pid == json.end() || !pid->is_number_integer() || *pid < 1) return std::nullopt;
  LockHolder holder;
  holder.pid = pid->get<long>();
  holder.host = text_field(json, "host");
  holder.started = text_field(json, "started");
  return holder;
}

bool lists_lock_of(std::string_view proc_locks, long pid) {
  for (const std::string_view line : split_lines(proc_locks)) {
    std::istringstream fields{std::string(line)};
    std::string number;
    std::string kind;
    std::string mode;
    std::string access;
    long holder = 0;
    // Those that wait for a lock have "->" before the kind.
    if (fields >> number >> kind >> mode >> access >> holder && kind == "FLOCK" && holder == pid)
      return true;
  }
  return false;
}

std::optional<LockHolder> find_lock_holder(const std::filesystem::path& lock) {
  std::optional<LockHolder> holder = parse_lock_holder(read_text(lock).value_or(""));
  if (!holder) return std::nullopt;
  holder->is_on_this_host = holder->host.empty() || holder->host == host_name();
  if (!holder->is_on_this_host) return holder;
  // An engine that died leaves its file behind, and its number may belong to another by now.
  if (::kill(static_cast<pid_t>(holder->pid), 0) != 0 && errno == ESRCH) return std::nullopt;
  const std::optional<std::string> locks = read_text("/proc/locks");
  if (locks && !lists_lock_of(*locks, holder->pid)) return std::nullopt;
  return holder;
}

}  // namespace konductor::cli
