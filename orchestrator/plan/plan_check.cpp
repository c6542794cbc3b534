// SPDX-License-Identifier: MIT
#include "plan/plan_check.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "plan/cycles.hpp"

namespace konductor::plan {
namespace {

std::string_view last_part(std::string_view path) {
  while (!path.empty() && path.back() == '/')
    path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);
}

// "01" and "01-auth-system" name the same phase.
bool begins_phase(std::string_view shorter, std::string_view longer) {
  return longer.size() > shorter.size() && longer.substr(0, shorter.size()) == shorter &&
         longer[shorter.size()] == '-';
}

bool is_same_phase(std::string_view a, std::string_view b) {
  return a == b || begins_phase(a, b) || begins_phase(b, a);
}

class Checker {
 public:
  Checker(std::string_view phase, const std::vector<LoadedPlan>& plans)
      : phase_(phase), plans_(plans), order_(plans.size()), graph_(plans.size()) {
    for (std::size_t i = 0; i < order_.size(); ++i)
      order_[i] = i;
    // Which of two plans is "already there" shall not depend on the order of the directory.
    std::sort(order_.begin(), order_.end(),
              [&](std::size_t a, std::size_t b) { return plans_[a].path < plans_[b].path; });
  }

  std::vector<Diagnostic> check() {
    for (const LoadedPlan& plan : plans_)
      found_.insert(found_.end(), plan.diagnostics.begin(), plan.diagnostics.end());
    check_phases();
    index_numbers();
    link_dependencies();
    check_cycles();
    for (const std::size_t at : order_)
      check_wave(at);
    check_shared_files();
    const auto by_place = [](const Diagnostic& a, const Diagnostic& b) {
      return std::tie(a.path, a.position.line, a.position.column) <
             std::tie(b.path, b.position.line, b.position.column);
    };
    std::stable_sort(found_.begin(), found_.end(), by_place);
    return std::move(found_);
  }

 private:
  void report(const LoadedPlan& plan, Position position, Severity severity, Rule rule,
              std::string message, std::string hint) {
    found_.push_back({plan.path, position, severity, rule, std::move(message), std::move(hint)});
  }

  void check_phases() {
    for (const std::size_t at : order_) {
      const auto& phase = plans_[at].outline.phase;
      if (!phase || is_same_phase(phase->value, phase_)) continue;
      report(plans_[at], phase->position, Severity::error, Rule::phase_differs,
             "phase " + quote(phase->value) + " differs from the directory " + quote(phase_),
             "write phase = " + quote(phase_) + " or move the file to its phase");
    }
  }

  // The number that others know a plan by: its own, else its file's.
  [[nodiscard]] int number_of(std::size_t at) const {
    const auto& number = plans_[at].outline.number;
    return number ? number->value : plans_[at].file_number;
  }

  void index_numbers() {
    for (const std::size_t at : order_) {
      const auto& number = plans_[at].outline.number;
      if (!number) continue;
      const auto [first, is_new] = by_number_.emplace(number->value, at);
      if (!is_new)
        report(plans_[at], number->position, Severity::error, Rule::duplicate_plan,
               "duplicate plan number " + std::to_string(number->value) + ", which " +
                   quote(plans_[first->second].path) + " has already",
               "give each plan of the phase a number of its own");
    }
    // A plan whose own number is wrong or unreadable still exists for those that depend on it.
    for (const std::size_t at : order_)
      if (plans_[at].file_number != 0) by_number_.emplace(plans_[at].file_number, at);
  }

  void link_dependencies() {
    for (const std::size_t at : order_)
      for (const Located<int>& dependency : plans_[at].outline.depends_on)
        link(at, dependency);
  }

  void link(std::size_t at, const Located<int>& dependency) {
    const std::string number = std::to_string(dependency.value);
    if (dependency.value == number_of(at)) {
      report(plans_[at], dependency.position, Severity::error, Rule::self_dependency,
             "plan " + number + " depends on itself", "take " + number + " out of depends_on");
      return;
    }
    const auto target = by_number_.find(dependency.value);
    if (target == by_number_.end())
      report(plans_[at], dependency.position, Severity::error, Rule::unknown_dependency,
             "unknown dependency: the phase has no plan " + number,
             "take " + number + " out of depends_on or add the plan " +
                 quote(plan_text(dependency.value) + ".md"));
    else if (target->second != at)
      graph_[at].push_back(target->second);
  }

