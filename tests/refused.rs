//! Text that is no C: what gcc refuses is refused here, with the place and the reason.

// It asks this machine's compilers. The parser is the same program on every target.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;
#[path = "common/declared.rs"]
mod declared;

use declared::{failed, parsed, takes};
use farcall::cdef::CdefOptions;
use farcall::layout::DataModel;

/// Each is wrong at a column for a reason, to gcc and to clang too.
const WRONG: &[(&str, u32, &str)] = &[
    (
        "typedef const int t; typedef int t;",
        34,
        "'t' was already declared, as 'typedef const int t'",
    ),
    (
        "_Alignas(1) int x;",
        1,
        "'_Alignas' cannot lower the alignment: it asks for 1, and 'int' has 4",
    ),
    (
        "struct s { _Alignas(1) int x; } __attribute__((packed));",
        12,
        "'_Alignas' cannot lower the alignment: it asks for 1, and 'int' has 4",
    ),
    (
        "typedef _Alignas(8) int x;",
        9,
        "a typedef cannot have '_Alignas'",
    ),
    (
        "struct s { _Alignas(8) int x : 3; };",
        12,
        "a bit-field cannot have '_Alignas'",
    ),
    (
        "void f(_Alignas(8) int x);",
        8,
        "a parameter cannot have '_Alignas'",
    ),
    (
        "_Alignas(8) int f(void);",
        1,
        "a function cannot have '_Alignas'",
    ),
    (
        "int x _Alignas(16);",
        7,
        "expected ',' or ';', found '_Alignas'",
    ),
    (
        "int * _Alignas(16) x;",
        7,
        "expected a name, found '_Alignas'",
    ),
    (
        "struct _Alignas(16) s { int x; };",
        8,
        "expected '{', found '_Alignas'",
    ),
    (
        "void f(static int x);",
        8,
        "a parameter has no storage class but 'register'",
    ),
    (
        "enum e { };",
        10,
        "expected an enumeration constant, found '}'",
    ),
    ("_Atomic(int[3]) x;", 1, "'_Atomic' does not take an array"),
    (
        "typedef int a[3]; _Atomic a x;",
        19,
        "'_Atomic' does not take an array",
    ),
    (
        "_Atomic(int(void)) *x;",
        1,
        "'_Atomic' does not take a function",
    ),
    (
        "struct s { int x[]; };",
        10,
        "an array without a length needs another member with a name before it",
    ),
    (
        "struct s { int : 3; int x[]; };",
        10,
        "an array without a length needs another member with a name before it",
    ),
    (
        "union u { int a; int x[]; };",
        9,
        "a union cannot have an array without a length",
    ),
    ("int f(void) {} int f(void) {}", 20, "'f' is defined twice"),
    (
        "double x = \"abc\";",
        12,
        "a value of type 'char[4]' cannot initialize 'double'",
    ),
    (
        "int *x = 1.5;",
        10,
        "a value of type 'double' cannot initialize 'int *'",
    ),
    (
        "struct s { int a; } x = 5;",
        25,
        "a value of type 'int' cannot initialize 'struct s'",
    ),
    (
        "int x[3] = 5;",
        12,
        "a value of type 'int' cannot initialize 'int[3]'",
    ),
    (
        "int x[] = \"abc\";",
        11,
        "a value of type 'char[4]' cannot initialize 'int[]'",
    ),
    (
        "int y; float x = &y;",
        18,
        "a value of type 'int *' cannot initialize 'float'",
    ),
    ("int w = (1 ? 2 3);", 16, "expected ':', found '3'"),
    ("double d = 1.5 e;", 16, "expected ',' or ';', found 'e'"),
    (
        "double d = 1.5, *p = & ;",
        24,
        "expected an expression, found ';'",
    ),
    ("static extern int x;", 8, "'extern' cannot follow 'static'"),
    (
        "typedef typedef int t;",
        9,
        "'typedef' cannot follow 'typedef'",
    ),
    (
        "struct s { register int n; };",
        12,
        "a member has no storage class",
    ),
    (
        "int x[sizeof(static int)];",
        14,
        "expected an expression, found 'static'",
    ),
    (
        "int x[const 3];",
        7,
        "expected an expression, found 'const'",
    ),
    (
        "char s[*] = \"abc\";",
        9,
        "expected an expression, found ']'",
    ),
    ("int (const *p);", 6, "expected a name, found 'const'"),
    ("int return(int x);", 5, "expected a name, found 'return'"),
    ("_Static_assert(1, );", 19, "expected a string, found ')'"),
    ("void f(int a[zz]);", 14, "unknown constant 'zz'"),
    ("void f(int a[n], int n);", 14, "unknown constant 'n'"),
    (
        "void f(int a[-1]);",
        14,
        "an array's length must be from 0 to 2^64 - 1",
    ),
    (
        "void f(int n, int a[n * 1.5]);",
        21,
        "an array's length must be an integer",
    ),
    (
        "struct s { struct s { int a; } b; char c; };",
        19,
        "'struct s' is defined inside its own braces",
    ),
    (
        "struct s { struct { union { struct s { int a; } b; } t; } u; };",
        36,
        "'struct s' is defined inside its own braces",
    ),
    (
        "struct s { int x[sizeof(struct s { int a; })]; };",
        32,
        "'struct s' is defined inside its own braces",
    ),
    (
        "struct s { typeof(struct s { int a; }) x; };",
        26,
        "'struct s' is defined inside its own braces",
    ),
    (
        "union u { char c[sizeof(enum e { A = sizeof(union u { int a; }) })]; };",
        51,
        "'union u' is defined inside its own braces",
    ),
    (
        "enum e { A = sizeof(enum e { B }) };",
        26,
        "'enum e' is defined inside its own braces",
    ),
];

