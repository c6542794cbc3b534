// SPDX-License-Identifier: MIT
#include "e2e/agent/executor.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace fake {

namespace fs = std::filesystem;

namespace {

int report_blocked(Agent& agent) {
  hand_in(agent, summary(agent, "BLOCKED",
                         "## Blocker\n\nblocker-of-" + std::to_string(agent.plan) + "-" +
                             std::to_string(agent.task) + ": the key is missing\n"));
  return 0;
}

int block_until_context(Agent& agent) {
  return agent.reason == "context" ? do_honest_work(agent) : report_blocked(agent);
}

// Freed by a person who says in so many words what was missing.
int block_until_told(Agent& agent) {
  return agent.prompt.find("the key is 42") == std::string::npos ? report_blocked(agent)
                                                                 : do_honest_work(agent);
}

int need_context(Agent& agent) {
  hand_in(agent, summary(agent, "NEEDS_CONTEXT",
                         "## Missing Context\n\nquestion-of-" + std::to_string(agent.plan) + "-" +
                             std::to_string(agent.task) + ": which port?\n"));
  return 0;
}

int report_concerns(Agent& agent, const std::string& concerns) {
  write_declared_files(agent);
  hand_in(agent, summary(agent, "DONE_WITH_CONCERNS", concerns));
  return 0;
}

// One actionable concern; the fix attempt is content with itself.
int report_actionable(Agent& agent) {
  if (agent.reason == "concerns") return do_honest_work(agent);
  return report_concerns(agent,
                         "## Concerns\n\n- [informational] the naming is odd\n"
                         "- [actionable] concern-to-fix: the limit is not checked\n");
}

int report_actionable_always(Agent& agent) {
  return report_concerns(agent, "## Concerns\n\n- [actionable] concern-to-fix: never enough\n");
}

int report_informational(Agent& agent) {
  return report_concerns(agent, "## Concerns\n\n- [informational] the naming is odd\n");
}

int report_unmarked(Agent& agent) {
  if (agent.reason == "concerns") return do_honest_work(agent);
  return report_concerns(agent, "## Concerns\n\n- concern-to-judge: is this fast enough?\n");
}

int report_concerns_without_section(Agent& agent) {
  return report_concerns(agent, "");
}

// Broken until the test opens the door, however often it is tried and whatever was forgotten.
int crash_before_door(Agent& agent) {
  return fs::exists(agent.directory / "door") ? do_honest_work(agent) : crash(agent);
}

// What it writes tells of the workspace it found, not of its number: a draft where there is
// nothing, "fixed" below what is there. Interrupted attempts leave no trace in it.
int write_draft_or_fix(Agent& agent) {
  for (const std::string& file : agent.files)
    write_text(file, fs::exists(file) ? read_text(file) + "fixed\n" : "draft\n");
  hand_in(agent, "# Summary\n\n## Status: DONE\n");
  return 0;
}

int write_and_crash(Agent& agent) {
  write_text("half.txt", "half\n");
  return crash(agent);
}

int write_and_block(Agent& agent) {
  write_text("half.txt", "half\n");
  return report_blocked(agent);
}

// A line of its own in a file that many change; the others are far away.
int edit_own_line(Agent& agent) {
  const std::string text = read_text("shared.txt");
  const std::string line = "line " + std::to_string(agent.plan * 10 - 5) + "\n";
  const auto at = text.find(line);
  if (at == std::string::npos) return 9;
  const std::string own = "by plan " + std::to_string(agent.plan) + "\n";
  write_text("shared.txt", text.substr(0, at) + own + text.substr(at + line.size()));
  write_text(agent.files.back(), own);
  if (has(agent, "commits itself")) {
    git({"add", "shared.txt", agent.files.back()});
    git({"commit", "-q", "-m", "feat: the agent's own commit"});
  }
  hand_in(agent, summary(agent, "DONE"));
  return 0;
}

// Adds its line to a list that others sign too: the same list comes of it in whatever order, and
// whether or not a conflict was in between.
int sign_list(Agent& agent) {
  const std::string own = "by plan " + std::to_string(agent.plan);
  for (const std::string& file : agent.files) {
    std::set<std::string> names = {own};
    std::istringstream lines(fs::exists(file) ? read_text(file) : std::string());
    for (std::string line; std::getline(lines, line);)
      names.insert(line);
    std::string text;
    for (const std::string& name : names)
      text += name + "\n";
    write_text(file, text);
  }
  hand_in(agent, "# Summary\n\n## Status: DONE\n");
  return 0;
}

void speak_if_told(const Agent& agent) {
  const auto words = argument(agent, "says");
  if (!words) return;
  std::printf("%s\n", words->c_str());
  std::fflush(stdout);
}

// Waits for the test to say go on.
void wait_if_told(const Agent& agent) {
  auto door = argument(agent, "waits");
  if (const auto half = argument(agent, "writes and waits"); half && agent.attempt == 1) {
    write_text("half.txt", "half\n");
    door = half;
  }
  if (!door) return;
  log_line(agent, "waiting");
  await_file(agent.directory / *door);
}

// Goes on when that many agents are here at once, which only a parallel engine brings about.
void meet_others(const Agent& agent) {
  const auto count = argument(agent, "meets");
  if (!count) return;
  const fs::path place = agent.directory / "meeting";
  write_text(place / agent.name(), "");
  const auto wanted = static_cast<std::ptrdiff_t>(std::stoul(*count));
  for (int round = 0; round < 6000; ++round) {
    if (std::distance(fs::directory_iterator(place), fs::directory_iterator()) >= wanted) return;
    linger(10);
  }
  std::_Exit(9);
}

const Behaviours& behaviours() {
  static const Behaviours table = {
      {"crash", crash},
      {"crashes before door", crash_before_door},
      {"writes and crashes", write_and_crash},
      {"edits its line", edit_own_line},
      {"writes and is blocked", write_and_block},
      {"signs", sign_list},
      {"dies by signal", die_by_signal},
      {"hang", hang_quietly},
      {"stall", stall},
      {"talks", talk},
      {"ignores sigterm", ignore_signals},
      {"ends on signal", end_on_signal},
      {"floods stdout", flood_stdout},
      {"floods stderr", flood_stderr},
      {"prints much", print_much},
      {"grandchild holds stdout", leave_child_with_stdout},
      {"grandchild leaves session", leave_child_in_own_session},
      {"grandchild forgets its origin", leave_child_without_environment},
      {"no summary", hand_in_nothing},
      {"unknown status", hand_in_unknown_status},
      {"lowercase status", hand_in_lowercase_status},
      {"two statuses", hand_in_two_statuses},
      {"status in fence", hand_in_status_in_fence},
      {"odd headings", hand_in_odd_headings},
      {"forges review status", hand_in_forged_review_status},
      {"huge summary", hand_in_huge_summary},
      {"invalid utf8 summary", hand_in_invalid_utf8},
      {"long summary", hand_in_long_summary},
      {"output is a link", hand_in_link},
      {"output is a fifo", hand_in_fifo},
      {"output is a directory", hand_in_directory},
      {"claims done", claim_done},
      {"writes wrong file", write_wrong_file},
      {"writes extra file", write_extra_file},
      {"writes ignored file", write_ignored_file},
      {"deletes file", delete_file},
      {"rearranges", rearrange},
      {"deletes file silently", delete_file_silently},
      {"links out", link_out},
      {"links folder out", link_folder_out},
      {"links inside", link_inside},
      {"links out dangling", link_out_dangling},
      {"commits itself", commit_itself},
      {"tries outside", try_outside},
      {"tries undeclared", try_undeclared},
      {"asks for files", ask_for_files},
      {"reads outside", read_outside},
      {"edits verify script", edit_verify_script},
      {"edits plan", edit_plan},
      {"edits state", edit_state},
      {"edits config", edit_config},
      {"edits workspace konductor", edit_workspace_konductor},
      {"writes next summary", write_next_summary},
      {"edits git config", edit_git_config},
      {"adds hook", add_hook},
      {"moves foreign ref", move_foreign_ref},
      {"weakens tests", weaken_tests},
      {"weakens tests for ever", weaken_tests_always},
      {"mutes tests", mute_tests},
      {"changes expectation", change_expectation},
      {"deletes tests", delete_tests},
      {"moves tests", move_tests},
      {"adds test", add_test},
      {"adds test in fix", add_test_in_fix},
      {"adds secret", add_secret},
      {"drafts", write_draft_or_fix},
      {"needs context", need_context},
      {"blocked", report_blocked},
      {"blocked escalate", report_blocked},
      {"blocked again", report_blocked},
      {"blocked split", report_blocked},
      {"blocked nested split", report_blocked},
      {"blocked context", block_until_context},
      {"blocked until told", block_until_told},
      {"blocked assessor crash", report_blocked},
      {"blocked assessor silent", report_blocked},
      {"concerns actionable", report_actionable},
      {"concerns actionable for ever", report_actionable_always},
      {"concerns informational", report_informational},
      {"concerns unmarked actionable", report_unmarked},
      {"concerns unmarked informational", report_unmarked},
      {"concerns without section", report_concerns_without_section},
  };
  return table;
}

// What a fix attempt does, whatever the first attempt did: "fix crash".
const Behaviours& fix_behaviours() {
  static const Behaviours table = {
      {"fix crash", crash},
      {"fix silent", hand_in_nothing},
      {"fix needs context", need_context},
      {"fix blocked", report_blocked},
      {"fix concerns", report_actionable_always},
  };
  return table;
}

// Both sides of what conflicts, whichever of them came first.
std::string without_markers(const std::string& text) {
  std::vector<std::string> kept;
  bool is_base = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::string mark = line.substr(0, 7);
    if (mark == "|||||||") is_base = true;
    const bool is_mark =
        mark == "<<<<<<<" || mark == "|||||||" || mark == "=======" || mark == ">>>>>>>";
    if (!is_mark && !is_base) kept.push_back(line + "\n");
    if (mark == "=======") is_base = false;
  }
  std::sort(kept.begin(), kept.end());
  return std::accumulate(kept.begin(), kept.end(), std::string());
}

