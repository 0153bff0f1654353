"""When objects go: chains of them, cycles of them, twice, and at the interpreter's end."""

import functools
import gc
import resource
import sys
import threading
import weakref

import pytest

from farcall import FFI

from test_processes import run

CHAIN = 200_000


class Holder:
    """Calls nothing."""

    def __init__(self, held):
        self.held = held

    def __call__(self, *args):
        pass


# Each makes a longer chain of a shorter one.
LINKS = {
    "handle": lambda ffi, last: ffi.new_handle(last),
    "origin": lambda ffi, last: ffi.gc(last or ffi.new("int *"), id),
    "destructor": lambda ffi, last: ffi.gc(ffi.NULL, Holder(last)),
    "callback": lambda ffi, last: ffi.callback("int(int)", last or id),
    "onerror": lambda ffi, last: ffi.callback("int(int)", id, onerror=last),
    "buffer": lambda ffi, last: ffi.from_buffer(ffi.buffer(last or ffi.new("char[4]"))),
    "iterator": lambda ffi, last: iter(ffi.gc(ffi.new("int[2]"), Holder(last))),
    "record": lambda ffi, last: ffi.new_allocator(lambda size: ffi.new("char[]", size), Holder(last))("struct pair *")[0],
    "allocator": lambda ffi, last: ffi.new_allocator(last or id),
    "decorator": lambda ffi, last: ffi.callback("int(int)", onerror=last),
    "extern decorator": lambda ffi, last: ffi.def_extern("from_python", onerror=last),
    "handle and list": lambda ffi, last: [ffi.new_handle(last)],
}


@pytest.mark.parametrize("kind", LINKS)
def test_long_chains_go(ffi, kind):
    longer, chain = LINKS[kind], None
    gc.collect()
    gc.disable()
    try:
        before = sys.getallocatedblocks()
        for _ in range(CHAIN):
            chain = longer(ffi, chain)
        all_of_it = sys.getallocatedblocks() - before
        assert all_of_it > CHAIN
        chain = None
        assert sys.getallocatedblocks() - before < all_of_it / 100
    finally:
        gc.enable()


def test_long_chains_in_cycles_go(ffi):
    cycle = chain = []
    for _ in range(CHAIN):
        chain = ffi.new_handle(chain)
    cycle.append(chain)
    gone = weakref.ref(chain)
    del cycle, chain
    gc.collect()
    assert gone() is None


def test_destructors_of_a_chain_run_from_the_outside_in(ffi):
    order, chain = [], ffi.new("int *")
    for number in range(300):
        chain = ffi.gc(chain, lambda pointer, number=number: order.append(number))
    del chain
    assert order == list(reversed(range(300)))


def cycles(ffi):
    """Objects that hold what they are given."""
    array, function = ffi.new("char[4]"), "int(int)"
    kept = lambda holder: ffi.gc(array, holder)
    return {
        "handle": ffi.new_handle,
        "destructor": kept,
        "callback": lambda holder: ffi.callback(function, holder),
        "onerror": lambda holder: ffi.callback(function, id, onerror=holder),
        "buffer": lambda holder: ffi.buffer(kept(holder)),
        "iterator": lambda holder: iter(kept(holder)),
        "allocator": lambda holder: ffi.new_allocator(holder),
        "allocator's free": lambda holder: ffi.new_allocator(id, holder),
        "error of a decorator": lambda holder: ffi.callback(function, error=holder),
        "onerror of a decorator": lambda holder: ffi.callback(function, onerror=holder),
        "error of an extern decorator": lambda holder: ffi.def_extern("from_python", error=holder),
        "onerror of an extern decorator": lambda holder: ffi.def_extern("from_python", onerror=holder),
    }


def test_cycles_are_collected(ffi):
    left = []
    for kind, make in cycles(ffi).items():
        holder = Holder(None)
        holder.held = make(holder)
        gone = weakref.ref(holder)
        del holder
        gc.collect()
        if gone() is not None:
            left.append(kind)
    assert left == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="classes have no buffers before 3.12")
def test_a_buffer_is_released_once_even_from_inside(ffi):
    class Exporter:
        released = 0

        def __buffer__(self, flags):
            return memoryview(data)

        def __release_buffer__(self, view):
            self.released += 1
            if self.released < 3:
                ffi.release(array)

    data, exporter = bytearray(8), Exporter()
    for _ in range(50):
        exporter.released = 0
        array = ffi.from_buffer(exporter)
        before = sys.getrefcount(exporter)
        ffi.release(array)
        ffi.release(array)
        del array
        assert exporter.released == 1
        assert sys.getrefcount(exporter) == before - 1
        # Nothing has a view of it any more.
        data.append(0)


