// SPDX-License-Identifier: MIT
#include "cli/init_questions.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/output.hpp"

namespace konductor::cli {
namespace {

// Remembers that input has ended: nobody is asked after that.
class Questioner {
 public:
  explicit Questioner(const AskLine& ask) : ask_(ask) {}

  // The answer without spaces around it, or `suggestion` for an empty one.
  std::string ask(const std::string& question, const std::string& suggestion) {
    if (has_ended_) return suggestion;
    const std::string shown = suggestion.empty() ? "" : " [" + suggestion + "]";
    const std::optional<std::string> line = ask_(question + shown + ": ");
    has_ended_ = !line;
    const std::string answer = line ? to_valid_utf8(trim(*line)) : "";
    return answer.empty() ? suggestion : answer;
  }

  [[nodiscard]] bool has_ended() const { return has_ended_; }

 private:
  const AskLine& ask_;
  bool has_ended_ = false;
};

// The one that is chosen comes first, which is what the configuration names.
void ask_agent(Questioner& questioner, std::vector<std::string>& agents) {
  if (agents.size() < 2) return;
  std::string question = "Which agent does the work, of " + join(agents, ", ") + "?";
  while (!questioner.has_ended()) {
    const std::string answer = questioner.ask(question, agents.front());
    const auto chosen = std::find(agents.begin(), agents.end(), to_lower(answer));
    if (chosen != agents.end()) {
      std::rotate(agents.begin(), chosen, chosen + 1);
      return;
    }
    question = quote(answer) + " is none of " + join(agents, ", ") + ". Which one?";
  }
}

void ask_tests(Questioner& questioner, std::vector<std::string>& commands) {
  const std::string found = commands.empty() ? "none" : commands.front();
  const std::string answer = questioner.ask("Which command runs its tests?", found);
  if (answer == found) return;
  commands.clear();
  if (to_lower(answer) != "none") commands.push_back(answer);
}

bool ask_example(Questioner& questioner, const ProjectFacts& facts) {
  const std::string plan = ".konductor/phases/" + facts.phase + "/plans/001.md";
  const std::string answer =
      to_lower(questioner.ask("Write a first plan to change, " + plan + "? yes or no", "no"));
  return answer == "y" || answer == "yes";
}

}  // namespace

void ask_facts(ProjectFacts& facts, bool& has_example, const AskLine& ask) {
  Questioner questioner(ask);
  facts.about = questioner.ask(
      "What does " + quote(one_line(facts.name)) + " do, in a sentence that every agent reads?",
      "");
  ask_agent(questioner, facts.agents);
  ask_tests(questioner, facts.kind.test_commands);
  if (!has_example) has_example = ask_example(questioner, facts);
}

}  // namespace konductor::cli
