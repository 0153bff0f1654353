//! Types back to C, against what cffi 2.1.1 prints.

use std::sync::Arc;

use farcall::cdef::{CdefOptions, Declarations};
use farcall::ctype::TypeTable;
use farcall::layout::DataModel;

const DECLARATIONS: &str = "
    struct s { int a; }; typedef int (*fn)(struct s *); enum e { A }; typedef int arr[3]; typedef int v3[3][4];
    typedef int fnt(int); typedef void *vp; typedef struct { int x; } t; typedef struct { int y; } *p;";

/// What `ffi.getctype(type, x)` gives for these `x`.
const EXTRAS: [&str; 5] = ["", "&", "*", "[5]", "x"];

#[rustfmt::skip]
const CFFI: &[(&str, [&str; 5])] = &[
    ("int", ["int", "int &", "int *", "int[5]", "int x"]),
    ("unsigned", ["unsigned int", "unsigned int &", "unsigned int *", "unsigned int[5]", "unsigned int x"]),
    ("long long int", ["long long", "long long &", "long long *", "long long[5]", "long long x"]),
    ("short unsigned", ["unsigned short", "unsigned short &", "unsigned short *", "unsigned short[5]", "unsigned short x"]),
    ("char const*const*", ["char * *", "char * * &", "char * * *", "char * *[5]", "char * * x"]),
    ("fn", ["int(*)(struct s *)", "int(* &)(struct s *)", "int(* *)(struct s *)", "int(*[5])(struct s *)", "int(* x)(struct s *)"]),
    ("fn*", ["int(* *)(struct s *)", "int(* * &)(struct s *)", "int(* * *)(struct s *)", "int(* *[5])(struct s *)", "int(* * x)(struct s *)"]),
    ("arr*", ["int(*)[3]", "int(* &)[3]", "int(* *)[3]", "int(*[5])[3]", "int(* x)[3]"]),
    ("arr[2]", ["int[2][3]", "int &[2][3]", "int(*)[2][3]", "int[5][2][3]", "int x[2][3]"]),
    ("fnt*", ["int(*)(int)", "int(* &)(int)", "int(* *)(int)", "int(*[5])(int)", "int(* x)(int)"]),
    ("void(*)(fnt)", ["void(*)(int(*)(int))", "void(* &)(int(*)(int))", "void(* *)(int(*)(int))", "void(*[5])(int(*)(int))", "void(* x)(int(*)(int))"]),
    ("void(*)(arr)", ["void(*)(int *)", "void(* &)(int *)", "void(* *)(int *)", "void(*[5])(int *)", "void(* x)(int *)"]),
    ("void(*)(v3)", ["void(*)(int(*)[4])", "void(* &)(int(*)[4])", "void(* *)(int(*)[4])", "void(*[5])(int(*)[4])", "void(* x)(int(*)[4])"]),
    ("struct s*", ["struct s *", "struct s * &", "struct s * *", "struct s *[5]", "struct s * x"]),
    ("enum e*", ["enum e *", "enum e * &", "enum e * *", "enum e *[5]", "enum e * x"]),
    ("vp[4]", ["void *[4]", "void * &[4]", "void *(*)[4]", "void *[5][4]", "void * x[4]"]),
    ("t", ["t", "t &", "t *", "t[5]", "t x"]),
    ("t*", ["t *", "t * &", "t * *", "t *[5]", "t * x"]),
    ("p", ["struct $1 *", "struct $1 * &", "struct $1 * *", "struct $1 *[5]", "struct $1 * x"]),
    ("int(*[3])(char *, ...)", ["int(*[3])(char *, ...)", "int(* &[3])(char *, ...)", "int(*(*)[3])(char *, ...)", "int(*[5][3])(char *, ...)", "int(* x[3])(char *, ...)"]),
    ("int(*)(char *, ...)", ["int(*)(char *, ...)", "int(* &)(char *, ...)", "int(* *)(char *, ...)", "int(*[5])(char *, ...)", "int(* x)(char *, ...)"]),
    ("int(*(*)[2])(int)", ["int(*(*)[2])(int)", "int(*(* &)[2])(int)", "int(*(* *)[2])(int)", "int(*(*[5])[2])(int)", "int(*(* x)[2])(int)"]),
    ("void(*(*)(int, void(*)(int)))(int)", ["void(*(*)(int, void(*)(int)))(int)", "void(*(* &)(int, void(*)(int)))(int)", "void(*(* *)(int, void(*)(int)))(int)", "void(*(*[5])(int, void(*)(int)))(int)", "void(*(* x)(int, void(*)(int)))(int)"]),
    ("unsigned char(*)[]", ["unsigned char(*)[]", "unsigned char(* &)[]", "unsigned char(* *)[]", "unsigned char(*[5])[]", "unsigned char(* x)[]"]),
    ("double(*)[2][3]", ["double(*)[2][3]", "double(* &)[2][3]", "double(* *)[2][3]", "double(*[5])[2][3]", "double(* x)[2][3]"]),
    ("int*(*)(int)", ["int *(*)(int)", "int *(* &)(int)", "int *(* *)(int)", "int *(*[5])(int)", "int *(* x)(int)"]),
    ("int **[3]", ["int * *[3]", "int * * &[3]", "int * *(*)[3]", "int * *[5][3]", "int * * x[3]"]),
    ("int[3][4]", ["int[3][4]", "int &[3][4]", "int(*)[3][4]", "int[5][3][4]", "int x[3][4]"]),
    ("int(*)()", ["int(*)()", "int(* &)()", "int(* *)()", "int(*[5])()", "int(* x)()"]),
    ("bool", ["_Bool", "_Bool &", "_Bool *", "_Bool[5]", "_Bool x"]),
    ("size_t", ["size_t", "size_t &", "size_t *", "size_t[5]", "size_t x"]),
    ("FILE*", ["FILE *", "FILE * &", "FILE * *", "FILE *[5]", "FILE * x"]),
];

