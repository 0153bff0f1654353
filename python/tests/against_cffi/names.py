"""Types by name, and what is read off them; cdef and its errors; include."""

DECLARATIONS = r"""
typedef struct { int x; double y; } pt;
struct opaque;
struct named { int a; char b[3]; struct named *next; };
struct flex { int n; short data[]; };
struct bitf { unsigned a : 3, : 2, b : 7; };
struct anon { int a; union { int u; float f; }; };
union u { int i; double d; };
enum neg { NEG = -1, ZERO };
typedef enum { A1, A2 } anon_enum;
typedef int myint;
typedef int arr5[5];
typedef int (*fnptr)(int, char *);
typedef void vfn(int);
#define ANSWER_2 42
"""

NAMES = """
int;unsigned;unsigned int;signed;long;long int;unsigned long;long long;long long int;unsigned long long;short;short int
char;signed char;unsigned char;float;double;long double;_Bool;bool;wchar_t;char16_t;char32_t;size_t;ssize_t;ptrdiff_t
intptr_t;uintptr_t;int8_t;uint64_t;int_least8_t;uint_fast16_t;intmax_t;float _Complex;double _Complex;void;void *;char *
const char *;int const;const int *;volatile int *;int *const;int **;int[3];int[];int[2][3];int[][3];int *[3];int (*)[3]
int (*)(int);int(int);int(*)(void);int(*)();int(*)(int, ...);void(*)(char *, double);int(*(*)(int))(long);int (*[4])(int)
pt;pt *;struct named;struct named *;struct opaque;struct opaque *;union u;enum color;enum neg;anon_enum;myint;arr5;fnptr;vfn
vfn *;struct undefined;struct undefined *;union undefined;enum undefined;FILE *;va_list;time_t;off_t;nosuch;nosuch *;struct
int int;long char;short double;unsigned float;unsigned pt;int x;int[-1];int[x];int[3;int];;  ;*;int **[;int(;char;int (*)(nosuch)
int[99999999999999999999];int[2147483647][2147483647][10];int[9223372036854775807];struct named[3];struct opaque[3];void[3]
int[ANSWER_2];int[GREEN];int[0x10];int[010];int[sizeof(int)];int[2+3];int[3*4];int['a'];int[3L];int[3U];int[BLUE - 1]
int(int[3]);int(*)(int[3]);int(*)(int(int));int(*)(void, int);int(*)(pt);int[3](int);int(*)(int)[3];int(int)(int);struct pt
__int128;_Float16;int *restrict;register int;static int;extern int;auto int;int, int;int;;int a b;unsigned;const
long long long;char char;signed unsigned;enum color *;enum;union;struct { int a; };struct named { int b; };5;"int";int/**/;int // x
_Complex float;double complex;int __stdcall(int);int (__stdcall *)(int);wint_t;uint8_t[3];int8_t;u_int;uint;DWORD;HANDLE;BOOL
""".replace("\n", ";").split(";")

QUESTIONS = [
    "ffi.typeof({})",
    "ffi.sizeof({})",
    "ffi.alignof({})",
    "ffi.getctype({}, 'x')",
    "t = ffi.typeof({}); [(n, repr(getattr(t, n)) if n != 'fields' else None) for n in dir(t)]",
]

