// SPDX-License-Identifier: MIT
#include "platform/process_tree.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <iterator>
#include <set>
#include <utility>

#include "base/check.hpp"

namespace konductor::platform {

namespace {

// A fork bomb is killed piece by piece; one look need not see all of it.
constexpr std::size_t kMembersMax = 20'000;
constexpr std::size_t kSearchBatch = 100;
// Elsewhere on the host somebody may start processes all the time.
constexpr int kListsMax = 100;

// The processes that `seen` has not; it becomes the list of all.
std::vector<pid_t> read_unseen_processes(std::vector<pid_t>& seen) {
  std::vector<pid_t> all = read_all_processes();
  std::sort(all.begin(), all.end());
  std::vector<pid_t> unseen;
  std::set_difference(all.begin(), all.end(), seen.begin(), seen.end(), std::back_inserter(unseen));
  seen = std::move(all);
  return unseen;
}

// Returns the pid of a dead child, leaving it dead; 0 when there is none.
pid_t peek_dead_child() {
  siginfo_t info = {};
  if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return 0;
  return info.si_pid;
}

void reap(pid_t pid) {
  siginfo_t info = {};
  (void)::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG);
}

// The number of children in a list, or nothing when it cannot be read.
std::optional<std::size_t> count_children(int fd) {
  std::array<char, 4096> buffer;
  std::size_t count = 0;
  off_t offset = 0;
  while (true) {
    const ssize_t bytes = ::pread(fd, buffer.data(), buffer.size(), offset);
    if (bytes < 0) return std::nullopt;
    if (bytes == 0) return count;
    count += static_cast<std::size_t>(std::count(buffer.data(), buffer.data() + bytes, ' '));
    offset += bytes;
  }
}

}  // namespace

ProcessTree::ProcessTree(const boost::asio::any_io_executor& executor)
    : child_signal_(executor, [this] { reap_orphans(); }) {
  KON_CHECK(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);  // Fails only before Linux 3.4.
  watch_thread(::getpid());  // Orphans become children of the main thread.
  watch_thread(::gettid());
}

void ProcessTree::add(TreeRoot& root) {
  roots_[root.pid] = &root;
  child_signal_.listen();
}

void ProcessTree::remove(TreeRoot& root) {
  const auto found = roots_.find(root.pid);
  if (found != roots_.end() && found->second == &root) roots_.erase(found);
  if (root.is_child) reap(root.pid);  // First: another dead root may hide it from the next call.
  reap_orphans();
  if (roots_.empty()) child_signal_.pause();
}

void ProcessTree::watch_this_thread() {
  watch_thread(::gettid());
}

void ProcessTree::watch_thread(pid_t thread) {
  if (children_files_.count(thread) != 0) return;
  const std::string path = "/proc/self/task/" + std::to_string(thread) + "/children";
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.is_open()) children_files_[thread] = std::move(fd);
}

bool ProcessTree::may_have_orphans() const {
  if (children_files_.empty()) return true;
  std::size_t children = 0;
  for (const auto& [thread, file] : children_files_)
    children += count_children(file.get()).value_or(0);
  const auto is_child = [](const auto& entry) { return entry.second->is_child; };
  return children !=
         static_cast<std::size_t>(std::count_if(roots_.begin(), roots_.end(), is_child));
}

std::vector<pid_t> ProcessTree::orphans() const {
  std::vector<pid_t> pids = read_children(::getpid());
  std::erase_if(pids, [this](pid_t pid) { return is_root(pid); });
  return pids;
}

bool ProcessTree::owns(const TreeRoot& root, pid_t orphan, const ProcessStat& stat) const {
  if (const auto mark = read_owner_mark(orphan); mark.has_value() && root.mark.has_value())
    return mark == root.mark;
  if (stat.group == root.pid) return true;
  if (is_root(stat.group)) return false;
  if (has_environment_entry(orphan, root.token)) return true;
  // At the same tick the order is unknown, so an attempt that may have been first counts as such.
  if (stat.start_time < root.start_time) return false;
  for (const auto& [pid, other] : roots_) {
    if (other == &root) continue;
    if (other->start_time <= stat.start_time || has_environment_entry(orphan, other->token))
      return false;
  }
  return true;
}

