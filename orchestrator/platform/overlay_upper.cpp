// SPDX-License-Identifier: MIT
#include "platform/overlay_upper.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "platform/git_files.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;

namespace {

constexpr const char* kOpaque = "user.overlay.opaque";
constexpr const char* kOrigin = "user.overlay.origin";

enum class EntryKind { removed, directory, new_directory, other };

struct Entry {
  std::string name;
  EntryKind kind = EntryKind::other;
  mode_t mode = 0;
};

bool is_opaque(const fs::path& directory) {
  char value = 0;
  return ::getxattr(directory.c_str(), kOpaque, &value, 1) == 1 && value == 'y';
}

Result<Entry> look_at(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0)
    return error_from_errno(errno, "cannot look at " + quote(path.native()));
  Entry entry{path.filename(), EntryKind::other, static_cast<mode_t>(status.st_mode & 07777U)};
  if (S_ISCHR(status.st_mode) && status.st_rdev == 0) entry.kind = EntryKind::removed;
  if (S_ISDIR(status.st_mode))
    entry.kind = is_opaque(path) ? EntryKind::new_directory : EntryKind::directory;
  return entry;
}

Result<std::vector<Entry>> entries_of(const fs::path& directory) {
  std::vector<Entry> found;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    KON_TRY(Entry entry, look_at(it->path()));
    found.push_back(std::move(entry));
  }
  if (error) return error_from_errno(error.value(), "cannot read " + quote(directory.native()));
  return found;
}

Result<void> list_below(const fs::path& upper, const std::string& prefix,
                        std::vector<std::string>& found) {
  KON_TRY(const std::vector<Entry> entries, entries_of(upper));
  for (const Entry& entry : entries) {
    if (entry.kind != EntryKind::directory) {
      found.push_back(prefix + entry.name);
      continue;
    }
    KON_TRY_VOID(list_below(upper / entry.name, prefix + entry.name + "/", found));
  }
  return {};
}

Result<void> link_file(const fs::path& from, const fs::path& to) {
  if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), 0) == 0) {
    ::lremovexattr(to.c_str(), kOrigin);
    return {};
  }
  // Too many links, or a file of somebody else's.
  std::error_code error;
  fs::copy(from, to, fs::copy_options::copy_symlinks, error);
  if (error) return error_from_errno(error.value(), "cannot write " + quote(to.native()));
  return {};
}

// Keeps one that is there; anything else in its place goes.
Result<void> make_directory(const fs::path& path, EntryKind kind) {
  std::error_code error;
  const bool is_there = fs::is_directory(fs::symlink_status(path, error));
  if (!is_there || kind == EntryKind::new_directory) KON_TRY_VOID(git::remove_path(path));
  fs::create_directory(path, error);
  if (error) return error_from_errno(error.value(), "cannot make " + quote(path.native()));
  return {};
}

// Opens a directory that a tool has locked, to its owner, while it lives.
class Unlocked {
 public:
  Unlocked(const fs::path& directory, mode_t mode) : directory_(directory), mode_(mode) {
    if (is_locked()) ::chmod(directory_.c_str(), mode_ | S_IRWXU);
  }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;
  ~Unlocked() {
    if (is_locked()) ::chmod(directory_.c_str(), mode_);
  }

 private:
  bool is_locked() const { return (mode_ & S_IRWXU) != S_IRWXU; }

  const fs::path& directory_;
  mode_t mode_;
};

Result<void> apply_directory(const fs::path& upper, const fs::path& target, const Entry& entry) {
  const fs::path from = upper / entry.name;
  const fs::path to = target / entry.name;
  const Unlocked readable(from, entry.mode);
  // Could not be told of a locked one before.
  const EntryKind kind = is_opaque(from) ? EntryKind::new_directory : entry.kind;
  KON_TRY_VOID(make_directory(to, kind));
  KON_TRY_VOID(apply_upper(from, to));
  if (::chmod(to.c_str(), entry.mode) != 0)
    return error_from_errno(errno, "cannot write " + quote(to.native()));
  return {};
}

}  // namespace

Result<std::vector<std::string>> list_upper(const fs::path& upper) {
  std::vector<std::string> found;
  KON_TRY_VOID(list_below(upper, "", found));
  std::sort(found.begin(), found.end());
  return found;
}

Result<void> apply_upper(const fs::path& upper, const fs::path& target) {
  KON_TRY(const std::vector<Entry> entries, entries_of(upper));
  for (const Entry& entry : entries) {
    if (entry.kind == EntryKind::directory || entry.kind == EntryKind::new_directory) {
      KON_TRY_VOID(apply_directory(upper, target, entry));
      continue;
    }
    KON_TRY_VOID(git::remove_path(target / entry.name));
    if (entry.kind == EntryKind::other)
      KON_TRY_VOID(link_file(upper / entry.name, target / entry.name));
  }
  return {};
}

}  // namespace konductor::platform
