#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds konductor, without its tests, and installs it.
#
#   scripts/install.sh [PREFIX]    default: /usr/local for root, ~/.local for everybody else
#
# What is built is built as who runs this; only where PREFIX is not theirs, sudo puts it there.
set -eu
unset CDPATH || true
usage="usage: scripts/install.sh [PREFIX]    default: /usr/local for root, ~/.local for everybody else"
case $#${1-} in
  1-h | 1--help)
    echo "$usage"
    exit 0
    ;;
  0 | 1[!-]*) ;;
  *)
    echo "$usage" >&2
    exit 2
    ;;
esac
if [ $# -eq 1 ]; then
  prefix=$1
elif [ "$(id -u)" -eq 0 ]; then
  prefix=/usr/local
else
  prefix=$HOME/.local
fi
case $prefix in
  /*) ;;
  *) prefix=$PWD/$prefix ;;
esac
prefix=${prefix%/}
cd "$(dirname "$0")/.."
. scripts/common.sh

# Asked before the build, so that nobody waits for a build that cannot be installed.
as_owner=""
choose_owner() {
  folder=$prefix
  while [ ! -e "$folder" ]; do folder=$(dirname "$folder"); done
  if [ -d "$folder" ] && [ -w "$folder" ]; then return; fi
  if ! command -v sudo >/dev/null 2>&1; then
    echo "install: \"$prefix\" is not yours to write; name a folder that is, or run this as root" >&2
    exit 2
  fi
  as_owner=sudo
}

install_program() {
  # Written by root before, where sudo installed it.
  rm -f build/program/install_manifest.txt
  $as_owner cmake --install build/program --strip --prefix "$prefix" >build/program/install.log
}

choose_owner
stage "install packages" scripts/install-deps.sh --only-program
echo "The first build takes ten minutes or so on two cores; [n/m] tells how far it is."
stage "build konductor" build program
stage "install to $prefix" install_program

printed=$("$prefix/bin/konductor" --version | head -n 1)
cat <<END_OF_TEXT

$printed is installed in $prefix:
programs in bin, man pages, completions for bash, zsh and fish, and in share/doc/konductor a
tutorial, all commands, all settings, and the example.
To remove it: xargs -d '\n' ${as_owner:+$as_owner }rm <$PWD/build/program/install_manifest.txt
END_OF_TEXT
case :$PATH: in
  *":$prefix/bin:"*)
    found=$(command -v konductor || true)
    if [ "$found" != "$prefix/bin/konductor" ]; then
      echo "Your shell finds another one first: $found"
    fi
    ;;
  *)
    cat <<END_OF_TEXT

Your shell does not look into $prefix/bin yet. Now, and in ~/.profile for later shells:
  export PATH="$prefix/bin:\$PATH"
END_OF_TEXT
    ;;
esac
cat <<END_OF_TEXT

Next, in a git repository of yours:
  konductor init       sets it up, and says what comes then
  konductor doctor     says what this machine lacks for a run, and how to mend it
END_OF_TEXT
