// SPDX-License-Identifier: MIT
#include "cli/completions_command.hpp"

#include <exception>
#include <nlohmann/json.hpp>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "cli/completion.hpp"
#include "cli/completion_scripts.hpp"
#include "cli/config_sources.hpp"
#include "driver/phase_files.hpp"
#include "driver/project.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

constexpr std::size_t kAboutMax = 60;

// Looks into the files of the project in a directory. What cannot be read is not there.
class ProjectWords {
 public:
  explicit ProjectWords(std::string directory) : directory_(std::move(directory)) {}

  std::vector<Candidate> phases() const {
    std::vector<Candidate> found;
    const Result<driver::ProjectLayout> layout = driver::find_project(directory_);
    if (layout.has_error()) return found;
    for (const std::string& name : driver::list_phases(files_, layout.value())) {
      const auto phase = driver::find_phase(files_, layout.value(), name);
      if (phase.has_error()) continue;
      const std::string about = phase.value().id == name ? "phase" : name;
      found.push_back({phase.value().id, about});
    }
    return found;
  }

  std::vector<Candidate> plans(std::string_view typed) const {
    return addresses(
        typed, [](const std::string& phase, const plan::Plan& plan, std::vector<Candidate>& found) {
          found.push_back({plan_address_text(phase, plan.number), one_line(plan.title, kAboutMax)});
        });
  }

  std::vector<Candidate> tasks(std::string_view typed) const {
    return addresses(
        typed, [](const std::string& phase, const plan::Plan& plan, std::vector<Candidate>& found) {
          for (const plan::Task& task : plan.tasks)
            found.push_back(
                {address_text(phase, {plan.number, task.number}), one_line(task.title, kAboutMax)});
        });
  }

  std::vector<Candidate> runtimes(const std::vector<std::string>& environment) const {
    CommonOptions common;
    common.directory = directory_;
    const Result<config::Config> config =
        load_configuration(files_, settings_layout(directory_), common, environment);
    std::vector<Candidate> found;
    for (const auto& [name, runtime] :
         config.has_value() ? config.value().runtimes : config::built_in_runtimes())
      found.push_back({name, std::string(config::to_string(runtime.kind))});
    return found;
  }

 private:
  template <class Add>
  std::vector<Candidate> addresses(std::string_view typed, const Add& add) const {
    std::vector<Candidate> found;
    const Result<driver::ProjectLayout> layout = driver::find_project(directory_);
    if (layout.has_error()) return found;
    const std::vector<Candidate> all = phases();
    const std::size_t slash = typed.find('/');
    if (all.size() > 1 && slash == std::string_view::npos) {
      for (const Candidate& phase : all)
        found.push_back({phase.word + "/", phase.about});
      return found;
    }
    for (const Candidate& named : all) {
      if (slash != std::string_view::npos && typed.substr(0, slash) != named.word) continue;
      const auto phase = driver::find_phase(files_, layout.value(), named.word);
      if (phase.has_error()) continue;
      const auto plans = driver::load_phase_plans(files_, phase.value());
      if (plans.has_error()) continue;
      for (const auto& [number, plan] : plans.value().plans())
        add(phase.value().id, plan, found);
    }
    return found;
  }

  std::string directory_;
  platform::PosixFileStore files_;
};

std::vector<Candidate> settings() {
  std::vector<Candidate> found;
  for (const config::KeyInfo& key : config::list_keys())
    if (key.section.find('<') == std::string::npos)
      found.push_back({key.section + "." + key.name + "=", one_line(key.description, kAboutMax)});
  return found;
}

Completion complete_here(const CompleteOptions& options, const Surroundings& around) {
  const CommandReference program = read_command_reference();
  const ProjectWords words(completion_directory(program, options.words));
  CompletionSources sources;
  sources.phases = [&words] { return words.phases(); };
  sources.plans = [&words](std::string_view typed) { return words.plans(typed); };
  sources.tasks = [&words](std::string_view typed) { return words.tasks(typed); };
  sources.runtimes = [&words, &around] { return words.runtimes(around.environment); };
  sources.settings = settings;
  return complete(program, options.words, sources);
}

}  // namespace

int run_completions_command(const CompletionsOptions& options, const CommonOptions& common,
                            Surroundings& around) {
  for (const CompletionScript& script : completion_scripts()) {
    if (script.shell != options.shell) continue;
    if (common.is_json)
      print_json(around.out, {{"schema_version", 1},
                              {"command", "completions"},
                              {"exit", 0},
                              {"shell", script.shell},
                              {"script", script.text}});
    else
      around.out << script.text;
  }
  return 0;
}

int run_complete_command(const CompleteOptions& options, Surroundings& around) {
  Completion completion;
  try {
    completion = complete_here(options, around);
  } catch (const std::exception&) {
    return 0;  // A shell would show what is said now in the middle of what is being typed.
  }
  if (completion.files == Completion::Files::files) around.out << ":files\n";
  if (completion.files == Completion::Files::directories) around.out << ":directories\n";
  for (const Candidate& one : completion.candidates) {
    if (one_line(one.word) != one.word) continue;  // Folders may have any name.
    around.out << one.word;
    if (!one.about.empty()) around.out << '\t' << one.about;
    around.out << '\n';
  }
  return 0;
}

}  // namespace konductor::cli
