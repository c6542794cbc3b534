// SPDX-License-Identifier: MIT
#include "cli/show_command.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/role_name.hpp"
#include "base/text.hpp"
#include "cli/prompt_view.hpp"
#include "cli/task_story.hpp"
#include "cli/work_view.hpp"
#include "engine/work_range.hpp"
#include "platform/git_history.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

// A document that an attempt handed in.
struct Paper {
  const AttemptStory* attempt = nullptr;
  std::string text;
};

// The newest accepted document of each role that reports or reviews.
Result<std::vector<Paper>> papers_of(const ports::Journal& journal, const TaskStory& story) {
  std::vector<Paper> papers;
  for (const RoleName role :
       {RoleName::executor, RoleName::spec_reviewer, RoleName::code_reviewer}) {
    Paper paper;
    for (const AttemptStory* attempt : story.attempts())
      if (attempt->role == to_string(role) && attempt->finished.cause == "done")
        paper.attempt = attempt;
    if (paper.attempt == nullptr) continue;
    KON_TRY(const std::optional<std::string> text, journal.document(paper.attempt->name));
    paper.text = text.value_or("");
    if (!paper.text.empty()) papers.push_back(std::move(paper));
  }
  return papers;
}

class ShowCommand {
 public:
  ShowCommand(const ShowOptions& options, const CommonOptions& common, Surroundings& around)
      : options_(options), common_(common), around_(around), story_({}) {}

  Result<void> run() {
    KON_TRY_VOID(find_task());
    if (story_.attempts().empty())
      return Error{ErrorCode::invalid_input, "nothing of task " + quote(subject_) +
                                                 " has begun yet; run `konductor execute " +
                                                 chosen_.location.id + "`"};
    return options_.is_prompt ? show_prompt() : show_task();
  }

 private:
  Result<void> find_task() {
    KON_TRY(const AddressText text, parse_address(options_.address, AddressKind::task));
    KON_TRY(chosen_, choose_phase(files_, common_, text.phase.value_or("")));
    address_ = TaskAddress{*text.plan, *text.task};
    subject_ = address_text(chosen_.location.id, address_);
    KON_TRY(const driver::PhasePlans phase, driver::load_phase_plans(files_, chosen_.location));
    KON_TRY(work_, read_work_of(chosen_, phase.plans()));
    if (work_.state.task(address_) == nullptr && work_.history.task(address_) == nullptr)
      return Error{ErrorCode::invalid_input,
                   "no task " + quote(subject_) + "; see `konductor plan list`"};
    KON_TRY(journal_, platform::SqliteJournal::open_read_only(chosen_.layout.database(),
                                                              chosen_.location.id));
    story_ = TaskStory(address_);
    return journal_->replay([this](engine::Event&& event) -> Result<void> {
      story_.apply(event);
      return {};
    });
  }

  // --- What happened ---

  Result<void> show_task() {
    KON_TRY(const std::vector<Paper> papers, papers_of(*journal_, story_));
    const std::vector<platform::FileCount> changes = changed_files();
    const engine::TaskRecord* task = work_.state.task(address_);
    const std::string state =
        task == nullptr ? "gone from its plan" : std::string(engine::status_name(task->state));
    if (common_.is_json) {
      print_task_document(papers, changes, state);
      return {};
    }
    const std::string title = work_.state.title_of(address_);
    around_.out << subject_ << (title.empty() ? "" : " " + one_line(title)) << ": " << state << "\n"
                << "\nattempts\n"
                << attempts_text(story_.attempts());
    if (!story_.judgements().empty())
      around_.out << "\nchecks\n" << judgements_text(story_.judgements());
    if (!changes.empty()) around_.out << "\nchanged files\n";
    for (const platform::FileCount& file : changes)
      around_.out << "  " << one_line(file.change.path)
                  << (file.is_binary ? " | binary"
                                     : " | +" + std::to_string(file.added) + " -" +
                                           std::to_string(file.removed))
                  << "\n";
    for (const Paper& paper : papers) {
      around_.out << "\n" << paper.attempt->role << " " << paper.attempt->attempt << " wrote\n";
      for (const std::string_view line : split_lines(paper.text))
        around_.out << (line.empty() ? "" : "  " + one_line_kept(line)) << "\n";
    }
    return {};
  }

