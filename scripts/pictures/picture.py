# SPDX-License-Identifier: MIT
"""Draws what a terminal shows, as an SVG: picture.py TITLE <TEXT_WITH_COLOURS >PICTURE

Takes on standard input what `tmux capture-pane -e -p` prints.
"""
import sys
from html import escape

from rich.ansi import AnsiDecoder
from rich.console import Console

# As rich has it, but without the fonts that a browser would fetch from elsewhere.
FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<title>TITLE</title>
<style>
.t-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; \
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
.t-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="t-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#t-clip-terminal)">
{backgrounds}
<g class="t-matrix" xml:space="preserve">
{matrix}
</g>
</g>
</svg>
"""


def main():
    title = sys.argv[1]
    # A colour goes on from line to line until the terminal says another one.
    texts = list(AnsiDecoder().decode(sys.stdin.read().rstrip()))
    width = max(text.cell_len for text in texts)
    console = Console(record=True, width=width, file=open("/dev/null", "w"), force_terminal=True)
    for text in texts:
        console.print(text, soft_wrap=True)
    code_format = FORMAT.replace("TITLE", escape(title))
    # With an id of its own that does not depend on the text, little changes when little changes.
    sys.stdout.write(console.export_svg(title=title, code_format=code_format, unique_id="t"))


main()
