// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ports/fence.hpp"
#include "ports/file_store.hpp"
#include "ports/journal.hpp"
#include "ports/process_launcher.hpp"
#include "ports/workspaces.hpp"

// The ports of a run that ends when another engine takes its phase: what would change anything is
// an act under the fence, and fails with `fenced` once that is lost. Each wraps a port that it does
// not own.
namespace konductor::driver {

class FencedJournal final : public ports::Journal {
 public:
  FencedJournal(ports::Journal& journal, ports::Fence& fence) : inner_(journal), fence_(fence) {}
  Result<std::int64_t> take_fence() override;
  Result<void> append(std::span<const engine::Event> events,
                      std::span<const ports::Document> documents) override;
  Result<void> replay(const std::function<Result<void>(engine::Event&&)>& visit) const override;
  Result<std::optional<std::string>> document(const std::string& name) const override;

 private:
  ports::Journal& inner_;
  ports::Fence& fence_;
};

class FencedFileStore final : public ports::FileStore {
 public:
  FencedFileStore(ports::FileStore& files, ports::Fence& fence) : inner_(files), fence_(fence) {}
  Result<std::string> read(const std::filesystem::path& path,
                           std::uint64_t bytes_max) const override;
  Result<void> write(const std::filesystem::path& path, std::string_view text,
                     ports::Durability durability) override;
  bool exists(const std::filesystem::path& path) const override;
  Result<std::vector<std::string>> list(const std::filesystem::path& directory) const override;
  Result<void> make_directories(const std::filesystem::path& directory) override;
  Result<void> remove(const std::filesystem::path& path) override;
  Result<bool> redact(const std::filesystem::path& path, const Redactor& redactor) override;

 private:
  ports::FileStore& inner_;
  ports::Fence& fence_;
};

// What only looks is no act: at worst it sees the other engine's work.
class FencedWorkspaces final : public ports::Workspaces {
 public:
  FencedWorkspaces(ports::Workspaces& workspaces, ports::Fence& fence)
      : inner_(workspaces), fence_(fence) {}
  std::string_view isolation() const override;
  Result<void> prepare() override;
  void set_dependencies(
      const std::map<ports::PlanNumber, std::vector<ports::PlanNumber>>& dependencies) override;
  using ports::Workspaces::open;
  Result<ports::Workspace> open(ports::PlanNumber plan, ports::TreeUse use) override;
  bool has_copies() const override;
  Result<ports::Workspace> open_copy(ports::PlanNumber plan, const std::string& commit,
                                     ports::TreeUse use) override;
  Result<std::string> snapshot(const ports::Workspace& workspace,
                               const ports::CommitText& text) override;
  Result<std::vector<ports::FileChange>> changes(const std::string& from,
                                                 const std::string& to) override;
  Result<std::string> patch(const std::string& from, const std::string& to, std::size_t bytes_max,
                            const std::vector<std::string>& paths) override;
  Result<std::string> file_at(const std::string& commit, const std::string& path) override;
  Result<std::vector<ports::FileChange>> dirt(const ports::Workspace& workspace,
                                              const std::string& commit) override;
  Result<bool> is_at(const ports::Workspace& workspace, const std::string& commit) override;
  Result<void> reset(const ports::Workspace& workspace, const std::string& commit) override;
  Result<void> show(const ports::Workspace& workspace, const std::string& commit) override;
  Result<std::string> save_aside(const ports::Workspace& workspace, std::string_view run,
                                 std::string_view name) override;
  Result<std::vector<std::filesystem::path>> commit_places(
      const ports::Workspace& workspace) override;
  Result<ports::GuardState> guard(const ports::Workspace& workspace) override;
  Result<std::vector<std::string>> restore_guarded(const ports::Workspace& workspace,
                                                   const ports::GuardState& before) override;
  Result<ports::MergeResult> merge(ports::PlanNumber plan, const ports::CommitText& text) override;
  Result<std::string> write_conflict(ports::PlanNumber plan, const ports::ConflictLabels& labels,
                                     const ports::CommitText& text) override;
  Result<bool> has_commit(const std::string& commit) override;
  Result<bool> is_made_from(const std::string& commit, const std::string& start) override;
  Result<std::vector<ports::PredictedConflict>> predict_conflicts(ports::PlanNumber plan) override;
  Result<std::string> phase_base() override;
  Result<std::string> integration_head() override;
  Result<ports::Delivery> deliver() override;
  Result<std::string> abandon_delivery() override;
  Result<void> close(ports::PlanNumber plan) override;
  Result<void> release() override;

 private:
  ports::Workspaces& inner_;
  ports::Fence& fence_;
};

// Processes that it started belong to the engine that took the phase, too: they are left alone.
class FencedLauncher final : public ports::ProcessLauncher {
 public:
  FencedLauncher(ports::ProcessLauncher& launcher, ports::Fence& fence)
      : inner_(launcher), fence_(fence) {}
  Result<std::unique_ptr<ports::Process>> start(const ports::ProcessSpec& spec) override;
  Result<std::unique_ptr<ports::Process>> adopt(const ports::ProcessIdentity& identity) override;
  boost::asio::awaitable<Result<int>> sweep(std::string token) override;
  boost::asio::awaitable<Result<int>> end_cgroup(std::string directory,
                                                 std::set<std::string> kept) override;

 private:
  ports::ProcessLauncher& inner_;
  ports::Fence& fence_;
};

}  // namespace konductor::driver
