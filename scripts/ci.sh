#!/bin/sh
# SPDX-License-Identifier: MIT
# What continuous integration runs, stage by stage; each says how long it took.
#
#   scripts/ci.sh quick|format|dev|lint|asan|asan-gcc|tsan|sanitizers|fuzz|release|package|soak|sweep|sweep-all|
#                 calls|calls-all|seeds|agents|agents-short|all
set -eu
unset CDPATH || true
cd "$(dirname "$0")/.."
. scripts/common.sh

run_format() {
  scripts/install-deps.sh --with-format
  scripts/format.sh --check
}

# What needs no other process and no repository: seconds.
run_quick() {
  scripts/install-deps.sh
  build dev konductor_unit_tests konductor_property_tests konductor_simulation_tests \
    konductor_tidy_tests
  ctest --preset dev --parallel "$(jobs)" -L '^(unit|property|simulation|tidy)$' </dev/null
}

run_dev() {
  scripts/install-deps.sh
  build dev
  ctest --preset dev --parallel "$(jobs)" -LE '^(sweep|calls|seeds|soak|agents)$' </dev/null
}

# Warnings of clang as errors, each file by itself, then clang-tidy.
run_lint() {
  scripts/install-deps.sh --with-lint
  clang_tidy=$(clang_tool clang-tidy)
  build clang
  find orchestrator -name '*.cpp' -print0 |
    xargs -0 -n 4 -P "$(jobs)" "$clang_tidy" -p build/clang --quiet
}

# What tries the simulation's own checks says nothing of memory or threads, and is slow.
of_checks='each seeded bug is found'

# run_address_sanitizer PRESET: all but the unit tests.
run_address_sanitizer() {
  build "$1" konductor konductor-acp konductor-replay konductor_property_tests \
    konductor_simulation_tests konductor_integration_tests
  ctest --preset "$1" --parallel "$(jobs)" -L '^(property|simulation|integration)$' \
    -E "$of_checks" </dev/null
}

# run_units PRESET: in one process, since with a sanitizer it is starting that takes its time.
run_units() {
  build "$1" konductor_unit_tests
  "build/$1/tests/konductor_unit_tests" </dev/null
}

run_asan() {
  scripts/install-deps.sh --with-clang
  run_address_sanitizer asan
  run_units asan
}

# The same with the compiler that the program is built with.
run_asan_gcc() {
  scripts/install-deps.sh
  run_address_sanitizer asan-gcc
  run_units asan-gcc
}

run_tsan() {
  scripts/install-deps.sh --with-clang
  build tsan konductor konductor-acp konductor-replay konductor_unit_tests konductor_simulation_tests \
    konductor_integration_tests
  # clang 14's TSan cannot place its shadow memory where the kernel spreads addresses widely.
  without_spread=""
  if setarch "$(uname -m)" -R true 2>/dev/null; then
    without_spread="setarch $(uname -m) -R"
  fi
  $without_spread ctest --preset tsan --parallel "$(jobs)" -L '^(unit|simulation|integration)$' \
    -E "$of_checks" </dev/null
}

# Properties and simulations on many cases that nothing tried before; what fails prints its seed. Then
# the program itself: two thousand tasks, forty crashes.
run_soak() {
  scripts/install-deps.sh
  build dev konductor konductor-supervisor konductor_property_tests konductor_simulation_tests \
    konductor_e2e_tests
  cases=${KONDUCTOR_SOAK_CASES:-2000}
  RC_PARAMS="max_success=$cases" build/dev/tests/konductor_property_tests </dev/null
  build/dev/tests/konductor_simulation_tests --fresh "$cases" </dev/null
  build/dev/tests/konductor_e2e_tests '[soak]' </dev/null
}

# One reader, on mutated recordings. Inputs that break it stay in build/fuzz. With KONDUCTOR_FUZZ_SEED
# it tries the same inputs again; without, others each time.
fuzz_one() {
  mkdir -p "corpus/$1"
  for folder in "../../tests/recordings/${1#stream_}" "../../tests/fuzz/corpus/$1"; do
    if [ -d "$folder" ]; then cp "$folder"/* "corpus/$1/"; fi
  done
  if ! FUZZ_TARGET=$1 "$fuzzer" -seed="$seed" -max_total_time="$seconds" -max_len=65536 -timeout=20 \
    -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$1-" "corpus/$1" \
    >"$1.log" 2>&1; then
    tail -n 30 "$1.log" >&2
    echo "fuzz: $1 is broken by the input that $1.log names, in build/fuzz" >&2
    return 1
  fi
  echo "fuzz: $1, $(sed -n 's/^stat::number_of_executed_units: *//p' "$1.log") inputs"
}

