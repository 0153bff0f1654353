"""Calls of every kind, with what came of each on a line of its own: run by test_fused.py, in processes where calls are made in
different ways, which must make no difference.

    python fused_cases.py LIBRARY general|critical
"""

import sys

from conftest import DECLARATIONS
from farcall import FFI, _farcall


class Index:
    def __index__(self):
        return 7


class Float:
    def __float__(self):
        return 2.5


class Whole(int):
    pass


class Real(float):
    pass


class Text(bytes):
    pass


def numbers():
    for bit in (0, 1, 3, 7, 8, 15, 16, 29, 30, 31, 32, 59, 60, 61, 62, 63, 64, 70):
        for near in (-1, 0, 1):
            yield (1 << bit) + near
            yield -(1 << bit) + near
    yield from (True, False, Whole(5), Index(), None, "1", b"1", b"", b"ab", Text(b"x"), [], (1,), {}, 1j, object)
    yield from (0.0, -0.0, 1.5, 1e300, -1e-310, float("inf"), float("-inf"), Real(1.25), Float())


def pointers(ffi):
    items = ffi.new("int[3]", [1, 2, 3])
    pair = ffi.new("struct pair *", (b"a", 2.5))
    yield from (items, items + 1, ffi.cast("void *", items), ffi.cast("int *", items), ffi.addressof(items, 2))
    yield from (ffi.new("int *", 4), ffi.new("long *", 4), ffi.new("char[]", b"text"), ffi.NULL)
    yield from (ffi.new("unsigned int[2]"), pair, pair[0], ffi.addressof(pair, "value"), ffi.cast("int", 3))
    yield from (b"bytes longer than", bytearray(b"array"), "text", [5, 6], (7, 8), None, 5, 1.5, ffi.gc(items, id))
    yield from (ffi.from_buffer("int[]", bytearray(16)), ffi.new_handle(items), ffi.cast("long", -3), ffi.cast("char", 200))
    yield from (ffi.cast("double", 0.1), ffi.cast("float", 0.1), ffi.cast("short", -2), ffi.cast("_Bool", 1))


def cases(ffi, lib):
    everything = [*numbers(), *pointers(ffi)]
    for name in ("byte", "halve", "third", "negated", "upper", "next_wide", "turned", "set_errno", "swapped", "doubled", "moved"):
        for value in everything:
            yield name, (value,)
    for value in everything:
        yield "add", (1, value)
        yield "add", (value, 1)
        yield "wide", (value, 3)
        yield "wide", (3, value)
        yield "sum8", (1.0, 2.0, 3.0, value, 5.0, 6.0, 7.0, 8.0)
        if value is not ffi.NULL:
            yield "sum_of", (value, 0 if value == [] else 1)
        # What else the functions take for numbers depends on where it happens to be.
        ctype = ffi.typeof(value).cname if isinstance(value, ffi.CData) else None
        if ctype in (None, "int", "long", "short", "char", "_Bool"):
            yield "total", (1, value)
            yield "total", (2, ffi.cast("int", 5), value)
        if ctype in (None, "double", "float"):
            yield "average", (1, value)
        yield "swapped", (value,)
    # No `void *`, which passes and would be called.
    for value in [*numbers(), ffi.new("int *"), ffi.new("char[4]"), ffi.cast("int", 3)]:
        yield "apply", (value, 3)
    for count in (0, 1, 3, 9):
        yield "add", (1,) * count
        yield "average", (0,) * count
    pair = ffi.new("struct pair *", (b"a", 66.0))
    yield "swapped", (pair[0],)
    yield "doubled", (ffi.new("union number *", {"d": 1.5})[0],)
    yield "moved", (ffi.new("struct bits *", (1, 2, -3))[0],)
    yield "mixed", (ffi.new("struct deep *", {"n": {"d": 0.5}})[0], 1)
    callback = ffi.callback("int(int)", lambda x: x * 2)
    yield "apply", (callback, 4)
    yield "apply", (lib.set_errno, 4)
    yield "apply", (ffi.callback("long(long)", lambda x: x * 2), 4)


def shown(ffi, value):
    """What is the same in every process."""
    if isinstance(value, type(len)):
        return str(ffi.typeof(value))
    if isinstance(value, ffi.CData):
        ctype = ffi.typeof(value)
        if ctype.kind in ("struct", "union"):
            return ctype.cname, *(shown(ffi, getattr(value, name)) for name, _ in ctype.fields)
        return str(ctype)
    return type(value).__name__, repr(value)


def attempt(ffi, function, arguments, critical):
    try:
        result = shown(ffi, function(*arguments))
    except Exception as error:
        text = str(error)
        # CPython counts the arguments of builtins itself.
        if critical and "exactly one argument" in text:
            text = "'%s' expects 1 arguments, got %d" % (ffi.getctype(ffi.typeof(function)), len(arguments))
        result = type(error).__name__, text
    return result, ffi.errno


def main(library, mode):
    ffi = FFI()
    ffi.cdef(DECLARATIONS)
    critical = mode == "critical"
    lib = ffi.dlopen(library, critical=critical)
    before = _farcall._fused_stats()["calls"]
    for name, arguments in cases(ffi, lib):
        function = getattr(lib, name)
        results = set()
        # The later ones are made by machine code, if it takes them.
        for _ in range(8):
            ffi.errno = 17
            results.add(attempt(ffi, function, arguments, critical))
        given = [shown(ffi, argument) for argument in arguments]
        print(name, *given, *sorted(results, key=repr), len(results), sep="; ")
    print(_farcall._fused_stats()["calls"] - before, file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
