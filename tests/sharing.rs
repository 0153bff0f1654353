//! Declarations that share their types: states that follow each other, threads, `include`, and texts that fail.

use std::sync::{Arc, Barrier};

use farcall::cdef::{CdefErrorKind, CdefOptions, Declarations};
use farcall::ctype::TypeTable;
use farcall::layout::{DataModel, layout_of};
use farcall::{Error, Ffi, Value};

const REPLACE: CdefOptions = CdefOptions {
    replace: true,
    windows_names: false,
    cffi: false,
    pack: None,
};

#[test]
fn an_earlier_state_means_the_record_that_a_later_text_declares() {
    let ffi = Ffi::new();
    let before = ffi.declarations();
    ffi.cdef("int f(int);").unwrap();
    let mentioned = before.type_of("struct later *").unwrap();
    ffi.cdef("struct later { int x; };").unwrap();
    assert_eq!(ffi.type_of("struct later *").unwrap(), mentioned);
    // The other way round: declared first, then mentioned through the earlier state.
    ffi.cdef("struct second { int x; };").unwrap();
    let mentioned = before.type_of("struct second *").unwrap();
    assert_eq!(ffi.type_of("struct second *").unwrap(), mentioned);
}

#[test]
fn clones_go_their_own_ways() {
    let mut a = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
    let mut b = a.clone();
    a.parse("struct s { int a; };", &CdefOptions::default())
        .unwrap();
    b.parse("struct s { char a; };", &CdefOptions::default())
        .unwrap();
    let sizes = [&a, &b].map(|d| layout_of(&**d.types(), d.type_of("struct s").unwrap()));
    assert_eq!(sizes.map(|layout| layout.unwrap().size), [4, 1]);
}

#[test]
fn declaring_and_mentioning_at_once_is_one_record() {
    for round in 0..300 {
        let ffi = Ffi::new();
        let barrier = Barrier::new(2);
        let filler = "int f(int);".repeat(round % 20);
        let pointer = std::thread::scope(|scope| {
            let mention = scope.spawn(|| {
                barrier.wait();
                ffi.type_of("struct s *").unwrap()
            });
            barrier.wait();
            ffi.cdef(&format!("{filler} struct s {{ int x; }};"))
                .unwrap();
            mention.join().unwrap()
        });
        assert_eq!(ffi.type_of("struct s *").unwrap(), pointer);
    }
}

/// Two sets of declarations complete one record at the same time: one of them is told that it came too late, and all that
/// counts is the other's.
#[test]
fn one_of_two_definitions_wins_whole() {
    for round in 0..300 {
        let table = Arc::new(TypeTable::new(DataModel::HOST));
        let mut first = Declarations::new(Arc::clone(&table));
        first
            .parse("struct s; union u; enum e : int;", &CdefOptions::default())
            .unwrap();
        let barrier = Barrier::new(2);
        let texts = [("int", 4), ("long long", 8)].map(|(ty, size)| {
            let constants = ["", "enum e : int { A };"][round % 2];
            let text = format!(
                "struct s {{ {ty} a; }}; union u {{ struct s b[3]; }}; {constants}\n\
                 enum {{ SIZE = sizeof(union u) }};"
            );
            (text, size)
        });
        let results = std::thread::scope(|scope| {
            let threads = texts.clone().map(|(text, size)| {
                let (mut declarations, barrier) = (first.clone(), &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let parsed = declarations.parse(&text, &CdefOptions::default());
                    (declarations, parsed, size)
                })
            });
            threads.map(|thread| thread.join().unwrap())
        });
        let won = results.iter().filter(|(_, parsed, _)| parsed.is_ok());
        assert_eq!(won.count(), 1);
        for (declarations, parsed, size) in results {
            let of = |name| {
                let ty = declarations.type_of(name).unwrap();
                layout_of(&*table, ty).unwrap().size
            };
            match parsed {
                Ok(()) => assert_eq!((of("struct s"), of("union u")), (size, 3 * size)),
                Err(errors) => {
                    let error = errors.first();
                    assert!(
                        matches!(&error.kind, CdefErrorKind::Redefined(_)),
                        "{error}"
                    );
                    assert!(declarations.constant("SIZE").is_none());
                    assert_eq!(of("union u"), 3 * of("struct s"));
                }
            }
        }
    }
}

