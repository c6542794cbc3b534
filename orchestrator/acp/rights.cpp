// SPDX-License-Identifier: MIT
#include "acp/rights.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace konductor::acp {
namespace {

std::optional<std::string> resolved(const Rights& rights, const std::string& path,
                                    const ResolvePath& resolve) {
  if (path.empty() || path.find('\0') != std::string::npos) return std::nullopt;
  return resolve(path.front() == '/' ? path : rights.workspace + "/" + path);
}

bool is_gits_own(std::string_view path, std::string_view folder) {
  const auto parts = split(path.substr(folder.size()), '/');
  return std::find(parts.begin(), parts.end(), ".git") != parts.end();
}

}  // namespace

bool is_inside(std::string_view path, std::string_view folder) {
  if (folder.empty() || path.substr(0, folder.size()) != folder) return false;
  return path.size() == folder.size() || folder.back() == '/' || path[folder.size()] == '/';
}

bool may_change(const Rights& rights, const std::string& path, const ResolvePath& resolve) {
  const std::optional<std::string> real = resolved(rights, path, resolve);
  if (!real) return false;
  if (!rights.output.empty() && *real == rights.output) return true;
  if (!rights.may_write) return false;
  std::vector<std::string> folders = rights.writable;
  folders.push_back(rights.workspace);
  return std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
    return is_inside(*real, folder) && !is_gits_own(*real, folder);
  });
}

bool may_read(const Rights& rights, const std::string& path, const ResolvePath& resolve) {
  const std::optional<std::string> real = resolved(rights, path, resolve);
  if (!real) return false;
  return is_inside(*real, rights.workspace) || (!rights.output.empty() && *real == rights.output);
}

}  // namespace konductor::acp