#[test]
fn a_body_inside_its_own_braces_is_refused_on_replacement_too() {
    for text in [
        "struct s { struct s { int a; } b; };",
        "enum e { X = sizeof(enum e { Y }) };",
    ] {
        let mut d = parsed("struct s { int a; }; enum e { A };");
        let options = CdefOptions {
            replace: true,
            ..CdefOptions::default()
        };
        let errors = d.parse(text, &options).unwrap_err();
        assert!(errors.first().to_string().contains("its own braces"));
    }
}

#[test]
fn what_gcc_refuses() {
    for &(text, column, reason) in WRONG {
        let errors = failed(text);
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        let (line, found, kind) = &errors[0];
        assert_eq!((*line, *found), (1, column), "{text}: {kind}");
        assert_eq!(kind.to_string(), reason, "{text}");
        assert!(cc::accepts(text).is_err(), "gcc takes {text}");
    }
}

#[test]
fn what_gcc_takes_though_it_looks_alike() {
    let text = "struct a { struct { }; int x[]; }; struct b { struct { int x; } _Alignas(16) y; };\n\
                _Alignas(0) int c; _Alignas(16) struct d { int x; }; void e(register int x);\n\
                extern inline __attribute__((gnu_inline)) int f(void) { return 1; } int f(void) { return 2; }\n\
                int g = sizeof \"abc\", *h = &g, *i = 0; double j = 3, k = {1}; char l[] = \"abc\", m[] = {\"d\"};\n\
                void (*n)(int) = e; const char *o = \"a\" \"b\"; struct d q = (struct d){1};\n\
                typedef const int r; typedef const int r; int s[2] = {1, 2}; __int128 t = 5;\n\
                extern int u; unsigned long v = (unsigned long)&u; typedef unsigned int w[3]; _Atomic(int *) y;\n";
    parsed(text);
    if let Err(message) = cc::accepts(text) {
        panic!("{message}");
    }
}

#[test]
fn fixed_types_of_enumerations_agree() {
    // gcc 12 and clang 14 do not take them in C: the rules are C23's (6.7.3.3).
    parsed("enum e : int; enum e : int { A }; enum e : int; typedef enum e t;");
    for text in [
        "enum e : int; enum e : short;",
        "enum e : int { A }; enum e : short;",
        "enum e : int; enum e : short { A };",
    ] {
        assert_eq!(
            failed(text)[0].2.to_string(),
            "'enum e' was declared with type 'int'",
            "{text}"
        );
    }
}

#[test]
fn a_division_by_zero_is_no_length_even_of_a_parameter() {
    assert_eq!(
        failed("void f(int a[1 / 0]);")[0].2.to_string(),
        "constant expression: division by zero"
    );
    parsed("void f(int n, int a[n / 0]);");
}

#[test]
fn types_that_a_target_lacks() {
    // Which compiler takes which: gcc 12 for Linux and mingw, clang 14 for Microsoft's rules, which has no cl.exe's say on
    // __int128 (that has none).
    let names = [
        "__int128",
        "unsigned __int128",
        "__float128",
        "_Float128",
        "__float80",
        "_Float32",
        "_Float64x",
        "_Float32x _Complex",
    ];
    for (model, has) in [
        (DataModel::X86_64_LINUX, "yyyyyyyy"),
        (DataModel::AARCH64_LINUX, "yynynyyy"),
        (DataModel::I686_LINUX, "nnyyyyyy"),
        (DataModel::X86_64_WINDOWS, "yyyyyyyy"),
        (DataModel::I686_WINDOWS, "nnyyyyyy"),
        (DataModel::X86_64_WINDOWS_MSVC, "nnnnnnnn"),
        (DataModel::I686_WINDOWS_MSVC, "nnnnnnnn"),
    ] {
        for (name, has) in names.iter().zip(has.chars()) {
            let text = format!("extern {name} x;");
            assert_eq!(
                takes(model, &text),
                has == 'y',
                "{} on {}",
                name,
                model.name
            );
        }
        for (mode, has) in [
            ("TI", model.pointer_size == 8),
            ("XF", model.arch != farcall::layout::Arch::Aarch64),
        ] {
            let base = if mode == "TI" { "int" } else { "float" };
            let text = format!("typedef {base} x __attribute__((mode({mode})));");
            let microsoft = model.rules == farcall::layout::RecordRules::Msvc;
            assert_eq!(
                takes(model, &text),
                has && !microsoft,
                "{mode} on {}",
                model.name
            );
        }
    }
}
