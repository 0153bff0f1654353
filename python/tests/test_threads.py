"""Threads: those that race for the first call, those that C starts, and those that outlive the interpreter."""

import subprocess
import sys
import sysconfig

import pytest

from test_processes import run

SOURCE = r"""
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct job { int (*f)(int); int times; };
static void *work(void *p)
{
    struct job *j = p;
    int times = j->times;
    for (int i = 0; times < 0 || i < times; i++) {
        j->f(i);
        if (times < 0) usleep(500);
    }
    free(j);
    return 0;
}
static pthread_t start(int (*f)(int), int times)
{
    pthread_t thread;
    struct job *j = malloc(sizeof *j);
    j->f = f;
    j->times = times;
    pthread_create(&thread, 0, work, j);
    return thread;
}
void in_thread(int (*f)(int), int times) { pthread_join(start(f, times), 0); }
void for_ever(int (*f)(int)) { pthread_detach(start(f, -1)); }
int twice(int x) { return 2 * x; }
"""

DECLARATIONS = "void in_thread(int (*f)(int), int times); void for_ever(int (*f)(int)); int twice(int);"


@pytest.fixture(scope="module")
def threads_path(tmp_path_factory):
    if sys.platform == "win32":
        pytest.skip("there are no POSIX threads here")
    folder = tmp_path_factory.mktemp("threads")
    (folder / "threads.c").write_text(SOURCE)
    path = str(folder / "libthreads.so")
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    subprocess.run([compiler, "-shared", "-fPIC", "-pthread", "-o", path, str(folder / "threads.c")], check=True)
    return path


@pytest.fixture
def threads(ffi, threads_path):
    ffi.cdef(DECLARATIONS)
    return ffi.dlopen(threads_path)


@pytest.mark.parametrize("variadic", [False, True])
def test_the_first_calls_of_many_threads(threads_path, variadic):
    # The race is for what happens once in a process: each round is a process of its own.
    program = """
        import faulthandler, sys, threading
        faulthandler.dump_traceback_later(30, exit=True)
        from farcall import FFI
        sys.setswitchinterval(1e-6)
        ffi = FFI()
        ffi.cdef("int twice(int); int snprintf(char *, size_t, const char *, ...);")
        lib, c = ffi.dlopen(sys.argv[1]), ffi.dlopen(None)
        barrier, done = threading.Barrier(8), []
        def work():
            number = ffi.cast("int", 21)
            text = ffi.new("char[8]")
            barrier.wait()
            for _ in range(30):
                if sys.argv[2] == "True":
                    c.snprintf(text, 8, b"%d", number)
                    done.append(ffi.string(text) == b"21")
                else:
                    done.append(lib.twice(21) == 42)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        assert len(done) == 240 and all(done)
    """
    for _ in range(12):
        run(program, threads_path, str(variadic))


def test_fork_from_a_thread_of_c(threads_path):
    program = f"""
        import os, sys, threading, warnings
        from farcall import FFI
        # That the process has several threads.
        warnings.simplefilter("ignore", DeprecationWarning)
        ffi = FFI()
        ffi.cdef("{DECLARATIONS}")
        lib = ffi.dlopen(sys.argv[1])
        done, ended = [], []

        @ffi.callback("int(int)")
        def forking(x):
            child = os.fork()
            if child == 0:
                inner = ffi.callback("int(int)", lambda x: lib.twice(x))
                ok = inner(4) == 8
                # Threads that the child starts itself.
                lib.in_thread(ffi.callback("int(int)", lambda x: done.append(x) or 0), 2)
                threading.Thread(target=lambda: done.append(inner(1))).start()
                while len(done) < 3:
                    pass
                os._exit(0 if ok and sorted(done) == [0, 1, 2] else 1)
            _, status = os.waitpid(child, 0)
            ended.append(status)
            return x

        lib.in_thread(forking, 2)
        assert ended == [0, 0], ended
        print("done")
    """
    for _ in range(3):
        assert run(program, threads_path) == "done\n"


def test_threads_of_c_outlive_the_interpreter(threads_path):
    program = f"""
        import sys, time
        from farcall import FFI
        ffi = FFI()
        ffi.cdef("{DECLARATIONS}")
        lib = ffi.dlopen(sys.argv[1])
        calls = []
        @ffi.callback("int(int)")
        def on_event(x):
            calls.append(x)
            return x
        for _ in range(4):
            lib.for_ever(on_event)
        while len(calls) < 20:
            time.sleep(0.001)
    """
    for _ in range(8):
        run(program, threads_path)


def test_a_thread_of_c_keeps_its_state(ffi, threads):
    import contextvars
    import threading

    local, variable, seen = threading.local(), contextvars.ContextVar("count", default=0), []

    @ffi.callback("int(int)")
    def count(x):
        local.count = getattr(local, "count", 0) + 1
        variable.set(variable.get() + 1)
        seen.append((local.count, variable.get()))
        return x

    threads.in_thread(count, 3)
    threads.in_thread(count, 2)
    assert seen == [(1, 1), (2, 2), (3, 3), (1, 1), (2, 2)]


def test_the_state_goes_with_its_thread(ffi, threads):
    import threading
    import weakref

    class Thing:
        pass

    local, things = threading.local(), []

    @ffi.callback("int(int)")
    def keep(x):
        local.thing = Thing()
        things.append(weakref.ref(local.thing))
        return x

    for _ in range(50):
        threads.in_thread(keep, 2)
    assert len(things) == 100
    assert [thing() for thing in things] == [None] * 100