CASES = r"""
ffi.typeof('int\ud800')
ffi.alignof('\ud800')
ffi.new('\ud800')
ffi.callback('int(*)(\ud800)', abs)
ffi.cdef('int a\ud800;')
ffi.offsetof('pt', '\ud800')
ffi.new('pt *', {'\ud800': 1})
getattr(lib, '\ud800')
setattr(lib, '\ud800', 1)
ffi.addressof(lib, '\ud800')
ffi.typeof('pt').fields[0][0], ffi.typeof('pt').fields[0][1].type, ffi.typeof('pt').fields[1][1].offset
[(n, f.type, f.offset, f.bitshift, f.bitsize, f.flags) for n, f in ffi.typeof('struct bitf').fields]
[(n, f.type, f.offset, f.bitshift, f.bitsize, f.flags) for n, f in ffi.typeof('struct anon').fields]
[(n, f.type, f.offset, f.bitshift, f.bitsize, f.flags) for n, f in ffi.typeof('struct flex').fields]
[(n, f.type, f.offset, f.bitshift, f.bitsize, f.flags) for n, f in ffi.typeof('struct named').fields]
ffi.typeof('struct opaque').fields
ffi.typeof('int').fields
ffi.typeof('int').item
ffi.typeof('int').foo
ffi.typeof('int').kind = 5
ffi.typeof('int *').kind, ffi.typeof('int *').item, ffi.typeof('int[3]').length, ffi.typeof('int[]').length
ffi.typeof('fnptr').args, ffi.typeof('fnptr').result, ffi.typeof('fnptr').ellipsis, ffi.typeof('fnptr').abi
ffi.typeof('vfn *').args
ffi.typeof('enum color').elements, ffi.typeof('enum color').relements
ffi.typeof('enum neg').elements
ffi.typeof('anon_enum')
ffi.typeof('int') is ffi.typeof('signed int'), ffi.typeof('myint') is ffi.typeof('int'), ffi.typeof('int') == ffi.typeof('long')
ffi.typeof('int') < ffi.typeof('long')
hash(ffi.typeof('int')) == hash(ffi.typeof(' int '))
ffi.typeof(ffi.new('int *'))
ffi.typeof(ffi.typeof('int'))
ffi.typeof(5)
ffi.typeof(b'int')
ffi.typeof(None)
ffi.typeof()
ffi.typeof('int', 'int')
ffi.typeof(lib.add)
ffi.typeof(cdecl='int')
ffi.typeof(ctypes.c_int)
ffi.sizeof(5)
ffi.sizeof(ffi.new('int[4]')), ffi.sizeof(ffi.new('int[]', 4)), ffi.sizeof(ffi.new('int *')), ffi.sizeof(ffi.cast('char', 1))
ffi.sizeof(ffi.new('pt *')[0])
ffi.sizeof(ffi.typeof('void'))
ffi.sizeof(ffi.cast('struct opaque *', 16)[0])
ffi.alignof(5)
ffi.alignof(ffi.new('int *'))
ffi.alignof(ffi.typeof('pt'))
ffi.offsetof('pt', 'y')
ffi.offsetof('pt', 'z')
ffi.offsetof('pt *', 'y')
ffi.offsetof('pt', 0)
ffi.offsetof('pt')
ffi.offsetof('int', 'y')
ffi.offsetof('int[3]', 2)
ffi.offsetof('int[3]', 5)
ffi.offsetof('int[3]', -1)
ffi.offsetof('int *', 2)
ffi.offsetof('struct named', 'b', 2)
ffi.offsetof('struct named', 'next', 'a')
ffi.offsetof('struct opaque', 'a')
ffi.offsetof('pt', 'x', 'y')
ffi.offsetof('pt', None)
ffi.offsetof('struct anon', 'f')
ffi.offsetof('int[3]', 2**70)
ffi.getctype('int')
ffi.getctype('int', 'x'), ffi.getctype('int *', 'x'), ffi.getctype('int[3]', 'x'), ffi.getctype('int(*)(int)', 'x')
ffi.getctype('int', '*'), ffi.getctype('int[3]', '*'), ffi.getctype('int(*)(int)', '[3]'), ffi.getctype('int', ' * x ')
ffi.getctype('int', '[3]'), ffi.getctype('int *', '[3]'), ffi.getctype('int[3]', '[2]')
ffi.getctype('int', replace_with='*x')
ffi.getctype('int', 5)
ffi.getctype(5)
ffi.getctype(ffi.typeof('pt'), '**')
ffi.list_types()
ffi.cdef('int f(int);')
ffi.cdef(5)
ffi.cdef(b'int f(int);')
ffi.cdef()
ffi.cdef('int f(int);', override=True)
ffi.cdef('int f(int);', foo=True)
ffi.cdef(csource='int f(int);')
ffi.cdef('struct s { char a; int b; };', packed=True); ffi.sizeof('struct s')
ffi.cdef('struct s { char a; int b; };', pack=2); ffi.sizeof('struct s')
ffi.cdef('struct s { char a; int b; };', pack=3)
ffi.cdef('struct s { char a; int b; };', packed=True, pack=2)
ffi.cdef('struct s { char a; int b; };', packed=2)
ffi.cdef('struct s { char a; int b; };', pack='a')
ffi.cdef('typedef struct { char c[]; } fl;'); ffi.sizeof('fl')
ffi.cdef('union v { int a; char c[]; };'); ffi.sizeof('union v')
ffi.cdef('enum e { AA }; enum f { AA };')
ffi.cdef('int f(int x, int x);')
ffi.cdef('register int x;')
ffi.cdef('struct s { int a; int a; };')
ffi.cdef('struct s { int a; ...; };'); ffi.sizeof('struct s')
ffi.cdef('struct s { int a; ...; };'); ffi.new('struct s *')
ffi.cdef('struct s { int a; ...; };'); ffi.typeof('struct s')
ffi.cdef('struct s { int a; ...; };'); ffi.offsetof('struct s', 'a')
ffi.cdef('struct s { int a[...]; };'); ffi.sizeof('struct s')
ffi.cdef('typedef int... t;'); ffi.sizeof('t')
ffi.cdef('typedef int... t;')
ffi.cdef('typedef float... t;'); ffi.sizeof('t')
ffi.cdef('typedef ... *t;'); ffi.typeof('t')
ffi.cdef('typedef ... t;'); ffi.typeof('t *')
ffi.cdef('typedef ... t;'); ffi.sizeof('t')
ffi.cdef('typedef ... t;'); ffi.new('t *')
ffi.cdef('#define E ...'); ffi.dlopen(None).E
ffi.cdef('#define E ...'); hasattr(ffi.dlopen(None), 'E')
ffi.cdef('#define E 5'); ffi.dlopen(None).E
ffi.cdef('#define E 0x1F\n#define F -3\n#define G 010'); l = ffi.dlopen(None); l.E, l.F, l.G
ffi.cdef('#define E "abc"')
ffi.cdef('#define E 1.5')
ffi.cdef('#define E (5)')
ffi.cdef('#define E 5L'); ffi.dlopen(None).E
ffi.cdef('#define E 2 + 3')
ffi.cdef("#define E 'a'")
ffi.cdef('#define E')
ffi.cdef('#define E(x) x')
ffi.cdef('#define E abs')
ffi.cdef('#define E 5\n#define E 5'); ffi.dlopen(None).E
ffi.cdef('#define E 5\n#define E 6')
ffi.cdef('#include <stdio.h>')
ffi.cdef('#ifdef A\nint x;\n#endif')
ffi.cdef('#pragma pack(1)')
ffi.cdef('enum e { AA, BB = ... };'); ffi.dlopen(None).AA
ffi.cdef('enum e { AA, ... };'); ffi.dlopen(None).AA
ffi.cdef('enum e { AA = 5, BB, CC = AA + 10, DD = -1, EE = 1 << 3 };'); l = ffi.dlopen(None); l.AA, l.BB, l.CC, l.DD, l.EE
ffi.cdef('enum e { AA = 0x7fffffffffffffff };'); ffi.sizeof('enum e')
ffi.cdef('enum e { AA = NOPE };')
ffi.cdef('enum e { AA = 1.5 };')
ffi.cdef('enum e { AA, AA };')
ffi.cdef('enum e { };')
ffi.cdef('enum e;'); ffi.sizeof('enum e')
ffi.cdef('static const int CST = 5;'); ffi.dlopen(None).CST
ffi.cdef('static const int CST;'); ffi.dlopen(None).CST
ffi.cdef('static const double CST;'); ffi.dlopen(None).CST
ffi.cdef('extern int nosuchvar;'); ffi.dlopen(None).nosuchvar
ffi.cdef('extern int nosuchvar[...];'); hasattr(ffi.dlopen(None), 'nosuchvar')
ffi.cdef('extern int nosuchvar;'); ffi.dlopen(None).nosuchvar = 5
ffi.cdef('extern char **environ;'); ffi.dlopen(None).environ
ffi.cdef('extern char *environ[...];'); ffi.dlopen(None).environ
ffi.cdef('extern char *environ[];'); ffi.dlopen(None).environ
ffi.cdef('extern int nosuchvar;'); ffi.addressof(ffi.dlopen(None), 'nosuchvar')
ffi.cdef('extern int nosuchvar;'); ffi.addressof(ffi.dlopen('m'), 'nosuchvar')
ffi.cdef('int nosuchfn(int);'); ffi.dlopen('m').nosuchfn
ffi.cdef('int nosuchfn(int);'); ffi.dlopen('c').nosuchfn(1)
ffi.cdef('int nosuchfn(int);'); ffi.dlopen(None).nosuchfn
ffi.cdef('union v { int a; char c[]; };'); ffi.new('union v *', {'c': b'abc'})
ffi.cdef('union v { int a; char c[]; };'); ffi.new('union v *', [5])
ffi.cdef('union v { int a; char c[]; };'); ffi.new('union v *').c
ffi.cdef('typedef struct { char c[]; } fl;'); ffi.new('fl *', [b'abc'])
ffi.cdef('typedef struct { char c[]; } fl;'); ffi.new('fl *', [5]).c
ffi.cdef('typedef struct { char c[]; } fl;'); ffi.new('fl *')
ffi.cdef('typedef struct { char c[]; } fl;'); ffi.sizeof(ffi.new('fl *', [b'abc'])[0])
ffi.set_unicode(True); ffi.typeof('TCHAR'), ffi.typeof('LPCTSTR'), ffi.typeof('TBYTE'), ffi.typeof('PTCHAR')
ffi.set_unicode(False); ffi.typeof('TCHAR'), ffi.typeof('LPCTSTR'), ffi.typeof('PTSTR')
ffi.cdef('int f(int); int f(long);')
ffi.cdef('int f(int); int f(int);')
ffi.cdef('int f(int);'); ffi.cdef('int f(long);')
ffi.cdef('struct s { int a; }; struct s { int a; };')
ffi.cdef('struct s { int a; };'); ffi.cdef('struct s { int a; };')
ffi.cdef('struct s { int a; };'); ffi.cdef('struct s { long a; };')
ffi.cdef('struct s { int a; };'); ffi.cdef('struct s { long a; };', override=True); ffi.sizeof('struct s')
ffi.cdef('struct s;'); ffi.cdef('struct s { int a; };'); ffi.sizeof('struct s')
ffi.cdef('typedef int t; typedef int t;')
ffi.cdef('typedef int t; typedef long t;')
ffi.cdef('typedef int t;'); ffi.cdef('typedef long t;')
ffi.cdef('extern int v; extern int v;')
ffi.cdef('extern int v; extern long v;')
ffi.cdef('enum e { A3 }; enum e { A4 };')
ffi.cdef('enum e { A3 };'); ffi.cdef('enum e2 { A3 };')
ffi.cdef('int f(int')
ffi.cdef('int f(int));')
ffi.cdef('int f(nosuch);')
ffi.cdef('int f(int, nosuch x);')
ffi.cdef('nosuch f(int);')
ffi.cdef('nosuch x;')
ffi.cdef('int')
ffi.cdef('int x')
ffi.cdef('int;')
ffi.cdef(';')
ffi.cdef('')
ffi.cdef('@')
ffi.cdef('int f(x);')
ffi.cdef('int f(void) { return 1; }')
ffi.cdef('int x = 5;')
ffi.cdef('int x[];')
ffi.cdef('int x[nosuch];')
ffi.cdef('int x[-1];')
ffi.cdef('void x;')
ffi.cdef('int f(int)[3];')
ffi.cdef('int f(int)(int);')
ffi.cdef('struct s { struct s a; };')
ffi.cdef('struct s { void a; };')
ffi.cdef('struct s { struct undefined2 a; };')
ffi.cdef('struct s { struct undefined2 a; };'); ffi.sizeof('struct s')
ffi.cdef('struct s { int a[]; int b; };'); ffi.sizeof('struct s')
ffi.cdef('struct s { int f(int); };'); ffi.sizeof('struct s')
ffi.cdef('struct s { int a : 40; };'); ffi.sizeof('struct s')
ffi.cdef('struct s { int a : -1; };'); ffi.sizeof('struct s')
ffi.cdef('struct s { double a : 3; };'); ffi.sizeof('struct s')
ffi.cdef('struct s { int a : 0; };'); ffi.sizeof('struct s')
ffi.cdef('struct s { };'); ffi.sizeof('struct s')
ffi.cdef('struct s { };'); ffi.new('struct s *')
ffi.cdef('struct { int a; };')
ffi.cdef('union { int a; } x;')
ffi.cdef('typedef struct s2 s2; struct s2 { int a; };'); ffi.typeof('s2'), ffi.typeof('struct s2')
ffi.cdef('typedef struct { int a; } *sp;'); ffi.typeof('sp'), ffi.new('sp')
ffi.cdef('typedef struct { int a; } s1, *sp;'); ffi.typeof('sp'), ffi.typeof('s1')
ffi.cdef('int f(const char *restrict, volatile int *);'); ffi.dlopen(None)
ffi.cdef('inline int f(int);')
ffi.cdef('static int f(int);')
ffi.cdef('extern int f(int);')
ffi.cdef('int printf(const char *, ...);'); ffi.typeof(ffi.dlopen(None).printf)
ffi.cdef('int f(...);')
ffi.cdef('int f(void, int);')
ffi.cdef('int f(int, void);')
ffi.cdef('int f(struct nodecl *);')
ffi.cdef('__attribute__((packed)) struct s { int a; };')
ffi.cdef('struct s { int a; } __attribute__((packed));')
ffi.cdef('int __stdcall f(int);')
ffi.cdef('extern "Python" int f(int);')
ffi.cdef('extern "Python" { int f(int); int g(int); }')
ffi.cdef('extern "Java" int f(int);')
ffi.cdef('extern "C" int f(int);')
ffi.cdef('// comment\n/* other */ int f(int); // end')
ffi.cdef('/* unterminated')
ffi.cdef('int f(int a, int b[3], int c[]);'); ffi.cdef('typedef int (*ff)(int a, int b[3], int c[]);'); ffi.typeof('ff')
ffi.cdef('typedef int (*ff)(int f(int));'); ffi.typeof('ff')
ffi.cdef('struct a { int x; }; struct b { struct a; int y; };'); ffi.sizeof('struct b')
ffi.cdef('typedef unsigned char t8; t8 f(t8);')
ffi.cdef('typedef int bool;')
ffi.cdef('typedef long size_t;')
ffi.cdef('struct s { int a, b; char *c, d; };'); [n for n, f in ffi.typeof('struct s').fields]
ffi.cdef('struct s { unsigned int a:3, b:4; };'); ffi.sizeof('struct s')
ffi.cdef('typedef int int32_t;')
ffi.cdef('typedef struct _x x; x *f(x *);'); ffi.typeof('x *')
ffi.cdef('int a[sizeof(int)];')
ffi.cdef('extern int a[2][3];')
ffi.cdef('struct s { int a[2][3]; };'); ffi.sizeof('struct s')
ffi.cdef('_Static_assert(1, "x");')
ffi.cdef('int f(int); garbage here')
ffi.cdef('int f(int);\nint g(int;\n')
ffi.cdef('int f(int);\n\n  foo bar;\n')
g = FFI(); g.cdef('typedef struct { int q; } inc;'); ffi.include(g); ffi.sizeof('inc')
g = FFI(); g.cdef('#define QQ 7'); ffi.include(g); ffi.dlopen(None).QQ
g = FFI(); g.cdef('int abs(int);'); ffi.include(g); ffi.dlopen(None).abs(-3)
g = FFI(); g.cdef('typedef long myint;'); ffi.include(g)
g = FFI(); g.cdef('typedef int myint;'); ffi.include(g)
g = FFI(); ffi.include(ffi_to_include=g)
ffi.include(ffi)
ffi.include(5)
ffi.include()
g = FFI(); g.cdef('typedef struct { int x; } pt2;'); g.new('pt2 *') and ffi.typeof('pt2')
g = FFI(); g.cdef('typedef struct { int x; double y; } pt;'); ffi.new('pt **', g.new('pt *'))
g = FFI(); g.cdef('struct named { int a; };'); ffi.new('struct named **', g.new('struct named *'))
g = FFI(); ffi.typeof('int') is g.typeof('int')
FFI(5)
FFI(foo=5)
FFI(None)
FFI(1, 2)
FFI(backend=None)
FFI.NULL
FFI.__name__
ffi.verify('')
ffi.set_source('x', '')
ffi.compile()
ffi.emit_c_code('x')
ffi.distutils_extension()
ffi.foo
ffi.NULL = 5
ffi.error
ffi.CData.__name__, ffi.CType.__name__
ffi.RTLD_NOW, ffi.RTLD_LAZY, ffi.RTLD_GLOBAL, ffi.RTLD_LOCAL
ffi.errno = 5; ffi.errno
ffi.errno = 'a'
ffi.errno = 2**40
ffi.errno = -1; ffi.errno
ffi.errno = 1.5
del ffi.errno
ffi.errno = None
ffi.set_unicode(True)
ffi.set_unicode(False)
ffi.set_unicode(True); ffi.set_unicode(False)
ffi.getwinerror()
ffi.new.__name__, ffi.cast.__name__, ffi.sizeof.__name__, ffi.typeof.__name__, ffi.string.__name__, ffi.gc.__name__, ffi.callback.__name__
ffi.sizeof('int', 5)
ffi.alignof()
ffi.cast('int', 5, 6)
ffi.gc()
ffi.callback()
ffi.new_handle(1, 2)
ffi.embedding_api('int f(int);')
ffi.def_extern()
sorted(n for n in dir(FFI) if not n.startswith('_'))
package.FFIError.__name__, package.CDefError.__mro__[1].__name__, package.VerificationError.__mro__[1].__name__
package.VerificationMissing.__mro__[1].__name__, package.PkgConfigError.__mro__[1].__name__
issubclass(package.FFI.error, Exception)
"""


def products():
    for name in NAMES:
        for question in QUESTIONS:
            yield question.replace("{}", repr(name))
