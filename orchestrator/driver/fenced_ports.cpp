// SPDX-License-Identifier: MIT
#include "driver/fenced_ports.hpp"

namespace konductor::driver {

using ports::Act;

namespace {

class FencedProcess final : public ports::Process {
 public:
  FencedProcess(std::unique_ptr<ports::Process> process, ports::Fence& fence)
      : inner_(std::move(process)), fence_(fence) {}
  FencedProcess(const FencedProcess&) = delete;
  FencedProcess& operator=(const FencedProcess&) = delete;
  ~FencedProcess() override {
    const Result<Act> act = Act::begin(fence_);
    if (act.has_error()) inner_->abandon();
    inner_.reset();
  }

  ports::ProcessIdentity identity() const override { return inner_->identity(); }
  std::optional<std::chrono::milliseconds> age() const override { return inner_->age(); }
  boost::asio::awaitable<Result<ports::ProcessExit>> wait() override { return inner_->wait(); }
  void interrupt() override {
    if (const Result<Act> act = Act::begin(fence_); act.has_value()) inner_->interrupt();
  }
  void signal_tree(int signal) override {
    if (const Result<Act> act = Act::begin(fence_); act.has_value()) inner_->signal_tree(signal);
  }
  boost::asio::awaitable<Result<int>> kill_tree() override {
    const Result<Act> act = Act::begin(fence_);
    if (act.has_error()) co_return act.error();
    Result<int> strays = co_await inner_->kill_tree();
    co_return strays;
  }
  void abandon() override { inner_->abandon(); }
  CeilingsMet ceilings_met() const override { return inner_->ceilings_met(); }
  std::uint64_t memory() const override { return inner_->memory(); }
  std::uint64_t output_bytes() const override { return inner_->output_bytes(); }
  boost::asio::awaitable<void> output_grew() override { return inner_->output_grew(); }

 private:
  std::unique_ptr<ports::Process> inner_;
  ports::Fence& fence_;
};

Result<std::unique_ptr<ports::Process>> fenced(Result<std::unique_ptr<ports::Process>> process,
                                               ports::Fence& fence) {
  if (process.has_error()) return process;
  return std::unique_ptr<ports::Process>(
      std::make_unique<FencedProcess>(std::move(process).value(), fence));
}

}  // namespace

// --- Journal ---

Result<std::int64_t> FencedJournal::take_fence() {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.take_fence();
}

Result<void> FencedJournal::append(std::span<const engine::Event> events,
                                   std::span<const ports::Document> documents) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.append(events, documents);
}

Result<void> FencedJournal::replay(
    const std::function<Result<void>(engine::Event&&)>& visit) const {
  return inner_.replay(visit);
}

Result<std::optional<std::string>> FencedJournal::document(const std::string& name) const {
  return inner_.document(name);
}

// --- Files ---

Result<std::string> FencedFileStore::read(const std::filesystem::path& path,
                                          std::uint64_t bytes_max) const {
  return inner_.read(path, bytes_max);
}

Result<void> FencedFileStore::write(const std::filesystem::path& path, std::string_view text,
                                    ports::Durability durability) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.write(path, text, durability);
}

bool FencedFileStore::exists(const std::filesystem::path& path) const {
  return inner_.exists(path);
}

Result<std::vector<std::string>> FencedFileStore::list(
    const std::filesystem::path& directory) const {
  return inner_.list(directory);
}

Result<void> FencedFileStore::make_directories(const std::filesystem::path& directory) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.make_directories(directory);
}

Result<void> FencedFileStore::remove(const std::filesystem::path& path) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.remove(path);
}

Result<bool> FencedFileStore::redact(const std::filesystem::path& path, const Redactor& redactor) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.redact(path, redactor);
}

// --- Workspaces ---

std::string_view FencedWorkspaces::isolation() const {
  return inner_.isolation();
}

void FencedWorkspaces::set_dependencies(
    const std::map<ports::PlanNumber, std::vector<ports::PlanNumber>>& dependencies) {
  inner_.set_dependencies(dependencies);
}

Result<void> FencedWorkspaces::prepare() {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.prepare();
}

Result<ports::Workspace> FencedWorkspaces::open(ports::PlanNumber plan, ports::TreeUse use) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.open(plan, use);
}

bool FencedWorkspaces::has_copies() const {
  return inner_.has_copies();
}

Result<ports::Workspace> FencedWorkspaces::open_copy(ports::PlanNumber plan,
                                                     const std::string& commit,
                                                     ports::TreeUse use) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.open_copy(plan, commit, use);
}

