// SPDX-License-Identifier: MIT
#include "replay/player.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/text.hpp"
#include "replay/files.hpp"

namespace fs = std::filesystem;

namespace konductor::replay {
namespace {

// The folders on the way to a path may not be links: they could lead out of the workspace.
Result<void> check_way(const fs::path& workspace, const std::string& path) {
  KON_TRY_VOID(check_inside_path(path));
  fs::path walked = workspace;
  for (const fs::path& part : fs::path(path).parent_path()) {
    walked /= part;
    std::error_code code;
    if (fs::symlink_status(walked, code).type() == fs::file_type::symlink)
      return Error{ErrorCode::invalid_input, quote(path) + " leads through the link " +
                                                 quote(walked.string()) +
                                                 "; a cassette writes to real folders only"};
  }
  return {};
}

}  // namespace

Result<void> play_files(const Take& take, const fs::path& workspace) {
  for (const std::string& path : take.deleted)
    KON_TRY_VOID(check_way(workspace, path));
  for (const TakeFile& file : take.files)
    KON_TRY_VOID(check_way(workspace, file.path));

  for (const std::string& path : take.deleted) {
    const std::string name = (workspace / path).string();
    if (::unlink(name.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR)
      return error_from_errno(errno, "removing " + quote(name));
  }
  for (const TakeFile& file : take.files) {
    const fs::path path = workspace / file.path;
    std::error_code code;
    fs::create_directories(path.parent_path(), code);
    if (code) return error_from_errno(code.value(), "making " + quote(path.parent_path().string()));
    KON_TRY_VOID(write_new_file(path, file.text, file.mode));
  }
  return {};
}

}  // namespace konductor::replay
