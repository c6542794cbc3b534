// SPDX-License-Identifier: MIT
// docs/tutorial.md, done as it stands there: its commands in one shell, and what it says they
// print.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "e2e/scenario.hpp"
#include "support/temp_dir.hpp"

namespace fs = std::filesystem;
using konductor::split_lines;

namespace {

struct Step {
  std::string commands;
  std::string printed;  // "" where the tutorial does not say.
};

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Fences "sh", and the fences "text" behind them.
std::vector<Step> steps_of(const std::string& document) {
  std::vector<Step> steps;
  std::string* into = nullptr;
  for (const std::string_view line : split_lines(document)) {
    if (line == "```sh") {
      into = &steps.emplace_back().commands;
    } else if (line == "```text") {
      REQUIRE_FALSE(steps.empty());
      into = &steps.back().printed;
    } else if (line == "```") {
      into = nullptr;
    } else if (into != nullptr) {
      *into += std::string(line) + "\n";
    }
  }
  return steps;
}

// "…" stands for any lines, and at a line's end for what is left of it.
bool is_like(const std::string& wanted, const std::string& printed) {
  constexpr std::string_view kAny = "…";
  const auto lines = split_lines(printed);
  std::size_t at = 0;
  bool may_skip = false;
  for (const std::string_view want : split_lines(wanted)) {
    if (want == kAny) {
      may_skip = true;
      continue;
    }
    const bool is_open =
        want.size() > kAny.size() && want.substr(want.size() - kAny.size()) == kAny;
    const std::string_view begin = is_open ? want.substr(0, want.size() - kAny.size()) : want;
    const auto fits = [&](std::string_view line) {
      return is_open ? line.substr(0, begin.size()) == begin : line == want;
    };
    while (may_skip && at < lines.size() && !fits(lines[at]))
      ++at;
    if (at == lines.size() || !fits(lines[at])) return false;
    ++at;
    may_skip = false;
  }
  return may_skip || at == lines.size();
}

}  // namespace

TEST_CASE("the tutorial works as it is written") {
  const std::vector<Step> steps = steps_of(text_of(KONDUCTOR_SOURCE_DIR "/docs/tutorial.md"));
  REQUIRE(steps.size() >= 7);
  const konductor::test::TempDir folder;
  fs::create_directories(folder / "home");
  std::string script = "set -e\n";
  for (std::size_t n = 0; n < steps.size(); ++n)
    script += "{\n" + steps[n].commands + "} >'" +
              (folder / ("out-" + std::to_string(n))).string() + "'\n";
  const e2e::Ended ended = e2e::run_program(
      {"/bin/sh", "-c", script},
      {"PATH=" KONDUCTOR_BINARY_DIR ":/usr/bin:/bin", "HOME=" + (folder / "home").string()},
      folder.path());
  INFO(ended.err);
  REQUIRE(ended.exit == 0);
  for (std::size_t n = 0; n < steps.size(); ++n) {
    if (steps[n].printed.empty()) continue;
    const std::string printed = text_of(folder / ("out-" + std::to_string(n)));
    INFO("the commands\n" << steps[n].commands << "printed\n" << printed);
    CHECK(is_like(steps[n].printed, printed));
  }
}

TEST_CASE("what the tutorial prints is compared line by line") {
  CHECK(is_like("a\n…\nc …\n", "a\nb\nb\nc and more\n"));
  CHECK_FALSE(is_like("a\nc\n", "a\nb\n"));
  CHECK_FALSE(is_like("a\n", "a\nb\n"));
  CHECK_FALSE(is_like("…\nz\n", "a\nb\n"));
}
