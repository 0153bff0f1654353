"""C functions that call Python: values, errors, lives."""

import gc
import signal
import sys
import weakref

import pytest


@pytest.fixture
def unraisable(monkeypatch):
    """What would be printed."""
    seen = []
    monkeypatch.setattr(
        sys, "unraisablehook", lambda args: seen.append((args.exc_type, args.err_msg))
    )
    return seen


def test_values(ffi, lib):
    @ffi.callback("int(int)")
    def double(x):
        return 2 * x

    assert lib.apply(double, 21) == 42
    assert double(4) == 8
    assert repr(double).startswith("<cdata 'int(*)(int)' calling <function ")


def test_records_are_copies(ffi, lib):
    kept = []

    @ffi.callback("double(struct pair, const char *)")
    def function(pair, text):
        kept.append(pair)
        pair.tag = b"z"
        return pair.value + len(ffi.string(text))

    pair = ffi.new("struct pair *", (b"p", 1.5))
    assert lib.apply_pair(function, pair[0]) == 5.5
    assert pair.tag == b"p"
    gc.collect()
    assert (kept[0].tag, kept[0].value) == (b"z", 1.5)

    maker = ffi.callback("struct pair(int)", lambda x: (bytes([x]), x))
    assert lib.make_with(maker, 65).tag == b"A"


def test_an_error_is_printed_and_the_result_is_zero(ffi, lib, unraisable):
    @ffi.callback("int(int)")
    def failing(x):
        raise LookupError(x)

    assert lib.apply(failing, 1) == 0
    [(kind, message)] = unraisable
    assert kind is LookupError
    assert "from cffi callback" in message and "failing" in message


def test_a_wrong_result_is_an_error(ffi, lib, unraisable):
    wrong = ffi.callback("int(int)", lambda x: "text", error=-3)
    assert lib.apply(wrong, 1) == -3
    assert unraisable[0][0] is TypeError
    assert unraisable[0][1].endswith(", trying to convert the result back to C")
    nothing = ffi.callback("void(int)", lambda x: 1)
    assert nothing(1) is None
    assert unraisable[1][0] is TypeError


def test_onerror(ffi, lib, unraisable):
    seen = []

    def onerror(kind, value, traceback):
        seen.append((kind, value, traceback))
        return 8

    @ffi.callback("int(int)", error=3, onerror=onerror)
    def failing(argument):
        raise ValueError("text")

    assert lib.apply(failing, 12) == 8
    kind, value, traceback = seen.pop()
    assert kind is ValueError and str(value) == "text"
    assert traceback.tb_frame.f_locals["argument"] == 12
    # Where only the result is wrong there is no frame to look at.
    wrong = ffi.callback("int(int)", lambda x: "text", onerror=onerror)
    assert lib.apply(wrong, 1) == 8
    kind, value, traceback = seen.pop()
    assert kind is TypeError and traceback is None
    # None leaves the result that `error` says.
    silent = ffi.callback("int(int)", lambda x: x / 0, error=5, onerror=lambda *args: None)
    assert lib.apply(silent, 1) == 5
    assert not unraisable


def test_both_errors_are_printed_if_onerror_raises(ffi, lib, unraisable):
    def onerror(*args):
        raise KeyError("second")

    @ffi.callback("int(int)", error=5, onerror=onerror)
    def failing(argument):
        raise ValueError("first")

    assert lib.apply(failing, 1) == 5
    assert [kind for kind, _ in unraisable] == [ValueError, KeyError]
    assert unraisable[1][1].endswith("during handling of the above exception by 'onerror'")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no such signals here")
def test_exceptions_of_signal_handlers(ffi):
    ffi.cdef("int raise(int);")
    c = ffi.dlopen(None)

    class Interrupted(Exception):
        pass

    def handler(number, frame):
        raise Interrupted

    caught = []

    @ffi.callback("int(int)", error=9, onerror=lambda *args: caught.append(args[0]))
    def function(x):
        getattr(c, "raise")(signal.SIGUSR1)
        for _ in range(1000):
            pass
        return 1

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        assert function(1) == 9
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert caught == [Interrupted]


def test_a_callback_in_a_cycle_is_collected(ffi):
    class Holder:
        def method(self, x):
            return x

    holder = Holder()
    holder.callback = ffi.callback("int(int)", holder.method)
    gone = weakref.ref(holder)
    del holder
    gc.collect()
    assert gone() is None


def test_not_callable(ffi):
    with pytest.raises(TypeError, match="the 'python_callable' argument is not callable"):
        ffi.callback("int(int)", 5)
    with pytest.raises(TypeError, match="'onerror'"):
        ffi.callback("int(int)", lambda x: x, onerror=5)
    with pytest.raises(TypeError, match="expected a function ctype"):
        ffi.callback("int *", lambda x: x)
    with pytest.raises(NotImplementedError, match="callback with unsupported argument"):
        ffi.callback("int(int, ...)", lambda x: x)


def test_extern_python(ffi, lib, capfd):
    assert lib.apply(lib.from_python, 3) == 0
    assert "from_python() called, but no code was attached to it yet" in capfd.readouterr().err

    @ffi.def_extern()
    def from_python(x):
        return x + 1

    assert lib.from_python(3) == 4
    assert lib.apply(lib.from_python, 4) == 5

    @ffi.def_extern(name="from_python", error=-7, onerror=lambda *args: None)
    def another(x):
        raise ValueError

    assert lib.apply(lib.from_python, 5) == -7
    with pytest.raises(Exception, match="no 'extern \"Python\"' function with this name"):
        ffi.def_extern(name="nothing")(another)


def test_threads_of_c_call_python(ffi):
    ffi.cdef(
        """
        typedef unsigned long pthread_t;
        int pthread_create(pthread_t *, const void *, void *(*)(void *), void *);
        int pthread_join(pthread_t, void **);
        """
    )
    c = ffi.dlopen(None)
    seen = []

    @ffi.callback("void *(void *)")
    def body(argument):
        seen.append(ffi.from_handle(argument))
        return argument

    handle = ffi.new_handle("from another thread")
    thread = ffi.new("pthread_t *")
    result = ffi.new("void **")
    assert c.pthread_create(thread, ffi.NULL, body, handle) == 0
    assert c.pthread_join(thread[0], result) == 0
    assert seen == ["from another thread"]
    assert result[0] == handle


def test_a_callback_and_its_type_go_while_it_runs(ffi, lib):
    # Its type is nobody else's, and is let go of while C's caller has given the interpreter's lock away.
    def round(number):
        other = type(ffi)()
        other.cdef("typedef struct own%d { int a; } *own;" % number)
        own = []

        def function(x):
            own.clear()
            gc.collect()
            return x + 1

        own.append(other.callback("int(*)(int, struct own%d *)" % number, lambda x, y: function(x)))
        pointer = ffi.cast("int(*)(int)", own[0])
        del other
        gc.collect()
        assert lib.apply(pointer, number) == number + 1

    for number in range(20):
        ffi.init_once(lambda: round(number), "round %d" % number)


def test_a_name_that_cannot_be_compared_is_an_error(lib):
    class Name(str):
        def __hash__(self):
            raise ValueError("not to be compared")

    with pytest.raises(ValueError, match="not to be compared"):
        getattr(lib, Name("apply"))
