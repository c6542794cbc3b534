// SPDX-License-Identifier: MIT
#include "cli/log_command.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "agent/agent_stream.hpp"
#include "agent/transcript.hpp"
#include "base/text.hpp"
#include "cli/attempt_choice.hpp"
#include "cli/attempt_output.hpp"
#include "cli/config_sources.hpp"
#include "cli/recorded_phase.hpp"
#include "cli/subject.hpp"
#include "cli/transcript_view.hpp"
#include "driver/adoption.hpp"
#include "driver/redaction.hpp"
#include "engine/event_json.hpp"
#include "platform/posix_file_store.hpp"

namespace konductor::cli {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr int kPauseMilliseconds = 100;

// One attempt whose output is read.
struct Reading {
  Reading(const AttemptStory& told, const fs::path& at, std::string_view dialect,
          const Redactor& redactor)
      : story(told),
        directory(at),
        out(at / "stdout.log", redactor),
        err(at / "stderr.log", redactor),
        transcript(dialect) {}

  const AttemptStory& story;
  fs::path directory;
  OutputLog out;
  OutputLog err;
  agent::Transcript transcript;
  std::string error_line;  // What came of it.
  bool is_over = false;
  Json entries = Json::array();
  std::string errors;
};

class LogCommand {
 public:
  LogCommand(const LogOptions& options, const CommonOptions& common, Surroundings& around)
      : options_(options),
        common_(common),
        around_(around),
        paint_(make_output_paint(around)),
        story_(kPhaseAddress) {}

  Result<void> run() {
    if (common_.is_json && (options_.is_raw || options_.is_following))
      return Error{ErrorCode::invalid_input,
                   std::string("--json tells an attempt in one document, so it goes with neither "
                               "--follow nor --raw; `konductor execute --events -` streams")};
    KON_TRY_VOID(choose());
    for (const std::unique_ptr<Reading>& reading : readings_)
      KON_TRY_VOID(read_first(*reading));
    while (options_.is_following && is_anything_open() && goes_on()) {
      wait();
      for (const std::unique_ptr<Reading>& reading : readings_)
        if (!reading->is_over) read_on(*reading);
    }
    if (common_.is_json) print_document();
    around_.out.flush();
    return {};
  }

 private:
  Result<void> choose() {
    KON_TRY(const Subject subject,
            find_subject(files_, common_, options_.address, ShortAddress::task));
    KON_TRY(phase_, read_phase(files_, subject.chosen,
                               [this](const engine::Event& event) { story_.apply(event); }));
    KON_TRY_VOID(require_recorded(phase_));
    const AttemptWish wish{subject.text(), phase_.id(),   subject.plan,
                           subject.task,   options_.role, options_.attempt};
    KON_TRY(const auto chosen, choose_attempts(story_.all_attempts(), wish));
    KON_TRY(const config::Config config,
            load_configuration(files_, phase_.chosen.layout, common_, around_.environment));
    redactor_ = driver::make_redactor(around_.environment, config);
    for (const AttemptStory* attempt : chosen) {
      const auto runtime = config.runtimes.find(attempt->runtime);
      const std::string_view dialect = runtime == config.runtimes.end()
                                           ? std::string_view("text")
                                           : agent::dialect_of(runtime->second);
      const fs::path directory = phase_.chosen.layout.run_directory(attempt->run) / attempt->name;
      readings_.push_back(std::make_unique<Reading>(*attempt, directory, dialect, redactor_));
    }
    return {};
  }

  // --- Reading ---

  // Everything that there is.
  Result<void> read_first(Reading& reading) {
    const bool is_over = has_ended(reading);  // Before what it printed last is read.
    if (!common_.is_json && !options_.is_raw) print_heading(reading);
    read(reading);
    if (!reading.out.is_there() && !reading.err.is_there() && reading.story.is_finished)
      return Error{ErrorCode::invalid_input,
                   "what " + quote(reading.story.name) +
                       " printed is gone: " + quote(reading.directory.string()) +
                       " (`konductor clean --logs` removes it; `konductor show` tells the rest)"};
    if (is_over || !options_.is_following) finish(reading);
    return {};
  }

  void read_on(Reading& reading) {
    const bool is_over = has_ended(reading);
    read(reading);
    if (is_over) finish(reading);
  }

  void read(Reading& reading) {
    const auto goes_on = [this] { return this->goes_on(); };
    reading.out.read([&](std::string_view text) { tell_out(reading, text); }, goes_on);
    reading.err.read([&](std::string_view text) { tell_err(reading, text); }, goes_on);
    around_.out.flush();
  }

  void finish(Reading& reading) {
    reading.is_over = true;
    reading.out.finish([&](std::string_view text) { tell_out(reading, text); });
    reading.err.finish([&](std::string_view text) { tell_err(reading, text); });
    if (options_.is_raw) return;
    reading.transcript.finish([&](const agent::TranscriptEntry& e) { tell_entry(reading, e); });
    if (!reading.error_line.empty()) tell_err(reading, "\n");
    print_end(reading);
  }