  void check_cycles() {
    components_ = find_components(graph_);
    std::vector<std::size_t> by_number = order_;
    std::stable_sort(by_number.begin(), by_number.end(),
                     [&](std::size_t a, std::size_t b) { return number_of(a) < number_of(b); });
    std::unordered_set<std::size_t> told;
    for (const std::size_t at : by_number) {
      const std::size_t component = components_.component_of[at];
      if (components_.size_of[component] > 1 && told.insert(component).second) fail_cycle(at);
    }
  }

  void fail_cycle(std::size_t start) {
    const std::vector<std::size_t> cycle = shortest_cycle(graph_, components_, start);
    std::string text;
    for (const std::size_t at : cycle)
      text += (text.empty() ? "" : " → ") + std::to_string(number_of(at));
    Position position;
    for (const Located<int>& dependency : plans_[start].outline.depends_on)
      if (dependency.value == number_of(cycle[1])) position = dependency.position;
    report(plans_[start], position, Severity::error, Rule::dependency_cycle,
           "dependency cycle: " + text,
           "each plan waits for the next one; take one of them out of depends_on");
  }

  // Waves inside a cycle can never fit, so only dependencies outside of it are compared.
  void check_wave(std::size_t at) {
    const auto& wave = plans_[at].outline.wave;
    if (!wave) return;
    int latest = 0;
    std::size_t latest_plan = at;
    bool is_known = true;
    for (const std::size_t target : graph_[at]) {
      const auto& other = plans_[target].outline.wave;
      const bool is_cycle = components_.component_of[target] == components_.component_of[at];
      is_known = is_known && other && !is_cycle;
      if (!other || is_cycle || other->value <= latest) continue;
      latest = other->value;
      latest_plan = target;
    }
    is_known = is_known && graph_[at].size() == plans_[at].outline.depends_on.size();
    const std::string number = std::to_string(wave->value);
    const std::string fitting = std::to_string(latest + 1);
    if (wave->value <= latest)
      report(plans_[at], wave->position, Severity::error, Rule::wave_order,
             "wave " + number + " is not greater than wave " + std::to_string(latest) +
                 " of plan " + std::to_string(number_of(latest_plan)) + ", on which it depends",
             "write wave = " + fitting);
    else if (is_known && wave->value > latest + 1)
      report(plans_[at], wave->position, Severity::warning, Rule::late_wave,
             "wave " + number + " is larger than needed",
             "its dependencies allow wave = " + fitting);
  }

  void check_shared_files() {
    std::unordered_map<int, std::unordered_map<std::string_view, std::size_t>> owners;
    for (const std::size_t at : order_) {
      const PlanOutline& outline = plans_[at].outline;
      if (!outline.wave) continue;
      auto& wave_owners = owners[outline.wave->value];
      std::unordered_set<std::string_view> told;
      for (const Located<std::string>& file : outline.declared_files) {
        const auto [owner, is_new] = wave_owners.emplace(file.value, at);
        if (is_new || owner->second == at || !told.insert(file.value).second) continue;
        report(plans_[at], file.position, Severity::warning, Rule::shared_file,
               quote(file.value) + " is declared by plan " +
                   std::to_string(number_of(owner->second)) + " of the same wave too",
               "plans of one wave run side by side; put one of them into a later wave");
      }
    }
  }

  std::string_view phase_;
  const std::vector<LoadedPlan>& plans_;
  std::vector<std::size_t> order_;  // Indices of plans_, sorted by path.
  std::unordered_map<int, std::size_t> by_number_;
  SuccessorLists graph_;  // Plan → the plans it depends on.
  Components components_;
  std::vector<Diagnostic> found_;
};

}  // namespace

std::vector<Diagnostic> check_plans(std::string_view phase_directory,
                                    const std::vector<LoadedPlan>& plans) {
  return Checker(last_part(phase_directory), plans).check();
}

std::string format_diagnostic(const Diagnostic& diagnostic) {
  const bool is_error = diagnostic.severity == Severity::error;
  std::string text = diagnostic.path + ":" + std::to_string(diagnostic.position.line) + ":" +
                     std::to_string(diagnostic.position.column) +
                     (is_error ? ": error: " : ": warning: ") + diagnostic.message;
  if (!diagnostic.hint.empty()) text += "\n  hint: " + diagnostic.hint;
  return text;
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::error;
  });
}

}  // namespace konductor::plan
