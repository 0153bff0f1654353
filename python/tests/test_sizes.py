"""Sizes that only the initialiser says, and sizes for which there is no memory."""

import pytest


def test_a_flexible_array_in_a_record_in_a_record(ffi):
    ffi.cdef("struct hdr { int len; char data[]; }; struct msg { int id; struct hdr h; };")
    msg = ffi.new("struct msg *", [1, [5, b"hello"]])
    assert ffi.sizeof(msg[0]) == 14  # 8 bytes, and the text with its zero
    assert repr(msg) == "<cdata 'struct msg *' owning 14 bytes>"
    assert bytes(ffi.buffer(msg))[8:] == b"hello\0"
    assert ffi.sizeof(ffi.new("struct msg *", [1, [5]])[0]) == 8
    assert ffi.sizeof(ffi.new("struct msg *")[0]) == 8


@pytest.mark.parametrize("item", ["char", "wchar_t", "char16_t", "int", "signed char"])
def test_no_memory_to_unpack_into(ffi, item):
    with pytest.raises(MemoryError):
        ffi.unpack(ffi.new(item + "[4]"), 2**62)


def test_no_memory_for_a_buffer_s_copy(ffi):
    huge = ffi.buffer(ffi.new("char[4]"), 2**62)
    with pytest.raises(MemoryError):
        huge[:]
