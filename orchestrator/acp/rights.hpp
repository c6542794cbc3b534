// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace konductor::acp {

// What an agent may do in one session.
struct Rights {
  bool may_write = false;             // Change files of the workspace.
  bool may_shell = false;             // Run commands.
  std::string workspace;              // Absolute path, links resolved.
  std::vector<std::string> writable;  // More folders for those who may write, in the same form.
  std::string output;                 // The document, which may always be written; "" is none.
};

// The absolute path with every link on the way resolved, "." and ".." gone; what does not exist yet
// keeps its name. Nothing when it cannot be told.
using ResolvePath = std::function<std::optional<std::string>(const std::string&)>;

// Whether `path`, absolute or relative to the workspace, may be changed: inside the workspace or a
// folder that is named as writable, and nothing of git's own; or the document.
bool may_change(const Rights& rights, const std::string& path, const ResolvePath& resolve);

// Whether it may be read by the client for the agent: inside the workspace, or the document.
bool may_read(const Rights& rights, const std::string& path, const ResolvePath& resolve);

// True when `path` is `folder` or below it. Both are absolute and resolved.
bool is_inside(std::string_view path, std::string_view folder);

}  // namespace konductor::acp