  // The indentation of a document's line means something.
  static std::string one_line_kept(std::string_view line) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    return std::string(indent, ' ') + one_line(line.substr(indent));
  }

  // Nothing when its commits are not there (any more).
  std::vector<platform::FileCount> changed_files() const {
    const Result<engine::WorkRange> range =
        engine::task_range(work_.history, address_, chosen_.location.id);
    if (range.has_error()) return {};
    const Result<platform::GitHistory> git =
        platform::GitHistory::open(chosen_.layout.root, work_.isolation, chosen_.location.id);
    if (git.has_error()) return {};
    for (const std::string& commit : {range.value().from, range.value().to})
      if (!git.value().has_commit(commit)) return {};
    const auto counts = git.value().counts(range.value().from, range.value().to);
    return counts.has_value() ? counts.value() : std::vector<platform::FileCount>();
  }

  Json document() const {
    Json document;
    document["schema_version"] = 1;
    document["command"] = "show";
    document["exit"] = 0;
    document["subject"] = subject_;
    return document;
  }

  void print_task_document(const std::vector<Paper>& papers,
                           const std::vector<platform::FileCount>& changes,
                           const std::string& state) {
    Json all = document();
    all["title"] = work_.state.title_of(address_);
    all["state"] = state;
    all["attempts"] = attempts_json(story_.attempts());
    all["checks"] = judgements_json(story_.judgements());
    all["files"] = Json::array();
    for (const platform::FileCount& file : changes)
      all["files"].push_back({{"path", file.change.path},
                              {"added", file.added},
                              {"removed", file.removed},
                              {"binary", file.is_binary}});
    all["documents"] = Json::array();
    for (const Paper& paper : papers)
      all["documents"].push_back({{"name", paper.attempt->name},
                                  {"role", paper.attempt->role},
                                  {"attempt", paper.attempt->attempt},
                                  {"text", paper.text}});
    all["usage"] = usage_json(total_usage(story_.attempts()));
    print_json(around_.out, all);
  }

  // --- A prompt ---

  fs::path folder_of(const AttemptStory& attempt) const {
    return chosen_.layout.run_directory(attempt.run) / attempt.name;
  }

  Result<const AttemptStory*> wanted_attempt() const {
    std::optional<std::string> role;
    if (!options_.role.empty()) {
      if (!parse_role_name(options_.role))
        return Error{ErrorCode::invalid_input,
                     "no role " + quote(options_.role) +
                         "; roles that have attempts: " + join(roles(), ", ")};
      role = options_.role;
    } else if (options_.attempt) {
      role = std::string(to_string(RoleName::executor));
    }
    const AttemptStory* found = story_.find(role, options_.attempt);
    if (found != nullptr) return found;
    const std::string number = options_.attempt ? " " + std::to_string(*options_.attempt) : "";
    return Error{ErrorCode::invalid_input, "task " + quote(subject_) + " has no attempt " +
                                               role.value_or("") + number +
                                               "; see `konductor show " + subject_ + "`"};
  }

  std::vector<std::string> roles() const {
    std::vector<std::string> names;
    for (const AttemptStory* attempt : story_.attempts())
      if (std::find(names.begin(), names.end(), attempt->role) == names.end())
        names.push_back(attempt->role);
    return names;
  }

  Result<void> show_prompt() {
    KON_TRY(const AttemptStory* const attempt, wanted_attempt());
    const fs::path file = folder_of(*attempt) / "prompt.md";
    const Result<std::string> prompt = files_.read(file);
    if (prompt.has_error())
      return Error{ErrorCode::invalid_input, "the prompt of " + attempt->role + " " +
                                                 std::to_string(attempt->attempt) +
                                                 " is gone: " + quote(file.string()) +
                                                 " (`konductor clean --logs` removes it)"};
    std::vector<agent::PartSize> parts;
    const Result<std::string> record = files_.read(folder_of(*attempt) / "prompt.json");
    if (record.has_value()) {
      Result<std::vector<agent::PartSize>> sizes = agent::parse_prompt_record(record.value());
      if (sizes.has_value()) parts = std::move(sizes).value();
    }
    const AttemptStory* before = story_.before(*attempt);
    std::string text_before;
    if (before != nullptr) {
      const Result<std::string> text = files_.read(folder_of(*before) / "prompt.md");
      if (text.has_error()) before = nullptr;
      if (text.has_value()) text_before = text.value();
    }
    print_prompt(*attempt, before, file, compare_prompts(prompt.value(), parts, text_before));
    return {};
  }

  void print_prompt(const AttemptStory& attempt, const AttemptStory* before, const fs::path& file,
                    const PromptShare& share) {
    const std::string before_subject =
        before == nullptr ? "" : address_text(chosen_.location.id, before->address);
    if (common_.is_json) {
      Json all = document();
      Json& prompt = all["prompt"];
      prompt["role"] = attempt.role;
      prompt["attempt"] = attempt.attempt;
      prompt["reason"] = attempt.reason;
      prompt["run"] = attempt.run;
      prompt["file"] = file.string();
      prompt["bytes"] = share.bytes;
      prompt["tokens"] = estimated_tokens(share.bytes);
      prompt["parts"] = parts_json(share);
      prompt["previous"] = nullptr;
      if (before != nullptr)
        prompt["previous"] = {{"subject", before_subject},
                              {"role", before->role},
                              {"attempt", before->attempt},
                              {"shared_bytes", share.shared},
                              {"shared_percent", percent_of(share.shared, share.bytes)}};
      print_json(around_.out, all);
      return;
    }
    around_.out << subject_ << " " << attempt.role << " " << attempt.attempt << " ("
                << one_line(attempt.reason) << "): prompt of " << share.bytes << " bytes, about "
                << estimated_tokens(share.bytes) << " tokens\n"
                << share_text(share);
    if (before == nullptr)
      around_.out << "no prompt of this role before it\n";
    else
      around_.out << "its first " << share.shared << " bytes ("
                  << percent_of(share.shared, share.bytes) << " %) are those of the "
                  << before->role << "'s prompt before it, " << before_subject << " "
                  << before->role << " " << before->attempt << "\n";
    around_.out << file.string() << "\n";
  }

  const ShowOptions& options_;
  const CommonOptions& common_;
  Surroundings& around_;
  const platform::PosixFileStore files_;
  ChosenPhase chosen_;
  TaskAddress address_;
  std::string subject_;
  PhaseWork work_;
  std::unique_ptr<platform::SqliteJournal> journal_;
  TaskStory story_;
};

}  // namespace

int run_show_command(const ShowOptions& options, const CommonOptions& common,
                     Surroundings& around) {
  const Result<void> shown = ShowCommand(options, common, around).run();
  return shown.has_error() ? fail(around, common, "show", shown.error()) : 0;
}

}  // namespace konductor::cli
