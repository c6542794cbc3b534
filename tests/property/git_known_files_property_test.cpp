// SPDX-License-Identifier: MIT
// Whatever is done to a work tree, who looks only where something may have changed finds what a
// look at everything finds.
#include <rapidcheck.h>
#include <sys/stat.h>

#include <array>
#include <catch2/catch.hpp>

#include "platform/git_tree.hpp"
#include "support/git_project.hpp"

using namespace konductor;
using namespace konductor::test;
namespace git = konductor::platform::git;
namespace fs = std::filesystem;

namespace {

// Places that get in each other's way.
const std::array<std::string, 19> kPlaces = {
    "a.txt",        "dir/crlf.txt",       "ident.md",         "b.txt",
    "dir",          "dir/c.txt",          "dir/deep",         "dir/deep/d.txt",
    "build",        "build/out.o",        "build/keep/k.c",   "logs/x.log",
    "logs/y.txt",   ".konductor/plan.md", ".konductor/state", "nested",
    "nested/n.txt", "nested/sub/s.c",     "dir/.gitignore"};

// With ends of lines and a keyword that attributes rewrite.
const std::array<std::string, 5> kTexts = {"*.o\nwritten 0\n", "*.o\nwritten 1\n",
                                           "*.o\r\nwritten 2\r\n", "# $Id$\r\n",
                                           "# $Id: 0123456789 $\n"};

enum class Act {
  write,
  write_as_before,  // Same size and times: only the content differs.
  remove,
  make_directory,
  move,
  change_mode,
  link,
  start_repository,
  forget_ignoring,
  capture,
  look,
  look_at_last,
  restore,
  restore_first,
  bring_index,
  reuse
};

struct Step {
  Act act = Act::write;
  std::string place;
  std::string other;
  int number = 0;
};

Step any_step() {
  static const std::vector<Act> kActs = {Act::write,
                                         Act::write,
                                         Act::write,
                                         Act::write_as_before,
                                         Act::remove,
                                         Act::remove,
                                         Act::make_directory,
                                         Act::move,
                                         Act::link,
                                         Act::change_mode,
                                         Act::start_repository,
                                         Act::forget_ignoring,
                                         Act::look,
                                         Act::look_at_last,
                                         Act::capture,
                                         Act::capture,
                                         Act::restore,
                                         Act::bring_index,
                                         Act::bring_index,
                                         Act::reuse,
                                         Act::restore_first};
  return Step{*rc::gen::elementOf(kActs), *rc::gen::elementOf(kPlaces),
              *rc::gen::elementOf(kPlaces), *rc::gen::inRange(0, 1000)};
}

void write_as_before(const fs::path& path) {
  struct stat status {};
  std::error_code error;
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0)
    return;
  std::string text = read_file(path);
  text.front() = text.front() == 'x' ? 'y' : 'x';
  write_file(path, text);
  const std::array<timespec, 2> times = {status.st_atim, status.st_mtim};
  ::utimensat(AT_FDCWD, path.c_str(), times.data(), 0);
}

// The repository that all cases share.
class Store {
 public:
  Store() {
    project_.write("dir/c.txt", "c\n");
    project_.write("dir/deep/d.txt", "d\n");
    project_.write("build/keep/k.c", "tracked though ignored\n");
    project_.write(".konductor/plan.md", "tracked in the excluded folder\n");
    // Was there before the rule, so it keeps its ends of lines.
    project_.write("dir/crlf.txt", "one\r\ntwo\r\n");
    project_.commit("ends of lines");
    project_.write(".gitattributes", "*.txt text=auto\n*.c text\n*.md ident\n");
    project_.git({"add", "-f", "build/keep/k.c", ".konductor/plan.md"});
    project_.commit("more");
    first = require(git::parse_id(project_.git({"rev-parse", "HEAD^{tree}"})));
  }
  fs::path directory() const { return project_.git_directory(); }

  git_oid first{};

 private:
  GitProject project_;
};

// A work tree that is looked at in both ways.
class TwoViews {
 public:
  explicit TwoViews(const Store& store)
      : store_(store.directory()),
        known_(std::make_shared<git::KnownFiles>(top_)),
        first_(store.first),
        last_(store.first) {
    write_file(top_ / ".git", "gitdir: elsewhere\n");
    require(few().fill(first_));
    for (const std::string& place : kPlaces)
      if (fs::path(place).has_extension()) write_file(outside() / place, "outside\n");
  }

  void check_outside() const {
    for (const std::string& place : kPlaces)
      if (fs::path(place).has_extension()) RC_ASSERT(read_file(outside() / place) == "outside\n");
  }

