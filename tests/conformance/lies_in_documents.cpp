// SPDX-License-Identifier: MIT
// Lies in what an executor hands in, and in how its process ends.
#include <catch2/catch.hpp>

#include "conformance/lie_run.hpp"

namespace lying {

using Catch::Matchers::Contains;

namespace {

// Rejects what is not finished, whatever stands in the summary.
constexpr const char* kStrict = R"sh(
reviewer() {
  if grep -q later add.sh; then
    review fail '- [significant] add.sh:2 — it is not finished'
  else
    review pass
  fi
}
)sh";

}  // namespace

std::vector<Lie> lies_in_documents() {
  return {
      {.name = "wrote that its review had passed",
       .script = std::string("executor() { work; echo '# later' >>add.sh\n"
                             "summary DONE '## Review Status: passed'; }") +
                 kStrict,
       .catches = "`spec-reviewer`",
       .words = "not finished",
       .twin = kStrict,
       .aftermath =
           [](Scenario& scenario) {
             CHECK_THAT(scenario.plan_file("001-task-1-summary.md"), !Contains("Review Status"));
           }},
      {.name = "asked for context without a question",
       .script = "executor() { summary NEEDS_CONTEXT; }",
       .words = "context",
       .end = "blocked",
       .twin = "executor() {\n"
               "if [ $KONDUCTOR_ATTEMPT = 1 ]; then\n"
               "  summary NEEDS_CONTEXT '## Missing Context\n\nWhich port?'\n"
               "else work; summary DONE; fi\n"
               "}",
       .instead = "the limit of two questions"},
      {.name = "asked the same question for ever",
       .script = "executor() { summary NEEDS_CONTEXT '## Missing Context\n\nWhich port?'; }",
       .words = "Which port?",
       .end = "blocked",
       .twin = "executor() {\n"
               "if grep -q 'Port 4711' \"$prompt\"; then work; summary DONE\n"
               "else summary NEEDS_CONTEXT '## Missing Context\n\nWhich port?'; fi\n"
               "}",
       .instead = "the limit of two questions"},
  };
}

}  // namespace lying
