// SPDX-License-Identifier: MIT
// Deliveries that the git program makes: hooks, signatures, sparse checkouts.
#include <catch2/catch.hpp>

#include "support/finished_phase.hpp"

namespace fs = std::filesystem;
using namespace konductor;
using namespace konductor::test;
using Catch::Matchers::Contains;

namespace {

platform::WorkspacesOptions with_hooks() {
  platform::WorkspacesOptions options;
  options.runs_hooks = true;
  return options;
}

platform::WorkspacesOptions with_signature() {
  platform::WorkspacesOptions options;
  options.signs = true;
  return options;
}

struct Merging : FinishedPhase {
  explicit Merging(platform::WorkspacesOptions more) : FinishedPhase(std::move(more)) {}

  void hook(const std::string& name, const std::string& script) const {
    const fs::path path = project.git_directory() / "hooks" / name;
    GitProject::put(path, "#!/bin/sh\n" + script);
    fs::permissions(path, fs::perms::owner_exec, fs::perm_options::add);
  }
  // Does what the driver does with the work; returns what the failed step printed, or "".
  std::string run(const ports::GitWork& work, std::size_t steps = 9) const {
    for (std::size_t n = 0; n < work.steps.size() && n < steps; ++n) {
      RunOptions in_place;
      in_place.directory = work.directory;
      const RunResult ran = run_program(work.steps[n], in_place);
      if (ran.exit_code != 0) return "failed: " + ran.out + ran.err;
    }
    return "";
  }
  ports::GitWork begin() {
    const auto delivery = require(workspaces.deliver());
    INFO(delivery.detail);
    CHECK_FALSE(delivery.is_delivered);
    REQUIRE_FALSE(delivery.work.steps.empty());
    return delivery.work;
  }
  void deliver() {
    const std::string failed = run(begin());
    INFO(failed);
    REQUIRE(failed.empty());
    check_home();
  }
  void check_home() {
    const auto delivery = require(workspaces.deliver());
    INFO(delivery.detail);
    CHECK(delivery.is_delivered);
    CHECK(delivery.work.steps.empty());
    CHECK(delivery.as == ports::DeliveredAs::merge_commit);
    CHECK(has_result());
    CHECK(project.git({"rev-parse", "main^1"}) == start);
    CHECK(project.git({"rev-parse", "main^2"}) == result);
    CHECK(project.git({"status", "--porcelain", "-uno"}).empty());
    CHECK(project.complaints().empty());
    CHECK_FALSE(is_delivering());
  }
  void check_untouched() const {
    CHECK(project.head() == start);
    CHECK(project.read("README.md") == "hello\n");
    CHECK(project.git({"status", "--porcelain", "--", ":!.konductor"}).empty());
    CHECK_FALSE(fs::exists(project.git_directory() / "MERGE_HEAD"));
    CHECK_FALSE(is_delivering());
    CHECK(project.tip("konductor/01/main") == result);
  }
};

// What git calls in place of gpg: signs with a word.
void use_fake_gpg(const GitProject& project) {
  const fs::path program = project.root.parent_path() / "fake-gpg";
  GitProject::put(program,
                  "#!/bin/sh\ncat > /dev/null\n"
                  "printf '\\n[GNUPG:] SIG_CREATED D 1 8 00 1 ABC\\n' >&2\n"
                  "printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nword\\n"
                  "-----END PGP SIGNATURE-----\\n'\n");
  fs::permissions(program, fs::perms::owner_exec, fs::perm_options::add);
  project.git({"config", "gpg.program", program.native()});
  project.git({"config", "user.signingKey", "ABC"});
}

}  // namespace

