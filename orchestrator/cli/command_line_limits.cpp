// SPDX-License-Identifier: MIT
#include "cli/command_line_limits.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdlib>

#include "config/units.hpp"

namespace konductor::cli {
namespace {

// "2.50", or "$2.50"; nothing unless it is more than nothing.
std::optional<double> parse_usd(std::string text) {
  if (!text.empty() && text.front() == '$') text.erase(0, 1);
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string::npos)
    return std::nullopt;
  char* end = nullptr;
  const double amount = std::strtod(text.c_str(), &end);
  const bool is_whole = end != nullptr && *end == '\0';
  return is_whole && std::isfinite(amount) && amount > 0 ? std::optional(amount) : std::nullopt;
}

}  // namespace

void add_execute_limits(CLI::App& execute, ExecuteOptions& options) {
  execute
      .add_option(
          "--max-cost",
          [&options](const CLI::results_t& given) {
            const std::optional<double> amount = parse_usd(given.back());
            options.usd_max = amount.value_or(0);
            return amount.has_value();
          },
          "Start no attempt that could take this run beyond so many US dollars; end with exit "
          "code 7")
      ->type_name("USD")
      ->expected(1);
  execute
      .add_option(
          "--max-time",
          [&options](const CLI::results_t& given) {
            const auto time = config::parse_duration(given.back());
            if (time) options.time_max = *time;
            return time.has_value() && time->count() > 0;
          },
          "Start no attempt any more after this time; those at work end, then exit code 7")
      ->type_name("DURATION")
      ->expected(1);
  execute.add_flag("--interactive", options.is_interactive,
                   "Ask you at this terminal for context that tasks lack, and about blockers, "
                   "before an agent is asked");
}

void add_clean_age(CLI::App& clean, CleanOptions& options) {
  clean
      .add_option(
          "--older-than",
          [&options](const CLI::results_t& given) {
            options.older_than = config::parse_duration(given.back());
            return options.older_than.has_value();
          },
          "Remove the folders of runs, too, in which nothing was written for so long, unless "
          "something is to be gone on with in them")
      ->type_name("DURATION")
      ->expected(1);
}

}  // namespace konductor::cli
