// SPDX-License-Identifier: MIT
#include "driver/protected_files.hpp"

#include "base/text.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

// A file that the file store is about to rename over its target.
bool is_temporary(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.rfind(".konductor-", 0) == 0 && path.extension() == ".tmp";
}

}  // namespace

ProtectedFiles::ProtectedFiles(ports::FileStore& files, ports::ChangeWatcher& watcher,
                               fs::path home, Excuse excuse)
    : files_(files), watcher_(watcher), home_(std::move(home)), excuse_(std::move(excuse)) {}

void ProtectedFiles::begin() {
  const std::scoped_lock lock(mutex_);
  if (has_begun_) return;
  has_begun_ = true;
  has_journal_ = is_journal_there();
  watch_folders();
  scan();
}

// What the engine itself writes all the time, and what attempts are given to write.
bool ProtectedFiles::is_watched_here(const fs::path& relative) {
  if (relative.empty()) return true;
  const std::string first = relative.begin()->string();
  return first != "runs" && first != "worktrees" && first.rfind("konductor.db", 0) != 0 &&
         !is_temporary(relative);
}

bool ProtectedFiles::stat_entry(const fs::path& path, Entry& entry) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return false;
  entry.inode = status.st_ino;
  entry.size = status.st_size;
  entry.changed_nanoseconds =
      std::int64_t{status.st_ctim.tv_sec} * 1'000'000'000 + status.st_ctim.tv_nsec;
  entry.mode = status.st_mode;
  return true;
}

void ProtectedFiles::watch_folders() {
  std::vector<fs::path> folders;
  std::error_code error;
  if (fs::is_directory(fs::symlink_status(home_, error))) {
    folders.push_back(home_);
    for (auto it = fs::recursive_directory_iterator(home_, error);
         !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      if (!it->is_directory(error) || it->is_symlink(error)) continue;
      if (is_watched_here(it->path().lexically_relative(home_)))
        folders.push_back(it->path());
      else
        it.disable_recursion_pending();
    }
  }
  folders_ = std::set<fs::path>(folders.begin(), folders.end());
  // Without the folder itself there is nothing to hold a watch on: every time, look.
  watch_ = folders.empty() ? nullptr : watcher_.watch(folders);
}

void ProtectedFiles::collect_all(std::map<fs::path, bool>& suspects) const {
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(home_, error))) return;
  for (auto it = fs::recursive_directory_iterator(home_, error);
       !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (!is_watched_here(it->path().lexically_relative(home_)))
      it.disable_recursion_pending();
    else if (it->is_symlink(error) || !it->is_directory(error))
      suspects[it->path()] = true;
  }
}

void ProtectedFiles::scan() {
  std::map<fs::path, bool> found;
  collect_all(found);
  for (const auto& [path, unused] : found)
    remember(path);
}

void ProtectedFiles::remember(const fs::path& path) {
  Entry entry;
  if (!stat_entry(path, entry)) {
    entries_.erase(path);
    return;
  }
  std::error_code error;
  if (S_ISLNK(entry.mode)) {
    entry.content = fs::read_symlink(path, error).string();
  } else if (S_ISREG(entry.mode)) {
    Result<std::string> content = files_.read(path);
    if (content.has_value()) entry.content = std::move(content).value();
  }
  entries_[path] = std::move(entry);
}

Result<void> ProtectedFiles::write(const fs::path& path, std::string_view text,
                                   ports::Durability durability) {
  const std::scoped_lock lock(mutex_);
  KON_TRY_VOID(files_.write(path, text, durability));
  if (!has_begun_) return {};
  Entry entry;
  if (stat_entry(path, entry)) {
    entry.content = text;
    entries_[path] = std::move(entry);
  }
  return {};
}

Result<void> ProtectedFiles::remove(const fs::path& path) {
  const std::scoped_lock lock(mutex_);
  KON_TRY_VOID(files_.remove(path));
  entries_.erase(path);
  return {};
}

