// SPDX-License-Identifier: MIT
#include "cli/agent_trial.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "base/text.hpp"
#include "cli/config_sources.hpp"
#include "cli/run_program.hpp"
#include "cli/temporary_folder.hpp"
#include "driver/role_resolution.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Check {
  std::string name;
  bool is_shown = false;
  std::string detail;
};

std::string plan_file(const std::string& phase, const std::string& task) {
  return "+++\nphase = \"" + phase +
         "\"\nplan = 1\nwave = 1\ntitle = \"Trial\"\ndepends_on = []\nrequirements = []\n"
         "files_modified = []\n\n[must_haves]\ntruths = [\"The agent works\"]\n+++\n\n"
         "# Plan 001: Trial\n\n## Goal\n\nShow that this agent can work here.\n\n## Tasks\n\n" +
         task;
}

constexpr std::string_view kWork =
    "### Task 1: Copy a word\n\n"
    "- **files:** `copy.txt`, `shell.txt`\n"
    "- **action:** Read `word.txt` with your own tool for files and write the word in it, and "
    "nothing else, to the new file `copy.txt`. Then run `cat word.txt > shell.txt` in your shell.\n"
    "- **verify:** run `cmp word.txt shell.txt`, and run `grep -q \"$(cat word.txt)\" copy.txt`\n"
    "- **done:** Both files hold the word\n";

constexpr std::string_view kWait =
    "### Task 1: Wait\n\n"
    "- **files:** none\n"
    "- **action:** Run `sleep 240` in your shell and wait for its end. Do nothing else.\n"
    "- **verify:** none\n"
    "- **done:** The command has ended\n";

std::string random_word() {
  std::random_device random;
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "word-%08x", random());
  return text.data();
}

class Trial {
 public:
  Trial(const AgentsOptions& options, const driver::ProjectLayout& layout, Surroundings& around,
        const CommonOptions& common, const config::RuntimeSettings& runtime)
      : options_(options),
        layout_(layout),
        around_(around),
        common_(common),
        program_(program_setting(options.name, runtime)) {}

  Result<int> run() {
    KON_TRY(TemporaryFolder folder, TemporaryFolder::make());
    root_ = folder.path() / "project";
    KON_TRY_VOID(write_project());
    say("One task with its two reviews, in " + root_.string());
    KON_TRY(const ProgramEnd work, execute("01", {}));
    if (work.signal != 0) return 128 + work.signal;
    read_work(work);
    if (work.exit_code != 6) {
      say("The same again, to interrupt it");
      driver::AttemptLimits limits;
      limits.timeout = options_.interrupt_after;
      limits.grace = std::chrono::minutes(1);
      limits.is_interruptible = true;
      KON_TRY(const ProgramEnd wait, execute("02", limits));
      if (wait.signal != 0) return 128 + wait.signal;
      read_wait(wait);
    }
    const bool is_all_shown = std::all_of(checks_.begin(), checks_.end(),
                                          [](const Check& check) { return check.is_shown; });
    exit_ = is_all_shown ? 0 : work.exit_code == 6 ? 6 : 1;
    if (exit_ != 0) kept_ = folder.keep().string();
    print();
    return exit_;
  }

 private:
  void say(const std::string& text) {
    if (!common_.is_quiet) around_.err << "konductor: " << text << "\n";
  }

  Result<void> write_project() {
    const fs::path home = root_ / ".konductor";
    word_ = random_word();
    KON_TRY_VOID(files_.write(root_ / "word.txt", word_ + "\n"));
    const Result<std::string> config = files_.read(layout_.config());
    if (config.has_value()) KON_TRY_VOID(files_.write(home / "config.toml", config.value()));
    KON_TRY_VOID(
        files_.write(home / "phases/01/plans/001.md", plan_file("01", std::string(kWork))));
    return files_.write(home / "phases/02/plans/001.md", plan_file("02", std::string(kWait)));
  }

  // As the project has it, but for what belongs to its own work.
  Result<ProgramEnd> execute(const std::string& phase, const driver::AttemptLimits& limits) const {
    std::error_code error;
    const std::string runtime = "[\"" + options_.name + "\"]";
    std::vector<std::string> argv = {fs::read_symlink("/proc/self/exe", error).string(),
                                     "-C",
                                     root_.string(),
                                     "execute",
                                     phase,
                                     "--json",
                                     "--quiet"};
    for (const std::string& set : common_.sets)
      argv.insert(argv.end(), {"--set", set});
    if (!program_.empty()) argv.insert(argv.end(), {"--set", program_});
    for (const char* role :
         {"executor", "spec-reviewer", "code-reviewer", "assessor", "researcher"})
      argv.insert(argv.end(), {"--set", std::string("roles.") + role + ".runtime=" + runtime});
    for (const char* set : {"git.isolation=none", "workspace.setup=[]", "workspace.copy=[]",
                            "execution.max_crash_retries=0", "features.code_review=true",
                            "review.different_model=false", "git.auto_commit=false"})
      argv.insert(argv.end(), {"--set", set});
    return run_program(std::move(argv), around_.environment, root_.string(), limits);
  }

