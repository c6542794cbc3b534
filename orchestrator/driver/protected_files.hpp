// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ports/change_watch.hpp"
#include "ports/file_store.hpp"

namespace konductor::driver {

// The files of a `.konductor` folder that only the engine and people may change: plans, state,
// markers, configuration, roles, prompts; of the journal, which puts itself back, only that it is
// gone; not `runs/`, not `worktrees/`. Keeps
// what they held, notices what an attempt touched, and puts it back. The engine's own writes go
// through here, so that nobody is blamed for them. Safe to use from several threads.
class ProtectedFiles {
 public:
  // Says of a changed path, relative to the folder, that another engine wrote it rightly.
  using Excuse = std::function<bool(const std::filesystem::path&)>;

  // `home` is the `.konductor` folder; it may be missing.
  ProtectedFiles(ports::FileStore& files, ports::ChangeWatcher& watcher, std::filesystem::path home,
                 Excuse excuse = nullptr);

  // Looks at everything, the first time it is called. Until then nothing is protected; a run in
  // which nothing is due never pays for it.
  void begin();

  Result<void> write(const std::filesystem::path& path, std::string_view text,
                     ports::Durability durability = ports::Durability::cached);
  Result<void> remove(const std::filesystem::path& path);

  // Puts back everything that differs, first copying what is there now into `kept` (a folder), and
  // returns a line for each thing that was touched.
  Result<std::vector<std::string>> restore(const std::filesystem::path& kept);

 private:
  struct Entry {
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_nanoseconds = 0;  // ctime, which a program cannot set.
    mode_t mode = 0;
    std::string content;  // Target, for a link.
  };

  static bool is_watched_here(const std::filesystem::path& relative);
  static bool stat_entry(const std::filesystem::path& path, Entry& entry);
  void scan();
  bool is_journal_there() const;
  Result<std::vector<std::string>> restore_watched(const std::filesystem::path& kept);
  void watch_folders();
  void remember(const std::filesystem::path& path);
  void collect_all(std::map<std::filesystem::path, bool>& suspects) const;
  bool is_same(const std::filesystem::path& path, const Entry& expected) const;
  Result<std::string> put_back(const std::filesystem::path& path,
                               const std::filesystem::path& kept);

  ports::FileStore& files_;
  ports::ChangeWatcher& watcher_;
  std::filesystem::path home_;
  Excuse excuse_;
  std::map<std::filesystem::path, Entry> entries_;
  std::set<std::filesystem::path> folders_;  // Watched.
  std::unique_ptr<ports::ChangeWatch> watch_;
  bool has_begun_ = false;
  bool has_journal_ = false;  // When it began.
  std::mutex mutex_;
};

}  // namespace konductor::driver