/// Threads declare, mention and include with one `Ffi` and its siblings.
#[test]
fn threads_that_declare_and_mention_agree() {
    const THREADS: usize = 4;
    for round in 0..50 {
        let (ffi, barrier) = (Ffi::new(), Barrier::new(2 * THREADS));
        let declare = |n: usize| {
            barrier.wait();
            let own = ffi.cdef(&format!("struct own{n} {{ struct all *p; }};"));
            let all = ffi.cdef(&format!("struct all {{ char a[{}]; }};", n + 1));
            let sibling = ffi.sibling();
            sibling.include(&ffi).unwrap();
            sibling.cdef("struct all *f(void);").unwrap();
            own.unwrap();
            (all.is_ok(), sibling.type_of("struct all *").unwrap())
        };
        let mention = |n: usize| {
            barrier.wait();
            ffi.type_of(&format!("struct own{n} *")).unwrap();
            (false, ffi.type_of("struct all *").unwrap())
        };
        let (declare, mention) = (&declare, &mention);
        let seen: Vec<(bool, _)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .flat_map(|n| {
                    [
                        scope.spawn(move || declare(n)),
                        scope.spawn(move || mention(n)),
                    ]
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let all = ffi.type_of("struct all *").unwrap();
        assert_eq!(
            seen.iter().filter(|(won, _)| *won).count(),
            1,
            "round {round}"
        );
        assert!(seen.iter().all(|(_, ty)| *ty == all), "round {round}");
        for n in 0..THREADS {
            assert_eq!(
                ffi.size_of(&format!("struct own{n}")).unwrap(),
                size_of::<usize>() as u64
            );
        }
    }
}

#[test]
fn constants_may_come_in_a_later_text_than_their_type() {
    let ffi = Ffi::new();
    ffi.cdef("enum e : unsigned char;").unwrap();
    ffi.cdef("enum e : unsigned char { A = 7 };").unwrap();
    let value = ffi.alloc("enum e *", 0).unwrap();
    value.set_item(0, "A").unwrap();
    let ty = ffi.type_of("enum e").unwrap();
    let read = value.item(0).unwrap();
    assert_eq!(ffi.display(ty, &read).to_string(), "A");
    assert!(ffi.cdef("enum e : unsigned char { B };").is_err());
}

#[test]
fn an_ffi_includes_its_sibling() {
    let base = Ffi::new();
    base.cdef(
        "typedef struct { int x, y; } point; enum color { RED = 3 }; int abs(int); extern int v;\n\
         struct whole { char c[5]; }; struct only_declared; typedef struct whole whole_t, *(*get)(whole_t *);\n#define N 4",
    )
    .unwrap();
    let ffi = base.sibling();
    // Declared before the include, and used.
    ffi.cdef("typedef struct whole whole_t, *(*get)(whole_t *); struct whole *f(struct whole *);")
        .unwrap();
    let early = ffi.type_of("struct whole *").unwrap();
    let array = ffi.cdef("struct only_declared { short s; };");
    array.unwrap();
    ffi.include(&base).unwrap();
    ffi.include(&base).unwrap();

    assert_eq!(
        ffi.type_of("point").unwrap(),
        base.type_of("point").unwrap()
    );
    assert_eq!(ffi.size_of("struct whole[N]").unwrap(), 20);
    assert_eq!(base.size_of("struct only_declared").unwrap(), 2);
    let declarations = ffi.declarations();
    assert!(declarations.constant("RED").is_some() && declarations.constant("N").is_some());
    assert!(declarations.get("abs").is_none() && declarations.get("v").is_none());

    // A pointer of the one is a pointer of the other, made early or late.
    let whole = base.alloc("struct whole *", ()).unwrap();
    let slot = ffi.types().array(early, Some(1));
    ffi.alloc_type(slot, Value::List(vec![(&whole).into()]))
        .unwrap();
    ffi.cdef("struct whole *f(struct whole *);").unwrap();
    assert_eq!(whole.field("c").unwrap().cdata().unwrap().len().unwrap(), 5);
    assert!(ffi.cdef("struct whole { int other; };").is_err());
}

#[test]
fn an_include_that_fails_adds_nothing() {
    let base = Ffi::new();
    base.cdef(
        "struct fine { int x; }; struct open; struct s { int a; }; typedef int t; enum { E };",
    )
    .unwrap();
    for (text, clash) in [
        ("typedef long t; struct open { int x; };", "'t'"),
        ("struct s { int a; }; struct fine;", "'s'"),
        ("union s; struct fine;", "'s'"),
        ("enum s { F }; struct fine;", "'s'"),
        ("int E(void); struct fine;", "'E'"),
    ] {
        let ffi = base.sibling();
        ffi.cdef(text).unwrap();
        let names = ffi.declarations().iter().len();
        let error = ffi.include(&base).unwrap_err();
        assert!(matches!(&error, Error::Include(_)), "{error}");
        assert!(error.to_string().contains(clash), "{error}");
        assert_eq!(ffi.declarations().iter().len(), names);
        assert!(ffi.size_of("struct fine").is_err(), "{text}");
        assert!(base.size_of("struct open").is_err(), "{text}");
    }
    let error = Ffi::new().include(&base).unwrap_err().to_string();
    assert!(error.contains("another table"), "{error}");
}

#[test]
fn a_replacement_that_fails_replaces_nothing() {
    let ffi = Ffi::new();
    ffi.cdef("struct s { int a; }; int f(int); typedef int t; enum e { A };\n#define N 1")
        .unwrap();
    let before = ffi.type_of("struct s").unwrap();
    let text = "struct s { char c[9]; }; long f(void); typedef char t; enum e { B, A }; static const int N = 2; bad x;";
    assert!(ffi.cdef_with(text, &REPLACE).is_err());
    assert_eq!(ffi.type_of("struct s").unwrap(), before);
    assert_eq!(
        (ffi.size_of("struct s").unwrap(), ffi.size_of("t").unwrap()),
        (4, 4)
    );
    let declarations = ffi.declarations();
    let f = declarations.function("f").unwrap().ty;
    assert_eq!(ffi.types().spelling_with(f, "f"), "int f(int)");
    assert!(declarations.constant("B").is_none());
    assert_eq!(ffi.size_of("char[N]").unwrap(), 1);

    ffi.cdef_with(&text.replace("bad x;", ""), &REPLACE)
        .unwrap();
    assert_eq!(
        (ffi.size_of("struct s").unwrap(), ffi.size_of("t").unwrap()),
        (9, 1)
    );
    assert_eq!(ffi.size_of("char[N]").unwrap(), 2);
}

/// A table only grows: what a text made before it turned out wrong serves the next one.
#[test]
fn texts_that_fail_again_and_again_leave_what_one_leaves() {
    let ffi = Ffi::new();
    let text: String = (0..100)
        .map(|n| {
            format!(
                "struct s{n} {{ struct s{n} *p; enum {{ A{n} }} e; int a[{n}]; }}; typedef struct {{ struct s{n} s; }} t{n};\n\
                 typedef ... o{n}; typedef int... i{n}; extern int x{n}[...]; i{n} f{n}(t{n}); enum e{n} {{ B{n} }};"
            )
        })
        .collect();
    let types = || format!("{:?}", ffi.types());
    ffi.cdef(&format!("{text} bad x;")).unwrap_err();
    let once = types();
    for _ in 0..20 {
        ffi.cdef(&format!("{text} bad x;")).unwrap_err();
    }
    assert_eq!(types(), once);
    ffi.type_of("struct { struct s1 *a; int b[bad]; }")
        .unwrap_err();
    let once = types();
    for _ in 0..20 {
        ffi.type_of("struct { struct s1 *a; int b[bad]; }")
            .unwrap_err();
    }
    assert_eq!(types(), once);
    ffi.cdef(&text).unwrap();
    assert_eq!(types(), once);
    assert_eq!(
        ffi.size_of("struct s3").unwrap(),
        ffi.size_of("t3").unwrap()
    );
    // What has been declared is not handed out again.
    let other = ffi.sibling();
    other
        .cdef("struct s3 { char c; }; typedef struct { char d; } t3;")
        .unwrap();
    assert_eq!(other.size_of("t3").unwrap(), 1);
    assert_ne!(ffi.size_of("t3").unwrap(), 1);
}

#[test]
fn a_record_that_a_compiler_would_complete_keeps_its_members() {
    let ffi = Ffi::new();
    ffi.cdef(
        "typedef int... id; struct s { int a; id b; unsigned c : 3; struct { int in; }; struct unknown d; ...; };\n\
         struct left { id x; };",
    )
    .unwrap();
    let members = |text: &str| {
        let farcall::ctype::CType::Record(id) = ffi.types().get(ffi.type_of(text).unwrap()) else {
            panic!("a record")
        };
        let record = ffi.types().record(id);
        assert!(record.is_partial() && record.body().is_none());
        let member = |member: &farcall::ctype::DeclaredMember| {
            let name = member.name.as_deref().unwrap_or("-");
            let width = member
                .bit_width
                .map_or(String::new(), |width| format!(" : {width}"));
            ffi.types().declaration(member.ty, name) + &width
        };
        let members: Vec<String> = record.declared_members().iter().map(member).collect();
        members.join("; ")
    };
    assert_eq!(
        members("struct s"),
        "int a; id b; unsigned int c : 3; struct $1 -; struct unknown d"
    );
    assert_eq!(members("struct left"), "id x");
}
