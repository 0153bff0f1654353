//! The text of a type, by itself.

#[path = "common/declared.rs"]
mod declared;

use declared::{parsed, takes};
use farcall::cdef::CdefOptions;
use farcall::layout::DataModel;

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

#[test]
fn what_a_type_name_mentions_decides_nothing() {
    let mut d = parsed("struct s { int x; };");
    let [union, other] = ["union foo *", "enum bar *"].map(|text| d.type_of(text).unwrap());
    let text = "struct foo { int a; }; enum baz { A }; struct bar { struct foo *f; };";
    let mentioned = d.type_of("struct foo *").unwrap();
    assert_eq!(d.type_of(" union foo *").unwrap(), union);
    assert_eq!(d.type_of("struct foo*").unwrap(), mentioned);
    d.parse(text, &CdefOptions::default()).unwrap();
    // The record that was mentioned is the one that is declared.
    assert_eq!(d.type_of("struct foo *").unwrap(), mentioned);
    assert!(d.type_of("struct bar *").unwrap() != other);
    assert!(d.type_of("union foo *").is_err());
    let later = d.parse("union foo { int a; };", &CdefOptions::default());
    assert!(later.unwrap_err().to_string().contains("'struct foo'"));
    // A text's own mention decides.
    assert!(!takes(
        DataModel::HOST,
        "void f(union foo *); struct foo { int a; };"
    ));
}
