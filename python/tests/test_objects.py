"""cdata, types, libraries and the rest of the interface."""

import gc
import sys
import weakref

import pytest

import farcall
from farcall import FFI, CDefError, FFIError


def test_types_are_the_same_everywhere():
    one, two = FFI(), FFI()
    assert one.typeof("int *") is two.typeof("int*")
    assert one.typeof("int(*)(long)") is two.typeof("int (*) (long)")
    one.cdef("struct s { int x; };")
    two.include(one)
    assert one.typeof("struct s *") is two.typeof("struct s *")


def test_attributes_of_types(ffi):
    pair = ffi.typeof("struct pair")
    assert (pair.kind, pair.cname) == ("struct", "struct pair")
    assert [(name, field.type.cname, field.offset) for name, field in pair.fields] == [
        ("tag", "char", 0),
        ("value", "double", 8),
    ]
    bits = dict(ffi.typeof("struct bits").fields)
    assert (bits["b"].bitshift, bits["b"].bitsize) == (3, 7)
    array = ffi.typeof("int[3]")
    assert (array.kind, array.length, array.item) == ("array", 3, ffi.typeof("int"))
    function = ffi.typeof("int(*)(char *, ...)")
    assert (function.kind, function.ellipsis) == ("function", True)
    assert function.args == (ffi.typeof("char *"),)
    assert function.result is ffi.typeof("int")
    color = ffi.typeof("enum color")
    assert color.elements == {0: "RED", 5: "GREEN", 6: "BLUE"}
    assert color.relements == {"RED": 0, "GREEN": 5, "BLUE": 6}
    with pytest.raises(AttributeError):
        pair.item
    assert dir(array) == ["cname", "item", "kind", "length"]
    assert repr(array) == "<ctype 'int[3]'>"


def test_arrays(ffi):
    array = ffi.new("int[5]", [1, 2, 3])
    assert list(array) == [1, 2, 3, 0, 0]
    assert len(array) == 5
    for index in (-1, 5, 2**40, -(2**70), 2**70):
        with pytest.raises(IndexError):
            array[index]
    with pytest.raises(TypeError):
        array["0"]
    array[1:3] = [20, 30]
    part = array[1:4]
    assert (len(part), part[0], part[2]) == (3, 20, 0)
    part[0] = 21
    assert array[1] == 21
    with pytest.raises(ValueError):
        array[0:2] = [1, 2, 3]
    with pytest.raises(IndexError):
        array[0:6]
    with pytest.raises(TypeError):
        del array[0]


def test_pointers(ffi):
    array = ffi.new("short[4]", [1, 2, 3, 4])
    pointer = ffi.cast("short *", array)
    assert (pointer + 2)[0] == 3
    assert (pointer + 3) - pointer == 3
    assert pointer < pointer + 1 and pointer == array
    assert hash(pointer) == hash(ffi.cast("short *", array))
    assert bool(pointer) and not ffi.NULL
    with pytest.raises(RuntimeError, match="null pointer"):
        ffi.cast("int *", 0)[0]
    with pytest.raises(TypeError):
        ffi.cast("void *", array)[0]
    owner = ffi.new("int *")
    with pytest.raises(IndexError, match="can only be indexed by 0"):
        owner[1]


def test_numbers(ffi):
    assert int(ffi.cast("int8_t", 300)) == 44
    assert int(ffi.cast("uint64_t", -1)) == 2**64 - 1
    assert float(ffi.cast("float", 0.1)) != 0.1
    assert complex(ffi.cast("double _Complex", 1j)) == 1j
    assert ffi.cast("int", 5) == 5 == ffi.cast("long", 5)
    assert ffi.cast("int", 5) < ffi.cast("double", 5.5)
    assert not ffi.cast("double", 0)
    assert bool(ffi.cast("double", float("nan")))
    assert repr(ffi.cast("long double", 1.5)) == "<cdata 'long double' 1.500000E+00>"
    assert repr(ffi.cast("enum color", 5)) == "<cdata 'enum color' 5: GREEN>"
    assert ffi.string(ffi.cast("enum color", 6)) == "BLUE"
    with pytest.raises(TypeError, match="int\\(\\) not supported on cdata 'int \\*'"):
        int(ffi.new("int *"))
    wide = ffi.new("__int128 *", -(2**100))
    assert wide[0] == -(2**100)
    with pytest.raises(OverflowError):
        wide[0] = 2**127


