// SPDX-License-Identifier: MIT
#include "driver/cassette_recorder.hpp"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "replay/cassette.hpp"

namespace konductor::driver {
namespace {

Result<replay::TakeFile> take_file(const std::filesystem::path& workspace,
                                   const std::string& path) {
  const std::filesystem::path full = workspace / path;
  struct stat status {};
  if (::lstat(full.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
    return Error{ErrorCode::invalid_input,
                 "a cassette cannot hold " + quote(path) + ", which is not a regular file"};
  std::ifstream stream(full, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return replay::TakeFile{path, text.str(), static_cast<mode_t>(status.st_mode & 0777U)};
}

}  // namespace

Result<void> record_attempt(const std::filesystem::path& cassette, const RecordedAttempt& attempt) {
  replay::Take take;
  for (const ports::FileChange& change : attempt.changes) {
    if (change.kind == ports::ChangeKind::deleted) {
      take.deleted.push_back(change.path);
      continue;
    }
    KON_TRY(replay::TakeFile file, take_file(attempt.workspace, change.path));
    take.files.push_back(std::move(file));
  }
  if (!attempt.document.empty()) take.document = attempt.document;
  take.exit_code = attempt.exit_code;
  const engine::command::start_attempt& command = attempt.command;
  return replay::write_take(
      cassette, {command.role, command.address.plan, command.address.task, command.take}, take);
}

}  // namespace konductor::driver
