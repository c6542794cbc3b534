// SPDX-License-Identifier: MIT
// Lies told with git, by executors; and those of reviewers.
#include "conformance/lie.hpp"

namespace konductor::conformance {
namespace {

// What a reviewer does instead of judging. Its attempt has failed and what it did is undone.
Lie reviewer_who(const std::string& name, const std::string& commands, const std::string& cause,
                 const std::string& words, const std::string& twin = "") {
  return {.name = name,
          .script = "reviewer() { review pass\n" + commands + "\n}",
          .catches = "cause `" + cause + "`",
          .words = words,
          .twin = twin.empty() ? "" : "reviewer() { review pass\n" + twin + "\n}"};
}

}  // namespace

std::vector<Lie> lies_about_git() {
  return {
      trespass("added a git hook",
               "echo 'exit 0' >\"$project/.git/hooks/post-checkout\"\n"
               "chmod +x \"$project/.git/hooks/post-checkout\"",
               "git hook \"post-checkout\" was added: removed"),
      trespass("edited git's configuration", "git config core.fsmonitor /bin/true",
               "git configuration file \"config\" was changed: put back", "git config user.name"),
      trespass("hid files from git in info/exclude",
               "mkdir -p \"$project/.git/info\"; echo '*.sh' >>\"$project/.git/info/exclude\"",
               "git configuration file \"info/exclude\""),
      trespass("committed on a branch of its own",
               "git switch -q -C mine\ncommit mine add.sh || true", "branch \"mine\" was added",
               "commit mine add.sh"),
      trespass("committed on main",
               "git update-ref refs/heads/main $(echo main | git commit-tree HEAD^{tree} -p main)",
               "branch \"main\" was moved"),
      trespass("rewrote main's history",
               "git update-ref refs/heads/main $(echo root | git commit-tree main^{tree})",
               "branch \"main\" was moved"),
      trespass("removed a branch of the user's", "git branch -q -D precious",
               "branch \"precious\" was removed"),
      trespass("moved a tag", "git tag -f v1 HEAD", "tag \"refs/tags/v1\" was moved"),
      trespass("replaced a commit", "git replace -f main $(echo x | git commit-tree main^{tree})",
               "refs/replace"),
      trespass("moved the branch that plans are merged into",
               "git update-ref refs/heads/konductor/01/main $(echo x | git commit-tree "
               "HEAD^{tree} -p main)",
               "branch \"konductor/01/main\" was moved"),
      trespass("moved HEAD away from its branch", "git checkout -q --detach",
               "HEAD of the workspace was moved", "git checkout -q HEAD -- README.md"),
      {.name = "removed its work tree",
       .script = "executor() { work; summary DONE; rm -rf \"$PWD\"; }",
       .catches = "cause `no_document`",
       .words = "handed in no document",
       .end = "failed"},
      {.name = "hid a secret in a repository within the repository",
       .script =
           "executor() { work; mkdir -p lib; git -C lib init -q\n"
           "echo \"ghp\"_Zq8Rt2Lm5Vx7Kc1Jw9Hd4Fs6Gb3Np0Ty8Ue2 >lib/token\n"
           "git -C lib add token; git -C lib -c user.name=x -c user.email=x commit -qm x || true\n"
           "summary DONE; }",
       .catches = "gate `secrets`",
       .words = "lib/token",
       .twin = "executor() { work; mkdir lib; git -C lib init -q; echo x >lib/token\n"
               "summary DONE; }"},
  };
}

std::vector<Lie> lies_of_reviewers() {
  return {
      reviewer_who("reviewed and wrote into the workspace", "echo '# better' >>add.sh",
                   "changed_workspace", "add.sh", "echo scratch >left-over"),
      reviewer_who("reviewed and committed", "git commit -q --allow-empty -m mine",
                   "changed_workspace", "a role that only reads changed"),
      reviewer_who("reviewed and moved main",
                   "git update-ref refs/heads/main $(echo x | git commit-tree main^{tree})",
                   "changed_workspace", "branch \"main\" was moved"),
      reviewer_who("reviewed and wrote the other reviewer's review",
                   "printf '## Verdict: pass\n' >\"$plans/001-task-1-quality-review.md\"",
                   "changed_workspace", "001-task-1-quality-review.md"),
      reviewer_who("reviewed without a verdict", "echo 'Looks good.' >\"$out\"", "no_document",
                   "no \"## Verdict:\" heading"),
      reviewer_who("reviewed with two verdicts", "echo '## Verdict: fail' >>\"$out\"",
                   "no_document", "2 \"## Verdict:\" headings"),
      reviewer_who("reviewed with a verdict of its own", "review 'pass (mostly)'", "no_document",
                   "unknown verdict"),
      reviewer_who("passed and ended with an error", "exit 3", "crashed", "exit 3"),
  };
}

}  // namespace konductor::conformance
