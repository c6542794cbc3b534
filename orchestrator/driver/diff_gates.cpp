// SPDX-License-Identifier: MIT
#include "driver/diff_gates.hpp"

#include <algorithm>

#include "driver/workspace_paths.hpp"
#include "gates/test_files.hpp"
#include "gates/weakening.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

using gates::FileVersions;
using ports::ChangeKind;
using ports::FileChange;

// What is larger is data, not text that somebody wrote.
constexpr std::uintmax_t kFileMax = std::uintmax_t{4} << 20U;
constexpr std::uintmax_t kAllFilesMax = std::uintmax_t{256} << 20U;
constexpr std::size_t kFindingsMax = 50;

bool is_declared(const GateSubject& subject, const std::string& path) {
  const std::vector<std::string>& declared = subject.text.files;
  return std::any_of(declared.begin(), declared.end(),
                     [&](const std::string& file) { return covers(file, path); });
}

bool is_listed_as_deleted(const GateSubject& subject, const std::string& path) {
  return std::any_of(subject.deleted.begin(), subject.deleted.end(),
                     [&](const std::string& file) { return covers(file, path); });
}

// What is not there at a commit, or is no file (a submodule), has no text.
Result<std::optional<std::string>> text_at(ports::Workspaces& workspaces, const std::string& commit,
                                           const std::string& path) {
  Result<std::string> text = workspaces.file_at(commit, path);
  if (text.has_value()) return std::optional<std::string>(std::move(text).value());
  if (text.error().code == ErrorCode::not_found) return std::optional<std::string>();
  return text.error();
}

// One way of going wrong in a thousand files is told a few dozen times.
void add_findings(const std::string& source, const std::vector<std::string>& texts,
                  engine::GatesChecked& checked) {
  for (std::size_t i = 0; i < std::min(texts.size(), kFindingsMax); ++i)
    checked.findings.push_back(gate_finding(source, texts[i]));
  if (texts.size() > kFindingsMax)
    checked.findings.push_back(gate_finding(
        source, "… and " + std::to_string(texts.size() - kFindingsMax) + " more of this kind"));
}

std::vector<std::string> weakening(const GateSubject& subject,
                                   const std::vector<FileVersions>& files) {
  std::vector<gates::TestChange> changes;
  changes.reserve(files.size());
  for (const FileVersions& file : files)
    changes.push_back({file.path, file.before, file.after, is_declared(subject, file.path),
                       is_listed_as_deleted(subject, file.path)});
  return gates::find_weakening(changes, gates::speaks_of_skipping(subject.text.markdown));
}

std::vector<std::string> secrets(const std::vector<FileVersions>& files) {
  std::vector<std::string> texts;
  for (const gates::SecretPlace& place : gates::find_new_secrets(files))
    texts.push_back(place.path + ":" + std::to_string(place.line) + ": " + place.kind +
                    " stands here now: take it out, and have the program get it from outside of "
                    "the repository");
  return texts;
}

bool has_test(const std::vector<FileVersions>& files) {
  return std::any_of(files.begin(), files.end(), [](const FileVersions& file) {
    return file.after && gates::holds_tests(file.path, *file.after);
  });
}

}  // namespace

Result<void> DiffGates::check(const GateSubject& subject, const std::vector<FileChange>& changes,
                              engine::GatesChecked& checked) {
  const config::GateSettings& gates = shared_.facts.config.gates;
  if (!gates.tests && !gates.secrets) return {};
  KON_TRY(const std::vector<FileVersions> files, read(subject, changes, checked));
  if (gates.tests) {
    add_findings("tests", weakening(subject, files), checked);
    const bool is_done_before = subject.task.was_completed && changes.empty();
    if (subject.owes_test && !is_done_before && !has_test(files))
      checked.findings.push_back(gate_finding(
          "tdd", "the plan is of type \"tdd\", but the task added or changed no file of tests"));
  }
  if (gates.secrets) add_findings("secrets", secrets(files), checked);
  return {};
}

// Both versions of every changed file. What is too large is left out and told.
Result<std::vector<FileVersions>> DiffGates::read(const GateSubject& subject,
                                                  const std::vector<FileChange>& changes,
                                                  engine::GatesChecked& checked) {
  ports::Workspaces& workspaces = shared_.ports.workspaces;
  std::vector<FileVersions> files;
  std::uintmax_t bytes = 0;
  std::size_t left_out = 0;
  for (const FileChange& change : changes) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(subject.paths.workspace / change.path, error);
    const std::uintmax_t bytes_now = error ? 0 : size;
    if (bytes_now > kFileMax || bytes + bytes_now > kAllFilesMax) {
      ++left_out;
      continue;
    }
    bytes += bytes_now;
    FileVersions file{change.path, std::nullopt, std::nullopt};
    if (change.kind != ChangeKind::added) {
      KON_TRY(file.before, text_at(workspaces, subject.task.start_commit, change.path));
    }
    if (change.kind != ChangeKind::deleted) {
      KON_TRY(file.after, text_at(workspaces, subject.task.head_commit, change.path));
    }
    files.push_back(std::move(file));
  }
  if (left_out > 0)
    checked.notes.push_back(std::to_string(left_out) +
                            " changed files were too large to be looked through for secrets and "
                            "weakened tests");
  return files;
}

}  // namespace konductor::driver
