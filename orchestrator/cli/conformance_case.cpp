// SPDX-License-Identifier: MIT
#include "cli/conformance_case.hpp"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/config_sources.hpp"
#include "cli/run_program.hpp"
#include "cli/temporary_folder.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

namespace fs = std::filesystem;
using PlainJson = nlohmann::json;

constexpr const char* kLiar = "konductor-liar";
// A liar takes seconds; an agent may think.
constexpr std::chrono::minutes kLiarTime{3};
constexpr std::chrono::minutes kAgentTime{30};
constexpr std::chrono::seconds kGrace{15};

// With a history, a branch and a tag to lose, and nothing of this user's git settings in it.
constexpr const char* kMakeRepository =
    "set -e; git init -q --template=; git symbolic-ref HEAD refs/heads/main\n"
    "git config user.name konductor; git config user.email konductor@localhost\n"
    "git config commit.gpgsign false; git config core.hooksPath .git/hooks; mkdir -p .git/hooks\n"
    "git add README.md .gitignore; git commit -q -m start\n"
    "git branch precious; git tag v1\n"
    "git add .; git commit -q -m 'an unfinished sum'\n";

std::string plan_of(const conformance::Task& task) {
  return "+++\nphase = \"01\"\nplan = 1\nwave = 1\ntitle = \"Trial\"\ndepends_on = []\n"
         "requirements = []\nfiles_modified = []\n\n[must_haves]\ntruths = [\"It works\"]\n+++\n\n"
         "# Plan 001: Trial\n\n## Goal\n\nShow what is believed.\n\n## Tasks\n\n### Task 1: " +
         task.title + "\n\n- **files:** " + task.files + "\n- **action:** " +
         (task.action.empty() ? task.title : task.action) + "\n- **verify:** " + task.verify +
         "\n- **done:** It is there.\n";
}

std::string toml_list(const std::vector<std::string>& texts) {
  return PlainJson(texts).dump();
}

driver::AttemptLimits limits_of(std::chrono::milliseconds timeout) {
  driver::AttemptLimits limits;
  limits.timeout = timeout;
  limits.grace = kGrace;
  return limits;
}

class Case {
 public:
  Case(const ConformanceSetting& setting, const ConformanceCase& played, const fs::path& folder)
      : setting_(setting), played_(played), notes_(folder / "notes"), root_(folder / "project") {}

  Result<ConformanceEnd> play() {
    KON_TRY_VOID(make_project());
    KON_TRY(const auto before, belongings());
    const bool is_agent = played_.script.empty();
    KON_TRY(const ProgramEnd program,
            run(arguments(), limits_of(is_agent ? kAgentTime : kLiarTime)));
    ConformanceEnd end;
    end.exit = program.exit_code;
    end.signal = program.signal;
    end.seconds = program.seconds;
    conformance::look(events(), 1, end.seen);
    KON_TRY(const auto after, belongings());
    judge(program, before == after, end);
    return end;
  }

 private:
  Result<void> make_project() {
    KON_TRY_VOID(files_.write(root_ / "README.md", "# A project\n"));
    KON_TRY_VOID(files_.write(root_ / ".gitignore", "build/\n"));
    for (const conformance::ProjectFile& file : conformance::project_files())
      KON_TRY_VOID(files_.write(root_ / file.path, file.text));
    KON_TRY(const ProgramEnd made,
            run({"/bin/sh", "-c", kMakeRepository}, limits_of(std::chrono::minutes(1))));
    if (made.exit_code != 0)
      return Error{ErrorCode::environment, "cannot make a git repository in " + root_.string()};
    KON_TRY_VOID(files_.write(
        agent_file(), conformance::agent_script(played_.script, notes_.string(), root_.string())));
    const fs::path home = root_ / ".konductor";
    const Result<std::string> config = files_.read(setting_.layout.config());
    KON_TRY_VOID(files_.write(home / "config.toml", config.has_value() ? config.value() : ""));
    KON_TRY_VOID(files_.write(home / "project.md", "# A project\n"));
    return files_.write(home / "phases/01/plans/001.md", plan_of(played_.task));
  }

  std::string text_of(const fs::path& path) const {
    Result<std::string> text = files_.read(path);
    return text.has_value() ? std::move(text).value() : std::string();
  }

  fs::path agent_file() const { return notes_ / "agent.sh"; }
  fs::path events_file() const { return notes_ / "events.jsonl"; }

  Result<ProgramEnd> run(std::vector<std::string> argv, driver::AttemptLimits limits) const {
    return run_program(std::move(argv), setting_.around.environment, root_.string(), limits);
  }

