// SPDX-License-Identifier: MIT
#include "agent/prompt_template.hpp"

#include <optional>

#include "agent/shipped_files.hpp"
#include "base/text.hpp"
#include "config/document_reader.hpp"

namespace konductor::agent {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

std::string hole_names(const Holes& holes) {
  std::string names;
  for (const auto& [name, value] : holes)
    names += (names.empty() ? "{{" : ", {{") + name + "}}";
  return names.empty() ? "none" : names;
}

// Fills one template, counting lines as it goes.
class Filler {
 public:
  Filler(const std::string& path, const Holes& holes) : path_(path), holes_(holes) {}

  void line(std::string_view line) {
    ++number_;
    std::size_t at = 0;
    for (auto open = line.find(kOpen); open != std::string_view::npos;
         open = line.find(kOpen, at)) {
      const bool is_escaped = open > at && line[open - 1] == '\\';
      out_ += line.substr(at, open - at - (is_escaped ? 1 : 0));
      at = open + kOpen.size();
      if (is_escaped) {
        out_ += kOpen;
        continue;
      }
      const auto close = line.find(kClose, at);
      if (close == std::string_view::npos) {
        problem(line, open, "a hole is not closed: write {{name}}, or \\{{ for two braces");
        return;
      }
      hole(line, open, trim(line.substr(at, close - at)));
      at = close + kClose.size();
    }
    out_ += line.substr(at);
    out_ += '\n';
  }

  Result<std::string> finish() {
    if (!problems_.empty()) return Error{ErrorCode::invalid_input, join(problems_, "\n")};
    return std::move(out_);
  }

 private:
  void hole(std::string_view line, std::size_t open, std::string_view name) {
    const auto found = holes_.find(name);
    if (found != holes_.end()) {
      out_ += found->second;
      return;
    }
    std::vector<std::string> names;
    for (const auto& [known, value] : holes_)
      names.push_back(known);
    problem(line, open,
            "unknown hole {{" + std::string(name.substr(0, 60)) + "}}" +
                config::did_you_mean(name.substr(0, 60), names) + " (known: " + hole_names(holes_) +
                "; \\{{ stands for two braces)");
  }

  void problem(std::string_view line, std::size_t at, const std::string& text) {
    const std::size_t column = 1 + count_code_points(line.substr(0, at));
    problems_.push_back(path_ + ":" + std::to_string(number_) + ":" + std::to_string(column) +
                        ": " + text);
  }

  const std::string& path_;
  const Holes& holes_;
  std::string out_;
  std::vector<std::string> problems_;
  int number_ = 0;
};

// The project's template, else the shipped one.
std::optional<TextFile> find_template(std::string_view name, const ProjectPrompts& project) {
  const auto found = project.find(name);
  if (found != project.end()) return found->second;
  const auto shipped = shipped_prompt(name);
  if (!shipped) return std::nullopt;
  return TextFile{"prompts/" + std::string(name) + ".md", std::string(*shipped)};
}

Result<std::string> fill_named(std::string_view name, const ProjectPrompts& project,
                               const Holes& holes) {
  const auto file = find_template(name, project);
  if (!file)
    return Error{ErrorCode::not_found, "there is no prompt template " + quote(name) +
                                           ": write .konductor/prompts/" + std::string(name) +
                                           ".md"};
  return fill_template(file->path, file->text, holes);
}

}  // namespace

Result<std::string> fill_template(const std::string& path, std::string_view text,
                                  const Holes& holes) {
  if (!is_valid_utf8(text))
    return Error{ErrorCode::invalid_input, path + ":1:1: not UTF-8 text: write it as UTF-8"};
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark)
    text.remove_prefix(kByteOrderMark.size());
  Filler filler(path, holes);
  for (const std::string_view line : split_lines(text))
    filler.line(line);
  return filler.finish();
}

std::string template_name(const Role& role, std::string_view reason, bool is_about_concerns) {
  if (reason == "holistic") return "holistic";
  if (reason == "merge_fix") return "conflict-fix";
  if (role.name == RoleName::assessor && is_about_concerns) return "assess-concerns";
  return role.prompt.empty() ? std::string(to_string(role.name)) : role.prompt;
}

Result<std::string> role_instructions(std::string_view name, RoleName role, std::string_view phase,
                                      const ProjectPrompts& project) {
  Holes holes = {{"role", std::string(to_string(role))}, {"phase", std::string(phase)}};
  KON_TRY(std::string document_rules, fill_named("document-rules", project, holes));
  KON_TRY(std::string review_rules, fill_named("review-rules", project, holes));
  holes["document_rules"] = trim(document_rules);
  holes["review_rules"] = trim(review_rules);
  KON_TRY(std::string instructions, fill_named(name, project, holes));
  const auto extra = project.find(std::string(to_string(role)) + "-extra");
  if (extra == project.end()) return instructions;
  if (!is_valid_utf8(extra->second.text))
    return Error{ErrorCode::invalid_input,
                 extra->second.path + ":1:1: not UTF-8 text: write it as UTF-8"};
  instructions += "\n";
  instructions += trim(extra->second.text);
  instructions += "\n";
  return instructions;
}

}  // namespace konductor::agent
