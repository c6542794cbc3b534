// SPDX-License-Identifier: MIT
#include "platform/git_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/text.hpp"
#include "platform/temporary_file.hpp"
#include "platform/unique_fd.hpp"

namespace konductor::platform::git {

namespace fs = std::filesystem;

namespace {

constexpr const char* kTrashPrefix = ".trash-";
constexpr const char* kObjectPrefix = "tmp_object_git2_";
constexpr auto kObjectWriteMax = std::chrono::hours(1);

Error file_error(const std::error_code& error, std::string_view what, const fs::path& path) {
  return error_from_errno(error.value(), std::string(what) + " " + quote(path.native()));
}

// A tool may have made directories that even their owner cannot empty.
void make_directories_writable(const fs::path& top) {
  std::error_code error;
  fs::permissions(top, fs::perms::owner_all, fs::perm_options::add | fs::perm_options::nofollow,
                  error);
  std::vector<fs::path> directories{top};
  while (!directories.empty()) {
    const fs::path directory = std::move(directories.back());
    directories.pop_back();
    for (fs::directory_iterator it(directory, error), end; !error && it != end;
         it.increment(error)) {
      if (!fs::is_directory(it->symlink_status(error))) continue;
      fs::permissions(it->path(), fs::perms::owner_all, fs::perm_options::add, error);
      directories.push_back(it->path());
    }
    error.clear();
  }
}

int open_new(const fs::path& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

// What has that name goes first: a crash may have left it, or an attempt may have made it a link,
// which may write in some of the folders that this is used in.
Result<void> write_new(const fs::path& path, std::string_view text) {
  UniqueFd file(open_new(path));
  if (!file.is_open() && errno == EEXIST) {
    KON_TRY_VOID(remove_path(path));
    file.reset(open_new(path));
  }
  if (!file.is_open()) return error_from_errno(errno, "cannot write " + quote(path.native()));
  return write_all(file.get(), text, path);
}

}  // namespace

std::optional<std::string> read_text(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error))) return std::nullopt;
  const std::uintmax_t size = fs::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) return std::nullopt;
  // In one step where nobody makes it longer meanwhile: an index may hold megabytes.
  std::string text(static_cast<std::size_t>(size), '\0');
  stream.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream) text.append(std::istreambuf_iterator<char>(stream), {});
  if (stream.bad()) return std::nullopt;
  return text;
}

Result<void> write_text(const fs::path& path, std::string_view text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return file_error(error, "cannot make the directory", path.parent_path());
  const fs::path temporary = path.native() + ".tmp";
  KON_TRY_VOID(write_new(temporary, text));
  fs::rename(temporary, path, error);
  if (error == std::errc::is_a_directory) {
    KON_TRY_VOID(remove_path(path));
    fs::rename(temporary, path, error);
  }
  if (error) return file_error(error, "cannot write", path);
  return {};
}

Result<void> remove_unless_file(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(fs::symlink_status(path, error))) return {};
  return remove_path(path);
}

Result<void> ensure_text(const fs::path& path, std::string_view text) {
  if (read_text(path) == text) return {};
  return write_text(path, text);
}

Result<void> remove_path(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) return {};
  if (fs::is_directory(fs::symlink_status(path, error))) make_directories_writable(path);
  fs::permissions(path.parent_path(), fs::perms::owner_all, fs::perm_options::add, error);
  error.clear();
  fs::remove_all(path, error);
  if (error) return file_error(error, "cannot remove", path);
  return {};
}

Result<void> remove_by_rename(const fs::path& directory) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(directory, error))) return {};
  // What is trash already is found as it is.
  if (directory.filename().native().rfind(kTrashPrefix, 0) == 0) return remove_path(directory);
  const std::string name = kTrashPrefix + directory.filename().native();
  for (int number = 0;; ++number) {
    const fs::path trash = directory.parent_path() / (name + "." + std::to_string(number));
    if (fs::exists(fs::symlink_status(trash, error))) continue;
    fs::rename(directory, trash, error);
    if (error) return file_error(error, "cannot remove", directory);
    return remove_path(trash);
  }
}

fs::path trash_place(const fs::path& directory, const std::string& name) {
  return directory.parent_path() / (kTrashPrefix + name);
}

Result<void> remove_trash(const fs::path& parent, const TrashFilter& is_meant) {
  const std::string_view prefix = kTrashPrefix;
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    if (name.rfind(prefix, 0) == 0 && is_meant(std::string_view(name).substr(prefix.size())))
      found.push_back(it->path());
  }
  for (const fs::path& path : found)
    KON_TRY_VOID(remove_path(path));
  return {};
}

void remove_locks(const fs::path& directory, Depth depth) {
  std::error_code error;
  std::vector<fs::path> locks;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (depth == Depth::one) it.disable_recursion_pending();
    if (it->path().extension() == ".lock" && it->is_regular_file(error))
      locks.push_back(it->path());
  }
  for (const fs::path& lock : locks)
    fs::remove(lock, error);
}

void remove_dead_objects(const fs::path& objects) {
  std::error_code error;
  std::vector<fs::path> dead;
  const auto limit = fs::file_time_type::clock::now() - kObjectWriteMax;
  for (fs::directory_iterator it(objects, error), end; !error && it != end; it.increment(error)) {
    // git's own garbage collection knows only the names that git gives.
    if (it->path().filename().native().rfind(kObjectPrefix, 0) != 0) continue;
    const auto written = it->last_write_time(error);
    if (!error && written < limit) dead.push_back(it->path());
  }
  for (const fs::path& path : dead)
    fs::remove(path, error);
}

void remove_empty_directories(fs::path directory, const fs::path& top) {
  while (directory != top && directory.native().size() > top.native().size() &&
         ::rmdir(directory.c_str()) == 0)
    directory = directory.parent_path();
}

void remove_hollow_directories(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> found = {directory};
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error))
    if (fs::is_directory(it->symlink_status(error))) found.push_back(it->path());
  // What is in a directory comes after it.
  for (auto at = found.rbegin(); at != found.rend(); ++at)
    ::rmdir(at->c_str());
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

Result<void> move_aside(const fs::path& path) {
  for (int number = 1;; ++number) {
    const fs::path other = path.native() + ".found-" + std::to_string(number);
    if (is_there(other)) continue;
    std::error_code error;
    fs::rename(path, other, error);
    if (error) return error_from_errno(error.value(), "cannot move " + quote(path.native()));
    return {};
  }
}

std::string stamp_of(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return "missing";
  std::string stamp;
  for (const auto number :
       {static_cast<long long>(status.st_ino), static_cast<long long>(status.st_size),
        static_cast<long long>(status.st_mtim.tv_sec),
        static_cast<long long>(status.st_mtim.tv_nsec),
        static_cast<long long>(status.st_ctim.tv_sec),
        static_cast<long long>(status.st_ctim.tv_nsec)})
    stamp += std::to_string(number) + " ";
  return stamp;
}

}  // namespace konductor::platform::git
