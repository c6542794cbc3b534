// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace konductor::plan::samples {

// What a test wants to be special about a plan; the rest is valid.
struct PlanSpec {
  int number = 1;
  int wave = 1;
  std::string depends_on = "[]";
  std::string phase = "01";
  std::string files_modified = "[]";
  std::string extra;  // More lines of frontmatter, before [must_haves].
  std::string must_haves = "[must_haves]\ntruths = [\"it works\"]\n";
  std::string tasks;  // Default: one good task.
};

inline std::string good_task(int number) {
  return "### Task " + std::to_string(number) + ": Do it\n\n- **files:** `src/a" +
         std::to_string(number) +
         ".cpp`\n- **action:** Write it\n- **verify:** `make test` passes\n- **done:** It works\n";
}

inline std::string plan_markdown(const PlanSpec& spec) {
  return "+++\nphase = \"" + spec.phase + "\"\nplan = " + std::to_string(spec.number) +
         "\nwave = " + std::to_string(spec.wave) +
         "\ntitle = \"Plan\"\ndepends_on = " + spec.depends_on +
         "\nfiles_modified = " + spec.files_modified + "\n" + spec.extra + spec.must_haves +
         "+++\n\n# Plan\n\n## Tasks\n\n" + (spec.tasks.empty() ? good_task(1) : spec.tasks);
}

// "error 3:8 message" of each finding.
inline std::vector<std::string> summaries(const std::vector<Diagnostic>& diagnostics) {
  std::vector<std::string> lines;
  for (const Diagnostic& found : diagnostics)
    lines.push_back(std::string(found.severity == Severity::error ? "error " : "warning ") +
                    std::to_string(found.position.line) + ":" +
                    std::to_string(found.position.column) + " " + found.message);
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace konductor::plan::samples
