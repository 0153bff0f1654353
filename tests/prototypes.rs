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
