"""Every operation leaves reference counts and memory as they were."""

import gc
import itertools
import resource
import sys

import pytest


def operations(ffi, lib):
    pair = ffi.new("struct pair *", (b"x", 1.5))
    array = ffi.new("int[10]", list(range(10)))
    data = bytearray(b"0123456789abcdef")
    callback = ffi.callback("int(int)", lambda x: x + 1)
    failing = ffi.callback("int(int)", lambda x: 1 / 0, onerror=lambda *args: None)
    big, numbers = 2**70, itertools.count()

    def raises(function, *args):
        try:
            function(*args)
        except Exception:
            return
        raise AssertionError("nothing was raised")

    class Item:
        def __int__(self):
            raise LookupError

    return {
        "new": lambda: ffi.new("struct pair *"),
        "new with initialiser": lambda: ffi.new("struct pair *", {"tag": b"y", "value": 2}),
        "new array": lambda: ffi.new("int[]", [1, 2, 3]),
        "new large": lambda: ffi.new("char[]", 100000),
        "new fails": lambda: raises(ffi.new, "int[2]", [1, 2, 3]),
        "get field": lambda: pair.value,
        "set field": lambda: setattr(pair, "value", 2.5),
        "set field fails": lambda: raises(setattr, pair, "tag", 5),
        "no field": lambda: raises(getattr, pair, "nothing"),
        "deref": lambda: pair[0].tag,
        "item": lambda: array[3],
        "set item": lambda: array.__setitem__(3, 7),
        "set item fails": lambda: raises(array.__setitem__, 3, big),
        "slice": lambda: array[2:5][0],
        "set slice": lambda: array.__setitem__(slice(0, 3), [1, 2, 3]),
        "iterate": lambda: list(array),
        "arithmetic": lambda: (ffi.addressof(array, 3) + 1) - array,
        "compare": lambda: (pair == array, ffi.cast("int", 5) == 5, hash(pair)),
        "cast": lambda: (ffi.cast("int", 300), ffi.cast("void *", array), float(ffi.cast("double", 1))),
        "cast fails": lambda: raises(ffi.cast, "struct pair", 1),
        "repr": lambda: (repr(pair), repr(array), repr(callback), repr(ffi.typeof(pair))),
        "typeof": lambda: ffi.typeof("struct pair **"),
        "typeof of a new text": lambda: ffi.typeof("int[%d]" % (next(numbers) % 97 + 2)),
        "typeof fails": lambda: raises(ffi.typeof, "nothing *"),
        "attributes of types": lambda: [
            getattr(ffi.typeof(name), attribute, None)
            for name in ("struct pair", "int[3]", "int(*)(int)", "enum color")
            for attribute in dir(ffi.typeof(name))
        ],
        "string": lambda: ffi.string(ffi.new("char[]", b"text")),
        "unpack": lambda: ffi.unpack(array, 5),
        "buffer": lambda: ffi.buffer(array)[0:4],
        "memoryview": lambda: bytes(memoryview(ffi.buffer(array))),
        "from_buffer": lambda: ffi.from_buffer("int[]", data)[1],
        "from_buffer fails": lambda: raises(ffi.from_buffer, "int[100]", data),
        "memmove": lambda: ffi.memmove(array, data, 8),
        "gc": lambda: ffi.gc(array, lambda pointer: None),
        "release": lambda: ffi.release(ffi.gc(array, lambda pointer: None)),
        "handle": lambda: ffi.from_handle(ffi.new_handle(data)),
        "allocator": lambda: ffi.new_allocator(lambda size: ffi.new("char[]", size), lambda p: None)("int[3]"),
        "call": lambda: lib.add(1, 2),
        "call fails": lambda: raises(lib.add, 1, Item()),
        "call with pointer": lambda: lib.sum_of([1, 2, 3], 3),
        "call with record": lambda: lib.swapped((b"x", 2)).value,
        "call variadic": lambda: lib.total(2, ffi.cast("int", 1), ffi.cast("int", 2)),
        "callback": lambda: lib.apply(callback, 1),
        "callback fails": lambda: lib.apply(failing, 1),
        "new callback": lambda: lib.apply(ffi.callback("int(int)", lambda x: x), 2),
        "record through callback": lambda: lib.apply_pair(
            ffi.callback("double(struct pair, const char *)", lambda p, t: p.value), pair[0]
        ),
        "variable": lambda: (lib.counter, lib.a_pair.value, setattr(lib, "counter", 5)),
        "no variable": lambda: raises(getattr, lib, "nothing"),
        "address": lambda: (ffi.addressof(lib, "counter"), ffi.addressof(pair, "value")),
        "sizes": lambda: (ffi.sizeof(pair), ffi.alignof("struct pair"), ffi.offsetof("struct pair", "value")),
        "once": lambda: ffi.init_once(lambda: 5, "tag"),
        "errno": lambda: setattr(ffi, "errno", ffi.errno),
        "another ffi": lambda: type(ffi)().new("int *"),
    }


def test_nothing_leaks(ffi, lib):
    table = operations(ffi, lib)
    watched = [
        None,
        True,
        ffi,
        lib,
        ffi.typeof("int"),
        ffi.typeof("struct pair"),
        ffi.typeof("struct pair *"),
        ffi.typeof("int(*)(int, int)"),
        type(ffi.new("int *")),
        type(ffi.cast("int", 1)),
        type(ffi.new_handle(1)),
        type(lib.add),
    ]
    leaks = []
    for name, operation in table.items():
        change = changed(operation, watched)
        if change:
            leaks.append((name, change))
    assert not leaks


def changed(operation, watched, times=1000):
    """What is not as it was once an operation has been done many times: references held or let go of too often, memory, and
    cycles that only the collector finds."""
    for _ in range(100):
        operation()
    gc.collect()
    gc.disable()
    try:
        counts, blocks = [sys.getrefcount(item) for item in watched], sys.getallocatedblocks()
        for _ in range(times):
            operation()
        after, blocks_after = [sys.getrefcount(item) for item in watched], sys.getallocatedblocks()
        cycles = gc.collect()
    finally:
        gc.enable()
    # What the interpreter does beside it is far less than one for each time; its lists of free objects fill again.
    few = times // 100
    changes = [(repr(item), new - old) for item, old, new in zip(watched, counts, after) if abs(new - old) > few]
    if abs(blocks_after - blocks) > 20 * few:
        changes.append(("blocks", blocks_after - blocks))
    if cycles > few:
        changes.append(("objects in cycles", cycles))
    return changes


def test_what_leaks_is_found():
    class Cycle:
        def __init__(self):
            self.me = self

    item, kept = object(), []
    assert changed(lambda: None, [item]) == []
    assert changed(lambda: kept.append(item), [item]) == [(repr(item), 1000)]
    assert changed(kept.pop, [item], times=900) == [(repr(item), -900)]
    assert [what for what, _ in changed(Cycle, [])] == ["blocks", "objects in cycles"]
    assert [what for what, _ in changed(lambda: kept.append([]), [])] == ["blocks"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_stays_flat(ffi, lib):
    page = resource.getpagesize()

    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * page

    def work():
        for _ in range(300):
            ffi.new("char[]", 50000)
            lib.swapped((b"x", 2))
            lib.apply(ffi.callback("int(int)", lambda x: x), 2)
            lib.sum_of(list(range(1000)), 1000)

    work()
    gc.collect()
    before = resident()
    for _ in range(10):
        work()
    gc.collect()
    assert resident() - before < 4 << 20
