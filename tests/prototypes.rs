//! Functions declared without a prototype, as gcc takes them.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "common/cc.rs"]
mod cc;
#[path = "common/declared.rs"]
mod declared;

use declared::{parsed, spelled, takes};
use farcall::layout::DataModel;

#[test]
fn an_empty_list_agrees_with_what_gcc_says_it_does() {
    let (mut taken, mut refused) = (0, 0);
    for text in [
        "int f(); int f(int);",
        "int f(int); int f();",
        "int f(); int f(char);",
        "int f(float); int f();",
        "int f(); int f(int, ...);",
        "int f(void); int f(int);",
        "int f(void); int f(); int f(int);",
        "int f(); int f(void); int f(int);",
        "int f() { return 0; } int f(int);",
        "int f(int); int f() { return 0; }",
        "int f(); long f(int);",
        "int f(); int f(int); int f(long);",
        "int f(); int f(int); int f(); int f(int);",
        "enum e { A }; int f(); int f(enum e);",
        "enum e { A } __attribute__((packed)); int f(); int f(enum e);",
        "int f(); int f(_Bool);",
        "int f(), f(int *);",
        "int (f)(); int f(int);",
        "int *f(); int *f(void *, double);",
        "struct s { int a; }; struct s f(); struct s f(struct s);",
    ] {
        let gcc = cc::accepts(text).is_ok();
        assert_eq!(takes(DataModel::HOST, text), gcc, "{text}");
        *if gcc { &mut taken } else { &mut refused } += 1;
    }
    assert!(taken > 5 && refused > 5);
    for text in ["int f(); int f(int);", "int f(int); int f();"] {
        assert_eq!(spelled(&parsed(text), "f"), "int f(int)");
    }
}

#[test]
fn c23_needs_no_parameter_before_the_dots() {
    // C23 6.7.7.4; gcc 12 does not take it yet.
    assert_eq!(spelled(&parsed("int f(...);"), "f"), "int f(...)");
}

#[test]
fn a_type_that_stands_alone_may_have_a_name() {
    // As cffi's typeof has it.
    let d = parsed("struct s { int x; };");
    for (text, expected) in [
        ("int *x", "int *"),
        ("int(*(*fp2)(int))[3]", "int(*(*)(int))[3]"),
        ("const int x[3]", "int[3]"),
        ("struct s s", "struct s"),
        ("int (x)", "int"),
        ("int (size_t)", "int(size_t)"),
    ] {
        let ty = d.type_of(text).unwrap();
        assert_eq!(d.types().spelling(ty), expected);
    }
    for text in ["int x y", "int x;", "int x = 3", "sizeof x", "int *x, y"] {
        assert!(d.type_of(text).is_err(), "{text}");
    }
    assert!(!takes(DataModel::HOST, "extern int n[sizeof(int x)];"));
}
