// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "ports/journal.hpp"

namespace konductor::test {

// What a MemoryJournal writes to. It outlives the engine that wrote, so that a test can start the
// next engine on it, cut it back to any transaction, or share it between two engines.
struct MemoryLog {
  struct Transaction {
    std::vector<engine::Event> events;
    std::vector<ports::Document> documents;
  };
  std::vector<Transaction> transactions;
  std::int64_t fence = 0;

  // Keeps the first `count` transactions only, as if the engine had died after them.
  void cut_back_to(std::size_t count) {
    if (count < transactions.size()) transactions.resize(count);
  }
  [[nodiscard]] std::vector<engine::Event> events() const {
    std::vector<engine::Event> all;
    for (const Transaction& transaction : transactions)
      all.insert(all.end(), transaction.events.begin(), transaction.events.end());
    return all;
  }
};

// A journal of one phase in memory, with the faults that a disk and a second engine have.
class MemoryJournal final : public ports::Journal {
 public:
  // Called after each append with the number of transactions in the log. It may throw, to end the
  // engine there: the transaction stays.
  using Hook = std::function<void(std::size_t)>;

  explicit MemoryJournal(std::shared_ptr<MemoryLog> log = std::make_shared<MemoryLog>())
      : log_(std::move(log)) {}

  // Makes the `n`th append from now (1 is the next) fail with `error` and leave nothing.
  void fail_nth_append(int n, Error error = {ErrorCode::environment, "the disk is full"}) {
    appends_until_failure_ = n;
    failure_ = std::move(error);
  }
  void after_append(Hook hook) { hook_ = std::move(hook); }
  [[nodiscard]] const MemoryLog& log() const { return *log_; }

  Result<std::int64_t> take_fence() override { return fence_ = ++log_->fence; }

  Result<void> append(std::span<const engine::Event> events,
                      std::span<const ports::Document> documents) override {
    if (fence_ == 0 || fence_ != log_->fence)
      return Error{ErrorCode::fenced, "another engine took over"};
    if (appends_until_failure_ > 0 && --appends_until_failure_ == 0) return failure_;
    if (events.empty() && documents.empty()) return {};
    log_->transactions.push_back(
        {{events.begin(), events.end()}, {documents.begin(), documents.end()}});
    if (hook_) hook_(log_->transactions.size());
    return {};
  }

  Result<void> replay(const std::function<Result<void>(engine::Event&&)>& visit) const override {
    for (engine::Event& event : log_->events())
      KON_TRY_VOID(visit(std::move(event)));
    return {};
  }

  Result<std::optional<std::string>> document(const std::string& name) const override {
    const auto& all = log_->transactions;
    for (auto transaction = all.rbegin(); transaction != all.rend(); ++transaction)
      for (auto it = transaction->documents.rbegin(); it != transaction->documents.rend(); ++it)
        if (it->name == name) return std::optional<std::string>(it->text);
    return std::optional<std::string>();
  }

 private:
  std::shared_ptr<MemoryLog> log_;
  std::int64_t fence_ = 0;
  int appends_until_failure_ = 0;
  Error failure_;
  Hook hook_;
};

}  // namespace konductor::test
