//! What Microsoft's rules say otherwise than gcc's, confirmed by clang for Windows.

// It asks this machine's compilers. The parser is the same program on every target.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;
#[path = "common/claims.rs"]
mod claims;

use claims::claims;
use farcall::layout::DataModel;

const CLANG: &[(DataModel, &[&str])] = &[
    (
        DataModel::X86_64_WINDOWS_MSVC,
        &["clang", "--target=x86_64-pc-windows-msvc"],
    ),
    (
        DataModel::I686_WINDOWS_MSVC,
        &["clang", "--target=i686-pc-windows-msvc"],
    ),
];

const GCC: &[(DataModel, &[&str])] = &[
    (DataModel::X86_64_WINDOWS, &["x86_64-w64-mingw32-gcc"]),
    (DataModel::I686_WINDOWS, &["i686-w64-mingw32-gcc"]),
];

const LINUX: &[(DataModel, &[&str])] = &[
    (DataModel::X86_64_LINUX, &["x86_64-linux-gnu-gcc"]),
    (DataModel::AARCH64_LINUX, &["aarch64-linux-gnu-gcc"]),
    (DataModel::I686_LINUX, &["i686-linux-gnu-gcc"]),
];

fn confirmed(text: &str) {
    confirmed_by(CLANG, text);
}

fn confirmed_by(compilers: &[(DataModel, &[&str])], text: &str) {
    for &(model, compiler) in compilers {
        let text = claims(text, model);
        match cc::accepted_by(compiler, &text) {
            None => eprintln!("skipped: {} is not installed", compiler[0]),
            Some(answer) => answer.unwrap_or_else(|said| panic!("{}: {said}", model.name)),
        }
    }
}

#[test]
fn no_packing_lowers_the_alignment_of_a_typedef_that_members_are_arrays_of() {
    confirmed(
        "typedef __declspec(align(16)) int aligned; typedef aligned array[4] __attribute__((aligned(4)));
         #pragma pack(push, 1)
         struct one { char c; aligned a[4]; };
         struct two { char c; aligned a[2][2]; };
         struct lower { char c; array a; };
         struct inner { char c; struct one a[2]; };
         #pragma pack(pop)
         struct packed { char c; aligned a[4]; } __attribute__((packed));",
    );
}

#[test]
fn atomic_types_are_packed() {
    confirmed(
        "struct four { char c[4]; };
         #pragma pack(push, 1)
         struct packed { char c; _Atomic(struct four) a; _Atomic(long long) b; };
         #pragma pack(pop)
         struct natural { char c; _Atomic(struct four) a; char d; _Atomic(long long) b; };
         struct __declspec(align(32)) inner { char c[40]; };
         struct three { char c[3]; };
         #pragma pack(push, 2)
         struct required { char c; _Atomic(struct inner) a; };
         struct rounded { char c; _Atomic(struct three) a; char d; _Atomic(struct three) b[2]; };
         struct complex { char c; _Atomic(double _Complex) a; char d; _Atomic(double _Complex) b[2]; };
         #pragma pack(pop)",
    );
}

#[test]
fn declspec_before_the_keyword_aligns_the_record() {
    confirmed(
        "__declspec(align(32)) struct s { int a, b, c, d, e; };
         __declspec(align(32)) union u { int a; char b[5]; };
         struct holder { char c; struct s s; union u u; };
         __declspec(align(32)) typedef struct t { int a; } t;
         struct outer { char c; __declspec(align(32)) struct inner { int a; } i; };
         struct g { int a; };
         struct member { char c; __declspec(align(32)) struct g g; char d; };
         struct after { char c; struct after_ { int a; } __declspec(align(32)) g; };
         struct gnu { char c; __attribute__((aligned(32))) struct gnu_ { int a; } g; };",
    );
}

#[test]
fn the_packing_before_a_records_braces_holds() {
    confirmed(
        "#pragma pack(push, 1)
         struct ends { char c;
         #pragma pack(pop)
         int a; };
         struct begins { char c;
         #pragma pack(push, 1)
         int a; };
         #pragma pack(pop)
         struct outer {
         #pragma pack(push, 1)
         char c; struct inner { char d; int e;
         #pragma pack(pop)
         } i; int f; };",
    );
}

#[test]
fn gcc_for_windows_has_its_own_rules() {
    confirmed_by(
        GCC,
        "__declspec(align(32)) struct s { int a; }; struct __declspec(align(32)) t { char c; struct s s; };
         struct m { char c; __declspec(align(8)) int a; };
         #pragma pack(push, 1)
         struct ends { char c;
         #pragma pack(pop)
         int a; };
         struct bits { char c; int b : 3; } __attribute__((packed));
         union bits_too { long long b : 3; char c; };
         enum e { A = 0x80000000, B = -1 };",
    );
}

#[test]
fn constants_are_of_type_int() {
    confirmed(
        "enum e { A = 0x80000000, B = 0x100000000ll, C, D = 0x7fffffff, E, F = 0xffffffffu, G, H = A < 0, I = sizeof(B) };
         enum wide : long long { W = 0x100000000ll, X, Y = sizeof(W) };
         enum narrow : unsigned char { N = 0x80 };
         enum packed { P = -1 } __attribute__((packed));",
    );
}

#[test]
fn gccs_attribute_for_bit_fields_is_passed_over() {
    confirmed(
        "struct __attribute__((gcc_struct)) gnu { char a; int b : 3; char c : 2; };
         struct __attribute__((ms_struct)) microsoft { char a; int b : 3; char c : 2; };",
    );
}

#[test]
fn attributes_ahead_of_a_record_without_a_name_count_for_clang_alone() {
    let text = "struct a { char a; __attribute__((aligned(8))) union { char b; int d; }; char c; };
         struct p { char a; __attribute__((packed)) struct { char b; int d; }; char c; };
         struct e { char a; __extension__ __attribute__((aligned(8), packed)) const struct { char b; int d; }; char c; };
         struct m { char a; struct __attribute__((aligned(8))) { char b; int d; }; char c; };
         struct w { char a; struct { char b; int d; } __attribute__((packed)); char c; };
         struct q { char a; struct { char b; int d; } const __attribute__((aligned(8))); char c; };
         struct l { char a; _Alignas(8) __attribute__((aligned(16))) struct { char b; int d; }; char c; };";
    confirmed(text);
    confirmed_by(GCC, text);
    confirmed_by(LINUX, text);
}