  bool holds_word(const char* name) const {
    const Result<std::string> text = files_.read(root_ / name);
    return text.has_value() && trim(text.value()) == word_;
  }

  void read_work(const ProgramEnd& end) {
    const Json result = Json::parse(end.out, nullptr, false);
    std::string message;
    if (result.is_object()) {
      message = result.value("message", "");
      add_cost(result);
      const Json errors = result.value("errors", Json::array());
      if (!errors.empty()) message = errors.front().value("message", message);
    }
    checks_.push_back({"reads and writes files", holds_word("copy.txt"), ""});
    checks_.push_back({"uses the shell", holds_word("shell.txt"), ""});
    checks_.push_back({"reports and is reviewed", end.exit_code == 0, message});
  }

  void read_wait(const ProgramEnd& end) {
    const Json result = Json::parse(end.out, nullptr, false);
    if (result.is_object()) add_cost(result);
    std::array<char, 96> text{};
    const double after =
        end.seconds - std::chrono::duration<double>(options_.interrupt_after).count();
    const bool was_interrupted = end.cause == "timed_out";
    if (was_interrupted)
      std::snprintf(text.data(), text.size(), "gone %.1f s after it was interrupted", after);
    else
      std::snprintf(text.data(), text.size(), "it ended by itself after %.0f s", end.seconds);
    constexpr int kInterrupted = 130;
    checks_.push_back(
        {"can be interrupted", was_interrupted && end.exit_code == kInterrupted, text.data()});
  }

  void add_cost(const Json& result) {
    const Json usage = result.value("usage", Json::object());
    tokens_ += usage.value("input_tokens", std::int64_t{0}) +
               usage.value("output_tokens", std::int64_t{0});
    usd_ += usage.value("cost_usd", 0.0);
  }

  void print() const {
    if (common_.is_json) {
      Json json = {{"schema_version", 1},    {"command", "agents test"}, {"exit", exit_},
                   {"agent", options_.name}, {"checks", Json::array()},  {"tokens", tokens_},
                   {"cost_usd", usd_},       {"folder", kept_}};
      for (const Check& check : checks_)
        json["checks"].push_back(
            {{"name", check.name}, {"shown", check.is_shown}, {"detail", check.detail}});
      print_json(around_.out, json);
      return;
    }
    const Paint paint = make_output_paint(around_);
    for (const Check& check : checks_)
      around_.out << (check.is_shown ? paint.green("yes") : paint.red("no ")) << "  " << check.name
                  << (check.detail.empty() ? "" : ": " + one_line(check.detail)) << "\n";
    std::array<char, 96> cost{};
    std::snprintf(cost.data(), cost.size(), "%lld tokens, $%.4f", static_cast<long long>(tokens_),
                  usd_);
    around_.out << "It used " << cost.data() << " as far as it says.\n";
    if (!kept_.empty())
      around_.out << "What it was told and said: " << kept_ << "/project/.konductor/runs\n";
  }

  const AgentsOptions& options_;
  const driver::ProjectLayout& layout_;
  Surroundings& around_;
  const CommonOptions& common_;
  const std::string program_;  // What `--set` takes.
  platform::PosixFileStore files_;
  fs::path root_;
  std::string word_;
  std::vector<Check> checks_;
  std::int64_t tokens_ = 0;
  double usd_ = 0;
  int exit_ = 0;
  std::string kept_;
};

}  // namespace

Result<const config::RuntimeSettings*> installed_runtime(
    const config::Config& config, const std::string& name,
    const std::vector<std::string>& environment) {
  const auto found = config.runtimes.find(name);
  if (found == config.runtimes.end()) {
    std::vector<std::string> names;
    for (const auto& [known, runtime] : config.runtimes)
      names.push_back(known);
    const std::string near = nearest(name, names);
    return Error{ErrorCode::invalid_input,
                 "no runtime " + quote(name) +
                     (near.empty() ? "; there is " + join(names, ", ")
                                   : "; did you mean " + quote(near) + "?")};
  }
  const config::RuntimeSettings& runtime = found->second;
  const bool is_missing = !runtime.command.empty() &&
                          driver::find_program(runtime.command.front(), environment).empty();
  if (is_missing)
    return Error{ErrorCode::environment, quote(runtime.command.front()) + " of runtime " +
                                             quote(name) + " is not installed"};
  return &runtime;
}

int run_agent_trial(const AgentsOptions& options, const CommonOptions& common,
                    const driver::ProjectLayout& layout, const config::Config& config,
                    Surroundings& around) {
  const auto runtime = installed_runtime(config, options.name, around.environment);
  if (runtime.has_error()) return fail(around, common, "agents test", runtime.error());
  const Result<int> exit = Trial(options, layout, around, common, *runtime.value()).run();
  return exit.has_error() ? fail(around, common, "agents test", exit.error()) : exit.value();
}

}  // namespace konductor::cli
