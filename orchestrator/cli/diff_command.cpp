// SPDX-License-Identifier: MIT
#include "cli/diff_command.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/subject.hpp"
#include "cli/work_view.hpp"
#include "engine/work_range.hpp"
#include "platform/git_history.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

using platform::FileCount;
using platform::PatchLine;

// What the plan files name is there; the journal may know more (a plan that was taken away since).
Result<void> check_known(const Subject& subject, const PhaseWork& work) {
  const bool is_unknown = subject.plan ? work.state.plan(*subject.plan) == nullptr &&
                                             work.history.plan(*subject.plan) == nullptr
                          : subject.task ? work.state.task(*subject.task) == nullptr &&
                                               work.history.task(*subject.task) == nullptr
                                         : false;
  if (!is_unknown) return {};
  return Error{ErrorCode::invalid_input, std::string("no ") + (subject.plan ? "plan " : "task ") +
                                             quote(subject.text()) + "; see `konductor plan list`"};
}

Result<engine::WorkRange> range_of_phase(const platform::GitHistory& git, const PhaseWork& work,
                                         const std::string& phase) {
  KON_TRY(const auto base, git.phase_base());
  KON_TRY(const auto head, git.integration_head());
  // Where they are cleaned away, the journal still knows them.
  const bool are_there = base && head;
  engine::WorkRange range{are_there ? *base : work.history.phase_base(),
                          are_there ? *head : work.history.phase_head()};
  if (range.to.empty()) range.to = range.from;
  if (range.from.empty())
    return Error{ErrorCode::invalid_input, "nothing of phase " + quote(phase) +
                                               " has begun; run `konductor execute " + phase + "`"};
  return range;
}

Result<engine::WorkRange> find_range(const Subject& subject, const platform::GitHistory& git,
                                     const PhaseWork& work) {
  const std::string& phase = subject.chosen.location.id;
  if (subject.task) return engine::task_range(work.history, *subject.task, phase);
  if (subject.plan) return engine::plan_range(work.history, *subject.plan, phase);
  return range_of_phase(git, work, phase);
}

std::string_view letter_of(const FileCount& file) {
  if (!file.old_path.empty()) return "renamed";
  switch (file.change.kind) {
    case ports::ChangeKind::added:
      return "added";
    case ports::ChangeKind::deleted:
      return "deleted";
    case ports::ChangeKind::type_changed:
      return "type_changed";
    case ports::ChangeKind::modified:
      break;
  }
  return "modified";
}

// For a terminal nothing of a file's content may be an order to it.
std::string harmless(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
    if (is_control)
      safe += {'^', static_cast<char>(byte ^ 0x40U)};
    else
      safe += c;
  }
  return safe;
}

// One way to show a range.
class DiffPrinter {
 public:
  DiffPrinter(const DiffOptions& options, const CommonOptions& common, Surroundings& around)
      : options_(options), common_(common), around_(around), paint_(make_output_paint(around)) {}

  Result<void> print(const std::string& subject, const platform::GitHistory& git,
                     const engine::WorkRange& range) {
    if (common_.is_json) return print_document(subject, git, range);
    if (!options_.is_stat && !options_.is_name_only) return print_patch(git, range);
    KON_TRY(const std::vector<FileCount> files, git.counts(range.from, range.to));
    if (options_.is_name_only)
      for (const FileCount& file : files)
        around_.out << shown(file.change.path) << "\n";
    else
      print_stat(files);
    return {};
  }

 private:
  std::string shown(std::string_view text) const {
    return around_.is_output_terminal ? harmless(text) : std::string(text);
  }

  Result<void> print_patch(const platform::GitHistory& git, const engine::WorkRange& range) {
    return git.patch(range.from, range.to, [this](PatchLine kind, std::string_view text) {
      const std::string_view line = text.substr(0, text.find_last_not_of('\n') + 1);
      const std::string_view end = text.substr(line.size());
      around_.out << painted(kind, shown(line)) << end;
    });
  }

