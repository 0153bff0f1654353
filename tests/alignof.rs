//! `_Alignof` of types and `__alignof__`, as each target's gcc answers.

// It asks this machine's compilers. The parser is the same program on every target.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;
#[path = "common/declared.rs"]
mod declared;

use std::fmt::Write as _;

use declared::{integer, parsed_on};
use farcall::layout::DataModel;

const TYPES: &str = "typedef int v32 __attribute__((vector_size(32))); typedef v32 arr[2];
    typedef int a32 __attribute__((aligned(32))); struct s { char a; v32 v; };
    struct t { int x; } __attribute__((aligned(32))); struct u { int x __attribute__((aligned(32))); };
    struct w { a32 x; }; struct x { struct s s; }; struct y { struct u u; v32 v; }; struct z { _Alignas(32) char c; };
    struct mixed { v32 v; int x __attribute__((aligned(8))); }; struct low { v32 v; } __attribute__((packed));
    struct hi { v32 v __attribute__((aligned(64))); }; typedef struct s ts __attribute__((aligned(32)));
    union vec { v32 v; char c; };";

const NAMES: &[&str] = &[
    "v32",
    "arr",
    "a32",
    "struct s",
    "struct t",
    "struct u",
    "struct w",
    "struct x",
    "struct y",
    "struct z",
    "struct mixed",
    "struct low",
    "struct hi",
    "ts",
    "union vec",
];

#[test]
fn large_vectors_are_less_aligned_to_c11() {
    for (model, compiler) in [
        (DataModel::X86_64_LINUX, ["x86_64-linux-gnu-gcc"].as_slice()),
        (DataModel::AARCH64_LINUX, &["aarch64-linux-gnu-gcc"]),
        (DataModel::I686_LINUX, &["i686-linux-gnu-gcc", "-msse2"]),
        (DataModel::X86_64_WINDOWS, &["x86_64-w64-mingw32-gcc"]),
        (DataModel::I686_WINDOWS, &["i686-w64-mingw32-gcc"]),
        (
            DataModel::X86_64_WINDOWS_MSVC,
            &["clang", "--target=x86_64-pc-windows-msvc"],
        ),
    ] {
        let mut text = TYPES.to_string();
        for name in NAMES {
            for keyword in ["_Alignof", "__alignof__"] {
                let asked = format!("{keyword}({name})");
                let answered = parsed_on(model, &format!("{TYPES} enum {{ X = {asked} }};"));
                let align = integer(&answered, "X");
                writeln!(
                    text,
                    "_Static_assert({asked} == {align}, \"{asked} {align}\");"
                )
                .unwrap();
            }
        }
        match cc::accepted_by(compiler, &text) {
            None => eprintln!("skipped: {} is not installed", compiler[0]),
            Some(answer) => answer.unwrap_or_else(|said| panic!("{}: {said}", model.name)),
        }
    }
}
