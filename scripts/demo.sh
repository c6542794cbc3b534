#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds konductor and lets it execute the example phase, without a model: what the agents did is
# recorded. Everything else is real.
#
#   scripts/demo.sh [DIR]      DIR must be new; default: build/demo/calculator, made anew
set -eu
if [ $# -gt 1 ]; then
  echo "usage: scripts/demo.sh [DIR]" >&2
  exit 2
fi
# A hook or a wrapper of git may have set these; the example is a repository of its own.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_COMMON_DIR CDPATH || true

start_directory=$PWD
cd "$(dirname "$0")/.."
. scripts/common.sh
root=$PWD

if [ $# -eq 1 ]; then
  case $1 in
    /*) example=$1 ;;
    *) example=$start_directory/$1 ;;
  esac
  if [ -e "$example" ]; then
    echo "demo: \"$example\" is there already; name a directory that is not" >&2
    exit 2
  fi
else
  example=$root/build/demo/calculator
  rm -rf "$example"
fi

copy_example() {
  mkdir -p "$example"
  cp -R examples/calculator/. "$example/"
  # Left over where somebody worked in the example itself.
  rm -rf "$example/build" "$example/.git" "$example/.konductor/runs" \
    "$example/.konductor/worktrees" "$example/.konductor/.results"
  rm -f "$example"/.konductor/konductor.db*
  git -C "$example" init -q -b main
  git -C "$example" config user.name "konductor demo"
  git -C "$example" config user.email "demo@example.invalid"
  git -C "$example" config commit.gpgsign false
  git -C "$example" add -A
  git -C "$example" commit -q -m "The calculator's seed and the plans of phase 01"
}

execute_phase() {
  status=0
  (cd "$example" && "$root/build/dev/konductor" execute 01) || status=$?
  if [ "$status" -ne 0 ]; then
    echo "demo: konductor execute 01 ended with $status; see $example/.konductor/runs" >&2
    exit 1
  fi
}

check_calculator() {
  (
    cd "$example"
    cmake --preset dev >/dev/null
    cmake --build build >/dev/null
    ctest --test-dir build --no-tests=error --output-on-failure
  )
  answer=$("$example/build/calculator" '2 + 3 * 4')
  if [ "$answer" != 14 ]; then
    echo "demo: calculator '2 + 3 * 4' printed \"$answer\", expected 14" >&2
    exit 1
  fi
}

stage "install packages" scripts/install-deps.sh
stage "build konductor" build dev konductor konductor-replay
stage "copy the example to $example" copy_example
stage "konductor execute 01" execute_phase
stage "build and test what came out" check_calculator

cat <<END

The phase is complete: calculator '2 + 3 * 4' prints $answer.

Where to look, in $example:
  git log --graph --oneline main                what was committed and merged
  .konductor/phases/01-calculator/plans/        summaries and reviews, task by task
  .konductor/phases/01-calculator/code-review.md  the holistic review
  .konductor/runs/                              every attempt's prompt and output
  build/calculator --help                       the program itself
Next: $root/build/dev/konductor --help, and README.md for a repository of your own.
END
