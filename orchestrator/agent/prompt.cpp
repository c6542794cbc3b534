// SPDX-License-Identifier: MIT
#include "agent/prompt.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace konductor::agent {
namespace {

constexpr std::size_t kKibibyte = 1024;
// Bounds of single parts. All together stay below the context of any model that can do the work.
constexpr std::size_t kInstructionsMax = 128 * kKibibyte;
constexpr std::size_t kProjectMax = 64 * kKibibyte;
constexpr std::size_t kPlanMax = 1024 * kKibibyte;
constexpr std::size_t kTaskMax = 64 * kKibibyte;
constexpr std::size_t kSummaryMax = 16 * kKibibyte;
constexpr std::size_t kSummariesMax = 128 * kKibibyte;
constexpr std::size_t kTextMax = 32 * kKibibyte;
constexpr std::size_t kEntryMax = 4 * kKibibyte;
constexpr std::size_t kPatchMax = 192 * kKibibyte;
constexpr std::size_t kKeptPatchMax = 24 * kKibibyte;
constexpr std::size_t kEntriesMax = 200;

struct ReasonText {
  std::string_view reason;
  std::string_view text;
};

constexpr std::array<ReasonText, 12> kReasons = {{
    {"execute", "Carry out the task."},
    {"context",
     "Carry out the task. An earlier attempt could not go on without the information that stands "
     "below now. Its changes may still be in the workspace: look before you start."},
    {"concerns",
     "An earlier attempt reported the task as done, with concerns. Its work is in the workspace. "
     "Settle the actionable concerns below; leave the informational ones. The verify commands must "
     "hold afterwards. Report on the whole task."},
    {"spec_fix",
     "An earlier attempt reported the task as done. Its work is in the workspace, but it is not "
     "yet "
     "what the task asks for. Settle every significant finding below, by its cause and not by its "
     "symptom; settle minor ones where that is simple. A finding that is wrong you answer with "
     "evidence in your document. Report on the whole task."},
    {"quality_fix",
     "The task's work is in the workspace and does what was asked, but its code cannot be kept as "
     "it is. Settle every significant finding below without changing what the code does otherwise; "
     "settle minor ones where that is simple. A finding that is wrong you answer with evidence in "
     "your document. Report on the whole task."},
    {"merge_fix",
     "The plan's work and that of other plans changed the same places. Bring both together in the "
     "workspace: keep the purpose of either side, resolve every conflict marker, and make the "
     "verify commands hold."},
    {"retry",
     "The attempt before this one ended without a result and does not count; the workspace is as "
     "it "
     "was before it. Start afresh, and avoid what ended it."},
    {"review", "Review the task's change."},
    {"assess", "Assess what the executor reported."},
    {"research", "Answer the executor's questions."},
    {"holistic", "Review the phase as a whole."},
    {"holistic_fix",
     "All plans of the phase are executed and in the workspace, but the review of the whole phase "
     "found what single tasks could not see. Settle every significant finding below. All verify "
     "commands of the phase must hold afterwards."},
}};

std::string_view reason_text(std::string_view reason) {
  for (const ReasonText& one : kReasons)
    if (one.reason == reason) return one.text;
  return {};
}

constexpr std::string_view kTestsFirst =
    "The plan is of type \"tdd\": hand in the test and the code as two things, one after the "
    "other.\n\n"
    "1. Write the test alone, run it, and see it fail for the expected reason. In a git "
    "repository, "
    "commit it by itself (`test: …`).\n"
    "2. Then write the code that makes it pass, and run everything again. Commit the code apart "
    "from the test (`feat: …`).\n\n"
    "Quote both runs under `### Test Results`. The engine checks that a file of tests is part of "
    "your change, and that no test was weakened or skipped.\n";

constexpr std::string_view kTyped =
    "You are asked for your document as an object with named fields. Answer with it at the very "
    "end: a field holds what the format above puts below the heading of that name, and is empty "
    "where nothing does. The engine writes the document from it, so write none yourself.\n\n"
    "Only when nothing asks you for an object: ";

// One line, whatever is in it: a name with a line break must not become text of ours.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kEntryMax))
    line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return to_valid_utf8(line);
}

