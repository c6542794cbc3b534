# SPDX-License-Identifier: MIT
# Writes the C++ source that tells which commit the source is at, if it is another than before:
#   cmake -DOUTPUT=… -DSOURCE=… [-DCOMMIT=…] -P source_commit.cmake
if(NOT COMMIT)
  # Only of a repository that is the source's own, not of one that it happens to be unpacked in.
  if(EXISTS "${SOURCE}/.git")
    execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty --exclude=* --abbrev=12
      OUTPUT_VARIABLE COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endif()
if(NOT COMMIT)
  set(COMMIT unknown)
endif()
set(text "// SPDX-License-Identifier: MIT
// Made by cmake/source_commit.cmake.
#include \"cli/source_commit.hpp\"

namespace konductor::cli {

const char* source_commit() {
  return \"${COMMIT}\";
}

}  // namespace konductor::cli
")
set(before "")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" before)
endif()
if(NOT before STREQUAL text)
  file(WRITE "${OUTPUT}" "${text}")
endif()
