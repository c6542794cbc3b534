// SPDX-License-Identifier: MIT
#include <map>
#include <stdexcept>
#include <utility>

#include "driver/role_resolution.hpp"
#include "plan/plan_check.hpp"
#include "simulation/world.hpp"

namespace konductor::test {
namespace {

template <class Value>
Value checked(Result<Value> result) {
  if (result.has_error()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

}  // namespace

void World::make_config() {
  facts_.layout.root = directory_.path();
  facts_.phase = {"01", "01", facts_.layout.phases() / "01"};
  facts_.environment = {"PATH=/usr/bin:/bin"};
  config::Config& config = facts_.config;
  config.general.default_runtime = "scripted";
  agents_.speak_claude = dice_.chance(50);
  config.runtimes["scripted"].kind =
      agents_.speak_claude ? config::RuntimeKind::claude : config::RuntimeKind::command;
  config.runtimes["scripted"].command = {"/bin/true"};
  config.execution.max_wave_parallelism = attempts_at_once_ = 1 + static_cast<int>(dice_.pick(4));
  config.execution.max_crash_retries = crash_retries_ = static_cast<int>(dice_.pick(3));
  config.execution.schedule =
      dice_.chance(30) ? config::Schedule::dependencies : config::Schedule::waves;
  config.execution.on_engine_death =
      dice_.chance(20) ? config::OnEngineDeath::stop : config::OnEngineDeath::go_on;
  config.features.code_review = !dice_.chance(20);
  // The trees are in memory: these two look at the disk.
  config.gates.declared_files = false;
  config.gates.verify = false;
  // Without it attempts have nobody who could tell a later engine how they ended.
  if (!dice_.chance(15)) facts_.supervisor = "/usr/bin/konductor-supervisor";
  has_wild_budget_ = dice_.chance(25);
  has_visitors_ = dice_.chance(40);
}

void World::make_plans() {
  const int waves = 1 + static_cast<int>(dice_.pick(3));
  const bool has_shared_file = dice_.chance(25);
  int number = 0;
  std::vector<int> before;
  for (int wave = 1; wave <= waves; ++wave) {
    std::vector<int> now;
    const std::size_t width = 1 + dice_.pick(3);
    for (std::size_t n = 0; n < width; ++n) {
      now.push_back(++number);
      std::string text = "+++\nphase = \"01\"\nplan = " + std::to_string(number) +
                         "\nwave = " + std::to_string(wave) + "\ntitle = \"Plan\"\ndepends_on = [";
      if (!before.empty()) text += std::to_string(before[dice_.pick(before.size())]);
      text += "]\n+++\n\n## Tasks\n\n";
      const int tasks = 1 + static_cast<int>(dice_.pick(3));
      for (int task = 1; task <= tasks; ++task) {
        const TaskAddress address{number, task};
        const bool is_sharing = has_shared_file && dice_.chance(40);
        if (is_sharing) agents_.sharing.insert(address);
        text += task_text(address, is_sharing);
      }
      const auto written = disk_.write(facts_.phase.plans() / (plan_text(number) + ".md"), text,
                                       ports::Durability::synced);
      if (written.has_error()) throw std::runtime_error(written.error().message);
    }
    before = now;
  }
  const auto phase = checked(driver::load_phase_plans(disk_, facts_.phase));
  if (plan::has_errors(phase.check())) throw std::runtime_error("the simulated plans are wrong");
  plans_ = facts_.plans = phase.plans();
}

// The same for all worlds of a kind, and dear to make.
void World::make_roles() {
  using Kind = std::pair<bool, bool>;
  static std::map<Kind, std::map<RoleName, driver::ResolvedRole>> known;
  auto& roles = known[{agents_.speak_claude, facts_.config.features.code_review}];
  if (roles.empty())
    roles = checked(driver::resolve_roles(disk_, facts_.layout, facts_.config, facts_.phase.id,
                                          facts_.environment, {"/bin/true", "/bin/true", ""}));
  facts_.roles = roles;
}

AuditLimits World::limits() const {
  AuditLimits limits;
  limits.attempts_at_once = attempts_at_once_;
  limits.crash_retries = crash_retries_;
  limits.has_waves = facts_.config.execution.schedule == config::Schedule::waves;
  limits.is_review_enabled = facts_.config.features.code_review;
  return limits;
}

}  // namespace konductor::test