// In as many backticks as it takes.
std::string code_span(std::string_view text) {
  const std::string line = one_line(text);
  if (line.find('`') == std::string::npos) return "`" + line + "`";
  std::string ticks = "``";
  while (line.find(ticks) != std::string::npos)
    ticks += '`';
  return ticks + " " + line + " " + ticks;
}

std::string indented_entry(std::string_view text) {
  const std::string whole = bounded(trim(text), kEntryMax, "");
  std::string entry;
  for (const std::string_view line : split_lines(whole)) {
    if (!entry.empty()) entry += "\n  ";
    entry += line;
  }
  return entry;
}

// Writes the sections of one part.
class Writer {
 public:
  void section(std::string_view title, const std::string& body) {
    if (trim(body).empty()) return;
    text_ += "\n## ";
    text_ += title;
    text_ += "\n\n";
    text_ += body;
    if (text_.back() != '\n') text_ += '\n';
  }

  void list(std::string_view title, std::string_view lead,
            const std::vector<std::string>& entries) {
    std::string body;
    if (!lead.empty()) body = std::string(lead) + "\n\n";
    for (std::size_t i = 0; i < std::min(entries.size(), kEntriesMax); ++i)
      body += "- " + entries[i] + "\n";
    if (entries.size() > kEntriesMax)
      body += "- … and " + std::to_string(entries.size() - kEntriesMax) + " more\n";
    if (!entries.empty()) section(title, body);
  }

