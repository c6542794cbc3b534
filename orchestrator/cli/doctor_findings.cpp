// SPDX-License-Identifier: MIT
#include "cli/doctor_findings.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "agent/acp_cli.hpp"
#include "agent/agent_stream.hpp"
#include "base/text.hpp"

namespace konductor::cli {
namespace {

struct KnownAgent {
  std::string_view name;
  std::string_view package;  // Of npm.
  std::vector<std::string> variables;
  std::vector<std::string> files;
  std::string_view login;
};

const std::array<KnownAgent, 5>& known_agents() {
  static const std::array<KnownAgent, 5> kKnown = {{
      {"claude",
       "@anthropic-ai/claude-code",
       {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN",
        "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX"},
       {".claude/.credentials.json"},
       "claude auth login"},
      {"codex",
       "@openai/codex",
       {"OPENAI_API_KEY", "CODEX_API_KEY"},
       {".codex/auth.json"},
       "codex login"},
      {"opencode", "opencode-ai", {}, {".local/share/opencode/auth.json"}, "opencode auth login"},
      {"gemini",
       "@google/gemini-cli",
       {"GEMINI_API_KEY", "GOOGLE_API_KEY"},
       {".gemini/oauth_creds.json"},
       "gemini"},
      {"qwen",
       "@qwen-code/qwen-code",
       {"OPENAI_API_KEY", "DASHSCOPE_API_KEY"},
       {".qwen/oauth_creds.json"},
       "qwen"},
  }};
  return kKnown;
}

const KnownAgent* known_agent(std::string_view name) {
  for (const KnownAgent& agent : known_agents())
    if (agent.name == name) return &agent;
  return nullptr;
}

std::string install_fix(const std::string& name) {
  if (const KnownAgent* known = known_agent(name); known != nullptr)
    return "npm install -g " + std::string(known->package);
  return "put its program into PATH, or name it: [runtimes." + name +
         "] command in .konductor/config.toml";
}

constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20U;
constexpr std::uint64_t kWatchesWanted = 65536;

std::string_view state_name(FindingState state) {
  if (state == FindingState::ok) return "ok";
  return state == FindingState::warning ? "warning" : "problem";
}

Finding ok(std::string area, std::string name, std::string text) {
  return {std::move(area), std::move(name), FindingState::ok, std::move(text), ""};
}

// "1 problem, 2 warnings"
std::string count_states(const std::vector<Finding>& findings) {
  std::size_t problems = 0;
  std::size_t warnings = 0;
  for (const Finding& finding : findings) {
    problems += finding.state == FindingState::problem ? 1 : 0;
    warnings += finding.state == FindingState::warning ? 1 : 0;
  }
  if (problems + warnings == 0) return "nothing to mend";
  std::vector<std::string> parts;
  if (problems != 0) parts.push_back(counted(problems, "problem"));
  if (warnings != 0) parts.push_back(counted(warnings, "warning"));
  return join(parts, ", ") + (problems == 0 ? "; nothing of it stops a run"
                                            : std::string("; `konductor execute` would stop at ") +
                                                  (problems == 1 ? "it" : "them"));
}

std::string painted(const Paint& paint, FindingState state) {
  const std::string word(state_name(state));
  const std::string gap(9 - word.size(), ' ');
  if (state == FindingState::ok) return paint.green(word) + gap;
  return (state == FindingState::warning ? paint.yellow(word) : paint.red(word)) + gap;
}

}  // namespace

std::optional<LoginPlaces> login_places(const config::RuntimeSettings& runtime) {
  std::string name(agent::dialect_of(runtime));
  if (runtime.kind == config::RuntimeKind::acp) name = agent::acp_agent_name(runtime);
  if (runtime.kind == config::RuntimeKind::replay) return std::nullopt;
  const KnownAgent* known = known_agent(name);
  if (known == nullptr) return std::nullopt;
  return LoginPlaces{known->variables, known->files, std::string(known->login)};
}

Finding judge_runtime(const RuntimeFacts& facts) {
  const ListedAgent& agent = facts.agent;
  Finding finding = ok("runtime", agent.name, "");
  if (agent.program.empty()) {
    finding.text = "not installed" + std::string(facts.is_wanted ? "" : ", and no role needs it");
    finding.state = facts.is_wanted ? FindingState::problem : FindingState::ok;
    finding.fix = install_fix(agent.name);
    return finding;
  }
  std::vector<std::string> parts = {agent.program};
  if (!agent.version.empty()) parts.push_back("version " + agent.version);
  if (const std::string known = remark(agent); !known.empty()) parts.push_back(known);
  if (agent.is_default) parts.emplace_back("the default");
  if (facts.login == Login::found) parts.emplace_back("a login is there");
  if (facts.login == Login::missing) {
    parts.emplace_back("no login found");
    finding.state = FindingState::warning;
    finding.fix = facts.login_command;
  }
  if (facts.login == Login::cannot_be_told)
    parts.emplace_back("whether it is logged in cannot be told");
  if (agent.verdict.kind == agent::VersionVerdict::Kind::bad) {
    finding.state = facts.is_wanted ? FindingState::problem : FindingState::warning;
    finding.fix = install_fix(agent.name) + "@latest";
  }
  finding.text = join(parts, ", ");
  return finding;
}

Finding judge_sandbox(const SandboxFacts& facts) {
  const std::string landlock = facts.landlock_abi == 0
                                   ? "no Landlock in this kernel"
                                   : "Landlock ABI " + std::to_string(facts.landlock_abi);
  const std::string text =
      landlock + ", " + (facts.bwrap.empty() ? "no bubblewrap: " + facts.no_bwrap : facts.bwrap);
  Finding finding = ok("sandbox", std::string(config::to_string(facts.wanted)), text);
  const agent::SandboxOffer offer{facts.landlock_abi, facts.bwrap, facts.no_bwrap};
  const auto choice = agent::choose_sandbox(facts.wanted, offer);
  const std::string install = "apt-get install bubblewrap";
  if (choice.has_error()) {
    finding.state = FindingState::problem;
    finding.text = choice.error().message;
    finding.fix = facts.wanted == config::Sandbox::landlock
                      ? "set execution.sandbox = \"auto\" in .konductor/config.toml"
                      : install;
  } else if (facts.wanted == config::Sandbox::automatic && !choice.value().is_confining()) {
    finding.state = FindingState::warning;
    finding.text = "attempts may read and write whatever you may: " + text;
    finding.fix = install;
  }
  return finding;
}

Finding judge_containment(const config::Config& config, const agent::CgroupOffer& offer) {
  const auto chosen = agent::choose_containment(config, offer, "doctor", false);
  Finding finding = ok("cgroup", std::string(config::to_string(config.execution.containment)), "");
  finding.text = offer.home.empty()
                     ? "none can be made, processes are followed one by one: " + offer.why_not
                     : "can be made in " + offer.home;
  if (!offer.controllers.empty()) finding.text += " (" + join(offer.controllers, ", ") + ")";
  if (chosen.has_error()) {
    finding.state = FindingState::problem;
    finding.text = chosen.error().message;
    finding.fix = "set execution.containment = \"auto\" in .konductor/config.toml";
  } else if (!chosen.value().missing.empty()) {
    finding.state = FindingState::warning;
    finding.text = "cannot be applied here: " + join(chosen.value().missing, ", ");
    finding.fix = "systemd-run --user --scope -p Delegate=yes konductor execute";
  }
  return finding;
}

Finding judge_overlay(bool is_wanted, const std::string& why_not) {
  const std::string name = is_wanted ? "wanted" : "not wanted";
  if (why_not.empty()) return ok("overlay", name, "work trees can be laid over one checkout");
  Finding finding = ok("overlay", name, "not possible here: " + why_not);
  if (is_wanted) {
    finding.state = FindingState::warning;
    finding.text += "; ordinary work trees are used";
    finding.fix = "set git.overlay = false in .konductor/config.toml";
  }
  return finding;
}

std::vector<Finding> judge_git(const platform::RepositoryFacts& facts, const std::string& version,
                               const config::Config& config) {
  std::vector<Finding> findings;
  const bool needs_program = config.git.sign || config.git.hooks == config::GitHooks::at_the_end;
  if (version.empty())
    findings.push_back({"git", "program",
                        needs_program ? FindingState::problem : FindingState::warning,
                        "there is no \"git\" in PATH", "apt-get install git"});
  else
    findings.push_back(ok("git", "program", "version " + version));
  if (!facts.is_there) {
    findings.push_back({"git", "repository", FindingState::warning,
                        "none: plans run one at a time, in place, and nothing can be undone",
                        "git init && git add -A && git commit -m start"});
    return findings;
  }
  Finding repository = ok("git", "repository", facts.top);
  if (!facts.unusable.empty()) {
    repository.state = FindingState::problem;
    repository.text = facts.unusable;
    const std::string git = "git -C " + (facts.top.empty() ? "." : facts.top);
    repository.fix =
        facts.is_unborn ? git + " add -A && " + git + " commit -m start" : git + " status";
  } else if (!facts.has_commit) {
    repository.text += ", without a commit yet";
  } else if (!facts.under_way.empty()) {
    repository.state = FindingState::warning;
    repository.text += ", in the middle of a " + facts.under_way;
    repository.fix = "git status";
  } else {
    repository.text += facts.branch.empty() ? ", at no branch" : ", at " + facts.branch;
  }
  findings.push_back(std::move(repository));
  if (facts.no_identity.empty())
    findings.push_back(ok("git", "identity", "git knows who commits"));
  else
    findings.push_back({"git", "identity", FindingState::problem, "git does not know who commits",
                        "git config --global user.name \"Your Name\" && "
                        "git config --global user.email you@example.com"});
  return findings;
}

Finding judge_disk(std::uint64_t free_bytes, const std::string& directory) {
  const std::uint64_t free = free_bytes / kMebibyte;
  Finding finding = ok("disk", "space", std::to_string(free) + " MiB free in " + directory);
  if (free < 64)
    finding.state = FindingState::problem;
  else if (free < 1024)
    finding.state = FindingState::warning;
  if (finding.state != FindingState::ok) finding.fix = "konductor clean --logs";
  return finding;
}

std::vector<Finding> judge_kernel(const KernelFacts& facts) {
  std::vector<Finding> findings = {ok("kernel", "version", "Linux " + facts.release)};
  if (!facts.has_pidfd) {
    findings.front().state = FindingState::problem;
    findings.front().text += " cannot watch a process by a descriptor (pidfd_open)";
    findings.front().fix = "use Linux 5.3 or later";
  }
  Finding watches =
      ok("kernel", "inotify",
         facts.watches_max == 0 ? "how many files may be watched cannot be told"
                                : std::to_string(facts.watches_max) + " files may be watched");
  if (facts.watches_max != 0 && facts.watches_max < kWatchesWanted) {
    watches.state = FindingState::warning;
    watches.text += "; large projects are read from disk again and again";
    watches.fix = "sysctl fs.inotify.max_user_watches=524288";
  }
  findings.push_back(std::move(watches));
  return findings;
}

int doctor_exit(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings)
    if (finding.state == FindingState::problem) return 6;
  return 0;
}

std::string doctor_text(const std::vector<Finding>& findings, const Paint& paint, bool is_quiet) {
  std::string text;
  for (const Finding& finding : findings) {
    if (is_quiet && finding.state == FindingState::ok) continue;
    text += painted(paint, finding.state) + finding.area + " " + one_line(finding.name) + ": " +
            one_line(finding.text) + "\n";
    const bool is_told = !finding.fix.empty() && finding.state != FindingState::ok;
    if (is_told) text += "           fix: " + one_line(finding.fix) + "\n";
  }
  if (!is_quiet) text += count_states(findings) + "\n";
  return text;
}

nlohmann::ordered_json doctor_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json json = {
      {"schema_version", 1}, {"command", "doctor"}, {"exit", doctor_exit(findings)}};
  json["findings"] = nlohmann::ordered_json::array();
  for (const Finding& finding : findings)
    json["findings"].push_back({{"area", finding.area},
                                {"name", finding.name},
                                {"state", state_name(finding.state)},
                                {"text", finding.text},
                                {"fix", finding.fix}});
  return json;
}

}  // namespace konductor::cli
