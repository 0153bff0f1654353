"""Calls by machine code that the interpreter enters: the same results as by the general way, and proof that it runs."""

import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import threading
import time

import pytest

from farcall import FFI, _farcall

CASES = str(pathlib.Path(__file__).with_name("fused_cases.py"))


def stats():
    return _farcall._fused_stats()


def is_known():
    return stats()["ints"]


needs_fused = pytest.mark.skipif(not is_known(), reason="nothing is known of this interpreter's objects")


@pytest.mark.skipif(hasattr(sys, "gettotalrefcount"), reason="builds for debugging go the general way")
@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="no machine code is made here")
@pytest.mark.skipif("FARCALL_FUSED" in os.environ, reason="a probe was told to disagree")
def test_releases_are_known():
    assert [stats()[kind] for kind in ("ints", "floats", "bytes", "cdata")] == [True] * 4


def fused_calls(function, *arguments, count=10):
    """How many of so many calls machine code makes, and the result of all of them."""
    before = stats()["calls"]
    results = [function(*arguments) for _ in range(count)]
    return stats()["calls"] - before, results[-1]


def run(*arguments, fused="", timeout=300):
    environment = {**os.environ, "FARCALL_FUSED": fused, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=timeout
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def outcomes(library, mode, fused):
    """Each case's line, and how many calls machine code made. Objects show where they are; that is nobody's promise."""
    lines, calls = run(CASES, library, mode, fused=fused)
    lines = re.sub(r"0x[0-9a-f]+", "0x", lines).splitlines()
    return lines, int(calls.splitlines()[-1])


@pytest.fixture(scope="module")
def general(library_path):
    lines, calls = outcomes(library_path, "general", "off")
    assert calls == 0
    assert len(lines) > 2000
    # No call had two results.
    assert [line for line in lines if not line.endswith("; 1")] == []
    return lines


@needs_fused
@pytest.mark.parametrize("mode", ["general", "critical"])
def test_results_are_those_of_the_general_way(general, library_path, mode):
    lines, calls = outcomes(library_path, mode, "")
    assert calls > 1000
    assert [pair for pair in zip(lines, general) if pair[0] != pair[1]] == []


@pytest.mark.parametrize("what", ["ints", "floats", "bytes", "cdata"])
def test_what_looks_different_is_not_read_in_place(general, library_path, what):
    lines, _ = outcomes(library_path, "general", "-" + what)
    assert [pair for pair in zip(lines, general) if pair[0] != pair[1]] == []
    program = "from farcall import _farcall; print(_farcall._fused_stats()[%r])" % what
    assert run("-c", program, fused="-" + what)[0] == "False\n"
    if is_known():
        assert run("-c", program)[0] == "True\n"


def test_a_probe_that_disagrees_turns_its_stubs_off():
    program = """if True:
        from farcall import FFI, _farcall
        ffi = FFI()
        ffi.cdef("int abs(int); double fabs(double);")
        c, m = ffi.dlopen(None), ffi.dlopen("libm.so.6")
        for _ in range(10):
            assert c.abs(-5) == 5
        print(_farcall._fused_stats()["calls"])
        for _ in range(10):
            assert m.fabs(-5.5) == 5.5
        print(_farcall._fused_stats()["calls"] > 0)
    """
    assert run("-c", program, fused="-ints")[0] == "0\n%s\n" % is_known()
    assert run("-c", program, fused="-ints,-floats")[0] == "0\nFalse\n"


@needs_fused
def test_machine_code_runs_after_a_few_calls(ffi, lib):
    general = stats()["general"]
    calls, result = fused_calls(lib.add, 40, 2)
    assert result == 42
    assert 5 <= calls <= 7 or calls == 10
    assert stats()["general"] - general == 10 - calls
    assert fused_calls(lib.add, 40, 2) == (10, 42)


@needs_fused
def test_each_kind_of_argument_is_read(ffi, lib):
    items = ffi.new("int[3]", [1, 2, 3])
    pair = ffi.new("struct pair *", (b"a", 66.0))
    callback = ffi.callback("int(int)", lambda x: x * 2)
    for function, arguments in [
        (lib.byte, (7,)),
        (lib.byte, (True,)),
        (lib.wide, (1 << 40, 1 << 50)),
        (lib.halve, (1.5,)),
        (lib.halve, (3,)),
        (lib.negated, (True,)),
        (lib.upper, (b"a",)),
        (lib.sum_of, (items, 3)),
        (lib.sum_of, (items + 1, 2)),
        (lib.sum_of, (ffi.cast("void *", items), 3)),
        (lib.swapped, (pair[0],)),
        (lib.apply, (callback, 3)),
        (lib.total, (2, ffi.cast("int", 1), ffi.cast("short", 2))),
        (lib.average, (2, ffi.cast("double", 1), ffi.cast("float", 2))),
    ]:
        fused_calls(function, *arguments)
        assert fused_calls(function, *arguments)[0] == 10, (function, arguments)


@needs_fused
def test_what_is_unusual_is_left(ffi, lib):
    fused_calls(lib.wide, 1, 2)
    assert fused_calls(lib.wide, 1 << 62, 2) == (0, (1 << 62) ^ 2)
    before = stats()["calls"]
    for arguments in [(1,), (1, 2, 3), ("1", 2), (None, 2), (1 << 64, 2), (1, -1)]:
        with pytest.raises((TypeError, OverflowError)):
            lib.wide(*arguments)
    with pytest.raises(TypeError):
        lib.wide(1, 2, x=3)
    assert stats()["calls"] == before
    assert lib.wide(1, 2, **{}) == 3
    assert lib.wide(*[1, 2]) == 3


def test_a_null_function_is_not_called(ffi, lib):
    null = ffi.cast("int(*)(int)", 0)
    for _ in range(10):
        with pytest.raises(RuntimeError):
            null(1)
    with pytest.raises(TypeError):
        ffi.critical(null)


@needs_fused
def test_a_variadic_function_has_code_for_several_lists(ffi, lib):
    one, two = ffi.cast("int", 1), ffi.cast("long", 2)
    assert fused_calls(lib.total, 1, one)[1] == 1
    assert fused_calls(lib.total, 1, two)[1] == 2
    assert fused_calls(lib.total, 1, one, count=20)[0] >= 10
    for _ in range(20):
        assert lib.total(1, one) == 1
        assert lib.total(2, one, two) == 3
        assert lib.total(0) == 0


def test_a_variadic_function_and_its_builtin_have_lists_of_their_own(ffi, lib):
    critical = ffi.critical(lib.average)
    single, double = ffi.cast("float", 2.5), ffi.cast("double", 2.5)
    for _ in range(10):
        assert critical(1, single) == 2.5
    for _ in range(10):
        assert lib.average(1, double) == 2.5
    assert critical(1, double) == 2.5
    assert lib.average(1, single) == 2.5


def test_errno_is_kept_between_calls(ffi, lib):
    for number in range(1, 20):
        ffi.errno = 100 + number
        assert lib.set_errno(number) == 100 + number
        assert ffi.errno == number
        ffi.errno = 100 + number
        assert ffi.critical(lib.set_errno)(number) == 100 + number
        assert ffi.errno == number

    def other():
        assert ffi.errno == 0
        for number in range(10):
            lib.set_errno(number)
            time.sleep(0.001)
            if ffi.errno != number:
                wrong.append(number)

    wrong = []
    threads = [threading.Thread(target=other) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert wrong == []


def test_the_lock_is_released_unless_critical(ffi):
    ffi.cdef("int usleep(unsigned int);")
    c = ffi.dlopen(None)
    for _ in range(10):
        c.usleep(0)

    def counted(function):
        sleeper = threading.Thread(target=function, args=(200_000,))
        sleeper.start()
        begun, count = time.monotonic(), 0
        while sleeper.is_alive() and time.monotonic() - begun < 10:
            count += 1
            time.sleep(0)
        sleeper.join()
        return count

    critical = ffi.critical(c.usleep)
    for _ in range(10):
        critical(0)
    assert counted(c.usleep) > 5 * counted(critical)


def test_critical_functions_are_builtins(ffi, library_path):
    lib = ffi.dlopen(library_path, critical=True)
    plain = ffi.dlopen(library_path)
    builtin = type(len)
    assert type(lib.add) is builtin and type(ffi.critical(plain.add)) is builtin
    assert lib.add.__name__ == "add"
    assert ffi.typeof(lib.add) is ffi.typeof(plain.add)
    assert ffi.typeof(ffi.addressof(lib, "add")) is ffi.typeof(plain.add)
    assert ffi.cast("intptr_t", lib.add) == ffi.cast("intptr_t", plain.add)
    assert isinstance(ffi.addressof(lib, "add"), ffi.CData)
    assert plain.apply(lib.set_errno, 3) in range(200)
    assert lib.counter == 5 and lib.ANSWER == 42
    with pytest.raises(TypeError):
        ffi.critical(len)
    with pytest.raises(TypeError):
        ffi.critical(5)
    with pytest.raises(TypeError):
        lib.add(1, b=2)
    with pytest.raises(TypeError):
        ffi.typeof(len)


def test_critical_functions_outlive_their_library(library_path):
    ffi = FFI()
    ffi.cdef("int add(int, int); int total(int, ...); int call_kept(int);")
    add = ffi.dlopen(library_path, critical=True).add
    total = ffi.critical(ffi.dlopen(library_path).total)
    for _ in range(20):
        assert add(40, 2) == 42
        assert total(2, ffi.cast("int", 1), ffi.cast("int", 2)) == 3


def test_callbacks_from_critical_functions(ffi, library_path):
    lib = ffi.dlopen(library_path, critical=True)
    callback = ffi.callback("int(int)", lambda x: lib.add(x, 1))
    for _ in range(20):
        assert lib.apply(callback, 41) == 42


@needs_fused
def test_nothing_leaks(ffi, lib):
    items = ffi.new("int[3]", [1, 2, 3])
    pair = ffi.new("struct pair *", (b"a", 66.0))[0]
    text, number, real = b"some text that is not shared", 123_456_789, 2.25
    critical, room = ffi.critical(lib.sum_of), ffi.new("char[4]")
    kinds = [items, pair, text, number, real, ffi.typeof("int *"), ffi.typeof("struct pair"), None, lib.sum_of, critical]

    def work(count):
        for _ in range(count):
            lib.sum_of(items, 3)
            critical(items, 3)
            lib.swapped(pair)
            lib.add(number, 1)
            lib.halve(real)
            lib.fill(room, 1, b"a")

    work(10)
    before = [sys.getrefcount(kind) for kind in kinds]
    work(1000)
    after = [sys.getrefcount(kind) for kind in kinds]
    assert all(abs(a - b) < 50 for a, b in zip(after, before)), (before, after)


def test_functions_come_and_go(ffi, library_path):
    for _ in range(300):
        lib = ffi.dlopen(library_path, critical=True)
        for _ in range(6):
            assert lib.add(1, 2) == 3
            assert ffi.dlopen(library_path).add(1, 2) == 3


def test_critical_functions_stay_what_they_are(ffi, library_path):
    lib = ffi.dlopen(library_path, critical=True)
    one = ffi.cast("int", 1)
    for function, arguments in [(lib.add, (40, 2)), (lib.byte, (41,)), (lib.total, (1, one)), (lib.call_kept, (0,))]:
        known, code = {function: "known"}, hash(function)
        for _ in range(30):
            function(*arguments)
            assert hash(function) == code and known[function] == "known"
    plain = ffi.dlopen(library_path)
    add = ffi.critical(plain.add)
    known = {add}
    for _ in range(30):
        assert add(1, 2) == 3
        assert ffi.critical(plain.add) == add and ffi.critical(plain.add) in known


def test_critical_functions_have_the_name_of_the_function(ffi, lib, library_path):
    assert ffi.critical(lib.add).__name__ == "add"
    assert ffi.critical(ffi.addressof(lib, "byte")).__name__ == "byte"
    assert ffi.dlopen(library_path, critical=True).byte.__name__ == "byte"
    # Nobody knows what is called there.
    pointer = ffi.cast("int(*)(int, int)", lib.add)
    assert ffi.critical(pointer).__name__ == "int(*)(int, int)"


def test_a_build_for_debugging_is_known_when_it_runs(tmp_path):
    debug = shutil.which("python%d.%d-dbg" % sys.version_info[:2])
    if debug is None or hasattr(sys, "gettotalrefcount"):
        pytest.skip("there is no build for debugging beside this one")
    program = """if True:
        import sys
        sys.path.insert(0, sys.argv[1])
        from farcall import FFI, _farcall
        assert hasattr(sys, "gettotalrefcount")
        ffi = FFI()
        ffi.cdef("int abs(int);")
        c = ffi.dlopen(None)
        assert [c.abs(-n) for n in range(20)] == list(range(20))
        print(_farcall.__file__, _farcall._fused_stats()["calls"], _farcall._fused_stats()["ints"])
    """
    folder = pathlib.Path(_farcall.__file__).parent
    shutil.copytree(folder, tmp_path / "farcall")
    done = subprocess.run([debug, "-c", program, tmp_path], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "%s 0 False\n" % (tmp_path / "farcall" / pathlib.Path(_farcall.__file__).name)
