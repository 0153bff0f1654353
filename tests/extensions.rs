//! C that gcc takes and that headers have, beyond what most programs write.

#[path = "common/declared.rs"]
mod declared;

use declared::{on, parsed, parsed_on, size, spelled, takes};
use farcall::cdef::CdefOptions;
use farcall::ctype::Primitive;
use farcall::layout::DataModel;

#[test]
fn attributes_between_a_name_and_what_follows_it() {
    let d = parsed(
        "extern int x [[gnu::unused]] [3]; int f [[nodiscard]] (void); extern int y[3] [[gnu::unused]] [4];\n\
         struct s { char c; int a [[gnu::aligned(32)]] [2]; }; typedef struct s t;\n\
         extern float v [[gnu::vector_size(16)]]; void g(float w [[gnu::vector_size(16)]]);\n\
         int old(a) int *a [[gnu::unused]]; {}",
    );
    assert_eq!((spelled(&d, "f").as_str(), size(&d, "x")), ("int f()", 12));
    assert_eq!((size(&d, "y"), size(&d, "t"), size(&d, "v")), (48, 64, 16));
}

#[test]
fn vectors_are_made_of_the_base_type() {
    let d = parsed(
        "typedef float *pv __attribute__((vector_size(16))); typedef float av[3] __attribute__((vector_size(16)));\n\
         extern float f(float) __attribute__((vector_size(16))); typedef float (*fv)(void) __attribute__((vector_size(16)));\n\
         extern float * __attribute__((vector_size(16))) q;\n\
         _Static_assert(sizeof(pv) == 8 && sizeof(*(pv)0) == 16 && sizeof(av) == 48, \"\");\n\
         _Static_assert(sizeof(f(1.0f)) == 16 && sizeof(((fv)0)()) == 16 && sizeof(*q) == 16, \"\");",
    );
    assert!(spelled(&d, "f").ends_with(" f(float)"));
}

#[test]
fn machine_modes() {
    let d = parsed(
        "typedef _Complex float __attribute__((mode(TC))) c128; typedef _Complex double __attribute__((__mode__(__XC__))) c80;\n\
         typedef _Complex float __attribute__((mode(HC))) c16; typedef float q __attribute__((mode(TF)));\n\
         typedef float x __attribute__((mode(XF))); typedef int cr __attribute__((mode(libgcc_cmp_return)));\n\
         typedef float v4 __attribute__((mode(V4SF))); typedef unsigned v2 __attribute__((mode(V2DI)));\n\
         typedef int *p __attribute__((mode(DI)));",
    );
    let types = d.types();
    for (name, primitive) in [
        ("c128", Primitive::Float128Complex),
        ("c80", Primitive::LongDoubleComplex),
        ("c16", Primitive::Float16Complex),
        ("q", Primitive::Float128),
        ("x", Primitive::LongDouble),
        ("cr", Primitive::Long),
    ] {
        assert_eq!(d.typedef(name), Some(types.primitive(primitive)), "{name}");
    }
    assert_eq!((size(&d, "v4"), size(&d, "v2"), size(&d, "p")), (16, 16, 8));
    for text in [
        "int x __attribute__((mode(SF)));",
        "float x __attribute__((mode(SI)));",
        "float x __attribute__((mode(SC)));",
        "_Complex float x __attribute__((mode(DF)));",
        "typedef int x __attribute__((mode(V4SF)));",
        "int *x __attribute__((mode(SI)));",
        "int x[2] __attribute__((mode(DI)));",
        "float x __attribute__((mode(V3SF)));",
    ] {
        assert!(!takes(DataModel::X86_64_LINUX, text), "{text}");
    }
    let arm = parsed_on(
        DataModel::AARCH64_LINUX,
        "typedef float q __attribute__((mode(TF)));",
    );
    assert_eq!(spelled(&arm, "q"), "long double");
}

