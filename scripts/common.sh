# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Sourced by the other scripts, with the repository's root as current directory.

# stage NAME COMMAND…: runs it and says how long it took.
stage() {
  stage_name=$1
  shift
  echo "==> $stage_name"
  stage_start=$(date +%s)
  "$@"
  echo "==> $stage_name: $(($(date +%s) - stage_start)) s"
}

# How many compilers may run at once: one a core, but each needs its memory.
jobs() {
  count=$(nproc 2>/dev/null || echo 1)
  if [ -r /proc/meminfo ]; then
    room=$(awk '/^MemAvailable:/ { print int($2 / 1200000) }' /proc/meminfo)
    if [ "${room:-0}" -ge 1 ] && [ "$room" -lt "$count" ]; then count=$room; fi
    if [ "${room:-0}" -lt 1 ]; then count=1; fi
  fi
  echo "$count"
}

# build PRESET [TARGET…]: all targets when none is named.
build() {
  build_preset=$1
  shift
  mkdir -p "build/$build_preset"
  # The first build is done from nothing. Who set the directory up otherwise wants it so. A pipeline does
  # no other, and nobody steps through it.
  at_once=""
  if [ "$build_preset" = dev ] && [ ! -e build/dev/CMakeCache.txt ]; then
    at_once="-DKONDUCTOR_UNITY=ON"
    if [ "${CI:-}" = true ]; then
      at_once="$at_once -DKONDUCTOR_PRECOMPILE_HEADERS=ON -DCMAKE_CXX_FLAGS_DEBUG=-g1"
    fi
  fi
  # shellcheck disable=SC2086  # Nothing, or words without spaces.
  if ! cmake --preset "$build_preset" $at_once >"build/$build_preset/configure.log" 2>&1; then
    cat "build/$build_preset/configure.log" >&2
    return 1
  fi
  if [ $# -gt 0 ]; then
    cmake --build --preset "$build_preset" --parallel "$(jobs)" --target "$@"
  else
    cmake --build --preset "$build_preset" --parallel "$(jobs)"
  fi
}

# From which seed on the simulation tries worlds that nobody has tried: told, so that it can be again.
choose_seed() {
  if [ -z "${SIMULATION_SEED:-}" ]; then
    SIMULATION_SEED=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
    export SIMULATION_SEED
  fi
  echo "fresh worlds from SIMULATION_SEED=$SIMULATION_SEED"
}

# A tool of clang 14: with the version in its name, as Debian has it, or without.
clang_tool() {
  for tool in "$1-14" "$1"; do
    if command -v "$tool" >/dev/null 2>&1 && "$tool" --version | grep -q 'version 14\.'; then
      echo "$tool"
      return 0
    fi
  done
  echo "$1 14 is missing: install the Debian package $1-14" >&2
  return 1
}