  void take(const Step& step) {
    const fs::path path = top_ / step.place;
    const fs::path other = top_ / step.other;
    std::error_code ignored;
    if (leads_outside(step.place) || leads_outside(step.other)) return;
    switch (step.act) {
      case Act::write:
        fs::create_directories(path.parent_path(), ignored);
        if (fs::is_directory(path.parent_path(), ignored) && !fs::is_directory(path, ignored))
          std::ofstream(path) << kTexts.at(static_cast<std::size_t>(step.number) % kTexts.size());
        return;
      case Act::write_as_before:
        return write_as_before(path);
      case Act::remove:
        fs::remove_all(path, ignored);
        return;
      case Act::make_directory:
        fs::create_directories(path, ignored);
        return;
      case Act::move:
        fs::rename(path, other, ignored);
        return;
      case Act::change_mode:
        if (fs::is_regular_file(fs::symlink_status(path, ignored)))
          fs::permissions(path, fs::perms::owner_exec,
                          step.number % 2 == 0 ? fs::perm_options::add : fs::perm_options::remove,
                          ignored);
        return;
      case Act::link:
        if (!fs::exists(fs::symlink_status(path, ignored)))
          fs::create_symlink(step.number % 2 == 0 ? "a.txt" : outside().native(), path, ignored);
        return;
      case Act::start_repository:
        if (fs::is_directory(fs::symlink_status(path, ignored)))
          write_file(path / ".git/HEAD", "ref: refs/heads/main\n");
        return;
      case Act::forget_ignoring:
        write_file(top_ / ".gitignore", "nothing\n");
        return;
      case Act::capture:
        return capture();
      case Act::look:
        return look(first_);
      case Act::look_at_last:
        return look(last_);
      case Act::restore:
        return restore(last_);
      case Act::restore_first:
        return restore(first_);
      case Act::bring_index:
        return bring_index();
      case Act::reuse:
        return reuse();
    }
  }

  bool leads_outside(const fs::path& place) const {
    fs::path above = top_;
    for (const fs::path& name : place)
      if (fs::is_symlink(above /= name)) return above != top_ / place;
    return false;
  }

  void capture() {
    git::WorkTree few_looks = few();
    git::WorkTree all_looks = all();
    few_looks.compare_with(last_);
    all_looks.compare_with(last_);
    const git_oid expected = require(all_looks.capture(last_));
    const git_oid found = require(few_looks.capture(last_));
    RC_ASSERT(git::hex(found) == git::hex(expected));
    last_ = found;
  }

  void look(const git_oid& tree) {
    git::WorkTree few_looks = few();
    git::WorkTree all_looks = all();
    few_looks.compare_with(tree);
    all_looks.compare_with(tree);
    const auto expected = lines_of(require(all_looks.scan()));
    RC_ASSERT(lines_of(require(few_looks.scan())) == expected);
  }

  void restore(const git_oid& tree) {
    require(few().restore(tree));
    last_ = tree;
    git::WorkTree after = all();
    after.compare_with(tree);
    RC_ASSERT(lines_of(require(after.scan())) == std::vector<std::string>{});
  }

  // What programs in the tree are given: it holds the tree, and nothing that it says of a file
  // hides a change.
  void bring_index() {
    {
      git::WorkTree files = few();
      files.compare_with(last_);
      require(files.bring_index_file());
    }
    const fs::path copy = place_ / "copied-index";
    fs::copy_file(place_ / "few-index", copy, fs::copy_options::overwrite_existing);
    fs::last_write_time(copy, fs::last_write_time(place_ / "few-index"));
    git::Index index;
    require(git::check(git_index_open(git::receive(index), copy.c_str()), "open"));
    git::WorkTree by_index = require(git::WorkTree::open({store_, top_, copy, ".konductor", ""}));
    git_oid held{};
    require(
        git::check(git_index_write_tree_to(&held, index.get(), by_index.repository()), "write"));
    RC_ASSERT(git::hex(held) == git::hex(last_));
    git::WorkTree all_looks = all();
    all_looks.compare_with(last_);
    by_index.compare_with(last_);
    const auto expected = lines_of(require(all_looks.scan()));
    RC_ASSERT(lines_of(require(by_index.scan())) == expected);
  }

  // As the next plan does.
  void reuse() {
    {
      git::WorkTree files = few();
      require(files.restore(first_));
      require(files.purge());
    }
    last_ = first_;
    std::vector<std::string> present;
    for (auto it = fs::recursive_directory_iterator(top_); it != fs::end(it); ++it)
      if (!it->is_directory() || it->is_symlink())
        present.push_back(it->path().lexically_relative(top_));
    std::sort(present.begin(), present.end());
    RC_ASSERT(present ==
              (std::vector<std::string>{
                  ".git", ".gitattributes", ".gitignore", ".konductor/plan.md", "README.md",
                  "build/keep/k.c", "dir/c.txt", "dir/crlf.txt", "dir/deep/d.txt", "src/main.c"}));
    restore(first_);
  }

 private:
  fs::path outside() const { return place_ / "outside"; }
  git::WorkTree few() const {
    return require(
        git::WorkTree::open({store_, top_, place_ / "few-index", ".konductor", "", known_}));
  }
  git::WorkTree all() const {
    // A new index each time: nothing is remembered.
    fs::remove(place_ / "all-index");
    return require(git::WorkTree::open({store_, top_, place_ / "all-index", ".konductor", ""}));
  }

