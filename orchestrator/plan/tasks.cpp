// SPDX-License-Identifier: MIT
#include "plan/tasks.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "plan/fences.hpp"
#include "plan/markdown.hpp"
#include "plan/paths.hpp"
#include "plan/task_fields.hpp"
#include "plan/task_heading.hpp"
#include "plan/verify_commands.hpp"

namespace konductor::plan {
namespace {

const std::vector<std::string> kFieldNames = {"files", "action", "verify", "done"};

enum class ListOf { tasks, sub_tasks };

struct OpenTask {
  Task task;
  int first_line = 0;  // Counted in the parsed text, unlike positions.
  std::vector<FieldSection> fields;
};

// Walks over the top-level blocks of a document once and gathers the tasks.
class SectionParser {
 public:
  SectionParser(std::string_view text, std::string_view path, int first_line, ListOf list_of,
                std::vector<Diagnostic>& diagnostics)
      : lines_(text),
        path_(path),
        first_line_(first_line),
        list_of_(list_of),
        diagnostics_(diagnostics) {}

  TaskSections parse(MarkdownNode root) {
    for (MarkdownNode block = root.first_child(); block; block = block.next())
      has_section_ = has_section_ || is_tasks_heading(block);
    for (MarkdownNode block = root.first_child(); block; block = block.next())
      read_block(block);
    close_task(lines_.count());
    return std::move(sections_);
  }

 private:
  // A line of "---" below a text makes a heading of it that nobody meant: only "#" counts.
  [[nodiscard]] int section_level(MarkdownNode block) const {
    if (block.kind() != NodeKind::heading || block.heading_level() > 3) return 0;
    const std::string_view line = trim(lines_.line(block.start_line()));
    return !line.empty() && line.front() == '#' ? block.heading_level() : 0;
  }

  [[nodiscard]] bool is_tasks_heading(MarkdownNode block) const {
    return section_level(block) == 2 &&
           to_lower(heading_text(lines_.line(block.start_line()))) == "tasks";
  }

  [[nodiscard]] Position position(int line, int column) const {
    return {line + first_line_ - 1, column};
  }

  void report(Position place, Severity severity, Rule rule, std::string message, std::string hint) {
    diagnostics_.push_back(
        {std::string(path_), place, severity, rule, std::move(message), std::move(hint)});
  }

  void fail(Position place, Rule rule, std::string message, std::string hint) {
    report(place, Severity::error, rule, std::move(message), std::move(hint));
  }

  void read_block(MarkdownNode block) {
    if (const int level = section_level(block); level != 0) {
      close_task(block.start_line() - 1);
      if (level == 3)
        read_task_heading(block);
      else
        read_section_heading(block);
    } else if (open_ && block.kind() == NodeKind::list && block.is_bullet_list()) {
      for (MarkdownNode item = block.first_child(); item; item = item.next())
        read_item(item);
    } else if (open_ && !open_->fields.empty()) {
      open_->fields.back().blocks.push_back(block);
    }
  }

  void read_section_heading(MarkdownNode block) {
    in_tasks_ = is_tasks_heading(block);
    if (in_tasks_ && !sections_.heading)
      sections_.heading = position(block.start_line(), block.start_column());
  }

  void read_task_heading(MarkdownNode block) {
    const std::string_view line = trim(lines_.line(block.start_line()));
    const Position place = position(block.start_line(), block.start_column());
    auto heading = parse_task_heading(heading_text(line));
    const bool is_expected = in_tasks_ || (list_of_ == ListOf::sub_tasks && !has_section_);
    if (!is_expected) {
      if (!heading || !accepts_stray(place, line)) return;
    } else if (!heading) {
      if (!begins_with_task(block.plain_text())) return;
      fail(place, Rule::task_heading, "malformed task heading " + quote(line),
           "write \"### Task " + std::to_string(expected_) +
               ": title\"; after the number comes \":\", \"-\" or nothing");
      heading = TaskHeading{expected_, ""};
    }
    if (list_of_ == ListOf::tasks) check_number(heading->number, place);
    open_.emplace();
    open_->task.number = heading->number;
    open_->task.title = std::move(heading->title);
    open_->task.position = place;
    open_->first_line = block.start_line();
  }

  // A task outside "## Tasks" is told; where a plan lacks that heading, once, and then read.
  bool accepts_stray(Position place, std::string_view line) {
    if (has_section_) {
      fail(place, Rule::stray_task, quote(line) + " stands outside of \"## Tasks\"",
           "move it below \"## Tasks\", which ends at the next heading of its level");
      return false;
    }
    if (!std::exchange(told_no_section_, true))
      fail(place, Rule::no_tasks_heading, "no \"## Tasks\" heading before " + quote(line),
           "write \"## Tasks\" above the first task");
    return true;
  }

  void check_number(int number, Position place) {
    const auto [seen, is_new] = first_seen_.emplace(number, place.line);
    if (!is_new) {
      fail(place, Rule::duplicate_task, "duplicate task number " + std::to_string(number),
           "line " + std::to_string(seen->second) + " has task " + std::to_string(number) +
               " already; this one would be " + std::to_string(expected_));
      return;
    }
    if (number != expected_)
      fail(place, Rule::task_numbers,
           "task numbers are not consecutive: expected task " + std::to_string(expected_) +
               ", found task " + std::to_string(number),
           "number the tasks 1, 2, 3 … in the order of the file");
    expected_ = number + 1;
  }

