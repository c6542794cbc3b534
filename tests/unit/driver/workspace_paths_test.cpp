// SPDX-License-Identifier: MIT
#include "driver/workspace_paths.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "support/temp_dir.hpp"

using namespace konductor::driver;
namespace fs = std::filesystem;

TEST_CASE("links out of a tree are told from those inside") {
  konductor::test::TempDir root;
  const fs::path top = root / "tree";
  fs::create_directories(top / "folder");
  fs::create_directories(root / "outside");
  fs::create_directory_symlink(root / "outside", top / "out");
  fs::create_symlink("../outside", top / "out-by-dots");
  fs::create_symlink("../outside/missing", top / "out-to-nothing");
  fs::create_symlink("out", top / "out-by-another");
  fs::create_symlink("out-to-nothing", top / "out-to-nothing-by-another");
  fs::create_symlink("out/file", top / "out-through-another");
  fs::create_symlink("/dev/null", top / "device");
  fs::create_symlink("folder", top / "in");
  fs::create_symlink(".", top / "itself");
  fs::create_symlink("../tree/folder", top / "in-by-dots");
  fs::create_symlink(top / "folder", top / "in-from-the-top");
  fs::create_symlink("missing", top / "in-to-nothing");
  fs::create_symlink("circle-b", top / "circle-a");
  fs::create_symlink("circle-a", top / "circle-b");
  for (const char* name : {"out", "out-by-dots", "out-to-nothing", "out-by-another",
                           "out-to-nothing-by-another", "out-through-another", "device"}) {
    CAPTURE(name);
    CHECK(is_link_out_of(top, top / name));
  }
  for (const char* name : {"in", "itself", "in-by-dots", "in-from-the-top", "in-to-nothing",
                           "circle-a", "folder", "not-there"}) {
    CAPTURE(name);
    CHECK_FALSE(is_link_out_of(top, top / name));
  }
}

TEST_CASE("the top of a tree is where git's entry lies") {
  konductor::test::TempDir root;
  fs::create_directories(root / "tree/services/api");
  // Not git's: a sandbox put it there.
  fs::create_directories(root / "tree/services/.git");
  CHECK(tree_top(root / "tree/services/api") == root / "tree/services/api");
  const bool is_work_tree = GENERATE(false, true);
  if (!is_work_tree) fs::create_directories(root / "tree/.git");
  std::ofstream(root / (is_work_tree ? "tree/.git" : "tree/.git/HEAD")) << "gitdir: elsewhere\n";
  CHECK(tree_top(root / "tree/services/api") == root / "tree");
  CHECK(tree_top(root / "tree") == root / "tree");
}