std::vector<TreeMember> ProcessTree::members(const TreeRoot& root) const {
  std::vector<TreeMember> found;
  if (!root.has_ended) found.push_back({root.pid, root.start_time, true});
  bool is_whole = false;
  while (!is_whole) {
    if (!may_have_orphans() && root.has_ended) return found;
    is_whole = add_orphans(root, found);
    if (!found.empty()) break;
  }
  add_descendants(found);
  return found;
}

// False when one ended meanwhile: it may have left children that the list did not have yet.
bool ProcessTree::add_orphans(const TreeRoot& root, std::vector<TreeMember>& members) const {
  bool is_whole = true;
  for (const pid_t pid : orphans()) {
    const auto stat = read_process_stat(pid);
    const bool is_member = stat.has_value() && !is_dead(*stat) && owns(root, pid, *stat);
    if (is_member) {
      members.push_back({pid, stat->start_time, true});
      continue;
    }
    // Whose it was cannot be read once it is dead.
    const auto now = read_process_stat(pid);
    if (now.has_value() && !is_dead(*now)) continue;
    is_whole = false;
    reap(pid);
  }
  return is_whole;
}

void ProcessTree::add_descendants(std::vector<TreeMember>& members) const {
  std::set<pid_t> known;
  for (const TreeMember& member : members)
    known.insert(member.pid);
  for (std::size_t i = 0; i < members.size() && members.size() < kMembersMax; ++i) {
    const pid_t parent = members[i].pid;
    for (const pid_t child : read_children(parent)) {
      const auto stat = read_process_stat(child);
      // A pid that got a new owner between the two looks has another parent.
      if (!stat.has_value() || is_dead(*stat) || stat->parent != parent || is_root(child)) continue;
      if (known.insert(child).second) members.push_back({child, stat->start_time, false});
    }
  }
}

void ProcessTree::add_if_marked(std::vector<TreeMember>& members, pid_t pid,
                                const std::string& token) const {
  if (pid == ::getpid()) return;
  const auto root = roots_.find(pid);
  if (root != roots_.end() && root->second->token != token) return;
  const auto wanted = owner_mark_for(token);
  const auto mark = read_owner_mark(pid);
  const bool is_marked = wanted.has_value() && mark == wanted;
  if (!is_marked && !has_environment_entry(pid, token)) return;
  const auto stat = read_process_stat(pid);
  if (!stat.has_value()) return;
  if (!is_dead(*stat)) members.push_back({pid, stat->start_time, stat->parent == ::getpid()});
}

boost::asio::awaitable<std::vector<TreeMember>> ProcessTree::search(std::string token) const {
  std::vector<TreeMember> found;
  const auto executor = co_await boost::asio::this_coro::executor;
  std::size_t looked_at = 0;
  std::vector<pid_t> seen;
  // Until a list has nobody new: one that ended before it was looked at may have left children.
  for (int list = 0; list < kListsMax && found.empty(); ++list) {
    const std::vector<pid_t> unseen = read_unseen_processes(seen);
    if (unseen.empty()) break;
    for (const pid_t pid : unseen) {
      add_if_marked(found, pid, token);
      if (++looked_at % kSearchBatch == 0)
        co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
  }
  add_descendants(found);
  co_return found;
}

std::vector<TreeMember> ProcessTree::search_now(const std::string& token) const {
  std::vector<TreeMember> found;
  for (const pid_t pid : read_all_processes())
    add_if_marked(found, pid, token);
  add_descendants(found);
  return found;
}

void ProcessTree::reap_orphans() const {
  // A dead root hides those behind it; its removal calls this again.
  for (pid_t pid = peek_dead_child(); pid != 0 && !is_root(pid); pid = peek_dead_child())
    reap(pid);
}

void ProcessTree::signal_member(const TreeMember& member, int signal) {
  if (member.is_our_child) {
    ::kill(member.pid, signal);
    return;
  }
  const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, member.pid, 0)));
  if (!pidfd.is_open()) return;
  // The descriptor holds on to whoever has the pid now: it is the member if the start time says so.
  const auto stat = read_process_stat(member.pid);
  if (stat.has_value() && stat->start_time == member.start_time)
    ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);
}

}  // namespace konductor::platform