  void tell_out(Reading& reading, std::string_view text) {
    if (options_.is_raw)
      around_.out << text;
    else
      reading.transcript.feed(
          text, [&](const agent::TranscriptEntry& entry) { tell_entry(reading, entry); });
  }

  void tell_entry(Reading& reading, const agent::TranscriptEntry& entry) {
    if (common_.is_json) {
      reading.entries.push_back(entry_json(entry));
      return;
    }
    const std::string text = entry_text(entry, paint_, common_.is_verbose);
    if (text.empty()) return;
    say_who(reading);
    around_.out << text;
  }

  void tell_err(Reading& reading, std::string_view text) {
    if (options_.is_raw) {
      around_.err << text;
      return;
    }
    if (common_.is_json) {
      reading.errors += text;
      return;
    }
    constexpr std::size_t kLineMax = std::size_t{64} << 10U;
    for (const char c : text) {
      if (c != '\n') reading.error_line += c;
      if (c != '\n' && reading.error_line.size() < kLineMax) continue;
      say_who(reading);
      around_.out << error_line_text(reading.error_line, paint_);
      reading.error_line.clear();
    }
  }

  // Several attempts speak in turns.
  void say_who(const Reading& reading) {
    if (speaker_ == &reading) return;
    speaker_ = &reading;
    if (!options_.is_following || readings_.size() < 2) return;
    around_.out << "\n"
                << paint_.bold("== " + address_text(phase_.id(), reading.story.address) + " " +
                               reading.story.role + " " + std::to_string(reading.story.attempt))
                << "\n";
  }

  // --- The end ---

  // What its engine writes down last, or, when that is gone, what becomes of its process.
  bool has_ended(const Reading& reading) const {
    if (reading.story.is_finished || files_.exists(reading.directory / "exit.json")) return true;
    if (find_lock_holder(phase_.chosen.layout.lock(phase_.id()))) return false;
    driver::AttemptPaths paths;
    paths.directory = reading.directory;
    paths.prompt = reading.directory / "prompt.md";
    const auto process = driver::read_process_record(files_, paths);
    return !process || process->exit || (::kill(process->identity.pid, 0) != 0 && errno == ESRCH);
  }

  bool is_anything_open() const {
    for (const std::unique_ptr<Reading>& reading : readings_)
      if (!reading->is_over) return true;
    return false;
  }

  // Until whoever reads has seen enough.
  bool goes_on() const { return around_.out.good(); }

  void wait() {
    const bool is_own = &around_.out == &std::cout;
    pollfd reader{STDOUT_FILENO, 0, 0};
    const int said = ::poll(&reader, is_own ? 1 : 0, kPauseMilliseconds);
    if (said > 0 && (reader.revents & POLLERR) != 0) around_.out.setstate(std::ios::badbit);
  }

  // --- Telling ---

  void print_heading(const Reading& reading) {
    if (&reading != readings_.front().get()) around_.out << "\n";
    around_.out << paint_.bold(attempt_heading(phase_.id(), reading.story)) << "\n";
    speaker_ = &reading;
  }

  void print_end(const Reading& reading) {
    if (common_.is_json) return;
    if (!reading.story.is_finished && !options_.is_following) {
      around_.out << paint_.dim("(goes on: --follow)") << "\n";
      return;
    }
    if (!reading.story.is_finished) {
      say_who(reading);
      around_.out << paint_.dim("(ended)") << "\n";
    }
  }

  void print_document() {
    Json document;
    document["schema_version"] = 1;
    document["command"] = "log";
    document["exit"] = 0;
    document["phase"] = phase_.id();
    document["attempts"] = Json::array();
    for (const std::unique_ptr<Reading>& reading : readings_) {
      const AttemptStory& story = reading->story;
      Json attempt;
      attempt["subject"] = address_text(phase_.id(), story.address);
      attempt["name"] = story.name;
      attempt["run"] = story.run;
      attempt["role"] = story.role;
      attempt["attempt"] = story.attempt;
      attempt["reason"] = story.reason;
      attempt["runtime"] = story.runtime;
      attempt["model"] = story.finished.model;
      attempt["started"] = engine::time_text(story.started_at);
      attempt["cause"] = story.is_finished ? Json(story.finished.cause) : Json();
      attempt["entries"] = std::move(reading->entries);
      attempt["stderr"] = reading->errors;
      document["attempts"].push_back(std::move(attempt));
    }
    print_json(around_.out, document);
  }

  const LogOptions& options_;
  const CommonOptions& common_;
  Surroundings& around_;
  const Paint paint_;
  const platform::PosixFileStore files_;
  RecordedPhase phase_;
  TaskStory story_;
  Redactor redactor_;
  std::vector<std::unique_ptr<Reading>> readings_;
  const Reading* speaker_ = nullptr;
};

}  // namespace

int run_log_command(const LogOptions& options, const CommonOptions& common, Surroundings& around) {
  const Result<void> told = LogCommand(options, common, around).run();
  return told.has_error() ? fail(around, common, "log", told.error()) : 0;
}

}  // namespace konductor::cli
