//! Macros are tokens to C, and constants to who asks for them.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;
#[path = "common/claims.rs"]
mod claims;
#[path = "common/declared.rs"]
mod declared;

use declared::{failed, integer, parsed, size};
use farcall::cdef::{CdefErrorKind, CdefOptions};
use farcall::layout::DataModel;

#[test]
fn a_macro_is_its_tokens_where_it_stands_beside_an_operator() {
    let text = "#define N 1+2\n#define M N\n#define L -N\n#define O N * N\n#define C 1 ? 2 : 3\n#define P (1 + 2)\n\
                #define T (char)\n#define S sizeof\n\
                enum { a = N * 2, b = M * 2, c = -N, d = L * 3, e = O * 2, f = C + 1, g = P * 2, h = N, i = (N) * 2, j = 2 * N * 2,\n\
                k = sizeof N, l = N ? N : N, m = C ? 4 : 5, n = (char)N, o = !N, p = N << N, q = N == 3, r = (int)M * 2, s = T 300,\n\
                t = S(char), u = S N * 3 };\n\
                extern char x[N * 2]; struct s { int b : N * 2; char y[M]; };\n";
    // `T` and `S` are no constants, and so no macros here.
    let ours = text.replace("#define T (char)\n#define S sizeof\n", "");
    let ours = ours
        .replace("s = T 300", "s = (char)300")
        .replace("t = S(char)", "t = sizeof(char)");
    let ours = ours.replace("u = S N * 3", "u = sizeof N * 3");
    let claims = claims::claims(&ours, DataModel::X86_64_LINUX);
    cc::accepts(&claims).unwrap_or_else(|said| panic!("{said}"));
    let d = parsed(&ours);
    assert_eq!(
        (integer(&d, "a"), integer(&d, "N"), size(&d, "x")),
        (5, 3, 5)
    );
}

#[test]
fn a_macro_may_name_what_is_declared_behind_it() {
    let text = "#define A B\n#define D (C + sizeof(struct s))\n#define B 3\n#define S sizeof(t)\n\
                enum { C = A * 2 }; struct s { int x[2]; }; typedef int t; enum { E = D, F = S };\n";
    let claims = claims::claims(text, DataModel::X86_64_LINUX);
    cc::accepts(&claims).unwrap_or_else(|said| panic!("{said}"));
    let d = parsed(text);
    assert_eq!(
        ["A", "D", "S", "E"].map(|name| integer(&d, name)),
        [3, 14, 4, 14]
    );
    let unknown = |name: &str| CdefErrorKind::UnknownConstant(name.into());
    assert_eq!(failed("#define A B\nint x;"), [(1, 11, unknown("B"))]);
    assert_eq!(
        failed("#define A B\nenum { C = A, D = A * 2 };"),
        [(1, 11, unknown("B"))]
    );
    assert_eq!(failed("#define A A\nint x;"), [(1, 11, unknown("A"))]);
    assert_eq!(failed("#define A B\n#define B A\nint x;").len(), 2);
}

#[test]
fn a_macro_changes_with_those_that_it_names() {
    let text = "#define A B + 0\n#define B 1\nenum { C = A };\n#undef B\n#define B 2\nenum { D = A, E = (A) };\n";
    let d = parsed(text);
    assert_eq!(["C", "D", "E"].map(|name| integer(&d, name)), [1, 2, 2]);
}

#[test]
fn names_of_enumerators_may_be_macros_too() {
    let d = parsed(
        "#define A A\nenum {\n#define B B\nA = 1, B, C = A + B\n#define C C\n};\n#undef A\n#undef C\n",
    );
    assert_eq!(["A", "B", "C"].map(|name| integer(&d, name)), [1, 2, 3]);
}

#[test]
fn of_an_earlier_texts_macro_the_value_is_known() {
    let mut d = parsed("#define N 1 + 2\n#define P (1 + 2)\n#define M 4\n");
    let mut later = |text: &str| d.parse(text, &CdefOptions::default());
    later("enum { A = N, B = (N) * 2, C = P * 2, D = -M }; extern int x[N];").unwrap();
    for text in [
        "enum { E = N * 2 };",
        "enum { E = -N };",
        "#define E N\nenum { F = E + 1 };",
    ] {
        let errors = later(text).expect_err(text);
        assert!(
            matches!(errors.first().kind, CdefErrorKind::Unsupported(_)),
            "{errors}"
        );
    }
    later("#undef N\n#define N (1 + 2)\nenum { E = N * 2 };").unwrap();
    later("enum { F = N * 2 };").unwrap();
    assert_eq!(
        ["B", "C", "E", "F"].map(|name| integer(&d, name)),
        [6, 6, 6, 6]
    );
}

#[test]
fn macros_that_double_are_cut_off() {
    let mut text = String::from("#define A0 1\n");
    for n in 1..30 {
        text += &format!("#define A{n} A{0} + A{0}\n", n - 1);
    }
    assert!(matches!(failed(&text)[0].2, CdefErrorKind::Unsupported(_)));
    let long: String = (1..200)
        .map(|n| format!("#define B{n} B{} + 1\n", n - 1))
        .collect();
    assert_eq!(
        integer(&parsed(&format!("#define B0 0\n{long}")), "B199"),
        199
    );
}

#[test]
fn packing_in_a_macros_body_is_that_of_its_place() {
    let text = "#pragma pack(push, 1)\nstruct s { char c; int i; };\n#pragma pack(pop)\n#define N sizeof(struct { char c; int i; })\n\
                #define O sizeof(struct s)\nextern int x[N];\n#pragma pack(1)\nextern int y[N * 1], z[1 * N];\n";
    let d = parsed(text);
    assert_eq!((integer(&d, "N"), integer(&d, "O")), (8, 5));
    // A body that is read again is laid out where it is read.
    assert_eq!((size(&d, "x"), size(&d, "y")), (32, 20));
}

#[test]
fn a_macro_with_parameters_is_one_error() {
    let errors =
        failed("#define F(x) x\n#define G(a, b) ((a) + (b))\nenum { A = F(1), B = 2 * G(1, 2) };");
    assert_eq!(
        errors.iter().map(|e| (e.0, e.1)).collect::<Vec<_>>(),
        [(1, 9), (2, 9)],
        "{errors:?}"
    );
}

#[test]
fn what_a_macro_opens_may_end_outside() {
    // No value is asked for: nothing must go wrong beyond an error.
    for text in [
        "#define A (\nenum { B = A 1) };",
        "#define A sizeof(struct { int x;\nenum { B = 1 + A }) };",
        "#define A sizeof(struct { bad x;\nenum { B = 1 + A int y; }) };",
        "#define A _Generic(1, int\nenum { B = A : 1, default: 2) };",
        "#define A (int)\nenum { B = A 1, C = -A 2 };",
        "#define A 1 +\nenum { B = A 1 };",
        "#define A x; int y[\nint z = A 1];",
    ] {
        let mut d = declared::on(DataModel::X86_64_LINUX);
        let _ = d.parse(text, &CdefOptions::default());
    }
}
