// SPDX-License-Identifier: MIT
#include "e2e/agent/agent.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>

extern char** environ;

namespace fake {

namespace fs = std::filesystem;

namespace {

std::string trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  const auto last = text.find_last_not_of(" \t\r\n");
  return std::string(text.substr(first, last - first + 1));
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

int number(const std::string& text) {
  return text.empty() ? 0 : std::atoi(text.c_str());
}

// The section of a task: from its heading to the next one.
std::string task_section(const std::string& text, int task) {
  const std::string heading = "Task " + std::to_string(task);
  for (auto at = text.find(heading); at != std::string::npos; at = text.find(heading, at + 1)) {
    const std::string rest = trim(text.substr(at + heading.size(), 4));
    const bool is_heading = !rest.empty() && std::isdigit(static_cast<unsigned char>(rest[0])) == 0;
    if (!is_heading || at < 4 || text.compare(at - 4, 4, "### ") != 0) continue;
    return text.substr(at, text.find("\n### ", at) - at);
  }
  return "";
}

std::string title_of(const std::string& section) {
  const std::string line = section.substr(0, section.find('\n'));
  const auto colon = line.find(':');
  return colon == std::string::npos ? "" : trim(std::string_view(line).substr(colon + 1));
}

// The code spans of the field `files`.
std::vector<std::string> files_of(const std::string& section) {
  std::vector<std::string> files;
  const auto field = section.find("**files:**");
  if (field == std::string::npos) return files;
  const auto end = section.find("**action:**", field);
  for (auto open = section.find('`', field); open < end; open = section.find('`', open + 1)) {
    const auto close = section.find('`', open + 1);
    if (close == std::string::npos) break;
    files.push_back(section.substr(open + 1, close - open - 1));
    open = close;
  }
  return files;
}

std::vector<Directive> directives(const std::string& title) {
  std::vector<Directive> list;
  std::istringstream parts(title);
  std::string part;
  while (std::getline(parts, part, ';')) {
    Directive directive{trim(part), kAlways};
    const auto space = directive.name.rfind(' ');
    if (space != std::string::npos) {
      const std::string last = directive.name.substr(space + 1);
      if (last == "once" || last == "twice" || last == "always" ||
          last.find_first_not_of("0123456789") == std::string::npos) {
        directive.attempts = last == "once"     ? 1
                             : last == "twice"  ? 2
                             : last == "always" ? kAlways
                                                : number(last);
        directive.name.resize(space);
      }
    }
    list.push_back(directive);
  }
  return list;
}

std::int64_t monotonic_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string read_text(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void write_text(const fs::path& path, std::string_view text) {
  if (path.has_parent_path()) fs::create_directories(path.parent_path());
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << text;
}

std::string Agent::name() const {
  if (plan == 0) return "holistic-" + role + "-" + std::to_string(attempt);
  return role + "-" + std::to_string(plan) + "-" + std::to_string(task) + "-" +
         std::to_string(attempt);
}

Agent read_agent() {
  Agent agent;
  agent.role = environment("KONDUCTOR_ROLE");
  agent.reason = environment("KONDUCTOR_REASON");
  agent.phase = environment("KONDUCTOR_PHASE");
  agent.plan = number(environment("KONDUCTOR_PLAN"));
  agent.task = number(environment("KONDUCTOR_TASK"));
  agent.attempt = number(environment("KONDUCTOR_ATTEMPT"));
  agent.directory = environment("FAKE_AGENT_DIR");
  agent.project = environment("FAKE_AGENT_PROJECT");
  agent.output = environment("KONDUCTOR_OUTPUT");
  char buffer[65536];
  for (ssize_t count = 0; (count = ::read(0, buffer, sizeof buffer)) > 0;)
    agent.prompt.append(buffer, static_cast<std::size_t>(count));
  if (agent.plan == 0) {
    agent.title = environment("FAKE_AGENT_PHASE");
    return agent;
  }
  // A task that an assessor made stands in no plan file: its prompt tells of it.
  std::string section = task_section(read_text(environment("KONDUCTOR_PLAN_FILE")), agent.task);
  if (section.empty()) section = task_section(agent.prompt, agent.task);
  agent.title = title_of(section);
  // For a merge the plan's first task says what to do.
  if (agent.task == 0)
    agent.title = title_of(task_section(read_text(environment("KONDUCTOR_PLAN_FILE")), 1));
  agent.files = files_of(section);
  return agent;
}

Behaviour choose(const Agent& agent, const Behaviours& behaviours) {
  for (const Directive& directive : directives(agent.title)) {
    const auto found = behaviours.find(directive.name);
    if (found != behaviours.end() && agent.attempt <= directive.attempts) return found->second;
  }
  return nullptr;
}

std::optional<std::string> argument(const Agent& agent, std::string_view name) {
  std::istringstream parts(agent.title);
  std::string part;
  while (std::getline(parts, part, ';')) {
    const std::string directive = trim(part);
    if (directive.size() > name.size() && directive.compare(0, name.size(), name) == 0 &&
        directive[name.size()] == ' ')
      return trim(std::string_view(directive).substr(name.size()));
  }
  return std::nullopt;
}

bool has(const Agent& agent, std::string_view name) {
  for (const Directive& directive : directives(agent.title))
    if (directive.name == name) return true;
  return false;
}

void log_line(const Agent& agent, std::string_view what, const std::string& extra) {
  std::ostringstream line;
  line << "{\"what\":" << json_text(what) << ",\"role\":" << json_text(agent.role)
       << ",\"phase\":" << json_text(agent.phase) << ",\"plan\":" << agent.plan
       << ",\"task\":" << agent.task << ",\"attempt\":" << agent.attempt
       << ",\"reason\":" << json_text(agent.reason)
       << ",\"slot\":" << number(environment("KONDUCTOR_SLOT"))
       << ",\"run\":" << json_text(environment("KONDUCTOR_RUN")) << ",\"pid\":" << ::getpid()
       << ",\"time\":" << monotonic_nanoseconds() << ",\"title\":" << json_text(agent.title)
       << ",\"cwd\":" << json_text(fs::current_path().string())
       << (extra.empty() ? "" : "," + extra) << "}\n";
  const std::string text = line.str();
  const int file = ::open((agent.directory / "log.jsonl").c_str(),
                          O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  // One write a line, so that lines of agents that run at once do not mix.
  if (file < 0 || ::write(file, text.data(), text.size()) < 0) std::_Exit(9);
  ::close(file);
}

void hand_in(const Agent& agent, std::string_view text) {
  std::ofstream stream(agent.output, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.flush();
  if (!stream) {
    log_line(agent, "problem", R"("text":"cannot write KONDUCTOR_OUTPUT")");
    std::_Exit(9);
  }
}

std::string summary(const Agent& agent, std::string_view status, std::string_view more) {
  std::ostringstream text;
  text << "# Plan " << agent.plan << " — Task " << agent.task << " Summary\n\n"
       << "## Status: " << status << "\n\n## Files Created\n\n";
  for (const std::string& file : agent.files)
    text << "- `" << file << "`\n";
  text << "\n## Decisions Made\n\nsummary-of-" << agent.plan << "-" << agent.task << " in attempt "
       << agent.attempt << "\n";
  if (!more.empty()) text << "\n" << more << "\n";
  return text.str();
}

void write_declared_files(const Agent& agent) {
  std::string text =
      "plan " + std::to_string(agent.plan) + " task " + std::to_string(agent.task) + "\n";
  const bool is_fix = agent.reason.find("_fix") != std::string::npos || agent.reason == "concerns";
  if (is_fix) text += agent.reason + " attempt " + std::to_string(agent.attempt) + "\n";
  for (const std::string& file : agent.files)
    if (!file.empty() && file.back() != '/') write_text(file, text);
}

void git(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"git", "-c", "user.name=Agent", "-c",
                                    "user.email=agent@example.org"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  int status = -1;
  if (::posix_spawnp(&child, "git", nullptr, nullptr, argv.data(), environ) != 0 ||
      ::waitpid(child, &status, 0) != child || status != 0)
    std::_Exit(9);
}

void hang() {
  while (true)
    ::pause();
}

void linger(int milliseconds) {
  ::poll(nullptr, 0, milliseconds);
}

void await_file(const fs::path& path) {
  for (int round = 0; round < 6000; ++round) {
    if (fs::exists(path)) return;
    linger(10);
  }
  std::_Exit(9);
}

}  // namespace fake
