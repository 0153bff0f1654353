"""Calls, libraries, their attributes."""

DECLARATIONS = r"""
typedef struct { int x; double y; } pt;
struct opaque;
int printf(const char *, ...);
int abs(int);
double fabs(double);
size_t strlen(const char *);
size_t wcslen(const wchar_t *);
int sprintf(char *, const char *, ...);
void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
int fprintf(FILE *, const char *, ...);
int fputs(const char *, FILE *);
extern "Python" int from_python_2(int);
struct incomplete_arg { int a; ...; };
"""

CASES = r"""
lib.strlen(ffi.new('char[3]', b'ab'))
lib.strlen(ffi.cast('const char *', ffi.new('char[]', b'abcd')))
lib.strlen(ffi.new('unsigned char[]', b'abc\0'))
lib.strlen(ffi.new('char **'))
lib.strlen(lib.name)
lib.strlen(lib.add)
lib.strlen({})
lib.strlen([1])
lib.strlen(['a'])
lib.wcslen(['a', 'b', '\0'])
lib.sum_of(range(3), 3)
lib.sum_of([True, 2], 2)
lib.sum_of([1.0], 1)
lib.sum_of([None], 1)
lib.sum_of([ffi.cast('int', 3)], 1)
lib.sum_of([[1]], 1)
lib.sum_of(ffi.new('int[2][2]'), 4)
lib.sum_of(ffi.new('int(*)[3]'), 3)
lib.sum_of(ffi.from_buffer('int[]', bytearray(8)), 2)
lib.sum_of(ffi.from_buffer(bytearray(8)), 2)
lib.sum_of(ffi.new('int[3]', [1, 2, 3]), True)
lib.sum_of(ffi.new('int[3]', [1, 2, 3]), 1.0)
lib.sum_of(ffi.new('int[3]', [1, 2, 3]), '1')
lib.sum_of(ffi.new('int[3]', [1, 2, 3]), ffi.cast('int', -1))
lib.fill(bytearray(0), 0, b'a')
lib.fill(memoryview(b'abc'), 0, b'a')
lib.fill(ffi.new('char[3]'), 0, 'a')
lib.fill(ffi.new('char[3]'), 0, 97)
lib.fill(ffi.new('char[3]'), 0, ffi.cast('char', 97))
lib.swapped(ffi.new('struct pair[2]')[1]).tag
lib.swapped(ffi.addressof(ffi.new('struct pair *')[0]))
lib.swapped({'tag': 'a'})
lib.swapped({'tag': 5})
lib.swapped({'value': 'a'})
lib.swapped((b'a', 1)).value
lib.swapped(iter([b'a', 1]))
lib.swapped([b'ab', 1])
lib.swapped(b'a')
lib.swapped([]), lib.swapped({})
lib.apply_pair(None, [b'a', 2])
lib.third(0.1) == lib.third(0.1)
lib.third(0.3)
lib.third(ffi.cast('long double', lib.third(1)))
float(lib.third(0.3)), int(lib.third(100)), bool(lib.third(0)), str(lib.third(-2))
ffi.cast('float', lib.third(1)), ffi.cast('double', lib.third(1)), ffi.cast('int', lib.third(10))
a = ffi.new('long double[2]', [1.5, lib.third(1)]); a[1], float(a[0]), list(a)
a = ffi.new('long double[2]'); a[0] = lib.third(1); a[0]
a = ffi.new('long double *', lib.third(1)); bytes(ffi.buffer(a))[:10] == bytes(ffi.buffer(ffi.new('long double *', 1 / 3)))[:10]
a = ffi.new('long double *', lib.third(1)); ffi.unpack(a, 1)
ffi.new('long double *', '0.1')
ffi.cast('long double', '0.1')
ffi.cast('long double', 'a')
ffi.cast('long double', ffi.NULL)
ffi.cast('long double', True), ffi.cast('long double', -0.0), ffi.cast('long double', 2**100), ffi.cast('long double', 1e-310)
ffi.cast('long double', 12345678901234567890), ffi.cast('long double', 0.5), ffi.cast('long double', 100), ffi.cast('long double', 123456.789)
ffi.cast('long double', 5) < ffi.cast('long double', 6)
ffi.cast('long double', 5) == 5.0
{ffi.cast('long double', 5): 1} is not None
math.floor(ffi.cast('long double', 5.5))
ffi.dlopen(None).printf
ffi.cdef('int getpid(void);'); ffi.dlopen(None).getpid() == __import__('os').getpid()
ffi.cdef('int getpid(void);'); ffi.dlopen(None).getpid(1)
ffi.cdef('int isalpha(int);'); bool(ffi.dlopen(None).isalpha(65))
ffi.cdef('double atof(const char *);'); ffi.dlopen(None).atof(b'1.5')
ffi.cdef('char *getenv(const char *);'); ffi.dlopen(None).getenv(b'NOSUCHNAME')
ffi.cdef('void *malloc(size_t); void free(void *);'); C = ffi.dlopen(None); p = ffi.gc(C.malloc(8), C.free); p != ffi.NULL
ffi.cdef('int puts(const char *); int putchar(int);'); ffi.dlopen(None).puts(5)
ffi.cdef('int open(const char *, int, ...);'); C = ffi.dlopen(None); C.open(b'/nosuch', 0), ffi.errno
ffi.cdef('struct tm { int tm_sec; int tm_min; ...; };'); ffi.new('struct tm *')
ffi.cdef('struct inc { int a; ...; }; struct inc fn(void);'); ffi.typeof('struct inc')
ffi.cdef('int nosuchsym(int);'); l = ffi.dlopen(LIBRARY); l.nosuchsym
ffi.cdef('int nosuchsym(int);'); l = ffi.dlopen(LIBRARY); hasattr(l, 'nosuchsym'), 'nosuchsym' in dir(l)
ffi.cdef('int add(int, int, int);', override=True); ffi.typeof('int(*)(int, int, int)')
ffi.cdef('extern struct opaque2 *counter;', override=True); ffi.dlopen(LIBRARY).counter
ffi.cdef('extern struct opaque2 counter;', override=True); ffi.dlopen(LIBRARY).counter
ffi.cdef('extern int table[];', override=True); ffi.dlopen(LIBRARY).table
ffi.cdef('extern double table[];', override=True); ffi.dlopen(LIBRARY).table[1]
ffi.cdef('extern double table[];', override=True); ffi.addressof(ffi.dlopen(LIBRARY), 'table')
ffi.cdef('extern int (*fnvar)(int);'); ffi.dlopen(LIBRARY).fnvar
lib.a_pair.value = 9; lib.a_pair.value
lib.table[1] = 7; lib.table[1]
lib.table[4]
lib.table = 5
lib.table = ffi.new('double[4]', [1, 2, 3, 4]); lib.table[3]
lib.name = ffi.NULL
lib.name = b'abc'
lib.counter = 1.5
lib.counter = None
lib.counter = ffi.cast('short', 9); lib.counter
setattr(lib, 'counter', 11); getattr(lib, 'counter')
ffi.addressof(lib, 'counter')[0] = 13; lib.counter
ffi.addressof(lib, 'add')(1, 2)
ffi.addressof(lib, 'a_pair').value = 3; lib.a_pair.value
ffi.typeof(ffi.addressof(lib, 'a_pair')), ffi.typeof(ffi.addressof(lib, 'counter')), ffi.typeof(ffi.addressof(lib, 'add'))
lib.add(1, 2)
lib.add
lib.add(1)
lib.add()
lib.add(1, 2, 3)
lib.add(1, b=2)
lib.add(1, 2, c=3)
lib.add('a', 2)
lib.add(1.0, 2)
lib.add(1, None)
lib.add(2**31, 1)
lib.add(-2**31 - 1, 1)
lib.add(2**63, 1)
lib.add(2**64, 1)
lib.add(1, ffi.cast('short', 5))
lib.add(True, 2)
lib.add(ffi.cast('double', 1), 2)
lib.add([1], 2)
lib.add(b'a', 2)
class I:
.     def __int__(self): return 7
. lib.add(I(), 1)
class I:
.     def __index__(self): return 7
. lib.add(I(), 1)
class I:
.     def __int__(self): return 'a'
. lib.add(I(), 1)
class I:
.     def __int__(self): 1 / 0
. lib.add(I(), 1)
class F:
.     def __float__(self): return 3.0
. lib.halve(F())
class F:
.     def __float__(self): return 'a'
. lib.halve(F())
class I:
.     def __index__(self): return 8
. lib.halve(I())
lib.byte(255), lib.byte(0)
lib.byte(256)
lib.byte(-1)
lib.wide(2**63 - 1, 2**64 - 1)
lib.wide(2**63, 0)
lib.wide(0, 2**64)
lib.wide(0, -1)
lib.halve(3), lib.halve(2.5), lib.halve(True)
lib.halve('a')
lib.halve(None)
lib.halve(1j)
lib.halve(2**2000)
lib.halve(ffi.cast('int', 3))
lib.halve(ffi.cast('float', 3))
lib.halve(ffi.NULL)
lib.third(3)
lib.third(1.5)
lib.third(ffi.cast('long double', 1))
float(lib.third(1)) * 3
lib.third('a')
float(lib.third(ffi.cast('long double', 1)) == 0.0)
ffi.cast('long double', lib.third(1))
ffi.new('long double *', lib.third(1))[0]
int(lib.third(9))
lib.third(lib.third(9))
lib.third(ffi.cast('int', 9))
lib.third(ffi.cast('double', 9))
lib.negated(True), lib.negated(0), lib.negated(1), lib.negated(False)
lib.negated(2)
lib.negated(-1)
lib.negated('a')
lib.negated(1.0)
lib.negated(None)
lib.upper(b'a')
lib.upper('a')
lib.upper(97)
lib.upper(b'ab')
lib.upper(b'')
lib.upper(ffi.cast('char', b'b'))
lib.upper(ffi.cast('signed char', 97))
lib.next_wide('a')
lib.next_wide('\U00012345')
lib.next_wide(b'a')
lib.next_wide('ab')
lib.next_wide('')
lib.next_wide(97)
lib.turned(1), lib.turned(1 + 2j), lib.turned(2.5)
lib.turned('a')
lib.turned(ffi.cast('double _Complex', 1j))
lib.sum_of([1, 2, 3], 3)
lib.sum_of((1, 2, 3), 3)
lib.sum_of(ffi.new('int[]', [1, 2, 3]), 3)
lib.sum_of(ffi.new('int *', 7), 1)
lib.sum_of(ffi.NULL, 0)
lib.sum_of(None, 0)
lib.sum_of(0, 0)
lib.sum_of([], 0)
lib.sum_of(['a'], 1)
lib.sum_of([2**40], 1)
lib.sum_of(ffi.new('long[3]'), 3)
lib.sum_of(ffi.new('char[12]'), 3)
lib.sum_of(ffi.new('pt *'), 3)
lib.sum_of(b'abcd', 1)
lib.sum_of('abcd', 1)
lib.sum_of(bytearray(4), 1)
lib.sum_of(5, 1)
lib.sum_of({1: 2}, 1)
lib.sum_of(iter([1]), 1)
lib.sum_of(ffi.cast('void *', 0), 0)
lib.sum_of(ffi.new('int[3]'), -1)
lib.sum_of(ffi.new('int[3]'), 2**64)
lib.sum_of(ffi.new('unsigned[3]', [1, 2, 3]), 3)
lib.fill(b'abc', 0, b'x')
b = bytearray(b'abc'); lib.fill(b, 2, b'x'); b
lib.fill(ffi.new('char[3]'), 3, b'x')
lib.fill(ffi.new('unsigned char[3]'), 3, b'x')
lib.fill(ffi.cast('void *', ffi.new('char[3]')), 0, b'x')
lib.fill(ffi.new('int[3]'), 3, b'x')
lib.fill('abc', 0, b'x')
lib.fill([b'a'], 0, b'x')
lib.fill([65], 0, b'x')
lib.strlen(b'hello'), lib.strlen(ffi.new('char[]', b'abc'))
lib.strlen('hello')
lib.strlen(ffi.new('wchar_t[]', 'abc'))
lib.strlen(ffi.from_buffer(b'abc\x00'))
lib.strlen([b'a', b'b', b'\x00'])
lib.strlen([])
lib.strlen(bytearray(b'ab\x00'))
lib.strlen(5)
lib.strlen(None)
lib.strlen(memoryview(b'abc'))
lib.strlen(b'a\x00b')
lib.wcslen('abc'), lib.wcslen(ffi.new('wchar_t[]', 'abcd'))
lib.wcslen(b'abc')
lib.wcslen(5)
lib.swapped([b'a', 65.0])
lib.swapped([b'a', 65.0]).tag
lib.swapped({'tag': b'b'}).value
lib.swapped(ffi.new('struct pair *', [b'a', 66])[0]).tag
lib.swapped(ffi.new('struct pair *', [b'a', 66]))
lib.swapped(5)
lib.swapped(ffi.new('pt *')[0])
lib.swapped([b'a', 1, 2])
lib.swapped({'x': 1})
lib.swapped(None)
p = lib.swapped([b'a', 65.0]); ffi.addressof(p)
p = lib.swapped([b'a', 65.0]); ffi.sizeof(p)
lib.total(0)
lib.total(3, ffi.cast('int', 1), ffi.cast('int', 2), ffi.cast('int', 3))
lib.total(1, ffi.cast('char', 1)), lib.total(1, ffi.cast('short', -1)), lib.total(1, ffi.cast('_Bool', 1))
lib.total(1, 5)
lib.total(1, 5.0)
lib.total(1, None)
lib.total(1, b'abc')
lib.total(1, 'abc')
lib.total(1, [1])
lib.total()
lib.total('a')
lib.total(1, ffi.cast('enum color', 5))
lib.average(2, ffi.cast('double', 1), ffi.cast('double', 2))
lib.average(1, ffi.cast('float', 1.5))
lib.average(1, ffi.cast('long double', 1.5)) is None
lib.total(0, ffi.new('pt *')[0])
lib.total(0, ffi.cast('double _Complex', 1))
lib.total(0, ffi.new('int[3]'), ffi.NULL, lib.add)
b = ffi.new('char[20]'); lib.sprintf(b, b'%d-%s', ffi.cast('int', 5), ffi.new('char[]', b'abc')), ffi.string(b)
b = ffi.new('char[20]'); lib.sprintf(b, b'%s', b'abc')
b = ffi.new('char[20]'); lib.sprintf(b, b'%p', ffi.NULL), ffi.string(b)
lib.apply(lambda x: x, 5)
lib.apply(ffi.NULL, 5) if 0 else lib.apply(None, 5)
lib.apply(lib.abs, -5)
lib.apply(ffi.addressof(lib, 'abs') if 0 else ffi.cast('int(*)(int)', lib.abs), -5)
lib.keep(ffi.NULL); lib.call_kept(3)
lib.from_python
lib.from_python(3)
lib.set_errno(5); ffi.errno
ffi.errno = 7; lib.set_errno(0)
lib.counter
lib.counter = 8; lib.counter
lib.counter = 'a'
lib.counter = 2**40
lib.counter = 5; del lib.counter
lib.limit
lib.limit = 5
lib.table
lib.table[2], len(lib.table)
lib.table = [5, 6]; list(lib.table)
lib.table = [1, 2, 3, 4]; list(lib.table)
lib.table = [1] * 5
lib.a_pair
lib.a_pair.value
lib.a_pair = [b'q', 3.5]; lib.a_pair.tag
lib.a_pair = 5
lib.name
ffi.string(lib.name)
lib.ANSWER, lib.RED, lib.GREEN
lib.ANSWER = 5
lib.GREEN = 5
lib.add = 5
del lib.add
lib.nope
lib.nope = 5
lib.missing
lib.missing(1)
hasattr(lib, 'missing'), hasattr(lib, 'nope'), hasattr(lib, 'add')
lib
repr(lib)
type(lib).__name__
lib.__name__
lib.__class__.__name__
lib.__dict__ is not None
sorted(n for n in dir(lib) if not n.startswith('_'))
getattr(lib, 'add')(1, 2)
lib.add is lib.add
lib.pair
lib.pt
ffi.dlopen(None)
ffi.dlopen(None).abs(-3)
ffi.dlopen('c').abs(-3)
ffi.dlopen('m')
ffi.dlopen('c')
ffi.dlopen('libc.so.6')
ffi.dlopen('nosuchlibrary')
ffi.dlopen('libnosuch.so')
ffi.dlopen('./nosuch.so')
ffi.dlopen('/nosuch')
ffi.dlopen('')
ffi.dlopen(5)
ffi.dlopen(b'libc.so.6')
ffi.dlopen()
ffi.dlopen(LIBRARY, 'a')
ffi.dlopen(LIBRARY, ffi.RTLD_NOW).add(1, 2)
ffi.dlopen(LIBRARY, flags=ffi.RTLD_LAZY | ffi.RTLD_LOCAL).add(1, 2)
ffi.dlopen(ffi.NULL)
ffi.dlopen(ffi.cast('int *', 16))
ffi.dlopen(ffi.cast('void *', ctypes.CDLL(LIBRARY)._handle)).add(1, 2)
repr(ffi.dlopen(ffi.cast('void *', ctypes.CDLL(LIBRARY)._handle)))[:20]
import pathlib; ffi.dlopen(pathlib.Path(LIBRARY)).add(1, 2)
l = ffi.dlopen(LIBRARY); ffi.dlclose(l)
l = ffi.dlopen(LIBRARY); ffi.dlclose(l); l.add
l = ffi.dlopen(LIBRARY); ffi.dlclose(l); l.counter
l = ffi.dlopen(LIBRARY); ffi.dlclose(l); l.counter = 5
l = ffi.dlopen(LIBRARY); ffi.dlclose(l); l.ANSWER
l = ffi.dlopen(LIBRARY); ffi.dlclose(l); ffi.dlclose(l)
l = ffi.dlopen(LIBRARY); ffi.dlclose(l); l
l = ffi.dlopen(LIBRARY); ffi.dlclose(l); l.nope
ffi.dlclose(5)
ffi.dlclose(None)
ffi.dlclose()
lib.fprintf(5, b'a')
lib.fprintf(ffi.NULL, 5)
lib.fputs(b'a', io.BytesIO())
lib.fputs(b'a', io.StringIO())
lib.fputs(b'a', object())
lib.fputs(b'a', 'x')
lib.fputs(b'a')
f = open('/dev/null', 'wb'); lib.fputs(b'a', f) >= 0, f.close()
f = open('/dev/null', 'rb'); lib.fputs(b'a', f), f.close()
f = open('/dev/null', 'wb'); f.close(); lib.fputs(b'a', f)
ffi.cast('int(*)(int)', 0)(5)
ffi.cast('int(*)(int)', lib.abs)(-5)
ffi.cast('long(*)(int)', lib.abs)
ffi.new('int(*[2])(int)', [lib.abs, ffi.NULL])[0](-3)
ffi.new('int(*[2])(int)', [lib.add, ffi.NULL])
ffi.cast('int *', 16)(5)
ffi.new('int[10]')(a=1)
ffi.cast('int', 16)(5)
ffi.cast('void(*)(struct opaque)', 16)(5)
ffi.cast('struct incomplete_arg(*)(int)', 16)(5)
ffi.cast('void(*)(struct incomplete_arg)', 16)(5)
ffi.cast('int(*)(int[3])', lib.abs)
lib.doubled([3])
lib.moved([1, 2, 3])
lib.mixed([[[b'a', 1.5]]], 0).pairs[0].value
lib.sum8(1, 2, 3, 4, 5, 6, 7, 8)
lib.sum8(1, 2, 3, 4, 5, 6, 7)
lib.sum8(1, 2, 3, 4, 5, 6, 7, 'a')
lib.sum8(*range(9))
lib.sum_of(items=[1], n=1)
t = threading.Thread(target=lambda: lib.set_errno(99)); lib.set_errno(3); t.start(); t.join(); ffi.errno
"""
