// SPDX-License-Identifier: MIT
#include "config/config_keys.hpp"

namespace konductor::config {
namespace {

constexpr Key<Config> kConfigKeys[] = {
    {"general", "default_runtime", [](Config& c) -> Slot { return &c.general.default_runtime; },
     "Runtime of every role that names none. \"auto\" is the first installed of claude, codex, "
     "opencode, gemini, qwen."},
    {"general", "default_model", [](Config& c) -> Slot { return &c.general.default_model; },
     "Model of every role that names none."},

    {"execution", "max_wave_parallelism",
     [](Config& c) -> Slot {
       return IntegerSlot{&c.execution.max_wave_parallelism, 1};
     },
     "How many plans run at once; 1 runs them one after another."},
    {"execution", "schedule",
     [](Config& c) -> Slot {
       return choice_slot(c.execution.schedule, {Schedule::waves, Schedule::dependencies});
     },
     "\"waves\" finishes a wave before the next one; \"dependencies\" starts a plan as soon as the "
     "plans it depends on are complete."},
    {"execution", "max_crash_retries",
     [](Config& c) -> Slot {
       return IntegerSlot{&c.execution.max_crash_retries, 0};
     },
     "How often a crashed, timed-out or silent attempt is dispatched again."},
    {"execution", "circuit_breaker",
     [](Config& c) -> Slot {
       return IntegerSlot{&c.execution.circuit_breaker, 1};
     },
     "Dispatch stops when this many tasks of a phase are blocked."},
    {"execution", "grace_period",
     [](Config& c) -> Slot { return DurationSlot{&c.execution.grace_period}; },
     "How long an agent has between SIGTERM and SIGKILL."},
    {"execution", "fix_attempts",
     [](Config& c) -> Slot {
       return choice_slot(c.execution.fix_attempts, {FixAttempts::fresh, FixAttempts::resume});
     },
     "\"fresh\" gives every fix and every answer to a new session; \"resume\" goes on in the "
     "executor's own, where its agent can (claude, codex, most of kind acp)."},
    {"execution", "sandbox",
     [](Config& c) -> Slot {
       return choice_slot(c.execution.sandbox,
                          {Sandbox::none, Sandbox::automatic, Sandbox::landlock, Sandbox::bwrap});
     },
     "\"landlock\" and \"bwrap\" (bubblewrap) have attempts write only where they work and not "
     "read what sandbox.deny_read names; \"auto\" takes the first of them that there is, \"none\" "
     "neither (docs/sandbox.md)."},
    {"execution", "lease",
     [](Config& c) -> Slot {
       return choice_slot(c.execution.lease, {Lease::workspace, Lease::declared});
     },
     "What a confined executor may write of its tree: \"workspace\" (all of it) or \"declared\": "
     "the "
     "`files` of its task, and what it is given when it asks for more (docs/sandbox.md)."},
    {"execution", "on_engine_death",
     [](Config& c) -> Slot {
       return choice_slot(c.execution.on_engine_death, {OnEngineDeath::go_on, OnEngineDeath::stop});
     },
     "What attempts do whose engine was killed: \"continue\" (up to their time limit; the next "
     "`konductor execute` takes them over) or \"stop\". With git.overlay they stop."},
    {"execution", "containment",
     [](Config& c) -> Slot {
       return choice_slot(c.execution.containment,
                          {Containment::automatic, Containment::cgroup, Containment::processes});
     },
     "What holds an attempt's processes together, so that none survives it: \"cgroup\" needs "
     "cgroup v2, \"processes\" finds them one by one, \"auto\" takes the first where it may be "
     "used (docs/containment.md)."},
    {"execution", "memory_per_attempt",
     [](Config& c) -> Slot {
       return SizeSlot{&c.execution.memory_per_attempt, true};
     },
     "Memory that is kept for each attempt: beside others, none starts where less is free. \"0\" "
     "does not look."},

    {"git", "auto_commit", [](Config& c) -> Slot { return &c.git.auto_commit; },
     "Commit the result on your branch. false leaves it in your working tree as changes; the work "
     "is committed on konductor's own branches all the same."},
    {"git", "sign", [](Config& c) -> Slot { return &c.git.sign; },
     "Sign what your branch gets, as `git commit -S` does: one merge commit in place of a "
     "fast-forward."},
    {"git", "hooks",
     [](Config& c) -> Slot {
       return choice_slot(c.git.hooks, {GitHooks::none, GitHooks::at_the_end});
     },
     "Whether your hooks run: \"none\", or \"final\" for the one merge commit that brings the "
     "result to your branch, within gates.verify_timeout."},
    {"git", "branching_strategy",
     [](Config& c) -> Slot {
       return choice_slot(
           c.git.branching_strategy,
           {BranchingStrategy::none, BranchingStrategy::feature, BranchingStrategy::plan});
     },
     "\"none\" brings the result to your branch, \"feature\" leaves it on the phase's branch, "
     "\"plan\" makes one branch a plan, based on the plans it depends on, and merges nothing."},
    {"git", "isolation",
     [](Config& c) -> Slot {
       return choice_slot(c.git.isolation,
                          {Isolation::automatic, Isolation::worktree, Isolation::none});
     },
     "\"worktree\" gives each plan a worktree, \"none\" works in place, \"auto\" takes worktrees "
     "inside a repository."},
    {"git", "worktree_dir", [](Config& c) -> Slot { return &c.git.worktree_dir; },
     "Where the worktrees stand: relative to the project, absolute, or below \"~\"; empty is "
     ".konductor/worktrees. Inside the repository it must be ignored."},
    {"git", "overlay", [](Config& c) -> Slot { return &c.git.overlay; },
     "Worktrees are overlays over one checkout: plans that begin at once need not each write all "
     "files. What that asks of the system, and what is different: docs/git.md."},

    {"features", "research", [](Config& c) -> Slot { return &c.features.research; },
     "Research before the design."},
    {"features", "plan_checker", [](Config& c) -> Slot { return &c.features.plan_checker; },
     "Have plans checked by an agent before they are executed."},
    {"features", "design_review", [](Config& c) -> Slot { return &c.features.design_review; },
     "Review the design before it is planned."},
    {"features", "code_review", [](Config& c) -> Slot { return &c.features.code_review; },
     "Review every task in two stages, and the phase as a whole."},
    {"features", "verifier", [](Config& c) -> Slot { return &c.features.verifier; },
     "Verify an executed phase against its goal."},

    {"gates", "changed", [](Config& c) -> Slot { return &c.gates.changed; },
     "A task that declares files must change something."},
    {"gates", "declared_files", [](Config& c) -> Slot { return &c.gates.declared_files; },
     "Every declared file must exist afterwards, or be listed as deleted."},
    {"gates", "verify", [](Config& c) -> Slot { return &c.gates.verify; },
     "The commands of a task's verify field must hold."},
    {"gates", "protected_files", [](Config& c) -> Slot { return &c.gates.protected_files; },
     "Nothing of .konductor/, of git's configuration, hooks or foreign refs may change."},
    {"gates", "tests", [](Config& c) -> Slot { return &c.gates.tests; },
     "No assertion, test or file of tests may go undeclared, and a task of a \"tdd\" plan needs a "
     "test."},
    {"gates", "secrets", [](Config& c) -> Slot { return &c.gates.secrets; },
     "No private key and no token of a well-known shape may be added."},
    {"gates", "baseline", [](Config& c) -> Slot { return &c.gates.baseline; },
     "A verify command that fails is tried on the commit the task began at too, and is not held "
     "against the task when it failed there already."},
    {"gates", "verify_timeout",
     [](Config& c) -> Slot { return DurationSlot{&c.gates.verify_timeout}; },
     "Wall time of one verify command; \"0s\" is no limit."},

    {"review", "different_model", [](Config& c) -> Slot { return &c.review.different_model; },
     "A task is reviewed by another model than the one that did it: a reviewer passes over those "
     "of "
     "its runtimes that are of the same kind and model."},
    {"review", "workspace",
     [](Config& c) -> Slot {
       return choice_slot(c.review.workspace, {ReviewWorkspace::automatic, ReviewWorkspace::copy,
                                               ReviewWorkspace::shared});
     },
     "Where reviewers work: in a \"copy\" of the plan's worktree, in which workspace.setup runs "
     "too, or \"shared\" with the executor; \"auto\" takes a copy where there is no "
     "workspace.setup. In place it is always shared."},

    {"limits", "document_max", [](Config& c) -> Slot { return SizeSlot{&c.limits.document_max}; },
     "Size of the document an agent hands in."},
    {"limits", "output_max", [](Config& c) -> Slot { return SizeSlot{&c.limits.output_max}; },
     "Size of what an agent prints; past it the attempt ends."},
    {"limits", "timeout", [](Config& c) -> Slot { return DurationSlot{&c.limits.timeout}; },
     "Wall time of one attempt; \"0s\" is no limit."},
    {"limits", "silence", [](Config& c) -> Slot { return DurationSlot{&c.limits.silence}; },
     "How long an agent may print nothing; \"0s\" is 20 minutes for agents whose stream is read, "
     "no "
     "limit "
     "for others."},
    {"limits", "steps",
     [](Config& c) -> Slot {
       return IntegerSlot{&c.limits.steps, 0};
     },
     "Tool calls of one attempt, where the agent tells them; past it the attempt ends. 0 is no "
     "limit."},
    {"limits", "repeats",
     [](Config& c) -> Slot {
       return IntegerSlot{&c.limits.repeats, 0};
     },
     "How often an agent may make the same tool call in a row; then the attempt ends. 0 is no "
     "limit."},
    {"limits", "memory",
     [](Config& c) -> Slot {
       return SizeSlot{&c.limits.memory, true};
     },
     "Memory of one attempt with all that it starts, where its cgroup can hold it to that "
     "(docs/containment.md); \"0\" is no limit."},
    {"limits", "processes",
     [](Config& c) -> Slot {
       return IntegerSlot{&c.limits.processes, 0};
     },
     "Processes and threads of one attempt at a time (docs/containment.md); 0 is no limit."},
    {"limits", "cpus", [](Config& c) -> Slot { return AmountSlot{&c.limits.cpus}; },
     "Processors whose time one attempt may use, such as 1.5, where its cgroup can hold it to that "
     "(docs/containment.md); 0 is no limit."},
    {"limits", "max_wait", [](Config& c) -> Slot { return DurationSlot{&c.limits.max_wait}; },
     "How long a run waits for a provider's limit before it ends with exit code 7; \"0s\" is as "
     "long "
     "as it takes. --max-wait sets it for one run."},

    {"budget", "attempt_tokens",
     [](Config& c) -> Slot {
       return IntegerSlot{&c.budget.attempt_tokens, 0};
     },
     "Tokens that one attempt may use; so many are kept for it; 0 is no limit."},
    {"budget", "attempt_usd", [](Config& c) -> Slot { return AmountSlot{&c.budget.attempt_usd}; },
     "US dollars that one attempt may use; so much is kept for it; 0 is no limit."},
    {"budget", "task_tokens",
     [](Config& c) -> Slot {
       return IntegerSlot{&c.budget.task_tokens, 0};
     },
     "Tokens for a task in one run; 0 is no limit."},
    {"budget", "task_usd", [](Config& c) -> Slot { return AmountSlot{&c.budget.task_usd}; },
     "US dollars for a task in one run; 0 is no limit."},
    {"budget", "task_time", [](Config& c) -> Slot { return DurationSlot{&c.budget.task_time}; },
     "Time that attempts of a task run, added up; 0s is no limit."},
    {"budget", "plan_tokens",
     [](Config& c) -> Slot {
       return IntegerSlot{&c.budget.plan_tokens, 0};
     },
     "Tokens for a plan in one run; 0 is no limit."},
    {"budget", "plan_usd", [](Config& c) -> Slot { return AmountSlot{&c.budget.plan_usd}; },
     "US dollars for a plan in one run; 0 is no limit."},
    {"budget", "plan_time", [](Config& c) -> Slot { return DurationSlot{&c.budget.plan_time}; },
     "Time that attempts of a plan run, added up; 0s is no limit."},
    {"budget", "phase_tokens",
     [](Config& c) -> Slot {
       return IntegerSlot{&c.budget.phase_tokens, 0};
     },
     "Tokens for the phase in one run; at a limit no attempt starts and the run ends with exit "
     "code 7; 0 is no limit."},
    {"budget", "phase_usd", [](Config& c) -> Slot { return AmountSlot{&c.budget.phase_usd}; },
     "US dollars for the phase in one run; 0 is no limit."},
    {"budget", "phase_time", [](Config& c) -> Slot { return DurationSlot{&c.budget.phase_time}; },
     "Time that attempts of the phase run, added up; 0s is no limit."},

    {"workspace", "setup", [](Config& c) -> Slot { return ListSlot{&c.workspace.setup}; },
     "Shell commands that prepare a fresh worktree, such as \"npm ci\"."},
    {"workspace", "copy", [](Config& c) -> Slot { return ListSlot{&c.workspace.copy}; },
     "Files copied from the project into a fresh worktree, such as \".env\"."},

    {"sandbox", "write", [](Config& c) -> Slot { return ListSlot{&c.sandbox.write}; },
     "What confined attempts may write besides their own, such as caches: \"~/.cargo/registry/\". "
     "With a \"/\" at its end it is made when it is missing (docs/sandbox.md)."},

    {"sandbox", "deny_read", [](Config& c) -> Slot { return ListSlot{&c.sandbox.deny_read}; },
     "What confined attempts may not read, besides the journal and other workspaces; a list "
     "replaces all of these. A role's file can say it for the role (permissions.deny_read)."},

    {"notify", "command",
     [](Config& c) -> Slot {
       return ListSlot{&c.notify.command, true};
     },
     "Program and arguments that are started when a run needs a person, a task is blocked, a "
     "breaker trips, and at its end: a JSON document on stdin, KONDUCTOR_* in its environment "
     "(docs/acting.md)."},
    {"notify", "webhook", [](Config& c) -> Slot { return &c.notify.webhook; },
     "Address that gets the same document by HTTP POST; https:// takes the program curl."},
    {"notify", "timeout", [](Config& c) -> Slot { return DurationSlot{&c.notify.timeout}; },
     "Time that one notification may take; then it is given up."},

    {"runs", "keep", [](Config& c) -> Slot { return DurationSlot{&c.runs.keep}; },
     "Age at which a run's folder in .konductor/runs is removed by the next run, when nothing "
     "needs it any more; \"0s\" keeps all of them (`konductor clean --older-than` removes "
     "them)."},

    {"hooks", "test_patterns", [](Config& c) -> Slot { return ListSlot{&c.hooks.test_patterns}; },
     "What makes a shell command count as a test run; a list replaces all of these."},
};

constexpr Key<RoleSettings> kRoleKeys[] = {
    {"", "runtime", [](RoleSettings& r) -> Slot { return ListSlot{&r.runtime}; },
     "A runtime's name, or a list of names that are tried in turn."},
    {"", "model", [](RoleSettings& r) -> Slot { return &r.model; },
     "Model; empty is general.default_model."},
    {"", "timeout", [](RoleSettings& r) -> Slot { return &r.timeout; },
     "Wall time of one attempt; left out it is limits.timeout."},
    {"", "enabled", [](RoleSettings& r) -> Slot { return &r.enabled; },
     "false turns the role off, where the work can go on without it."},
    {"", "deny_read", [](RoleSettings& r) -> Slot { return &r.deny_read; },
     "What it may not read when it is confined; left out it is what its file says, or "
     "sandbox.deny_read."},
};

constexpr Key<RuntimeSettings> kRuntimeKeys[] = {
    {"", "kind",
     [](RuntimeSettings& r) -> Slot {
       return choice_slot(r.kind, {RuntimeKind::command, RuntimeKind::replay, RuntimeKind::acp,
                                   RuntimeKind::claude, RuntimeKind::codex});
     },
     "How the engine speaks with it. \"command\": prompt on stdin, document to $KONDUCTOR_OUTPUT; "
     "\"claude\" and \"codex\": docs/agents.md."},
    {"", "command",
     [](RuntimeSettings& r) -> Slot {
       return ListSlot{&r.command, true};
     },
     "Program and arguments, never through a shell; {role}, {model}, {workspace}, {prompt_file} "
     "and "
     "{output_file} are filled in."},
    {"", "args",
     [](RuntimeSettings& r) -> Slot {
       return ListSlot{&r.args, true};
     },
     "More arguments, behind those of the command."},
    {"", "env", [](RuntimeSettings& r) -> Slot { return TableSlot{&r.env}; },
     "Variables for its environment."},
    {"", "pass_env", [](RuntimeSettings& r) -> Slot { return ListSlot{&r.pass_env}; },
     "Names of variables that it gets from the engine's environment."},
    {"", "write", [](RuntimeSettings& r) -> Slot { return ListSlot{&r.write}; },
     "Paths it may write besides the workspace."},
    {"", "state_dirs", [](RuntimeSettings& r) -> Slot { return ListSlot{&r.state_dirs}; },
     "Where the agent keeps its own state, which it may write when it is confined; empty is what "
     "is "
     "known of its kind (docs/sandbox.md)."},
    {"", "model", [](RuntimeSettings& r) -> Slot { return &r.model; },
     "Its model for roles that name none, and where it steps in for another runtime."},
    {"", "price_input", [](RuntimeSettings& r) -> Slot { return AmountSlot{&r.price_input}; },
     "US dollars for a million tokens read, where it tells no cost."},
    {"", "price_output", [](RuntimeSettings& r) -> Slot { return AmountSlot{&r.price_output}; },
     "The same for tokens written."},
    {"", "price_cache_read",
     [](RuntimeSettings& r) -> Slot { return AmountSlot{&r.price_cache_read}; },
     "The same for tokens read from the provider's cache."},
    {"", "dialect", [](RuntimeSettings& r) -> Slot { return &r.dialect; },
     "For kind \"command\": whose output it prints, which says how it ended: \"claude\", "
     "\"codex\", "
     "\"opencode\", \"gemini\", \"qwen\" or \"pi\" (docs/agents.md); \"text\" or empty: nobody's."},
    {"", "cassette", [](RuntimeSettings& r) -> Slot { return &r.cassette; },
     "For kind \"replay\": the directory of the recorded run."},
    {"", "structured_output",
     [](RuntimeSettings& r) -> Slot {
       return choice_slot(r.structured_output,
                          {StructuredOutput::automatic, StructuredOutput::never});
     },
     "\"auto\" asks kinds \"claude\" and \"codex\" for summaries and reviews by a JSON schema, "
     "\"never\" for Markdown like all others."},
};

}  // namespace

std::span<const Key<Config>> config_keys() {
  return kConfigKeys;
}

std::span<const Key<RoleSettings>> role_keys() {
  return kRoleKeys;
}

std::span<const Key<RuntimeSettings>> runtime_keys() {
  return kRuntimeKeys;
}

Schema make_schema(Config& config) {
  Schema schema;
  add_keys(schema, kConfigKeys, "", config);
  for (const RoleName role : kAllRoles)
    add_keys(schema, kRoleKeys, "roles." + std::string(to_string(role)), config.role(role));
  for (auto& [name, runtime] : config.runtimes)
    add_keys(schema, kRuntimeKeys, "runtimes." + name, runtime);
  return schema;
}

}  // namespace konductor::config
