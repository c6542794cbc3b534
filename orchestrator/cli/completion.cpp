// SPDX-License-Identifier: MIT
#include "cli/completion.hpp"

#include <algorithm>
#include <optional>

#include "base/role_name.hpp"
#include "base/text.hpp"

namespace konductor::cli {
namespace {

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// Where the words before the last one have led.
struct Position {
  const CommandReference* command = nullptr;
  const OptionReference* awaits = nullptr;  // An option whose value is to follow.
  std::size_t arguments = 0;                // That are given already.
  bool is_behind_dashes = false;            // What follows "--" is no option.
  std::vector<std::string> given;           // Options.
  std::string directory = ".";              // -C
};

void follow_option(Position& at, const std::string& word) {
  const std::size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  at.given.push_back(name);
  const OptionReference* option = at.command->option(name);
  if (option == nullptr || option->value.empty()) return;
  if (equals == std::string::npos)
    at.awaits = option;
  else if (option->has("-C"))
    at.directory = word.substr(equals + 1);
}

void follow(Position& at, const std::string& word) {
  if (at.awaits != nullptr) {
    if (at.awaits->has("-C")) at.directory = word;
    at.awaits = nullptr;
  } else if (!at.is_behind_dashes && word == "--") {
    at.is_behind_dashes = true;
  } else if (!at.is_behind_dashes && word.size() > 1 && word[0] == '-') {
    follow_option(at, word);
  } else if (const CommandReference* below = at.command->command(word); below != nullptr) {
    at.command = below;
    at.given.clear();
  } else {
    ++at.arguments;
  }
}

Position position_of(const CommandReference& program, const std::vector<std::string>& words) {
  Position at;
  at.command = &program;
  for (std::size_t n = 0; n + 1 < words.size(); ++n)
    follow(at, words[n]);
  return at;
}

// As much of a description as fits beside a word.
std::string short_about(const std::string& about) {
  const std::size_t end = std::min({about.find(';'), about.find(": "), about.find(". ")});
  return about.substr(0, end);
}

std::vector<Candidate> roles() {
  std::vector<Candidate> roles;
  for (const RoleName role : kAllRoles)
    roles.push_back({std::string(to_string(role)), ""});
  return roles;
}

std::vector<Candidate> joined(std::vector<Candidate> first, const std::vector<Candidate>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// What may be written for an option or an argument.
Completion values_of(const OptionReference& wanted, std::string_view typed,
                     const CompletionSources& sources) {
  const std::string& value = wanted.value;
  if (!wanted.choices.empty()) {
    Completion completion;
    for (const std::string& choice : wanted.choices)
      completion.candidates.push_back({choice, ""});
    return completion;
  }
  if (value == "DIR") return {{}, Completion::Files::directories};
  if (value == "FILE") return {{}, Completion::Files::files};
  if (wanted.has("--role") || value == "ROLE") return {roles()};
  if (wanted.has("--runtime") || value == "NAME") return {sources.runtimes()};
  if (value == "SECTION.KEY=VALUE") return {sources.settings()};
  if (value == "PHASE") return {sources.phases()};
  if (value == "PLAN") return {sources.plans(typed)};
  if (value == "TASK") return {sources.tasks(typed)};
  if (value == "TASK|PLAN") return {joined(sources.plans(typed), sources.tasks(typed))};
  if (value == "ADDRESS")
    return {joined(joined(sources.phases(), sources.plans(typed)), sources.tasks(typed))};
  return {};
}

bool may_follow(const Position& at, const OptionReference& option) {
  return option.is_repeatable ||
         std::none_of(at.given.begin(), at.given.end(),
                      [&](const std::string& name) { return option.has(name); });
}

std::vector<Candidate> option_names(const Position& at) {
  std::vector<Candidate> names;
  for (const OptionReference& option : at.command->options)
    if (may_follow(at, option) && !option.names.empty())
      names.push_back({option.names.back(), short_about(option.about)});
  return names;
}

const OptionReference* next_argument(const Position& at) {
  const std::vector<OptionReference>& arguments = at.command->arguments;
  if (at.arguments < arguments.size()) return &arguments[at.arguments];
  const bool is_open = !arguments.empty() && arguments.back().is_repeatable;
  return is_open ? &arguments.back() : nullptr;
}

Completion complete_word(const Position& at, const std::string& typed,
                         const CompletionSources& sources) {
  if (at.awaits != nullptr) return values_of(*at.awaits, typed, sources);
  if (!at.is_behind_dashes && starts_with(typed, "-")) return {option_names(at)};
  Completion completion;
  for (const CommandReference& command : at.command->commands)
    completion.candidates.push_back({command.name, short_about(command.about)});
  // What follows a word that is no command cannot be told.
  if (!completion.candidates.empty()) return at.arguments == 0 ? completion : Completion{};
  if (const OptionReference* argument = next_argument(at); argument != nullptr)
    return values_of(*argument, typed, sources);
  return at.is_behind_dashes ? Completion{} : Completion{option_names(at)};
}

void keep_fitting(Completion& completion, std::string_view typed) {
  std::vector<Candidate>& all = completion.candidates;
  all.erase(std::remove_if(all.begin(), all.end(),
                           [typed](const Candidate& one) { return !starts_with(one.word, typed); }),
            all.end());
  // Phases stand for themselves and before their plans.
  std::vector<Candidate> once;
  for (Candidate& one : all)
    if (std::none_of(once.begin(), once.end(),
                     [&one](const Candidate& other) { return other.word == one.word; }))
      once.push_back(std::move(one));
  all = std::move(once);
}

// "--option=typed": the values, with the option before each.
std::optional<Completion> complete_attached(const Position& at, const std::string& typed,
                                            const CompletionSources& sources) {
  const std::size_t equals = typed.find('=');
  const bool is_option = at.awaits == nullptr && !at.is_behind_dashes && starts_with(typed, "--");
  if (!is_option || equals == std::string::npos) return std::nullopt;
  const OptionReference* option = at.command->option(typed.substr(0, equals));
  if (option == nullptr || option->value.empty()) return Completion{};
  Completion completion = values_of(*option, typed.substr(equals + 1), sources);
  for (Candidate& one : completion.candidates)
    one.word.insert(0, typed, 0, equals + 1);
  return completion;
}

}  // namespace

std::string completion_directory(const CommandReference& program,
                                 const std::vector<std::string>& words) {
  return position_of(program, words).directory;
}

Completion complete(const CommandReference& program, const std::vector<std::string>& words,
                    const CompletionSources& sources) {
  const std::string typed = words.empty() ? "" : words.back();
  const Position at = position_of(program, words);
  std::optional<Completion> attached = complete_attached(at, typed, sources);
  Completion completion = attached ? std::move(*attached) : complete_word(at, typed, sources);
  keep_fitting(completion, typed);
  return completion;
}

}  // namespace konductor::cli
