//! The C library of the tests, built once a process.

#![allow(unsafe_code, dead_code, reason = "each test binary uses its part")]

use std::env::consts::DLL_EXTENSION;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use farcall::{Error, Ffi, Library, Value};

/// The declarations of `library.c`.
pub(crate) const DECLARATIONS: &str = "
    extern int counter;
    extern const int limit;
    extern double table[4];
    struct point { int x, y; };
    extern struct point origin;
    extern char *greeting;
    extern int missing_variable;

    signed char id_i8(signed char v);
    unsigned char id_u8(unsigned char v);
    short id_i16(short v);
    unsigned short id_u16(unsigned short v);
    int id_i32(int v);
    unsigned id_u32(unsigned v);
    int64_t id_i64(int64_t v);
    uint64_t id_u64(uint64_t v);
    _Bool id_bool(_Bool v);
    char id_char(char v);
    wchar_t id_wchar(wchar_t v);
    float id_float(float v);
    double id_double(double v);
    long double id_long_double(long double v);
    float _Complex id_float_complex(float _Complex v);
    double _Complex id_double_complex(double _Complex v);
    void *id_pointer(void *v);

    enum color { RED, GREEN = 5, BLUE };
    enum color next_color(enum color c);
    struct point swap(struct point p);
    int sum_points(const struct point *points, int n);
    union number { int i; double d; };
    double from_union(union number n, int as_int);
    struct flags { unsigned a : 3; int b : 5; unsigned long long c : 40; };
    struct flags rotate(struct flags f);
    struct nested { char name[8]; struct point at[2]; union number value; };
    struct nested move(struct nested n, int dx);
    int total(int count, ...);
    double weigh(const char *kinds, ...);
    double halves(int count, ...);
    int apply(int (*f)(int), int v);
    int negate(int v);
    int (*chosen(void))(int);
    void fill(int *into, int n);
    size_t wide_length(const wchar_t *s);
    int is_null(const void *p);
    void nothing(void);
    typedef signed char quad8 __attribute__((vector_size(4)));
    typedef short single16 __attribute__((vector_size(2)));
    typedef double lone __attribute__((vector_size(8)));
    struct boxed { quad8 v; float f; };
    quad8 twice_quad8(int pad, quad8 v);
    single16 twice_single16(single16 v);
    lone twice_lone(int pad, lone v);
    struct boxed twice_boxed(struct boxed b);
    int renamed(void) asm(\"renamed_in_c\");
    int missing_function(void);
    struct opaque;
    int by_value(struct opaque o) asm(\"id_i32\");
    void keep(int (**kept)(int), int (*f)(int));
    int call_kept(int (*const *kept)(int), int v);
    struct nested call_nested(struct nested (*f)(struct nested, int), struct nested n, int dx);
    union number call_union(union number (*f)(union number), union number n);
    double call_many(double (*f)(char, double, short, double, long long, float, unsigned char, double, int, double,
                                 double, double, double, double, long, struct point));
    int nest(int (*f)(int, void *), int depth, void *data);
    double vweigh(const char *kinds, va_list list);
    double call_weigh(double (*f)(const char *, ...));
    double call_vweigh(double (*f)(const char *, va_list));
    void fetch_size(int *x, int *y);
    void somefunction(int *p);
    typedef struct opaque_s opaque_t;
    void init_stuff(opaque_t **handle);
    int more_stuff(opaque_t *handle);
    int main_like(int argc, char *argv[]);
    int foo(short a, int b);
    int sum_of_array(int *array, int n);
    struct foo_s { int a, b; };
    struct foo_s function_returning_a_struct(void);
    int fails_with(int code);
    int16_t units16(const char16_t *text);
    #define ANSWER 42
    #define RATIO 1.5
";

/// Those of the part that 32-bit machines do not have.
const DECLARATIONS_128: &str = "
    __int128 id_i128(__int128 v);
    unsigned __int128 id_u128(unsigned __int128 v);
    struct __attribute__((packed)) wide_bits { __int128 a : 7; __int128 b : 128; };
    void set_wide_bits(struct wide_bits *bits, int a, __int128 b);
    int wide_a(const struct wide_bits *bits);
    __int128 wide_b(const struct wide_bits *bits);
";

/// Nothing declared; uses of memory after its release are errors.
pub(crate) fn checked() -> Ffi {
    Ffi::builder().checked(true).build()
}

/// The library with its declarations.
pub(crate) fn library() -> (Ffi, Library) {
    let ffi = checked();
    ffi.cdef(DECLARATIONS).unwrap();
    if cfg!(target_pointer_width = "64") {
        ffi.cdef(DECLARATIONS_128).unwrap();
    }
    // SAFETY: the declarations are those of library.c.
    let lib = unsafe { ffi.dlopen(path()) }.unwrap();
    (ffi, lib)
}

/// Calls a function of the library; the tests only make calls that C allows.
pub(crate) fn call(
    lib: &Library,
    name: &str,
    arguments: impl farcall::Arguments,
) -> Result<Value, Error> {
    // SAFETY: the callers' promise.
    unsafe { lib.call(name, arguments) }
}

/// The library's file: built here, unless it was for a target on which no compiler runs.
fn path() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| {
        let library = match std::env::var_os("FARCALL_TEST_LIBRARIES") {
            Some(folder) => Path::new(&folder)
                .join("library")
                .with_extension(DLL_EXTENSION),
            None => built(),
        };
        library.to_str().expect("the path is text").into()
    })
}

fn built() -> PathBuf {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/library.c");
    let name = format!("library-{}.so", std::process::id());
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let status = Command::new("cc")
        .args([
            "-O1",
            "-shared",
            "-fPIC",
            "-Wall",
            "-Wno-builtin-declaration-mismatch",
            "-o",
        ])
        .arg(&library)
        .arg(source)
        .status();
    assert!(status.expect("a C compiler is installed").success());
    library
}
