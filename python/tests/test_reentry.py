"""Python code that runs in the middle of an operation: conversions, warnings, the collector."""

import warnings

import pytest

from conftest import compile_c
from farcall import FFI, CDefError
from test_processes import run


def test_members_in_use_outlive_the_collector():
    """A type that the collector has found to be garbage is asked for again, used, and cleared while it is."""
    out = run(
        """
        import array, gc, threading, weakref
        from farcall import FFI

        gc.disable()
        ffi = FFI()
        ffi.cdef("struct s { int a; struct s *next; unsigned short b; };")
        gc.collect()
        cycle, known = [], []
        go, inside, on = threading.Event(), threading.Event(), threading.Event()

        class Value:
            def __int__(self):
                inside.set()
                on.wait(5)
                return 70000

        def work():
            go.wait(5)
            p = ffi.new("struct s *")
            p.next
            known.append(weakref.ref(ffi.typeof("unsigned short")))
            ffi.cdef("int y;")
            try:
                p.b = Value()
            except OverflowError as error:
                print(str(error).partition(" object")[0].split()[0], str(error).rpartition("fit ")[2])
            p.b = 7
            print(p.b)

        def collected(_):
            go.set()
            inside.wait(5)

        owner = ffi.new("int *")
        watch = weakref.ref(owner, collected)
        cycle += [cycle, owner]
        p = ffi.new("struct s *")
        p.a, p.next
        del owner, p
        ffi.cdef("int z;")
        worker = threading.Thread(target=work)
        worker.start()
        del cycle
        gc.collect()
        print(known[0]() is not None)
        # Whatever was freed is overwritten.
        junk = [bytes([0x41]) * n for n in range(1, 1200) for _ in range(50)]
        junk += [array.array("B", [65]) * n for n in range(40, 600, 8) for _ in range(40)]
        on.set()
        worker.join()
        """
    )
    assert out == "True\ninteger 'unsigned short'\n7\n"


def with_hook(hook):
    """What warnings do."""
    caught = warnings.catch_warnings()
    caught.__enter__()
    warnings.simplefilter("always")
    warnings.showwarning = hook
    return caught


def test_a_builtin_asked_for_while_it_is_made_is_the_same():
    ffi = FFI()
    ffi.cdef("enum unknown; int abs(enum unknown);")
    function, made = ffi.dlopen(None).abs, []

    def hook(*args, **keywords):
        if not made:
            made.append(None)
            made[0] = ffi.critical(function)

    caught = with_hook(hook)
    try:
        builtin = ffi.critical(function)
    finally:
        caught.__exit__(None, None, None)
    assert made == [builtin] and hash(made[0]) == hash(builtin)
    assert ffi.typeof(builtin) is ffi.typeof(made[0]) is ffi.typeof(function)
    assert builtin(5) == made[0](5) == 5


def test_equal_functions_have_equal_hashes():
    ffi = FFI()
    ffi.cdef("int abs(int);")
    plain, critical = ffi.dlopen(None), ffi.dlopen(None, critical=True)
    assert plain.abs != critical.abs and critical.abs != plain.abs
    assert critical.abs not in {plain.abs} and plain.abs not in {critical.abs}
    number = ffi.cast("int", 5)
    assert number != critical.abs and critical.abs != number
    assert ffi.critical(plain.abs) == ffi.critical(plain.abs)
    assert hash(ffi.critical(plain.abs)) == hash(ffi.critical(plain.abs))
    assert plain.abs == ffi.addressof(plain, "abs")
    assert hash(plain.abs) == hash(ffi.addressof(plain, "abs"))


@pytest.mark.parametrize("ask", ["typeof", "callback"])
def test_a_type_text_means_what_it_means_last(ask):
    ffi = FFI()
    ffi.cdef("enum unknown; typedef enum unknown T;")

    def meaning():
        if ask == "typeof":
            return ffi.typeof("T").cname
        with pytest.raises(TypeError) as refused:
            ffi.callback("T", abs)
        return str(refused.value)

    def hook(*args, **keywords):
        ffi.cdef("typedef long T;", override=True)

    caught = with_hook(hook)
    try:
        assert "enum unknown" in meaning()
    finally:
        caught.__exit__(None, None, None)
    assert "long" in meaning()


def test_texts_of_classes_of_their_own_are_not_kept():
    ffi = FFI()
    ffi.cdef("typedef int T;")

    class Text(str):
        def __hash__(self):
            last.append(types[len(last)])
            ffi.cdef("typedef %s T;" % last[-1], override=True)
            return super().__hash__()

        def __eq__(self, other):
            return str.__eq__(self, other)

    types, last = ["int", "long", "short", "char"], []
    ffi.typeof(Text("T"))
    assert ffi.typeof("T") is ffi.typeof(last[-1])


def test_the_collector_sees_whole_libraries():
    run(
        """
        import gc
        from farcall import FFI

        ffi = FFI()
        ffi.cdef("int abs(int);")
        kind = type(ffi.dlopen(None))

        def look(phase, info):
            for found in gc.get_objects():
                if type(found) is kind:
                    found.__dict__

        gc.callbacks.append(look)
        gc.set_threshold(1)
        for _ in range(30):
            ffi.dlopen(None)
        gc.set_threshold(0)
        gc.callbacks.clear()
        """
    )


def test_a_library_closed_by_a_conversion_stays_open_during_it(tmp_path):
    path = compile_c(tmp_path, "closing", "int number = 1; int numbers[2000];")
    out = run(
        """
        import sys
        from farcall import FFI

        class Closing:
            def __int__(self):
                ffi.dlclose(lib)
                return 3

        ffi = FFI()
        ffi.cdef("extern int number; extern int numbers[2000];")
        lib = ffi.dlopen(sys.argv[1])
        lib.number = Closing()
        lib = ffi.dlopen(sys.argv[1])
        lib.numbers = [Closing()] + [1] * 1999
        try:
            lib.number
        except ValueError as error:
            print(str(error).rpartition("' ")[2])
        """,
        path,
    )
    assert out == "has already been closed\n"


HALF = "\ud800"


@pytest.mark.parametrize(
    "ask",
    [
        lambda ffi: ffi.cdef("int a" + HALF + ";"),
        lambda ffi: ffi.typeof("int" + HALF),
        lambda ffi: ffi.alignof(HALF),
        lambda ffi: ffi.new(HALF),
        lambda ffi: ffi.callback("int(*)(" + HALF + ")", abs),
    ],
)
def test_half_a_character_is_no_c(ffi, ask):
    with pytest.raises(CDefError, match=r"cannot parse '.*\\ud800"):
        ask(ffi)


def test_def_extern_says_what_is_wrong_with_half_a_character(ffi):
    with pytest.raises(UnicodeEncodeError):
        ffi.def_extern(name=HALF)


def test_offsetof_takes_its_path_by_position(ffi):
    with pytest.raises(TypeError):
        ffi.offsetof("struct pair", field_or_index="value")


def test_critical_names_the_type_that_it_refuses(ffi):
    with pytest.raises(TypeError, match=r"got cdata 'int\(\*\)\(int\)'$"):
        ffi.critical(ffi.callback("int(int)", abs))
    with pytest.raises(TypeError, match=r"got 'int'$"):
        ffi.critical(5)
