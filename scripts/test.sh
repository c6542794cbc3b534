#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds, and runs the tests, all but those that kill an engine at every point
# or soak it, and the thousands of simulated worlds (`scripts/ci.sh sweep`, `calls`, `soak`, `seeds`).
# What ctest prints comes last.
set -eu
unset CDPATH || true
cd "$(dirname "$0")/.."
. scripts/common.sh

stage "install packages" scripts/install-deps.sh
stage "build" build dev
echo "==> tests"
exec ctest --preset dev --parallel "$(jobs)" -LE '^(sweep|calls|seeds|soak|agents)$' </dev/null