Result<std::string> FencedWorkspaces::snapshot(const ports::Workspace& workspace,
                                               const ports::CommitText& text) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.snapshot(workspace, text);
}

Result<void> FencedWorkspaces::reset(const ports::Workspace& workspace, const std::string& commit) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.reset(workspace, commit);
}

Result<void> FencedWorkspaces::show(const ports::Workspace& workspace, const std::string& commit) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.show(workspace, commit);
}

Result<std::string> FencedWorkspaces::save_aside(const ports::Workspace& workspace,
                                                 std::string_view run, std::string_view name) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.save_aside(workspace, run, name);
}

Result<std::vector<std::filesystem::path>> FencedWorkspaces::commit_places(
    const ports::Workspace& workspace) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.commit_places(workspace);
}

Result<ports::GuardState> FencedWorkspaces::guard(const ports::Workspace& workspace) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.guard(workspace);
}

Result<std::vector<std::string>> FencedWorkspaces::restore_guarded(
    const ports::Workspace& workspace, const ports::GuardState& before) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.restore_guarded(workspace, before);
}

Result<ports::MergeResult> FencedWorkspaces::merge(ports::PlanNumber plan,
                                                   const ports::CommitText& text) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.merge(plan, text);
}

Result<std::string> FencedWorkspaces::write_conflict(ports::PlanNumber plan,
                                                     const ports::ConflictLabels& labels,
                                                     const ports::CommitText& text) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.write_conflict(plan, labels, text);
}

Result<std::vector<ports::PredictedConflict>> FencedWorkspaces::predict_conflicts(
    ports::PlanNumber plan) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.predict_conflicts(plan);
}

Result<std::vector<ports::FileChange>> FencedWorkspaces::dirt(const ports::Workspace& workspace,
                                                              const std::string& commit) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.dirt(workspace, commit);
}

Result<ports::Delivery> FencedWorkspaces::deliver() {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.deliver();
}

Result<std::string> FencedWorkspaces::abandon_delivery() {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.abandon_delivery();
}

Result<void> FencedWorkspaces::close(ports::PlanNumber plan) {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.close(plan);
}

Result<void> FencedWorkspaces::release() {
  KON_TRY(const Act act, Act::begin(fence_));
  return inner_.release();
}

Result<std::vector<ports::FileChange>> FencedWorkspaces::changes(const std::string& from,
                                                                 const std::string& to) {
  return inner_.changes(from, to);
}

Result<std::string> FencedWorkspaces::patch(const std::string& from, const std::string& to,
                                            std::size_t bytes_max,
                                            const std::vector<std::string>& paths) {
  return inner_.patch(from, to, bytes_max, paths);
}

Result<std::string> FencedWorkspaces::file_at(const std::string& commit, const std::string& path) {
  return inner_.file_at(commit, path);
}

Result<bool> FencedWorkspaces::is_at(const ports::Workspace& workspace, const std::string& commit) {
  return inner_.is_at(workspace, commit);
}

Result<bool> FencedWorkspaces::has_commit(const std::string& commit) {
  return inner_.has_commit(commit);
}

Result<bool> FencedWorkspaces::is_made_from(const std::string& commit, const std::string& start) {
  return inner_.is_made_from(commit, start);
}

Result<std::string> FencedWorkspaces::phase_base() {
  return inner_.phase_base();
}

Result<std::string> FencedWorkspaces::integration_head() {
  return inner_.integration_head();
}

// --- Processes ---

Result<std::unique_ptr<ports::Process>> FencedLauncher::start(const ports::ProcessSpec& spec) {
  KON_TRY(const Act act, Act::begin(fence_));
  return fenced(inner_.start(spec), fence_);
}

Result<std::unique_ptr<ports::Process>> FencedLauncher::adopt(
    const ports::ProcessIdentity& identity) {
  return fenced(inner_.adopt(identity), fence_);
}

boost::asio::awaitable<Result<int>> FencedLauncher::sweep(std::string token) {
  const Result<Act> act = Act::begin(fence_);
  if (act.has_error()) co_return act.error();
  Result<int> ended = co_await inner_.sweep(std::move(token));
  co_return ended;
}

boost::asio::awaitable<Result<int>> FencedLauncher::end_cgroup(std::string directory,
                                                               std::set<std::string> kept) {
  const Result<Act> act = Act::begin(fence_);
  if (act.has_error()) co_return act.error();
  Result<int> ended = co_await inner_.end_cgroup(std::move(directory), std::move(kept));
  co_return ended;
}

}  // namespace konductor::driver