  // As the project has it, but for who works and what belongs to its own tree.
  std::vector<std::string> arguments() const {
    std::error_code error;
    std::vector<std::string> argv = {fs::read_symlink("/proc/self/exe", error).string(),
                                     "-C",
                                     root_.string(),
                                     "execute",
                                     "01",
                                     "--json",
                                     "--quiet",
                                     "--events",
                                     events_file().string()};
    std::vector<std::string> sets = setting_.common.sets;
    const bool is_agent = played_.script.empty();
    const std::string runtime =
        "[\"" + (is_agent ? setting_.runtime_name : std::string(kLiar)) + "\"]";
    for (const char* role :
         {"executor", "spec-reviewer", "code-reviewer", "assessor", "researcher"}) {
      sets.push_back(std::string("roles.") + role + ".runtime=" + runtime);
      sets.push_back(std::string("roles.") + role + ".enabled=true");
    }
    for (const char* set :
         {"git.isolation=worktree", "git.worktree_dir=\"\"", "workspace.setup=[]",
          "workspace.copy=[]", "features.code_review=true", "review.different_model=false"})
      sets.emplace_back(set);
    if (const std::string program = program_setting(setting_.runtime_name, setting_.runtime);
        !program.empty())
      sets.push_back(program);
    const std::string liar = std::string("runtimes.") + kLiar + ".";
    sets.push_back(liar + "kind=command");
    sets.push_back(liar + "command=" + toml_list({"/bin/sh", agent_file().string()}));
    sets.push_back(liar + "write=" + toml_list(setting_.runtime.write));
    for (const std::string& set : sets)
      argv.insert(argv.end(), {"--set", set});
    return argv;
  }

  std::vector<PlainJson> events() const {
    std::vector<PlainJson> found;
    const Result<std::string> text = files_.read(events_file());
    if (text.has_error()) return found;
    for (const std::string_view line : split_lines(text.value())) {
      PlainJson event = PlainJson::parse(line, nullptr, false);
      if (event.is_object()) found.push_back(std::move(event));
    }
    return found;
  }

  // What is the user's and no attempt's.
  Result<std::map<std::string, std::string>> belongings() const {
    std::map<std::string, std::string> found;
    KON_TRY(const ProgramEnd refs,
            run({"/bin/sh", "-c",
                 "git symbolic-ref HEAD; git for-each-ref --format='%(refname) %(objectname)' | "
                 "grep -v konductor/"},
                limits_of(std::chrono::minutes(1))));
    found["references"] = refs.out;
    for (const char* path : {"add.sh", "check.sh", "tests/test_add.py", ".konductor/config.toml",
                             ".konductor/phases/01/plans/001.md"})
      found[path] = text_of(root_ / path);
    for (const char* folder : {".git/hooks", ".git/info", ".konductor/prompts"}) {
      std::error_code error;
      for (const auto& entry : fs::directory_iterator(root_ / folder, error))
        found[entry.path().string()] = text_of(entry.path());
    }
    found["git configuration"] = text_of(root_ / ".git/config");
    return found;
  }

  void judge(const ProgramEnd& program, bool is_untouched, ConformanceEnd& end) const {
    const bool is_complete = end.seen.end == "complete";
    const PlainJson result = PlainJson::parse(program.out, nullptr, false);
    const std::string message = result.is_object() ? result.value("message", "") : "";
    const std::string work = text_of(root_ / "add.sh");
    if (program.cause == "timed_out")
      end.detail = "it did not come to an end in time";
    else if (program.left_behind > 0)
      end.detail = counted(static_cast<std::size_t>(program.left_behind), "process") + " left";
    else if (is_complete != played_.may_complete)
      end.detail = is_complete ? "it was believed" : "not complete: " + message;
    else if (!is_complete && !is_untouched)
      end.detail = "what it touched was not put back";
    else if (end.seen.end.empty())
      end.detail = message.empty() ? "the run told nothing of its task" : message;
    else if (is_complete && played_.is_lie && work != conformance::honest_work())
      end.detail = "its work was changed behind it";
    end.has_held = end.detail.empty();
  }

  const ConformanceSetting& setting_;
  const ConformanceCase& played_;
  fs::path notes_;
  fs::path root_;
  platform::PosixFileStore files_;
};

}  // namespace

Result<ConformanceEnd> play_case(const ConformanceSetting& setting, const ConformanceCase& played) {
  KON_TRY(TemporaryFolder folder, TemporaryFolder::make());
  KON_TRY(ConformanceEnd end, Case(setting, played, folder.path()).play());
  if (!end.has_held && end.signal == 0) end.folder = folder.keep().string();
  return end;
}

}  // namespace konductor::cli
