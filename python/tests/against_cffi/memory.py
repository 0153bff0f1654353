"""string, unpack, buffers, handles, gc, allocators."""

from .new import DECLARATIONS

CASES = r"""
ffi.string(ffi.new('char[5]', b'ab'), 5), ffi.string(ffi.new('char[5]', b'ab'), 0), ffi.string(ffi.new('char[5]', b'ab'), maxlen=100)
ffi.string(ffi.new('char *', b'\0')), ffi.string(ffi.new('char[0]'))
ffi.string(ffi.new('wchar_t *', '\0')), ffi.string(ffi.new('wchar_t[3]', 'abc'))
ffi.string(ffi.new('char32_t[]', 'a\U00012345')), ffi.string(ffi.new('char16_t[2]', 'ab'))
ffi.string(ffi.new('uint8_t[]', [65, 66])), ffi.string(ffi.new('int8_t *', 0))
ffi.string(ffi.new('short[2]'))
ffi.string(ffi.new('char[2][2]'))
ffi.string(ffi.new('char **'))
ffi.string(ffi.new('enum color *', 5))
ffi.string(ffi.new('char[]', b'abc'), None)
ffi.string(ffi.new('char[]', b'abc'), 1.5)
ffi.string(ffi.new('char[]', b'abc'), 2**70)
ffi.string(ffi.new_handle(5))
ffi.string(ffi.from_buffer(b'ab\0c')), ffi.string(ffi.from_buffer(b'abc'))
ffi.unpack(ffi.new('char16_t[]', 'ab\U00012345'), 4), ffi.unpack(ffi.new('char32_t[]', 'ab'), 3)
ffi.unpack(ffi.new('unsigned char[]', b'ab'), 2), ffi.unpack(ffi.new('signed char[]', b'\xff'), 1)
ffi.unpack(ffi.new('float[]', [1.5]), 1), ffi.unpack(ffi.new('long long[]', [-1]), 1), ffi.unpack(ffi.new('short[]', [-1]), 1), ffi.unpack(ffi.new('uint64_t[]', [2**64 - 1]), 1)
ffi.unpack(ffi.new('double _Complex[]', [1j]), 1)
ffi.unpack(ffi.new('int[2][2]'), 2)
ffi.unpack(ffi.new('int(*[2])(int)'), 2)
ffi.unpack(ffi.new('union u[1]'), 1)
ffi.unpack(ffi.new('char[]', b'abc'), 1.5)
ffi.unpack(ffi.new('char[]', b'abc'), None)
ffi.unpack(ffi.new('char[]', b'abc'))
ffi.buffer(ffi.new('pt *'), 2**70)
ffi.buffer(ffi.new('pt *'), ffi.cast('int', 5))
len(ffi.buffer(ffi.new('pt *'), 0)), len(ffi.buffer(ffi.new('pt[2]'))), len(ffi.buffer(ffi.new('char[0]')))
len(ffi.buffer(ffi.new('struct flex *', [1, b'abcd']))), len(ffi.buffer(ffi.from_buffer(b'abc')))
len(ffi.buffer(ffi.new('struct flex *', [1, b'abcd'])[0:1]))
ffi.buffer(ffi.new('struct flex *', [1, b'abcd'])[0])
ffi.buffer(ffi.new_handle(5))
ffi.buffer(ffi.new('int *'), True)[:]
ffi.buffer(ffi.new('int[3]', [1, 2, 3]))[4:8]
ffi.buffer(ffi.new('int[3]', [1, 2, 3]))[-4:]
b = ffi.buffer(ffi.new('int[3]')); b[:] = b'x' * 12; b[3:5]
b = ffi.buffer(ffi.new('int[3]')); b[:] = bytearray(12)
b = ffi.buffer(ffi.new('int[3]')); b[:] = memoryview(b'x' * 12); b[11]
b = ffi.buffer(ffi.new('int[3]')); b[:] = 5
b = ffi.buffer(ffi.new('int[3]')); b[:] = [1, 2]
b = ffi.buffer(ffi.new('int[3]')); b[True]
b = ffi.buffer(ffi.new('int[3]')); b[None]
b = ffi.buffer(ffi.new('int[3]')); b['a':'b']
b = ffi.buffer(ffi.new('int[3]')); b[0] = None
b = ffi.buffer(ffi.new('int[3]')); b[0] = bytearray(b'x')
b = ffi.buffer(ffi.new('int[3]')); b[0] = ffi.cast('char', b'x')
b = ffi.buffer(ffi.new('int[3]')); b.x = 1
b = ffi.buffer(ffi.new('int[3]')); b()
b = ffi.buffer(ffi.new('int[3]')); memoryview(b).readonly, memoryview(b).format, memoryview(b).nbytes, memoryview(b).itemsize
b = ffi.buffer(ffi.new('int[3]')); memoryview(b)[0] == 0 and memoryview(b).tobytes()
b = ffi.buffer(ffi.new('int[3]')); bytearray(b)
b = ffi.buffer(ffi.new('int[3]')); b == ffi.buffer(ffi.new('int[3]')), b == bytearray(12), b != b'', b == None
b = ffi.buffer(ffi.new('int[3]')); b == ffi.new('int[3]')
b = ffi.buffer(ffi.new('char[]', b'ab')); b > memoryview(b'aa'), b >= b, b < b
b = ffi.buffer(ffi.new('char[]', b'ab')); str(b, 'ascii')
b = ffi.buffer(ffi.new('char[]', b'ab')); b.__class__.__name__, isinstance(b, ffi.buffer)
ffi.from_buffer('char[]', memoryview(b'abc'))
ffi.from_buffer('char[2]', b'abc')
ffi.from_buffer('char[4]', b'abc')
ffi.from_buffer('short[]', b'abc')
ffi.from_buffer('int[0]', b'')
ffi.from_buffer('int[][0]', b'')
ffi.from_buffer('pt[2]', bytearray(10))
ffi.from_buffer('union u *', bytearray(10)).i
ffi.from_buffer('pt *', bytearray(40)).x
ffi.from_buffer('int(*)(int)', bytearray(40))
ffi.from_buffer('enum color[]', bytearray(8))[1]
ffi.from_buffer(b'')
ffi.from_buffer(ffi.typeof('int[]'), bytearray(8))
ffi.from_buffer(None)
ffi.from_buffer(bytearray(b'abc'), None)
ffi.from_buffer(b'abc', python_buffer=None)
ffi.from_buffer('int[]', None)
ffi.from_buffer('int', None)
ffi.from_buffer([1])
ffi.from_buffer()
ffi.from_buffer('char[]', python_buffer=b'abc')
ffi.from_buffer('char[]', b'abc', require_writable=0)
ffi.from_buffer(5, b'abc')
x = ffi.from_buffer(bytearray(b'ab')); x[2]
x = ffi.from_buffer(bytearray(b'ab')); x[1], list(x), ffi.sizeof(x), ffi.typeof(x)
x = ffi.from_buffer(b'ab'); x[0] = b'x'; x[0]
x = ffi.from_buffer('int[2]', bytearray(8)); x[1] = 5; ffi.sizeof(x), list(x)
x = ffi.from_buffer('int *', bytearray(8)); x[1] = 5; x[1]
import array; ffi.from_buffer('int[]', array.array('i', [1, 2, 3]))[2]
import array; len(ffi.from_buffer(array.array('i', [1, 2, 3])))
import mmap; m = mmap.mmap(-1, 100); x = ffi.from_buffer(m); len(x)
a = bytearray(b'ab'); w = weakref.ref(ffi.from_buffer(a)); w()
p = bytearray(4); ffi.memmove(p, ffi.new('int *', 5), 4); p
p = bytearray(4); ffi.memmove(memoryview(p), b'abcd', 4); p
p = bytearray(4); ffi.memmove(ffi.from_buffer(p), ffi.buffer(ffi.new('int *', 5)), 4); p
ffi.memmove(memoryview(b'abcd'), b'abcd', 4)
ffi.memmove(ffi.new('int *'), ffi.NULL, 0)
ffi.memmove(ffi.new('int *'), None, 0)
ffi.memmove(None, b'', 0)
ffi.memmove(ffi.new('int *'), b'', 2**70)
ffi.memmove(ffi.new('int *'), b'')
h = ffi.new_handle(None); ffi.from_handle(h) is None
h = ffi.new_handle(ffi); ffi.from_handle(ffi.cast('void *', ffi.cast('intptr_t', h))) is ffi
h = ffi.new_handle(h2 := ffi.new_handle(1)); ffi.from_handle(h)
h = ffi.new_handle(5); h == ffi.new_handle(5), h == ffi.cast('void *', h)
h = ffi.new_handle(5); bool(h), hash(h) == hash(ffi.cast('void *', h))
h = ffi.new_handle(5); p = ffi.new('void **', h); ffi.from_handle(p[0])
h = ffi.new_handle(5); h.x
h = ffi.new_handle(5); ffi.gc(h, None)
h = ffi.new_handle(5); l = []; g = ffi.gc(h, l.append); ffi.from_handle(g)
p = ffi.gc(ffi.new('int *', 3), lambda x: None); p[0], p
p = ffi.gc(ffi.new('int[3]'), lambda x: None); len(p), p[1], ffi.sizeof(p)
p = ffi.gc(ffi.new('pt *', [1, 2]), lambda x: None); p.x, p[0]
p = ffi.gc(ffi.new('struct flex *', [1, b'abc']), lambda x: None); p, ffi.sizeof(p[0])
p = ffi.gc(ffi.cast('enum color', 5), lambda x: None); int(p), p
p = ffi.gc(ffi.cast('char', b'a'), lambda x: None); p
p = ffi.gc(ffi.cast('long double', 2), lambda x: None); float(p)
p = ffi.gc(ffi.cast('int', 3), lambda x: None); ffi.release(p)
l = []; p = ffi.gc(ffi.gc(ffi.new('int *'), lambda x: l.append(1)), lambda x: l.append(2)); del p; gc.collect(); l
l = []; p = ffi.gc(ffi.new('int *'), lambda x: l.append(1)); q = ffi.gc(p, None); q, l
l = []; p = ffi.gc(ffi.new('int *'), lambda x: l.append(1)); ffi.gc(p, None); ffi.gc(p, None)
l = []; p = ffi.gc(ffi.new('int *'), lambda x: l.append(1)); ffi.release(p); ffi.gc(p, None)
l = []; p = ffi.gc(ffi.new('int *'), lambda x: l.append(1)); ffi.gc(p, None); ffi.release(p); l
l = []
. with ffi.gc(ffi.new('int *', 7), lambda x: l.append(x[0])) as p: l.append(p[0])
. l
with ffi.new('pt *', [1, 2])[0] as p: pass
with ffi.new_handle(5) as p: pass
with ffi.from_buffer(bytearray(2)) as p: p[0] = b'x'
. p
with lib.add as f: pass
with ffi.callback('int(int)', abs) as f: pass
with ffi.new_allocator(lambda n: ffi.new('char[]', n), lambda p: None)('int *') as p: p[0] = 5
. p
a = ffi.new_allocator(lambda n: ffi.new('char[]', n)); a('pt *', [1, 2]).y
a = ffi.new_allocator(lambda n: ffi.new('char[]', n)); a(ffi.typeof('int *'), 5)[0]
a = ffi.new_allocator(lambda n: ffi.new('char[]', n)); a('int *', init=5)[0]
a = ffi.new_allocator(lambda n: ffi.new('char[]', n)); a(cdecl='int *', init=5)[0]
a = ffi.new_allocator(lambda n: ffi.new('char[]', n)); a()
a = ffi.new_allocator(lambda n: ffi.new('char[]', n)); a('struct undefined *')
a = ffi.new_allocator(lambda n: ffi.new('char[]', n)); a('char[]', b'abc'), ffi.string(a('char[]', b'abc'))
a = ffi.new_allocator(lambda n: ffi.cast('char *', ffi.new('char[]', n))); a('int[]', 0)
l = []; a = ffi.new_allocator(lambda n: l.append(n) or ffi.new('char[]', n)); a('int[]', 3), a('pt *'), a('struct flex *', [1, b'abcd']), l
l = []; a = ffi.new_allocator(lambda n: ffi.new('char[]', n), lambda p: l.append(ffi.typeof(p))); a('int[]', 3); gc.collect(); l
ffi.string(ffi.new('char[]', b'abc'))
ffi.string(ffi.new('char[]', b'a\x00c'))
ffi.string(ffi.new('char[3]', b'abc'))
ffi.string(ffi.new('char[]', b'abcdef'), 2)
ffi.string(ffi.new('char[]', b'abcdef'), maxlen=2)
ffi.string(ffi.new('char[]', b'abcdef'), -5)
ffi.string(ffi.NULL)
ffi.string(ffi.new('int[3]'))
ffi.string(ffi.new('int *'))
ffi.string(ffi.new('unsigned char[]', b'abc'))
ffi.string(ffi.new('signed char[]', [65, 66, 0]))
ffi.string(ffi.new('wchar_t[]', 'abc'))
ffi.string(ffi.new('wchar_t[]', 'abc'), 2)
ffi.string(ffi.new('char16_t[]', 'a\U00012345'))
ffi.string(ffi.new('char16_t[]', 'a\U00012345'), 2)
ffi.string(ffi.new('_Bool[2]'))
ffi.string(ffi.new('pt *'))
ffi.string(ffi.new('pt *')[0])
ffi.string(b'abc')
ffi.string('abc')
ffi.string()
ffi.string(ffi.new('char *'), 'x')
ffi.unpack(ffi.new('char[]', b'a\x00c'), 3)
ffi.unpack(ffi.new('int[]', [1, 2, 3]), 2)
ffi.unpack(ffi.new('int[]', [1, 2, 3]), 0)
ffi.unpack(ffi.new('int[]', [1, 2, 3]), -1)
ffi.unpack(ffi.new('double[]', [1, 2]), 2)
ffi.unpack(ffi.new('wchar_t[]', 'abc'), 2)
ffi.unpack(ffi.new('_Bool[]', [1, 0]), 2)
ffi.unpack(ffi.new('pt[2]'), 2)
ffi.unpack(ffi.new('int *[2]'), 2)
ffi.unpack(ffi.new('enum color[2]', [5, 0]), 2)
ffi.unpack(ffi.new('int *', 7), 1)
ffi.unpack(ffi.NULL, 1)
ffi.unpack(ffi.new('pt *')[0], 1)
ffi.unpack(ffi.new('char[4]'), 2**62)
ffi.unpack(ffi.new('wchar_t[4]'), 2**62)
ffi.unpack(ffi.new('int[4]'), 2**62)
ffi.unpack(ffi.new('int[4]'), 'x')
ffi.unpack(b'abc', 1)
ffi.unpack(ffi.new('long double[2]', [1, 2]), 2)
ffi.unpack(cdata=ffi.new('int[2]'), length=1)
ffi.buffer(ffi.new('int *', 1))[:]
ffi.buffer(ffi.new('int *', 1))
len(ffi.buffer(ffi.new('int[3]')))
len(ffi.buffer(ffi.new('int[3]'), 5))
ffi.buffer(ffi.new('int[3]'), -1)[:]
ffi.buffer(ffi.new('int[3]'), -5)[:]
ffi.buffer(ffi.new('int[3]'), None)
ffi.buffer(ffi.new('int[3]'), 'a')
ffi.buffer(ffi.new('int[3]'), size=4)[:]
ffi.buffer(cdata=ffi.new('int[3]'), size=4)[:]
ffi.buffer(ffi.new('pt *')[0])
len(ffi.buffer(ffi.cast('void *', 16), 4))
ffi.buffer(b'abc')
len(ffi.buffer(ffi.new('int[3]'), 100))
len(ffi.buffer(ffi.new('int *'), 5))
ffi.buffer()
b = ffi.buffer(ffi.new('char[]', b'abc')); b[0]
b = ffi.buffer(ffi.new('char[]', b'abc')); b[-1]
b = ffi.buffer(ffi.new('char[]', b'abc')); b[4]
b = ffi.buffer(ffi.new('char[]', b'abc')); b[-5]
b = ffi.buffer(ffi.new('char[]', b'abc')); b[10**30]
b = ffi.buffer(ffi.new('char[]', b'abc')); b['a']
b = ffi.buffer(ffi.new('char[]', b'abc')); b[1.5]
b = ffi.buffer(ffi.new('char[]', b'abc')); b[1:3]
b = ffi.buffer(ffi.new('char[]', b'abc')); b[3:1]
b = ffi.buffer(ffi.new('char[]', b'abc')); b[::2]
b = ffi.buffer(ffi.new('char[]', b'abc')); b[::-1]
b = ffi.buffer(ffi.new('char[]', b'abc')); b[::2] = b'ab'
b = ffi.buffer(ffi.new('char[]', b'abc')); b[0] = b'x'; b[:]
b = ffi.buffer(ffi.new('char[]', b'abc')); b[0] = 5
b = ffi.buffer(ffi.new('char[]', b'abc')); b[0] = b'xy'
b = ffi.buffer(ffi.new('char[]', b'abc')); b[0] = 'x'
b = ffi.buffer(ffi.new('char[]', b'abc')); b[9] = b'x'
b = ffi.buffer(ffi.new('char[]', b'abc')); b[1:3] = b'xy'; b[:]
b = ffi.buffer(ffi.new('char[]', b'abc')); b[1:3] = b'xyz'
b = ffi.buffer(ffi.new('char[]', b'abc')); b[1:3] = 'xy'
b = ffi.buffer(ffi.new('char[]', b'abc')); b[0:4] = ffi.new('char[4]')
b = ffi.buffer(ffi.new('char[]', b'abc')); b[0:4] = ffi.buffer(ffi.new('char[4]')); b[:]
b = ffi.buffer(ffi.new('char[]', b'abc')); del b[0]
b = ffi.buffer(ffi.new('char[]', b'abc')); del b[0:1]
b = ffi.buffer(ffi.new('char[]', b'abc')); b.foo
b = ffi.buffer(ffi.new('char[]', b'abc')); b == b'abc\x00'
b = ffi.buffer(ffi.new('char[]', b'abc')); b != b'abc\x00'
b = ffi.buffer(ffi.new('char[]', b'abc')); b < b'b', b > b'b', b <= b'abc', b >= b'abc'
b = ffi.buffer(ffi.new('char[]', b'abc')); b == 'abc'
b = ffi.buffer(ffi.new('char[]', b'abc')); b < 5
b = ffi.buffer(ffi.new('char[]', b'abc')); hash(b)
b = ffi.buffer(ffi.new('char[]', b'abc')); bytes(b)
b = ffi.buffer(ffi.new('char[]', b'abc')); list(b)
b = ffi.buffer(ffi.new('char[]', b'abc')); b'b' in b
b = ffi.buffer(ffi.new('char[]', b'abc')); b'bc' in b
b = ffi.buffer(ffi.new('char[]', b'abc')); memoryview(b).tolist()
b = ffi.buffer(ffi.new('char[]', b'abc')); b + b'x'
b = ffi.buffer(ffi.new('char[]', b'abc')); b * 2
b = ffi.buffer(ffi.new('char[]', b'abc')); bool(b)
b = ffi.buffer(ffi.new('char[]', b'abc')); weakref.ref(b)() is b
b = ffi.buffer(ffi.new('char[]', b'abc')); io.BytesIO(b'xyzw').readinto(b), b[:]
isinstance(ffi.buffer(ffi.new('int *')), ffi.buffer)
type(ffi.buffer(ffi.new('int *'))) is ffi.buffer
ffi.buffer.__name__
ffi.from_buffer(b'abcd')
ffi.from_buffer(bytearray(b'abcd'))
ffi.from_buffer('int[]', bytearray(9))
ffi.from_buffer('int[2]', bytearray(9))
ffi.from_buffer('int[3]', bytearray(9))
ffi.from_buffer('int *', bytearray(9))
ffi.from_buffer('int *', bytearray(2))
ffi.from_buffer('pt *', bytearray(2))
ffi.from_buffer('pt[]', bytearray(40))
ffi.from_buffer('pt', bytearray(40))
ffi.from_buffer('int', bytearray(40))
ffi.from_buffer('struct opaque[]', bytearray(40))
ffi.from_buffer('struct flex *', bytearray(40))
ffi.from_buffer('int[][2]', bytearray(40))
ffi.from_buffer('void *', bytearray(2))
ffi.from_buffer('char[]', 'abc')
ffi.from_buffer('abc')
ffi.from_buffer(5)
ffi.from_buffer('char[]', 5)
ffi.from_buffer('int[]', bytearray(b''))
ffi.from_buffer(b'abc', require_writable=True)
ffi.from_buffer('char[]', b'abc', require_writable=True)
ffi.from_buffer('char[]', b'abc', True)
ffi.from_buffer('char[]', bytearray(b'abc'), require_writable=True)
ffi.from_buffer('int[]', memoryview(bytearray(8)))
ffi.from_buffer('char[]', memoryview(bytearray(8))[::2])
ffi.from_buffer(ffi.buffer(ffi.new('int[2]')))
ffi.from_buffer(ffi.new('int[2]'))
len(ffi.from_buffer('int[]', bytearray(12)))
a = bytearray(b'abcd'); c = ffi.from_buffer(a); c[0] = b'x'; a
a = bytearray(b'abcd'); c = ffi.from_buffer(a); a.extend(b'x')
a = bytearray(b'abcd'); c = ffi.from_buffer(a); ffi.release(c); a.extend(b'x'); a
a = bytearray(b'abcd'); c = ffi.from_buffer(a); ffi.release(c); c
a = bytearray(b'abcd'); c = ffi.from_buffer(a); ffi.release(c); ffi.release(c); len(c)
with ffi.from_buffer(bytearray(b'abcd')) as c: d = c[0]
. d
ffi.memmove(ffi.new('char[4]'), b'abcd', 4)
d = ffi.new('char[4]'); ffi.memmove(d, b'abcd', 3); d[2]
ffi.memmove(ffi.new('char[4]'), b'abcd', 5)
ffi.memmove(ffi.new('char[4]'), b'abcd', -1)
ffi.memmove(b'abcd', ffi.new('char[4]'), 4)
ffi.memmove(bytearray(4), ffi.new('char[4]', b'abcd'), 4)
ffi.memmove(bytearray(2), b'abcd', 4)
ffi.memmove('abcd', b'abcd', 4)
ffi.memmove(ffi.new('char[4]'), 'abcd', 4)
ffi.memmove(ffi.new('char[4]'), 5, 4)
ffi.memmove(ffi.new('char[4]'), b'abcd', 'x')
ffi.memmove(ffi.new('char[4]'), b'abcd', 1.5)
ffi.memmove(ffi.new('pt *')[0], b'abcd', 1)
ffi.memmove(dest=ffi.new('char[4]'), src=b'abcd', n=4)
h = ffi.new_handle(5); ffi.from_handle(h)
h = ffi.new_handle([1]); h
h = ffi.new_handle([1]); ffi.from_handle(ffi.cast('void *', h))
h = ffi.new_handle([1]); ffi.from_handle(ffi.cast('char *', h))
h = ffi.new_handle([1]); ffi.from_handle(ffi.cast('int *', h))
ffi.from_handle(ffi.NULL)
ffi.from_handle(5)
ffi.from_handle(ffi.new('int[3]'))
ffi.new_handle()
h = ffi.new_handle(5); ffi.release(h)
h = ffi.new_handle(5); h[0]
h = ffi.new_handle(5); ffi.typeof(h)
h = ffi.new_handle(5); len(h)
l = []; p = ffi.gc(ffi.new('int *', 3), lambda x: l.append(x[0])); del p; gc.collect(); l
ffi.gc(ffi.new('int *', 3), lambda x: None)
ffi.gc(ffi.new('int[3]'), lambda x: None)
ffi.gc(ffi.new('pt *'), lambda x: None)[0]
ffi.gc(ffi.new('pt *')[0], lambda x: None)
l = []; p = ffi.gc(ffi.cast('int', 42), lambda x: l.append(x)); del p; gc.collect(); l
ffi.gc(ffi.new('int *'), 5)
ffi.gc(ffi.new('int *'))
ffi.gc(5, lambda x: None)
ffi.gc(ffi.new('int *'), None)
l = []; p = ffi.gc(ffi.new('int *'), l.append); ffi.gc(p, None); del p; l
l = []; p = ffi.gc(ffi.new('int *'), l.append, 100); ffi.release(p); ffi.release(p); l
l = []; p = ffi.gc(ffi.new('int *'), destructor=l.append, size=100); len(l)
p = ffi.gc(ffi.new('int *'), lambda x: 1 / 0); del p
p = ffi.gc(ffi.new('int *'), lambda: 1); del p
p = ffi.gc(ffi.cast('int *', 16), lambda x: 1 / 0); ffi.release(p)
ffi.gc(ffi.new('int *'), lambda x: None, 'x')
ffi.release(ffi.new('int *'))
ffi.release(ffi.new('int[3]'))
ffi.release(5)
ffi.release()
with ffi.new('int *', 5) as p: q = p[0]
. q
with ffi.cast('int *', 5) as p: pass
ffi.new_allocator()('int *', 5)[0]
ffi.new_allocator()('int *', 5)
ffi.new_allocator()
ffi.new_allocator(5)
ffi.new_allocator(alloc=5)('int *')
ffi.new_allocator(free=5)
ffi.new_allocator(lambda n: ffi.new('char[]', n))('int *', 5)
ffi.new_allocator(lambda n: ffi.new('char[]', n))('int *', 5)[0]
ffi.new_allocator(lambda n: ffi.new('char[]', n))('int[]', 2)
ffi.new_allocator(lambda n: ffi.new('char[]', n))('int[2]')
ffi.new_allocator(lambda n: ffi.new('char[]', n))('pt *')
ffi.new_allocator(lambda n: ffi.new('char[]', n))('pt *')[0]
ffi.new_allocator(lambda n: ffi.new('char[]', n))('struct flex *', [1, b'abc'])
ffi.sizeof(ffi.new_allocator(lambda n: ffi.new('char[]', n))('struct flex *', [1, b'abc'])[0])
ffi.new_allocator(lambda n: ffi.new('char[]', n), lambda p: None)('int *', 5)
ffi.new_allocator(lambda n: ffi.new('char[]', n), lambda p: None)('int[]', 5)
ffi.new_allocator(lambda n: ffi.new('char[]', n), lambda p: None)('int[5]')
ffi.new_allocator(lambda n: ffi.new('char[]', n), lambda p: None)('pt *')
ffi.new_allocator(lambda n: ffi.new('char[]', n), lambda p: None)('pt *')[0]
ffi.buffer(ffi.new_allocator(lambda n: ffi.new('char[]', n))('int *'))[:]
ffi.new_allocator(lambda n: None)('int *')
ffi.new_allocator(lambda n: 5)('int *')
ffi.new_allocator(lambda n: ffi.NULL)('int *')
ffi.new_allocator(lambda n: ffi.cast('int', 5))('int *')
ffi.new_allocator(lambda n: ffi.new('pt *')[0])('int *')
ffi.new_allocator(lambda n: 1 / 0)('int *')
ffi.new_allocator(lambda n: ffi.new('char[]', n))('int')
ffi.new_allocator(lambda n: ffi.new('char[]', n))('int *', 'x')
ffi.new_allocator(lambda n: ffi.new('char[]', b'x' * n), should_clear_after_alloc=False)('char[]', 3)[1]
ffi.new_allocator(lambda n: ffi.new('char[]', b'x' * n), should_clear_after_alloc=True)('char[]', 3)[1]
l = []; a = ffi.new_allocator(lambda n: ffi.new('char[]', n), l.append); p = a('int *'); del p; l
l = []; a = ffi.new_allocator(lambda n: ffi.new('char[]', n), l.append); p = a('int *'); ffi.release(p); l
a = ffi.new_allocator(lambda n: ffi.new('char[]', n), lambda p: 1 / 0); p = a('int *'); del p
ffi.init_once(lambda: 5, 'tag')
n = []; ffi.init_once(lambda: n.append(1), 't'); ffi.init_once(lambda: n.append(1), 't'); n
ffi.init_once(lambda: 1 / 0, 'tag')
ffi.init_once(lambda: 5, [])
ffi.init_once(5, 'tag')
"""