TEST_CASE("with final hooks the branch gets one merge commit that went through them") {
  Merging it(with_hooks());
  it.hook("pre-commit", "git diff --cached --name-only > .git/seen\n");
  it.hook("commit-msg", "echo 'Checked-By: hook' >> \"$1\"\n");
  CHECK_FALSE(fs::exists(it.project.git_directory() / "seen"));
  it.deliver();
  CHECK_THAT(it.project.read(".git/seen"), Contains("docs/new.txt"));
  CHECK_THAT(it.project.git({"log", "-1", "--format=%B"}), Contains("merge(01): ") &&
                                                               Contains("Konductor-Run: run-1") &&
                                                               Contains("Checked-By: hook"));
  require(it.workspaces.prepare());
  CHECK(require(it.workspaces.integration_head()) == it.project.head());
}

TEST_CASE("a signature alone runs no hook") {
  Merging it(with_signature());
  use_fake_gpg(it.project);
  for (const char* name : {"pre-commit", "prepare-commit-msg", "commit-msg", "pre-merge-commit",
                           "post-commit", "post-merge"})
    it.hook(name, "touch .git/ran\nexit 1\n");
  it.deliver();
  CHECK_FALSE(fs::exists(it.project.git_directory() / "ran"));
  CHECK_THAT(it.project.git({"cat-file", "commit", "HEAD"}), Contains("gpgsig"));
  CHECK_THAT(it.project.git({"cat-file", "commit", it.result}), !Contains("gpgsig"));
}

TEST_CASE("a signature with an ssh key can be verified") {
  Merging it(with_signature());
  const fs::path key = it.project.root.parent_path() / "key";
  const RunResult made =
      run_program({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.native()});
  if (made.exit_code != 0) {
    WARN("no ssh-keygen: " << made.err);
    return;
  }
  const std::string is_public = GitProject::text_of(key.native() + ".pub");
  GitProject::put(key.native() + ".signers", "ada@example.org " + is_public);
  it.project.git({"config", "gpg.format", "ssh"});
  it.project.git({"config", "user.signingKey", key.native() + ".pub"});
  it.project.git({"config", "gpg.ssh.allowedSignersFile", key.native() + ".signers"});
  it.deliver();
  CHECK(it.project.git_succeeds({"verify-commit", "HEAD"}));
}

TEST_CASE("hooks without a signature leave the commit unsigned whatever is configured") {
  Merging it(with_hooks());
  use_fake_gpg(it.project);
  it.project.git({"config", "commit.gpgSign", "true"});
  it.deliver();
  CHECK_THAT(it.project.git({"cat-file", "commit", "HEAD"}), !Contains("gpgsig"));
}

TEST_CASE("a failing hook leaves the user's branch as it was") {
  Merging it(with_hooks());
  SECTION("that changes nothing") {
    it.hook("pre-commit", "echo too ugly; exit 1\n");
    CHECK_THAT(it.run(it.begin()), Contains("too ugly"));
    CHECK(require(it.workspaces.abandon_delivery()).empty());
    it.check_untouched();
  }
  SECTION("that formats a file") {
    it.hook("pre-commit", "echo formatted > README.md; exit 1\n");
    CHECK_FALSE(it.run(it.begin()).empty());
    const std::string kept = require(it.workspaces.abandon_delivery());
    CHECK(kept == "refs/konductor/run-1/delivery");
    CHECK(it.project.git({"show", kept + ":README.md"}) == "formatted");
    it.check_untouched();
  }
  SECTION("that stages what it formats") {
    it.hook("pre-commit", "echo formatted > README.md; git add -A; exit 1\n");
    CHECK_FALSE(it.run(it.begin()).empty());
    CHECK_FALSE(require(it.workspaces.abandon_delivery()).empty());
    it.check_untouched();
  }
  SECTION("that looks at the message") {
    it.hook("commit-msg", "exit 1\n");
    CHECK_FALSE(it.run(it.begin()).empty());
    require(it.workspaces.abandon_delivery());
    it.check_untouched();
  }
  for (const char* name : {"pre-commit", "commit-msg"})
    fs::remove(it.project.git_directory() / "hooks" / name);
  it.deliver();
}

