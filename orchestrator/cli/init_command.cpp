// SPDX-License-Identifier: MIT
#include "cli/init_command.hpp"

#include <chrono>
#include <istream>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/ci_markers.hpp"
#include "cli/init_files.hpp"
#include "cli/init_questions.hpp"
#include "config/config.hpp"
#include "driver/project.hpp"
#include "driver/role_resolution.hpp"
#include "engine/event_json.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace fs = std::filesystem;
namespace {

struct Initialized {
  driver::ProjectLayout layout;
  ProjectFacts facts;
  fs::path repository;  // Its root; empty when there is none.
  std::vector<std::string> created;
  std::vector<std::string> kept;
  bool has_plan = false;
};

std::string now_text() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return engine::time_text(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

Result<driver::ProjectLayout> choose_root(const std::string& directory) {
  std::error_code error;
  fs::path root = fs::absolute(directory, error).lexically_normal();
  if (!root.has_filename()) root = root.parent_path();
  if (!fs::is_directory(root, error))
    return Error{ErrorCode::invalid_input, quote(directory) + " is not a directory"};
  const driver::ProjectLayout layout{root};
  const fs::file_status home = fs::status(layout.home(), error);
  if (fs::exists(home) && !fs::is_directory(home))
    return Error{ErrorCode::invalid_input,
                 quote(layout.home().string()) +
                     " is not a directory; move it away and run `konductor init` again"};
  return layout;
}

// The root of the repository around `root`; empty when there is none.
fs::path find_repository(const fs::path& root) {
  std::error_code error;
  for (fs::path at = root;; at = at.parent_path()) {
    if (fs::exists(at / ".git", error)) return at;
    if (at == at.parent_path()) return {};
  }
}

ProjectListing list_project(const ports::FileStore& files, const fs::path& root) {
  constexpr std::uint64_t kBytesMax = 1U << 20U;
  ProjectListing listing;
  const Result<std::vector<std::string>> names = files.list(root);
  if (names.has_error()) return listing;
  for (const std::string& name : names.value()) {
    std::error_code error;
    listing.names.push_back(fs::is_directory(root / name, error) ? name + "/" : name);
  }
  for (const std::string& name : detection_files()) {
    Result<std::string> text = files.read(root / name, kBytesMax);
    if (text.has_value()) listing.texts[name] = std::move(text).value();
  }
  return listing;
}

std::vector<std::string> installed_agents(const std::vector<std::string>& environment) {
  std::vector<std::string> agents;
  for (const std::string_view name : config::kBuiltInRuntimes)
    if (!driver::find_program(std::string(name), environment).empty()) agents.emplace_back(name);
  return agents;
}

Result<void> create(platform::PosixFileStore& files, Initialized& result, const NewFile& file) {
  const fs::path path = result.layout.home() / file.path;
  std::error_code error;
  // A link that leads nowhere is something of the user's, too.
  if (fs::exists(fs::symlink_status(path, error))) {
    result.kept.push_back(file.path);
    return {};
  }
  KON_TRY_VOID(files.write(path, file.text));
  result.created.push_back(file.path);
  return {};
}

// Somebody sits there who can answer, and wants to.
bool is_asked(const InitOptions& options, const CommonOptions& common, const Surroundings& around) {
  const bool is_terminal = around.is_input_terminal && around.is_output_terminal;
  return is_terminal && around.in != nullptr && !options.takes_suggestions && !common.is_json &&
         !common.is_quiet && !is_ci_environment(around.environment);
}

// Nothing has been written yet: Ctrl-C leaves the project as it was.
void ask_person(ProjectFacts& facts, bool& has_example, Surroundings& around) {
  around.out << "Enter takes what stands in brackets; --yes asks nothing.\n";
  ask_facts(facts, has_example, [&](const std::string& question) -> std::optional<std::string> {
    around.out << question << std::flush;
    std::string line;
    if (std::getline(*around.in, line)) return line;
    around.out << "\n";
    return std::nullopt;
  });
  around.out << "\n";
}

Result<Initialized> initialize(const InitOptions& options, const CommonOptions& common,
                               Surroundings& around) {
  platform::PosixFileStore files;
  Initialized result;
  KON_TRY(result.layout, choose_root(common.directory));
  const fs::path& root = result.layout.root;
  const std::vector<std::string> phases = driver::list_phases(files, result.layout);
  ProjectFacts& facts = result.facts;
  facts.name = options.name.empty() ? root.filename().string() : options.name;
  facts.name = to_valid_utf8(facts.name.empty() ? "project" : facts.name);
  facts.kind = detect_project(list_project(files, root));
  facts.agents = installed_agents(around.environment);
  facts.now = now_text();
  if (!phases.empty()) facts.phase = phases.front().substr(0, phases.front().find('-'));
  result.repository = find_repository(root);
  bool has_example = options.has_example;
  const bool is_new = !files.exists(result.layout.home() / "config.toml") && phases.empty();
  if (is_new && is_asked(options, common, around)) ask_person(facts, has_example, around);
  const Result<void> made = files.make_directories(result.layout.home());
  if (made.has_error())
    return made.error().with_context("cannot set up " + quote(result.layout.home().string()));
  for (const NewFile& file : initial_files(facts))
    KON_TRY_VOID(create(files, result, file));
  const bool has_ignore_file = files.exists(result.layout.home() / ".gitignore");
  KON_TRY_VOID(driver::ensure_ignore_file(files, result.layout));
  (has_ignore_file ? result.kept : result.created).emplace_back(".gitignore");
  // A second folder for a phase that is there already would make its number ambiguous.
  if (!phases.empty()) return result;
  const std::string plans = "phases/" + facts.phase + "/plans/";
  KON_TRY_VOID(create(files, result, {plans + "README.md", plan_guide(facts)}));
  if (has_example) KON_TRY_VOID(create(files, result, {plans + "001.md", first_plan(facts)}));
  result.has_plan = has_example;
  return result;
}

std::vector<std::string> next_steps(const Initialized& result) {
  const std::string& phase = result.facts.phase;
  std::vector<std::string> steps;
  if (result.facts.agents.empty())
    steps.emplace_back("name your agent in .konductor/config.toml ([runtimes.my-agent])");
  steps.push_back(std::string(result.facts.about.empty() ? "say" : "add") +
                  " in .konductor/project.md what every agent should know");
  const std::string plan = ".konductor/phases/" + phase + "/plans/001.md";
  steps.push_back(result.has_plan
                      ? "let " + plan + " say what is to be done"
                      : "write plans to " + plan + " and on; `konductor plan --help` shows one");
  steps.push_back("konductor plan check " + phase);
  steps.emplace_back("konductor doctor, which says what a run lacks here and how to mend it");
  steps.push_back("konductor execute " + phase);
  return steps;
}

std::string or_none(const std::vector<std::string>& items, std::string_view separator) {
  return items.empty() ? "none found" : join(items, separator);
}

void print_text(std::ostream& out, const Initialized& result) {
  const ProjectFacts& facts = result.facts;
  out << "konductor is set up in " << result.layout.home().string() << "\n"
      << "  project     " << one_line(facts.name) << "\n"
      << "  repository  "
      << (result.repository.empty() ? "none: plans will run one at a time, in place"
                                    : result.repository.string())
      << "\n"
      << "  language    " << or_none(facts.kind.languages, ", ") << "\n"
      << "  tests       " << or_none(facts.kind.test_commands, "; ") << "\n"
      << "  agents      " << or_none(facts.agents, ", ") << "\n";
  if (!result.created.empty()) out << "written: " << join(result.created, ", ") << "\n";
  if (!result.kept.empty()) out << "left as they were: " << join(result.kept, ", ") << "\n";
  out << "next:\n";
  int number = 0;
  for (const std::string& step : next_steps(result))
    out << "  " << ++number << ". " << step << "\n";
}

nlohmann::ordered_json as_json(const Initialized& result) {
  nlohmann::ordered_json json;
  json["schema_version"] = 1;
  json["command"] = "init";
  json["exit"] = 0;
  json["directory"] = result.layout.home().string();
  json["project"] = result.facts.name;
  json["repository"] = nullptr;
  if (!result.repository.empty()) json["repository"] = result.repository.string();
  json["languages"] = result.facts.kind.languages;
  json["test_commands"] = result.facts.kind.test_commands;
  json["agents"] = result.facts.agents;
  json["created"] = result.created;
  json["kept"] = result.kept;
  json["next"] = next_steps(result);
  return json;
}

}  // namespace

int run_init_command(const InitOptions& options, const CommonOptions& common,
                     Surroundings& around) {
  const Result<Initialized> result = initialize(options, common, around);
  if (result.has_error()) return fail(around, common, "init", result.error());
  if (common.is_json)
    print_json(around.out, as_json(result.value()));
  else if (!common.is_quiet)
    print_text(around.out, result.value());
  return 0;
}

}  // namespace konductor::cli
