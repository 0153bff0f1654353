//! Macros that compilers predefine about their types, as each target's compiler lists them.

// It asks this machine's compilers. The parser is the same program on every target.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;
#[path = "common/declared.rs"]
mod declared;

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use declared::{evaluated, failed, on, parsed, spelled};
use farcall::cdef::{CdefOptions, Value};
use farcall::layout::DataModel;

const COMPILERS: &[(DataModel, &[&str])] = &[
    (DataModel::X86_64_LINUX, &["x86_64-linux-gnu-gcc"]),
    (DataModel::AARCH64_LINUX, &["aarch64-linux-gnu-gcc"]),
    (DataModel::I686_LINUX, &["i686-linux-gnu-gcc"]),
    (DataModel::X86_64_WINDOWS, &["x86_64-w64-mingw32-gcc"]),
    (DataModel::I686_WINDOWS, &["i686-w64-mingw32-gcc"]),
    (
        DataModel::X86_64_WINDOWS_MSVC,
        &["clang", "--target=x86_64-pc-windows-msvc"],
    ),
    (
        DataModel::I686_WINDOWS_MSVC,
        &["clang", "--target=i686-pc-windows-msvc"],
    ),
];

/// The names that a compiler predefines, of the families that are known here.
fn macros(compiler: &[&str]) -> Option<Vec<String>> {
    let output = Command::new(compiler[0])
        .args(&compiler[1..])
        .args(["-dM", "-E", "-xc", "-"])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let names = text
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1));
    let known = |name: &&str| {
        let family = name.ends_with("_TYPE__") || name.starts_with("__SIZEOF_");
        let largest =
            name.ends_with("_MAX__") && !name.contains("_DECIMAL") && !name.contains("_EXP");
        let other = [
            "__CHAR_BIT__",
            "__BYTE_ORDER__",
            "__LP64__",
            "__BIGGEST_ALIGNMENT__",
        ]
        .contains(name);
        family || largest || other || name.starts_with("__ORDER_")
    };
    Some(names.filter(known).map(str::to_owned).collect())
}

/// Largest values of floating-point types, and of `sig_atomic_t`.
fn is_left_out(name: &str) -> bool {
    let parts = ["FLT", "DBL", "DEC", "SIG_ATOMIC_MAX"];
    parts.iter().any(|part| name.contains(part))
}

#[test]
fn every_macro_is_what_its_compiler_says() {
    for &(model, compiler) in COMPILERS {
        let Some(macros) = macros(compiler) else {
            eprintln!("skipped: {} is not installed", compiler[0]);
            continue;
        };
        let (mut text, mut count) = (String::new(), 0);
        for name in macros.iter().filter(|name| !is_left_out(name)) {
            let mut declarations = on(model);
            count += 1;
            let claim = if name.ends_with("_TYPE__") {
                let ty = declarations
                    .type_of(name)
                    .unwrap_or_else(|errors| panic!("{}: {errors}", model.name));
                let spelling = declarations.types().spelling(ty);
                format!("__builtin_types_compatible_p({name}, {spelling})")
            } else {
                let options = CdefOptions::default();
                declarations
                    .parse(&format!("#define N {name}"), &options)
                    .unwrap_or_else(|errors| panic!("{}: {errors}", model.name));
                let constant = declarations.constant("N").unwrap();
                let Value::Integer(value) = constant.value else {
                    panic!("{name} is an integer")
                };
                let ty = declarations.types().spelling(constant.ty);
                format!(
                    "{name} == {value}ull && __builtin_types_compatible_p(__typeof__({name}), {ty})"
                )
            };
            writeln!(text, "_Static_assert({claim}, \"{name}\");").unwrap();
        }
        assert!(count > 70, "{count}");
        let answer = cc::accepted_by(compiler, &text).expect("it has just run");
        answer.unwrap_or_else(|said| panic!("{}: {said}", model.name));
    }
}

#[test]
fn declared_names_go_first() {
    let d = parsed(
        "typedef __SIZE_TYPE__ my_size; typedef short __INT32_TYPE__; extern __INT32_TYPE__ x; my_size f(void);",
    );
    assert_eq!(spelled(&d, "x"), "short x");
    assert_eq!(spelled(&d, "f"), "unsigned long f()");
    let d = parsed("#define __INT_MAX__ 3\nextern char x[__INT_MAX__];");
    assert_eq!(declared::size(&d, "x"), 3);
    assert_eq!(evaluated("sizeof(__LONG_MAX__) * __CHAR_BIT__"), 64);
    for text in [
        "extern int x[__INT128_MAX__];",
        "extern int x[__SIZEOF_PIG__];",
        "extern __INT7_TYPE__ x;",
    ] {
        assert_eq!(failed(text).len(), 1, "{text}");
    }
}
