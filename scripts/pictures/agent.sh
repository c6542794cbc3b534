#!/bin/sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016  # What it writes are scripts.
# Plays an agent for the pictures: prints what Claude Code prints, and writes what its task asks for. It waits at
# the file $PICTURES/go where a picture is taken.
set -eu

say() { printf '{"type":"assistant","message":{"content":[{"type":"text","text":"%s"}]}}\n' "$1"; }

# call TOOL KEY VALUE RESULT: a tool call, and what came of it.
call() {
  printf '{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t","name":"%s",' "$1"
  printf '"input":{"%s":"%s"}}]}}\n' "$2" "$3"
  sleep 1
  printf '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t","content":"%s"}]}}\n' "$4"
}

# used INPUT OUTPUT CACHED COST
used() {
  printf '{"type":"result","subtype":"success","is_error":false,"total_cost_usd":%s,' "$4"
  printf '"usage":{"input_tokens":%s,"output_tokens":%s,"cache_read_input_tokens":%s,' "$1" "$2" "$3"
  printf '"cache_creation_input_tokens":0}}\n'
}

# At most a minute: nobody may come.
wait_for_picture() {
  : >"$PICTURES/waits-$KONDUCTOR_PLAN-$KONDUCTOR_TASK"
  tries=600
  while [ ! -e "$PICTURES/go" ] && [ "$tries" -gt 0 ]; do
    sleep 0.1
    tries=$((tries - 1))
  done
}

done_with() { printf '## Status: DONE\n\n## What was done\n\n%s\n' "$1" >"$KONDUCTOR_OUTPUT"; }

verdict() { printf '## Verdict: %s\n\n## Findings\n\n%s\n' "$1" "$2" >"$KONDUCTOR_OUTPUT"; }

execute_task() {
  case $KONDUCTOR_PLAN/$KONDUCTOR_TASK in
    1/1)
      say "Entries are lines of a text file; I look at what is there."
      call Read file_path README.md "# diary"
      call Write file_path src/store.sh "File created successfully"
      printf 'add() { printf "%%s  %%s\\n" "$1" "$2" >>diary.txt; }\n' >src/store.sh
      if [ "$KONDUCTOR_ATTEMPT" -gt 1 ]; then
        printf 'count() { if [ -f diary.txt ]; then wc -l <diary.txt; else echo 0; fi; }\n' >>src/store.sh
      else
        printf 'count() { wc -l <diary.txt; }\n' >>src/store.sh
      fi
      call Bash command "sh -n src/store.sh" ""
      done_with "A store that adds entries and counts them."
      used 18200 640 96400 0.0821
      ;;
    1/2)
      say "The search ignores case."
      call Write file_path src/search.sh "File created successfully"
      printf 'search() { grep -i -- "$1" diary.txt; }\n' >src/search.sh
      wait_for_picture
      done_with "A search that ignores case."
      used 16100 520 88100 0.0714
      ;;
    2/1)
      if [ "$KONDUCTOR_ATTEMPT" -eq 1 ]; then
        sleep 1
        echo "panic: out of tea" >&2
        exit 3
      fi
      say "First the options, then what they do."
      call Edit file_path src/diary.sh "The file was updated"
      printf 'case $1 in add) ;; find) ;; *) exit 2 ;; esac\n' >src/diary.sh
      done_with "Options add and find."
      used 21900 910 102300 0.1043
      ;;
    2/2)
      say "A test of its own for each option."
      call Write file_path src/test.sh "File created successfully"
      printf 'sh src/diary.sh add 1 one && sh src/diary.sh find one\n' >src/test.sh
      printf '{"type":"assistant","message":{"content":[{"type":"tool_use","id":"t","name":"Bash",'
      printf '"input":{"command":"sh src/test.sh"}}]}}\n'
      wait_for_picture
      done_with "A test of both options."
      used 14800 480 79600 0.0652
      ;;
    3/1)
      if [ -e "$PICTURES/go" ]; then
        call Write file_path src/month.sh "File created successfully"
        printf 'cut -c 1-10 diary.txt | sort -u\n' >src/month.sh
        done_with "The days of a month that have entries."
        used 11200 380 52700 0.0419
        return
      fi
      say "How are days written?"
      wait_for_picture
      cat >"$KONDUCTOR_OUTPUT" <<'TEXT'
## Status: BLOCKED

## Blocker

Are days written as 2026-11-23, or as the reader's country does?
TEXT
      used 9400 210 41000 0.0312
      ;;
    4/1)
      call Write file_path MANUAL.md "File created successfully"
      printf '# Manual\n\n- `add DAY TEXT`\n- `find WORD`\n' >MANUAL.md
      done_with "A manual of all options."
      used 7900 290 39800 0.0301
      ;;
  esac
}

printf '{"type":"system","subtype":"init","session_id":"5f0c2a61","model":"claude-sonnet-4"}\n'
case $KONDUCTOR_ROLE in
  executor) execute_task ;;
  assessor)
    sleep 0.3
    printf '## Decision: escalate\n\nNo document says it.\n' >"$KONDUCTOR_OUTPUT"
    used 6100 90 30000 0.0107
    ;;
  *)
    say "I read the change against the plan."
    if [ "$KONDUCTOR_ROLE" = spec-reviewer ] && [ "$KONDUCTOR_PLAN/$KONDUCTOR_TASK" = 1/1 ] &&
      ! grep -q 'echo 0' src/store.sh; then
      call Bash command "git diff HEAD~1 --stat" "1 file changed"
      verdict fail '- [significant] src/store.sh:2 — an empty diary is an error instead of 0'
    else
      call Bash command "git diff HEAD~1 --stat" "1 file changed"
      verdict pass None.
    fi
    used 8300 180 52000 0.0264
    ;;
esac
