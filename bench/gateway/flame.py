#!/usr/bin/env python3
"""A flame graph of `perf script`'s output as an SVG without scripts, by kind of thread.

  perf record -e cpu-clock -F 1999 -g -p GATEWAY,ENGINE -o serve.perf -- sleep 5
  perf script -i serve.perf -F comm,ip,sym | bench/gateway/flame.py "title" > docs/gateway-serve-flame.svg

The width of a box is its share of the samples; what is narrower than 0.3 % is left out. Orange: this project's code.
"""

import re
import sys
from xml.sax.saxutils import escape

WIDTH, ROW, NARROWEST, DEPTH = 1200, 15, 0.003, 30
KINDS = [  # of threads, by how their names begin; the first that fits
    ("gateway.l", "I/O loops"), ("gateway.score", "scorer"), ("gateway.spans", "span thread"),
    ("QueryComp", "engine: inserts and queries"), ("ThreadPool", "engine: inserts and queries"),
    ("Merge", "engine: merges"), ("ch.", "engine: HTTP"), ("godseye", "writer and others"), ("", "engine: others"),
]
# Frames that say nothing and those around every thread's beginning.
NOISE = re.compile(r"^\[|^std::(thread|_Function|__invoke|invoke)|^(__)?(clone3?|start_thread|entry_SYSCALL_64_after_hwframe"
                   r"|do_syscall_64|asm_\w+|x64_sys_\w+|__x64_sys_\w+)$")


def name_of(symbol):
    symbol = re.sub(r"\[abi:\w+\]|\(anonymous namespace\)::|^godseye::", "", symbol)
    return re.sub(r"godseye::", "", symbol).split("(")[0][:80]


def read(lines):
    """Stacks, outermost first, each with the kind of its thread."""
    kind, frames = None, []
    for line in list(lines) + ["\n"]:
        if not line.strip():
            if kind is not None:
                yield [kind] + [f for f in reversed(frames)]
            kind, frames = None, []
        elif not line[0].isspace():
            kind = next(label for begin, label in KINDS if line.startswith(begin))
        else:
            symbol = line.split(None, 1)[1].strip() if len(line.split(None, 1)) > 1 else ""
            if symbol and not NOISE.search(symbol):
                frames.append(("godseye::" in symbol, name_of(symbol)))


class Node:
    def __init__(self):
        self.count, self.children = 0, {}


def tree(stacks):
    root = Node()
    for kind, *frames in stacks:
        root.count += 1
        node = root
        for frame in [(False, kind)] + frames[:DEPTH]:
            node = node.children.setdefault(frame, Node())
            node.count += 1
    return root


def boxes(node, label, ours, x, level, total, out):
    out.append((x, level, node.count, label, ours))
    for (child_ours, name), child in sorted(node.children.items(), key=lambda one: -one[1].count):
        if child.count >= total * NARROWEST:
            boxes(child, name, child_ours, x, level + 1, total, out)
        x += child.count


def main():
    root = tree(read(sys.stdin))
    out = []
    boxes(root, "all", False, 0, 0, root.count, out)
    height = (max(level for _, level, *_ in out) + 3) * ROW
    scale = (WIDTH - 0.5) / root.count
    title = escape(f"{sys.argv[1]}; orange: ours, blue: libraries and kernel")
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="monospace" font-size="10">'
          f'<title>{title}</title><rect width="100%" height="100%" fill="#fff"/><text x="4" y="12">{title}</text>')
    for x, level, count, label, ours in out:
        left, wide, top = x * scale, count * scale, height - (level + 1) * ROW
        shown = escape(label[:max(0, int((wide - 4) / 6.1))])
        print(f'<g><title>{escape(label)} {100 * count / root.count:.1f} %</title><rect x="{left:.1f}" y="{top}" width="{wide:.1f}" '
              f'height="{ROW - 1}" fill="{"#e8b878" if ours else "#b8c8e0"}"/>'
              + (f'<text x="{left + 2:.1f}" y="{top + 11}">{shown}</text>' if len(shown) > 2 else "") + "</g>")
    print("</svg>")


if len(sys.argv) != 2 or sys.argv[1] in ("--help", "-h"):
    print(__doc__.strip())
    sys.exit(0 if {"--help", "-h"} & set(sys.argv) else 2)
main()
