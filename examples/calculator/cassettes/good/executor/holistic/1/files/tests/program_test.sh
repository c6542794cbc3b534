#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the built calculator: sh tests/program_test.sh build/calculator
set -u
calculator=$1
failures=0

# check STATUS OUTPUT WORD…: the program ends with STATUS and prints OUTPUT on standard output.
check() {
  status=$1
  output=$2
  shift 2
  actual=$("$calculator" "$@" 2>/dev/null </dev/null)
  actual_status=$?
  if [ "$actual_status" -ne "$status" ] || [ "$actual" != "$output" ]; then
    echo "calculator $*: got \"$actual\" and status $actual_status," \
      "expected \"$output\" and status $status" >&2
    failures=$((failures + 1))
  fi
}

check 0 14 '2 + 3 * 4'
check 0 14 2 + 3 '*' 4
check 0 512 '2^3^2'
check 0 -4 '-2^2'
check 0 5 'sqrt(16) + ln(e)'
check 0 3.14159265359 pi
check 0 3.14 --digits 3 pi
check 1 '' '1 / 0'
check 1 '' 'sqrt(-1)'
check 1 '' '2 +'
check 2 '' --colour

lines=$(printf '1 + 1\n2 * 3\n' | "$calculator")
if [ "$lines" != "$(printf '2\n6')" ]; then
  echo "standard input: got \"$lines\"" >&2
  failures=$((failures + 1))
fi

error=$("$calculator" '2 $ 3' 2>&1)
if [ "$error" != 'calculator: column 3: unexpected "$"' ]; then
  echo "error message: got \"$error\"" >&2
  failures=$((failures + 1))
fi

[ "$failures" -eq 0 ]
