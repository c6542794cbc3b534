// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/summary.hpp"
#include "engine/event.hpp"

namespace konductor::agent {

struct TitledText {
  std::string title;  // "Plan 001, task 2".
  std::string text;
};

// Everything a prompt can be made of. What is empty is left out of it. Texts are UTF-8 (see
// to_valid_utf8); their size does not matter, as each part is bounded.
struct PromptInputs {
  // The stable parts, in their order.
  std::string instructions;     // From role_instructions.
  std::string project_context;  // project.md and the like.
  std::string plan_text;        // The whole plan file.
  std::string task_text;        // The task's section.
  // Of the plan's earlier tasks and of the plans it depends on; for the holistic review of all
  // tasks.
  std::vector<TitledText> summaries;

  // What is special to this attempt.
  std::string reason;                        // As KONDUCTOR_REASON.
  std::string previous_failure;              // Why the attempt before this one did not count.
  std::string missing_context;               // What the executor asked.
  std::vector<std::string> context_answers;  // What it was answered, oldest first.
  std::string blocker;
  std::vector<Concern> concerns;
  std::vector<engine::Finding> findings;     // To fix, or, for a second review, to look at again.
  std::string executor_summary;              // The report that is reviewed.
  std::vector<std::string> verify_commands;  // As the engine runs them.
  std::vector<std::string> leased_files;     // All that it may write in the workspace.
  std::vector<std::string> changed_files;
  std::vector<std::string> undeclared_files;  // Changed, but not declared.
  std::vector<std::string> untouched_files;   // Declared, but not changed.
  std::vector<std::string> conflicts;         // Paths that a merge could not bring together.
  std::vector<TitledText> conflict_sides;  // What each side changed there, by its marker's label.
  std::string kept_work;                   // Reference to what a failed attempt left, and
  std::string kept_patch;                  // that as a diff.
  std::vector<std::string> notes;          // What a person wants the attempt to know.
  std::string patch;                       // Unified diff.
  std::string output_path;
  bool is_leased = false;             // It may write `leased_files` only,
  bool is_lease_enforced = false;     // and the kernel refuses it anything else.
  bool is_test_first = false;         // The plan is of type "tdd", and the task owes a test.
  bool is_resumed = false;            // The agent has had the stable parts in this session,
  bool is_cut_off = false;            // in the middle of which its attempt was ended.
  bool is_last_message_read = false;  // The runtime takes the last message for a missing document.
  bool is_typed = false;              // The agent is asked for its document by a schema.
};

// One part of a prompt; the concatenation of all parts is the prompt.
struct PromptPart {
  // "instructions", "project", "plan", "task", "summaries", "attempt", "report" (what is reviewed),
  // "diff" or "output" (where to write).
  std::string name;
  std::string text;
};

// The parts that have something to say, in the order of PromptInputs. Only those from "attempt" on
// depend on the fields that are special to an attempt, so that attempts share all that goes before
// them. One that goes on in its session is given these alone.
std::vector<PromptPart> prompt_parts(const PromptInputs& inputs);

std::string prompt_text(const std::vector<PromptPart>& parts);
std::string build_prompt(const PromptInputs& inputs);

// The part of `text` that is at most `bytes_max` long, cut behind a whole line where there is one,
// with a note that says how much is left out and `where` the rest is. Shorter text is unchanged.
std::string bounded(std::string_view text, std::size_t bytes_max, std::string_view where);

// `text` in a code fence that nothing in it can close.
std::string fenced(std::string_view text, std::string_view language);

}  // namespace konductor::agent
