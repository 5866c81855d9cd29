#!/usr/bin/env python3
"""Writes unicode_tables.inc: which code points beyond ASCII are letters or decimal digits, and how they lower.

usage: python3 make_unicode_tables.py > unicode_tables.inc
Run by hand when Python's Unicode version should be followed; the result is committed, since normalised tags are on disk
and must not change with the machine that builds.
"""
import unicodedata


def letters():
    ranges = []
    for code in range(0x80, 0x110000):
        category = unicodedata.category(chr(code))
        if category[0] != "L" and category != "Nd":
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return ranges


def lowering():
    runs = []  # first, last, step, delta
    for code in range(0x80, 0x110000):
        lower = chr(code).lower()
        if len(lower) != 1 or lower == chr(code):
            continue
        assert lower.lower() == lower, hex(code)
        delta = ord(lower) - code
        if runs and runs[-1][3] == delta:
            run = runs[-1]
            gap = code - run[1]
            if run[2] == gap or (run[0] == run[1] and gap in (1, 2)):
                run[1], run[2] = code, gap
                continue
        runs.append([code, code, 1, delta])
    return runs


def rows(entries, per_line):
    for i in range(0, len(entries), per_line):
        print("    " + " ".join(entries[i : i + per_line]))


print(f"// Made by make_unicode_tables.py from Unicode {unicodedata.unidata_version}; do not edit.")
print("// clang-format off")
print("constexpr CodeRange kLettersAndDigits[] = {")
rows([f"{{{a:#x},{b:#x}}}," for a, b in letters()], 7)
print("};")
print("constexpr LowerRun kLowering[] = {")
rows([f"{{{a:#x},{b:#x},{s},{d}}}," for a, b, s, d in lowering()], 5)
print("};")
print("// clang-format on")
