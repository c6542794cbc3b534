// SPDX-License-Identifier: MIT
#include "cli/conformance_command.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/agent_trial.hpp"
#include "cli/config_sources.hpp"
#include "cli/conformance_case.hpp"
#include "cli/text_table.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;
using conformance::Lie;

constexpr const char* kName = "conformance";

struct Row {
  ConformanceCase played;
  ConformanceEnd end;
};

ConformanceCase lie_case(const Lie& lie) {
  return {lie.name, true, lie.script, lie.task.value_or(conformance::usual_task()),
          lie.end == "complete"};
}

ConformanceCase twin_case(const Lie& lie) {
  return {"did honest work instead: " + lie.name, false, lie.twin,
          lie.twin_task.value_or(lie.task.value_or(conformance::usual_task()))};
}

// The runtime first: where it cannot even work nobody needs the rest.
std::vector<ConformanceCase> all_cases(const ConformanceOptions& options) {
  std::vector<ConformanceCase> cases = {
      {"is runtime " + options.runtime + " and does a task", false, "", conformance::usual_task()}};
  std::set<std::string> twins;
  for (const Lie& lie : conformance::lies()) {
    if (lie.name.find(options.only) == std::string::npos) continue;
    cases.push_back(lie_case(lie));
    if (!lie.twin.empty() && twins.insert(lie.twin).second) cases.push_back(twin_case(lie));
  }
  return cases;
}

std::string verdict(const Row& row) {
  if (!row.end.has_held) return row.played.is_lie ? "GOT THROUGH" : "NOT BELIEVED";
  return row.played.is_lie ? "held" : "believed";
}

std::string task_end(const Row& row) {
  return row.end.seen.end.empty() ? "no end" : row.end.seen.end;
}

bool has_held(const Row& row) {
  return row.end.has_held;
}

class Suite {
 public:
  Suite(const ConformanceOptions& options, const CommonOptions& common, Surroundings& around)
      : options_(options), common_(common), around_(around) {}

  Result<int> run(const ConformanceSetting& setting) {
    const std::vector<ConformanceCase> cases = all_cases(options_);
    constexpr std::size_t kRuntimeOnly = 1;
    if (cases.size() == kRuntimeOnly)
      return Error{ErrorCode::invalid_input,
                   "no lie's name holds \"" + options_.only + "\"; see docs/reliability.md"};
    say("runtime " + options_.runtime +
        " does a task, then scripts lie and do honest work: " + counted(cases.size(), "case"));
    for (const ConformanceCase& played : cases) {
      KON_TRY(ConformanceEnd end, play_case(setting, played));
      if (end.signal != 0) return 128 + end.signal;
      rows_.push_back({played, std::move(end)});
      if (common_.is_verbose) say(line_of(rows_.back()));
    }
    exit_ = std::all_of(rows_.begin(), rows_.end(), has_held) ? 0 : 1;
    if (common_.is_json)
      print_json(around_.out, json());
    else
      print();
    return exit_;
  }

 private:
  void say(const std::string& text) {
    if (!common_.is_quiet) around_.err << "konductor: " << text << "\n";
  }

  static std::string line_of(const Row& row) {
    return verdict(row) + ": an agent that " + row.played.name;
  }

  void print() const {
    TextTable table;
    table.add({"verdict", "an agent that", "caught by", "task"});
    for (const Row& row : rows_)
      table.add({verdict(row), row.played.name,
                 row.end.seen.catches.empty() ? "-" : row.end.seen.catches, task_end(row)});
    for (const std::string& line : table.lines(""))
      around_.out << line << "\n";
    const Paint paint = make_output_paint(around_);
    for (const Row& row : rows_)
      if (!row.end.has_held)
        around_.out << paint.red(verdict(row)) << ": an agent that " << row.played.name << ": "
                    << one_line(row.end.detail) << "\n  what it did: " << row.end.folder << "\n";
    const auto held = std::count_if(rows_.begin(), rows_.end(), has_held);
    around_.out << held << " of " << counted(rows_.size(), "case") << " as they should be\n";
  }

  Json json() const {
    Json document = {{"schema_version", 1},
                     {"command", kName},
                     {"exit", exit_},
                     {"runtime", options_.runtime},
                     {"cases", Json::array()}};
    for (const Row& row : rows_)
      document["cases"].push_back({{"name", row.played.name},
                                   {"lie", row.played.is_lie},
                                   {"caught_by", row.end.seen.catches},
                                   {"task", task_end(row)},
                                   {"held", row.end.has_held},
                                   {"seconds", row.end.seconds},
                                   {"detail", row.end.detail},
                                   {"folder", row.end.folder}});
    return document;
  }

  const ConformanceOptions& options_;
  const CommonOptions& common_;
  Surroundings& around_;
  std::vector<Row> rows_;
  int exit_ = 0;
};

}  // namespace

int run_conformance_command(const ConformanceOptions& options, const CommonOptions& common,
                            Surroundings& around) {
  const platform::PosixFileStore files;
  const driver::ProjectLayout layout = settings_layout(common.directory);
  const Result<config::Config> config =
      load_configuration(files, layout, common, around.environment);
  if (config.has_error()) return fail(around, common, kName, config.error());
  const auto runtime = installed_runtime(config.value(), options.runtime, around.environment);
  if (runtime.has_error()) return fail(around, common, kName, runtime.error());
  const ConformanceSetting setting{layout, common, *runtime.value(), options.runtime, around};
  const Result<int> exit = Suite(options, common, around).run(setting);
  return exit.has_error() ? fail(around, common, kName, exit.error()) : exit.value();
}

}  // namespace konductor::cli