#[test]
fn complex_numbers_of_every_floating_point_type() {
    let d =
        parsed("typedef _Float32x _Complex a; typedef _Complex _Float64x b; typedef __float80 c;");
    assert_eq!(["a", "b", "c"].map(|name| size(&d, name)), [16, 32, 16]);
    assert_eq!(spelled(&d, "a"), "_Float32x _Complex");
}

#[test]
fn definitions_as_before_ansi_c() {
    let d = parsed(
        "int f(a, b, c, d) char *b, (*c)(int); float a; { return a; }\n\
         double g(s) register short s; {} int h(void) { return 1; } void m(n, a) int n, a[n]; {}",
    );
    // A caller without a prototype passes double and int; d is an int for want of a declaration.
    assert_eq!(spelled(&d, "f"), "int f(double, char *, char(*)(int), int)");
    assert_eq!(spelled(&d, "g"), "double g(int)");
    assert_eq!(spelled(&d, "m"), "void m(int, int *)");
    for (text, errors) in [
        ("int f(a) int b; {} int g(nothing);", 2),
        ("int f(a, a) int a; {}", 1),
        ("int f(a) int a; int a; {}", 1),
        ("int f(a) static int a; {}", 1),
        ("int f(a) int a = 3; {}", 1),
        ("int f(a) int a;", 1),
        ("int f(a, b);", 1),
    ] {
        let mut d = on(DataModel::HOST);
        let found = d.parse(text, &CdefOptions::default()).unwrap_err();
        assert_eq!(found.errors().len(), errors, "{text}\n{found}");
    }
}

#[test]
fn array_lengths_name_parameters() {
    let d = parsed(
        "enum { N = 2 }; void f(int n, int a[n][n + 1], int N, int b[3][N], int (*g)(int m, int c[m * n]), int d[sizeof n]);\n\
         extern int x[N];",
    );
    assert_eq!(
        spelled(&d, "f"),
        "void f(int, int(*)[], int, int(*)[], int(*)(int, int *), int *)"
    );
    assert_eq!(size(&d, "x"), 8);
}

#[test]
fn declarations_agree_where_types_have_two_names() {
    // As gcc 12 has it with the names of <stddef.h>; cffi compares names.
    let agree = |model, first: &str, second: &str| takes(model, &format!("{first}\n{second}"));
    let [linux, i386, windows] = [
        DataModel::X86_64_LINUX,
        DataModel::I686_LINUX,
        DataModel::X86_64_WINDOWS,
    ];
    let size = |ty: &str| format!("{ty} f({ty} *, {ty} (*)({ty}));");
    assert!(agree(linux, &size("size_t"), &size("unsigned long")));
    assert!(!agree(linux, &size("size_t"), &size("unsigned long long")));
    assert!(agree(i386, &size("size_t"), &size("unsigned")));
    assert!(!agree(i386, &size("size_t"), &size("unsigned long")));
    assert!(agree(windows, &size("size_t"), &size("unsigned long long")));
    assert!(agree(linux, "extern wchar_t *w;", "extern int *w;"));
    assert!(agree(i386, "extern wchar_t *w;", "extern long *w;"));
    assert!(agree(
        linux,
        "enum e { A }; int f(enum e);",
        "int f(unsigned);"
    ));
    assert!(!agree(linux, "enum e { A }; int f(enum e);", "int f(int);"));
    assert!(agree(linux, "extern int (*p)[];", "extern int (*p)[3];"));
    assert!(!agree(linux, "extern int (*p)[4];", "extern int (*p)[3];"));
    // Two chains of types that double must not be compared to their end.
    let chain = |name: char, first: &str| {
        let mut text = format!("typedef void (*{name}0)({first});\n");
        for i in 1..60 {
            let before = i - 1;
            text += &format!(
                "typedef void (*{name}{i})({name}{before}, {name}{before}, {name}{before});\n"
            );
        }
        text + &format!("int f({name}59);")
    };
    assert!(!agree(
        linux,
        &chain('a', "size_t"),
        &chain('b', "unsigned long")
    ));
}
