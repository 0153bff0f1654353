//! Constants, bit-fields and alignments in expressions, judged by gcc and its cross compilers.

#[path = "common/cc.rs"]
mod cc;
#[path = "common/claims.rs"]
mod claims;
#[path = "common/declared.rs"]
mod declared;

use declared::{failed, takes};
use farcall::layout::DataModel;

const TARGETS: [(DataModel, &str); 5] = [
    (DataModel::X86_64_LINUX, "x86_64-linux-gnu-gcc"),
    (DataModel::AARCH64_LINUX, "aarch64-linux-gnu-gcc"),
    (DataModel::I686_LINUX, "i686-linux-gnu-gcc"),
    (DataModel::X86_64_WINDOWS, "x86_64-w64-mingw32-gcc"),
    (DataModel::I686_WINDOWS, "i686-w64-mingw32-gcc"),
];

fn confirmed(text: &str) {
    for (model, compiler) in TARGETS {
        let claims = claims::claims(text, model);
        match cc::accepted_by(&[compiler], &claims) {
            Some(answer) => answer.unwrap_or_else(|said| panic!("{compiler}: {said}\n{claims}")),
            None => eprintln!("skipped: there is no {compiler}"),
        }
    }
}

/// Each is wrong to farcall and to gcc.
fn refused(texts: &[&str]) {
    for text in texts {
        assert_eq!(failed(text).len(), 1, "{text}");
        assert!(cc::accepts(text).is_err(), "gcc takes {text}");
    }
}

#[test]
fn enumeration_constants_that_int_does_not_hold_have_the_enumerations_type() {
    confirmed(
        "enum { A = -1, B = 0x80000000, C = sizeof B, D = sizeof A, E = -B > 0 }; enum { F = B > A, G = sizeof B, H = -B > 0, I = sizeof A };\n\
         enum { J = 1, K = 0x80000000 }; enum { L = -J > 0, M = -K > 0, N = sizeof J, O = sizeof K };\n\
         enum { P = 1, Q = 0x8000000000 }; enum { R = -Q > 0, S = sizeof P, T = sizeof Q };\n\
         enum { U = 0xffffffffu }; enum { V = U == -1, W = sizeof U };\n\
         enum __attribute__((packed)) { X = -1, Y = 0x80000000 }; enum { Z = sizeof X, AA = sizeof Y };",
    );
}

#[test]
fn modes_of_enumerations() {
    confirmed(
        "enum e { A } __attribute__((mode(QI))); enum f { B = 200 } __attribute__((mode(QI))); enum g { C = -1 } __attribute__((mode(DI)));\n\
         enum h { D = 1000 } __attribute__((mode(HI))); enum __attribute__((mode(QI))) i { E = 100 };\n\
         enum __attribute__((packed, mode(SI))) j { F = 100 }; enum __attribute__((__mode__(__byte__))) k { G = -5 };\n\
         typedef enum { H } l __attribute__((mode(QI)));\n\
         enum { S = sizeof(enum e), T = (enum e)-1 < 0, U = (enum g)-1 < 0, V = (enum f)-1 < 0, W = (enum k)-1 < 0, X = sizeof(l) };",
    );
    refused(&["enum h { D = 1000 } __attribute__((mode(QI)));"]);
}

#[test]
fn alignments_of_variables() {
    confirmed(
        "__attribute__((aligned(16))) struct s { int a; } x; struct s y; int z __attribute__((aligned(32))); int w __attribute__((aligned(2)));\n\
         _Alignas(16) char c[3]; extern char d[3]; extern _Alignas(64) char d[3]; int *p __attribute__((aligned(64)));\n\
         enum { A = _Alignof(x), B = _Alignof(y), C = _Alignof(struct s), D = _Alignof z, E = __alignof__(z), F = _Alignof(w),\n\
         G = _Alignof(x.a), H = _Alignof c, I = _Alignof(c[0]), J = _Alignof d, K = _Alignof(*c), L = _Alignof(p), M = _Alignof(typeof(z)) };",
    );
}

#[test]
fn bit_fields_are_promoted_and_have_no_size() {
    let types = "int: 1, unsigned: 2, long long: 3, unsigned long long: 4, default: 5";
    let mut text = String::from(
        "struct s { unsigned a : 3; unsigned b : 32; long long c : 40; unsigned long long d : 40; unsigned char e : 8; _Bool g : 1;\n\
         unsigned long long h : 64, i : 32, j : 31; enum { ZERO } en : 3; unsigned short k : 16; int l : 32; } x;\nenum {",
    );
    let narrow = ["a", "b", "e", "g", "h", "i", "j", "en", "k", "l"];
    for (n, member) in narrow.iter().enumerate() {
        for (m, form) in ["+x.M", "x.M + 0", "~x.M", "1 ? x.M : 0", "-x.M", "x.M << 1"]
            .iter()
            .enumerate()
        {
            let form = form.replace('M', member);
            text += &format!("V{n}_{m} = _Generic({form}, {types}), S{n}_{m} = sizeof({form}),\n");
        }
        text += &format!("W{n} = _Generic(x.{member}, {types}),\n");
    }
    text += "X = sizeof(x.c + 0), Y = sizeof(+x.d), Z = sizeof(0, x.a), U = sizeof(!x.a) };";
    confirmed(&text);
    let record = "struct s { unsigned a : 3; struct { int b : 2; }; } x;";
    for use_of_it in [
        "int y[sizeof x.a];",
        "int y[sizeof(x.a)];",
        "extern typeof(x.a) y;",
        "extern typeof((x.b)) y;",
        "int *y = &x.a;",
        "int y[_Alignof(x.a)];",
        "int y[__builtin_offsetof(struct s, b)];",
    ] {
        let text = format!("{record} {use_of_it}");
        let initializer = use_of_it.contains('=');
        assert!(
            initializer || !takes(DataModel::X86_64_LINUX, &text),
            "{text}"
        );
        assert!(cc::accepts(&text).is_err(), "{text}");
    }
}

#[test]
fn typedefs_and_constants_declared_again() {
    confirmed("typedef int C; typedef int C; typedef int D(int *); typedef int D(int[3]);");
    let text = "static const int A; static const int A = 1;";
    cc::accepts(text).unwrap_or_else(|said| panic!("{said}"));
    assert_eq!(declared::integer(&declared::parsed(text), "A"), 1);
    refused(&[
        "enum { A = 1 }; enum { A = 1 };",
        "enum { A = 1 }; static const int A = 1;",
        "static const int A = 1; static const int A = 1;",
        "typedef int a[]; typedef int a[3];",
        "typedef enum e { A } x; typedef unsigned x;",
    ]);
    let linux = "typedef unsigned long A; typedef size_t A; typedef int32_t B; typedef int B; typedef int B;";
    assert!(takes(DataModel::X86_64_LINUX, linux));
    assert!(!takes(DataModel::I686_LINUX, linux));
    let judged = format!("typedef __SIZE_TYPE__ size_t; typedef __INT32_TYPE__ int32_t; {linux}");
    cc::accepts(&judged).unwrap_or_else(|said| panic!("{said}"));
}
