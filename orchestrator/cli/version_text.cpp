// SPDX-License-Identifier: MIT
#include "cli/version_text.hpp"

#include <spdlog/version.h>

#include <boost/version.hpp>
#include <nlohmann/json.hpp>

#include "cli/command_line_app.hpp"
#include "cli/text_table.hpp"
#include "platform/git_check.hpp"
#include "platform/sqlite_journal_trial.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string three(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

std::vector<std::pair<std::string, std::string>> libraries() {
  return {{"Boost", three(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)},
          {"CLI11", command_line_version()},
          {"libgit2", platform::git_library_version()},
          {"nlohmann-json", three(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                                  NLOHMANN_JSON_VERSION_PATCH)},
          {"spdlog", three(SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH)},
          {"SQLite", platform::sqlite_version()}};
}

}  // namespace

void print_version(Surroundings& around, bool is_json) {
  if (is_json) {
    Json json = {
        {"schema_version", 1},          {"command", "version"},    {"exit", 0},
        {"version", KONDUCTOR_VERSION}, {"commit", around.commit}, {"libraries", Json::object()}};
    for (const auto& [name, version] : libraries())
      json["libraries"][name] = version;
    print_json(around.out, json);
    return;
  }
  around.out << "konductor " << KONDUCTOR_VERSION << " (" << around.commit << ")\n";
  TextTable table;
  for (const auto& [name, version] : libraries())
    table.add({name, version});
  for (const std::string& line : table.lines("  "))
    around.out << line << "\n";
}

}  // namespace konductor::cli
