// SPDX-License-Identifier: MIT
// Behaviours of the executor that concern files: those it owes, and those it must not touch.
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "e2e/agent/executor.hpp"

namespace fake {

namespace fs = std::filesystem;

namespace {

// Says DONE, with whatever the tree holds now.
int say_done(Agent& agent, std::string_view more = "") {
  hand_in(agent, summary(agent, "DONE", more));
  return 0;
}

void append_text(const fs::path& path, std::string_view text) {
  write_text(path, read_text(path) + std::string(text));
}

fs::path phase_plans(const Agent& agent) {
  return agent.project / ".konductor/phases" / agent.phase / "plans";
}

// The project's git directory, whatever workspace this is.
fs::path git_directory(const Agent& agent) {
  return agent.project / ".git";
}

}  // namespace

int claim_done(Agent& agent) {
  return say_done(agent);
}

int write_wrong_file(Agent& agent) {
  write_text("elsewhere.txt", "written to the wrong place\n");
  return say_done(agent);
}

int write_extra_file(Agent& agent) {
  write_text("extra.txt", "nobody asked for it\n");
  return do_honest_work(agent);
}

int write_ignored_file(Agent& agent) {
  write_text("build/ignored.o", "ignored\n");
  return say_done(agent);
}

int delete_file(Agent& agent) {
  std::string list = "## Files Deleted\n\n";
  for (const std::string& file : agent.files) {
    fs::remove(file);
    list += "- `" + file + "`\n";
  }
  hand_in(agent, "# Summary\n\n## Status: DONE\n\n" + list);
  return 0;
}

// One of everything that can happen to files, in a tree that has a folder "old" and a file "plain".
int rearrange(Agent& agent) {
  fs::permissions("tool.sh", fs::perms::owner_exec, fs::perm_options::add);
  fs::copy("old", "new", fs::copy_options::recursive);
  fs::remove_all("old");
  write_text("old", "a file now\n");
  fs::remove("plain");
  write_text("plain/inside.txt", "a folder now\n");
  fs::remove_all("again");
  write_text("again/second.txt", "second\n");
  fs::remove("gone.txt");
  fs::remove("link");
  fs::create_symlink("again/second.txt", "link");
  write_text("README.md", "# Another project\n");
  write_text("build/ignored.o", "ignored\n");
  return say_done(agent);
}

int delete_file_silently(Agent& agent) {
  for (const std::string& file : agent.files)
    fs::remove(file);
  return say_done(agent);
}

int link_out(Agent& agent) {
  const fs::path outside = agent.directory / "outside.txt";
  write_text(outside, "outside of the repository\n");
  for (const std::string& file : agent.files) {
    fs::remove(file);
    fs::create_symlink(outside, file);
  }
  return say_done(agent);
}

int link_folder_out(Agent& agent) {
  const fs::path outside = agent.directory / "outside";
  for (const std::string& file : agent.files) {
    write_text(outside / fs::path(file).filename(), "outside of the repository\n");
    fs::remove_all(fs::path(file).parent_path());
    fs::create_directory_symlink(outside, fs::path(file).parent_path());
  }
  return say_done(agent);
}

int link_inside(Agent& agent) {
  fs::create_directories("links");
  fs::create_symlink("../" + agent.files.front(), "links/inner");
  fs::create_symlink(fs::current_path() / agent.files.front(), "links/whole");
  fs::create_symlink("nowhere", "links/dangling");
  return do_honest_work(agent);
}

// It leads to nothing yet.
int link_out_dangling(Agent& agent) {
  fs::remove("away");
  fs::create_symlink("../../../../nowhere/at/all", "away");
  return do_honest_work(agent);
}

int commit_itself(Agent& agent) {
  write_declared_files(agent);
  for (const std::string& file : agent.files)
    git({"add", file});
  git({"commit", "-q", "-m", "feat: the agent's own commit"});
  return say_done(agent);
}

// Tells of each command whether it was let through.
int try_outside(Agent& agent) {
  const fs::path others = fs::current_path().parent_path() / "01-plan-002";
  const std::string home = environment("HOME");
  const std::vector<fs::path> files = {
      agent.project / "README.md",
      agent.project / ".konductor/config.toml",
      agent.project / ".konductor/state.toml",
      agent.project / ".konductor/konductor.db",
      phase_plans(agent) / "001.md",
      phase_plans(agent) / "001-task-2-summary.md",
      git_directory(agent) / "config",
      git_directory(agent) / "hooks/post-checkout",
      git_directory(agent) / "refs/heads/main",
      others / "README.md",
      fs::path(home) / "outside.txt",
  };
  std::vector<std::string> commands = {
      "git update-ref refs/heads/precious HEAD", "git config core.fsmonitor true",
      "git update-ref refs/heads/konductor/01/plan-002/work HEAD",
      "git update-ref refs/heads/konductor/01/main HEAD",
      "git update-ref refs/heads/main $(git commit-tree -m x HEAD^{tree})"};
  for (const fs::path& file : files)
    commands.push_back("echo spoiled >> '" + file.string() + "'");
  for (const std::string& command : commands) {
    const bool is_let_through = std::system((command + " 2>> refusals.txt").c_str()) == 0;
    log_line(agent, is_let_through ? "let through" : "refused");
  }
  const std::string refusals = read_text("refusals.txt");
  const bool is_told = refusals.find("Permission denied") != std::string::npos ||
                       refusals.find("Read-only file system") != std::string::npos;
  fs::remove("refusals.txt");
  return is_told ? commit_itself(agent) : 9;
}

// What its task does not declare, in its own tree.
int try_undeclared(Agent& agent) {
  const fs::path said = agent.directory / "refusals.txt";
  for (const std::string command :
       {"echo spoiled >> README.md", "echo x > elsewhere.txt", "mkdir folder", "rm README.md",
        "mv README.md moved.md", "ln -s README.md link.md", "git rm -q README.md"}) {
    const std::string whole = "( " + command + " ) 2>> '" + said.string() + "'";
    const bool is_let_through = std::system(whole.c_str()) == 0;
    log_line(agent, is_let_through ? "let through" : "refused");
  }
  const std::string refusals = read_text(said);
  const bool is_told = refusals.find("Permission denied") != std::string::npos ||
                       refusals.find("Read-only file system") != std::string::npos;
  return is_told ? commit_itself(agent) : 9;
}

// Asks for a file of its own and for one of plan 2, and tells which of them it may write then.
int ask_for_files(Agent& agent) {
  if (agent.reason != "context") {
    write_declared_files(agent);
    hand_in(agent, summary(agent, "NEEDS_CONTEXT",
                           "## Files Needed\n\n- `more/extra.txt` — is included\n- `p2t1.txt`\n"));
    return 0;
  }
  for (const std::string file : {"more/extra.txt", "p2t1.txt"}) {
    const bool is_written = std::system(("( echo x > " + file + " ) 2> /dev/null").c_str()) == 0;
    log_line(agent, is_written ? "wrote" : "could not write", "\"file\":\"" + file + "\"");
  }
  return do_honest_work(agent);
}

// Tells of each file whether it could be read.
int read_outside(Agent& agent) {
  const fs::path others = fs::current_path().parent_path() / "01-plan-002";
  const fs::path home = environment("HOME");
  for (const fs::path& file :
       {home / ".ssh/id_ed25519", home / "private/notes.txt", home / "public.txt",
        agent.project / ".konductor/konductor.db", agent.project / ".konductor/konductor.db-wal",
        agent.project / "README.md", others / "README.md", fs::path("README.md")}) {
    const std::string command = "test -s '" + file.string() + "' && cat '" + file.string() + "'";
    const bool is_read = std::system((command + " > /dev/null 2>&1").c_str()) == 0;
    log_line(agent, is_read ? "read" : "could not read", "\"file\":\"" + file.string() + "\"");
  }
  return commit_itself(agent);
}

int edit_verify_script(Agent& agent) {
  write_text("check.sh", "exit 0\n");
  return do_honest_work(agent);
}

int edit_plan(Agent& agent) {
  for (const auto& entry : fs::directory_iterator(phase_plans(agent)))
    if (entry.path().extension() == ".md" &&
        entry.path().string().find("summary") == std::string::npos)
      append_text(entry.path(), "\nThe agent made its task easier.\n");
  return do_honest_work(agent);
}

int edit_state(Agent& agent) {
  append_text(agent.project / ".konductor/state.toml", "\n# edited by the agent\n");
  return do_honest_work(agent);
}

int edit_config(Agent& agent) {
  append_text(agent.project / ".konductor/config.toml", "\n[gates]\nverify = false\n");
  return do_honest_work(agent);
}

int edit_workspace_konductor(Agent& agent) {
  write_text(".konductor/phases/01/plans/001-summary.md", "# forged\n");
  return do_honest_work(agent);
}

int write_next_summary(Agent& agent) {
  Agent next = agent;
  next.task = agent.task + 1;
  char name[64];
  std::snprintf(name, sizeof name, "%03d-task-%d-summary.md", next.plan, next.task);
  write_text(phase_plans(agent) / name,
             summary(next, "DONE", "## Review Status: passed\n\nforged\n"));
  return do_honest_work(agent);
}

int edit_git_config(Agent& agent) {
  append_text(git_directory(agent) / "config", "[core]\n\tfsmonitor = /bin/true\n");
  return do_honest_work(agent);
}

int add_hook(Agent& agent) {
  const fs::path hook = git_directory(agent) / "hooks/post-checkout";
  write_text(hook, "#!/bin/sh\nexit 0\n");
  ::chmod(hook.c_str(), 0755);
  return do_honest_work(agent);
}

int move_foreign_ref(Agent& agent) {
  git({"update-ref", "refs/heads/precious", "HEAD"});
  return do_honest_work(agent);
}

}  // namespace fake
