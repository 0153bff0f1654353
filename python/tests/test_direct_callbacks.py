"""Calls of Python without detours: the same as in the general way, and proof that they are made."""

import gc
import pathlib
import sys

import pytest

from farcall import _farcall
from test_fused import run

CASES = str(pathlib.Path(__file__).with_name("callback_cases.py"))


def counts():
    stats = _farcall._fused_stats()
    return stats["callbacks"], stats["general callbacks"]


def test_results_are_those_of_the_general_way():
    direct, direct_counts = run(CASES)
    general, general_counts = run(CASES, fused="off")
    direct, general = direct.splitlines(), general.splitlines()
    assert len(direct) > 2000
    assert [pair for pair in zip(direct, general) if pair[0] != pair[1]] == []
    (few, most), (none, all_of_them) = (list(map(int, text.split()[-2:])) for text in (direct_counts, general_counts))
    assert none == 0 and few + most == all_of_them
    assert few > 1500 and most > 100


def test_plain_callbacks_go_without_detours(ffi, lib):
    callback = ffi.callback("int(int)", lambda x: x + 1)
    before = counts()
    assert [lib.apply(callback, n) for n in range(100)] == list(range(1, 101))
    assert tuple(after - old for after, old in zip(counts(), before)) == (100, 0)
    pair = ffi.new("struct pair *", (b"p", 2.5))
    general = ffi.callback("double(struct pair, const char *)", lambda pair, text: pair.value)
    assert lib.apply_pair(general, pair[0]) == 2.5
    assert tuple(after - old for after, old in zip(counts(), before)) == (100, 1)


def test_nothing_leaks(ffi, lib):
    kept = ffi.new("int[4]")
    types = ["int *", "char *", "void *", "double", "long", "int(*)(int)"]
    calls = [
        ffi.callback("int *(int *, double, char *, unsigned long long)", lambda a, b, c, d: a),
        ffi.callback("void(void *)", lambda a: None),
        ffi.callback("double(double)", lambda a: a),
        ffi.callback("int *(int *)", lambda a: 1 / 0, onerror=lambda *args: None),
        ffi.callback("int *(int *)", lambda a: "wrong", onerror=lambda *args: None),
    ]
    arguments = [(kept, 1.5, ffi.NULL, 2**63), (kept,), (2.25,), (kept,), (kept,)]

    def work(count):
        for _ in range(count):
            for call, given in zip(calls, arguments):
                call(*given)

    watched = [kept, None, *calls, *map(ffi.typeof, types)]
    work(20)
    gc.collect()
    before, blocks = [sys.getrefcount(item) for item in watched], sys.getallocatedblocks()
    work(1000)
    gc.collect()
    assert [sys.getrefcount(item) for item in watched] == before
    assert abs(sys.getallocatedblocks() - blocks) < 50


@pytest.mark.parametrize("critical", [False, True])
def test_the_lock_is_had_in_a_callback(library_path, critical):
    from farcall import FFI

    ffi = FFI()
    ffi.cdef("int apply(int (*f)(int), int x);")
    lib = ffi.dlopen(library_path, critical=critical)

    # From callback to callback, with the lock kept and let go of by turns.
    @ffi.callback("int(int)")
    def deeper(x):
        other = (lib.apply, ffi.critical(plain.apply), plain.apply)[x % 3]
        return x and other(deeper, x - 1) + 1

    plain = ffi.dlopen(library_path)
    assert [lib.apply(deeper, 30) for _ in range(20)] == [30] * 20
