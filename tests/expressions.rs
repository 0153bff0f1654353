//! Constant expressions have the values that C compilers give them.

// It asks this machine's compilers. The parser is the same program on every target.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;
#[path = "common/declared.rs"]
mod declared;

use declared::{failed, integer, parsed, parsed_on, takes};
use farcall::cdef::CdefErrorKind;
use farcall::layout::DataModel;

const PRELUDE: &str = "enum e { A }; enum g { B = -1 }; int f(void); extern int n; struct p { int x, y; };\n\
                       struct q { struct p a[2]; int : 3; union { int i; long l; }; }; typedef long long wide;\n";

/// Assertions that hold for gcc on x86-64 Linux.
const TRUE: &[&str] = &[
    "1.1f != 1.1",
    "(float)0.1 == 0.1f",
    "1.1f * 3 != 3.3f",
    "(long)((1.1f + 2.2f) * 1e7f) == 33000002",
    "16777217.0f == 16777216.0f",
    "0x1p-1074 > 0",
    "0x1.8p-1074 == 0x1p-1073",
    "0x1p-1075 == 0",
    "0x1.000001p0f == 1",
    "sizeof(*(1 ? (void *)0 : (int *)0)) == sizeof(int)",
    "sizeof(*(1 ? (int *)0 : (void *)0)) == sizeof(int)",
    "sizeof(*(1 ? (void *)1 : (int *)0)) == 1",
    "sizeof(*(1 ? (void *)(int *)0 : (int *)0)) == 1",
    "sizeof(*(1 ? (void *)(n * 0) : (int *)0)) == 1",
    "sizeof(*(1 ? 0 : (int *)0)) == sizeof(int)",
    "sizeof(1 ? \"abc\" : 0) == sizeof(char *)",
    "sizeof(1, 2L) == sizeof(long)",
    "sizeof(1, \"abc\") == sizeof(char *)",
    "sizeof((n, (struct p *)0)[0, 1]) == 8",
    "sizeof(typeof(1, 2L)) == 8",
    "sizeof((int[]){1, 2, 3}) == 12",
    "sizeof(int[]){1, 2, 3} == 12",
    "sizeof((int[]){[5] = 1, 2}) == 28",
    "sizeof((int[]){[0 ... 7] = 1, [2] = 3}) == 32",
    "sizeof((int[]){}) == 0",
    "sizeof((char[]){\"abc\"}) == 4",
    "sizeof((char[][4]){\"abc\", \"d\"}) == 8",
    "sizeof((int[][2]){1, 2, 3}) == 16",
    "sizeof((struct p[]){1, 2, {3}, 4}) == 24",
    "sizeof((struct p[]){[1].x = 3, [0] = {4}}) == 16",
    "sizeof((struct q[]){1, 2, 3, 4, 5, 6}) == 2 * sizeof(struct q)",
    "sizeof((struct p){1, 2}.x) == 4",
    "sizeof((int[]){1, 2}[0]) == 4",
    "__builtin_types_compatible_p(enum e, unsigned)",
    "!__builtin_types_compatible_p(enum e, int)",
    "!__builtin_types_compatible_p(enum e, enum g)",
    "__builtin_types_compatible_p(const int, int)",
    "__builtin_types_compatible_p(int[], int[3])",
    "!__builtin_types_compatible_p(int[4], int[3])",
    "!__builtin_types_compatible_p(long, wide)",
    "!__builtin_types_compatible_p(int *, int[3])",
    "__builtin_types_compatible_p(int *, int *)",
    "__builtin_constant_p(A + 1) && __builtin_constant_p(\"abc\") && __builtin_constant_p(1.5)",
    "!__builtin_constant_p(n) && !__builtin_constant_p(f())",
    "__builtin_choose_expr(1, 2, f()) == 2",
    "sizeof(__builtin_choose_expr(0, 2, 3L)) == 8",
    "_Generic(sizeof(1), unsigned long: 1, default: 0)",
    "_Generic((char)1, char: 1, int: 0)",
    "_Generic(A, int: 1, unsigned: 0)",
    "_Generic((enum e)0, int: 0, unsigned: 1)",
    "_Generic(1.1f * 2, default: 0, float: 1, double: 0)",
    "_Generic(\"a\", char *: 1, default: 0)",
    "_Generic((struct p *)0, struct p *: 1, default: 0)",
    "_Generic(1, long: 1 / 0, default: 1)",
    "_Generic(f, int (*)(void): 0, long: 1, default: 1)",
    "__alignof__(void) == 1 && _Alignof(int(void)) == 1",
];

