// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace konductor::gates {

// A file that a task changed, before and after it.
struct TestChange {
  std::string path;
  std::optional<std::string> before;  // Nothing: it was not there.
  std::optional<std::string> after;
  bool is_declared = false;         // The task's `files` name it or a folder above it.
  bool is_deletion_listed = false;  // The summary says that it was deleted.
};

// Whether a task's text says that something is to be skipped or disabled.
bool speaks_of_skipping(std::string_view task_text);

// Where a change weakened the tests, one line each; files that hold no tests are passed over.
//
// - A file of tests is gone, unless the task declares it and the summary lists it as deleted.
// - A file that the task does not declare has fewer assertions. One that it declares may lose some:
//   to change it is the task. A changed expectation takes nothing away.
// - A test is skipped that was not, unless the task declares the file and speaks of skipping
//   (`may_skip`). A test that is new may skip itself on a condition.
//
// What was renamed is compared with what it was, and an assertion or a skip that went to another
// file of tests is not gone, or new.
std::vector<std::string> find_weakening(const std::vector<TestChange>& changes, bool may_skip);

}  // namespace konductor::gates
