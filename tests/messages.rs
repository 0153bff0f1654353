//! What users read when a text is wrong: each cause once, at its place.

#[path = "common/declared.rs"]
mod declared;

use declared::{failed, on, parsed};
use farcall::cdef::{CdefErrorKind, CdefOptions};
use farcall::layout::{DataModel, LayoutError, layout_of};

fn shown(text: &str) -> String {
    let errors = on(DataModel::X86_64_LINUX).parse(text, &CdefOptions::default());
    errors.unwrap_err().to_string()
}

/// Line and column of each error.
fn places(text: &str) -> Vec<(u32, u32)> {
    failed(text)
        .iter()
        .map(|error| (error.0, error.1))
        .collect()
}

#[test]
fn every_wrong_member_is_reported() {
    let text = "struct s {\n bad x;\n int y;\n struct { worse z; } in;\n int w : 99;\n struct later a, b;\n\
                \x20_Static_assert(0, \"no\");\n int ok;\n};\nint f(nothing);";
    assert_eq!(
        places(text),
        [(2, 2), (4, 11), (5, 6), (6, 15), (7, 2), (10, 7)]
    );
    assert_eq!(
        places("struct s { int x\n int y; bad z; };"),
        [(2, 2), (2, 9)]
    );
    assert_eq!(places("struct s { bad x;"), [(1, 12)]);
    let text = "enum e { A = bad, B, C = 1 << 99, D = sizeof(struct { worse x; }), E = 3 F };\nextern int x[B + D], y[A];";
    assert_eq!(places(text), [(1, 14), (1, 28), (1, 55), (1, 74)]);
    assert_eq!(places("struct s { int x; } };\nint y;"), [(1, 21)]);
}

#[test]
fn what_does_not_end_hides_nothing_behind_it() {
    assert_eq!(places("enum { A = (1 };\nfoo x;"), [(1, 15), (2, 1)]);
    assert_eq!(places("struct s { int a[(1; };\nfoo x;"), [(1, 20), (2, 1)]);
}

#[test]
fn what_follows_from_a_failed_definition_is_not_reported() {
    for text in [
        "struct s { bad x; }; struct t { struct s a; }; extern int k[sizeof(struct t)]; extern struct t l[2];",
        "typedef struct { bad x; } s; struct t { s a; }; extern int k[sizeof(s)]; extern s l[offsetof(s, x)];",
        "union u { bad x; }; typedef union u v; _Static_assert(sizeof(v) == 4, \"\"); _Static_assert(_Alignof(union u) == 4);",
        "enum e { A = bad, B }; struct s { enum e x; int a[B]; }; extern int k[sizeof(enum e)];",
        "struct a { struct b { bad x; } y; }; struct c { struct b z; };",
    ] {
        assert_eq!(places(text).len(), 1, "{}", shown(text));
    }
}

#[test]
fn what_only_a_compiler_knows_is_said_to_be() {
    let needs = |name: &str| CdefErrorKind::Layout(LayoutError::NeedsCompiler(name.into()));
    assert_eq!(
        failed("typedef ... op; extern char x[sizeof(op)];")[0].2,
        needs("op")
    );
    assert_eq!(
        failed("enum e { A, ... }; extern char x[sizeof(enum e)];")[0].2,
        needs("enum e")
    );
    let d = parsed(
        "typedef ... op; struct s { op x; }; enum e { A = ... }; struct t { enum e x; }; void f(op *, enum e);",
    );
    for name in ["op", "struct s", "enum e", "struct t"] {
        let size = layout_of(&**d.types(), d.type_of(name).unwrap());
        assert_eq!(size, Err(LayoutError::NeedsCompiler(name.into())));
    }
}

#[test]
fn the_caret_stands_under_its_character() {
    // Wide characters fill two columns, combining ones none, tabs are shown as one blank.
    let wide = shown("/* \u{5bbd}\u{5b57} e\u{301} */\tfoo x;");
    let (line, caret) = wide.split_once("\n  ").unwrap().1.split_once('\n').unwrap();
    assert!(wide.starts_with("1:13: unknown type 'foo'\n"), "{wide}");
    assert_eq!(line, "/* \u{5bbd}\u{5b57} e\u{301} */ foo x;");
    assert_eq!(caret, format!("  {}^", " ".repeat(3 + 4 + 1 + 1 + 4)));
}