int resolve_conflicts(Agent& agent) {
  for (const auto& entry : fs::directory_iterator(".")) {
    if (!entry.is_regular_file() || entry.path().filename() == ".git") continue;
    const std::string text = read_text(entry.path());
    if (text.find("<<<<<<< ") == std::string::npos) continue;
    write_text(entry.path(), without_markers(text));
  }
  hand_in(agent, summary(agent, "DONE"));
  return 0;
}

int resolve_and_commit(Agent& agent) {
  resolve_conflicts(agent);
  git({"commit", "-q", "-a", "-m", "resolved by the agent"});
  return 0;
}

const Behaviours& merge_behaviours() {
  static const Behaviours table = {
      {"merge crash", crash},
      {"merge leaves markers", claim_done},
      {"merge blocked", report_blocked},
      {"merge commits", resolve_and_commit},
  };
  return table;
}

}  // namespace

int do_honest_work(Agent& agent) {
  write_declared_files(agent);
  hand_in(agent, summary(agent, "DONE"));
  return 0;
}

int execute(Agent& agent) {
  // Also when the fix before it crashed: the reason is "retry" then.
  if (agent.plan == 0) {
    if (has(agent, "drafts")) {
      agent.files = {"holistic-fix.txt"};
      return write_draft_or_fix(agent);
    }
    write_text("holistic-fix.txt", "fix " + std::to_string(agent.attempt) + "\n");
    const Behaviour chosen = choose(
        agent, Behaviours{{"holistic fix crash", crash}, {"holistic fix silent", hand_in_nothing}});
    return chosen != nullptr ? chosen(agent) : do_honest_work(agent);
  }
  if (agent.task == 0) {
    if (const auto door = argument(agent, "merge waits"); door && agent.attempt == 1) {
      log_line(agent, "merging");
      await_file(agent.directory / *door);
    }
    const Behaviour chosen = choose(agent, merge_behaviours());
    return chosen != nullptr ? chosen(agent) : resolve_conflicts(agent);
  }
  speak_if_told(agent);
  wait_if_told(agent);
  meet_others(agent);
  const bool is_fix = agent.reason.find("_fix") != std::string::npos || agent.reason == "concerns";
  if (is_fix)
    if (const Behaviour chosen = choose(agent, fix_behaviours())) return chosen(agent);
  const Behaviour chosen = choose(agent, behaviours());
  return chosen != nullptr ? chosen(agent) : do_honest_work(agent);
}

}  // namespace fake
