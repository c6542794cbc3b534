// SPDX-License-Identifier: MIT
#include "cli/temporary_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/text.hpp"

namespace konductor::cli {

namespace fs = std::filesystem;

Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  std::string name = ((error ? fs::path("/tmp") : parent) / "konductor-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    return error_from_errno(errno, "cannot make a folder in " + quote(parent.string()));
  return TemporaryFolder(fs::path(name));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace konductor::cli
