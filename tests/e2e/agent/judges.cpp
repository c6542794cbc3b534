// SPDX-License-Identifier: MIT
// The roles that read and judge: reviewers, researcher, assessor.
#include <filesystem>
#include <fstream>
#include <string>

#include "e2e/agent/agent.hpp"

namespace fake {

namespace {

std::string review(std::string_view verdict, const std::string& findings) {
  return "# Review\n\n## Verdict: " + std::string(verdict) + "\n\n## Findings\n\n" + findings;
}

int pass(Agent& agent) {
  hand_in(agent, review("pass", ""));
  return 0;
}

std::string finding_name(const Agent& agent) {
  return "finding-of-" + agent.name();
}

int reject(Agent& agent) {
  const std::string file = agent.files.empty() ? "README.md" : agent.files.front();
  hand_in(agent, review("fail", "- [significant] " + file + ":1 — " + finding_name(agent) + "\n"));
  return 0;
}

int pass_with_minor_finding(Agent& agent) {
  hand_in(agent, review("pass", "- [minor] README.md:1 — " + finding_name(agent) + "\n"));
  return 0;
}

// Passes what was fixed once.
int reject_draft(Agent& agent) {
  const std::string file = agent.files.empty() ? "holistic-fix.txt" : agent.files.front();
  const std::string text = read_text(file);
  const bool is_good = agent.files.empty() ? text == "draft\n" : text == "draft\nfixed\n";
  const std::string finding = "- [significant] " + file + ":1 — only a draft\n";
  hand_in(agent, is_good ? review("pass", "") : review("fail", finding));
  return 0;
}

int say_nothing(Agent&) {
  return 0;
}

int crash_after_passing(Agent& agent) {
  pass(agent);
  return 7;
}

int write_no_verdict(Agent& agent) {
  hand_in(agent, "# Review\n\nLooks good to me.\n\n## Findings\n");
  return 0;
}

int write_two_verdicts(Agent& agent) {
  hand_in(agent, review("pass", "") + "\n## Verdict: fail\n");
  return 0;
}

int edit_workspace(Agent& agent) {
  for (const std::string& file : agent.files)
    write_text(file, "improved by the reviewer\n");
  return pass(agent);
}

int leave_new_file(Agent& agent) {
  write_text("left-by-reviewer.txt", "scratch\n");
  return pass(agent);
}

int move_head(Agent& agent) {
  git({"commit", "-q", "--allow-empty", "-m", "the reviewer's commit"});
  return pass(agent);
}

int build(Agent& agent) {
  write_text("build/out.o", "by the reviewer\n");
  return pass(agent);
}

// Nothing in its tree is as it was.
int wreck_workspace(Agent& agent) {
  for (const std::string& file : agent.files)
    std::filesystem::remove(file);
  write_text("README.md", "wrecked\n");
  write_text(".gitignore", "");
  write_text("build/out.o", "by the reviewer\n");
  log_line(agent, "wrecked");
  await_file(agent.directory / "door");
  return pass(agent);
}

int linger(Agent& agent) {
  log_line(agent, "lingering");
  await_file(agent.directory / "door");
  return pass(agent);
}

// Writes where the executor works.
int reach_over(Agent& agent) {
  std::ofstream file(agent.project / ".konductor/worktrees/01-plan-001/README.md", std::ios::app);
  file << "by the reviewer\n";
  file.close();
  log_line(agent, file ? "let through" : "refused");
  return build(agent);
}

int judge(Agent& agent, const Behaviours& table) {
  const Behaviour chosen = choose(agent, table);
  return chosen != nullptr ? chosen(agent) : pass(agent);
}

// Every behaviour of a reviewer under the name by which titles call that reviewer.
Behaviours reviewer_table(const std::string& rejects, const std::string& reviewer) {
  return {
      {rejects, reject},
      {rejects + " drafts", reject_draft},
      {reviewer + " minor finding", pass_with_minor_finding},
      {reviewer + " silent", say_nothing},
      {reviewer + " crash", crash_after_passing},
      {reviewer + " no verdict", write_no_verdict},
      {reviewer + " two verdicts", write_two_verdicts},
      {reviewer + " edits workspace", edit_workspace},
      {reviewer + " leaves file", leave_new_file},
      {reviewer + " moves head", move_head},
      {reviewer + " builds", build},
      {reviewer + " wrecks", wreck_workspace},
      {reviewer + " lingers", linger},
      {reviewer + " reaches over", reach_over},
  };
}

int answer(Agent& agent) {
  hand_in(agent, "# Research\n\n## Context\n\nanswer-for-" + std::to_string(agent.plan) + "-" +
                     std::to_string(agent.task) + ": port 4711\n");
  return 0;
}

int crash_after_answering(Agent& agent) {
  answer(agent);
  return 7;
}

int decide_context(Agent& agent) {
  hand_in(agent, "# Assessment\n\n## Decision: context\n\n## Context\n\nassessor-says-" +
                     std::to_string(agent.plan) + "-" + std::to_string(agent.task) +
                     ": look under the mat\n");
  return 0;
}

std::string sub_task(const Agent& agent, int number, const std::string& title) {
  const std::string file = "part" + std::to_string(number) + "-of-p" + std::to_string(agent.plan) +
                           "t" + std::to_string(agent.task) + ".txt";
  return "### Task " + std::to_string(number) + ": " + title + "\n\n- **files:** `" + file +
         "`\n- **action:** Write the file.\n- **verify:** `test -s " + file +
         "` passes\n- **done:** The file is there.\n\n";
}

int decide_split(Agent& agent) {
  hand_in(agent, "# Assessment\n\n## Decision: split\n\n## Tasks\n\n" + sub_task(agent, 1, "ok") +
                     sub_task(agent, 2, "ok"));
  return 0;
}

int decide_nested_split(Agent& agent) {
  hand_in(agent, "# Assessment\n\n## Decision: split\n\n## Tasks\n\n" + sub_task(agent, 1, "ok") +
                     sub_task(agent, 2, "blocked split"));
  return 0;
}

int decide_escalate(Agent& agent) {
  hand_in(agent, "# Assessment\n\n## Decision: escalate\n\nA person has to do this.\n");
  return 0;
}

int mark_actionable(Agent& agent) {
  hand_in(agent, "## Concerns\n\n- [actionable] concern-to-judge: is this fast enough?\n");
  return 0;
}

int mark_informational(Agent& agent) {
  hand_in(agent, "## Concerns\n\n- [informational] concern-to-judge: is this fast enough?\n");
  return 0;
}

int crash_after_escalating(Agent& agent) {
  decide_escalate(agent);
  return 7;
}

}  // namespace

int review_spec(Agent& agent) {
  return judge(agent, reviewer_table("spec rejects", "reviewer"));
}

int review_code(Agent& agent) {
  return judge(agent, reviewer_table("quality rejects", "quality reviewer"));
}

int review_phase(Agent& agent) {
  return judge(agent, reviewer_table("holistic rejects", "holistic reviewer"));
}

int research(Agent& agent) {
  const Behaviour chosen = choose(agent, Behaviours{{"researcher crash", crash_after_answering},
                                                    {"researcher silent", say_nothing}});
  return chosen != nullptr ? chosen(agent) : answer(agent);
}

int assess(Agent& agent) {
  if (has(agent, "concerns unmarked actionable")) return mark_actionable(agent);
  if (has(agent, "concerns unmarked informational")) return mark_informational(agent);
  if (has(agent, "blocked context") || has(agent, "blocked again")) return decide_context(agent);
  if (has(agent, "blocked split")) return decide_split(agent);
  if (has(agent, "blocked nested split")) return decide_nested_split(agent);
  if (has(agent, "blocked assessor crash")) return crash_after_escalating(agent);
  if (has(agent, "blocked assessor silent")) return say_nothing(agent);
  return decide_escalate(agent);
}

}  // namespace fake
