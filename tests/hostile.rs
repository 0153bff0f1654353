//! Texts made to take long, nest deep or fill the memory: all of them are answered at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use farcall::cdef::{CdefOptions, Declarations};
use farcall::ctype::TypeTable;
use farcall::layout::DataModel;

/// Whether the text is accepted; and never after more than seconds, on the busiest machine.
fn accepted(text: &str) -> bool {
    let start = Instant::now();
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
    let accepted = declarations.parse(text, &CdefOptions::default()).is_ok();
    let _ = declarations.type_of(text);
    let shown: String = text.chars().take(40).collect();
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?} for {shown}",
        start.elapsed()
    );
    accepted
}

#[test]
fn one_thing_over_and_over() {
    const SIZE: usize = 100_000;
    /// All the others are errors.
    const HARMLESS: &[&str] = &[
        ";",
        "\\\n",
        "\\ \n",
        "#\n",
        "//",
        "/* */",
        "#undef a\n",
        // A line marker, whatever it says.
        "# 1 \"",
        "_Pragma(\"pack(push,1)\")\n",
        "#pragma pack(push, 1)\n",
    ];
    for unit in [
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "*",
        ";",
        ",",
        "\"",
        "'",
        "\\\n",
        "#",
        "#\n",
        "a ",
        "a;",
        "1 ",
        "int ",
        "long ",
        "struct {",
        "struct s {",
        "enum {",
        "union { int a; ",
        "typedef struct {",
        "int (",
        "int f(",
        "int a[",
        "int a[1",
        "int (*",
        "sizeof(",
        "_Pragma(",
        "_Pragma(\"pack(push,1)\")\n",
        "#pragma pack(push, 1)\n",
        "#define a a\n",
        "#define a (\n",
        "__attribute__((",
        "__attribute__((a(",
        "__declspec(",
        "_Alignas(",
        "typeof(",
        "_Atomic(",
        "extern \"C\" {",
        "extern \"C\" ",
        "extern \"Python\" {",
        "asm(",
        "= {",
        "int a = (",
        "1 ? ",
        "- ",
        "!",
        "(int)",
        "&&",
        "1 +",
        "offsetof(struct {",
        "[[",
        "/*",
        "//",
        "/* */",
        "\u{e9}",
        "\0",
        "enum { A, ",
        "struct s; struct t { struct s",
        "const ",
        "int a : ",
        "f(a, ",
        "int x __asm__(\"",
        "L'",
        "0x",
        "1e+",
        "static_assert(",
        "foo bar; ",
        "x y(z);\n",
        "_Generic(1, ",
        "_Generic(",
        "__builtin_choose_expr(1, ",
        "(int[]){",
        "struct { bad x; ",
        "int f(a, b) int a; ",
        "#undef a\n",
        "\\u00e9",
        "%:",
        "\\ \n",
        "int *a[*",
        "int f(int a[n",
        "void (*f)(void (*)(",
        "# 1 \"",
        "#line 4 \"x\"\n foo;",
    ] {
        for text in [
            unit.repeat(SIZE / unit.len()),
            format!("int x;\n{}", unit.repeat(SIZE / unit.len())),
        ] {
            assert_eq!(
                accepted(&text),
                HARMLESS.contains(&unit),
                "{unit:?} in {:?}...",
                &text[..text.len().min(8)]
            );
        }
    }
}

#[test]
fn members_of_anonymous_records_at_every_level() {
    let members: String = (0..40_000).map(|i| format!("int m{i};")).collect();
    let text = format!(
        "struct s {{ {}{members}{} }};",
        "struct {".repeat(60),
        "};".repeat(60)
    );
    assert!(!accepted(&text));
}

#[test]
fn types_that_grow_from_typedef_to_typedef() {
    let chain = |first: &str, next: fn(usize) -> String, levels: usize| {
        let mut text = first.to_string();
        (1..levels).for_each(|i| text += &next(i));
        accepted(&text)
    };
    assert!(chain(
        "typedef int t0;",
        |i| format!("typedef t{} *t{i};", i - 1),
        5000
    ));
    assert!(!chain(
        "typedef int t0;",
        |i| format!("typedef t{} t{i}[1];", i - 1),
        5000
    ));
    assert!(!chain(
        "typedef int t0;",
        |i| format!("typedef struct {{ t{} m; }} t{i};", i - 1),
        5000
    ));
    assert!(chain(
        "typedef void (*t0)(void);",
        |i| format!("typedef void (*t{i})(t{0}, t{0}, t{0});", i - 1),
        2000
    ));
    assert!(!chain(
        "typedef char t0[4096];",
        |i| format!("typedef struct {{ t{0} m[4096]; }} t{i};", i - 1),
        20
    ));
}

#[test]
fn the_smallest_stacks_are_enough() {
    // A thread of the size that musl gives, 128 KiB, holds as many levels as are accepted in release builds; debug builds
    // take several times that.
    let stack = if cfg!(debug_assertions) {
        1 << 20
    } else {
        256 << 10
    };
    for text in [
        format!("extern int x[{}1{}];", "(".repeat(5000), ")".repeat(5000)),
        format!(
            "extern int x[{}1{}];",
            "sizeof(int[".repeat(5000),
            "])".repeat(5000)
        ),
        format!("{}int x;{}", "struct {".repeat(5000), "} y;".repeat(5000)),
        format!("int f({}", "int (*)(".repeat(5000)),
        format!("int {}f", "(*".repeat(5000)),
        format!("extern int x[{}1];", "1 ? 1 : ".repeat(5000)),
        format!("struct {{ {} }};", "int a[sizeof(struct { ".repeat(5000)),
        format!("struct {{ {} }};", "_Alignas(sizeof(struct { ".repeat(5000)),
        format!("{} x;", "typeof(typeof(int) *(*)(typeof(".repeat(5000)),
        "extern \"C\" { ".repeat(5000),
        format!("extern int x[{}", "_Generic(0, int: ".repeat(5000)),
        format!("extern int x[{}", "__builtin_choose_expr(1, ".repeat(5000)),
        format!("extern int x[sizeof{}", "(int[]){[1] = ".repeat(5000)),
        format!(
            "struct s {{ {}",
            "struct { bad x; int y[sizeof(".repeat(5000)
        ),
        format!("int f(a) int (*a)({}", "int (*)(".repeat(5000)),
    ] {
        let thread = std::thread::Builder::new().stack_size(stack);
        assert!(
            !thread
                .spawn(move || accepted(&text))
                .unwrap()
                .join()
                .unwrap()
        );
    }
}
