// SPDX-License-Identifier: MIT
#include "cli/show_command.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/role_name.hpp"
#include "base/text.hpp"
#include "cli/cost_command.hpp"
#include "cli/prompt_view.hpp"
#include "cli/recorded_phase.hpp"
#include "cli/show_plan.hpp"
#include "cli/subject.hpp"
#include "cli/task_story.hpp"
#include "cli/transcript_view.hpp"
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
    KON_TRY(const Subject subject,
            find_subject(files_, common_, options_.address, ShortAddress::task));
    chosen_ = subject.chosen;
    subject_ = subject.text();
    if (subject.plan) return show_plan(*subject.plan);
    if (!subject.task)
      return Error{ErrorCode::invalid_input, quote(options_.address) +
                                                 " is a phase; name a plan or a task of it "
                                                 "(`konductor status " +
                                                 subject_ + "` tells of the phase)"};
    address_ = *subject.task;
    KON_TRY_VOID(read_task());
    if (story_.attempts().empty())
      return Error{ErrorCode::invalid_input, "nothing of task " + quote(subject_) +
                                                 " has begun yet; run `konductor execute " +
                                                 chosen_.location.id + "`"};
    return options_.is_prompt ? show_prompt() : show_task();
  }

 private:
  Result<void> read_task() {
    KON_TRY_VOID(read_work());
    if (work_.state.task(address_) == nullptr && work_.history.task(address_) == nullptr)
      return Error{ErrorCode::invalid_input,
                   "no task " + quote(subject_) + "; see `konductor plan list`"};
    return read_story();
  }

  Result<void> read_work() {
    KON_TRY(const driver::PhasePlans phase, load_plans_if_any(files_, chosen_.location));
    KON_TRY(work_, read_work_of(chosen_, phase.plans()));
    return {};
  }

  Result<void> read_story() {
    KON_TRY(journal_, platform::SqliteJournal::open_read_only(chosen_.layout.database(),
                                                              chosen_.location.id));
    story_ = TaskStory(address_);
    return journal_->replay([this](engine::Event&& event) -> Result<void> {
      story_.apply(event);
      return {};
    });
  }

  // --- A plan ---

  Result<void> show_plan(int number) {
    if (options_.is_prompt)
      return Error{ErrorCode::invalid_input,
                   quote(subject_) + " is a plan; prompts are those of its tasks, such as " +
                       address_text(chosen_.location.id, {number, 1})};
    KON_TRY_VOID(read_work());
    if (work_.state.plan(number) == nullptr)
      return Error{ErrorCode::invalid_input,
                   "no plan " + quote(subject_) + "; see `konductor plan list`"};
    KON_TRY_VOID(read_story());
    const PlanShow show{
        subject_,
        chosen_.location.id,
        &work_.state,
        number,
        &story_,
        changed_files(chosen_, work_,
                      engine::plan_range(work_.history, number, chosen_.location.id))};
    if (common_.is_json)
      print_json(around_.out, plan_show_json(show));
    else
      around_.out << plan_show_text(show);
    return {};
  }

  // --- What happened ---

  Result<void> show_task() {
    KON_TRY(const std::vector<Paper> papers, papers_of(*journal_, story_));
    const std::vector<platform::FileCount> changes = changed_files(
        chosen_, work_, engine::task_range(work_.history, address_, chosen_.location.id));
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
                << attempts_text(story_.attempts()) << "  " << total_text() << "\n";
    if (!notes().empty()) around_.out << "\nnotes from a person\n";
    for (const std::string& note : notes())
      around_.out << "  " << one_line(note) << "\n";
    if (!story_.judgements().empty())
      around_.out << "\nchecks\n" << judgements_text(story_.judgements());
    around_.out << changes_text(changes);
    print_files();
    for (const Paper& paper : papers) {
      around_.out << "\n" << paper.attempt->role << " " << paper.attempt->attempt << " wrote\n";
      for (const std::string_view line : split_lines(paper.text))
        around_.out << (line.empty() ? "" : "  " + one_line_kept(line)) << "\n";
    }
    return {};
  }

  // "4 attempts, 3 min 2 s, 1200 in, 80 out, 200 cached, $0.2500"
  std::string total_text() const {
    engine::CostSum sum;
    for (const AttemptStory* attempt : story_.attempts())
      if (attempt->is_finished) sum.add(attempt->finished);
    const std::string used = usage_words(
        {sum.usage.input_tokens, sum.usage.output_tokens, sum.usage.cache_read_tokens, 0});
    return counted(story_.attempts().size(), "attempt") + ", " + duration_text(sum.seconds) +
           (used.empty() ? "" : ", " + used) + ", " + money_text(sum);
  }

  // What attempts at the task were told, and will be.
  std::vector<std::string> notes() const {
    const engine::TaskRecord* task = work_.state.task(address_);
    return task == nullptr ? std::vector<std::string>() : task->notes;
  }

  // The indentation of a document's line means something.
  static std::string one_line_kept(std::string_view line) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    return std::string(indent, ' ') + one_line(line.substr(indent));
  }

  // What each attempt was told and printed.
  void print_files() const {
    around_.out << "\nprompts and output\n";
    for (const AttemptStory* attempt : story_.attempts()) {
      const fs::path folder = folder_of(*attempt).lexically_relative(chosen_.layout.root);
      const bool is_there = files_.exists(folder_of(*attempt) / "prompt.md");
      around_.out << "  " << folder.string() << (is_there ? "" : " (gone)") << "\n";
    }
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
    all["notes"] = notes();
    all["checks"] = judgements_json(story_.judgements());
    all["files"] = changes_json(changes);
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
