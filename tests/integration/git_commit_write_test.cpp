// SPDX-License-Identifier: MIT
// What becomes of a commit that the disk does not take.
#include "platform/git_handles.hpp"
#include "support/git_project.hpp"

using namespace konductor;  // NOLINT
using Catch::Matchers::Contains;
using test::GitProject;
using test::require;

namespace {

namespace git = platform::git;

// The same commit in every repository: of the same tree, by the same person at the same time.
Result<git_oid> write_one(const GitProject& project) {
  const git::Repository repository = require(git::open_repository(project.git_directory()));
  git::Signature identity;
  REQUIRE(git_signature_new(git::receive(identity), "Ada", "ada@example.org", 1'700'000'000, 0) ==
          0);
  git::CommitParts parts;
  parts.tree = require(git::parse_id(project.git({"rev-parse", "HEAD^{tree}"})));
  parts.message = "a message\n";
  return git::write_commit(repository.get(), *identity, parts);
}

}  // namespace

TEST_CASE("a commit that could not be written is an error") {
  const GitProject sound;
  const std::string id = git::hex(require(write_one(sound)));
  CHECK(sound.git({"cat-file", "-t", id}) == "commit");
  const GitProject broken;
  // What stands in the place of its folder keeps it out, whoever runs this.
  GitProject::put(broken.git_directory() / "objects" / id.substr(0, 2), "in the way");
  const Result<git_oid> written = write_one(broken);
  REQUIRE(written.has_error());
  CHECK_THAT(written.error().message, Contains("cannot write a commit"));
}
