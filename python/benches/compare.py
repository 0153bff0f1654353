"""Operations of farcall and of cffi, and calls of `critical` functions: `python compare.py`, with both installed and a C compiler.

Contenders take turns, so that what else the machine does falls on all of them; the figure is the best round's.
"""

import os
import subprocess
import sys
import tempfile
import timeit

SOURCE = """
struct pair { int number; double value; };
int negated(int x) { return -x; }
double sum8(double a, double b, double c, double d, double e, double f, double g, double h) { return a+b+c+d+e+f+g+h; }
struct pair twice(struct pair p) { p.number *= 2; p.value *= 2; return p; }
int first(const int *p) { return *p; }
unsigned long length(const char *s) { unsigned long n = 0; while (s[n]) n++; return n; }
int repeat(int (*f)(int), int n) { int s = 0; for (int i = 0; i < n; i++) s += f(i); return s; }
void nothing(void) {}
"""
DECLARATIONS = """
struct pair { int number; double value; };
int negated(int x);
double sum8(double, double, double, double, double, double, double, double);
struct pair twice(struct pair p);
int first(const int *p);
unsigned long length(const char *s);
int repeat(int (*f)(int), int n);
void nothing(void);
int snprintf(char *, size_t, const char *, ...);
"""
# Name, statement, and how many operations it is.
STATEMENTS = [
    ("int(int)", "negated(5)", 1),
    ("void(void)", "nothing()", 1),
    ("double(8 x double)", "sum8(1., 2., 3., 4., 5., 6., 7., 8.)", 1),
    ("struct(struct)", "twice(pair)", 1),
    ("int(int *)", "first(pointer)", 1),
    ("size_t(char *), bytes", "length(text)", 1),
    ("snprintf", "snprintf(buffer, 64, b'n=%d', number)", 1),
    ("callback", "repeat(callback, 1000)", 1000),
    ("lib.f and call", "lib.negated(5)", 1),
    ("new struct", "new(pair_type)", 1),
    ("member", "pair.number", 1),
    ("item", "array[3]", 1),
    ("cast", "cast(pointer_type, pointer)", 1),
]
ROUNDS = 7


def names(make, library, **options):
    """What the statements use."""
    ffi = make()
    ffi.cdef(DECLARATIONS)
    lib, c = ffi.dlopen(library, **options), ffi.dlopen(None, **options)
    array = ffi.new("int[8]", [7])
    functions = ("negated", "nothing", "sum8", "twice", "first", "length", "repeat")
    return {
        **{name: getattr(lib, name) for name in functions},
        "snprintf": c.snprintf,
        "lib": lib,
        "ffi": ffi,
        "new": ffi.new,
        "cast": ffi.cast,
        "array": array,
        "pair": ffi.new("struct pair *", (1, 2.0))[0],
        "pointer": ffi.cast("int *", array),
        "pair_type": ffi.typeof("struct pair *"),
        "pointer_type": ffi.typeof("int *"),
        "text": b"some text",
        "buffer": ffi.new("char[64]"),
        "number": ffi.cast("int", 42),
        "callback": ffi.callback("int(int)", lambda x: x),
    }


def contenders(library):
    import farcall

    found = {
        "farcall": names(farcall.FFI, library),
        "farcall, critical": names(farcall.FFI, library, critical=True),
    }
    try:
        import cffi
    except ImportError:
        return found
    return {"cffi": names(cffi.FFI, library), **found}


def nanoseconds(statement, operations, variables):
    timer = timeit.Timer(statement, globals=variables)
    count = max(1, 20_000 // operations)
    return timer.timeit(count) / count / operations * 1e9


def main():
    with tempfile.TemporaryDirectory() as folder:
        text, library = os.path.join(folder, "bench.c"), os.path.join(folder, "bench.so")
        with open(text, "w") as file:
            file.write(SOURCE)
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, text], check=True)
        found = contenders(library)
        print("%-24s" % "ns" + "".join("%20s" % name for name in found))
        for name, statement, operations in STATEMENTS:
            best = dict.fromkeys(found, float("inf"))
            for _ in range(ROUNDS):
                for contender, variables in found.items():
                    taken = nanoseconds(statement, operations, variables)
                    best[contender] = min(best[contender], taken)
            first = next(iter(best.values()))
            cells = ("%12.1f (%4.2f)" % (taken, taken / first) for taken in best.values())
            print("%-24s" % name + "".join("%20s" % cell for cell in cells))
    return 0


if __name__ == "__main__":
    sys.exit(main())
