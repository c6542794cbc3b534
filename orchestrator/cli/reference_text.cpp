// SPDX-License-Identifier: MIT
#include "cli/reference_text.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace konductor::cli {
namespace {

struct NamedText {
  std::string_view name;
  std::string_view about;
};

// As exit_code_of() and the end of a run choose them.
constexpr std::array<NamedText, 9> kExits = {{
    {"0", "Done: everything that was asked for is complete."},
    {"1", "It ended, but a task failed, was skipped or needs a person to look at it."},
    {"2", "The command line, the configuration or a plan is wrong; nothing was started."},
    {"3", "Too many tasks were blocked, or failed in a row: dispatch stopped."},
    {"4", "Blocked: somebody has to say something before the rest can run."},
    {"5", "Another engine holds the phase."},
    {"6",
     "The machine lacks something, such as an agent, disk space or a git identity; "
     "`konductor doctor` says what."},
    {"7", "A budget or a time limit stopped it; run it again to go on."},
    {"128+N", "Signal N interrupted it; run it again to go on."},
}};

constexpr std::array<NamedText, 4> kEnvironment = {{
    {"KONDUCTOR_<SECTION>_<KEY>", "Sets a configuration key; `--set` wins over it."},
    {"NO_COLOR", "When it is set to anything, nothing is coloured."},
    {"XDG_CONFIG_HOME", "Where the user's own settings lie, instead of `~/.config`."},
    {"CI", "When it is set, nobody is asked anything."},
}};

constexpr std::array<NamedText, 4> kFiles = {{
    {"~/.config/konductor/config.toml", "The user's own settings."},
    {".konductor/config.toml", "The project's settings."},
    {".konductor/phases/", "Plans, and what became of them."},
    {".konductor/runs/", "What agents were told and said."},
}};

// --- Text of both ---

std::string names_text(const OptionReference& option) {
  std::string text = option.names.empty() ? option.value : join(option.names, ", ");
  if (!option.names.empty() && !option.value.empty()) text += " " + option.value;
  return text;
}

std::string about_text(const OptionReference& option) {
  std::string text = option.about;
  const bool says_choices = std::all_of(
      option.choices.begin(), option.choices.end(),
      [&](const std::string& choice) { return text.find(choice) != std::string::npos; });
  if (!says_choices) text += ": " + join(option.choices, ", ");
  if (option.is_repeatable) text += "; may be given more than once";
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

// Without the two blanks that set an example off in the help.
std::string example_text(const CommandReference& command) {
  std::string text;
  for (const std::string_view line : split_lines(command.example))
    text += std::string(line.substr(0, 2) == "  " ? line.substr(2) : line) + "\n";
  return text;
}

std::string sentence(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

// The options that have it print JSON.
std::string json_options(const CommandReference& program, const CommandReference& command) {
  return &command == &program ? "--version --json" : "--json";
}

bool is_common(const CommandReference& program, const OptionReference& option) {
  return program.name != "" && !option.names.empty() &&
         program.option(option.names.back()) != nullptr;
}

// All below it, depth first, itself in front.
void collect(const CommandReference& command, std::vector<const CommandReference*>& all) {
  all.push_back(&command);
  for (const CommandReference& below : command.commands)
    collect(below, all);
}

std::vector<const CommandReference*> all_commands(const CommandReference& program) {
  std::vector<const CommandReference*> all;
  collect(program, all);
  return all;
}

std::string page_name(const CommandReference& command) {
  std::string name = command.path;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

// --- man(7) ---

std::string bold(std::string_view text) {
  return "\\fB" + roff_text(text) + "\\fR";
}

void add_entry(std::string& page, std::string_view head, std::string_view about) {
  page += ".TP\n" + bold(head) + "\n" + roff_text(about) + "\n";
}

void add_options(std::string& page, std::string_view title,
                 const std::vector<OptionReference>& options) {
  if (options.empty()) return;
  page += ".SH " + std::string(title) + "\n";
  for (const OptionReference& option : options)
    add_entry(page, names_text(option), about_text(option));
}

template <std::size_t N>
void add_rows(std::string& page, std::string_view title, const std::array<NamedText, N>& rows) {
  page += ".SH " + std::string(title) + "\n";
  for (const NamedText& row : rows)
    add_entry(page, row.name, row.about);
}

std::string man_page(const CommandReference& program, const CommandReference& command) {
  std::string capitals = page_name(command);
  std::transform(capitals.begin(), capitals.end(), capitals.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  std::string page = ".\\\" Made from the program's own help.\n.TH " + roff_text(capitals) +
                     " 1 \"\" \"konductor " KONDUCTOR_VERSION "\" \"konductor\"\n.SH NAME\n" +
                     roff_text(page_name(command)) + " \\- " + roff_text(command.about) + "\n";
  page += ".SH SYNOPSIS\n" + bold(usage_text(command)) + "\n";
  page += ".SH DESCRIPTION\n" + roff_text(sentence(command.about)) + "\n";
  if (!command.schema.empty())
    page += ".PP\nWhat " + bold(json_options(program, command)) + " prints is described by " +
            roff_text("share/konductor/schemas/" + command.schema) + ".\n";
  add_options(page, "ARGUMENTS", command.arguments);
  if (!command.commands.empty()) page += ".SH COMMANDS\n";
  for (const CommandReference& below : command.commands)
    add_entry(page, page_name(below) + "(1)", sentence(below.about));
  add_options(page, "OPTIONS", command.options);
  add_rows(page, "EXIT STATUS", kExits);
  if (&command == &program) {
    add_rows(page, "ENVIRONMENT", kEnvironment);
    add_rows(page, "FILES", kFiles);
  }
  page += ".SH EXAMPLES\n.nf\n";
  page += roff_text(example_text(command));
  page += ".fi\n";
  if (&command != &program) page += ".SH SEE ALSO\n" + bold("konductor") + "(1)\n";
  return page;
}

// --- Markdown ---

// What is in backquotes already stays so; angle brackets would be taken for HTML.
std::string markdown_text(std::string_view text) {
  std::string safe;
  bool is_code = false;
  for (const char c : text) {
    if (c == '`') is_code = !is_code;
    const bool is_mark = c == '<' || c == '*' || c == '_' || c == '|';
    if (!is_code && is_mark) safe += '\\';
    safe += c == '\n' ? ' ' : c;
  }
  return safe;
}

void add_line(std::string& text, std::string_view name, std::string_view about) {
  text += "- `" + std::string(name) + "`: " + markdown_text(about) + "\n";
}

void add_list(std::string& text, const CommandReference& program, const CommandReference& command) {
  for (const OptionReference& argument : command.arguments)
    add_line(text, names_text(argument),
             about_text(argument) + (argument.is_required ? "" : " May be left out."));
  for (const OptionReference& option : command.options)
    if (&command == &program || !is_common(program, option))
      add_line(text, names_text(option), about_text(option));
}

std::string markdown_section(const CommandReference& program, const CommandReference& command) {
  const std::string level = &command == &program ? "##" : "###";
  std::string text = level + " " + command.path + "\n\n" + markdown_text(sentence(command.about)) +
                     "\n\n    " + usage_text(command) + "\n\n";
  std::string list;
  add_list(list, program, command);
  if (!list.empty()) text += list + "\n";
  if (!command.schema.empty())
    text += "`" + json_options(program, command) + "` prints what [" + command.schema +
            "](../schemas/" + command.schema + ") describes.\n\n";
  if (command.example.empty()) return text;
  // Longer than any fence in a plan that is shown.
  return text + "````sh\n" + example_text(command) + "````\n\n";
}

template <std::size_t N>
std::string markdown_rows(std::string_view title, const std::array<NamedText, N>& rows) {
  std::string text = "## " + std::string(title) + "\n\n";
  for (const NamedText& row : rows)
    add_line(text, row.name, row.about);
  return text + "\n";
}

}  // namespace

std::string roff_text(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const bool begins_line = safe.empty() || safe.back() == '\n';
    if (begins_line && (c == '.' || c == '\'')) safe += "\\&";
    if (c == '\\')
      safe += "\\e";
    else if (c == '-')
      safe += "\\-";
    else if (c == '\'')
      safe += "\\(aq";
    else if (c == '`')
      safe += "\\(ga";
    else if (c == '^')
      safe += "\\(ha";
    else if (c == '~')
      safe += "\\(ti";
    else
      safe += c;
  }
  return safe;
}

std::vector<ManPage> man_pages(const CommandReference& program) {
  std::vector<ManPage> pages;
  for (const CommandReference* command : all_commands(program))
    pages.push_back({page_name(*command), man_page(program, *command)});
  return pages;
}

std::string markdown_reference(const CommandReference& program) {
  std::string text =
      "# Reference\n\nMade from the program's own help, as are its man pages and what shells "
      "complete. All commands\nknow the options of `konductor` itself, which stand there only. An "
      "error with `--json` is what\n[error.schema.json](../schemas/error.schema.json) describes; "
      "`konductor execute` has errors in its one document.\n\n";
  for (const CommandReference* command : all_commands(program))
    text += markdown_section(program, *command);
  text += markdown_rows("Exit codes", kExits) + markdown_rows("Environment", kEnvironment) +
          markdown_rows("Files", kFiles);
  text.pop_back();
  return text;
}

}  // namespace konductor::cli
