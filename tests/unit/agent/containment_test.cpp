// SPDX-License-Identifier: MIT
#include "agent/containment.hpp"

#include <catch2/catch.hpp>

using namespace konductor;
using namespace konductor::agent;
using Catch::Matchers::Contains;
using Wanted = config::Containment;
using Names = std::vector<std::string>;

namespace {

CgroupOffer offer_of(Names controllers) {
  return {"/cg/own", std::move(controllers), ""};
}

const CgroupOffer kNoOffer{"", {}, "it is a test"};

config::Config with_limits() {
  config::Config config;
  config.limits.memory = 1000;
  config.limits.processes = 50;
  config.limits.cpus = 1.5;
  return config;
}

Containment chosen(const config::Config& config, const CgroupOffer& offer, bool is_root = false) {
  return choose_containment(config, offer, "run-7", is_root).value();
}

}  // namespace

TEST_CASE("attempts are contained by a cgroup where there may be one") {
  config::Config config;
  CHECK(chosen(config, offer_of({})).cgroup == "/cg/own/konductor-run-7");
  CHECK(containment_name(chosen(config, offer_of({}))) == "cgroup");
  CHECK(chosen(config, kNoOffer).cgroup.empty());
  CHECK(containment_name(chosen(config, kNoOffer)) == "processes");
  config.execution.containment = Wanted::cgroup;
  CHECK(chosen(config, offer_of({})).cgroup == "/cg/own/konductor-run-7");
  config.execution.containment = Wanted::processes;
  CHECK(chosen(config, offer_of({})).cgroup.empty());
}

TEST_CASE("a cgroup that is asked for and cannot be had is an error that says why") {
  config::Config config;
  config.execution.containment = Wanted::cgroup;
  const auto refused = choose_containment(config, kNoOffer, "run-7", false);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == ErrorCode::environment);
  CHECK_THAT(refused.error().message,
             Contains("it is a test") && Contains("\"auto\"") && Contains("systemd-run"));
}

TEST_CASE("ceilings are those that the controllers can hold") {
  const config::Config config = with_limits();
  const Containment all = chosen(config, offer_of({"memory", "pids", "cpu"}));
  CHECK(all.ceilings == Ceilings{1000, 50, 1.5, 0});
  CHECK(all.missing.empty());
  CHECK(ceiling_names(all.ceilings) == Names{"memory", "processes", "cpus"});

  const Containment some = chosen(config, offer_of({"pids"}));
  CHECK(some.ceilings == Ceilings{0, 50, 0, 0});
  CHECK(some.missing == Names{"limits.memory", "limits.cpus"});
}

TEST_CASE("without its controller the number of processes is the user's, for all attempts") {
  config::Config config = with_limits();
  config.execution.max_wave_parallelism = 4;
  const Containment none = chosen(config, offer_of({}));
  CHECK(none.ceilings == Ceilings{0, 0, 0, 200});
  CHECK(ceiling_names(none.ceilings) == Names{"user_processes"});
  CHECK(none.missing == Names{"limits.memory", "limits.cpus"});
  CHECK(chosen(config, kNoOffer).ceilings.user_processes == 200);
  // What holds users does not hold root.
  const Containment root = chosen(config, offer_of({}), true);
  CHECK(root.ceilings == Ceilings{});
  CHECK(root.missing == Names{"limits.memory", "limits.cpus", "limits.processes"});
  config.limits.processes = 2'000'000'000;
  CHECK(chosen(config, kNoOffer).ceilings.user_processes == 2'147'483'647);
}

TEST_CASE("controllers that are there hold nobody who did not ask") {
  const config::Config config;
  CHECK_FALSE(wants_controllers(config));
  CHECK(wants_controllers(with_limits()));
  const Containment plain = chosen(config, offer_of({"memory", "pids", "cpu"}));
  CHECK(plain.ceilings == Ceilings{});
  CHECK(plain.missing.empty());
  CHECK(ceiling_names(plain.ceilings).empty());
}

TEST_CASE("controllers do not count where no cgroup is wanted") {
  config::Config config = with_limits();
  config.execution.containment = Wanted::processes;
  const Containment chosen_one = chosen(config, offer_of({"memory", "pids", "cpu"}));
  CHECK(chosen_one.ceilings.memory == 0);
  CHECK(chosen_one.missing == Names{"limits.memory", "limits.cpus"});
}