#[test]
fn types_are_spelled_as_cffi_does() {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::X86_64_LINUX)));
    declarations
        .parse(DECLARATIONS, &CdefOptions::default())
        .unwrap();
    for (text, spelled) in CFFI {
        let ty = declarations.type_of(text).unwrap();
        let ours = EXTRAS.map(|extra| declarations.types().spelling_with(ty, extra));
        assert_eq!(&ours, spelled, "{text}");
    }
}

#[test]
fn a_spelling_is_the_type_again() {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::X86_64_LINUX)));
    declarations
        .parse(DECLARATIONS, &CdefOptions::default())
        .unwrap();
    for (text, _) in CFFI.iter().filter(|(text, _)| *text != "p") {
        let ty = declarations.type_of(text).unwrap();
        assert_eq!(
            declarations
                .type_of(&declarations.types().spelling(ty))
                .unwrap(),
            ty,
            "{text}"
        );
    }
}

#[test]
fn names_that_would_double_without_end_are_cut() {
    let mut text = String::from("typedef void (*f0)(void);\n");
    for i in 0..200 {
        text += &format!("typedef void (*f{})(f{i}, f{i});\n", i + 1);
    }
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::X86_64_LINUX)));
    declarations.parse(&text, &CdefOptions::default()).unwrap();
    let spelled = declarations
        .types()
        .spelling(declarations.type_of("f200").unwrap());
    assert!(spelled.len() < 200_000, "{}", spelled.len());
}

