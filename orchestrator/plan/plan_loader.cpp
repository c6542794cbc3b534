// SPDX-License-Identifier: MIT
#include "plan/plan_loader.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <tuple>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "plan/numbers.hpp"
#include "plan/paths.hpp"

namespace konductor::plan {
namespace {

constexpr std::string_view kExtension = ".md";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kPlanBytesMax = std::size_t{16} << 20;

std::size_t count_digits(std::string_view text) {
  return std::min(text.find_first_not_of("0123456789"), text.size());
}

bool remove_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// What stands between a plan's number and ".md" in the names of the files beside it: "-summary",
// "-task-1-spec-review".
bool is_marker_suffix(std::string_view suffix) {
  if (suffix == "-summary") return true;
  if (!remove_prefix(suffix, "-task-")) return false;
  const std::size_t digits = count_digits(suffix);
  if (digits == 0) return false;
  suffix.remove_prefix(digits);
  return suffix == "-summary" || suffix == "-spec-review" || suffix == "-quality-review";
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// Offset of the first byte that is not part of well-formed UTF-8.
std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;
  std::size_t at = 0;
  while (at < text.size()) {
    std::uint64_t eight = 0;
    if (at + sizeof eight <= text.size()) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & kHighBits) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length > 1 && !is_valid_utf8(text.substr(at, length))) return at;
    at += length;
  }
  return std::nullopt;
}

Position position_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n');
  const std::size_t begin = before.rfind('\n') + 1;
  return {static_cast<int>(line) + 1,
          static_cast<int>(count_code_points(before.substr(begin))) + 1};
}

std::vector<std::string> values_of(std::vector<Located<std::string>>&& located) {
  std::vector<std::string> values;
  values.reserve(located.size());
  for (Located<std::string>& entry : located)
    values.push_back(std::move(entry.value));
  return values;
}

// Reads one file into one LoadedPlan.
class PlanReader {
 public:
  explicit PlanReader(std::string path) {
    loaded_.file_number = plan_file_number(file_name(path));
    loaded_.path = std::move(path);
  }

  LoadedPlan read(std::string_view original) {
    if (original.size() > kPlanBytesMax) {
      fail({}, Rule::file_too_large, "the file is larger than 16 MiB",
           "a plan is a page of text; split it");
      return std::move(loaded_);
    }
    std::string_view text = original;
    remove_prefix(text, kByteOrderMark);
    std::string unix_text;
    if (text.find('\r') != std::string_view::npos) {
      unix_text = with_unix_line_breaks(text);
      text = unix_text;
    }
    if (const auto invalid = find_invalid_utf8(text)) {
      fail(position_at(text, *invalid), Rule::not_utf8, "the file is not UTF-8 text",
           "save it as UTF-8");
      return std::move(loaded_);
    }
    read_text(text);
    finish(original);
    return std::move(loaded_);
  }

 private:
  void fail(Position position, Rule rule, std::string message, std::string hint) {
    loaded_.diagnostics.push_back(
        {loaded_.path, position, Severity::error, rule, std::move(message), std::move(hint)});
  }

  void read_text(std::string_view text) {
    const FrontmatterCut cut = cut_frontmatter(text);
    switch (cut.fences) {
      case FrontmatterCut::Fences::closed:
        fields_ = read_frontmatter(cut.toml, loaded_.path, cut.toml_line, loaded_.diagnostics);
        check_fields();
        break;
      case FrontmatterCut::Fences::missing:
        fail(cut.opening, Rule::no_frontmatter,
             "no frontmatter: the file does not begin with \"+++\"",
             "begin it with TOML between two lines of \"+++\"");
        break;
      case FrontmatterCut::Fences::unclosed:
        fail(cut.opening, Rule::open_frontmatter, "the frontmatter is never closed",
             "end it with a second line of \"+++\"");
        return;
    }
    sections_ = parse_task_sections(cut.body, loaded_.path, cut.body_line, loaded_.diagnostics);
    if (sections_.tasks.empty())
      fail(sections_.heading.value_or(Position{}), Rule::no_tasks, "the plan has no tasks",
           "add \"### Task 1: title\" below a line \"## Tasks\"");
  }

