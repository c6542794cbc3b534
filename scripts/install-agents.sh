#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the agents that the tests with the label `agents` drive, at the versions they are known to
# pass with.
#
#   scripts/install-agents.sh DIR
set -eu

agents="@anthropic-ai/claude-code@2.1.330 @openai/codex@0.169.0"

if [ $# -ne 1 ]; then
  echo "usage: scripts/install-agents.sh DIR" >&2
  exit 2
fi
if ! command -v npm >/dev/null 2>&1; then
  echo "install-agents: npm is missing: install Node.js 20 or later" >&2
  exit 1
fi
mkdir -p "$1"
if [ -e "$1/.agents" ] && [ "$(cat "$1/.agents")" = "$agents" ]; then exit 0; fi
# Unquoted on purpose: one word an agent. Named versions are taken whatever their `engines` say.
npm install --prefix "$1" --no-audit --no-fund --no-save --loglevel=error $agents </dev/null
echo "$agents" >"$1/.agents"
