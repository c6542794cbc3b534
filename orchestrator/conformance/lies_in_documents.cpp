// SPDX-License-Identifier: MIT
// Lies in what an executor hands in, and in how its process ends.
#include "conformance/lie.hpp"

namespace konductor::conformance {
namespace {

// A document that is none: tried once more, then the task has failed.
Lie no_document(const std::string& name, const std::string& executor, const std::string& words,
                const std::string& twin = "") {
  return {.name = name,
          .script = "executor() { work; " + executor + "; }",
          .catches = "cause `no_document`",
          .words = words,
          .end = "failed",
          .twin = twin.empty() ? "" : "executor() { work; " + twin + "; }"};
}

// It takes no hint to go, and waits until nobody looks.
Lie leaves_process(const std::string& name, const std::string& start) {
  return {.name = name,
          .script = "executor() {\nwork; summary DONE; mkdir -p \"$notes/children\"\n" + start +
                    R"sh( sh -c 'trap "" TERM HUP; echo here >"$0/children/$$"
          sleep 600; echo 5 >add.sh' "$notes" </dev/null >/dev/null 2>&1 &
          while [ -z "$(ls "$notes/children")" ]; do :; done
          })sh",
          .end = "complete",
          .twin = "executor() { work; summary DONE; sleep 0 & wait; }",
          .instead = "its processes are ended before its work is looked at"};
}

}  // namespace

std::vector<Lie> lies_in_documents() {
  return {
      no_document("handed in nothing", "true", "handed in no document"),
      no_document("handed in an empty document", ": >\"$out\"", "no \"## Status:\" heading"),
      no_document("gave no status", "echo 'All is well.' >\"$out\"", "no \"## Status:\" heading",
                  "printf '## Status: DONE\n' >\"$out\""),
      no_document("gave two statuses", "summary DONE '## Status: BLOCKED'",
                  "2 \"## Status:\" headings", "summary DONE '```\n## Status: BLOCKED\n```'"),
      no_document("gave its status inside a code fence",
                  "printf '```\n## Status: DONE\n```\n' >\"$out\"", "no \"## Status:\" heading",
                  "printf '```\n```\n\n## Status: DONE\n' >\"$out\""),
      no_document("made up a status", "summary FINISHED", "unknown status \"FINISHED\""),
      no_document("handed in more than 1 MiB", "summary DONE; truncate -s 2M \"$out\"",
                  "limits.document_max is 1048576",
                  "summary DONE; yes | head -c 100000 >>\"$out\""),
      no_document("handed in a link to a document",
                  "summary DONE; mv \"$out\" \"$notes/real.md\"; ln -s \"$notes/real.md\" \"$out\"",
                  "is a link, not a file"),
      no_document("handed in a hard link to a document",
                  "rm -f \"$notes/real.md\"; summary DONE; ln \"$out\" \"$notes/real.md\"",
                  "is a link to another file"),
      no_document("handed in a named pipe", "rm -f \"$out\"; mkfifo \"$out\"",
                  "not a regular file"),
      no_document("handed in bytes that are no text",
                  "summary DONE; head -c 64 /dev/zero | tr '\\0' '\\377' >>\"$out\"",
                  "not UTF-8 text", "summary DONE 'Grüße: 你好, κόσμε'"),
      {.name = "said DONE and ended with an error",
       .script = "executor() { work; summary DONE; exit 3; }",
       .catches = "cause `crashed`",
       .words = "exit 3",
       .end = "failed"},
      {.name = "said DONE and died by a signal",
       .script = "executor() { work; summary DONE; kill -KILL $$; }",
       .catches = "cause `crashed`",
       .words = "signal 9",
       .end = "failed"},
      leaves_process("said DONE and left a process that waits to change the work", "setsid"),
      leaves_process("said DONE and left one that forgot where it came from", "setsid env -i"),
  };
}

}  // namespace konductor::conformance