  void check_fields() {
    if (fields_.number && is_plan_file_name(file_name(loaded_.path)) &&
        fields_.number->value != loaded_.file_number)
      fail(fields_.number->position, Rule::plan_number,
           "plan number " + std::to_string(fields_.number->value) + " differs from " +
               std::to_string(loaded_.file_number) + ", the number of the file",
           "write plan = " + std::to_string(loaded_.file_number) + " or rename the file to " +
               quote(plan_text(fields_.number->value) + ".md"));
    check_paths(fields_.files_modified, "files_modified");
    check_paths(fields_.artifacts, "artifacts");
    const bool is_empty =
        fields_.truths.empty() && fields_.artifacts.empty() && fields_.key_links.empty();
    if (is_empty && fields_.is_toml)
      loaded_.diagnostics.push_back({loaded_.path, fields_.must_haves.value_or(Position{}),
                                     Severity::warning, Rule::empty_must_haves,
                                     "must_haves is empty",
                                     "say in [must_haves] what is true when the plan is done"});
  }

  void check_paths(std::vector<Located<std::string>>& paths, std::string_view field) {
    for (Located<std::string>& path : paths) {
      if (auto fault = path_fault(path.value, field))
        fail(path.position, fault->rule, std::move(fault->message), std::move(fault->hint));
      else
        path.value = normalize_path(path.value);
    }
  }

  void fill_outline() {
    PlanOutline& outline = loaded_.outline;
    outline.phase = fields_.phase;
    outline.number = fields_.number;
    outline.wave = fields_.wave;
    outline.depends_on = fields_.depends_on;
    outline.declared_files = fields_.files_modified;
    for (std::size_t i = 0; i < sections_.tasks.size(); ++i)
      for (const std::string& file : sections_.tasks[i].files)
        outline.declared_files.push_back({file, sections_.files_positions[i]});
  }

  void finish(std::string_view original) {
    auto& diagnostics = loaded_.diagnostics;
    const auto in_file = [](const Diagnostic& a, const Diagnostic& b) {
      return std::tie(a.position.line, a.position.column) <
             std::tie(b.position.line, b.position.column);
    };
    std::stable_sort(diagnostics.begin(), diagnostics.end(), in_file);
    fill_outline();
    const auto is_error = [](const Diagnostic& found) { return found.severity == Severity::error; };
    if (std::any_of(diagnostics.begin(), diagnostics.end(), is_error)) return;
    Plan& plan = loaded_.plan.emplace();
    plan.phase = std::move(fields_.phase->value);
    plan.number = fields_.number->value;
    plan.wave = fields_.wave->value;
    plan.title = std::move(fields_.title->value);
    for (const Located<int>& dependency : fields_.depends_on)
      plan.depends_on.push_back(dependency.value);
    plan.type = fields_.type;
    plan.autonomous = fields_.autonomous;
    plan.requirements = values_of(std::move(fields_.requirements));
    plan.files_modified = values_of(std::move(fields_.files_modified));
    plan.must_haves = {values_of(std::move(fields_.truths)),
                       values_of(std::move(fields_.artifacts)),
                       values_of(std::move(fields_.key_links))};
    plan.tasks = std::move(sections_.tasks);
    plan.path = loaded_.path;
    plan.text = original;
  }

  LoadedPlan loaded_;
  Frontmatter fields_;
  TaskSections sections_;
};

}  // namespace

bool is_plan_file_name(std::string_view name) {
  const std::size_t digits = count_digits(name);
  if (digits < 3 || name.size() < digits + kExtension.size()) return false;
  if (name.substr(name.size() - kExtension.size()) != kExtension) return false;
  const std::string_view suffix = name.substr(digits, name.size() - digits - kExtension.size());
  if (suffix.empty()) return true;
  return suffix.front() == '-' && suffix.size() > 1 && !is_marker_suffix(suffix);
}

int plan_file_number(std::string_view name) {
  if (!is_plan_file_name(name)) return 0;
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + count_digits(name), number);
  return error == std::errc() && number <= kNumberMax ? number : 0;
}

LoadedPlan load_plan(std::string path, std::string_view text) {
  return PlanReader(std::move(path)).read(text);
}

}  // namespace konductor::plan
