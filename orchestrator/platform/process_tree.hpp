// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/child_signal.hpp"
#include "platform/owner_mark.hpp"
#include "platform/proc_fs.hpp"
#include "platform/unique_fd.hpp"

namespace konductor::platform {

// The first process of a live attempt. It stays a zombie until its sweep is over, so that its pid,
// which is its group's number too, means nothing else meanwhile.
struct TreeRoot {
  pid_t pid = 0;
  std::uint64_t start_time = 0;
  std::string token;
  std::optional<OwnerMark> mark;
  bool is_child = true;  // False for one that was adopted.
  bool has_ended = false;
};

// A living process of an attempt.
struct TreeMember {
  pid_t pid = 0;
  std::uint64_t start_time = 0;
  bool is_our_child = false;  // Its pid cannot be given to another process before we reap it.
};

// Which processes belong to which attempt.
//
// The engine is a subreaper: a process whose parent died becomes its child, unless a nearer
// ancestor is a subreaper, which then is of the same attempt. So whatever an attempt started is, at
// any time, below its root or below a child of the engine that is no root (an orphan). When the
// root has ended and the engine has no orphans, nothing of the attempt can be left: one look at the
// list of the engine's children is all that an ordinary end costs. The kernel hands a dying
// process's children over before it reports the death, so the list is complete by then.
//
// An orphan's attempt is told by its mark; where it lost that (a privileged program may reset
// limits), by its group, then its environment, and last by time: it belongs to the ended attempt
// when no other attempt that was already running when it started is still running.
class ProcessTree {
 public:
  // Makes this process a subreaper. Orphans are reaped on `executor`'s loop as they die, as long as
  // there is a root; without one nothing keeps the loop running.
  explicit ProcessTree(const boost::asio::any_io_executor& executor);

  void add(TreeRoot& root);
  // Forgets the root and reaps it, if it is dead, and what else died meanwhile.
  void remove(TreeRoot& root);

  // Takes note of the calling thread, which may get children.
  void watch_this_thread();
  // False only when the engine surely has no children but registered roots.
  bool may_have_orphans() const;
  // The living processes of an attempt whose root is our child; dead orphans are reaped on the way.
  std::vector<TreeMember> members(const TreeRoot& root) const;
  // The living processes of this host that carry the token or its mark, and their descendants,
  // except this process and attempts that run. For attempts of an earlier engine, whose orphans
  // went elsewhere. Lets others run between batches.
  boost::asio::awaitable<std::vector<TreeMember>> search(std::string token) const;
  // The same without a pause.
  std::vector<TreeMember> search_now(const std::string& token) const;

  // Reaps dead orphans, never a root. Cheap when there is none.
  void reap_orphans() const;

  // Sends a signal to a member, unless its pid has been given to another process.
  static void signal_member(const TreeMember& member, int signal);

 private:
  void watch_thread(pid_t thread);
  [[nodiscard]] bool is_root(pid_t pid) const { return roots_.count(pid) != 0; }
  [[nodiscard]] std::vector<pid_t> orphans() const;
  [[nodiscard]] bool owns(const TreeRoot& root, pid_t orphan, const ProcessStat& stat) const;
  bool add_orphans(const TreeRoot& root, std::vector<TreeMember>& members) const;
  void add_descendants(std::vector<TreeMember>& members) const;
  void add_if_marked(std::vector<TreeMember>& members, pid_t pid, const std::string& token) const;

  ChildSignal child_signal_;
  std::map<pid_t, TreeRoot*> roots_;
  std::map<pid_t, UniqueFd> children_files_;  // By thread; empty without such lists.
};

}  // namespace konductor::platform
