"""Calls, callbacks, libraries, their attributes."""

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
lib.apply(ffi.callback('int(int)', lambda x: x + 1), 5)
lib.apply(ffi.callback('int(*)(int)', lambda x: x + 1), 5)
lib.apply(lambda x: x, 5)
lib.apply(ffi.NULL, 5) if 0 else lib.apply(None, 5)
lib.apply(ffi.callback('int(long)', abs), 5)
lib.apply(lib.abs, -5)
lib.apply(ffi.addressof(lib, 'abs') if 0 else ffi.cast('int(*)(int)', lib.abs), -5)
lib.apply(ffi.callback('int(int)', lambda x: 'a'), 5)
lib.apply(ffi.callback('int(int)', lambda x: 2**40), 5)
lib.apply(ffi.callback('int(int)', lambda x: None), 5)
lib.apply(ffi.callback('int(int)', lambda x: 1.5, error=7), 5)
lib.apply(ffi.callback('int(int)', lambda x: 1 / 0), 5)
lib.apply(ffi.callback('int(int)', lambda x: 1 / 0, error=42), 5)
lib.apply(ffi.callback('int(int)', lambda x: 1 / 0, 42), 5)
lib.apply(ffi.callback('int(int)', lambda: 1), 5)
l = []; lib.apply(ffi.callback('int(int)', lambda x: 1 / 0, onerror=lambda *a: l.append(a)), 5), l[0][0], str(l[0][1]), l[0][2] is None
l = []; lib.apply(ffi.callback('int(int)', lambda x: 'a', onerror=lambda *a: l.append(a)), 5), l[0][0], str(l[0][1]), l[0][2] is None
lib.apply(ffi.callback('int(int)', lambda x: 1 / 0, onerror=lambda *a: 33), 5)
lib.apply(ffi.callback('int(int)', lambda x: 1 / 0, error=5, onerror=lambda *a: None), 5)
lib.apply(ffi.callback('int(int)', lambda x: 1 / 0, onerror=lambda *a: 'x'), 5)
lib.apply(ffi.callback('int(int)', lambda x: 1 / 0, onerror=lambda *a: [][0]), 5)
lib.apply(ffi.callback('int(int)', lambda x: 1 / 0, onerror=lambda: 1), 5)
ffi.callback('int(int)', lambda x: x, error='a')
ffi.callback('int(int)', lambda x: x, error=2**40)
ffi.callback('int(int)', lambda x: x, onerror=5)
ffi.callback('int(int)', 5)
ffi.callback('int(int)', None)
ffi.callback('int', lambda x: x)
ffi.callback('int *', lambda x: x)
ffi.callback(5, lambda x: x)
ffi.callback('int(int, ...)', lambda x: x)
ffi.callback('nosuch(int)', lambda x: x)
ffi.callback('pt(int)', lambda x: [x, 1])(3)
ffi.callback('pt(int)', lambda x: 5)(3)
ffi.callback('pt(pt)', lambda x: x)([1, 2]).y
ffi.callback('void(pt)', print)([1, 2]) is None
l = []; ffi.callback('void(pt)', l.append)([1, 2]); l
l = []; ffi.callback('void(pt *)', l.append)([[1, 2]]); l
l = []; ffi.callback('void(int, double, char, char *, void *, float)', lambda *a: l.append(a))(1, 2, b'a', b'x', ffi.NULL, 3); l
l = []; ffi.callback('void(_Bool, wchar_t, long double, enum color, unsigned long long)', lambda *a: l.append(a))(True, 'a', 1.5, 5, 2**64 - 1); l
ffi.callback('void(int)', lambda x: 5)(3)
ffi.callback('void(int)', lambda x: None)(3)
ffi.callback('int *(void)', lambda: 5)()
ffi.callback('int *(void)', lambda: ffi.NULL)()
ffi.callback('int *(void)', lambda: None)()
ffi.callback('char(void)', lambda: b'a')()
ffi.callback('char(void)', lambda: 'a')()
ffi.callback('char *(void)', lambda: b'abc')()
ffi.callback('_Bool(void)', lambda: 2)()
ffi.callback('float(void)', lambda: 1)()
ffi.callback('long double(void)', lambda: 1.5)()
ffi.callback('wchar_t(void)', lambda: 'a')()
ffi.callback('enum color(void)', lambda: 5)()
ffi.callback('unsigned char(void)', lambda: 300)()
ffi.callback('unsigned char(void)', lambda: 200)()
ffi.callback('signed char(void)', lambda: -3)()
ffi.callback('double _Complex(void)', lambda: 1j)()
ffi.callback('struct opaque(void)', lambda: 1)
ffi.callback('void(struct opaque)', lambda x: 1)
ffi.callback('int(int)', lambda x: x)(5)
ffi.callback('int(int)', lambda x: x)('a')
ffi.callback('int(int)', lambda x: x)()
ffi.callback('int(int)', lambda x: x)(1, 2)
ffi.callback('int(int)', abs)
f = ffi.callback('int(int)', abs); ffi.typeof(f)
@ffi.callback('int(int)')
. def f(x): return x * 2
. f(4)
@ffi.callback('int(int)', error=9)
. def f(x): 1 / 0
. f(4)
@ffi.callback('int(int)', 5)
. def f(x): 1 / 0
a = ffi.new('int[]', [3, 1, 2]); c = ffi.callback('int(const void *, const void *)', lambda x, y: ffi.cast('int *', x)[0] - ffi.cast('int *', y)[0]); lib.qsort(a, 3, 4, c); list(a)
lib.apply_pair(ffi.callback('double(struct pair, const char *)', lambda p, s: p.value + len(ffi.string(s))), [b'a', 2])
l = []; lib.apply_pair(ffi.callback('double(struct pair, const char *)', lambda p, s: l.append((p, s)) or 1), [b'a', 2]); l
lib.make_with(ffi.callback('struct pair(int)', lambda x: [b'a', x]), 5).value
lib.keep(ffi.callback('int(int)', lambda x: x))
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
