// SPDX-License-Identifier: MIT
// The files that konductor-acp reads and writes for an agent.
#include <catch2/catch.hpp>

#include "acp_client/workspace_files.hpp"
#include "support/temp_dir.hpp"

using namespace konductor::acp_client;
using konductor::ErrorCode;
using konductor::test::TempDir;

namespace fs = std::filesystem;

TEST_CASE("a path is resolved as far as it is there") {
  const TempDir folder;
  const std::string top = folder.path();
  fs::create_directories(folder / "a/b");
  fs::create_directory_symlink("a/b", folder / "inside");
  fs::create_symlink("/does/not/exist", folder / "nowhere");
  fs::create_symlink("loop", folder / "loop");
  konductor::test::write_file(folder / "file", "x");
  CHECK(resolve_path(top + "/a/b") == top + "/a/b");
  CHECK(resolve_path(top + "//a/./b/../new/x") == top + "/a/new/x");
  CHECK(resolve_path(top + "/inside/x") == top + "/a/b/x");
  CHECK(resolve_path(top + "/inside/../x") == top + "/a/x");
  // A link to nowhere would be written through.
  CHECK(resolve_path(top + "/nowhere") == "/does/not/exist");
  CHECK(resolve_path("/..") == "/");
  CHECK_FALSE(resolve_path(top + "/loop"));
  CHECK_FALSE(resolve_path(top + "/file/x"));
  CHECK_FALSE(resolve_path("relative"));
  CHECK_FALSE(resolve_path(""));
}

TEST_CASE("files are written and read without following a link") {
  const TempDir folder;
  const std::string top = folder.path();
  REQUIRE(write_text(top + "/new/folder/file", "one\ntwo\nthree").has_value());
  CHECK(read_text(top + "/new/folder/file", 0, 0).value() == "one\ntwo\nthree");
  CHECK(read_text(top + "/new/folder/file", 2, 1).value() == "two\n");
  CHECK(read_text(top + "/new/folder/file", 2, 0).value() == "two\nthree");
  CHECK(read_text(top + "/new/folder/file", 9, 1).value().empty());
  REQUIRE(write_text(top + "/new/folder/file", "short").has_value());
  CHECK(read_text(top + "/new/folder/file", 1, 0).value() == "short");
  fs::create_symlink("new/folder/file", folder / "link");
  fs::create_directory_symlink("new", folder / "way");
  CHECK(write_text(top + "/link", "x").has_error());
  CHECK(write_text(top + "/way/x", "x").has_error());
  CHECK(read_text(top + "/link", 0, 0).has_error());
  CHECK(read_text(top + "/new", 0, 0).error().code == ErrorCode::invalid_input);
  CHECK(read_text(top + "/missing", 0, 0).error().code == ErrorCode::not_found);
  CHECK(read_text(top + "/new/folder/file", 0, 0).value() == "short");
}

TEST_CASE("a file that is no text or too large is no danger") {
  const TempDir folder;
  const std::string top = folder.path();
  konductor::test::write_file(folder / "bytes", "a\xFF");
  CHECK(read_text(top + "/bytes", 0, 0).value() == "a\xEF\xBF\xBD");
  konductor::test::write_file(folder / "large", "");
  fs::resize_file(folder / "large", kFileBytesMax + 1);
  CHECK(read_text(top + "/large", 0, 0).has_error());
}
