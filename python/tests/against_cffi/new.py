"""new, and what initialises it."""

DECLARATIONS = r"""
typedef struct { int x; double y; } pt;
struct opaque;
struct nest { pt p; int a[3]; };
struct flex { int n; char data[]; };
struct flexp { int n; pt data[]; };
struct bitf { unsigned a : 3, b : 7; int c : 22; signed one : 1; };
union u { int i; double d; char c[12]; };
enum sparse { NEG = -1, BIG = 0x7fffffff };
"""

CASES = r"""
ffi.new('int[3]', ffi.new('int *'))
ffi.new('int[3]', ffi.new('short[3]'))
ffi.new('int[]', ffi.new('int[3]'))
ffi.new('int[]', ffi.cast('int', 3))
ffi.new('int[]', True)
ffi.new('int[]', None)
ffi.new('int[]', iter([1, 2]))
ffi.new('int[]', range(3))
ffi.new('int[]', {1, 2})
ffi.new('int[]', [])
ffi.new('int[0]')
ffi.new('int[0]')[0]
ffi.new('char[0]', b'')
ffi.new('char[]', b'')
ffi.new('char[5]', 3)
ffi.new('char[]', 3)
ffi.new('char[]', -1)
ffi.new('char[]', ffi.new('char[3]', b'ab'))
ffi.new('char[4]', ffi.new('char[3]', b'ab'))
ffi.new('char[3]', ffi.new('char[3]', b'ab'))[1]
ffi.new('char[]', [b'a', 5])
ffi.new('char[]', ['a'])
ffi.new('wchar_t[]', ['a', 'b'])[1]
ffi.new('wchar_t[]', [65])
ffi.new('wchar_t[3]', 'abc')[2]
ffi.new('wchar_t[]', '')
ffi.new('char16_t[]', [0x1234])
ffi.new('char32_t[]', 'a')[0]
ffi.new('char32_t[]', b'a')
ffi.new('uint8_t[3]', b'abcd')
ffi.new('uint8_t[]', [256])
ffi.new('uint8_t[]', 'abc')
ffi.new('int8_t[]', b'\xff')[0]
ffi.new('short[]', b'ab')
ffi.new('double[]', [1, 2.5, True])[2]
ffi.new('double[]', ['a'])
ffi.new('float _Complex[]', [1, 2j])[1]
ffi.new('void *[]', [ffi.NULL, ffi.new('int *')])[0]
ffi.new('void *[]', [1])
ffi.new('char *[]', [ffi.new('char[]', b'a'), ffi.NULL])[1]
ffi.new('char *[]', [b'a'])
ffi.new('pt[]', [{'x': 1}, [2]])[1].x
ffi.new('pt[]', [5])
ffi.new('pt[2]', ffi.new('pt[2]', [[1, 2], [3, 4]]))[1].x
ffi.new('struct nest *', {'p': {'x': 5}, 'a': [1]}).p.x
ffi.new('struct nest *', {'p': ffi.new('pt *', [7, 8])[0]}).p.y
ffi.new('struct nest *', {'p': ffi.new('pt *', [7, 8])})
ffi.new('struct nest *', {'a': ffi.new('int[3]', [1, 2, 3])}).a[2]
ffi.new('struct nest *', {'a': 5})
ffi.new('struct nest *', {'a': b'abc'})
ffi.new('union u *', {'c': b'abc'}).c[1]
ffi.new('union u *', {'c': b'x' * 13})
ffi.new('union u *', {})
ffi.new('union u *', [])
ffi.new('union u *', None)
ffi.new('union u *', ffi.new('union u *', [3])[0]).i
ffi.new('pt *', None)
ffi.new('pt *', {})
ffi.new('pt *', [])
ffi.new('pt *', ())
ffi.new('pt *', ffi.NULL)
ffi.new('pt *', {'x': None})
ffi.new('pt *', object())
ffi.new('pt *', 'ab')
ffi.new('struct flex *', {'n': 1})
ffi.new('struct flex *', {'data': b'abc'})
ffi.new('struct flex *', [1, 'abc'])
ffi.new('struct flex *', [1, [b'a', b'b']])
ffi.new('struct flex *', [1, None])
ffi.new('struct flex *', [1, 2.5])
ffi.new('struct flex *', [1, 2, 3])
ffi.new('struct flex *', [1, 2**62])
ffi.new('struct flex *', [1, 2**70])
ffi.new('enum color *', 2.5)
ffi.new('enum color *', 2**40)
ffi.new('enum color *', 'NOPE')
ffi.new('enum color *', None)[0]
ffi.new('enum sparse *', 2**31)
ffi.new('bool *', 1)[0]
ffi.new('size_t *', 5)[0]
ffi.new('ssize_t *', -5)[0]
ffi.new('intptr_t *', -5)[0]
ffi.new('uintptr_t *', -5)
ffi.new('int *', '')
ffi.new('int *', b'')
ffi.new('int *', {})
ffi.new('int *', object())
ffi.new('int *', 1j)
ffi.new('int *', float('nan'))
ffi.new('int *', True)[0]
ffi.new('int *', ffi.cast('_Bool', 1))[0]
ffi.new('int *', ffi.cast('long double', 1))
ffi.new('float *', ffi.cast('long double', 1))[0]
ffi.new('float *', ffi.cast('int', 1))[0]
ffi.new('float *', ffi.cast('char', b'a'))
ffi.new('float *', ffi.NULL)
ffi.new('double *', ffi.cast('float', 0.1))[0]
ffi.new('double *', b'1')
ffi.new('double *', 1j)
ffi.new('const int *', 5)[0]
ffi.new('volatile char[]', b'ab')
p = ffi.new('int *'); ffi.memmove(p, b'\x05\0\0\0', 4); p[0]
p = ffi.new('int[2]', [1, 2]); ffi.memmove(p, p + 1, 4); list(p)
ffi.new('int *')
ffi.new('int *', 5)[0]
ffi.new('int')
ffi.new('int[]')
ffi.new('int[]', 3)
ffi.new('int[]', [1, 2, 3])
list(ffi.new('int[]', (1, 2, 3)))
ffi.new('int[]', -1)
ffi.new('int[]', 'abc')
ffi.new('int[]', b'abc')
ffi.new('int[]', 1.5)
ffi.new('int[]', object)
ffi.new('int[3]', [1, 2, 3, 4])
ffi.new('int[3]', 7)
ffi.new('int[3]', ffi.new('int[3]', [1, 2, 3]))[2]
ffi.new('int[3]', ffi.new('int[4]'))
ffi.new('int[]', 2**62)
ffi.new('int[]', 2**70)
ffi.new('char[]', 2**63 - 1)
ffi.new('int[5]', {})
ffi.new('int[5]', {1: 2})
ffi.new('int[2][3]', [[1, 2], [3]])[1][0]
ffi.new('int[][3]', [[1, 2, 3], [4]])
ffi.new('int[][]', 3)
ffi.new('void *')
ffi.new('void')
ffi.new('int(*)(int)')
ffi.new('int(**)(int)')
ffi.new('struct opaque *')
ffi.new('struct opaque[2]')
ffi.new('struct undefined *')
ffi.new('struct nosuch')
ffi.new('pt *', [1, 2.5]).y
ffi.new('pt *', {'x': 1}).x
ffi.new('pt *', {'z': 1})
ffi.new('pt *', {1: 1})
ffi.new('pt *', [1, 2, 3])
ffi.new('pt *', 5)
ffi.new('pt *', b'ab')
ffi.new('pt *', ffi.new('pt *', [3, 4]))
ffi.new('pt *', ffi.new('pt *', [3, 4])[0]).x
ffi.new('pt *', [1.5])
ffi.new('pt *', ['a'])
ffi.new('pt *', [None])
ffi.new('pt *', {'x': 2**40})
ffi.new('pt[2]', [[1, 2], {'y': 3}])[1].y
ffi.new('struct nest *', [[1, 2], [3, 4, 5]]).a[1]
ffi.new('struct nest *', [[1, 2], [3, 4, 5, 6]])
ffi.new('union u *', [5]).i
ffi.new('union u *', [5, 6])
ffi.new('union u *', {'d': 2.5}).d
ffi.new('union u *', {'d': 2.5, 'i': 1})
ffi.new('union u *', 5)
ffi.new('struct flex *')
ffi.new('struct flex *', [3, b'hello'])
ffi.new('struct flex *', [3, 10])
ffi.new('struct flex *', {'n': 3, 'data': 10})
ffi.sizeof(ffi.new('struct flex *', [3, b'hello'])[0])
ffi.sizeof(ffi.new('struct flex *', [3, 5])[0])
ffi.new('struct flex *', [3, -1])
ffi.new('struct flexp *', [3, [[1, 2], [3, 4]]])
ffi.new('struct flexp *', [3, [[1, 2], [3, 4]]]).data
ffi.new('struct flexp *', [3, [[1, 2], [3, 4]]]).data[1].x
ffi.new('struct flexp *', [3, [[1, 2], [3, 4]]]).data[2]
ffi.new('struct flexp *', [3, 5.0])
ffi.new('struct flex[2]')
ffi.new('struct bitf *', [7, 127, -3]).c
ffi.new('struct bitf *', [8])
ffi.new('struct bitf *', [-1])
ffi.new('struct bitf *', [0, 0, 2**21])
ffi.new('struct bitf *', [0, 0, 0, 1]).one
ffi.new('struct bitf *', [0, 0, 0, 2])
ffi.new('struct bitf *', [0.5])
ffi.new('enum color *', 5)[0]
ffi.new('enum color *', 'GREEN')[0]
ffi.new('enum color *', -1)
ffi.new('enum sparse *', -1)[0]
ffi.new('char *', b'a')[0]
ffi.new('char *', b'ab')
ffi.new('char *', 'a')
ffi.new('char *', 65)
ffi.new('char[]', b'abc')
ffi.new('char[]', 'abc')
ffi.new('char[]', bytearray(b'abc'))
ffi.new('char[3]', b'abc')
ffi.new('char[2]', b'abc')
ffi.new('char[3]', [b'a', b'b'])[1]
ffi.new('char[3]', [b'a', b'bc'])
ffi.new('char[3]', [65])
ffi.new('signed char[]', b'abc')
ffi.new('unsigned char[2]', b'\xff\x01')[0]
ffi.new('uint8_t[]', bytearray(b'abc'))
ffi.new('wchar_t[]', 'abc')
ffi.new('wchar_t[2]', 'abc')
ffi.new('wchar_t[]', b'abc')
ffi.new('wchar_t *', 'a')[0]
ffi.new('wchar_t *', 'ab')
ffi.new('wchar_t *', b'a')
ffi.new('char16_t[]', 'a\U00012345')
ffi.new('char16_t *', '\U00012345')
ffi.new('char32_t[]', 'a\U00012345')
ffi.new('char32_t *', '\U00012345')[0]
ffi.new('char16_t[2]', '\U00012345x')
ffi.new('_Bool *', 1)[0]
ffi.new('_Bool *', 2)
ffi.new('_Bool *', -1)
ffi.new('_Bool *', 0.5)
ffi.new('_Bool *', 'a')
ffi.new('_Bool *', True)[0]
ffi.new('_Bool[3]', [True, 0, 1])[2]
ffi.new('_Bool[]', b'\x00\x01')[1]
ffi.new('_Bool[]', b'\x02')
ffi.new('float *', 1)[0]
ffi.new('float *', '1')
ffi.new('float *', None)[0]
ffi.new('float *', 1e300)[0]
ffi.new('double *', 2**2000)
ffi.new('double *', True)[0]
ffi.new('float _Complex *', 1 + 2j)[0]
ffi.new('double _Complex *', 1)[0]
ffi.new('double _Complex *', 'x')
ffi.new('int *', 2**31)
ffi.new('int *', -2**31 - 1)
ffi.new('int *', 2**63)
ffi.new('int *', 2**64)
ffi.new('int *', 2**200)
ffi.new('unsigned int *', -1)
ffi.new('unsigned int *', 2**32)
ffi.new('long long *', 2**63)
ffi.new('unsigned long long *', 2**64)
ffi.new('unsigned long long *', -1)
ffi.new('unsigned long long *', 2**64 - 1)[0]
ffi.new('int8_t *', 128)
ffi.new('int8_t *', -129)
ffi.new('uint8_t *', 256)
ffi.new('uint8_t *', -1)
ffi.new('short *', 40000)
ffi.new('int *', 1.0)
ffi.new('int *', '1')
ffi.new('int *', b'1')
ffi.new('int *', [1])
ffi.new('int *', None)[0]
ffi.new('int *', ffi.cast('short', 7))[0]
ffi.new('signed char *', ffi.cast('unsigned char', 200))
ffi.new('int *', ffi.cast('unsigned long long', -1))
ffi.new('int *', ffi.cast('double', 7))
ffi.new('int *', ffi.cast('char', b'a'))
ffi.new('int *', ffi.NULL)
ffi.new('int *', ffi.cast('enum color', 5))[0]
ffi.new('int **', ffi.NULL)[0]
ffi.new('int **', 0)
ffi.new('int **', None)[0]
ffi.new('int **', ffi.new('int *'))[0]
ffi.new('int **', ffi.new('short *'))
ffi.new('int **', ffi.new('int[3]'))[0]
ffi.new('int **', ffi.cast('void *', 0))[0]
ffi.new('void **', ffi.new('int *'))[0]
ffi.new('char **', ffi.new('int *'))
ffi.new('char **', b'abc')
ffi.new('unsigned char **', ffi.new('char *'))
ffi.new('int **', ffi.new('char *'))
ffi.new('int *[2]', [ffi.NULL, 1])
ffi.new('pt **', ffi.new('pt *'))[0]
ffi.new('pt **', ffi.new('struct nest *'))
ffi.new('pt **', ffi.new('pt *')[0])
ffi.new('int(**)(int)', ffi.NULL)[0]
ffi.new('int(**)(int)', ffi.cast('int(*)(long)', 8))
ffi.new('int(**)(int)', 5)
ffi.new('int *', 1, 2)
ffi.new()
ffi.new(5)
ffi.new('int *', init=7)[0]
ffi.new(cdecl='int *', init=7)[0]
ffi.new(ffi.typeof('int *'), 7)[0]
ffi.new('')
ffi.new('foo *')
ffi.new('long double *', 1.5)[0]
ffi.new('long double *', ffi.cast('long double', 2))[0]
ffi.new('long double *', 'a')
ffi.new('long double[2]', [1, 2])
ffi.new('long double *', 0.1)
p = ffi.new('pt *'); ffi.release(p[0])
p = ffi.new('int *'); ffi.release(p); ffi.release(p); p
p = ffi.new('int *'); w = weakref.ref(p); del p; w()
p = ffi.new('pt *', [7]); w = weakref.ref(p); s = p[0]; del p; w() is None, s.x
p = ffi.new('pt *', [7]); s = p[0]; s
p = ffi.new('pt *', [7]); s = p[0]; q = ffi.addressof(s); q
p = ffi.new('struct flex *', [7, b'abc']); s = p[0]; s
p = ffi.new('struct flex *', [7, b'abc']); w = weakref.ref(p); s = p[0]; del p; gc.collect(); w() is None, ffi.sizeof(s)
"""
