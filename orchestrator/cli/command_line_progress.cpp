// SPDX-License-Identifier: MIT
#include "cli/command_line_progress.hpp"

#include <CLI/CLI.hpp>

namespace konductor::cli {
namespace {

void add_progress(CLI::App& command, bool& is_plain) {
  command
      .add_option(
          "--progress",
          [&is_plain](const CLI::results_t& given) {
            is_plain = given.back() == "plain";
            return true;
          },
          "auto: on a terminal, a view that is kept up to date; plain: lines, one below the other")
      ->type_name("auto|plain")
      ->expected(1)
      ->check(CLI::IsMember({"auto", "plain"}));
}

}  // namespace

void add_progress_options(CLI::App& execute, ExecuteOptions& options) {
  add_progress(execute, options.is_plain);
  CLI::Option* ci = execute.add_flag_callback(
      "--ci", [&options] { options.is_ci = true; },
      "Ask nothing and print lines, with groups and annotations where GitHub Actions or GitLab CI "
      "read them; CI=true means it too");
  execute
      .add_flag_callback(
          "--no-ci", [&options] { options.is_ci = false; }, "Not even when CI=true is set")
      ->excludes(ci);
}

void add_watch_options(CLI::App* watch, WatchOptions& options) {
  watch->add_option("PHASE", options.phase, "Phase, such as 01");
  add_progress(*watch, options.is_plain);
}

}  // namespace konductor::cli
