// SPDX-License-Identifier: MIT
#include "platform/overlay_mount.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <iterator>
#include <string_view>

#include "base/text.hpp"
#include "platform/git_files.hpp"
#include "platform/overlay_upper.hpp"
#include "platform/unique_fd.hpp"

namespace konductor::platform {

namespace fs = std::filesystem;

namespace {

Error refused(const std::string& what) {
  return error_from_errno(errno, what);
}

// These files take what is written in one piece only.
Result<void> write_to_kernel(const char* path, std::string_view text) {
  const UniqueFd file(::open(path, O_WRONLY | O_CLOEXEC));
  if (!file.is_open() || ::write(file.get(), text.data(), text.size()) < 0)
    return refused(std::string("cannot write ") + path);
  return {};
}

Result<void> map_own_ids(uid_t user, gid_t group) {
  const auto line = [](unsigned id) {
    return std::to_string(id) + " " + std::to_string(id) + " 1\n";
  };
  KON_TRY_VOID(write_to_kernel("/proc/self/setgroups", "deny"));
  KON_TRY_VOID(write_to_kernel("/proc/self/uid_map", line(user)));
  return write_to_kernel("/proc/self/gid_map", line(group));
}

bool has_one_thread() {
  std::error_code error;
  const fs::directory_iterator threads("/proc/self/task", error);
  return !error && std::distance(threads, fs::directory_iterator()) == 1;
}

UniqueFd open_place(const fs::path& directory) {
  return UniqueFd(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

std::string name_of(const UniqueFd& fd) {
  return "/proc/self/fd/" + std::to_string(fd.get());
}

Error lacks(const std::string& what) {
  return Error{ErrorCode::environment, "overlays on this filesystem cannot " + what};
}

// What a work tree needs of its filesystem: that things can be changed, removed, and made anew.
Result<void> use_overlay(const OverlayParts& parts) {
  KON_TRY_VOID(mount_overlay(parts));
  if (git::read_text(parts.point / "below") != "below") return lacks("show files");
  KON_TRY_VOID(git::write_text(parts.point / "made", "made"));
  KON_TRY_VOID(git::remove_path(parts.point / "below"));
  KON_TRY_VOID(git::remove_path(parts.point / "folder"));
  std::error_code error;
  fs::create_directory(parts.point / "folder", error);
  if (error) return error_from_errno(error.value(), "cannot make a directory in an overlay");
  if (fs::exists(parts.point / "folder" / "old", error)) return lacks("replace directories");
  KON_TRY_VOID(unmount_overlay(parts.point));
  KON_TRY(const auto changed, list_upper(parts.upper));
  if (changed != std::vector<std::string>{"below", "folder", "made"}) return lacks("tell changes");
  return {};
}

Result<void> make_parts(const OverlayParts& parts) {
  for (const fs::path& path : {parts.upper, parts.work, parts.point}) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error) return error_from_errno(error.value(), "cannot make " + quote(path.native()));
  }
  KON_TRY_VOID(git::write_text(parts.lower / "below", "below"));
  return git::write_text(parts.lower / "folder" / "old", "old");
}

// Writes to `to` why not; nothing when all is well.
[[noreturn]] void tell_of_overlay(const OverlayParts& parts, int to) {
  Result<void> done = enter_mount_namespace();
  if (done) done = use_overlay(parts);
  const std::string why = done ? "" : done.error().message;
  const bool is_told = ::write(to, why.data(), why.size()) == static_cast<ssize_t>(why.size());
  ::_exit(is_told ? 0 : 1);
}

Result<void> ask_a_child(const OverlayParts& parts) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return refused("cannot make a pipe");
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return refused("cannot start a process");
  if (child == 0) tell_of_overlay(parts, writer.get());
  writer.reset();
  std::string why;
  std::array<char, 512> text{};
  while (true) {
    const ssize_t count = ::read(reader.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    why.append(text.data(), static_cast<std::size_t>(count));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!why.empty()) return Error{ErrorCode::environment, why};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{ErrorCode::environment, "the process that tried an overlay did not end well"};
  return {};
}

}  // namespace

Result<void> enter_mount_namespace() {
  if (!has_one_thread())
    return Error{ErrorCode::internal, "a mount namespace was asked for after threads had started"};
  if (::unshare(CLONE_NEWNS) != 0) {
    if (errno != EPERM) return refused("cannot make a mount namespace");
    const uid_t user = ::geteuid();
    const gid_t group = ::getegid();
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
      return refused("the kernel allows no user namespace");
    KON_TRY_VOID(map_own_ids(user, group));
  }
  // What is mounted or unmounted outside still comes through, so that a run holds no disk back.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
    return refused("cannot keep mounts to this process");
  return {};
}

Result<void> mount_overlay(const OverlayParts& parts) {
  // By descriptors: a path could hold what separates options, or be too long for them.
  const UniqueFd lower = open_place(parts.lower);
  const UniqueFd upper = open_place(parts.upper);
  const UniqueFd work = open_place(parts.work);
  const std::string what = "cannot mount an overlay on " + quote(parts.point.native());
  if (!lower.is_open() || !upper.is_open() || !work.is_open()) return refused(what);
  // `userxattr` also for root, so that an upper directory reads the same for everybody; `volatile`
  // because an unmount would else wait for all that is unwritten on the filesystem.
  const std::string options = "lowerdir=" + name_of(lower) + ",upperdir=" + name_of(upper) +
                              ",workdir=" + name_of(work) + ",userxattr,index=off,volatile";
  if (::mount("konductor", parts.point.c_str(), "overlay", 0, options.c_str()) == 0) return {};
  const bool is_unsupported = errno == EINVAL;
  Error error = refused(what);
  if (is_unsupported) error.message += " (this filesystem, or kernel, does not support that)";
  return error;
}

Result<void> unmount_overlay(const fs::path& point) {
  if (::umount2(point.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0)
    return refused("cannot unmount " + quote(point.native()));
  return {};
}

bool is_mount_point(const fs::path& directory) {
  struct stat own {};
  struct stat parent {};
  return ::lstat(directory.c_str(), &own) == 0 &&
         ::lstat(directory.parent_path().c_str(), &parent) == 0 && own.st_dev != parent.st_dev;
}

Result<void> try_overlay(const fs::path& directory) {
  const OverlayParts parts{directory / "lower", directory / "upper", directory / "work",
                           directory / "point"};
  KON_TRY_VOID(git::remove_path(directory));
  Result<void> done = make_parts(parts);
  if (done) done = ask_a_child(parts);
  const Result<void> removed = git::remove_path(directory);
  return done ? removed : done;
}

}  // namespace konductor::platform
