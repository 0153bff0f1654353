//! Types of declarations that are gone serve the same text when it is read again; those of living ones are nobody else's.

use farcall::{Error, Ffi};

const TEXT: &str = "struct node { struct node *next; int (*visit)(struct node *); union { int a; float b; }; };
    typedef struct node *handle; struct node *find(handle);
    typedef struct { int x; struct node n; } first, *second; enum color { RED, GREEN = 5 };
    typedef enum { ONE } small; typedef int... number;
    union u { char c[7]; struct { small s; } in; } __attribute__((packed)); extern number sizes[...];
    typedef union { int *p; struct node *n; } either __attribute__((transparent_union)); void take(either);";

/// `struct node` is three of them, and `first` a padded `int` more.
const POINTER: u64 = size_of::<*const ()>() as u64;

fn count(ffi: &Ffi) -> String {
    format!("{:?}", ffi.types())
}

#[test]
fn reading_a_text_again_and_again_leaves_what_reading_it_once_leaves() {
    let root = Ffi::new();
    let read = || {
        let ffi = root.sibling();
        ffi.cdef(TEXT).unwrap();
        ffi.cdef("struct later { struct node node; };").unwrap();
        assert_eq!(ffi.size_of("struct node").unwrap(), 3 * POINTER);
        assert_eq!(ffi.size_of("struct later").unwrap(), 3 * POINTER);
        let name = |text: &str| ffi.types().spelling(ffi.type_of(text).unwrap());
        assert_eq!(name("second"), "first *");
        assert_eq!(name("small"), "small");
        assert_eq!(name("struct node **"), "struct node * *");
        assert_eq!(ffi.size_of("char[GREEN]").unwrap(), 5);
    };
    read();
    let once = count(&root);
    for _ in 0..50 {
        read();
    }
    assert_eq!(count(&root), once);
}

#[test]
fn living_declarations_have_types_of_their_own() {
    let root = Ffi::new();
    let made = |ffi: &Ffi| {
        ffi.cdef(TEXT).unwrap();
        ["struct node", "first", "enum color"].map(|name| ffi.type_of(name).unwrap())
    };
    let (one, two) = (root.sibling(), root.sibling());
    let (of_one, of_two) = (made(&one), made(&two));
    assert!(of_one.iter().all(|ty| !of_two.contains(ty)));
    drop(one);
    // A clone keeps them.
    let clone = two.clone();
    drop(two);
    let three = root.sibling();
    assert_eq!(made(&three), of_one);
    let four = root.sibling();
    assert!(made(&four).iter().all(|ty| !of_two.contains(ty)));
    assert_eq!(clone.type_of("first").unwrap(), of_two[1]);
}

#[test]
fn what_others_include_or_look_at_is_not_used_again() {
    let root = Ffi::new();
    let one = root.sibling();
    one.cdef("struct s; struct t { int x; };").unwrap();
    let other = root.sibling();
    other.include(&one).unwrap();
    drop(one);
    let two = root.sibling();
    two.cdef("struct s; struct t { int x; };").unwrap();
    assert_ne!(
        two.type_of("struct t").unwrap(),
        other.type_of("struct t").unwrap()
    );
    two.cdef("struct s { int a; };").unwrap();
    other.cdef("struct s { char a; };").unwrap();
    assert_eq!(other.size_of("struct s").unwrap(), 1);

    let three = root.sibling();
    three.cdef("struct looked { int x; };").unwrap();
    let state = three.declarations();
    drop(three);
    let four = root.sibling();
    four.cdef("struct looked { int x; };").unwrap();
    assert_ne!(
        Ok(four.type_of("struct looked").unwrap()),
        state.type_of("struct looked")
    );
}

#[test]
fn a_text_that_means_something_else_by_now_is_read_anew() {
    let root = Ffi::new();
    for round in 0..6 {
        let ffi = root.sibling();
        let (number, size) = [("char", 1), ("long long", 8)][round % 2];
        ffi.cdef(&format!("typedef {number} t;")).unwrap();
        ffi.cdef("struct s { t x; }; struct outer { struct s s[3]; };")
            .unwrap();
        assert_eq!(ffi.size_of("struct outer").unwrap(), 3 * size);
    }
    // Declared by one text, completed by another.
    for _ in 0..3 {
        let ffi = root.sibling();
        ffi.cdef("struct late; enum late_too : int;").unwrap();
        assert!(ffi.size_of("struct late").is_err());
        ffi.cdef("struct late { int x; }; enum late_too : int { L };")
            .unwrap();
        assert_eq!(ffi.size_of("struct late").unwrap(), 4);
    }
    // Named by another text.
    let ffi = root.sibling();
    ffi.cdef("struct plain { int x; };").unwrap();
    ffi.cdef("typedef struct plain named;").unwrap();
    drop(ffi);
    let ffi = root.sibling();
    ffi.cdef("struct plain { int x; };").unwrap();
    assert_eq!(
        ffi.types().spelling(ffi.type_of("struct plain").unwrap()),
        "struct plain"
    );
}

#[test]
fn a_text_that_is_wrong_here_is_right_there() {
    let root = Ffi::new();
    let text = "struct s { int x; }; typedef struct s t;";
    let once = {
        let ffi = root.sibling();
        ffi.cdef(text).unwrap();
        drop(ffi);
        let ffi = root.sibling();
        ffi.cdef("typedef int t;").unwrap();
        let error = |ffi: &Ffi| match ffi.cdef(text).unwrap_err() {
            Error::Cdef(errors) => errors.to_string(),
            other => panic!("{other}"),
        };
        let anew = Ffi::new();
        anew.cdef("typedef int t;").unwrap();
        assert_eq!(error(&ffi), error(&anew));
        count(&root)
    };
    for _ in 0..5 {
        let ffi = root.sibling();
        ffi.cdef(text).unwrap();
        assert_eq!(ffi.size_of("t").unwrap(), 4);
    }
    assert_eq!(count(&root), once);
}

#[test]
fn threads_that_read_one_text_have_types_of_their_own() {
    let root = Ffi::new();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let ffi = root.sibling();
                    ffi.cdef(TEXT).unwrap();
                    let ty = ffi.type_of("struct node").unwrap();
                    let other = root.sibling();
                    other.cdef(TEXT).unwrap();
                    assert_ne!(other.type_of("struct node").unwrap(), ty);
                    assert_eq!(ffi.size_of("first").unwrap(), 4 * POINTER);
                }
            });
        }
    });
}

/// A value keeps the type that it had, whatever is said of one of the same text later.
#[test]
fn what_could_still_be_completed_is_not_used_again() {
    let root = Ffi::new();
    for (text, completed) in [
        ("struct s;", "struct s { int x; };"),
        ("struct t *f(void);", "struct t { int x; };"),
    ] {
        let one = root.sibling();
        one.cdef(text).unwrap();
        let name = &completed[..8];
        let opaque = one.cast(&format!("{name} *"), 0x1000).unwrap();
        assert!(opaque.offset(1).is_err());
        drop(one);
        let two = root.sibling();
        two.cdef(text).unwrap();
        two.cdef(completed).unwrap();
        assert_eq!(two.size_of(name).unwrap(), 4);
        assert!(opaque.offset(1).is_err(), "still opaque");
    }
}
