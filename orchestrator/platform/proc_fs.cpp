// SPDX-License-Identifier: MIT
#include "platform/proc_fs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <memory>
#include <sstream>
#include <string>

#include "platform/unique_fd.hpp"

namespace konductor::platform {

namespace {

// An environment is at most a quarter of the stack limit; what lies beyond this is not searched.
constexpr std::size_t kProcFileBytesMax = 8 << 20;

std::optional<std::string> read_proc_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return std::nullopt;
  std::string text(4096, '\0');
  std::size_t used = 0;
  while (used < kProcFileBytesMax) {
    if (used == text.size()) text.resize(text.size() * 2);
    const ssize_t count = ::read(fd.get(), text.data() + used, text.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
  }
  text.resize(used);
  return text;
}

std::string proc_path(pid_t pid, std::string_view name) {
  std::string path = "/proc/" + std::to_string(pid) + "/";
  path += name;
  return path;
}

// The numbers in `text`, which are separated by one space each; stops at what is no number.
template <class Visit>
void for_each_number(std::string_view text, Visit visit) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    if (*at == ' ') {
      ++at;
      continue;
    }
    // Signed and unsigned fields alike fit in what the callers keep of them.
    std::uint64_t number = 0;
    const bool is_negative = *at == '-';
    const auto [next, error] = std::from_chars(is_negative ? at + 1 : at, end, number);
    if (error != std::errc()) return;
    visit(is_negative ? 0 : number);
    at = next;
  }
}

std::vector<pid_t> numeric_entries(const std::string& directory) {
  std::vector<pid_t> numbers;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(directory.c_str()), ::closedir);
  if (entries == nullptr) return numbers;
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string_view name(entry->d_name);
    pid_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size()) numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

std::optional<ProcessStat> read_process_stat(pid_t pid) {
  const auto text = read_proc_file(proc_path(pid, "stat"));
  if (!text.has_value()) return std::nullopt;
  // The program's name, in parentheses, may hold anything, a ")" too: the last one ends it.
  const auto name_end = text->rfind(')');
  if (name_end == std::string::npos || name_end + 4 > text->size()) return std::nullopt;
  ProcessStat stat;
  stat.state = (*text)[name_end + 2];
  int field = 3;
  for_each_number(std::string_view(*text).substr(name_end + 4), [&](std::uint64_t number) {
    ++field;
    if (field == 4) stat.parent = static_cast<pid_t>(number);
    if (field == 5) stat.group = static_cast<pid_t>(number);
    if (field == 6) stat.session = static_cast<pid_t>(number);
    if (field == 20) stat.threads = static_cast<int>(number);
    if (field == 22) stat.start_time = number;
  });
  if (field < 22) return std::nullopt;
  return stat;
}

std::optional<std::vector<pid_t>> read_children_of_thread(pid_t pid, pid_t thread) {
  const auto text = read_proc_file(proc_path(pid, "task/" + std::to_string(thread) + "/children"));
  if (!text.has_value()) return std::nullopt;
  std::vector<pid_t> children;
  for_each_number(*text,
                  [&](std::uint64_t child) { children.push_back(static_cast<pid_t>(child)); });
  return children;
}

std::vector<pid_t> read_children(pid_t pid) {
  static const bool has_lists =
      read_children_of_thread(::getpid(), ::getpid()).has_value();  // CONFIG_PROC_CHILDREN
  std::vector<pid_t> children;
  if (has_lists) {
    for (const pid_t thread : numeric_entries(proc_path(pid, "task")))
      if (const auto some = read_children_of_thread(pid, thread); some.has_value())
        children.insert(children.end(), some->begin(), some->end());
    return children;
  }
  for (const pid_t candidate : read_all_processes())
    if (const auto stat = read_process_stat(candidate); stat.has_value() && stat->parent == pid)
      children.push_back(candidate);
  return children;
}

std::vector<pid_t> read_all_processes() {
  return numeric_entries("/proc");
}

std::uint64_t count_own_threads() {
  std::uint64_t count = 0;
  for (const pid_t pid : read_all_processes()) {
    struct stat status = {};
    if (::stat(("/proc/" + std::to_string(pid)).c_str(), &status) != 0) continue;
    if (status.st_uid != ::getuid()) continue;
    if (const auto stat = read_process_stat(pid); stat.has_value())
      count += static_cast<std::uint64_t>(std::max(1, stat->threads));
  }
  return count;
}

// In pages: the whole, what is in memory, and what of that is shared.
std::uint64_t read_own_memory(pid_t pid) {
  const auto text = read_proc_file(proc_path(pid, "statm"));
  if (!text.has_value()) return 0;
  std::vector<std::uint64_t> pages;
  for_each_number(*text, [&](std::uint64_t number) { pages.push_back(number); });
  if (pages.size() < 3 || pages[1] < pages[2]) return 0;
  return (pages[1] - pages[2]) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

bool has_environment_entry(pid_t pid, std::string_view entry) {
  if (entry.empty()) return false;
  const auto text = read_proc_file(proc_path(pid, "environ"));
  if (!text.has_value()) return false;
  std::string_view rest(*text);
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('\0'));
    if (one == entry) return true;
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
  }
  return false;
}

std::vector<std::string> read_command_line(pid_t pid) {
  std::vector<std::string> words;
  std::istringstream text(read_proc_file(proc_path(pid, "cmdline")).value_or(""));
  for (std::string word; std::getline(text, word, '\0');)
    words.push_back(word);
  return words;
}

bool has_open(pid_t pid, const struct stat& file) {
  const std::vector<pid_t> descriptors = numeric_entries(proc_path(pid, "fd"));
  return std::any_of(descriptors.begin(), descriptors.end(), [&](pid_t descriptor) {
    struct stat open {};
    const std::string path = proc_path(pid, "fd/" + std::to_string(descriptor));
    return ::stat(path.c_str(), &open) == 0 && open.st_dev == file.st_dev &&
           open.st_ino == file.st_ino;
  });
}

std::uint64_t boot_ticks() {
  timespec now = {};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * ticks_per_second() +
         static_cast<std::uint64_t>(now.tv_nsec) * ticks_per_second() / 1'000'000'000U;
}

std::uint64_t ticks_per_second() {
  static const auto count = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return count;
}

}  // namespace konductor::platform
