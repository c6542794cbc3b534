#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds, and runs the tests, all but those that kill an engine at every point
# or soak it (`scripts/ci.sh sweep`, `calls` and `soak`). What ctest prints comes last.
set -eu
unset CDPATH || true
cd "$(dirname "$0")/.."
. scripts/common.sh

stage "install packages" scripts/install-deps.sh
stage "build" build dev
choose_seed
echo "==> tests"
exec ctest --preset dev --parallel "$(jobs)" -LE '^(sweep|calls|soak|agents)$' </dev/null
