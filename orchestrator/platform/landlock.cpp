// SPDX-License-Identifier: MIT
#include "platform/landlock.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "base/text.hpp"
#include "platform/real_places.hpp"

namespace konductor::platform {
namespace fs = std::filesystem;

namespace {

constexpr int kAbiMin = 2;
constexpr int kTruncateAbi = 3;
constexpr int kDeviceControlAbi = 5;
constexpr int kScopeAbi = 6;

// Names that the headers of older kernels do not have.
constexpr std::uint64_t kTruncate = std::uint64_t{1} << 14U;
constexpr std::uint64_t kDeviceControl = std::uint64_t{1} << 15U;

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kSignalScope = std::uint64_t{1} << 1U;

// The kernel's form of what a rule set is about; older kernels know the first member only.
struct Attributes {
  std::uint64_t handled_access_fs = 0;
  std::uint64_t handled_access_net = 0;
  std::uint64_t scoped = 0;
};

constexpr std::uint64_t kFileRights = LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate | kDeviceControl;
constexpr std::uint64_t kFolderRights =
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM |
    LANDLOCK_ACCESS_FS_REFER;

// All rights to change something that this version knows.
std::uint64_t write_rights(int abi) {
  std::uint64_t rights = kFileRights | kFolderRights;
  if (abi < kTruncateAbi) rights &= ~kTruncate;
  if (abi < kDeviceControlAbi) rights &= ~kDeviceControl;
  return rights;
}

// Links at the end are followed, or are left out.
Result<void> allow(const UniqueFd& rules, const std::string& place, std::uint64_t rights,
                   bool follows_link) {
  const int link_flag = follows_link ? 0 : O_NOFOLLOW;
  const UniqueFd fd(::open(place.c_str(), O_PATH | O_CLOEXEC | link_flag));
  struct stat status = {};
  if (!fd.is_open() || ::fstat(fd.get(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP) return {};
    return error_from_errno(errno, "cannot open " + quote(place));
  }
  if (S_ISLNK(status.st_mode)) return {};
  landlock_path_beneath_attr rule = {};
  rule.allowed_access = S_ISDIR(status.st_mode) ? rights : rights & (kFileRights | kRead);
  rule.parent_fd = fd.get();
  if (::syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0)
    return {};
  return error_from_errno(errno, "cannot allow the use of " + quote(place));
}

// The names in a directory; none where it cannot be read, which nobody else can either.
std::vector<std::string> list_names(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename().string());
  return names;
}

}  // namespace

int landlock_abi() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, std::size_t{0},
                             LANDLOCK_CREATE_RULESET_VERSION);
  return abi < kAbiMin ? 0 : static_cast<int>(abi);
}

Result<UniqueFd> make_landlock_rules(const ports::Confinement& confinement) {
  const int abi = landlock_abi();
  if (abi == 0)
    return Error{ErrorCode::environment, "it cannot be confined: this kernel offers no Landlock"};
  Attributes attributes;
  attributes.handled_access_fs = write_rights(abi);
  const bool limits_reading = !confinement.unreadable.empty();
  if (limits_reading) attributes.handled_access_fs |= kRead;
  attributes.scoped = kSignalScope;
  const std::size_t size =
      abi < kScopeAbi ? sizeof attributes.handled_access_fs : sizeof attributes;
  UniqueFd rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (!rules.is_open()) return error_from_errno(errno, "cannot make rules for Landlock");
  for (const std::string& place : confinement.writable)
    KON_TRY_VOID(allow(rules, place, attributes.handled_access_fs, true));
  if (!limits_reading) return rules;
  for (const std::string& place : confinement.readable)
    KON_TRY_VOID(allow(rules, place, kRead, true));
  const RealPlaces real =
      real_places(confinement.writable, confinement.unreadable, confinement.readable);
  for (const std::string& place : readable_places(real, list_names))
    KON_TRY_VOID(allow(rules, place, kRead, false));
  return rules;
}

}  // namespace konductor::platform
