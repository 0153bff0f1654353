//! Layouts of the host against its C compiler, which is asked to confirm them by `_Static_assert`. What that cannot ask
//! (the bits of bit-fields) and other targets are compared by `cargo xtask layout`.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;
#[path = "common/claims.rs"]
mod claims;

use std::fmt::Write as _;

use claims::{claims, declarations};
use farcall::ctype::{Primitive, TypeTable};
use farcall::layout::{DataModel, layout_of};

const RECORDS: &str = "
struct plain { char a; short b; int c; long d; char e; };
struct floats { char a; float b; char c; double d; char e; long double f; };
struct wide { char a; __int128 b; _Float128 c; float _Complex d; char e; long double _Complex f; };
struct pointers { char a; void *b; int (*c)(struct pointers *); struct pointers *d[3]; };
struct arrays { char a[3]; short b[2][3]; struct plain c[2]; int d[0]; };
union mixed { char a[9]; long b; struct plain c; };
struct anonymous { int a; struct { char b; union { short c; double d; }; }; union { int e; } f; };
struct flexible { int n; struct plain items[]; };
struct empty { };
struct bits { unsigned a : 3, b : 7; long long c : 40; char d; int : 0; char e; _Bool f : 1; short g; };
struct unnamed { char a; int : 4; char b; int : 0; long long : 1; char c; };
struct packed { char a; double b; int c : 5; long d : 40; short e; } __attribute__((packed));
struct aligned { char a; int b __attribute__((aligned(16))); _Alignas(32) char c; } __attribute__((aligned(64)));
struct member_packed { char a; long b __attribute__((packed)); int c; };
typedef double low __attribute__((aligned(2)));
typedef char high __attribute__((aligned(16)));
struct typedefs { char a; low b; char c; high d; };
typedef int v4 __attribute__((vector_size(16)));
struct vectors { char a; v4 b; _Atomic(short) c; _Atomic(struct plain) d; };
#pragma pack(push, 2)
struct pack2 { char a; long b; int c : 9; double d; struct aligned e; };
#pragma pack(4)
struct pack4 { char a; long b; long double c; };
#pragma pack(pop)
struct after_pack { char a; long b; };
#pragma pack(push, 1)
struct repacked_1 { char a;
#pragma pack(pop)
long b; };
struct repacked_2 { char a;
#pragma pack(push, 1)
long b; };
#pragma pack(pop)
enum small { S0 } __attribute__((packed)); enum negative { N0 = -1 }; enum large { L0 = 1ull << 40 };
struct enums { char a; enum small b; enum negative c; char d; enum large e; };
typedef int quad __attribute__((mode(DI)));
typedef unsigned int byte __attribute__((mode(QI)));
struct modes { byte a; quad b; byte c; };
struct microsoft { char a : 3; int b : 3; int c : 30; short d; } __attribute__((ms_struct));
struct __attribute__((aligned(16))) align_1 { char c; } __attribute__((aligned(2)));
struct __attribute__((aligned(2))) align_2 { char c; } __attribute__((aligned(16)));
struct align_3 { char c; } __attribute__((aligned(16), aligned(2)));
typedef int t4 __attribute__((aligned(16))) __attribute__((aligned(2))); struct align_4 { char c; t4 d; };
struct align_5 { char c; int d __attribute__((aligned(16))) __attribute__((aligned(2))); };
struct align_6 { char c; __attribute__((aligned(16))) int d __attribute__((aligned(2))); };
struct align_7 { char c; int * __attribute__((aligned(32))) p; };
struct align_8 { char c; int (__attribute__((aligned(16))) x); };
struct align_9 { char c; int *__attribute__((aligned(32))) *p; };
struct align_10 { char c; int *__attribute__((packed)) p; };
typedef __attribute__((aligned(16))) int t11 __attribute__((aligned(2))); struct align_11 { char c; t11 d; };
typedef int *__attribute__((aligned(32))) t12; struct align_12 { char c; t12 d; };
struct align_13 { char c; int (__attribute__((aligned(32))) *p); };
struct align_14 { char c; int (*__attribute__((aligned(32))) p)(void); };
struct align_15 { char c; int *__attribute__((aligned(2))) p; int (__attribute__((aligned(2))) a)[3]; };
struct align_16 { char c; int *__attribute__((aligned(16), aligned(2))) p; int *__attribute__((aligned(2))) a[3]; };
struct align_17 { char c; int *__attribute__((aligned(32))) p; } __attribute__((packed));
struct align_18 { char c; int *__attribute__((aligned(16))) (__attribute__((aligned(2))) p); };
struct align_19 { char c; int (*__attribute__((aligned(2))) p)(void); int *__attribute__((aligned(2))) const q; };
struct align_20 { char c; _Atomic double _Complex (__attribute__((aligned(2))) a); _Atomic(int) (__attribute__((aligned(2))) b); };
struct four { char c[4]; };
struct small_1 { char c; struct { long double a[0]; double _Complex b; } d; };
struct small_2 { char c; struct { _Atomic(double _Complex) a; } d; };
enum tagged { T0 };
struct align_22 { char c; _Atomic(enum tagged) (__attribute__((aligned(1))) a); };
struct align_21 { char c; _Atomic(struct four) (__attribute__((aligned(2))) a); };
typedef _Atomic(struct four) atomic_four;
struct atomic_1 { char c; _Atomic(struct four) a[2]; char d; atomic_four b[2][2]; char e; atomic_four f; };
struct atomic_2 { char c; _Atomic(float _Complex) a[2]; char d; _Atomic(long) b[2]; struct atomic_1 g; };
typedef unsigned long t32 __attribute__((aligned(32)));
struct units_1 { float a; t32 b : 62; char *c; t32 d : 40; char e; };
struct units_2 { char *a[5]; t32 b : 40; char c; };
struct units_4 { char a[16]; t32 b : 1; char c; } __attribute__((aligned(64)));
struct units_5 { char a[12]; t32 b : 8; t32 c : 3 __attribute__((aligned(4))); char d; };
struct units_3 { char a; t32 b : 3; char c; t32 : 5; };
struct nested { struct packed a; struct aligned b; union mixed c; struct bits d; char e; };
";