/// Declarations whose names cffi chooses, and types to spell after them.
const NAMED: &[(&str, &[&str])] = &[
    ("enum e { A }; typedef enum e e_t;", &["enum e", "e_t"]),
    ("typedef enum e { A } e_t;", &["enum e", "e_t"]),
    (
        "struct s { int a; }; typedef struct s s_t;",
        &["struct s", "s_t"],
    ),
    ("typedef struct s { int a; } s_t;", &["struct s", "s_t"]),
    (
        "typedef struct s { int a; } *p, s_t;",
        &["struct s", "s_t", "p"],
    ),
    (
        "typedef struct s *p, s_t; struct s { int a; };",
        &["struct s", "p"],
    ),
    ("typedef struct { int h; } *hp, h3;", &["hp", "h3"]),
    ("typedef struct { int h; } h3, *hp;", &["hp", "h3"]),
    ("typedef struct { int h; } *hp;", &["hp"]),
    ("typedef enum { A } en;", &["en"]),
    ("typedef enum { A } *en, em;", &["en", "em"]),
    ("typedef enum { A } en, em;", &["en", "em"]),
    (
        "typedef struct { int h; } a, b; typedef a c;",
        &["a", "b", "c"],
    ),
    (
        "struct s; typedef struct s s_t; struct s { int a; };",
        &["s_t", "struct s"],
    ),
    (
        "typedef union u u_t; union u { int a; };",
        &["u_t", "union u"],
    ),
    ("typedef struct { int h; } arr[3], q;", &["arr", "q"]),
    (
        "typedef struct { struct { int x; } in; int h; } q; typedef struct { int z; } *r;",
        &["r", "q"],
    ),
    ("enum { A }; typedef struct { int z; } *r;", &["r"]),
    (
        "typedef struct { enum { A } x; union { int b; float c; } u; } q; typedef struct { int z; } *r;",
        &["r"],
    ),
    ("typedef const struct { int z; } r;", &["r"]),
    (
        "enum e { A }; typedef enum e a; typedef enum e b;",
        &["a", "b"],
    ),
    (
        "struct s { int a; }; typedef struct s a; typedef struct s b; typedef a c;",
        &["a", "b", "c"],
    ),
    (
        "typedef ... op; typedef op op2; typedef ... *opp;",
        &["op *", "op2 *", "opp"],
    ),
    (
        "typedef int (*f)(int, ...); typedef f g[3]; typedef g *h;",
        &["f", "g", "h", "f(*)(g, h)"],
    ),
];

/// What cffi's `getctype` gives for the types of each row with each of [`EXTRAS`]; nothing if it is not installed.
const ASK: &str = r#"
import sys, cffi
for line in sys.stdin.read().split("\n"):
    if not line: continue
    text, *types = line.split("\t")
    ffi = cffi.FFI()
    ffi.cdef(text)
    for type in types:
        for extra in ["", "&", "*", "[5]", "x"]:
            print(ffi.getctype(type, extra))
"#;

fn asked(rows: &[(String, Vec<String>)]) -> Option<Vec<String>> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    // `cargo xtask bench` makes the environment.
    let target = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let mut python = Command::new(target.join("cffi/bin/python"))
        .args(["-c", ASK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let lines: String = rows
        .iter()
        .map(|(text, types)| format!("{text}\t{}\n", types.join("\t")))
        .collect();
    python.stdin.take()?.write_all(lines.as_bytes()).ok()?;
    let output = python.wait_with_output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    Some(said.lines().map(String::from).collect())
}

/// A type made of random derivations.
fn derived(rng: &mut fastrand::Rng, base: &str) -> String {
    let mut declarator = String::new();
    for _ in 0..rng.u32(1..5) {
        declarator = match rng.u32(0..4) {
            0 | 1 => format!("*{declarator}"),
            2 if declarator.starts_with('*') => format!("({declarator})[{}]", rng.u32(1..9)),
            _ if declarator.starts_with('*') => format!("({declarator})(int, {base} *)"),
            _ => format!("*{declarator}"),
        };
    }
    format!("{base} {declarator}")
}

#[test]
fn random_types_and_names_are_spelled_as_the_installed_cffi_does() {
    let mut rng = fastrand::Rng::with_seed(7);
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for (text, types) in NAMED {
        rows.push((
            text.to_string(),
            types.iter().map(|ty| ty.to_string()).collect(),
        ));
    }
    let bases = [
        "int",
        "struct s",
        "t",
        "unsigned char",
        "enum e",
        "fn",
        "void *",
        "size_t",
    ];
    for _ in 0..200 {
        let mut random = || {
            let base = bases[rng.usize(..bases.len())];
            derived(&mut rng, base)
        };
        let types = (0..5).map(|_| random());
        rows.push((DECLARATIONS.trim().replace('\n', " "), types.collect()));
    }
    let Some(said) = asked(&rows).filter(|said| !said.is_empty()) else {
        return eprintln!("skipped: cffi is not installed (cargo xtask test does it)");
    };
    let mut said = said.iter();
    for (text, types) in &rows {
        let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::X86_64_LINUX)));
        declarations.parse(text, &CdefOptions::default()).unwrap();
        for ty in types {
            let id = declarations
                .type_of(ty)
                .unwrap_or_else(|errors| panic!("{errors}"));
            for extra in EXTRAS {
                let ours = declarations.types().spelling_with(id, extra);
                assert_eq!(Some(&ours), said.next(), "{text}: {ty} with '{extra}'");
            }
        }
    }
}
