//! Preprocessor lines, splices and names as gcc reads them.

#[path = "common/declared.rs"]
mod declared;

use std::sync::Arc;

use declared::{failed, integer, on, parsed, size};
use farcall::cdef::{CdefErrorKind, CdefOptions, Declarations};
use farcall::ctype::TypeTable;
use farcall::layout::DataModel;

#[test]
fn comments_may_span_lines_inside_directives() {
    let d = parsed(
        "#define A 1 /* one\n more */ + 2\n#pragma pack(push, /* by\n bytes */ 1) /* until\n pop */\n\
         struct s { char a; int b; };\n#pragma pack(pop) // \\\n still a comment\nextern struct s x;\n\
         # 1 \"/*.h\"\nextern int y; /* */",
    );
    assert_eq!((integer(&d, "A"), size(&d, "x")), (3, 5));
    assert!(d.variable("y").is_some());
}

#[test]
fn a_macro_may_be_undefined_and_defined_anew() {
    let mut d = parsed(
        "#define A 1\n#define K 5\nenum { B = A };\n#undef A\n#undef B\n#undef C\n#define A 2\nenum { D = A };",
    );
    assert_eq!(["A", "B", "D"].map(|name| integer(&d, name)), [2, 1, 2]);
    let names: Vec<&str> = d.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["A", "K", "B", "D"]);
    let mut later = |text: &str| d.parse(text, &CdefOptions::default());
    assert!(later("#define A 3").is_err());
    assert!(later("#undef A\nextern int x[A];").is_err());
    later("#undef A\n#undef K\nenum { A = 4 };").unwrap();
    later("#undef A").unwrap();
    assert_eq!((integer(&d, "A"), d.get("K")), (4, None));
    assert_eq!(
        failed("#define A 1\n#undef A\nenum { B = A };")[0].2,
        CdefErrorKind::UnknownConstant("A".into())
    );
}

#[test]
fn other_spellings_of_the_same_text() {
    let d = parsed(
        "\u{feff}%:define N 3\nin\\ \t\nt caf\\u00e9; extern int caf\u{e9};\n#pragma pack(pop)\nextern char x<:N:>;",
    );
    assert_eq!(size(&d, "x"), 3);
    assert_eq!(d.iter().len(), 3);
}

#[test]
fn tags_that_only_type_names_mentioned_are_included() {
    let table = Arc::new(TypeTable::new(DataModel::HOST));
    let [a, mut b] = [Declarations::new(table.clone()), Declarations::new(table)];
    let later = a.type_of("struct later *").unwrap();
    b.include(&a).unwrap();
    assert_eq!(b.type_of("struct later *").unwrap(), later);
    let mut c = on(DataModel::HOST);
    assert!(c.include(&a).is_err());
    b.parse("struct later { int x; };", &CdefOptions::default())
        .unwrap();
    assert_eq!(b.type_of("struct later *").unwrap(), later);
}