# Each reader of what agents print, for KONDUCTOR_FUZZ_SECONDS (8), as many at once as there are
# cores; but first the canary, which has a mistake that has to be found.
run_fuzz() {
  scripts/install-deps.sh --with-clang
  build fuzz konductor_fuzz
  fuzzer=$PWD/build/fuzz/tests/fuzz/konductor_fuzz
  seconds=${KONDUCTOR_FUZZ_SECONDS:-8}
  seed=${KONDUCTOR_FUZZ_SEED:-0}
  cd build/fuzz
  mkdir -p corpus/canary
  if FUZZ_TARGET=canary "$fuzzer" -seed="$seed" -max_total_time=20 -artifact_prefix=canary- corpus/canary \
    ../../tests/fuzz/corpus/canary >canary.log 2>&1 || ! grep -q "the canary lives" canary.log; then
    echo "the fuzzer did not find the canary's mistake; see build/fuzz/canary.log" >&2
    return 1
  fi
  # Without a target it names all of them.
  targets=$(FUZZ_TARGET="" "$fuzzer" -runs=0 2>&1 | sed -n 's/.*one of: canary //p')
  if [ -z "$targets" ]; then return 1; fi
  # All take the same time, so that one batch after the other keeps the cores busy.
  batch=""
  at_once=$(jobs)
  for target in $targets; do
    fuzz_one "$target" &
    batch="$batch $!"
    if [ "$(echo "$batch" | wc -w)" -ge "$at_once" ]; then
      for one in $batch; do wait "$one"; done
      batch=""
    fi
  done
  for one in $batch; do wait "$one"; done
  cd ../..
}

# Which eighth of a long stage is due: another one with each commit, or the one that is named.
eighth() {
  echo "${1:-$(($(git rev-list --count HEAD 2>/dev/null || echo 0) % 8))}"
}

# Kills the engine at each point where that can leave something half done, and continues: at all of them
# in a phase of waves, in rollback and in clean; of the other phases' an eighth (or the one that
# KONDUCTOR_SWEEP_EIGHTH names, 0 to 7).
run_sweep() {
  scripts/install-deps.sh
  build dev
  eighth=$(eighth "${KONDUCTOR_SWEEP_EIGHTH-}")
  echo "sweep: eighth $eighth"
  ctest --preset dev --parallel "$(jobs)" -L '^sweep$' \
    -E "(parallel plans|a merge conflict|overlays|outside of git) .* - [^$eighth]\$" </dev/null
}

run_sweep_all() {
  scripts/install-deps.sh
  build dev
  ctest --preset dev --parallel "$(jobs)" -L '^sweep$' </dev/null
}

# Kills and suspends the engine at each call of a small phase: an eighth of them, another one with each
# commit (or the one that KONDUCTOR_CALLS_EIGHTH names, 0 to 7).
run_calls() {
  scripts/install-deps.sh
  build dev
  eighth=$(eighth "${KONDUCTOR_CALLS_EIGHTH-}")
  echo "calls: eighth $eighth"
  ctest --preset dev --parallel "$(jobs)" -L '^calls$' -R " - $eighth\$" </dev/null
}

run_calls_all() {
  scripts/install-deps.sh
  build dev
  ctest --preset dev --parallel "$(jobs)" -L '^calls$' </dev/null
}

# 20,000 simulated worlds, and 1,000 that nobody has tried, played by an optimised build.
run_seeds() {
  scripts/install-deps.sh
  build release konductor_simulation_tests
  choose_seed
  ctest --preset release --parallel "$(jobs)" -L '^seeds$' </dev/null
}

# Needs npm and a package registry.
install_agents() {
  scripts/install-deps.sh --with-agents
  KONDUCTOR_TEST_AGENTS=${KONDUCTOR_TEST_AGENTS:-$PWD/build/agents}
  export KONDUCTOR_TEST_AGENTS
  case $KONDUCTOR_TEST_AGENTS in
    *:*) ;;  # Several folders: somebody filled them.
    *) scripts/install-agents.sh "$KONDUCTOR_TEST_AGENTS" ;;
  esac
  build dev konductor konductor-acp konductor_agents_tests
}

# Whether each of them still does what it is asked for. They are other people's programs, slow ones on
# a busy machine: a test that fails is given another chance.
run_agents_short() {
  install_agents
  ctest --preset dev --parallel "$(jobs)" -L '^agents$' --repeat until-pass:2 -R \
    'as many agents|carries a phase|recovers from|(claude|codex|gemini)-acp writes|has it fixed once|(claude|codex) is not believed' \
    </dev/null
}

# Real agents against a scripted model: all that they do, and each fault.
run_agents() {
  install_agents
  KONDUCTOR_FAULT_TABLE=$PWD/build/agents-faults.jsonl
  export KONDUCTOR_FAULT_TABLE
  rm -f "$KONDUCTOR_FAULT_TABLE"
  result=0
  ctest --preset dev --parallel "$(jobs)" -L '^agents$' </dev/null || result=$?
  if [ -e "$KONDUCTOR_FAULT_TABLE" ]; then
    python3 -B tests/agents/fault_table.py "$KONDUCTOR_FAULT_TABLE" >build/agents-faults.md
    echo "what became of each fault: build/agents-faults.md"
  fi
  return "$result"
}