def test_records(ffi):
    pair = ffi.new("struct pair *", {"value": 2.5})
    pair.tag = b"x"
    assert (pair.tag, pair[0].value) == (b"x", 2.5)
    assert dir(pair) == ["tag", "value"]
    with pytest.raises(AttributeError, match="has no field 'nothing'"):
        pair.nothing
    with pytest.raises(AttributeError, match="has no field 'nothing'"):
        pair.nothing = 1
    with pytest.raises(AttributeError, match="cannot delete"):
        del pair.tag
    for name in ("tag", "".join(["va", "lue"])):
        assert getattr(pair, name) is not None
    with pytest.raises(KeyError):
        ffi.new("struct pair *", {"nothing": 1})
    with pytest.raises(ValueError, match="too many initializers"):
        ffi.new("struct pair *", [b"a", 1, 2])
    bits = ffi.new("struct bits *")
    bits.c = -(2**21)
    bits.b = 127
    assert (bits.a, bits.b, bits.c) == (0, 127, -(2**21))
    with pytest.raises(OverflowError, match="outside the range allowed by the bit field width"):
        bits.a = 8


def test_owners(ffi):
    pair = ffi.new("struct pair *", (b"a", 1))
    record = pair[0]
    gone = weakref.ref(pair)
    del pair
    gc.collect()
    # The record keeps the memory, and who owns it.
    assert gone() is not None
    assert record.value == 1
    del record
    assert gone() is None


def test_flexible_arrays(ffi):
    ffi.cdef("struct text { int length; char data[]; };")
    text = ffi.new("struct text *", [5, b"hello"])
    assert ffi.sizeof(text[0]) == 4 + 6
    assert len(text.data) == 6 and ffi.string(text.data) == b"hello"
    assert repr(text) == "<cdata 'struct text *' owning 10 bytes>"
    with pytest.raises(IndexError):
        text.data[6]


def test_over_aligned(ffi):
    ffi.cdef("struct wide { char c; } __attribute__((aligned(64)));")
    for _ in range(50):
        wide = ffi.new("struct wide *")
        assert int(ffi.cast("uintptr_t", wide)) % 64 == 0


def test_strings(ffi):
    assert ffi.string(ffi.new("char[]", b"ab\0c")) == b"ab"
    assert ffi.string(ffi.new("char[3]", b"abc")) == b"abc"
    assert ffi.string(ffi.new("char[]", b"abc"), 2) == b"ab"
    assert ffi.string(ffi.new("wchar_t[]", "h\xe9\U00012345")) == "h\xe9\U00012345"
    assert ffi.string(ffi.new("char16_t[]", "\U00012345")) == "\U00012345"
    assert ffi.unpack(ffi.new("char[]", b"a\0b"), 3) == b"a\0b"
    assert ffi.unpack(ffi.new("int[]", [1, 2]), 2) == [1, 2]
    with pytest.raises(RuntimeError):
        ffi.string(ffi.cast("char *", 0))
    with pytest.raises(TypeError):
        ffi.string(ffi.new("int *"))


@pytest.mark.parametrize("unit", [0x110000, 0xFFFFFFFF])
def test_what_is_no_code_point_is_no_text(ffi, unit):
    memory = ffi.new("unsigned[2]", [unit, ord("x")])
    wide = ffi.cast("wchar_t *", memory)
    for read in (lambda: wide[0], lambda: ffi.string(wide), lambda: ffi.unpack(wide, 2)):
        with pytest.raises(SystemError, match="invalid maximum character"):
            read()