  void read_item(MarkdownNode item) {
    FieldSection field;
    if (read_field_label(item, lines_, field)) {
      end_field(item.start_line() - 1);
      field.blocks.push_back(item);
      open_->fields.push_back(std::move(field));
    } else if (!open_->fields.empty()) {
      open_->fields.back().blocks.push_back(item);
    }
  }

  void end_field(int last_line) {
    if (!open_->fields.empty()) open_->fields.back().last_line = last_line;
  }

  void close_task(int last_line) {
    if (!open_) return;
    end_field(last_line);
    Task& task = open_->task;
    task.text = trim(lines_.lines(open_->first_line, last_line));
    const auto fields = known_fields();
    read_fields(fields);
    sections_.files_positions.push_back(fields[0] != nullptr ? place_of(*fields[0])
                                                             : task.position);
    sections_.tasks.push_back(std::move(task));
    open_.reset();
  }

  [[nodiscard]] Position place_of(const FieldSection& field) const {
    return position(field.first_line, field.column);
  }

  using KnownFields = std::array<const FieldSection*, 4>;  // In the order of kFieldNames.

  KnownFields known_fields() {
    KnownFields known{};
    for (const FieldSection& field : open_->fields) {
      const auto name = std::find(kFieldNames.begin(), kFieldNames.end(), field.name);
      if (name == kFieldNames.end()) {
        fail_unknown_field(field);
        continue;
      }
      const FieldSection*& place = known[static_cast<std::size_t>(name - kFieldNames.begin())];
      if (place == nullptr)
        place = &field;
      else
        fail(place_of(field), Rule::duplicate_field,
             task_name() + " has " + quote(field.name) + " twice",
             "line " + std::to_string(place_of(*place).line) + " has it already: join the two");
    }
    return known;
  }

  void fail_unknown_field(const FieldSection& field) {
    const std::string near = nearest(field.name, kFieldNames);
    fail(place_of(field), Rule::unknown_field,
         task_name() + " has an unknown field " + quote(field.written),
         near.empty() ? "the fields are " + join(kFieldNames, ", ") +
                            "; text of the field above is indented below it"
                      : "did you mean " + quote(near) + "?");
  }

  [[nodiscard]] std::string task_name() const {
    return "task " + std::to_string(open_->task.number);
  }

  void read_fields(const KnownFields& known) {
    Task& task = open_->task;
    const auto [files, action, verify, done] = known;
    if (files != nullptr) task.files = field_files(*files, lines_);
    if (action != nullptr) task.action = field_text(*action, lines_);
    if (verify != nullptr) task.verify = field_text(*verify, lines_);
    if (done != nullptr) task.done = field_text(*done, lines_);
    if (task.action.empty())
      fail(action != nullptr ? place_of(*action) : task.position, Rule::no_action,
           task_name() + " has no action", "add \"- **action:** \" and say what to do");
    for (const std::string& path : task.files)
      check_path(path, place_of(*files));
    check_verify(verify);
  }

  void check_path(const std::string& path, Position place) {
    if (auto fault = path_fault(path, "files"))
      fail(place, fault->rule, std::move(fault->message), std::move(fault->hint));
  }

  void check_verify(const FieldSection* verify) {
    const auto is_command = [](const VerifyStep& step) {
      return step.kind != VerifyStep::Kind::file_exists;
    };
    if (verify != nullptr) {
      const auto steps = parse_verify(verify->blocks, verify->label, open_->task.files);
      if (std::any_of(steps.begin(), steps.end(), is_command)) return;
    }
    report(verify != nullptr ? place_of(*verify) : open_->task.position, Severity::warning,
           Rule::no_verify_command, "the verify field of " + task_name() + " holds no command",
           "begin it with a command in a code span, such as `make test` passes");
  }

  SourceLines lines_;
  std::string_view path_;
  int first_line_;
  ListOf list_of_;
  std::vector<Diagnostic>& diagnostics_;
  TaskSections sections_;
  std::optional<OpenTask> open_;
  std::unordered_map<int, int> first_seen_;  // Task number → line.
  int expected_ = 1;
  bool has_section_ = false;
  bool in_tasks_ = false;
  bool told_no_section_ = false;
};

TaskSections parse_list(std::string_view text, std::string_view path, int first_line,
                        ListOf list_of, std::vector<Diagnostic>& diagnostics) {
  const MarkdownDocument document(text);
  check_fences(document.root(), text, path, first_line, diagnostics);
  return SectionParser(text, path, first_line, list_of, diagnostics).parse(document.root());
}

}  // namespace

TaskSections parse_task_sections(std::string_view text, std::string_view path, int first_line,
                                 std::vector<Diagnostic>& diagnostics) {
  return parse_list(text, path, first_line, ListOf::tasks, diagnostics);
}

std::vector<Task> parse_tasks(std::string_view markdown, std::vector<Diagnostic>& diagnostics,
                              std::string_view path, int first_line) {
  const std::string text = with_unix_line_breaks(markdown);
  return parse_list(text, path, first_line, ListOf::sub_tasks, diagnostics).tasks;
}

std::string with_unix_line_breaks(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\r')
      result += text[at];
    else if (at + 1 == text.size() || text[at + 1] != '\n')
      result += '\n';
  }
  return result;
}

}  // namespace konductor::plan
