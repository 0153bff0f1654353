"""Where farcall differs from cffi on purpose, and why. All other differences are failures."""

import re

# (pattern of cases, reason)
DELIBERATE = [
    # What cffi cannot do.
    (r"lib\.turned|_Complex\(void\)|total\(0, ffi\.cast\('double _C", "complex numbers by value"),
    (r"lib\.(doubled|moved|mixed)|total\(0, ffi\.new\('(union|struct flex)", "any record by value"),
    (r"lib\.from_python|ffi\.def_extern|dir\(lib\)", 'extern "Python" without a compiler'),
    (r"lib\.limit", "a constant variable of a library has a value"),
    (r"lib\.average\(1, ffi\.cast\('float'", "float in the variable part is promoted, as C does it"),
    (r"__int128|_Float16|_Complex float|'double complex'", "types that cffi does not know"),
    (r"'(va_list|time_t|off_t|wint_t)'", "names of the standard headers are known"),
    (r"sizeof\(int\)\]", "expressions in lengths"),
    (r"#define E (1\.5|\(5\)|2 \+ 3|'a'|$)|#define E'\)", "macros are C's expressions"),
    (r"#include|__attribute__|extern \"C\"|_Static_assert", "more of C is read"),
    (r"BB = \.\.\.", "the constants ahead of '...' are known"),
    (r"override=True\); ffi\.sizeof\('struct s'\)|int f\(int\); int f\(int\);", "declarations that agree, or override, are taken"),
    # What cffi takes though C does not, and nothing good could come of it.
    (r"#define E 5\\n#define E 6", "a macro with two values"),
    (r"int a; int a;|void x;|\[-1\];|\(int\)(\[3\]|\(int\));|struct s \{ struct|struct s \{ void", "declarations that cannot mean anything"),
    (r"int a : (40|-1|0)|double a : 3|int a\[\]; int b|\(void, int\)|\(int, void\)|int\(int\)\(int\)|\(\*\)\(int\)\[3\]", "what is wrong is refused when it is read"),
    (r"A3 \}; enum e \{ A4", "another class for an enumeration with two bodies"),
    (r"'(register int|static int|extern int|auto int|int, int|signed unsigned|const)'", "type names that are none"),
    (r"ffi\.(new|typeof|sizeof|alignof|getctype)\('(  )?'[,)]", "an AttributeError of cffi's own for no text"),
    (r"struct a; int y", "a member without a name declares nothing, as in C"),
    (r"struct s \{ \}|new\('fl \*'\)$|sizeof\('fl'\)$", "an empty structure has no size, as in gcc's C"),
    # Memory.
    (r"ffi\.memmove\((ffi\.new\('char\[4\]'\), b'abcd', 5|bytearray\(2\).*)\)$", "memmove looks at how much memory there is"),
    (r"ffi\.buffer\((ffi\.NULL|ffi\.cast\('\w+ \*', 0\)), 1", "no buffer at NULL"),
    (r"struct opaque \*', 16\)(\[0\]\)|; p\[1\])", "what is opaque has no size, not -1"),
    (r"w\(\) is None", "p[0] keeps the pointer p, not its memory alone: a weak reference to p lives as long"),
    # Names of what cffi does not mean to show.
    (r"^ffi\.(new_allocator\(\w*\)|callback\('int\(int\)', None\))$", "reprs of functions"),
    (r"^(lib|repr\(lib\)|type\(lib\).*|lib\.__class__.*|.*ffi\.dlopen\((None|'m'|'c'|'libc\.so\.6')\)|repr\(ffi\.dlopen.*|.*dlclose\(l\); l)$", "a library's repr and class"),
    (r"dir\(FFI\)|ffi\.error|FFI\.error", "cffi.FFI lacks some attributes of the compiled FFI, which are here"),
    (r"emit_c_code|distutils_extension|embedding_api|ffi\.(verify|compile|set_source)|getwinerror|FFI\(5\)", "nothing is compiled"),
    # Accidents of Python code.
    (r"lib\.(ANSWER|GREEN|add) = |del lib\.|dlclose\((5|None)\)|addressof\(lib(, 'ANSWER'|, 'add', 'x')?\)|del ffi\.errno", "what follows from cffi's own code"),
    (r"^p = ffi\.cast\('void \*', 16\); p\[0\] = 1", "no SystemError"),
    (r"^ffi\.(new\('int \*', 1, 2\)|typeof\('int', 'int'\)|sizeof\('int', 5\)|cast\('int', 5, 6\)|new_handle\(1, 2\)|offsetof\('pt'\)|buffer\(\)|getctype\('int', 5\))|, 1, None, 5\)|; a\(\)$", "self is not counted"),
    (r"def __int__\(self\): return 'a'", "the interpreter's own words"),
]

DELIBERATE = [(re.compile(pattern), reason) for pattern, reason in DELIBERATE]


def reason(source):
    """Why the two may differ in a case; None if they may not."""
    return next((reason for pattern, reason in DELIBERATE if pattern.search(source)), None)


def comparable(source, result):
    """What must be the same. Of texts that cannot be read, cffi says what its parser does; farcall says where and why."""
    kind, *rest = result
    written = [line for line in rest[2 if kind == "raised" else 1:] if "Warning:" not in line]
    if kind == "raised" and (rest[0] in ("CDefError", "FFIError") or "cdef(" in source):
        return [kind, rest[0]] + written
    return [kind] + rest[: 2 if kind == "raised" else 1] + written