def test_buffers(ffi):
    array = ffi.new("int[2]", [1, 2])
    buffer = ffi.buffer(array)
    assert len(buffer) == 8
    assert buffer[:] == bytes([1, 0, 0, 0, 2, 0, 0, 0])
    buffer[4:8] = b"\3\0\0\0"
    assert array[1] == 3
    view = memoryview(buffer)
    view[0] = 9
    assert array[0] == 9
    assert bytes(view) == buffer[:]
    with pytest.raises(IndexError):
        buffer[8]
    with pytest.raises(ValueError):
        buffer[0:2] = b"x"
    del array, buffer
    gc.collect()
    assert view[0] == 9, "the view keeps the memory"


def test_from_buffer(ffi):
    data = bytearray(b"abcdef")
    array = ffi.from_buffer(data)
    array[0] = b"x"
    assert data == b"xbcdef"
    assert repr(array) == "<cdata 'char[]' buffer len 6 from 'bytearray' object>"
    with pytest.raises(BufferError):
        data.append(1)
    ffi.release(array)
    assert repr(array) == "<cdata 'char[]' buffer RELEASED>"
    data.append(1)
    with ffi.from_buffer("short[]", data[:6]) as shorts:
        assert len(shorts) == 3
    with pytest.raises(TypeError):
        ffi.from_buffer("text")
    with pytest.raises(BufferError):
        ffi.from_buffer("char[]", b"constant", require_writable=True)


def test_memmove_and_its_bounds(ffi):
    array = ffi.new("char[8]", b"abc")
    target = bytearray(4)
    ffi.memmove(target, array, 4)
    assert target == b"abc\0"
    with pytest.raises(ValueError):
        ffi.memmove(target, array, 5)
    with pytest.raises(ValueError):
        ffi.memmove(array, b"xy", 3)
    with pytest.raises(ValueError):
        ffi.memmove(array, target, -1)


def test_gc_and_release(ffi):
    seen = []
    memory = ffi.new("int *", 5)
    guarded = ffi.gc(memory, lambda pointer: seen.append(pointer[0]))
    assert guarded == memory
    del guarded
    assert seen == [5]
    with ffi.gc(memory, lambda pointer: seen.append("released")) as guarded:
        assert guarded[0] == 5
    del guarded
    assert seen == [5, "released"]
    disarmed = ffi.gc(memory, seen.append)
    ffi.gc(disarmed, None)
    del disarmed
    assert len(seen) == 2
    with pytest.raises(ValueError):
        ffi.release(ffi.cast("int *", memory))


def test_a_destructor_in_a_cycle(ffi):
    class Holder:
        def close(self, pointer):
            seen.append((self.name, pointer[0]))

    seen = []
    holder = Holder()
    holder.name = "holder"
    holder.memory = ffi.gc(ffi.new("int *", 3), holder.close)
    del holder
    gc.collect()
    assert seen == [("holder", 3)]


def test_handles(ffi):
    class Thing:
        pass

    thing = Thing()
    handle = ffi.new_handle(thing)
    assert ffi.from_handle(ffi.cast("void *", int(ffi.cast("intptr_t", handle)))) is thing
    assert "handle to" in repr(handle)
    gone = weakref.ref(thing)
    thing.handle = handle
    del thing, handle
    gc.collect()
    assert gone() is None
    for bogus in (ffi.NULL, ffi.cast("void *", 5), ffi.new("int[20]"), ffi.cast("void *", -1)):
        with pytest.raises((RuntimeError, TypeError)):
            ffi.from_handle(bogus)


