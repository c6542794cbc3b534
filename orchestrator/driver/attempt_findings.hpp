// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "driver/attempt.hpp"

// What the end of an attempt showed and what is undone at once. A dead engine may have undone it
// and not have told: it stands in a file of the attempt's run directory until then.
namespace konductor::driver {

// The cause of a failure that only the tree shows.
inline constexpr std::string_view kEscapedWorkspace = "escaped_workspace";

struct AttemptFindings {
  std::string cause;  // kEscapedWorkspace, or "" when it was not that.
  std::string detail;
  std::string kept;                        // Reference to what was in the tree, or "".
  std::vector<ports::FileChange> changes;  // By a role that only reads.
  std::vector<std::string> violations;
  std::vector<std::string> notes;

  [[nodiscard]] bool is_empty() const;
};

// What another engine had found; empty when it had found nothing, or the file is damaged. The
// attempt could write that file: of what it says nothing speaks for the attempt.
AttemptFindings read_findings(const ports::FileStore& files, const AttemptPaths& paths);

// Has them on disk before anything of it is undone. Nothing is written of nothing.
Result<void> write_findings(ports::FileStore& files, const Redactor& redactor,
                            const AttemptPaths& paths, const AttemptFindings& findings);

}  // namespace konductor::driver
