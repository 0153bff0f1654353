"""Threads, child processes, and the interpreter's end."""

import os
import subprocess
import sys
import textwrap
import threading
import time

import pytest


def run(program, *arguments, timeout=60):
    """A Python program in a process of its own, which must end well and silently: a warning is an error."""
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_calls_let_other_threads_run(ffi):
    ffi.cdef("int usleep(unsigned int);")
    c = ffi.dlopen(None)
    sleeper = threading.Thread(target=c.usleep, args=(300_000,))
    sleeper.start()
    begun, count = time.monotonic(), 0
    while sleeper.is_alive() and time.monotonic() - begun < 10:
        count += 1
    sleeper.join()
    assert count > 1000


def test_many_threads_at_once(ffi, lib):
    wrong = []
    callback = ffi.callback("int(int)", lambda x: x + 1)

    def work(number):
        for index in range(300):
            ffi.errno = number
            pair = ffi.new("struct pair *", (b"a", number))
            ok = (
                lib.apply(callback, index) == index + 1
                and lib.swapped(pair[0]).tag == bytes([number])
                and lib.set_errno(number) in (number,)
                and ffi.typeof("int[%d]" % (index + 1)).length == index + 1
            )
            if not ok:
                wrong.append((number, index))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_fork(library_path):
    program = """
        import os, sys
        from farcall import FFI
        ffi = FFI()
        ffi.cdef("int add(int, int); int apply(int (*f)(int), int x); double sum8(double, double, double, double,"
                 " double, double, double, double);")
        lib = ffi.dlopen(sys.argv[1])
        before = ffi.callback("int(int)", lambda x: x + 1)
        assert lib.add(1, 2) == 3 and lib.apply(before, 1) == 2
        child = os.fork()
        if child == 0:
            ok = lib.add(2, 3) == 5 and lib.apply(before, 5) == 6
            ok = ok and lib.sum8(1, 1, 1, 1, 1, 1, 1, 1) == 36
            after = ffi.callback("int(int)", lambda x: x + 2)
            ok = ok and lib.apply(after, 5) == 7
            os._exit(0 if ok else 1)
        _, status = os.waitpid(child, 0)
        assert status == 0
        assert lib.add(5, 6) == 11 and lib.apply(before, 1) == 2
        print("done")
    """
    assert run(program, library_path) == "done\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_fork_inside_a_callback(library_path):
    program = """
        import os, sys
        from farcall import FFI
        ffi = FFI()
        ffi.cdef("int add(int, int); int apply(int (*f)(int), int x);")
        lib = ffi.dlopen(sys.argv[1])

        @ffi.callback("int(int)")
        def forking(x):
            child = os.fork()
            if child == 0:
                inner = ffi.callback("int(int)", lambda x: lib.add(x, 2))
                return lib.apply(inner, x)
            _, status = os.waitpid(child, 0)
            assert status == 0
            return -1

        result = lib.apply(forking, 40)
        if result == 42:
            # The child: everything goes on, to an end like any other.
            del forking
            assert lib.apply(ffi.callback("int(int)", lambda x: x), 3) == 3
            sys.exit(0)
        assert result == -1
        print("done")
    """
    for _ in range(3):
        assert run(program, library_path) == "done\n"


def test_the_end_with_live_callbacks(library_path):
    program = """
        import sys
        from farcall import FFI
        ffi = FFI()
        ffi.cdef("void keep(int (*f)(int)); int call_kept(int);")
        lib = ffi.dlopen(sys.argv[1])
        callback = ffi.callback("int(int)", lambda x: x + 1)
        lib.keep(callback)
        handle = ffi.new_handle(callback)
        guarded = ffi.gc(ffi.new("int *"), lambda pointer: None)
        assert lib.call_kept(4) == 5
        sys.kept_for_ever = [ffi, lib, callback, handle, guarded]
        print("done")
    """
    assert run(program, library_path) == "done\n"


def test_c_calls_a_callback_after_the_interpreter_ended(library_path):
    program = """
        import sys
        from farcall import FFI
        ffi = FFI()
        ffi.cdef('''
            void keep(int (*f)(int));
            int __cxa_atexit(void (*f)(void *), void *, void *);
        ''')
        c = ffi.dlopen(None)
        late = ffi.callback("void(void *)", lambda pointer: print("too late"))
        # Nobody ever frees it.
        import ctypes
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(late))
        assert getattr(c, "__cxa_atexit")(late, ffi.NULL, ffi.NULL) == 0
        print("done")
    """
    assert run(program, library_path) == "done\n"


def test_the_end_with_a_daemon_thread_inside_a_call():
    program = """
        import threading, time
        from farcall import FFI
        ffi = FFI()
        ffi.cdef("unsigned int sleep(unsigned int);")
        c = ffi.dlopen(None)
        threading.Thread(target=c.sleep, args=(60,), daemon=True).start()

        def busy():
            call = ffi.callback("int(int)", lambda x: x)
            while True:
                call(1)

        threading.Thread(target=busy, daemon=True).start()
        time.sleep(0.2)
        print("done")
    """
    assert run(program, timeout=20) == "done\n"


def test_an_abandoned_callback_that_is_called_late(library_path):
    program = """
        import sys
        from farcall import FFI
        ffi = FFI()
        ffi.cdef("void keep(int (*f)(int)); int call_kept(int);")
        lib = ffi.dlopen(sys.argv[1])
        lib.keep(ffi.callback("int(int)", lambda x: x + 1))
        lib.call_kept(1)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), library_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    # It ends the process, and says why.
    assert done.returncode != 0
    assert "callback" in done.stderr


def test_sub_interpreters_are_refused():
    program = """
        try:
            import _xxsubinterpreters as interpreters
        except ImportError:
            import _interpreters as interpreters
        import sys
        import farcall
        one = interpreters.create()
        lines = ["try:", "    import farcall", "except ImportError as error:", "    text = str(error)",
                 "else:", "    text = 'imported'", "assert type(text) is str and text == %r, text" % sys.argv[1]]
        source = "\\n".join(lines)
        failed = interpreters.run_string(one, source)
        assert failed is None, failed
        interpreters.destroy(one)
        print("done")
    """
    # Since 3.12 the interpreter says it itself, of every module that does not say that it is made for them.
    text = "module farcall._farcall does not support loading in subinterpreters"
    if sys.version_info < (3, 12):
        text = "farcall does not support subinterpreters: import it in the main interpreter"
    assert run(program, text) == "done\n"


def test_start_up_is_quick():
    program = "import time; t = time.perf_counter(); import farcall; farcall.FFI(); print(time.perf_counter() - t)"
    best = min(
        float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout)
        for _ in range(5)
    )
    # 8 ms where nothing else runs.
    assert best < 0.05