#[test]
fn values_are_those_of_gcc() {
    let mut text = PRELUDE.to_string();
    for expression in TRUE {
        // Function pointers are refused where qualifiers of their parameters could matter.
        if !expression.contains("_Generic(f,") {
            text += &format!("_Static_assert({expression}, \"\");\n");
        }
    }
    parsed(&text);
    if let Err(message) = cc::accepts(&text) {
        panic!("{message}");
    }
}

#[test]
fn alignments_on_i386_are_those_of_gcc() {
    // As i686-linux-gnu-gcc 12 has them.
    parsed_on(
        DataModel::I686_LINUX,
        "struct s { int i; double d; double a[2]; }; extern double x; typedef double low __attribute__((aligned(4)));\n\
         enum { A = __alignof__(long long[2]) == 8 && __alignof__(double[3]) == 8 && __alignof__(double _Complex) == 8,\n\
         B = __alignof__(long double) == 4 && _Alignof(long long[2]) == 4 && __alignof__(struct { double d; }) == 4,\n\
         C = __alignof__(((struct s *)0)->d) == 4 && __alignof__(((struct s *)0)->a) == 4 && __alignof__(x) == 8,\n\
         D = _Alignof(x) == 8 && __alignof__(low) == 4 && __alignof__(low[2]) == 4 && __alignof__(double[2][3]) == 8 };\n\
         _Static_assert(A && B && C && D);",
    );
}

#[test]
fn what_depends_on_qualifiers_is_refused() {
    for expression in [
        "_Generic((const int *)0, int *: 1, default: 2)",
        "_Generic(s, char *: 1, default: 2)",
        "_Generic((name)0, char *: 1, default: 2)",
        "__builtin_types_compatible_p(const char *, char *)",
    ] {
        let text = format!(
            "extern const char *s; typedef const char *name;\nenum {{ X = {expression} }};"
        );
        let kind = failed(&text).remove(0).2;
        assert!(
            matches!(&kind, CdefErrorKind::Unsupported(what) if what.contains("qualifiers")),
            "{expression}: {kind}"
        );
    }
    let d = parsed("enum { X = __builtin_types_compatible_p(const char *, int *) };");
    assert_eq!(integer(&d, "X"), 0);
}

#[test]
fn an_expression_without_a_value_says_what_was_expected() {
    let expected =
        "constant expression: expected a value that is known before the program runs, but ";
    for (text, column, rest) in [
        ("extern int n, x[2 + n];", 21, "'n' is a variable"),
        ("int f(void); enum { A = f() };", 25, "'f' is a function"),
        ("enum { A = (1, 2) };", 12, "this has none"),
        (
            "enum { A = ..., B = A + 1 };",
            21,
            "'A' was left to a C compiler with '...'",
        ),
        ("static const int A = \"x\";", 22, "this has none"),
    ] {
        let errors = failed(text);
        assert_eq!(
            (errors.len(), errors[0].1),
            (1, column),
            "{text}: {errors:?}"
        );
        assert_eq!(
            errors[0].2.to_string(),
            format!("{expected}{rest}"),
            "{text}"
        );
    }
}

#[test]
fn hostile_expressions_are_refused_in_time() {
    let host = DataModel::HOST;
    for text in [
        format!(
            "enum {{ A = {}1{} }};",
            "_Generic(0, default: ".repeat(5000),
            ")".repeat(5000)
        ),
        format!(
            "enum {{ A = {}1, 2){} }};",
            "__builtin_choose_expr(1, ".repeat(5000),
            ")".repeat(5000)
        ),
        "extern int x[sizeof((int[]){[18446744073709551615] = 1})];".into(),
        "extern int x[sizeof((int[]){[-1] = 1})];".into(),
        "enum { A = _Generic(1, int: 1, int: 2) };".into(),
        "enum { A = _Generic(1, long: 1) };".into(),
    ] {
        assert!(!takes(host, &text), "{text:.60}");
    }
}
