// SPDX-License-Identifier: MIT
// Each row of the tables is a test case of its own; together they are the table of
// docs/reliability.md.
#define CATCH_CONFIG_EXTERNAL_INTERFACES  // For the listener.
#include <catch2/catch.hpp>
#include <iostream>
#include <memory>
#include <set>

#include "conformance/lie_run.hpp"
#include "support/golden.hpp"

namespace {

using lying::Lie;

const std::vector<Lie>& all_lies() {
  static const std::vector<Lie> all = [] {
    std::vector<Lie> rows;
    for (const konductor::conformance::Lie& lie : konductor::conformance::lies())
      rows.push_back(lying::row_of(lie));
    for (const auto& part :
         {lying::lies_about_work(), lying::lies_about_tests(), lying::lies_in_documents(),
          lying::lies_in_files(), lying::lies_about_records(), lying::lies_about_git(),
          lying::lies_of_reviewers(), lying::lies_to_processes(), lying::lies_beyond_the_project()})
      rows.insert(rows.end(), part.begin(), part.end());
    return rows;
  }();
  return all;
}

// The table of what was tried, as it came out.
std::string& outcome() {
  static std::string rows;
  return rows;
}

class LieTest : public Catch::ITestInvoker {
 public:
  explicit LieTest(const Lie& lie) : lie_(lie) {}
  void invoke() const override {
    if (lie_.is_possible && !lie_.is_possible()) return;
    const lying::Seen seen = lying::hold_to(lie_);
    outcome() += lying::table_row(lie_, seen);
  }

 private:
  const Lie& lie_;
};

// Registers all rows, before `main` as TEST_CASE does.
const bool kAreRegistered = [] {
  for (const Lie& lie : all_lies())
    // Catch owns the invoker.
    const Catch::AutoReg registered(std::make_unique<LieTest>(lie).release(),
                                    CATCH_INTERNAL_LINEINFO, "",
                                    Catch::NameAndTags("an agent that " + lie.name, "[lie]"));
  return true;
}();

// Prints that table at the end.
struct TablePrinter : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testRunEnded(const Catch::TestRunStats&) override {
    if (!outcome().empty()) std::cout << "\n" << lying::table_head() << outcome() << "\n";
  }
};
CATCH_REGISTER_LISTENER(TablePrinter)

}  // namespace

TEST_CASE("no lie is told twice") {
  std::set<std::string> names;
  for (const Lie& lie : all_lies())
    CHECK(names.insert(lie.name).second);
  CHECK(names.size() >= 30);
  CHECK(kAreRegistered);
}

TEST_CASE("an agent that does what it says is believed") {
  lying::hold_honest_work();
}

// Each row is held to what stands here by its own test.
TEST_CASE("docs/reliability.md has the table of the lies") {
  std::string table = "\n" + lying::table_head();
  for (const Lie& lie : all_lies())
    table += lying::table_row(lie, {lie.catches, "", lie.end});
  konductor::test::require_golden_part("docs/reliability.md", "lies", table + "\n");
}