bool ProtectedFiles::is_same(const fs::path& path, const Entry& expected) const {
  Entry now;
  if (!stat_entry(path, now)) return false;
  if (now.inode == expected.inode && now.size == expected.size &&
      now.changed_nanoseconds == expected.changed_nanoseconds)
    return true;
  if (now.mode != expected.mode) return false;
  std::error_code error;
  if (S_ISLNK(now.mode)) return fs::read_symlink(path, error).string() == expected.content;
  if (!S_ISREG(now.mode)) return true;
  Result<std::string> content = files_.read(path);
  return content.has_value() && content.value() == expected.content;
}

bool ProtectedFiles::is_journal_there() const {
  std::error_code error;
  return fs::exists(fs::symlink_status(home_ / "konductor.db", error));
}

Result<std::vector<std::string>> ProtectedFiles::restore(const fs::path& kept) {
  const std::scoped_lock lock(mutex_);
  if (!has_begun_) return std::vector<std::string>{};
  const bool is_journal_gone = has_journal_ && !is_journal_there();
  KON_TRY(std::vector<std::string> lines, restore_watched(kept));
  // Its own next write puts it back.
  if (is_journal_gone)
    lines.push_back(quote(".konductor/konductor.db") + " was removed; it is put back");
  return lines;
}

Result<std::vector<std::string>> ProtectedFiles::restore_watched(const fs::path& kept) {
  std::map<fs::path, bool> suspects;
  std::optional<std::vector<fs::path>> changes;
  if (watch_) changes = watch_->take_changes();
  bool is_whole = !changes;
  if (changes) {
    std::error_code error;
    for (const fs::path& path : *changes) {
      if (!is_watched_here(path.lexically_relative(home_)) && path != home_) continue;
      // A new folder may hold anything, also in the place of one that went with its watch.
      const bool is_folder = fs::is_directory(fs::symlink_status(path, error));
      if (is_folder || folders_.count(path) != 0) is_whole = true;
      suspects[path] = true;
    }
  }
  if (is_whole) collect_all(suspects);
  // All of them: a change through another name of the file, a hard link, is told to no watch.
  for (const auto& [path, entry] : entries_)
    suspects[path] = true;
  std::vector<std::string> lines;
  for (const auto& [path, unused] : suspects) {
    const auto known = entries_.find(path);
    std::error_code error;
    if (known == entries_.end() && (!fs::exists(fs::symlink_status(path, error)) ||
                                    fs::is_directory(fs::symlink_status(path, error))))
      continue;
    if (known != entries_.end() && is_same(path, known->second)) continue;
    if (is_temporary(path)) continue;
    if (excuse_ && excuse_(path.lexically_relative(home_))) {
      remember(path);
      continue;
    }
    KON_TRY(std::string line, put_back(path, kept));
    lines.push_back(std::move(line));
  }
  if (is_whole) watch_folders();
  return lines;
}

Result<std::string> ProtectedFiles::put_back(const fs::path& path, const fs::path& kept) {
  const fs::path relative = path.lexically_relative(home_);
  std::error_code error;
  const bool is_there = fs::exists(fs::symlink_status(path, error));
  if (is_there && fs::is_regular_file(fs::symlink_status(path, error))) {
    Result<std::string> now = files_.read(path);
    if (now.has_value()) KON_TRY_VOID(files_.write(kept / relative, now.value()));
  }
  const auto known = entries_.find(path);
  const std::string name = quote((fs::path(".konductor") / relative).string());
  KON_TRY_VOID(files_.remove(path));
  if (known == entries_.end()) return name + " was made; it is removed";
  const Entry expected = known->second;
  if (S_ISLNK(expected.mode)) {
    fs::create_directories(path.parent_path(), error);
    fs::create_symlink(expected.content, path, error);
  } else {
    KON_TRY_VOID(files_.write(path, expected.content));
    fs::permissions(path, static_cast<fs::perms>(expected.mode & 07777U), error);
  }
  remember(path);
  return name + (is_there ? " was changed; it is put back" : " was removed; it is put back");
}

}  // namespace konductor::driver
