#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the agents that the tests with the label `agents` drive, at the versions they are known to
# pass with.
#
#   scripts/install-agents.sh DIR [NAME...]    # all of those below when none is named
#
# claude-acp and codex-acp are the adapters that speak the Agent Client Protocol for Claude Code and
# Codex, each with an agent of its own (400 MB).
#
# What an earlier call put into DIR and this one does not name may be removed by npm.
set -eu

usage() {
  echo "usage: scripts/install-agents.sh DIR [claude|codex|opencode|gemini|qwen|pi|claude-acp|codex-acp]..." >&2
  exit 2
}

# Those that need Node.js 22 or later bring one of their own.
packages_of() {
  case $1 in
    claude) echo "@anthropic-ai/claude-code@2.1.330" ;;
    codex) echo "@openai/codex@0.169.0" ;;
    opencode) echo "opencode-ai@1.18.33" ;;
    gemini) echo "@google/gemini-cli@0.61.0" ;;
    qwen) echo "@qwen-code/qwen-code@0.24.4" ;;
    pi) echo "@earendil-works/pi-coding-agent@0.87.1 node@24" ;;
    claude-acp) echo "@agentclientprotocol/claude-agent-acp@0.100.0 node@24" ;;
    codex-acp) echo "@agentclientprotocol/codex-acp@2.6.0 node@24" ;;
    *) usage ;;
  esac
}

[ $# -ge 1 ] || usage
folder=$1
shift
[ $# -ge 1 ] || set -- claude codex opencode gemini qwen pi claude-acp codex-acp
agents=
for name in "$@"; do
  packages=$(packages_of "$name")
  agents="$agents $packages"
done
if ! command -v npm >/dev/null 2>&1; then
  echo "install-agents: npm is missing: install Node.js 20 or later" >&2
  exit 1
fi
mkdir -p "$folder"
if [ -e "$folder/.agents" ] && [ "$(cat "$folder/.agents")" = "$agents" ]; then exit 0; fi
# Unquoted on purpose: one word a package. Named versions are taken whatever their `engines` say.
npm install --prefix "$folder" --no-audit --no-fund --no-save --loglevel=error $agents </dev/null
echo "$agents" >"$folder/.agents"
