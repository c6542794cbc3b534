#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds, and runs the tests, all but the sweep of every point at which an
# engine can be killed (`scripts/ci.sh sweep`). What ctest prints comes last.
set -eu
unset CDPATH || true
cd "$(dirname "$0")/.."
. scripts/common.sh

stage "install packages" scripts/install-deps.sh
stage "build" build dev
echo "==> tests"
exec ctest --preset dev --parallel "$(jobs)" -LE '^(sweep|agents)$' </dev/null
