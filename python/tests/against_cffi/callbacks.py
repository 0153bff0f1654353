"""Callbacks: what they are made of, get and return."""

from .calls import DECLARATIONS

CASES = r"""
lib.apply_pair(ffi.callback('double(struct pair, const char *)', lambda p, s: 1.5), 5)
lib.apply_pair(ffi.callback('double(int)', lambda p: 1.5), [b'a', 2])
lib.make_with(ffi.callback('struct pair(int)', lambda x: x), 5).value
lib.make_with(ffi.callback('struct pair(int)', lambda x: None), 5).value
lib.make_with(ffi.callback('struct pair(int)', lambda x: ffi.new('struct pair *', [b'x', x])[0]), 5).tag
lib.make_with(ffi.callback('struct pair(int)', lambda x: ffi.new('struct pair *', [b'x', x])), 5).tag
lib.make_with(ffi.callback('struct pair(int)', lambda x: {'value': x}), 5).value
lib.make_with(ffi.callback('struct pair(int)', lambda x: {'nope': x}), 5).value
lib.make_with(ffi.callback('struct pair(int)', lambda x: 1 / 0, error=[b'e', 7]), 5).value
ffi.callback('struct pair(int)', lambda x: x, error=5)
ffi.callback('void(int)', lambda x: x, error=5)
ffi.callback('void(int)', lambda x: x, error=None)(1)
ffi.callback('int *(int)', lambda x: x, error=5)
ffi.callback('int *(int)', lambda x: 1 / 0, error=ffi.NULL)(1)
ffi.callback('char(int)', lambda x: 1 / 0, error=b'x')(1)
ffi.callback('float(int)', lambda x: 1 / 0, error=2.5)(1)
ffi.callback('int(int)', lambda x: x, onerror=lambda *a: None)(1)
ffi.callback('int(int)', lambda x: ffi.cast('int', 5))(1)
ffi.callback('int(int)', lambda x: ffi.cast('long', 2**40))(1)
ffi.callback('short(int)', lambda x: 40000)(1)
ffi.callback('unsigned short(int)', lambda x: -1)(1)
ffi.callback('long long(int)', lambda x: 2**63)(1)
ffi.callback('unsigned long long(int)', lambda x: 2**64)(1)
ffi.callback('double(int)', lambda x: 'a')(1)
ffi.callback('char *(int)', lambda x: ffi.new('int *'))(1)
ffi.callback('int(int)', lambda x: (_ for _ in ()).throw(KeyError('k')))(1)
ffi.callback('int(int)', lambda *a: a[0])(3)
ffi.callback('int(int)', lambda x=5, *, y=1: x)(3)
ffi.callback('int(int)', int)(3)
ffi.callback('int(int)', object)(3)
class C:
.     def __call__(self, x): return x + 1
.     def __repr__(self): return 'C!'
. ffi.callback('int(int)', C()), ffi.callback('int(int)', C())(3)
class C:
.     def __call__(self, x): return 'no'
.     def __repr__(self): return 'C!'
. ffi.callback('int(int)', C())(3)
class C:
.     def __call__(self, x): return 1
.     def __repr__(self): return 1 / 0
. ffi.callback('int(int)', C())
f = ffi.callback('int(int)', abs); w = weakref.ref(f); del f; gc.collect(); w()
f = ffi.callback('int(int)', abs); f == f, f == ffi.cast('void *', f), bool(f)
f = ffi.callback('int(int)', abs); ffi.cast('int(*)(int)', f)(-4)
f = ffi.callback('int(int)', abs); ffi.release(f)
f = ffi.callback('int(int)', abs); f[0]
f = ffi.callback('int(int)', abs); f.x
f = ffi.callback('int(int)', abs); f + 1
f = ffi.callback('int(int)', abs); ffi.gc(f, lambda x: None)(-3)
f = ffi.callback('int(int)', abs); ffi.addressof(f)
f = ffi.callback(ffi.typeof('int(*)(int)'), abs); f(-5)
f = ffi.callback(ffi.typeof('int *'), abs)
f = ffi.callback('int(int)', python_callable=abs, error=3, onerror=None); f(-5)
f = ffi.callback(cdecl='int(int)', python_callable=abs); f(-5)
f = ffi.callback('int(int)', abs, 1, None, 5)
f = ffi.callback('int(*)(int)', abs); g = ffi.callback('int(int(*)(int))', lambda h: h(-9)); g(f)
g = ffi.callback('int(int(int))', lambda h: h(-9)); g(lib.abs)
g = ffi.callback('void(char **)', lambda h: print(ffi.string(h[0]), file=sys.stderr)); g([ffi.new('char[]', b'abc')])
g = ffi.callback('void(pt *, int)', lambda p, n: p.__setattr__('x', n)); p = ffi.new('pt *'); g(p, 7); p.x
g = ffi.callback('void(int[3])', lambda p: print(p, file=sys.stderr)); g([1, 2, 3])
lib.apply(ffi.callback('int(int)', lambda x: x + 1), 5)
lib.apply(ffi.callback('int(*)(int)', lambda x: x + 1), 5)
lib.apply(ffi.callback('int(long)', abs), 5)
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
"""
