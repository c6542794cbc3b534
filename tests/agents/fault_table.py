#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints what the tests of faults found as a Markdown table.

    KONDUCTOR_FAULT_TABLE=cells.jsonl build/dev/tests/konductor_agents_tests "fault:*"
    python3 tests/agents/fault_table.py cells.jsonl

Each line of the file is one cell: agent, fault, causes, seconds, exit. Of several of one
agent and fault the last counts.
"""
import json
import sys

AGENTS = ["claude", "codex", "opencode", "gemini", "qwen", "pi"]
FAULTS = ["first 2 requests 429", "first 2 requests 529", "first 2 requests 500",
          "429 without end, `--max-wait 1s`", "401", "400", "stream cut", "stream silent",
          "endless tool loop", "agent killed under its tools", "SIGTERM, all of it deaf"]


def read_cells(path):
    cells = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            cell = json.loads(line)
            cells[cell["fault"], cell["agent"]] = cell
    return cells


def cell_text(cell):
    if cell is None:
        return "-"
    attempts = list(zip(cell["causes"], cell["seconds"]))
    failed = [a for a in attempts if a[0] != "done"]
    if not failed:
        return "rides it out, %.1f s" % sum(seconds for _, seconds in attempts)
    parts = []
    for cause in dict.fromkeys(cause for cause, _ in failed):
        times = ["%.1f s" % seconds for other, seconds in failed if other == cause]
        parts.append("`%s` %s" % (cause, ", ".join(times)))
    return "; ".join(parts)


def exit_text(cells):
    return ", ".join(str(code) for code in sorted({cell["exit"] for cell in cells}))


def print_table(cells):
    faults = sorted({fault for fault, _ in cells},
                    key=lambda fault: FAULTS.index(fault) if fault in FAULTS else len(FAULTS))
    agents = [agent for agent in AGENTS if any(agent == other for _, other in cells)]
    print("| fault | " + " | ".join(agents) + " | exit |")
    print("|---" * (len(agents) + 2) + "|")
    for fault in faults:
        row = [cells.get((fault, agent)) for agent in agents]
        print("| %s | %s | %s |" % (fault, " | ".join(map(cell_text, row)),
                                    exit_text(filter(None, row))))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    print_table(read_cells(sys.argv[1]))


if __name__ == "__main__":
    main()
