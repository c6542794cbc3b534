// SPDX-License-Identifier: MIT
#include "config/config.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/config_check.hpp"
#include "config/config_keys.hpp"
#include "config/document_reader.hpp"

namespace konductor::config {
namespace {

constexpr std::string_view kRuntimesSection = "runtimes";
constexpr std::string_view kEnvironmentPrefix = "KONDUCTOR_";

// `name` and `value` of "name=value"; nothing without "=".
struct Assignment {
  std::string name;
  std::string_view value;
};

std::optional<Assignment> split_assignment(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  return Assignment{std::string(trim(text.substr(0, equals))), text.substr(equals + 1)};
}

// The runtime that "runtimes.<name>.<key>" speaks of, or "".
std::string runtime_of(std::string_view dotted) {
  const std::vector<std::string_view> parts = split(dotted, '.');
  if (parts.size() < 3 || parts[0] != kRuntimesSection) return "";
  return std::string(parts[1]);
}

bool is_runtime_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !name.empty() && name.find_first_not_of(kAllowed) == std::string_view::npos;
}

// "execution.max_wave_parallelism" → "KONDUCTOR_EXECUTION_MAX_WAVE_PARALLELISM".
std::string environment_name(std::string_view dotted) {
  std::string name(kEnvironmentPrefix);
  for (const char c : dotted) {
    if (c == '-' || c == '.')
      name += '_';
    else
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

class Loader {
 public:
  explicit Loader(const ConfigSources& sources) : sources_(sources) {}

  Result<Config> load() {
    parse(sources_.user_file);
    parse(sources_.project_file);
    add_runtimes();
    schema_ = make_schema(config_);
    for (const TomlDocument& document : documents_)
      document.read(schema_, report_);
    for (const std::string& variable : sources_.environment)
      apply_variable(variable);
    for (const std::string& set : sources_.sets)
      apply_set(set);
    // What a file that cannot be read might have said would only be guessed at.
    if (!has_unreadable_file_) finish_runtimes(config_, report_);
    if (!has_unreadable_file_) check_references(config_, report_);
    if (!report_.problems.empty())
      return Error{ErrorCode::invalid_input, join(report_.problems, "\n")};
    return std::move(config_);
  }

 private:
  void parse(const std::optional<ConfigFile>& file) {
    if (!file) return;
    Result<TomlDocument> document = TomlDocument::parse(file->path, file->text);
    if (document.has_value()) {
      documents_.push_back(std::move(document).value());
      return;
    }
    has_unreadable_file_ = true;
    report_.problems.push_back(document.error().message);
  }

  // Makes an entry for each runtime that is spoken of, so that the schema knows its keys. A name in
  // the environment alone makes none: where it would end is not to be told.
  void add_runtimes() {
    for (const TomlDocument& document : documents_)
      for (const std::string& name : document.tables_below(kRuntimesSection))
        config_.runtimes.try_emplace(name);
    for (const std::string& set : sources_.sets) {
      const auto assignment = split_assignment(set);
      if (!assignment) continue;
      const std::string name = runtime_of(assignment->name);
      if (!name.empty()) config_.runtimes.try_emplace(name);
    }
    for (const auto& [name, runtime] : config_.runtimes)
      if (!is_runtime_name(name))
        report_.problems.push_back(quote("runtimes." + name) +
                                   ": a runtime's name holds letters, digits, - and _ only");
  }

  void apply_variable(const std::string& variable) {
    if (variable.rfind(kEnvironmentPrefix, 0) != 0) return;
    const auto assignment = split_assignment(variable);
    if (!assignment) return;
    for (const SchemaKey& key : schema_)
      if (environment_name(key.dotted()) == assignment->name)
        assign(key, assignment->value, assignment->name);
  }

  void apply_set(const std::string& set) {
    const auto assignment = split_assignment(set);
    if (!assignment || assignment->name.empty()) {
      report_.problems.push_back("--set " + quote(set) + ": write section.key=value");
      return;
    }
    const std::string place = "--set " + assignment->name;
    for (const SchemaKey& key : schema_) {
      if (key.dotted() == assignment->name) return assign(key, assignment->value, place);
      if (const auto* table = std::get_if<TableSlot>(&key.slot)) {
        const std::string prefix = key.dotted() + ".";
        if (assignment->name.rfind(prefix, 0) == 0)
          return set_entry(*table, assignment->name.substr(prefix.size()), assignment->value,
                           place);
      }
    }
    std::vector<std::string> names;
    for (const SchemaKey& key : schema_)
      names.push_back(key.dotted());
    report_.problems.push_back(place + ": unknown key" + did_you_mean(assignment->name, names));
  }

  void assign(const SchemaKey& key, std::string_view value, const std::string& place) {
    report_.origins[key.dotted()] = place;
    const std::string complaint = assign_text(key.slot, value);
    if (complaint.empty()) return;
    report_.rejected.insert(key.dotted());
    report_.problems.push_back(place + ": " + quote(key.dotted()) + " " + complaint);
  }

  void set_entry(const TableSlot& table, const std::string& name, std::string_view value,
                 const std::string& place) {
    const std::string entry = "{ " + toml_string(name) + " = " + toml_string(value) + " }";
    const std::string complaint = assign_text(table, entry);
    if (!complaint.empty()) report_.problems.push_back(place + ": " + complaint);
  }

  const ConfigSources& sources_;
  std::vector<TomlDocument> documents_;
  Config config_;
  Schema schema_;
  ReadReport report_;
  bool has_unreadable_file_ = false;
};

}  // namespace

std::string_view to_string(Schedule value) {
  switch (value) {
    case Schedule::waves:
      return "waves";
    case Schedule::dependencies:
      return "dependencies";
  }
  return "waves";
}

std::string_view to_string(BranchingStrategy value) {
  switch (value) {
    case BranchingStrategy::none:
      return "none";
    case BranchingStrategy::feature:
      return "feature";
    case BranchingStrategy::plan:
      return "plan";
  }
  return "none";
}

std::string_view to_string(Isolation value) {
  switch (value) {
    case Isolation::automatic:
      return "auto";
    case Isolation::worktree:
      return "worktree";
    case Isolation::none:
      return "none";
  }
  return "auto";
}

std::string_view to_string(StructuredOutput value) {
  switch (value) {
    case StructuredOutput::automatic:
      return "auto";
    case StructuredOutput::never:
      return "never";
  }
  return "auto";
}

std::string_view to_string(Containment value) {
  switch (value) {
    case Containment::automatic:
      return "auto";
    case Containment::cgroup:
      return "cgroup";
    case Containment::processes:
      break;
  }
  return "processes";
}

std::string_view to_string(Lease value) {
  switch (value) {
    case Lease::workspace:
      return "workspace";
    case Lease::declared:
      break;
  }
  return "declared";
}

std::string_view to_string(ReviewWorkspace value) {
  switch (value) {
    case ReviewWorkspace::automatic:
      return "auto";
    case ReviewWorkspace::copy:
      return "copy";
    case ReviewWorkspace::shared:
      break;
  }
  return "shared";
}

std::string_view to_string(OnEngineDeath value) {
  switch (value) {
    case OnEngineDeath::go_on:
      return "continue";
    case OnEngineDeath::stop:
      break;
  }
  return "stop";
}

std::string_view to_string(FixAttempts value) {
  switch (value) {
    case FixAttempts::fresh:
      return "fresh";
    case FixAttempts::resume:
      return "resume";
  }
  return "fresh";
}

std::string_view to_string(Sandbox value) {
  switch (value) {
    case Sandbox::none:
      return "none";
    case Sandbox::automatic:
      return "auto";
    case Sandbox::bwrap:
      return "bwrap";
    case Sandbox::landlock:
      return "landlock";
  }
  return "none";
}

std::string_view to_string(GitHooks value) {
  switch (value) {
    case GitHooks::none:
      return "none";
    case GitHooks::at_the_end:
      return "final";
  }
  return "none";
}

std::string_view to_string(RuntimeKind value) {
  switch (value) {
    case RuntimeKind::command:
      return "command";
    case RuntimeKind::replay:
      return "replay";
    case RuntimeKind::acp:
      return "acp";
    case RuntimeKind::claude:
      return "claude";
    case RuntimeKind::codex:
      return "codex";
  }
  return "command";
}

Result<Config> load_config(const ConfigSources& sources) {
  return Loader(sources).load();
}

}  // namespace konductor::config