TEST_CASE("a signature that cannot be made leaves the user's branch as it was") {
  Merging it(with_signature());
  it.project.git({"config", "gpg.program", "/bin/false"});
  CHECK_THAT(it.run(it.begin()), Contains("gpg"));
  require(it.workspaces.abandon_delivery());
  it.check_untouched();
}

TEST_CASE("a merge commit that a kill cut short is made by the next run") {
  Merging it(with_hooks());
  const auto work = it.begin();
  CHECK(it.is_delivering());
  SECTION("before the merge") {}
  SECTION("in the middle of the merge") {
    it.project.write("README.md", "chan");
    fs::remove(it.project.root / "removed.txt");
  }
  SECTION("before the commit") {
    REQUIRE(it.run(work, 1).empty());
    REQUIRE(fs::exists(it.project.git_directory() / "MERGE_HEAD"));
  }
  SECTION("after the commit") {
    REQUIRE(it.run(work).empty());
    it.check_home();
    return;
  }
  it.deliver();
}

TEST_CASE("a delivery that was cut short at its merge can be finished by other rules") {
  Merging it(with_hooks());
  REQUIRE(it.run(it.begin(), 1).empty());
  auto options = it.options;
  options.runs_hooks = false;
  SECTION("a fast-forward") {
    platform::GitWorkspaces plain(options);
    CHECK(require(plain.deliver()).is_delivered);
    CHECK(it.project.head() == it.result);
    CHECK(it.project.git({"status", "--porcelain", "-uno"}).empty());
  }
  SECTION("no commit") {
    options.auto_commit = false;
    platform::GitWorkspaces plain(options);
    CHECK(require(plain.deliver()).is_delivered);
    CHECK(it.project.head() == it.start);
    CHECK(it.has_result());
  }
  CHECK_FALSE(fs::exists(it.project.git_directory() / "MERGE_HEAD"));
}

TEST_CASE("a merge in which a person went on is left alone") {
  Merging it(with_hooks());
  REQUIRE(it.run(it.begin(), 1).empty());
  it.project.write("README.md", "a person's text\n");
  const auto delivery = require(it.workspaces.deliver());
  CHECK_FALSE(delivery.is_delivered);
  CHECK(delivery.work.steps.empty());
  CHECK_THAT(delivery.detail, Contains("merge or rebase is under way"));
  CHECK(it.project.read("README.md") == "a person's text\n");
  CHECK(fs::exists(it.project.git_directory() / "MERGE_HEAD"));
}

TEST_CASE("a person's own merge is never ended") {
  Merging it(with_hooks());
  it.project.git({"merge", "-q", "--no-ff", "--no-commit", "konductor/01/main"});
  const auto delivery = require(it.workspaces.deliver());
  CHECK_FALSE(delivery.is_delivered);
  CHECK_THAT(delivery.detail, Contains("under way"));
  CHECK(require(it.workspaces.abandon_delivery()).empty());
  CHECK(fs::exists(it.project.git_directory() / "MERGE_HEAD"));
}

TEST_CASE("a merge commit is not made where it has no checkout or no clean one") {
  Merging it(with_hooks());
  std::string why;
  SECTION("another branch") {
    it.project.git({"checkout", "-q", "-b", "other"});
    why = "not checked out";
  }
  SECTION("an edited file") {
    it.project.write("src/main.c", "mine\n");
    why = "src/main.c";
  }
  SECTION("a commit of the user's") {
    it.project.write("mine.txt", "mine\n");
    it.project.commit("mine");
    why = "moved on";
  }
  SECTION("a sparse checkout") {
    it.project.git({"config", "core.sparseCheckout", "true"});
    why = "sparse";
  }
  const std::string head = it.project.head();
  const auto delivery = require(it.workspaces.deliver());
  CHECK_FALSE(delivery.is_delivered);
  CHECK(delivery.work.steps.empty());
  CHECK_THAT(delivery.detail, Contains(why));
  CHECK_THAT(delivery.command, Catch::Matchers::StartsWith("git merge "));
  CHECK(it.project.head() == head);
}