def test_an_overlapping_buffer_is_copied_as_if_apart(ffi):
    array = ffi.new("char[10]", b"0123456789")
    buffer = ffi.buffer(array)
    buffer[2:9] = memoryview(buffer)[0:7]
    assert buffer[:] == b"0101234569"
    buffer[0:7] = memoryview(buffer)[2:9]
    assert buffer[:] == b"0123456569"
    assert buffer == memoryview(buffer) and not buffer < memoryview(buffer)
    assert ffi.buffer(array, 3) < buffer and ffi.buffer(array, 0) == b""


def test_what_cannot_be_kept_is_let_go_of(ffi):
    testcapi = pytest.importorskip("_testcapi")
    array, held = ffi.new("int[2]"), Holder(None)
    view = bytearray(8)
    # No functions of Python: some versions crash themselves where there is no memory for a function's frame.
    makers = [
        functools.partial(ffi.new_handle, held),
        functools.partial(ffi.gc, array, held),
        functools.partial(ffi.callback, "int(int)", held),
        functools.partial(ffi.from_buffer, view),
        functools.partial(ffi.new_allocator({8: array}.__getitem__, held), "int[2]"),
    ]
    failed = 0
    for make in makers:
        make()
        before = sys.getrefcount(held), sys.getrefcount(array), sys.getrefcount(view)
        for number in range(12):
            testcapi.set_nomemory(number, number + 1)
            try:
                make()
            except MemoryError:
                failed += 1
            finally:
                testcapi.remove_mem_hooks()
        assert (sys.getrefcount(held), sys.getrefcount(array), sys.getrefcount(view)) == before
    assert failed >= len(makers)


def test_callbacks_run_until_the_end(library_path):
    program = """
        import atexit, os, sys
        from farcall import FFI

        ffi = FFI()
        ffi.cdef("int apply(int (*f)(int), int x); int add(int, int);")
        lib = ffi.dlopen(sys.argv[1])
        triple = ffi.callback("int(int)", lambda x: 3 * x)

        def show(what, result, write=os.write):
            write(1, b"%s %d\\n" % (what, result))

        class Last:
            def __del__(self, lib=lib, triple=triple, show=show):
                show(b"destructor", lib.apply(triple, 3))

        atexit.register(lambda: show(b"atexit", lib.apply(triple, 2)))
        guarded = ffi.gc(ffi.new("int *"), lambda pointer, lib=lib, triple=triple, show=show: show(b"gc", lib.apply(triple, 4)))
        # What a module of the interpreter's own holds goes last.
        sys.last, sys.guarded = Last(), guarded
        show(b"first", lib.apply(triple, 1))
    """
    lines = run(program, library_path).splitlines()
    assert lines[:2] == ["first 3", "atexit 6"]
    assert sorted(lines[2:]) == ["destructor 9", "gc 12"]


def test_types_that_lead_to_themselves_are_collected():
    def round():
        ffi = FFI()
        ffi.cdef("struct node { struct node *next; int (*visit)(struct node *); struct node *more[2]; };")
        node = ffi.new("struct node *")
        assert node.next == ffi.NULL and len(node.more) == 2
        visit = ffi.callback("int(struct node *)", lambda node: 7)
        node.visit = visit
        assert node.visit(node) == 7
        return weakref.ref(ffi.typeof(node))

    gone = [round() for _ in range(3)]
    gc.collect()
    assert [ctype() for ctype in gone] == [None] * 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_ffis_come_and_go():
    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()

    def rounds(count):
        for _ in range(count):
            ffi = FFI()
            ffi.cdef(
                """
                struct node { struct node *next; int (*visit)(struct node *); };
                typedef struct { struct node nodes[2]; } pair; typedef struct node *handle; enum e { A, B };
                """
            )
            pair = ffi.new("pair *")
            assert pair.nodes[1].next == ffi.NULL and ffi.cast("enum e", 1) is not None

    rounds(1000)
    gc.collect()
    before = resident()
    rounds(10_000)
    gc.collect()
    # A hundred bytes each, which is less than the smallest of their types takes.
    assert resident() - before < 1_000_000


