#!/bin/sh
# SPDX-License-Identifier: MIT
# Formats all C++ sources in place, or with --check says which ones are not.
set -eu
unset CDPATH || true
cd "$(dirname "$0")/.."
. scripts/common.sh

mode=-i
case ${1-} in
  "") ;;
  --check) mode="--dry-run --Werror" ;;
  *)
    echo "usage: scripts/format.sh [--check]" >&2
    exit 2
    ;;
esac

clang_format=$(clang_tool clang-format)
folders=""
for folder in orchestrator tests bench examples; do
  if [ -d "$folder" ]; then folders="$folders $folder"; fi
done
# Unquoted on purpose: a mode is one or two words, each folder is one.
find $folders -name build -prune -o \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 "$clang_format" $mode