#[test]
fn control_characters_are_spelled() {
    let text = shown("int x \u{1}\u{1b}[31m;\nchar c = '\u{7}\u{0}\\q';");
    assert!(
        text.starts_with("1:7: expected ',' or ';', found '\\x01'\n"),
        "{text}"
    );
    assert!(
        !text.contains(|c: char| c.is_control() && c != '\n'),
        "{text:?}"
    );
}

#[test]
fn lines_are_counted_from_the_last_marker() {
    assert!(shown("#line 42\nfoo x;").starts_with("42:1: unknown"));
    assert!(shown("# 7 \"a.h\"\nint x;\n#line 42\nfoo x;").starts_with("a.h:42:1: unknown"));
    assert!(shown("\u{feff}foo x;").starts_with("1:1: unknown"));
    assert!(shown("int caf\\u00e9, foo bar;").starts_with("1:20: expected"));
}

#[test]
fn what_is_missing_is_named() {
    for (text, expected) in [
        (
            "struct s { int a; }\nint x;",
            "2:1: expected ';' or a name, found 'int'\n  int x;\n  ^",
        ),
        (
            "enum e { A }\nextern int x;",
            "2:8: expected ';' or a name, found 'int'\n  extern int x;\n         ^",
        ),
        (
            "struct s {\n  int a;\n\n",
            "2:9: expected '}' to close '{' at 1:10, found the end of the text\n    int a;\n          ^",
        ),
        (
            "enum e { A,\n B\n",
            "2:3: expected '}' to close '{' at 1:8, found the end of the text\n   B\n    ^",
        ),
        (
            "extern \"C\" { int f(void) { return (0;\n}\n",
            "2:2: expected '}' to close '{' at 1:26, found the end of the text\n  }\n   ^",
        ),
        (
            "struct s { auto x; };",
            "1:12: a member has no storage class\n  struct s { auto x; };\n             ^",
        ),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn a_string_without_its_end_is_one_error() {
    assert_eq!(
        places("extern char x[] = \"abc\ndef\n ghi\"; foo z;"),
        [(1, 19), (3, 8)]
    );
    // Only the quote is missing.
    let text = "static const char *x = \"abc;\nextern int y; foo z;\nextern char w[] = \"\";";
    assert_eq!(places(text)[0], (1, 24));
    assert!(places(text).contains(&(2, 15)), "{}", shown(text));
}

#[test]
fn conditions_are_one_error() {
    let text = "#ifdef A\nint x;\n#elif B\n#else\nfoo y;\n#endif\n#include \"x.h\"";
    assert_eq!(places(text), [(1, 1), (5, 1), (7, 1)]);
    let said = shown("#include \"x.h\"");
    assert!(said.contains("leave the line out"), "{said}");
    assert!(!shown("#if 1").contains("leave the line out"));
}

#[test]
fn what_was_declared_before_is_spelled_as_it_was() {
    for (text, expected) in [
        ("typedef ... op; typedef int op;", "'typedef ... op'"),
        ("typedef ... *op; typedef int op;", "'typedef ... *op'"),
        ("typedef int... op; typedef int op;", "'typedef int... op'"),
        (
            "typedef struct { int x; } op; typedef int op;",
            "'typedef op op'",
        ),
    ] {
        assert!(shown(text).contains(expected), "{}", shown(text));
    }
    let said = shown("extern \"Pyton\" int f(void);");
    assert!(said.contains("\"host\""), "{said}");
}

#[test]
fn places_and_words_of_rare_errors() {
    // A member that an anonymous record has already: the caret is under the record.
    let text = "struct s {\n int a;\n struct { int b, a; };\n};";
    assert_eq!(places(text), [(3, 2)]);
    let said = |text: &str| failed(text)[0].2.to_string();
    assert_eq!(said("_Static_assert(0);"), "static assertion failed");
    assert_eq!(
        said("_Static_assert(0, \"no\");"),
        "static assertion failed: \"no\""
    );
    let many: String = (0..30).map(|n| format!("foo{n} x{n};\n")).collect();
    let shown = shown(&many);
    assert!(shown.ends_with("and 10 more errors"), "{shown}");
}
