#!/bin/sh
# SPDX-License-Identifier: MIT
# Takes the terminal pictures of the documents (docs/pictures): the real program in a real terminal (tmux), on a
# small project of its own, with a script for an agent.
#
#   scripts/pictures.sh [PROGRAM]    the konductor to take them of; default: build/dev/konductor, built first
set -eu
unset CDPATH || true
if [ $# -gt 1 ]; then
  echo "usage: scripts/pictures.sh [PROGRAM]" >&2
  exit 2
fi
program=${1-}
case $program in
  "" | /*) ;;
  *) program=$PWD/$program ;;
esac
cd "$(dirname "$0")/.."
. scripts/common.sh
root=$PWD

scripts/install-deps.sh --with-pictures
if [ -z "$program" ]; then
  build dev konductor
  program=$root/build/dev/konductor
fi
# Debian's python has Debian's packages, another one may come first.
python=/usr/bin/python3
if [ ! -x "$python" ]; then python=python3; fi

folder=$(mktemp -d)
project=$folder/diary
# Two words and more, so it is used without quotes.
screen="tmux -S $folder/tmux -f /dev/null"
finish() {
  # An engine is at work only where something went wrong.
  if [ -d "$project/.konductor" ] && [ ! -e "$folder/ended" ]; then
    "$program" -C "$project" stop 01 --now >/dev/null 2>&1 || true
  fi
  $screen kill-server 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

make_project() {
  mkdir -p "$project/.konductor/phases/01/plans" "$project/tools" "$project/src" "$folder/home" "$folder/bin"
  ln -s "$program" "$folder/bin/konductor"
  cp scripts/pictures/agent.sh "$project/tools/"
  cp scripts/pictures/plans/*.md "$project/.konductor/phases/01/plans/"
  printf '# diary\n' >"$project/README.md"
  : >"$project/src/.keep"
  cat >"$project/.konductor/config.toml" <<TOML
[general]
default_runtime = "agent"

[runtimes.agent]
kind = "command"
command = ["sh", "tools/agent.sh"]
dialect = "claude"
env = { PICTURES = "$folder" }
TOML
  git -C "$project" init -q -b main
  git -C "$project" config user.name "Ada"
  git -C "$project" config user.email "ada@example.invalid"
  git -C "$project" add -A
  git -C "$project" commit -q -m "Start"
}

# in_terminal COLUMNS LINES COMMAND…: runs them as if they had been typed, without this machine's settings.
in_terminal() {
  $screen kill-server 2>/dev/null || true
  rm -f "$folder/ended"
  columns=$1
  lines=$2
  shift 2
  {
    for command in "$@"; do printf "printf '$ %%s\\\\n' '%s'\n%s\n" "$command" "$command"; done
    printf ": >'%s'\nsleep 600\n" "$folder/ended"
  } >"$folder/session"
  env -i HOME="$folder/home" PATH="$folder/bin:/usr/bin:/bin" LANG=C.UTF-8 TERM=xterm-256color PAGER=cat \
    tmux -S "$folder/tmux" -f /dev/null -u new-session -d -x "$columns" -y "$lines" -c "$project" sh "$folder/session"
  $screen set-option -g status off
}

# await SECONDS WHAT COMMAND…: until the command holds.
await() {
  tries=$(($1 * 10))
  what=$2
  shift 2
  until "$@"; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
      echo "pictures: $what was waited for in vain; on the screen is" >&2
      $screen capture-pane -p >&2
      exit 1
    fi
    sleep 0.1
  done
}

on_screen() { $screen capture-pane -p | grep -q -e "$1"; }

# take NAME TITLE
take() {
  $screen capture-pane -e -p >"$folder/$1.text"
  if grep -q -e "$folder" -e "$root" "$folder/$1.text"; then
    echo "pictures: a path of this machine is in $1" >&2
    exit 1
  fi
  "$python" scripts/pictures/picture.py "$2" <"$folder/$1.text" >"$folder/$1.svg"
  mv "$folder/$1.svg" "docs/pictures/$1.svg"
  echo "docs/pictures/$1.svg"
}

# take_commands NAME COLUMNS LINES COMMAND…: once they have ended.
take_commands() {
  name=$1
  shift
  in_terminal "$@"
  await 60 "the end of $3" test -e "$folder/ended"
  take "$name" "$3"
}

make_project
mkdir -p docs/pictures
in_terminal 100 30 "konductor execute 01"
for task in 1-2 2-2 3-1; do
  await 60 "task $task" test -e "$folder/waits-$task"
done
await 10 "the last agent's words" on_screen "How are days written"
take execute "konductor execute 01"
: >"$folder/go"
await 60 "the end of the run" test -e "$folder/ended"
take_commands status 112 40 "konductor status"
take_commands log 100 40 "konductor log 01/001/1 --role executor"
take_commands show 112 40 "konductor show 01/001"
take_commands explain 124 50 "konductor explain 01/003/1"
take_commands cost 104 30 "konductor cost"
in_terminal 100 40 'konductor unblock 01/003/1 --context "As 2026-11-23."' "konductor execute 01"
await 60 "the end of the phase" test -e "$folder/ended"
take_commands runs 112 40 "konductor runs" "konductor runs diff"