def test_libraries(ffi, lib):
    assert lib.counter == 5
    lib.counter = 6
    assert lib.counter == 6
    with pytest.raises(OverflowError):
        lib.counter = 2**40
    lib.counter = 5
    assert lib.limit == 100
    with pytest.raises(AttributeError):
        lib.limit = 1
    assert list(lib.table) == [1, 2, 3, 4]
    lib.table[1] = 7
    assert lib.table[1] == 7
    lib.table = [1, 2, 3, 4]
    assert (lib.a_pair.tag, lib.a_pair.value) == (b"p", 2.5)
    assert ffi.string(lib.name) == b"library"
    assert (lib.ANSWER, lib.GREEN) == (42, 5)
    assert ffi.addressof(lib, "counter")[0] == 5
    assert ffi.addressof(lib, "add") == lib.add
    assert lib.add is lib.add
    assert "counter" in dir(lib) and "add" in dir(lib)
    for name in ("missing", "undeclared"):
        with pytest.raises(AttributeError, match=name):
            getattr(lib, name)
    with pytest.raises(AttributeError):
        lib.add = 5
    ffi.dlclose(lib)
    with pytest.raises(ValueError, match="has already been closed"):
        lib.counter


def test_dlopen(ffi):
    with pytest.raises(OSError, match="nowhere"):
        ffi.dlopen("nowhere")
    with pytest.raises(OSError, match="libnowhere.so"):
        ffi.dlopen("libnowhere.so")
    with pytest.raises(TypeError):
        ffi.dlopen(5)
    assert ffi.dlopen("libc.so.6", ffi.RTLD_LAZY | ffi.RTLD_GLOBAL)


def test_errors_of_texts(ffi):
    with pytest.raises(CDefError, match="cannot parse"):
        ffi.cdef("int f(;")
    with pytest.raises(FFIError, match="multiple declarations"):
        ffi.cdef("#define ANSWER 43")
    with pytest.raises(CDefError):
        ffi.typeof("nothing")
    with pytest.raises(CDefError, match="function type"):
        ffi.typeof("int(int)")
    with pytest.raises(TypeError):
        ffi.cdef(5)
    with pytest.raises(TypeError):
        ffi.typeof(5)
    ffi.cdef("#define ANSWER 43", override=True)


def test_offsets(ffi):
    assert ffi.offsetof("struct deep", "pairs", 1, "value") == 24
    assert ffi.offsetof("int[5]", 3) == 12
    deep = ffi.new("struct deep *")
    pointer = ffi.addressof(deep, "pairs", 1, "value")
    pointer[0] = 4.5
    assert deep.pairs[1].value == 4.5
    with pytest.raises(KeyError):
        ffi.offsetof("struct deep", "nothing")
    with pytest.raises(TypeError):
        ffi.offsetof("struct bits", "a")


def test_names_and_versions():
    assert FFI.CData is not None and isinstance(FFI().new("int *"), FFI.CData)
    assert isinstance(FFI().typeof("int"), FFI.CType)
    assert farcall.__version__.split(".")[:3] == [str(n) for n in farcall.__version_info__]
    with pytest.raises(TypeError):
        FFI.CData()
    with pytest.raises(TypeError):
        FFI.CType()


def test_cycles_of_ffi_and_library_are_collected(library_path):
    ffi = FFI()
    ffi.cdef("int add(int, int);")
    lib = ffi.dlopen(library_path)
    lib.add(1, 2)
    gone = weakref.ref(ffi), weakref.ref(lib)
    del ffi, lib
    gc.collect()
    assert [reference() for reference in gone] == [None, None]


@pytest.mark.skipif(sys.version_info < (3, 10), reason="Python 3.9 has no classes that cannot be changed")
def test_classes_cannot_be_changed(ffi, lib):
    classes = [type(ffi).__mro__[1], ffi.CData, ffi.CType, ffi.buffer, type(lib), type(lib.add), type(ffi.new("int *"))]
    for cls in [*classes, type(ffi.new_handle(1)), type(ffi.typeof("struct pair").fields[0][1])]:
        with pytest.raises(TypeError, match="immutable"):
            cls.attribute = 1
        with pytest.raises(TypeError):
            del cls.__repr__
    # `FFI` itself is a class like any other, as in cffi.
    class Derived(type(ffi)):
        attribute = 1

    derived = Derived()
    derived.own = Derived.attribute
    Derived.attribute = 2
    assert (derived.own, derived.attribute) == (1, 2)
