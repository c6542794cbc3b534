// SPDX-License-Identifier: MIT
#include "driver/redaction.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <type_traits>

#include "base/overloaded.hpp"
#include "base/text.hpp"

namespace konductor::driver {
namespace fs = std::filesystem;
namespace {

// Walks the texts of anything that lists its fields.
class TextRedaction {
 public:
  explicit TextRedaction(const Redactor& redactor) : redactor_(redactor) {}

  void operator()(std::string& text) const {
    if (!text.empty() && redactor_.has_secret(text)) text = redactor_.redact(text);
  }
  template <class T>
  void operator()(std::vector<T>& all) const {
    for (T& one : all)
      visit(one);
  }
  template <class T>
  void operator()(std::optional<T>& one) const {
    if (one) (*this)(*one);
  }
  void operator()(Error& error) const { (*this)(error.message); }
  template <class T>
  std::enable_if_t<!std::is_arithmetic_v<T>> operator()(T& fields) const {
    T::fields(fields, [this](const char*, auto& field) { this->visit(field); });
  }

 private:
  template <class T>
  void visit(T& field) const {
    if constexpr (!std::is_arithmetic_v<T>) (*this)(field);
  }

  const Redactor& redactor_;
};

void redact_report(const TextRedaction& redact, engine::AttemptReport& report) {
  std::visit(Overloaded{
                 [](std::monostate&) {},
                 [&](engine::SummaryReport& summary) {
                   redact(summary.concerns);
                   redact(summary.text);
                   redact(summary.files_needed);
                 },
                 [&](engine::ReviewReport& review) { redact(review.findings); },
                 [&](engine::ContextReport& context) { redact(context.text); },
                 [&](engine::AssessmentReport& assessment) {
                   redact(assessment.context);
                   redact(assessment.tasks);
                 },
                 [&](engine::ConcernsReport& concerns) {
                   redact(concerns.actionable);
                   redact(concerns.informational);
                 },
             },
             report);
}

void redact_outcome(const TextRedaction& redact, engine::Outcome& outcome) {
  std::visit(Overloaded{
                 [&](engine::AttemptEnded& ended) {
                   redact(ended.finished);
                   redact_report(redact, ended.report);
                   redact(ended.notes);
                   redact(ended.waiting);
                   redact(ended.predicted);
                   redact(ended.fatal);
                 },
                 [&](engine::GatesChecked& checked) {
                   redact(checked.findings);
                   redact(checked.undeclared);
                   redact(checked.untouched);
                   redact(checked.notes);
                 },
                 [&](engine::PlanMerged& merged) {
                   redact(merged.missing_artifacts);
                   redact(merged.merge);
                   redact(merged.misfit);
                 },
                 [&](engine::EngineFailed& failed) { redact(failed.error); },
                 [&](engine::Requested& requested) { redact(requested.request.text); },
                 [&](engine::PersonAnswered& answer) { redact(answer.text); },
                 // These tell nothing that an attempt or a command said.
                 [](engine::GatesAbandoned&) {},
                 [](engine::WorkspaceReady&) {},
                 [](engine::Filed&) {},
                 [](engine::MergeFixDropped&) {},
                 [](engine::StopRequested&) {},
                 [](engine::Noticed&) {},
                 [](engine::TimeIsUp&) {},
             },
             outcome);
}

}  // namespace

Redactor make_redactor(const std::vector<std::string>& environment, const config::Config& config) {
  std::vector<std::string> entries = environment;
  for (const auto& [name, runtime] : config.runtimes)
    for (const auto& [variable, value] : runtime.env)
      entries.push_back(variable + "=" + value);
  return Redactor(secrets_of_environment(entries));
}

void redact(const Redactor& redactor, engine::Outcome& outcome) {
  redact_outcome(TextRedaction(redactor), outcome);
}

void redact(const Redactor& redactor, engine::EventBody& body) {
  const TextRedaction redaction(redactor);
  std::visit([&redaction](auto& event) { redaction(event); }, body);
}

void redact(const Redactor& redactor, agent::StreamReport& report) {
  const TextRedaction redaction(redactor);
  redaction(report.detail);
  redaction(report.message);
  if (redactor.has_secret(report.session)) report.session.clear();
}

void open_to_owner(const fs::path& directory) {
  struct stat status {};
  if (::lstat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return;
  if ((status.st_mode & S_IRWXU) != S_IRWXU) ::chmod(directory.c_str(), S_IRWXU);
}

std::vector<std::string> unread_notes(const fs::path& directory) {
  std::vector<std::string> notes;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const fs::file_status status = it->symlink_status(error);
    const bool is_folder = fs::is_directory(status);
    if (!is_folder && !fs::is_regular_file(status)) continue;
    if (::access(it->path().c_str(), is_folder ? R_OK | X_OK : R_OK) != 0) {
      notes.push_back("secrets are not redacted in another user's " + quote(it->path().string()));
    } else if (is_folder) {
      const std::vector<std::string> more = unread_notes(it->path());
      notes.insert(notes.end(), more.begin(), more.end());
    }
  }
  return notes;
}

Task<Result<void>> redact_files(RunShared& shared, std::filesystem::path path) {
  auto job = [&shared, &path]() -> Result<void> {
    KON_TRY_VOID(shared.ports.files.redact(path, shared.facts.redactor));
    return {};
  };
  const Result<void> done = co_await offload(shared.ports.work_pool, std::move(job));
  co_return done;
}

}  // namespace konductor::driver
