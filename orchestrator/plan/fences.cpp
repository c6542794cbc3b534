// SPDX-License-Identifier: MIT
#include "plan/fences.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace konductor::plan {
namespace {

bool is_closing_fence(std::string_view line, const std::string& fence) {
  // Closing fences stand after the marks of the quotes and items that hold them.
  line = trim(line);
  line.remove_prefix(std::min(line.find_first_not_of("> \t"), line.size()));
  return line.size() >= fence.size() &&
         line.find_first_not_of(fence.front()) == std::string_view::npos;
}

bool hides_structure(std::string_view content) {
  for (std::string_view line : split_lines(content)) {
    line = trim(line);
    if (line.substr(0, 4) == "### " || line.substr(0, 3) == "## " || line.substr(0, 4) == "- **" ||
        line.substr(0, 4) == "* **")
      return true;
  }
  return false;
}

}  // namespace

void check_fences(MarkdownNode root, std::string_view text, std::string_view path, int first_line,
                  std::vector<Diagnostic>& diagnostics) {
  const bool has_fence =
      text.find("```") != std::string_view::npos || text.find("~~~") != std::string_view::npos;
  if (!has_fence) return;
  const std::vector<std::string_view> lines = split_lines(text);
  MarkdownNode node = root;
  while (node) {
    const NodeKind kind = node.kind();
    const std::string fence = kind == NodeKind::code_block ? node.fence() : std::string();
    if (!fence.empty()) {
      const std::string_view content = node.literal();
      const auto begin = static_cast<std::size_t>(node.start_line() - 1);
      const std::size_t end =
          begin + 1 + static_cast<std::size_t>(std::count(content.begin(), content.end(), '\n'));
      const bool is_closed = end < lines.size() && is_closing_fence(lines[end], fence);
      if (!is_closed && hides_structure(content)) {
        const auto before = static_cast<std::size_t>(node.start_column() - 1);
        const std::size_t column = count_code_points(lines[begin].substr(0, before)) + 1;
        diagnostics.push_back({std::string(path),
                               {node.start_line() + first_line - 1, static_cast<int>(column)},
                               Severity::error,
                               Rule::open_fence,
                               "the code fence is never closed and hides what follows",
                               "add a line " + quote(fence) + ", indented like the opening one"});
      }
    }
    const bool is_leaf = kind == NodeKind::paragraph || kind == NodeKind::heading;
    node = is_leaf ? skip_within(node, root) : next_within(node, root);
  }
}

}  // namespace konductor::plan
