"""Calls of C functions, and what becomes of arguments and results."""

import ctypes
import math
import sys

import pytest


def test_numbers(lib):
    assert lib.add(2, -5) == -3
    assert lib.byte(255) == 0
    assert lib.wide(-1, 2**64 - 1) == 0
    assert lib.halve(3) == 1.5
    assert lib.sum8(1, 2.0, 3, 4, 5, 6, 7, 8) == 204
    assert lib.negated(0) is True
    assert lib.negated(True) is False
    assert lib.upper(b"a") == b"A"
    assert lib.next_wide("\u1233") == "\u1234"
    assert lib.turned(1 + 2j) == -2 + 1j


def test_long_double_keeps_its_digits(ffi, lib):
    third = lib.third(1)
    assert ffi.typeof(third) is ffi.typeof("long double")
    assert float(third) == 1 / 3
    assert lib.third(ffi.cast("long double", 1)) is not third
    # More digits than a double has: three thirds make one.
    assert int(lib.third(3)) == 1


@pytest.mark.parametrize(
    "arguments, error, text",
    [
        ((1,), TypeError, "'int(*)(int, int)' expects 2 arguments, got 1"),
        ((1, 2, 3), TypeError, "'int(*)(int, int)' expects 2 arguments, got 3"),
        ((1, 2.5), TypeError, "an integer is required"),
        ((1, "2"), TypeError, "an integer is required"),
        ((1, None), TypeError, "an integer is required"),
        ((1, 2**31), OverflowError, "integer 2147483648 does not fit 'int'"),
        ((1, -(2**70)), OverflowError, None),
    ],
)
def test_wrong_arguments(lib, arguments, error, text):
    with pytest.raises(error) as raised:
        lib.add(*arguments)
    if text is not None:
        assert str(raised.value) == text


def test_keywords_are_refused(lib):
    with pytest.raises(TypeError, match="keyword"):
        lib.add(1, b=2)


def test_objects_with_conversions(lib):
    class Indexed:
        def __int__(self):
            return 7

    assert lib.add(True, Indexed()) == 8

    class Failing:
        def __int__(self):
            raise LookupError("on purpose")

    with pytest.raises(LookupError, match="on purpose"):
        lib.add(1, Failing())


def test_pointers(ffi, lib):
    items = ffi.new("int[]", [1, 2, 3, 4])
    assert lib.sum_of(items, 4) == 10
    assert lib.sum_of(items + 1, 3) == 9
    assert lib.sum_of([5, 6], 2) == 11
    assert lib.sum_of(ffi.cast("int *", items), 2) == 3
    with pytest.raises(TypeError, match="'short \\*'"):
        lib.sum_of(ffi.new("short *"), 1)
    with pytest.raises(TypeError):
        lib.sum_of(None, 0)
    assert lib.sum_of(ffi.NULL, 0) == 0


def test_memory_is_written_by_c(ffi, lib):
    text = ffi.new("char[8]")
    lib.fill(text, 3, b"x")
    assert ffi.string(text) == b"xxx"


def test_records_by_value(ffi, lib):
    swapped = lib.swapped((b"A", 66))
    assert (swapped.tag, swapped.value) == (b"B", 65.0)
    assert repr(swapped) == "<cdata 'struct pair' owning 16 bytes>"
    number = ffi.new("union number *", {"d": 2.25})
    assert lib.doubled(number[0]).d == 4.5
    bits = lib.moved({"a": 5, "b": 100, "c": -1000})
    assert (bits.a, bits.b, bits.c) == (100 & 7, 5, 1000)
    deep = ffi.new("struct deep *", [[(b"a", 1), (b"b", 2)], {"d": 0.5}])
    mixed = lib.mixed(deep[0], 1)
    assert (mixed.pairs[0].value, mixed.pairs[1].value, mixed.n.i) == (1.0, 2.5, 1)
    assert deep.pairs[1].value == 2.0, "the argument is a copy"


def test_results_outlive_their_library_object(ffi, lib):
    swapped = lib.swapped
    result = swapped((b"A", 66))
    del lib
    assert swapped((result.tag, 1)).value == 66.0


def test_variadic(ffi, lib):
    def ints(*values):
        return [ffi.cast("int", value) for value in values]

    assert lib.total(0) == 0
    assert lib.total(3, *ints(1, 2, 3)) == 6
    assert lib.total(2, ffi.cast("short", -1), ffi.cast("char", 3)) == 2
    assert lib.average(2, ffi.cast("double", 1), ffi.cast("float", 2)) == 1.5
    with pytest.raises(TypeError) as raised:
        lib.total(1, 5)
    assert str(raised.value) == (
        "argument 2 passed in the variadic part needs to be a cdata object (got int)"
    )
    with pytest.raises(TypeError, match="at least 1 arguments, got 0"):
        lib.total()


def test_variadic_with_the_c_library(ffi):
    ffi.cdef("int snprintf(char *, size_t, const char *, ...);")
    c = ffi.dlopen(None)
    text = ffi.new("char[64]")
    for number in range(300):
        arguments = [ffi.cast("int", number), ffi.cast("double", number / 4)]
        c.snprintf(text, 64, b"%d %.2f %s", *arguments, ffi.new("char[]", b"end"))
        assert ffi.string(text) == b"%d %.2f end" % (number, number / 4)


def test_errno(ffi, lib):
    ffi.errno = 7
    assert lib.set_errno(33) == 7
    # What Python does in between changes the C library's own.
    with pytest.raises(OSError):
        open("/no such file")
    assert ffi.errno == 33
    assert lib.set_errno(0) == 33


def test_function_pointers(ffi, lib):
    address = ctypes.cast(ctypes.CDLL(None).strlen, ctypes.c_void_p).value
    strlen = ffi.cast("size_t(*)(const char *)", address)
    assert strlen(b"four") == 4
    null = ffi.cast("int(*)(int)", 0)
    with pytest.raises(RuntimeError, match="null"):
        null(1)
    with pytest.raises(TypeError, match="not callable"):
        ffi.new("int *")()


def test_a_function_is_a_pointer(ffi, lib):
    assert ffi.typeof(lib.add) is ffi.typeof("int(*)(int, int)")
    table = ffi.new("int(*[2])(int, int)", [lib.add, ffi.NULL])
    assert table[0](1, 2) == 3
    assert table[0] == lib.add
    assert not table[1]


def test_bytes_go_without_a_copy(ffi):
    ffi.cdef("size_t strlen(const char *); char *strchr(const char *, int);")
    c = ffi.dlopen(None)
    text = b"with a NUL \0 inside"
    assert c.strlen(text) == 11
    found = c.strchr(text, ord("N"))
    assert ffi.string(found) == b"NUL "


def test_math_against_python(ffi):
    ffi.cdef("double sin(double); double pow(double, double); float fabsf(float);")
    m = ffi.dlopen("m")
    for x in (-2.5, 0, 1e-300, 3, 1e22):
        assert m.sin(x) == math.sin(x)
    assert m.pow(2, 0.5) == 2**0.5
    assert m.fabsf(-0.1) == ctypes.c_float(0.1).value
    assert math.isnan(m.sin(float("nan")))


def test_a_deep_list_is_no_crash(ffi, lib):
    nested = []
    for _ in range(sys.getrecursionlimit() * 10):
        nested = [nested]
    with pytest.raises(TypeError):
        lib.sum_of(nested, 1)