  void files(std::string_view title, std::string_view lead, const std::vector<std::string>& paths) {
    std::vector<std::string> entries;
    entries.reserve(paths.size());
    for (const std::string& path : paths)
      entries.push_back(code_span(path));
    list(title, lead, entries);
  }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string titled(std::string_view title, std::string_view text, std::size_t bytes_max,
                   std::string_view where) {
  if (trim(text).empty()) return {};
  return "\n# " + std::string(title) + "\n\n" + fenced(bounded(text, bytes_max, where), "markdown");
}

// The newest summaries count most: the oldest are left out first.
std::string summaries_text(const std::vector<TitledText>& summaries) {
  std::vector<std::string> texts;
  std::size_t bytes = 0;
  std::size_t first = summaries.size();
  while (first > 0) {
    const TitledText& summary = summaries[first - 1];
    std::string text =
        "\n## " + one_line(summary.title) + "\n\n" +
        fenced(bounded(trim(summary.text), kSummaryMax, "the rest is left out"), "markdown");
    if (bytes + text.size() > kSummariesMax) break;
    bytes += text.size();
    texts.push_back(std::move(text));
    --first;
  }
  std::string all = "\n# Summaries of earlier work\n";
  if (first > 0)
    all += "\n[" + std::to_string(first) + " older summaries are left out for their size]\n";
  for (auto text = texts.rbegin(); text != texts.rend(); ++text)
    all += *text;
  return summaries.empty() ? std::string() : all;
}

void write_questions(Writer& writer, const PromptInputs& inputs) {
  const auto quoted = [](const std::string& text) {
    return text.empty() ? std::string() : fenced(bounded(text, kTextMax, ""), "markdown");
  };
  writer.section("Why the attempt before this one does not count", quoted(inputs.previous_failure));
  writer.section("What the executor needs to know", quoted(inputs.missing_context));
  for (std::size_t i = 0; i < inputs.context_answers.size(); ++i)
    writer.section("Context provided (" + std::to_string(i + 1) + ")",
                   quoted(inputs.context_answers[i]));
  writer.section("The blocker", quoted(inputs.blocker));
}

void write_complaints(Writer& writer, const PromptInputs& inputs) {
  std::vector<std::string> concerns;
  for (const Concern& concern : inputs.concerns)
    concerns.push_back(indented_entry(marked_text(concern)));
  writer.list("Concerns", "", concerns);
  std::vector<std::string> findings;
  for (const engine::Finding& finding : inputs.findings)
    findings.push_back("[" + finding.severity + "] (" + finding.source + ") " +
                       indented_entry(finding.text));
  writer.list("Findings", "Each with the gate or the reviewer that it comes from.", findings);
  std::vector<std::string> notes;
  for (const std::string& note : inputs.notes)
    notes.push_back(indented_entry(note));
  writer.list("Notes from a person", "", notes);
  writer.files("Files in conflict",
               "Text has both sides between markers, with what was there before in the middle; of "
               "anything else one side is there: the edited one where the other removed the file, "
               "else this plan's.",
               inputs.conflicts);
  for (const TitledText& side : inputs.conflict_sides)
    if (!side.text.empty())
      writer.section("What " + one_line(side.title) + " changed there",
                     fenced(bounded(side.text, kKeptPatchMax, "read the files' history"), "diff"));
}

// Not lost, but not to be trusted either.
void write_kept_work(Writer& writer, const PromptInputs& inputs) {
  if (inputs.kept_work.empty()) return;
  std::string text =
      "An attempt before this one ended without a result. What it left is not in the workspace; "
      "git keeps it as " +
      code_span(inputs.kept_work) + ". Use what is good in it, after checking it.\n";
  if (!inputs.kept_patch.empty())
    text += "\n" + fenced(bounded(inputs.kept_patch, kKeptPatchMax,
                                  "see it all with `git diff HEAD " + inputs.kept_work + "`"),
                          "diff");
  writer.section("What an earlier attempt left", text);
}

void write_change(Writer& writer, const PromptInputs& inputs) {
  if (!inputs.executor_summary.empty())
    writer.section("What the executor reported (claims, to be checked)",
                   fenced(bounded(inputs.executor_summary, kTextMax, ""), "markdown"));
  std::string commands;
  for (const std::string& command : inputs.verify_commands)
    commands += fenced(bounded(command, kEntryMax, ""), "sh");
  if (!commands.empty())
    commands = "The engine runs each from the workspace's top directory.\n\n" + commands;
  writer.section("Verify commands", bounded(commands, kTextMax, ""));
  writer.files("Changed files", "", inputs.changed_files);
  writer.files("Changed, but not declared by the task",
               "Decide for each whether the task needs it.", inputs.undeclared_files);
  writer.files("Declared by the task, but not changed",
               "Decide for each whether the task is fulfilled without it.", inputs.untouched_files);
}

constexpr std::string_view kGoesOn =
    "You go on with your task. Your instructions, the plan and the task are those that you were "
    "given before in this session.\n";

constexpr std::string_view kCutOff =
    "You were cut off in the middle of your task, and go on with it now. Your instructions, the "
    "plan and the task are those that you were given before in this session. What you had done is "
    "in the "
    "files again, as far as it could be kept, but not committed. Whatever you had started in the "
    "background was ended: look at where things stand before you go on.\n";

constexpr std::string_view kAsksForFiles =
    "To write anything else, end with `## Status: NEEDS_CONTEXT` and list the paths under "
    "`## Files Needed` (a directory ends in `/`): the engine answers, and the task goes on from "
    "where you left it.\n";

constexpr std::string_view kEnforced =
    "Writing anywhere else in the workspace fails: it is read-only. A listed file that did not "
    "exist is there, empty; write each in place, for it cannot be removed or replaced by renaming "
    "unless the directory around it is listed.\n";

void write_lease(Writer& writer, const PromptInputs& inputs) {
  if (!inputs.is_leased) return;
  std::string text = inputs.leased_files.empty() ? "Nothing but your document.\n" : "";
  for (const std::string& file : inputs.leased_files)
    text += "- " + code_span(file) + "\n";
  text += "\n";
  if (inputs.is_lease_enforced) text += kEnforced;
  writer.section("What you may write in the workspace",
                 bounded(text, kTextMax, "") + std::string(kAsksForFiles));
}

// What is written is a part of its own, when it is anything.
template <class Write>
void add_part(std::vector<PromptPart>& parts, const char* name, const Write& write) {
  Writer writer;
  write(writer);
  std::string text = writer.take();
  if (!text.empty()) parts.push_back({name, std::move(text)});
}

void add_attempt_parts(std::vector<PromptPart>& parts, const PromptInputs& inputs) {
  Writer writer;
  write_questions(writer, inputs);
  write_kept_work(writer, inputs);
  write_complaints(writer, inputs);
  write_lease(writer, inputs);
  if (inputs.is_test_first) writer.section("Tests first", std::string(kTestsFirst));
  const std::string_view lead = !inputs.is_resumed ? "" : inputs.is_cut_off ? kCutOff : kGoesOn;
  parts.push_back({"attempt", std::string(lead) + "\n# This attempt\n\n" +
                                  std::string(reason_text(inputs.reason)) + "\n" + writer.take()});
  add_part(parts, "report", [&](Writer& report) { write_change(report, inputs); });
  add_part(parts, "diff", [&](Writer& diff) {
    if (inputs.patch.empty()) return;
    diff.section("Diff",
                 fenced(bounded(inputs.patch, kPatchMax, "read the changed files in the workspace"),
                        "diff"));
  });
  add_part(parts, "output", [&](Writer& output) {
    if (inputs.output_path.empty()) return;
    output.section("Where to write",
                   std::string(inputs.is_typed ? kTyped : "") +
                       "Write your document to this file (also in "
                       "`$KONDUCTOR_OUTPUT`):\n\n" +
                       fenced(inputs.output_path, "") +
                       (inputs.is_last_message_read
                            ? "\nIf you may not write files, make the whole document, and nothing "
                              "else, your last message.\n"
                            : ""));
  });
}

}  // namespace

