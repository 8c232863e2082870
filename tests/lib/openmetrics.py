#!/usr/bin/python3
"""Checks a text from stdin against what OpenMetrics 1.0 asks of one with counters and gauges. Prints what is wrong.

Then prints, sorted, "NAME ID VALUE" of each sample.
"""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf'({NAME})\{{id="((?:[^"\\\n]|\\[\\"n])*)"\}} (\d+(?:\.\d+)?)\Z')


def fail(number, text):
    sys.exit(f"line {number}: {text}")


def main():
    text = sys.stdin.read()
    if not text.endswith("# EOF\n"):
        fail("last", "not # EOF")
    families, seen, family = {}, set(), None
    lines = text[:-len("# EOF\n")].split("\n")
    if lines.pop():
        fail("last", "no newline before # EOF")
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            found = re.fullmatch(rf"# (TYPE|UNIT|HELP) ({NAME}) (\S.*)", line) or fail(number, f"not metadata: {line}")
            key, name, value = found.groups()
            if key == "TYPE":
                if name in families:
                    fail(number, f"{name} is there twice")
                family = families[name] = {}
            elif families.get(name) is not family or family is None:
                fail(number, f"{key} of {name} is not with its TYPE")
            if key in family or "samples" in family:
                fail(number, f"{key} of {name} twice, or after a sample")
            if key == "UNIT" and not name.endswith("_" + value):
                fail(number, f"{name} does not end with its unit {value}")
            if key == "TYPE" and value not in ("counter", "gauge"):
                fail(number, f"unknown type {value}")
            family[key], family["name"] = value, name
            continue
        found = SAMPLE.match(line) or fail(number, f"not a sample: {line}")
        expected = family["name"] + ("_total" if family["TYPE"] == "counter" else "") if family else None
        if found[1] != expected:
            fail(number, f"{found[1]} stands in the family of {expected}")
        if found.group(1, 2) in seen:
            fail(number, f"{line} is there twice")
        seen.add(found.group(1, 2))
        family["samples"] = True
    for name, family in families.items():
        for key in ("TYPE", "HELP"):
            if key not in family:
                fail("any", f"{name} has no {key}")
    print("\n".join(sorted(" ".join(SAMPLE.match(line).groups()) for line in lines if not line.startswith("#"))))


if __name__ == "__main__":
    main()