  TempDir place_;
  fs::path top_ = place_ / "top";
  fs::path store_;
  std::shared_ptr<git::KnownFiles> known_;
  git_oid first_;
  git_oid last_;
};

}  // namespace

TEST_CASE("files that are tracked though ignored are seen after they came back") {
  const Store store;
  TwoViews views(store);
  for (const Step& step : std::vector<Step>{{Act::remove, "build", "", 0},
                                            {Act::capture, "", "", 0},
                                            {Act::write, "build/out.o", "", 0},
                                            {Act::capture, "", "", 0},
                                            {Act::restore_first, "", "", 0},
                                            {Act::look, "", "", 0},
                                            {Act::write, "build/keep/k.c", "", 1},
                                            {Act::capture, "", "", 0},
                                            {Act::write, "build/keep/k.c", "", 2},
                                            {Act::look, "", "", 0},
                                            {Act::capture, "", "", 0}})
    views.take(step);
}

TEST_CASE("a watch that was started for one tree does not serve another") {
  const Store store;
  TwoViews views(store);
  for (const Step& step : std::vector<Step>{{Act::remove, "build", "", 0},
                                            {Act::capture, "", "", 0},
                                            {Act::write, "build/out.o", "", 0},
                                            {Act::move, "dir/deep", "nested", 0},
                                            {Act::look_at_last, "", "", 0},
                                            {Act::restore_first, "", "", 0},
                                            {Act::write, "build/keep/k.c", "", 1},
                                            {Act::capture, "", "", 0},
                                            {Act::write, "build/keep/k.c", "", 2},
                                            {Act::capture, "", "", 0}})
    views.take(step);
}

TEST_CASE("a capture of few files is what git would have staged") {
  const GitProject project;
  project.write("kept.txt", "one\r\ntwo\r\n");
  project.write("was/a/file.txt", "below\n");
  project.write("was/other.txt", "other\n");
  project.write("place", "a file\n");
  project.write("run.sh", "#!/bin/sh\n");
  project.write("build/tracked.txt", "tracked though ignored\n");
  project.git({"add", "-f", "build/tracked.txt"});
  project.commit("before the rules");
  project.write(".gitattributes", "*.txt text=auto\n*.md ident\n*.crlf text eol=crlf\n");
  project.commit("rules");
  const git_oid tree = require(git::parse_id(project.git({"rev-parse", "HEAD^{tree}"})));
  const auto known = std::make_shared<git::KnownFiles>(project.root);
  const TempDir place;
  const auto open = [&] {
    git::WorkTree files = require(git::WorkTree::open(
        {project.git_directory(), project.root, place / "index", ".konductor", "", known}));
    files.compare_with(tree);
    return files;
  };
  REQUIRE(require(open().capture(tree)) == tree);
  fs::remove(place / "index");

  project.write("kept.txt", "one\r\ntwo\r\nthree\r\n");
  project.write("new.txt", "one\r\ntwo\r\n");
  project.write("new.md", "$Id: 0123456789 $\n");
  project.write("new.crlf", "one\r\n");
  project.write("build/tracked.txt", "tracked and changed\r\n");
  project.write("build/out.o", "ignored\n");
  fs::remove_all(project.root / "was");
  project.write("was", "a file now\n");
  fs::remove(project.root / "place");
  project.write("place/below/file.txt", "a directory now\n");
  fs::permissions(project.root / "run.sh", fs::perms::owner_exec, fs::perm_options::add);
  fs::remove(project.root / "README.md");
  fs::create_symlink("run.sh", project.root / "README.md");
  fs::create_directories(project.root / "empty/below");
  fs::remove_all(project.root / "src");
  const git_oid found = require(open().capture(tree));
  // Without the index of everything.
  CHECK_FALSE(fs::exists(place / "index"));
  project.git({"add", "-A"});
  CHECK(git::hex(found) == project.git({"write-tree"}));

  git::WorkTree files = open();
  require(files.restore(tree));
  project.git({"reset", "-q"});
  CHECK(project.git({"status", "--porcelain"}) == "");
  CHECK(read_file(project.root / "kept.txt") == "one\r\ntwo\r\n");
}

TEST_CASE("a look at what may have changed finds all that a look at everything finds") {
  const Store store;
  const bool holds = rc::check([&store] {
    TwoViews views(store);
    const auto steps = *rc::gen::container<std::vector<Step>>(rc::gen::exec(any_step));
    for (const Step& step : steps) {
      RC_LOG() << static_cast<int>(step.act) << " " << step.place << " " << step.other << " "
               << step.number << "\n";
      views.take(step);
    }
    views.take({Act::look, "", "", 0});
    views.capture();
    views.reuse();
    views.check_outside();
  });
  CHECK(holds);
}
