//! Constants, bit-fields and alignments in expressions, judged by gcc and its cross compilers.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;
#[path = "common/claims.rs"]
mod claims;
#[path = "common/confirmed.rs"]
mod confirmed;
#[path = "common/declared.rs"]
mod declared;

use declared::{failed, takes};
use farcall::layout::DataModel;

fn confirmed(text: &str) {
    confirmed::confirmed(&confirmed::TARGETS, text);
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

#[test]
fn what_gcc_refuses_of_declarations() {
    refused(&[
        "int f(int a, int a);",
        "void g(int a, int (*h)(int a, int a));",
        "int x; static int x;",
        "static int x; int x;",
        "extern int x; static int x;",
        "int f(void); static int f(void);",
        "int a = 1; int a = 2;",
        "int a[] = {1}; int a[] = {1};",
        "auto int x;",
        "register int x;",
        "auto int f(void);",
        "register int f(void) asm(\"g\");",
        "int restrict x;",
        "int restrict *p;",
        "struct s { int restrict x; };",
        "int f(int [static]);",
        "int f(int [2][static 2]);",
        "int f(int [2][const 2]);",
        "int f(int (*)[static 2]);",
        "void f(int a[static *]);",
        "enum { A = 0x7fffffff, B };",
        "enum { A = 0x7fffffffL, B };",
        "enum { A = -2u, B, C };",
        "enum { A = 0xffffffffffffffff, B };",
        "void f(const void);",
        "void f(volatile void);",
        "void f(register void);",
        "typedef void v; void f(const v);",
        "int x[1lL];",
        "int x[1Ll];",
        "int x[1i8];",
        "int x[1z];",
        "int x[1t];",
        "typedef int t __attribute__((aligned(16))); extern t x[2];",
        "typedef int t __attribute__((aligned(16))); void f(t x[1]);",
        "typedef struct { char c[24]; } t __attribute__((aligned(16))); extern t x[2];",
    ]);
}

#[test]
fn what_gcc_takes_of_them() {
    let text = "static int a; extern int a; static int f(void); int f(void); extern int b = 1; int b; int c; int c = 1;\n\
                static int d; static int d; typedef int *p; p restrict e; typedef int *q[2]; q restrict g; register int h asm(\"ebx\");\n\
                int i(int a, int (*j)(int a)); void k(int [static const 3], int [const static 3], int [restrict], int l[*]);\n\
                enum { A = (char)127, B, C = 0x80000000, D, E = 0xfffffffful, F, G = -1 };\n\
                struct s { } __attribute__((aligned(16))); extern struct s m[3]; int n[2] __attribute__((aligned(16)));\n\
                int o[1LLu], r[1uLL]; void t(void), t(void); extern int u[1 ? 1 : undeclared()]; char v[] = \"abc\", w[] = {\"de\"};\n\
                int x[] = {1, 2, [5] = 6}; enum { H = sizeof v, I = sizeof w, J = sizeof x, K = 1 || undeclared() };\n";
    let claims = claims::claims(text, DataModel::X86_64_LINUX);
    cc::accepts(&claims).unwrap_or_else(|said| panic!("{said}"));
    declared::parsed(
        "int x[] = {1, 2}; extern int y[sizeof x]; int z[] = {not_declared}; enum { A = sizeof(x) };",
    );
}

#[test]
fn numbers_that_a_conversion_cuts_off() {
    confirmed(
        "enum { A = (int)1e10, B = (int)-1e10, C = (unsigned char)300.5, D = (int)(unsigned)-1.0, E = (unsigned)1e10 == 0xffffffff,\n\
         F = (short)40000.0, G = (signed char)-200.7, H = (long long)1e30 == 0x7fffffffffffffff, I = (unsigned long long)1e30 == -1ull,\n\
         J = (unsigned long long)-1.5, K = (_Bool)0.25 };",
    );
}

#[test]
fn half_precision_on_arm() {
    let text = "extern __fp16 x; struct s { char c; __fp16 h; };\n\
                enum { A = sizeof(x + x), B = sizeof(+x), C = sizeof(x), D = _Generic(x + x, float: 1, default: 2), E = _Generic(x, float: 1, default: 2) };\n\
                __fp16 f(__fp16);";
    let claims = claims::claims(text, DataModel::AARCH64_LINUX);
    match cc::accepted_by(&["aarch64-linux-gnu-gcc"], &claims) {
        Some(answer) => answer.unwrap_or_else(|said| panic!("{said}")),
        None => eprintln!("skipped: there is no aarch64-linux-gnu-gcc"),
    }
    assert!(!takes(DataModel::X86_64_LINUX, "__fp16 x;"));
    for text in ["_Decimal64 x;", "__auto_type x = 3;", "__bf16 x;"] {
        let kind = &failed(text)[0].2;
        assert!(kind.to_string().ends_with("is not supported"), "{kind}");
    }
}

#[test]
fn floating_point_constants_have_the_precision_of_their_type() {
    let long = "static const long double L = 1;\n\
        enum { A = (float)9007199791611905LL == (float)(double)9007199791611905LL, B = (long long)(float)9007199791611905LL == 9007200328482816LL,\n\
        C = (long double)0x7fffffffffffffffLL == 0x7fffffffffffffffLL, D = (double)0x7fffffffffffffffLL == (long double)0x7fffffffffffffffLL,\n\
        E = 0.1L == 0.1, F = (double)0.1L == 0.1, G = 0x1.00000000000000008p0L > 1, H = (long long)(9007199254740993.0L) == 9007199254740993,\n\
        I = 0.1L + 0.2L == 0.3L, J = 1.0L / 3 * 3 == 1, K = 1e400L > 1e308L, M = (0.1f == 0.1) + 2 * (0.5f == 0.5), N = (int)(1e30L / 1e29L),\n\
        O = -0.0L == 0, P = !0.0L, Q = (unsigned long long)18446744073709551615.0L == 18446744073709551615ull,\n\
        R = 16777217.0f == 16777216, S = 0x1.fffffffffffff8p0 == 2, T = 1.0e-400L > 0, U = 0x1p-16445L > 0 };\n";
    confirmed(&long.replace("static const long double L = 1;\n", ""));
    let d = declared::parsed(
        "#define X 9007199254740993.0L\n#define Y (X)\nenum { A = (long)(Y) == 9007199254740993, B = Y * 1 == 9007199254740993 };",
    );
    assert_eq!(["A", "B"].map(|name| declared::integer(&d, name)), [1, 1]);
    for odd in [
        "0x1p99999999999999999999L",
        "1e99999999999999999999L",
        "1e-99999999999999999999L",
        "0x1p-99999999999999999999L",
    ] {
        declared::parsed(&format!("enum {{ A = {odd} > 0 }};"));
    }
    let endless = format!("enum {{ A = {}.0L > 0 }};", "9".repeat(100_000));
    assert_eq!(failed(&endless).len(), 1);
}

#[test]
fn what_128_bits_without_a_sign_come_to() {
    let text = "enum { A = ((unsigned __int128)1 << 126) >> 126, B = ((unsigned __int128)1 << 100) / 3 > 0, C = sizeof(-(unsigned __int128)1) };";
    let claims = claims::claims(text, DataModel::X86_64_LINUX);
    cc::accepts(&claims).unwrap_or_else(|said| panic!("{said}"));
    for expression in [
        "(unsigned __int128)-1 > 0",
        "((unsigned __int128)1 << 127) > 0",
        "~(unsigned __int128)0 > 0",
        "-(unsigned __int128)1 > 0",
        "(((unsigned __int128)1 << 126) + ((unsigned __int128)1 << 126)) > 0",
    ] {
        let said = failed(&format!("enum {{ A = {expression} }};"))[0]
            .2
            .to_string();
        assert_eq!(
            said, "an 'unsigned __int128' from 2^127 on is not supported",
            "{expression}"
        );
    }
}