  std::string painted(PatchLine kind, const std::string& line) const {
    switch (kind) {
      case PatchLine::addition:
        return paint_.green(line);
      case PatchLine::removal:
        return paint_.red(line);
      case PatchLine::hunk:
        return paint_.yellow(line);
      case PatchLine::header:
      case PatchLine::context:
        break;
    }
    return line;
  }

  void print_stat(const std::vector<FileCount>& files) {
    std::size_t width = 0;
    std::size_t added = 0;
    std::size_t removed = 0;
    for (const FileCount& file : files) {
      width = std::max(width, name_of(file).size());
      added += file.added;
      removed += file.removed;
    }
    for (const FileCount& file : files) {
      const std::string name = name_of(file);
      around_.out << " " << shown(name) << std::string(width - name.size(), ' ') << " | "
                  << (file.is_binary ? "binary"
                                     : paint_.green("+" + std::to_string(file.added)) + " " +
                                           paint_.red("-" + std::to_string(file.removed)))
                  << "\n";
    }
    around_.out << " " << counted(files.size(), "file") << " changed, +" << added << " -" << removed
                << "\n";
  }

  static std::string name_of(const FileCount& file) {
    return file.old_path.empty() ? file.change.path : file.old_path + " => " + file.change.path;
  }

  Result<void> print_document(const std::string& subject, const platform::GitHistory& git,
                              const engine::WorkRange& range) {
    nlohmann::ordered_json document;
    document["schema_version"] = 1;
    document["command"] = "diff";
    document["exit"] = 0;
    document["subject"] = subject;
    document["from"] = range.from;
    document["to"] = range.to;
    KON_TRY(const auto commits, git.commits(range.from, range.to));
    document["commits"] = nlohmann::ordered_json::array();
    for (const platform::CommitSummary& commit : commits)
      document["commits"].push_back({{"id", commit.id}, {"subject", commit.subject}});
    KON_TRY(const std::vector<FileCount> files, git.counts(range.from, range.to));
    document["files"] = nlohmann::ordered_json::array();
    for (const FileCount& file : files) {
      nlohmann::ordered_json entry;
      entry["path"] = file.change.path;
      entry["change"] = letter_of(file);
      if (!file.old_path.empty()) entry["old_path"] = file.old_path;
      entry["added"] = file.added;
      entry["removed"] = file.removed;
      entry["binary"] = file.is_binary;
      document["files"].push_back(std::move(entry));
    }
    if (!options_.is_stat && !options_.is_name_only) {
      std::string patch;
      KON_TRY_VOID(git.patch(range.from, range.to,
                             [&patch](PatchLine, std::string_view text) { patch += text; }));
      document["patch"] = std::move(patch);
    }
    print_json(around_.out, document);
    return {};
  }

  const DiffOptions& options_;
  const CommonOptions& common_;
  Surroundings& around_;
  Paint paint_;
};

Result<void> show(const DiffOptions& options, const CommonOptions& common, Surroundings& around) {
  const platform::PosixFileStore files;
  KON_TRY(const Subject subject, find_subject(files, common, options.address, ShortAddress::plan));
  KON_TRY(const driver::PhasePlans phase, driver::load_phase_plans(files, subject.chosen.location));
  KON_TRY(const PhaseWork work, read_work_of(subject.chosen, phase.plans()));
  KON_TRY_VOID(check_known(subject, work));
  KON_TRY(const auto git, platform::GitHistory::open(subject.chosen.layout.root, work.isolation,
                                                     subject.chosen.location.id));
  KON_TRY(const engine::WorkRange range, find_range(subject, git, work));
  for (const std::string& commit : {range.from, range.to})
    if (!git.has_commit(commit))
      return Error{ErrorCode::invalid_input,
                   "the commit " + quote(commit) + " of " + quote(subject.text()) +
                       " is not in the repository any more, so it cannot be shown (its branches "
                       "were removed, or this is another clone)"};
  return DiffPrinter(options, common, around).print(subject.text(), git, range);
}

}  // namespace

int run_diff_command(const DiffOptions& options, const CommonOptions& common,
                     Surroundings& around) {
  const Result<void> shown = show(options, common, around);
  return shown.has_error() ? fail(around, common, "diff", shown.error()) : 0;
}

}  // namespace konductor::cli
