// SPDX-License-Identifier: MIT
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/command_reference.hpp"
#include "e2e/scenario.hpp"
#include "support/schema_checker.hpp"

// What commands print with `--json`, held to the schema that the program itself names for each.
namespace e2e {

using konductor::cli::CommandReference;
using konductor::cli::OptionReference;

inline const CommandReference& program_reference() {
  static const CommandReference program = konductor::cli::read_command_reference();
  return program;
}

// The command that the words lead to; the program itself for `--version`.
inline const CommandReference& command_of(const Words& words) {
  const CommandReference* at = &program_reference();
  for (const std::string& word : words) {
    const CommandReference* below = at->command(word);
    if (below == nullptr) break;
    at = below;
  }
  return *at;
}

// "plan check"; "" for the program itself.
inline std::string short_path(const CommandReference& command) {
  const std::string whole = command.path;
  const auto blank = whole.find(' ');
  return blank == std::string::npos ? std::string() : whole.substr(blank + 1);
}

// All commands, those below others behind them; the program itself in front.
inline std::vector<const CommandReference*> all_commands() {
  std::vector<const CommandReference*> all = {&program_reference()};
  for (std::size_t n = 0; n < all.size(); ++n)
    for (const CommandReference& below : all[n]->commands)
      all.push_back(&below);
  return all;
}

// `watch` prints as many documents as there are lines, everything else one. An error has a schema
// of its own, but for `execute`.
inline std::vector<json> check_documents(const CommandReference& command, const Ended& ended) {
  CAPTURE(command.path, ended.exit, ended.err);
  std::vector<json> documents;
  if (command.name == "watch")
    for (const std::string_view line : konductor::split_lines(ended.out))
      documents.push_back(json::parse(line));
  else
    documents.push_back(ended.document());
  REQUIRE_FALSE(documents.empty());
  for (const json& document : documents) {
    const bool is_error = document.contains("error") && command.name != "execute";
    const std::string schema = is_error ? "error.schema.json" : command.schema;
    CAPTURE(schema);
    konductor::test::SchemaChecker(schema).check(document);
    if (document.contains("exit") && document.contains("command"))
      CHECK(document.at("exit") == ended.exit);
  }
  return documents;
}

inline Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace e2e
