"""What cdata does: items, slices, members, arithmetic, comparisons, numbers, texts, attributes."""

DECLARATIONS = r"""
typedef struct { int x; double y; } pt;
struct opaque;
struct nest { pt p; int a[3]; pt *q; };
struct bitf { unsigned a : 3, b : 7; int c : 22; };
struct anon { int a; union { int u; float f; }; };
struct flex { int n; short data[]; };
union u { int i; double d; };
"""

KINDS = [
    "ffi.cast('int', 7)",
    "ffi.cast('unsigned char', 7)",
    "ffi.cast('long long', -7)",
    "ffi.cast('_Bool', 1)",
    "ffi.cast('char', b'a')",
    "ffi.cast('wchar_t', 'a')",
    "ffi.cast('float', 1.5)",
    "ffi.cast('double', 1.5)",
    "ffi.cast('long double', 1.5)",
    "ffi.cast('double _Complex', 1.5j)",
    "ffi.cast('enum color', 5)",
    "ffi.cast('void *', 64)",
    "ffi.cast('int *', 64)",
    "ffi.cast('struct opaque *', 64)",
    "ffi.cast('int(*)(int)', 64)",
    "ffi.NULL",
    "ffi.cast('int *', 0)",
    "ffi.new('int *', 3)",
    "ffi.new('int[3]', [1, 2, 3])",
    "ffi.new('int[]', [1, 2, 3])",
    "ffi.new('char[]', b'ab')",
    "ffi.new('pt *', [1, 2])",
    "ffi.new('pt *', [1, 2])[0]",
    "ffi.new('union u *', [1])[0]",
    "ffi.new('struct flex *', [1, [2, 3]])[0]",
    "ffi.new_handle(5)",
    "ffi.from_buffer(b'ab')",
    "ffi.callback('int(int)', abs)",
    "lib.add",
]

PROTOCOLS = [
    "ffi.typeof({})",
    "int({})",
    "float({})",
    "complex({})",
    "bool({})",
    "len({})",
    "list({})",
    "iter({}) is not None",
    "{}[1.5]",
    "{}['a']",
    "{}[None]",
    "{}[-1]",
    "{}[3]",
    "{}[0:1:2]",
    "{}[:1]",
    "{}[1:0]",
    "x = {}; del x[0]",
    "x = {}; x['a'] = 1",
    "{}.foo",
    "{}.x",
    "x = {}; x.foo = 1",
    "x = {}; x.x = 'a'",
    "x = {}; del x.x",
    "{} + 'a'",
    "{} + 1.5",
    "'a' + {}",
    "{} - 'a'",
    "5 - {}",
    "{} * 2",
    "{} / 2",
    "-{}",
    "~{}",
    "{} << 1",
    "round({})",
    "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9][{}]",
    "{} == 5",
    "{} == None",
    "{} != 'a'",
    "{} < 5",
    "{} < None",
    "{} < ffi.NULL",
    "x = {}; x == x, x != x, x <= x, x < x",
    "hash({}) is None",
    "{}(a=1)",
    "{}('a', 'b', 'c', 'd')",
    "dir({})",
    "ffi.sizeof({})",
    "ffi.alignof({})",
    "ffi.getctype({})",
    "ffi.addressof({})",
    "ffi.addressof({}, 'x')",
    "ffi.addressof({}, 0)",
    "ffi.addressof({}, None)",
    "ffi.offsetof({}, 'x')",
    "memoryview({})",
    "bytes({})",
    "isinstance({}, ffi.CData)",
    "with {} as x: pass",
    "weakref.ref({}) is not None",
    "5 in {}",
    "'%d' % {}",
    "'%s' % {}",
    "ffi.string({}, 1)",
    "ffi.unpack({}, 0)",
    "len(ffi.buffer({}, 1))",
    "ffi.from_handle({})",
    "ffi.from_buffer({})",
    "ffi.release({})",
    "ffi.cast('int', {}) is not None",
    "ffi.cast('double', {})",
    "ffi.cast('double _Complex', {}) is not None",
    "ffi.cast('_Bool', {}) is not None",
    "ffi.cast('pt', {})",
    "ffi.cast('int[1]', {})",
    "ffi.new('int *', {})[0]",
    "ffi.new('double *', {})[0]",
    "ffi.new('char *', {})[0]",
    "ffi.new('wchar_t *', {})[0]",
    "ffi.new('_Bool *', {})[0]",
    "ffi.new('enum color *', {})[0]",
    "ffi.new('long double *', {})[0]",
    "ffi.new('double _Complex *', {})[0]",
    "ffi.new('void **', {}) is not None",
    "ffi.new('int **', {}) is not None",
    "ffi.new('char **', {}) is not None",
    "ffi.new('pt **', {}) is not None",
    "ffi.new('pt *', {}) is not None",
    "ffi.new('int[3]', {}) is not None",
    "ffi.new('char[3]', {}) is not None",
    "ffi.new('int[]', {}) is not None",
    "ffi.new('union u *', {}) is not None",
    "ffi.new('int(**)(int)', {}) is not None",
    "lib.add({}, 1)",
    "lib.byte({})",
    "lib.negated({})",
    "lib.upper({})",
    "lib.next_wide({})",
    "lib.halve({})",
    "lib.third({})",
    "lib.turned({})",
    "lib.sum_of({}, 0)",
    "lib.fill({}, 0, b'a')",
    "lib.swapped({})",
    "lib.keep({}); lib.keep(ffi.NULL)",
    "lib.total(0, {})",
]

