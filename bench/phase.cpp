// SPDX-License-Identifier: MIT
#include "phase.hpp"

#include <cstdio>
#include <sstream>

#include "measure.hpp"

namespace bench {
namespace fs = std::filesystem;
namespace {

std::string plan_text(int plan, int tasks) {
  std::ostringstream text;
  text << "+++\nphase = \"01\"\nplan = " << plan << "\nwave = 1\ntitle = \"Plan " << plan
       << "\"\ndepends_on = []\ntype = \"execute\"\nautonomous = true\n"
       << "requirements = [\"REQ-01\", \"REQ-02\"]\nfiles_modified = [";
  for (int task = 1; task <= tasks; ++task)
    text << (task == 1 ? "" : ", ") << "\"p" << plan << "t" << task << ".txt\"";
  text << "]\n\n[must_haves]\ntruths = [\"each task leaves its file\"]\nartifacts = []\n"
       << "key_links = []\n+++\n\n# Plan " << plan
       << "\n\n## Goal\n\nEvery task writes one small file, and nothing else changes.\n\n"
       << "## Tasks\n\n";
  for (int task = 1; task <= tasks; ++task)
    text << "### Task " << task << ": Write a file\n\n- **files:** `p" << plan << "t" << task
         << ".txt`\n- **action:** Write the word \"done\" to the file.\n"
         << "- **verify:** The file is there\n- **done:** The file holds one line.\n\n";
  return text.str();
}

const char* truth(bool value) {
  return value ? "true" : "false";
}

std::string config_text(const PhaseShape& shape) {
  std::ostringstream text;
  text << "[general]\ndefault_runtime = \"bench\"\n\n[runtimes.bench]\nkind = \"command\"\n"
       << "command = [\"" << BENCH_AGENT << "\"";
  if (shape.sleep_seconds > 0) text << ", \"--sleep\", \"" << shape.sleep_seconds << "\"";
  text << "]\n\n[execution]\nmax_wave_parallelism = " << shape.parallel
       << "\n\n[features]\ncode_review = " << truth(shape.is_reviewed) << "\n\n[gates]\n";
  for (const char* gate : {"changed", "declared_files", "verify", "protected_files"})
    text << gate << " = " << truth(shape.is_gated) << "\n";
  return text.str();
}

}  // namespace

fs::path plans_of(const fs::path& directory) {
  return directory / ".konductor" / "phases" / "01-bench" / "plans";
}

void make_phase(const fs::path& directory, const PhaseShape& shape) {
  fs::create_directories(directory);
  if (shape.is_in_git) {
    write_file(directory / "README.md", "# A project\n");
    run_checked({"git", "init", "-q", "-b", "main"}, directory);
    run_checked({"git", "config", "user.name", "Ada"}, directory);
    run_checked({"git", "config", "user.email", "ada@example.invalid"}, directory);
    run_checked({"git", "config", "commit.gpgsign", "false"}, directory);
    run_checked({"git", "add", "-A"}, directory);
    run_checked({"git", "commit", "-q", "-m", "start"}, directory);
  }
  const fs::path home = directory / ".konductor";
  write_file(home / "config.toml", config_text(shape));
  write_file(home / "project.md", "A project that shows what the engine costs.\n");
  write_file(home / "state.toml",
             "[project]\nname = \"bench\"\n\n[current]\nphase = \"01\"\nstep = \"planned\"\n"
             "status = \"idle\"\n");
  for (int plan = 1; plan <= shape.plans; ++plan) {
    char name[32];
    std::snprintf(name, sizeof name, "%03d.md", plan);
    write_file(plans_of(directory) / name, plan_text(plan, shape.tasks));
  }
}

void make_markers(const fs::path& project, int plans, int tasks) {
  for (int plan = 1; plan <= plans; ++plan) {
    char name[64];
    for (int task = 1; task <= tasks; ++task) {
      std::snprintf(name, sizeof name, "%03d-task-%d-summary.md", plan, task);
      write_file(plans_of(project) / name,
                 "# Summary\n\n## Status: DONE\n\nWrote the one file that the task declares.\n\n"
                 "## Review Status: passed\n");
    }
    std::snprintf(name, sizeof name, "%03d-summary.md", plan);
    write_file(plans_of(project) / name, "# Plan " + std::to_string(plan) + "\n\nComplete.\n");
  }
}

}  // namespace bench
