// SPDX-License-Identifier: MIT
#include "platform/bubblewrap.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/text.hpp"
#include "platform/real_places.hpp"
#include "platform/spawn.hpp"

namespace konductor::platform {
namespace fs = std::filesystem;
namespace {

// With these root could undo the mounts, or read past them: by number of a file, from the disk
// itself. Nobody else has any.
constexpr std::array<std::string_view, 6> kDroppedRights = {"CAP_SYS_ADMIN",       "CAP_SYS_PTRACE",
                                                            "CAP_DAC_READ_SEARCH", "CAP_MKNOD",
                                                            "CAP_SYS_MODULE",      "CAP_SYS_RAWIO"};

class Arguments {
 public:
  void add(std::string_view option, const std::string& place) { add(option, place, place); }
  void add(std::string_view option, const std::string& from, const std::string& to) {
    found.emplace_back(option);
    found.push_back(from);
    found.push_back(to);
  }
  void add_one(std::string_view option, std::string_view value) {
    found.emplace_back(option);
    found.emplace_back(value);
  }

  std::vector<std::string> found;
};

void hide(Arguments& arguments, std::vector<std::string>& empty, const std::string& place) {
  std::error_code error;
  const fs::file_status status = fs::status(place, error);
  if (!fs::exists(status)) return;
  if (!fs::is_directory(status)) return arguments.add("--ro-bind", "/dev/null", place);
  arguments.add_one("--tmpfs", place);
  empty.push_back(place);
}

// Others are in a user namespace, from which the view of no process outside can be entered through
// /proc; root's processes are not shown to each other instead.
void confine_root(Arguments& arguments) {
  for (const std::string_view right : kDroppedRights)
    arguments.add_one("--cap-drop", right);
  arguments.found.emplace_back("--unshare-pid");
  arguments.add_one("--proc", "/proc");
}

}  // namespace

std::vector<std::string> bwrap_arguments(const ports::Confinement& confinement) {
  Arguments arguments;
  arguments.found.push_back(confinement.bwrap);
  arguments.add("--ro-bind", "/");
  std::vector<std::string> empty;
  // A place comes after all that it is in, so that the deeper one counts.
  const RealPlaces places =
      real_places(confinement.writable, confinement.unreadable, confinement.readable);
  for (const auto& [place, use] : places) {
    if (use == PlaceUse::no_read)
      hide(arguments, empty, place);
    else if (use == PlaceUse::read)
      arguments.add("--ro-bind-try", place);
    else
      arguments.add(place.starts_with("/dev/") ? "--dev-bind-try" : "--bind-try", place);
  }
  // When all that belongs there is: then what is written there is refused, too.
  for (const std::string& place : empty)
    arguments.add_one("--remount-ro", place);
  if (::geteuid() == 0) confine_root(arguments);
  arguments.found.emplace_back("--");
  return arguments.found;
}

Result<void> try_bwrap(const std::string& program) {
  ports::ProcessSpec spec;
  spec.argv = bwrap_arguments({program, {"/dev/null"}, {}});
  spec.argv.emplace_back("true");
  spec.environment = {"PATH=/usr/local/bin:/usr/bin:/bin"};
  spec.directory = "/";
  Spawner spawner;
  KON_TRY(const Spawned spawned, spawner.spawn(spec, program, std::nullopt));
  siginfo_t info = {};
  while (::waitid(P_PIDFD, static_cast<id_t>(spawned.pidfd.get()), &info, WEXITED) != 0)
    if (errno != EINTR) return error_from_errno(errno, "cannot wait for " + quote(program));
  if (info.si_code == CLD_EXITED && info.si_status == 0) return {};
  return Error{ErrorCode::environment,
               quote(program) + " makes no sandbox here; `bwrap --ro-bind / / true` says why (it " +
                   "takes user namespaces, which a container or the system may refuse)"};
}

}  // namespace konductor::platform