#[test]
fn records() {
    let text = claims(RECORDS, DataModel::HOST);
    cc::accepts(&text).unwrap_or_else(|said| panic!("{said}"));
}

/// gcc lowers the alignment of 8-byte members on i386, but not of all.
#[test]
fn records_of_i386() {
    let text = "
        struct eight { int a, b; };
        struct atomic { char c; _Atomic(struct eight) a; char d; struct { _Atomic(struct eight) a; } b; };
        struct arrays { char c; _Atomic(long long) a[2]; char d; _Atomic(struct eight) b[2]; };
        struct complex { char c; struct { _Atomic(float _Complex) a; } b; union { _Atomic(double _Complex) a; } d; };
        typedef _Bool high __attribute__((aligned(8)));
        struct units { char c; union { int a; high b : 1; } d; union { int a; high b : 1; } e __attribute__((packed)); };
        struct microsoft { char c; union { int a; high b : 1; } __attribute__((ms_struct)) d; };
        struct packed { char c; union { _Atomic long long a; long b __attribute__((packed, aligned(1))); } d; };
        struct unnamed { char c; union { long long a; high : 1; } d; };";
    let text = claims(text, DataModel::I686_LINUX);
    match cc::accepted_by(&["i686-linux-gnu-gcc", "-msse2"], &text) {
        None => eprintln!("skipped: i686-linux-gnu-gcc is not installed"),
        Some(answer) => answer.unwrap_or_else(|said| panic!("{said}")),
    }
}

#[test]
fn predefined_types() {
    let table = TypeTable::new(DataModel::HOST);
    let mut text = String::from(
        "#include <stddef.h>\n#include <stdint.h>\n#include <sys/types.h>\n#include <uchar.h>\n",
    );
    // Only AArch64's compilers have `__fp16`.
    for &primitive in Primitive::ALL.iter().filter(|&&p| p != Primitive::Fp16) {
        let layout = layout_of(&table, table.primitive(primitive)).unwrap();
        let name = primitive.spelling();
        writeln!(
            text,
            "_Static_assert(sizeof({name}) == {} && _Alignof({name}) == {}, \"{name}\");",
            layout.size, layout.align
        )
        .unwrap();
        if primitive.is_integer() {
            let signed = u8::from(primitive.is_signed(table.model()));
            writeln!(
                text,
                "_Static_assert((({name})-1 < 0) == {signed}, \"{name}\");"
            )
            .unwrap();
        }
    }
    cc::accepts(&text).unwrap_or_else(|said| panic!("{said}"));
}

#[test]
fn arrays_of_types_more_aligned_than_large_are_rounded_up() {
    // gcc refuses them; clang, whose say holds by Microsoft's rules, gives 16 here.
    let declarations = declarations(
        "typedef char t __attribute__((aligned(16))); struct s { t a[3]; };",
        DataModel::X86_64_WINDOWS_MSVC,
    );
    let size = |text: &str| {
        layout_of(&**declarations.types(), declarations.type_of(text).unwrap())
            .unwrap()
            .size
    };
    assert_eq!((size("t"), size("t[3]"), size("struct s")), (1, 16, 16));
}