CASES = r"""
p = ffi.new('int[3]', [1, 2, 3]); p[True]
p = ffi.new('int[3]', [1, 2, 3]); p[3]
p = ffi.new('int[3]', [1, 2, 3]); p[-1]
p = ffi.new('int[3]', [1, 2, 3]); p[2**62]
p = ffi.new('int[3]', [1, 2, 3]); p[2**70]
p = ffi.new('int[3]', [1, 2, 3]); p[0] = 2**40
p = ffi.new('int[3]', [1, 2, 3]); p[0] = 'a'
p = ffi.new('int[3]', [1, 2, 3]); p[5] = 1
p = ffi.new('int[3]', [1, 2, 3]); p[ffi.cast('int', 1)]
p = ffi.new('int *', 3); p[1]
p = ffi.new('int *', 3); p[-1]
p = ffi.new('pt *', [1, 2]); p[1]
p = ffi.cast('int *', 0); p[0]
p = ffi.cast('int *', 0); p[0] = 1
p = ffi.cast('pt *', 0); p[0]
p = ffi.cast('void *', 16); p[0]
p = ffi.cast('void *', 16); p[1]
p = ffi.cast('void *', 16); p[0] = 1
ffi.new_handle(5)[1]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); list(p[1:3])
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:1]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[3:1]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[:3]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[:]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[0:6]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[-1:2]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[0:2:1]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p['a':2]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1.5:2]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[0:2**70]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = [7, 8]; list(p)
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = [7]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = [7, 8, 9]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = iter([7, 8]); list(p)
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = 5
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = b'ab'
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = 'ab'
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = p[3:5]; list(p)
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = p[2:5]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = ffi.new('short[2]', [7, 8]); list(p)
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = ['a', 'b']
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = [2**40, 1]
p = ffi.new('int[5]', [1, 2, 3, 4, 5]); p[1:3] = {1: 2, 3: 4}
p = ffi.new('char[5]', b'abcd'); p[1:3] = b'xy'; p[0:5][2]
p = ffi.new('char[5]', b'abcd'); p[1:3] = b'xyz'
p = ffi.new('char[5]', b'abcd'); p[1:3] = b'x'
p = ffi.new('char[5]', b'abcd'); p[1:3] = bytearray(b'xy'); ffi.string(p)
p = ffi.new('char[5]', b'abcd'); p[1:3] = 'xy'
p = ffi.new('char[5]', b'abcd'); p[1:3] = [b'x', b'y']; ffi.string(p)
p = ffi.new('wchar_t[5]', 'abcd'); p[1:3] = 'xy'; ffi.string(p)
p = ffi.new('wchar_t[5]', 'abcd'); p[1:3] = 'xyz'
p = ffi.new('wchar_t[5]', 'abcd'); p[1:3] = b'xy'
p = ffi.new('unsigned char[5]', b'abcd'); p[1:3] = b'xy'; list(p)
p = ffi.new('int *', 1); p[0:1]
p = ffi.new('int *', 1); p[0:5]
p = ffi.new('int *', 1); p[0:]
p = ffi.new('int *', 1); p[:1]
p = ffi.cast('int *', 0); p[0:2]
p = ffi.cast('void *', 16); p[0:2]
p = ffi.cast('struct opaque *', 16); p[0:2]
p = ffi.cast('struct opaque *', 16); p[1]
p = ffi.cast('struct opaque *', 16); p[0]
p = ffi.cast('struct opaque *', 16); p[0].x
p = ffi.cast('struct opaque *', 16); p[0].x = 1
p = ffi.cast('struct opaque *', 16); p[0] = 1
p = ffi.cast('struct opaque *', 16); ffi.addressof(p[0])
p = ffi.cast('struct opaque *', 16); dir(p[0])
p = ffi.cast('struct opaque *', 0); p[0]
p = ffi.cast('struct opaque *', 16); p - p
p = ffi.new('int[2][3]'); p[0]
p = ffi.new('int[2][3]'); p[0][2]
p = ffi.new('int[2][3]'); p[0] = [1, 2, 3]; list(p[0])
p = ffi.new('int[2][3]'); p[0] = [1, 2, 3, 4]
p = ffi.new('int[2][3]'); p[0] = 5
p = ffi.new('int[2][3]'); list(p)
p = ffi.new('int *[3]'); p[0]
p = ffi.new('pt[3]'); p[1]
p = ffi.new('pt[3]'); p[1] = {'x': 3}; p[1].x
p = ffi.new('pt[3]'); p[1] = ffi.new('pt *', [5, 6])[0]; p[1].x
p = ffi.new('pt[3]'); p[1] = ffi.new('pt *', [5, 6])
p = ffi.new('pt[3]'); p[1] = 5
p = ffi.new('pt[3]'); p.x
p = ffi.new('pt *', [1, 2]); p.x, p.y, p[0].x
p = ffi.new('pt *', [1, 2]); p.x = 2**31
p = ffi.new('pt *', [1, 2]); p.x = 1.5
p = ffi.new('pt *', [1, 2]); p.y = 'a'
p = ffi.new('pt *', [1, 2]); p.y = None
p = ffi.new('pt *', [1, 2]); p.z
p = ffi.new('pt *', [1, 2]); p.z = 1
p = ffi.new('pt *', [1, 2]); p[0].z
p = ffi.new('pt *', [1, 2]); del p.x
p = ffi.new('pt *', [1, 2]); getattr(p, 'x'), hasattr(p, 'q')
p = ffi.new('pt *', [1, 2]); p.__class__.__name__
p = ffi.new('struct nest *'); p.p
p = ffi.new('struct nest *'); p.a
p = ffi.new('struct nest *'); p.q
p = ffi.new('struct nest *'); p.p = [1, 2]; p.p.y
p = ffi.new('struct nest *'); p.p = 5
p = ffi.new('struct nest *'); p.a = [1, 2]; list(p.a)
p = ffi.new('struct nest *'); p.a = [1, 2, 3, 4]
p = ffi.new('struct nest *'); p.a = 7
p = ffi.new('struct nest *'); p.q = ffi.new('pt *')
p = ffi.new('struct nest *'); p.q = p
p = ffi.new('struct nest *'); p.q = 5
p = ffi.new('struct bitf *'); p.a = 8
p = ffi.new('struct bitf *'); p.a = -1
p = ffi.new('struct bitf *'); p.c = -2**21; p.c
p = ffi.new('struct bitf *'); p.c = 2**21
p = ffi.new('struct bitf *'); p.a = 'x'
p = ffi.new('struct bitf *'); p.a = 1.0
p = ffi.new('struct bitf *'); p.c = 2**80
p = ffi.new('struct bitf *'); ffi.addressof(p, 'a')
p = ffi.new('struct bitf *'); ffi.offsetof('struct bitf', 'b')
p = ffi.new('struct anon *', [1, 2]); p.u
p = ffi.new('struct anon *', {'a': 1, 'f': 2.5}); p.f
p = ffi.new('struct anon *', [1, 2, 3])
dir(ffi.new('struct anon *'))
dir(ffi.new('struct nest *')[0])
p = ffi.new('union u *', [1]); p.d = 2.5; p.d
p = ffi.new('union u *', [1]); p
p = ffi.new('struct flex *', [1, [2, 3]]); p.data
p = ffi.new('struct flex *', [1, [2, 3]]); len(p.data)
p = ffi.new('struct flex *', [1, [2, 3]]); p.data[1]
p = ffi.new('struct flex *', [1, [2, 3]]); p.data[2]
p = ffi.new('struct flex *', [1, [2, 3]]); p[0].data
p = ffi.cast('struct flex *', ffi.new('struct flex *', [1, [2, 3]])); p.data
p = ffi.new('struct flex *', [1, [2, 3]]); p.data = [7, 8]; p.data[1]
p = ffi.new('struct flex *', [1, [2, 3]]); ffi.addressof(p, 'data')
p = ffi.new('struct flex *', [1, [2, 3]]); ffi.addressof(p, 'data', 1)
p = ffi.new('struct flex *', [1, [2, 3]]); list(p.data)
p = ffi.new('int[3]', [1, 2, 3]); p + 1
p = ffi.new('int[3]', [1, 2, 3]); (p + 1)[0]
p = ffi.new('int[3]', [1, 2, 3]); 1 + p
p = ffi.new('int[3]', [1, 2, 3]); (p + 2) - p
p = ffi.new('int[3]', [1, 2, 3]); p - (p + 2)
p = ffi.new('int[3]', [1, 2, 3]); p - ffi.cast('int *', p)
p = ffi.new('int[3]', [1, 2, 3]); p - ffi.cast('short *', p)
p = ffi.new('int[3]', [1, 2, 3]); p + p
p = ffi.new('int[3]', [1, 2, 3]); p + 2**70
p = ffi.new('int[3]', [1, 2, 3]); p - 1.5
p = ffi.new('int[3]', [1, 2, 3]); p - None
p = ffi.new('int *', 1); p + 1
p = ffi.new('int *', 1); p - 1
p = ffi.new('int *', 1); p += 1; p - 1 == p - 1
p = ffi.cast('void *', 16); p + 1
p = ffi.cast('void *', 16); p - 1
p = ffi.cast('void *', 16); p - p
p = ffi.cast('char *', 16); q = ffi.cast('char *', 20); q - p
p = ffi.cast('int *', 16); q = ffi.cast('int *', 21); q - p
p = ffi.cast('int(*)(int)', 16); p + 1
p = ffi.cast('int(*)(int)', 16); p - p
p = ffi.cast('int[0] *', 16); p - p
ffi.cast('int', 5) + 1
ffi.cast('int', 5) - 1
1 - ffi.cast('int *', 16)
ffi.cast('int', 5) - ffi.cast('int', 5)
ffi.cast('int *', 16) - ffi.cast('int', 5)
ffi.cast('int *', 16) - ffi.cast('char', b'a')
ffi.cast('int *', 16) + ffi.cast('int', 5)
ffi.cast('int', 5) - ffi.cast('int *', 5)
ffi.cast('double', 5) - ffi.cast('double', 5)
ffi.cast('int', 5) + ffi.cast('int', 5)
ffi.cast('int *', 16) - True
p = ffi.new('int[2]'); p - ffi.cast('long', 0)
ffi.new('int[]', 3) - ffi.new('char[]', 3)
ffi.NULL == ffi.cast('int *', 0)
ffi.NULL == 0
ffi.NULL == None
ffi.NULL is None
ffi.NULL
ffi.cast('int', 5) == 5, ffi.cast('int', 5) == 5.0, ffi.cast('int', 5) != 6
ffi.cast('int', 5) < ffi.cast('long', 6), ffi.cast('double', 1.5) > 1
ffi.cast('char', b'a') == b'a', ffi.cast('char', b'a') == 'a', ffi.cast('char', b'a') == 97
ffi.cast('char', b'a') < 5
ffi.cast('enum color', 5) == 5, ffi.cast('enum color', 5) == 'GREEN'
ffi.cast('int', 5) == ffi.cast('char', b'\x05')
ffi.cast('int *', 16) < ffi.cast('char *', 17), ffi.cast('int *', 16) == ffi.cast('char *', 16)
ffi.cast('int *', 16) < 17
ffi.cast('int *', 16) < ffi.cast('int', 17)
ffi.new('int *') == ffi.new('int *')
hash(ffi.cast('int', 5)) == hash(5), hash(ffi.cast('double', 5)) == hash(5.0), hash(ffi.cast('char', b'a')) == hash(b'a')
hash(ffi.cast('int *', 16)) == hash(ffi.cast('char *', 16))
int(ffi.cast('char', b'\xff')), int(ffi.cast('wchar_t', '\U00012345')), int(ffi.cast('_Bool', 1))
int(ffi.cast('unsigned long long', -1)), int(ffi.cast('long long', -1)), int(ffi.cast('uint8_t', -1))
int(ffi.cast('double', 3.99)), int(ffi.cast('float', -3.99))
int(ffi.cast('int *', 16))
float(ffi.cast('int', 16))
float(ffi.cast('int *', 16))
float(ffi.cast('char', b'a'))
complex(ffi.cast('double _Complex', 1 + 2j)), complex(ffi.cast('float _Complex', 1))
complex(ffi.cast('int', 5))
complex(ffi.cast('double', 1.5))
float(ffi.cast('double _Complex', 1 + 2j))
int(ffi.cast('double _Complex', 1 + 2j))
abs(ffi.cast('double _Complex', 3 + 4j))
bool(ffi.cast('double', 0)), bool(ffi.cast('char', b'\0')), bool(ffi.cast('int', 3)), bool(ffi.NULL), bool(ffi.new('int *'))
bool(ffi.cast('double _Complex', 0)), bool(ffi.cast('double', float('nan'))), bool(ffi.cast('double', -0.0))
bool(ffi.new('pt *')[0]), bool(ffi.new('int[0]'))
math.sin(ffi.cast('double', 0)), math.sqrt(ffi.cast('int', 4))
range(10)[ffi.cast('int', 3)]
'abc' * ffi.cast('int', 3)
len(ffi.new('int[0]')), len(ffi.new('int[]', 0)), len(ffi.new('char[]', b'abc'))
len(ffi.new('int *'))
list(ffi.new('char[]', b'ab')), list(ffi.new('double[2]')), list(ffi.new('_Bool[2]'))
[x.x for x in ffi.new('pt[2]', [[1, 2], [3, 4]])]
sum(ffi.new('int[3]', [1, 2, 3])), max(ffi.new('int[3]', [1, 2, 3])), sorted(ffi.new('int[3]', [3, 1, 2]))
tuple(ffi.cast('int *', 16))
iter(ffi.new('int[3]'))
5 in ffi.new('int[3]', [1, 5, 3])
next(iter(ffi.new('int[3]', [1, 5, 3])))
repr(ffi.cast('float', 0.1)), repr(ffi.cast('double', 0.1)), repr(ffi.cast('char', b"'")), repr(ffi.cast('wchar_t', '\n'))
repr(ffi.cast('int8_t', -1)), repr(ffi.cast('size_t', -1)), repr(ffi.cast('double _Complex', 1 - 2j)), repr(ffi.cast('_Bool', 1))
repr(ffi.cast('unsigned long long', -1)), repr(ffi.cast('char16_t', '\u1234')), repr(ffi.cast('enum color', 6))
str(ffi.cast('int', 5))
str(ffi.new('char[]', b'abc'))
repr(ffi.cast('int *', 0)), repr(ffi.cast('char *', 0)), repr(ffi.cast('pt *', 0)), repr(ffi.cast('int(*)(int)', 0))
repr(ffi.new('int[2][3]')), repr(ffi.new('char[]', b'abc')), repr(ffi.new('pt[2]'))
repr(ffi.new('union u *')), repr(ffi.new('union u *')[0]), repr(ffi.new('struct nest *').p), repr(ffi.new('pt[2]')[1])
repr(ffi.new('int **')), repr(ffi.new('int(**)(int)')), repr(ffi.new('int *[2]')), repr(ffi.new('int(*[2])(int, char *)'))
'%r' % ffi.new('enum color *')
f'{ffi.cast("int", 5)}'
f'{ffi.cast("int", 5):5}'
'{:d}'.format(ffi.cast('int', 5))
p = ffi.new('int *'); p.__dict__
p = ffi.new('int *'); p.foo = 1
p = ffi.new('int *'); setattr(p, 'x', 1)
p = ffi.new('int *'); getattr(p, 'x')
p = ffi.new('int *'); import copy; copy.copy(p)
p = ffi.new('int *'); import pickle; pickle.dumps(p)
type(ffi.new('int *')).__name__
type(ffi.new('int *'))()
class X(type(ffi.NULL)): pass
issubclass(type(ffi.new('int *')), ffi.CData), issubclass(type(ffi.cast('int', 1)), ffi.CData)
isinstance(ffi.typeof('int'), ffi.CType), isinstance(ffi.new('int *'), ffi.CType)
ffi.CData()
ffi.CType()
d = weakref.WeakKeyDictionary(); p = ffi.new('int *'); d[p] = 5; d[p]
d = {ffi.new('int *'): 1}; len(d)
{ffi.cast('int', 5): 1}[5]
p = ffi.new('int[3]'); p.__enter__() is p
p = ffi.new('pt *'); p.__iter__
ffi.cast('int', 5).__index__()
ffi.cast('int', 5).__int__()
ffi.cast('double', 5).__float__()
ffi.cast('double', 5).__complex__()
ffi.cast('int *', 5).__int__()
hasattr(ffi.cast('int', 5), '__index__'), hasattr(ffi.new('int[2]'), '__len__'), hasattr(ffi.NULL, '__call__')
callable(ffi.NULL), callable(lib.add), callable(ffi.cast('int', 1))
bytes(ffi.new('char[3]', b'abc'))
bytearray(ffi.new('unsigned char[3]', b'abc'))
bytes(ffi.buffer(ffi.new('char[3]', b'abc')))
memoryview(ffi.new('char[3]', b'abc'))
b''.join([ffi.new('char[3]')])
ffi.addressof(ffi.new('pt *'))
ffi.addressof(ffi.new('pt *')[0])
ffi.addressof(ffi.new('pt *'), 'y')
ffi.addressof(ffi.new('pt *')[0], 'y')
ffi.addressof(ffi.new('pt *')[0], 'z')
ffi.addressof(ffi.new('struct nest *'), 'p', 'y')
ffi.addressof(ffi.new('struct nest *')[0], 'a', 1)
ffi.addressof(ffi.new('struct nest *')[0], 'a', 7)
ffi.addressof(ffi.new('struct nest *')[0], 'q', 'x')
ffi.addressof(ffi.new('struct nest *')[0], 'a', 'x')
ffi.addressof(ffi.new('struct nest *')[0], 'p', 0)
ffi.addressof(ffi.new('int[3]'))
ffi.addressof(ffi.new('int[3]'), 1)
ffi.addressof(ffi.new('int[3]'), 5)
ffi.addressof(ffi.new('int[3]'), -1)
ffi.addressof(ffi.new('int *'), 1)
ffi.addressof(ffi.new('int *'))
ffi.addressof(ffi.cast('int', 5))
ffi.addressof(5)
ffi.addressof()
ffi.addressof(lib)
ffi.addressof(lib, 'add')
ffi.addressof(lib, 'counter')
ffi.addressof(lib, 'table')
ffi.addressof(lib, 'a_pair')
ffi.addressof(lib, 'nope')
ffi.addressof(lib, 'missing')
ffi.addressof(lib, 'ANSWER')
ffi.addressof(lib, 5)
ffi.addressof(lib, 'add', 'x')
"""

def products():
    for kind in KINDS:
        for protocol in PROTOCOLS:
            follows = any(part in protocol for part in ("{}[-1]", "{}[3]", "ffi.string(", "ffi.addressof({}, 0)"))
            if "64)" in kind and (follows or "list(" in protocol or " in {}" in protocol):
                continue
            # cffi looks for a handle at any address.
            if "64)" in kind and "from_handle" in protocol:
                continue
            # What is behind one's own int.
            if "ffi.new('int *', 3)" == kind and "{}[-1]" in protocol or "{}[3]" in protocol and "*'" in kind:
                continue
            yield protocol.replace("{}", kind)