std::string bounded(std::string_view text, std::size_t bytes_max, std::string_view where) {
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t end = bytes_max;
  // Never inside a code point.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  const auto line_end = text.substr(0, end).rfind('\n');
  if (line_end != std::string_view::npos && line_end >= end / 2) end = line_end;
  std::string cut(text.substr(0, end));
  cut += "\n[" + std::to_string(text.size() - end) + " of " + std::to_string(text.size()) +
         " bytes are left out here";
  if (!where.empty()) cut += ": " + std::string(where);
  return cut + "]\n";
}

std::string fenced(std::string_view text, std::string_view language) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
  std::string out = fence + std::string(language) + "\n" + std::string(text);
  if (out.back() != '\n') out += '\n';
  return out + fence + "\n";
}

std::vector<PromptPart> prompt_parts(const PromptInputs& inputs) {
  std::vector<PromptPart> parts;
  const auto add = [&parts](std::string name, std::string text) {
    if (!text.empty()) parts.push_back(PromptPart{std::move(name), std::move(text)});
  };
  if (inputs.is_resumed) {
    add_attempt_parts(parts, inputs);
    return parts;
  }
  add("instructions", bounded(inputs.instructions, kInstructionsMax, ""));
  add("project", titled("The project", inputs.project_context, kProjectMax,
                        "read the project's documents for the rest"));
  add("plan", titled("The plan", inputs.plan_text, kPlanMax,
                     "the whole plan is in the file that $KONDUCTOR_PLAN_FILE names"));
  add("task", titled("The task", inputs.task_text, kTaskMax,
                     "the whole task is in the file that $KONDUCTOR_PLAN_FILE names"));
  add("summaries", summaries_text(inputs.summaries));
  add_attempt_parts(parts, inputs);
  return parts;
}

std::string prompt_text(const std::vector<PromptPart>& parts) {
  std::string prompt;
  for (const PromptPart& part : parts)
    prompt += part.text;
  return prompt;
}

std::string build_prompt(const PromptInputs& inputs) {
  return prompt_text(prompt_parts(inputs));
}

}  // namespace konductor::agent
