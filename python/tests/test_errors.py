"""Classes and texts of exceptions, where they are cffi's."""

import re

import pytest


def raises(kind, text):
    return pytest.raises(kind, match="^" + re.escape(text) + "$")


@pytest.mark.parametrize("name", ["int[]", "struct unknown", "void"])
def test_unknown_sizes(ffi, name):
    text = "ctype '%s' is of unknown size" % name
    with raises(ValueError, text):
        ffi.sizeof(ffi.typeof(name))
    compiled = type(ffi).__base__()
    with raises(ffi.error, text):
        compiled.sizeof(ffi.typeof(name))


def test_names_that_are_not_there(ffi):
    ffi.cdef("extern int farcall_not_there;")
    lib = ffi.dlopen(None)
    with pytest.raises(AttributeError, match="^function/symbol 'farcall_not_there' not found"):
        ffi.addressof(lib, "farcall_not_there")
    with raises(AttributeError, "nope"):
        lib.nope


def test_buffers(ffi):
    buffer = ffi.buffer(ffi.new("char[10]"))
    step = "buffer doesn't support slicing with step != 1"
    with raises(TypeError, step):
        buffer[::2]
    with raises(TypeError, step):
        buffer[0:4:2] = b"ab"
    with raises(IndexError, "cannot fit 'int' into an index-sized integer"):
        buffer[10**30]
    with raises(ValueError, "right operand length must match slice length"):
        buffer[0:7] = ffi.new("char[3]")
    for wrong in (5, b"", b"ab"):
        with raises(TypeError, "must assign a bytes of length 1, not " + type(wrong).__name__):
            buffer[0] = wrong
    with raises(TypeError, "'del x[n]' not supported for buffer objects"):
        del buffer[0]
    assert buffer[:] == bytes(10)


def test_handles_are_pointers_to_void(ffi):
    handle = ffi.new_handle(self := object())
    assert ffi.from_handle(ffi.cast("void *", handle)) is self
    assert ffi.from_handle(ffi.cast("char *", handle)) is self
    text = "expected a 'cdata' object with a 'void *' out of new_handle(), got 'int *'"
    with raises(TypeError, text):
        ffi.from_handle(ffi.cast("int *", handle))


def test_other_texts(ffi):
    with raises(OverflowError, "errno value too large"):
        ffi.errno = 2**40
    with raises(TypeError, "cdata 'int[10]' is not callable"):
        ffi.new("int[10]")(a=1)


def test_a_pointer_to_a_small_buffer(ffi):
    memory = bytearray(b"ab")
    pointer = ffi.from_buffer("int *", memory)
    assert ffi.buffer(ffi.cast("char *", pointer), 2)[:] == b"ab"
    with pytest.raises(ValueError):
        ffi.from_buffer("int[1]", memory)
