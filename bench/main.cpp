// SPDX-License-Identifier: MIT
// Measures konductor beside its peers and prints tables. Only ratios within one run mean anything.
//
//   konductor_bench [NAME…]     dispatch, stall, check, finished, live, start, git,
//                               reviews, streams; none is all
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bench.hpp"

int main(int argc, char** argv) {
  constexpr int kRounds = 5;
  const std::map<std::string, std::function<void()>> known = {
      {"dispatch", [] { bench::bench_dispatch(16, 10, kRounds); }},
      {"stall", [] { bench::bench_loop_stall(); }},
      {"check", [] { bench::bench_check(10'000, kRounds); }},
      {"finished",
       [] {
         bench::bench_finished(1'000, 1, kRounds);
         bench::bench_finished(10'000, 1, kRounds);
         bench::bench_finished(10'000, 10, kRounds);
       }},
      {"live", [] { bench::bench_live(256); }},
      {"start", [] { bench::bench_start(21); }},
      {"git",
       [] {
         bench::bench_git(20'000, 8, 50);
         bench::bench_git(200, 8, 50);
       }},
      {"reviews",
       [] {
         std::printf(
             "### A tree for a review, ms\n\n| files | shared | a plan's first copy | at the next "
             "commit | a later plan's first |\n|---|---|---|---|---|\n");
         for (const int files : {200, 5'000, 20'000})
           bench::bench_review_copies(files);
       }},
      {"streams", [] { bench::bench_streams(50'000'000, kRounds); }},
  };
  std::vector<std::string> names(argv + 1, argv + argc);
  if (names.empty())
    names = {"dispatch", "stall", "check",   "finished", "live",
             "start",    "git",   "reviews", "streams"};
  for (const std::string& name : names) {
    const auto found = known.find(name);
    if (found == known.end()) {
      std::fprintf(stderr, "konductor_bench: nothing is called \"%s\"; see the top of main.cpp\n",
                   name.c_str());
      return 2;
    }
    try {
      found->second();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "konductor_bench: %s: %s\n", name.c_str(), error.what());
      return 1;
    }
    std::fflush(stdout);
  }
  return 0;
}