# The program as it is installed.
run_release() {
  scripts/install-deps.sh
  build release
  prefix=$PWD/build/release/prefix
  rm -rf "$prefix"
  cmake --install build/release --prefix "$prefix" >/dev/null
  version=$(sed -n 's/^project(konductor VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
  printed=$("$prefix/bin/konductor" --version | head -n 1)
  case $printed in
    "konductor $version ("*) ;;
    *)
      echo "konductor --version printed \"$printed\", expected \"konductor $version (COMMIT)\"" >&2
      return 1
      ;;
  esac
  for schema in schemas/*.json; do
    cmp "$schema" "$prefix/share/konductor/$schema"
  done
  for example in examples/*/.konductor; do
    "$prefix/bin/konductor" -C "${example%/.konductor}" plan check 01 --strict
  done
  ctest --preset release --parallel "$(jobs)" -LE '^(sweep|calls|seeds|soak|agents)$' </dev/null
}

# The Debian package: made, unpacked into a root of its own, and the example phase run by what is in it.
run_package() {
  scripts/install-deps.sh --only-program --with-package
  build program
  (cd build/program && rm -f ./*.deb && cpack -G DEB >cpack.log)
  package=$(ls build/program/*.deb)
  root=$PWD/build/program/package-root
  rm -rf "$root"
  dpkg-deb -x "$package" "$root"
  for needed in libgit2 git; do
    dpkg-deb -f "$package" Depends | tr , '\n' | grep -Eq "^ *$needed([-0-9. (]|\$)" || {
      echo "package: it does not say that it needs $needed" >&2
      return 1
    }
  done
  for file in bin/konductor bin/konductor-replay bin/konductor-acp bin/konductor-supervisor \
    share/man/man1/konductor.1 share/man/man1/konductor-execute.1 \
    share/bash-completion/completions/konductor share/zsh/vendor-completions/_konductor \
    share/fish/vendor_completions.d/konductor.fish share/konductor/schemas/event.schema.json \
    share/doc/konductor/copyright share/doc/konductor/config.toml.example; do
    if [ ! -s "$root/usr/$file" ]; then
      echo "package: /usr/$file is missing" >&2
      return 1
    fi
  done
  if command -v groff >/dev/null 2>&1; then
    for page in "$root"/usr/share/man/man1/*.1; do
      complaints=$(groff -k -man -Tutf8 -ww -z "$page" 2>&1)
      if [ -n "$complaints" ]; then
        echo "package: $complaints" >&2
        return 1
      fi
    done
  fi
  example=$root/example
  cp -R "$root/usr/share/doc/konductor/examples/calculator" "$example"
  git -C "$example" init -q -b main
  git -C "$example" add -A
  git -C "$example" -c user.name=package -c user.email=package@example.invalid commit -q -m "Start"
  mkdir "$root/home"
  env -i PATH="$root/usr/bin:/usr/bin:/bin" HOME="$root/home" GIT_AUTHOR_NAME=package \
    GIT_AUTHOR_EMAIL=package@example.invalid konductor -C "$example" execute 01 --quiet </dev/null
  echo "package: $(basename "$package"), $(wc -c <"$package") bytes, runs the example"
}

case ${1-} in
  quick) stage quick run_quick ;;
  format) stage format run_format ;;
  dev) stage dev run_dev ;;
  lint) stage lint run_lint ;;
  asan) stage asan run_asan ;;
  asan-gcc) stage asan-gcc run_asan_gcc ;;
  tsan) stage tsan run_tsan ;;
  # Of the unit tests, which take longer to compile than all else, only those with threads.
  sanitizers)
    scripts/install-deps.sh --with-clang
    stage asan run_address_sanitizer asan
    stage tsan run_tsan
    ;;
  fuzz) stage fuzz run_fuzz ;;
  release) stage release run_release ;;
  package) stage package run_package ;;
  soak) stage soak run_soak ;;
  sweep) stage sweep run_sweep ;;
  sweep-all) stage sweep-all run_sweep_all ;;
  calls) stage calls run_calls ;;
  calls-all) stage calls-all run_calls_all ;;
  seeds) stage seeds run_seeds ;;
  agents) stage agents run_agents ;;
  agents-short) stage agents-short run_agents_short ;;
  all)
    stage format run_format
    stage dev run_dev
    stage sweep run_sweep
    stage calls run_calls
    stage lint run_lint
    stage asan run_asan
    stage asan-gcc run_asan_gcc
    stage tsan run_tsan
    stage release run_release
    stage package run_package
    ;;
  *)
    echo "usage: scripts/ci.sh quick|format|dev|lint|asan|asan-gcc|tsan|sanitizers|fuzz|release|package|soak|sweep|sweep-all|calls|calls-all|seeds|agents|agents-short|all" >&2
    exit 2
    ;;
esac
