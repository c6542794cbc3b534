// SPDX-License-Identifier: MIT
#include <array>
#include <cstdio>
#include <map>

#include "base/text.hpp"
#include "cli/report_facts.hpp"
#include "engine/event_json.hpp"

namespace konductor::cli {
namespace {

using Outcome = ReportLine::Outcome;

constexpr std::size_t kSummaryBytesMax = std::size_t{64} << 10U;

// U+FFFE and U+FFFF, which XML cannot hold.
bool is_noncharacter(std::string_view text, std::size_t at) {
  const std::string_view bytes = text.substr(at, 3);
  return bytes == "\xEF\xBF\xBE" || bytes == "\xEF\xBF\xBF";
}

// For content and for attributes, in which line breaks would become blanks.
std::string escaped(std::string_view stranger, bool is_attribute) {
  const std::string text = to_valid_utf8(stranger);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"' && is_attribute)
      out += "&quot;";
    else if ((c == '\n' || c == '\t') && is_attribute)
      out += c == '\n' ? "&#10;" : "&#9;";
    else if (byte < 0x20 && c != '\n' && c != '\t')
      out += "\xEF\xBF\xBD";
    else if (byte == 0xEF && is_noncharacter(text, i)) {
      out += "\xEF\xBF\xBD";
      i += 2;
    } else {
      out += c;
    }
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + escaped(value, true) + "\"";
}

std::string seconds(double value) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value < 0 ? 0 : value);
  return text.data();
}

struct Counts {
  int tests = 0;
  int failures = 0;
  int errors = 0;
  int skipped = 0;
  double time = 0;
};

std::string counts_text(const Counts& counts) {
  return attribute("tests", std::to_string(counts.tests)) +
         attribute("failures", std::to_string(counts.failures)) +
         attribute("errors", std::to_string(counts.errors)) +
         attribute("skipped", std::to_string(counts.skipped)) +
         attribute("time", seconds(counts.time));
}

void add(Counts& total, const Counts& more) {
  total.tests += more.tests;
  total.failures += more.failures;
  total.errors += more.errors;
  total.skipped += more.skipped;
  total.time += more.time;
}

std::string case_text(const ReportFacts& facts, const ReportLine& line) {
  std::string text = "    <testcase" + attribute("classname", line.plan) +
                     attribute("name", line.name) +
                     attribute("time", seconds(line.took.seconds())) + ">\n";
  if (line.outcome == Outcome::failed)
    text += "      <failure" + attribute("message", line.reason) + attribute("type", line.state) +
            ">" + escaped(line.reason, false) + "</failure>\n";
  if (line.outcome == Outcome::skipped)
    text += "      <skipped" + attribute("message", line.reason) + "/>\n";
  std::string out = std::to_string(line.took.attempts_started) + " attempts in this run\n";
  const auto summary = facts.summaries.find(line.address);
  if (summary != facts.summaries.end()) out += "\n" + summary->second.substr(0, kSummaryBytesMax);
  return text + "      <system-out>" + escaped(out, false) + "</system-out>\n    </testcase>\n";
}

std::string suite_text(const ReportFacts& facts, const std::string& name, const Counts& counts,
                       const std::string& cases) {
  std::string text = "  <testsuite" + attribute("name", name) + counts_text(counts);
  if (facts.run.started_at != 0)
    text += attribute("timestamp", engine::time_text(facts.run.started_at).substr(0, 19));
  text += ">\n    <properties>\n      <property" + attribute("name", "konductor.phase") +
          attribute("value", facts.document.phase) + "/>\n";
  if (facts.document.run)
    text += "      <property" + attribute("name", "konductor.run") +
            attribute("value", *facts.document.run) + "/>\n";
  return text + "    </properties>\n" + cases + "  </testsuite>\n";
}

// What kept the command from running, or stopped it.
std::string errors_suite(const ReportFacts& facts, Counts& total) {
  Counts counts;
  std::string cases;
  for (const ResultError& error : facts.document.errors) {
    const std::string place =
        error.path.empty() ? "execute"
                           : error.path + (error.line > 0 ? ":" + std::to_string(error.line) : "");
    cases += "    <testcase" + attribute("classname", "konductor") + attribute("name", place) +
             attribute("time", seconds(0)) + ">\n      <error" +
             attribute("message", error.message) +
             attribute("type", std::string(to_string(error.code))) + ">" +
             escaped(error.message + (error.hint.empty() ? "" : "\n" + error.hint), false) +
             "</error>\n    </testcase>\n";
    ++counts.tests;
    ++counts.errors;
  }
  add(total, counts);
  return cases.empty() ? std::string() : suite_text(facts, "konductor", counts, cases);
}

}  // namespace

std::string junit_report(const ReportFacts& facts) {
  struct Suite {
    std::string name;
    std::string cases;
    Counts counts;
  };
  std::vector<Suite> suites;
  std::string last;
  for (const ReportLine& line : report_lines(facts)) {
    if (suites.empty() || line.plan != last) {
      const engine::PlanRecord* plan =
          line.address.is_phase() ? nullptr : facts.state.plan(line.address.plan);
      suites.push_back({line.plan + (plan == nullptr ? "" : " " + plan->definition.title), "", {}});
      last = line.plan;
    }
    Suite& suite = suites.back();
    suite.cases += case_text(facts, line);
    ++suite.counts.tests;
    if (line.outcome == Outcome::failed) ++suite.counts.failures;
    if (line.outcome == Outcome::skipped) ++suite.counts.skipped;
    suite.counts.time += line.took.seconds();
  }
  Counts total;
  std::string body = errors_suite(facts, total);
  for (const Suite& suite : suites) {
    add(total, suite.counts);
    body += suite_text(facts, suite.name, suite.counts, suite.cases);
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
         attribute("name", "konductor phase " + facts.document.phase) + counts_text(total) + ">\n" +
         body + "</testsuites>\n";
}

}  // namespace konductor::cli
