"""A C library of the tests' own, which the machine's compiler makes once for all of them."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import pytest

from farcall import FFI

SOURCE = r"""
#include <complex.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <wchar.h>

struct pair { char tag; double value; };
union number { int i; double d; };
struct bits { unsigned a : 3, b : 7; int c : 22; };
struct deep { struct pair pairs[2]; union number n; };

int add(int a, int b) { return a + b; }
unsigned char byte(unsigned char x) { return x + 1; }
long long wide(long long a, unsigned long long b) { return a ^ (long long)b; }
float halve(float x) { return x / 2; }
double sum8(double a, double b, double c, double d, double e, double f, double g, double h)
{ return a + 2*b + 3*c + 4*d + 5*e + 6*f + 7*g + 8*h; }
long double third(long double x) { return x / 3; }
_Bool negated(_Bool b) { return !b; }
char upper(char c) { return c - 32; }
wchar_t next_wide(wchar_t c) { return c + 1; }
double _Complex turned(double _Complex z) { return z * I; }
int sum_of(const int *items, size_t n) { int s = 0; while (n--) s += *items++; return s; }
struct pair swapped(struct pair p) { struct pair r = { (char)p.value, p.tag }; return r; }
union number doubled(union number n) { n.d *= 2; return n; }
struct bits moved(struct bits b) { struct bits r = { b.b & 7, b.a, -b.c }; return r; }
struct deep mixed(struct deep d, int k) { d.pairs[k].value += d.n.d; d.n.i = k; return d; }
int set_errno(int e) { int before = errno; errno = e; return before; }
void fill(char *to, size_t n, char with) { memset(to, with, n); }
int total(int n, ...) { va_list l; int s = 0; va_start(l, n); while (n--) s += va_arg(l, int); va_end(l); return s; }
double average(int n, ...) { va_list l; double s = 0; va_start(l, n); for (int i = 0; i < n; i++) s += va_arg(l, double); va_end(l); return s / n; }
int apply(int (*f)(int), int x) { return f(x); }
double apply_pair(double (*f)(struct pair, const char *), struct pair p) { return f(p, "text"); }
struct pair make_with(struct pair (*f)(int), int x) { return f(x); }
static int (*kept)(int);
void keep(int (*f)(int)) { kept = f; }
int call_kept(int x) { return kept ? kept(x) : -1; }
int counter = 5;
const int limit = 100;
double table[4] = { 1, 2, 3, 4 };
struct pair a_pair = { 'p', 2.5 };
const char *name = "library";
"""

DECLARATIONS = r"""
struct pair { char tag; double value; };
union number { int i; double d; };
struct bits { unsigned a : 3, b : 7; int c : 22; };
struct deep { struct pair pairs[2]; union number n; };
int add(int a, int b);
unsigned char byte(unsigned char x);
long long wide(long long a, unsigned long long b);
float halve(float x);
double sum8(double, double, double, double, double, double, double, double);
long double third(long double x);
_Bool negated(_Bool b);
char upper(char c);
wchar_t next_wide(wchar_t c);
double _Complex turned(double _Complex z);
int sum_of(const int *items, size_t n);
struct pair swapped(struct pair p);
union number doubled(union number n);
struct bits moved(struct bits b);
struct deep mixed(struct deep d, int k);
int set_errno(int e);
void fill(char *to, size_t n, char with);
int total(int n, ...);
double average(int n, ...);
int apply(int (*f)(int), int x);
double apply_pair(double (*f)(struct pair, const char *), struct pair p);
struct pair make_with(struct pair (*f)(int), int x);
void keep(int (*f)(int));
int call_kept(int x);
extern int counter;
extern const int limit;
extern double table[4];
extern struct pair a_pair;
extern const char *name;
extern "Python" int from_python(int);
#define ANSWER 42
enum color { RED, GREEN = 5, BLUE };
int missing(void);
"""


def needed(package):
    """A package that tests need. Who runs them says with FARCALL_TESTS_ALL that it is there; else they are skipped without."""
    try:
        version(package)
    except PackageNotFoundError:
        # There is no cffi 2.1.1 for 3.9.
        can_be_there = package != "cffi" or sys.version_info >= (3, 10)
        if os.environ.get("FARCALL_TESTS_ALL") == "1" and can_be_there:
            raise
        pytest.skip(f"{package} is not installed", allow_module_level=True)


def compile_c(folder, name, source):
    """A shared library of C source; the test is skipped where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler is installed")
    text, library = folder / (name + ".c"), folder / (name + ".so")
    text.write_text(source)
    subprocess.run(
        [compiler, "-O1", "-shared", "-fPIC", "-w", "-o", library, text, "-lm"], check=True
    )
    return str(library)


@pytest.fixture(scope="session")
def library_path(tmp_path_factory):
    return compile_c(tmp_path_factory.mktemp("library"), "library", SOURCE)


@pytest.fixture
def ffi():
    ffi = FFI()
    ffi.cdef(DECLARATIONS)
    return ffi


@pytest.fixture
def lib(ffi, library_path):
    return ffi.dlopen(library_path)
