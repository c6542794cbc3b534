// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>

#include "cli/ci_markers.hpp"
#include "cli/run_report.hpp"

namespace konductor::cli {

// What a report in a pipeline's log has to know besides.
struct CiSubject {
  CiSystem system = CiSystem::none;
  // Where plans and tasks are written down (a plan: task 0), seen from the root of the repository.
  std::map<TaskAddress, AnnotationPlace> places;
  // What the project's paths begin with, seen from there: "" or "services/api/".
  std::string prefix;
};

// A line per state change as it happens. What is told of one task is told again when it ends, with
// all its details, as a group of its own: what runs side by side is not mixed up. What a person has
// to look at becomes an annotation.
std::unique_ptr<RunReport> make_ci_report(std::ostream& stream, const ReportSubject& subject,
                                          CiSubject ci);

// The place that a finding begins with, "src/a.cpp:12 — text", as a file of the repository; none
// when it begins with none.
AnnotationPlace place_of_finding(std::string_view text, const std::string& prefix);

}  // namespace konductor::cli