def test_a_long_type_goes(ffi):
    pointers = "".join("typedef t%d *t%d;" % (n, n + 1) for n in range(50_000))
    ffi.cdef("typedef char t0; " + pointers)
    ctype = ffi.typeof("t50000")
    assert ctype.item.item.kind == "pointer"
    gone = weakref.ref(ctype)
    del ctype
    ffi.cdef("typedef int nothing;")
    gc.collect()
    assert gone() is None


def test_the_origin_stays_readable_while_a_cycle_goes(ffi):
    class Reader:
        def __init__(self, guarded):
            self.guarded, self.me = guarded, self

        def __del__(self):
            fill = [bytearray(b"Z" * 48) for _ in range(2000)]
            read.append((list(self.guarded), len(fill)))

    read, order = [], []
    guarded = ffi.gc(ffi.new("long[4]", [1234] * 4), lambda pointer: order.append(pointer[3]))
    reader = Reader(guarded)
    del guarded, reader
    gc.collect()
    assert read == [([1234] * 4, 2000)] and order == [1234]


def test_what_the_destructor_revives_is_as_it_was(ffi):
    def revive(pointer):
        revived.extend(found for found in gc.get_referrers(pointer) if isinstance(found, ffi.CData))

    revived = []
    origin = ffi.new("int *", 5)
    gone = weakref.ref(origin)
    guarded = ffi.gc(origin, revive)
    del origin, guarded
    assert len(revived) == 1 and revived[0][0] == 5 and gone() is not None
    revived.clear()
    assert gone() is None


def test_a_cycle_by_what_a_destructor_is_called_with_is_collected(ffi):
    holder, order = Holder(None), []
    holder.held = ffi.gc(ffi.new_handle(holder), order.append)
    gone = weakref.ref(holder)
    del holder
    gc.collect()
    assert len(order) == 1
    order.clear()
    gc.collect()
    assert gone() is None


def test_weak_references_go_before_the_destructor_runs(ffi):
    order = []
    guarded = ffi.gc(ffi.new("int *"), lambda pointer: order.append(("destructor", weak())))
    weak = weakref.ref(guarded, lambda gone: (gc.collect(), order.append(("weak", gone()))))
    del guarded
    assert order == [("weak", None), ("destructor", None)]


def test_what_destructors_and_callbacks_drop_goes_at_once(ffi):
    def drop(*arguments):
        for _ in range(20):
            objects.append(Holder(None))
            gone = weakref.ref(objects[0])
            handle = ffi.new_handle(objects.pop())
            del handle
            left.append(gone())

    # The callback is called from inside of the ends of others, and not as a destructor.
    callback = ffi.callback("int(int)", lambda number: drop() or 0)

    class Calls:
        def __del__(self):
            callback(1)

    objects, left = [], []
    chain = ffi.new_handle(Calls())
    for number in range(200):
        chain = ffi.gc(chain, drop if number == 20 else id)
    del chain
    assert left == [None] * 40


def test_chains_by_results_of_destructors_go(ffi):
    chain = None
    for _ in range(CHAIN):
        origin = ffi.new("int *")
        chain = ffi.gc(origin, {origin: chain}.pop)
    last = weakref.ref(chain)
    del origin, chain
    gc.collect()
    assert last() is None


@pytest.mark.parametrize("by", ["parameters", "results", "members"])
def test_long_chains_of_types_go(by):
    first, more, asked = {
        "parameters": ("void (*t0)(void)", "void (*t{n})(t{before})", lambda ffi, n: ffi.callback("t%d" % n, id)),
        "results": ("void (*t0)(void)", "t{before} (*t{n})(void)", lambda ffi, n: ffi.callback("t%d" % n, id)),
        "members": ("struct s0 {{ int x; }} t0", "struct s{n} {{ t{before} *x; }} t{n}", lambda ffi, n: ffi.typeof("t%d" % n).fields),
    }[by]
    links, gone = 3000, []

    def build():
        ffi = FFI()
        ffi.cdef("".join("typedef %s;" % (more if n else first).format(n=n, before=n - 1) for n in range(links)))
        for n in range(links):
            asked(ffi, n)
        gone.append(weakref.ref(ffi.typeof("t%d" % (links - 1))))

    build()
    # A small stack, for a chain that is quickly made.
    size = threading.stack_size(256 * 1024)
    try:
        collector = threading.Thread(target=lambda: (FFI().cdef("typedef int nothing;"), gc.collect()))
        collector.start()
        collector.join()
    finally:
        threading.stack_size(size)
    assert gone[0]() is None
