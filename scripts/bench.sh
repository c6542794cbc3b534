#!/bin/sh
# SPDX-License-Identifier: MIT
# Measures konductor beside ninja, make, git and the bare system calls, in one run, and prints the
# tables of docs/performance.md.
#
#   scripts/bench.sh [NAME…]     dispatch, stall, check, finished, live, start, git; none is all
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

scripts/install-deps.sh --with-bench
cmake --preset release -DKONDUCTOR_BUILD_TESTS=OFF -DKONDUCTOR_BUILD_BENCH=ON >/dev/null
cmake --build --preset release --parallel "$(jobs)" --target konductor konductor-replay \
  konductor_bench >&2
exec build/release/bench/konductor_bench "$@"
