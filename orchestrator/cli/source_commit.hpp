// SPDX-License-Identifier: MIT
#pragma once

namespace konductor::cli {

// What the program's source was made at: "0123456789ab", with "-dirty" behind it when files were
// changed since; "unknown" outside of git. Only the program has it, not the library.
const char* source_commit();

}  // namespace konductor::cli
