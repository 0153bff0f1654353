"""Where farcall differs from cffi on purpose, and why."""

import re

# (pattern of cases, reason). What both give is not compared then, but farcall must give something.
DELIBERATE = [
]

DELIBERATE = [(re.compile(pattern), reason) for pattern, reason in DELIBERATE]


def reason(source):
    """Why the two may differ in a case; None if they may not."""
    return next((reason for pattern, reason in DELIBERATE if pattern.search(source)), None)


def comparable(source, result):
    """What must be the same. Of texts that cannot be read, cffi says what its parser does; farcall says where and why."""
    kind, *rest = result
    written = [line for line in rest[2 if kind == "raised" else 1:] if "Warning:" not in line]
    if kind == "raised" and (rest[0] == "CDefError" or "cdef(" in source):
        return [kind, rest[0]] + written
    return [kind] + rest[: 2 if kind == "raised" else 1] + written
