#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the Debian packages that are missing, and nothing when none is.
#
#   scripts/install-deps.sh [--only-program] [--with-agents] [--with-bench] [--with-clang] [--with-format]
#                           [--with-lint] [--with-package] [--with-pictures]
set -eu

packages="g++ cmake ninja-build pkg-config git ca-certificates
  libboost1.81-dev libboost-filesystem1.81-dev libtomlplusplus-dev nlohmann-json3-dev
  libspdlog-dev libsqlite3-dev libgit2-dev libcmark-gfm-dev libcmark-gfm-extensions-dev
  libcli11-dev libsimdjson-dev libutf8proc-dev bubblewrap"
for_tests="catch2 librapidcheck-dev libxml2-utils tmux"

for argument in "$@"; do
  case $argument in
    --only-program) for_tests="" ;;
    --with-agents)
      # What agents and the scripted model run with; a newer npm than Debian's may be there.
      packages="$packages python3"
      if ! command -v npm >/dev/null 2>&1; then packages="$packages nodejs npm"; fi
      ;;
    --with-bench) packages="$packages make strace" ;;
    --with-clang) packages="$packages clang libclang-rt-14-dev" ;;
    --with-format) packages="$packages clang-format-14" ;;
    --with-lint) packages="$packages clang clang-tidy-14" ;;
    --with-package) packages="$packages dpkg-dev file" ;;
    --with-pictures) packages="$packages python3-rich tmux" ;;
    *)
      echo "usage: scripts/install-deps.sh [--only-program] [--with-agents] [--with-bench] [--with-clang] [--with-format] [--with-lint] [--with-package] [--with-pictures]" >&2
      exit 2
      ;;
  esac
done
packages="$packages $for_tests"

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "install-deps: this is no Debian; what Debian calls the following has to be there:" >&2
  echo $packages >&2
  exit 0
fi

missing=""
for package in $packages; do
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  if [ "$state" != installed ]; then missing="$missing $package"; fi
done
if [ -z "$missing" ]; then exit 0; fi
missing=${missing# }

# as_root COMMAND…: directly, or with sudo where that needs no password or a person can type one.
if [ "$(id -u)" -eq 0 ]; then
  as_root() { env DEBIAN_FRONTEND=noninteractive "$@" </dev/null; }
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
  as_root() { sudo env DEBIAN_FRONTEND=noninteractive "$@"; }
else
  echo "install-deps: these packages are missing and may not be installed by this user:" >&2
  echo "  $missing" >&2
  echo "install-deps: as root, run: apt-get update && apt-get install --no-install-recommends $missing" >&2
  exit 1
fi

echo "install-deps: installing $missing"
as_root apt-get -q -o DPkg::Lock::Timeout=300 update ||
  echo "install-deps: the package lists could not be renewed; going on with the old ones" >&2
# Unquoted on purpose: one word a package.
if ! as_root apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $missing; then
  echo "install-deps: apt-get could not install: $missing" >&2
  exit 1
fi
