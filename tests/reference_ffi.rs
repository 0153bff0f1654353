//! cffi's reference of the `ffi` object: what each of its methods promises.

mod common;

use std::sync::atomic::{AtomicU32, Ordering};

use common::{call, checked, library};
use farcall::object::{Kind, Step};
use farcall::{CData, Error, ErrorClass, OpenFlags, Value};

#[test]
fn sizeof_alignof_offsetof() {
    let ffi = checked();
    ffi.cdef("struct s { char c; struct { int a, b; } in[3]; int bits : 3; }; struct opaque;")
        .unwrap();
    assert_eq!(
        (
            ffi.size_of("struct s").unwrap(),
            ffi.align_of("struct s").unwrap()
        ),
        (32, 4)
    );
    let path = [Step::Member("in"), Step::Item(2), Step::Member("b")];
    assert_eq!(ffi.offset_of("struct s", &path).unwrap(), 24);
    assert_eq!(ffi.offset_of("struct s *", &path[..1]).unwrap(), 4);
    assert_eq!(ffi.offset_of("int[5]", &[Step::Item(-2)]).unwrap(), -8);
    for (ty, step, message) in [
        (
            "struct s",
            Step::Member("bits"),
            "not supported for bitfields",
        ),
        ("struct opaque", Step::Member("x"), "struct/union is opaque"),
        (
            "int",
            Step::Member("x"),
            "with a field name argument, expected a struct or union ctype",
        ),
        (
            "struct opaque *",
            Step::Item(1),
            "with an integer argument, expected an array ctype or a pointer to non-opaque",
        ),
    ] {
        let error = ffi.offset_of(ty, &[step]).unwrap_err();
        assert_eq!(
            (error.class(), error.message()),
            (ErrorClass::Type, message.into()),
            "{ty}"
        );
    }
    let error = ffi
        .offset_of("struct s", &[Step::Member("nothing")])
        .unwrap_err();
    assert_eq!(
        (error.class(), error.key()),
        (ErrorClass::Key, Some("nothing"))
    );
}

#[test]
fn typeof_gives_the_one_object_of_a_type() {
    let ffi = checked();
    ffi.cdef(
        "enum color { RED, GREEN = 5, BLUE }; struct s { int a; union { int b; float c; }; };",
    )
    .unwrap();
    let pointer = ffi.ctype("int *").unwrap();
    assert_eq!(
        (pointer.kind(), pointer.cname()),
        (Kind::Pointer, "int *".into())
    );
    assert_eq!(pointer.item().unwrap(), ffi.ctype("int").unwrap());
    assert_eq!(pointer, ffi.ctype("int*").unwrap());
    assert_ne!(pointer, ffi.ctype("int32_t *").unwrap());
    assert_eq!(ffi.ctype("int[5]").unwrap().length().unwrap(), Some(5));
    assert_eq!(ffi.ctype("int[]").unwrap().length().unwrap(), None);
    assert_eq!(pointer.length().unwrap_err().class(), ErrorClass::Attribute);
    let function = ffi.ctype("int(*)(char *, ...)").unwrap();
    assert_eq!(
        (function.kind(), function.ellipsis().unwrap()),
        (Kind::Function, true)
    );
    assert_eq!(function.result().unwrap().cname(), "int");
    assert_eq!(ffi.ctype("int(char *, ...)").unwrap(), function);
    let colors = ffi.ctype("enum color").unwrap();
    assert_eq!(colors.kind(), Kind::Enum);
    let elements = [
        (0, "RED".to_owned()),
        (5, "GREEN".into()),
        (6, "BLUE".into()),
    ];
    assert_eq!(colors.elements().unwrap(), elements);
    assert_eq!(colors.relements().unwrap()[1], ("GREEN".into(), 5));
    let fields = ffi.ctype("struct s").unwrap().fields().unwrap().unwrap();
    let fields: Vec<_> = fields
        .iter()
        .map(|field| {
            (
                field.name.as_str(),
                field.ty.cname(),
                field.offset,
                field.by_name_only,
            )
        })
        .collect();
    assert_eq!(
        fields,
        [
            ("a", "int".into(), 0, false),
            ("b", "int".into(), 4, false),
            ("c", "float".into(), 4, true),
        ]
    );
    let names = ffi.list_types();
    assert_eq!(
        (names.structs, names.unions),
        (vec!["s".to_owned()], vec![])
    );
}

#[test]
fn string_and_unpack() {
    let ffi = checked();
    ffi.cdef("enum color { RED, GREEN = 5 };").unwrap();
    let text = |cdata: &CData, max| cdata.text(max).unwrap();
    let hello = ffi.alloc("char[]", "hello").unwrap();
    assert_eq!(text(&hello, None), Value::Bytes(b"hello".into()));
    assert_eq!(text(&hello, Some(3)), Value::Bytes(b"hel".into()));
    assert_eq!(
        text(&hello.offset(1).unwrap(), None),
        Value::Bytes(b"ello".into())
    );
    assert_eq!(
        text(&ffi.alloc("uint8_t[]", [65, 0, 66]).unwrap(), None),
        Value::Bytes(b"A".into())
    );
    assert_eq!(
        text(&ffi.alloc("char16_t[]", "x😀").unwrap(), None),
        Value::from("x😀")
    );
    assert_eq!(
        text(&ffi.cast("enum color", 5).unwrap(), None),
        Value::from("GREEN")
    );
    assert_eq!(
        text(&ffi.cast("enum color", 7).unwrap(), None),
        Value::from("7")
    );
    assert_eq!(
        text(&ffi.cast("char", 65).unwrap(), None),
        Value::Bytes(b"A".into())
    );
    let error = ffi.alloc("int *", 1).unwrap().text(None).unwrap_err();
    assert_eq!(
        error.message(),
        "string(): unexpected cdata 'int *' argument"
    );
    let null = ffi.cast("char *", 0).unwrap();
    assert_eq!(
        null.text(None).unwrap_err().message(),
        "cannot use string() on <cdata 'char *' NULL>"
    );

    assert_eq!(hello.unpack(6).unwrap(), Value::Bytes(b"hello\0".into()));
    assert_eq!(
        ffi.alloc("wchar_t[]", "hä").unwrap().unpack(2).unwrap(),
        Value::from("hä")
    );
    assert_eq!(
        ffi.alloc("short[]", [1, 2, 3]).unwrap().unpack(2).unwrap(),
        Value::from([1, 2])
    );
    assert_eq!(
        hello.unpack(-1).unwrap_err().message(),
        "'length' cannot be negative"
    );
    assert!(matches!(hello.unpack(7), Err(Error::Bounds { .. })));
}

#[test]
fn initialisation_happens_once() {
    let ffi = checked();
    let runs = AtomicU32::new(0);
    let results: Vec<u32> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let init = || Ok::<_, Error>(runs.fetch_add(1, Ordering::SeqCst) + 10);
                    *ffi.init_once("tag", init).unwrap()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!((results, runs.into_inner()), (vec![10; 4], 1));
    let failing = ffi.init_once("other", || Err::<u32, _>("no"));
    assert_eq!(failing.unwrap_err(), "no");
    assert_eq!(*ffi.init_once("other", || Ok::<_, &str>(3)).unwrap(), 3);
}

#[test]
#[allow(unsafe_code)]
fn libraries_are_opened_with_flags_and_closed() {
    let (ffi, lib) = library();
    assert!(lib.names().iter().any(|name| name == "swap"));
    assert!(lib.names().iter().any(|name| name == "ANSWER"));
    assert!(!lib.names().iter().any(|name| name == "opaque_t"));
    // SAFETY: the declarations are those of the library.
    let again = unsafe { ffi.dlopen_with(lib.name(), OpenFlags::LAZY) }.unwrap();
    let negate = again.function("negate").unwrap();
    let table = again.get("table").unwrap();
    ffi.dlclose(&again).unwrap();
    for error in [
        again.get("table").unwrap_err(),
        again.function("negate").unwrap_err(),
        again.address_of("counter").unwrap_err(),
        again.symbol("swap").unwrap_err(),
    ] {
        assert!(matches!(error, Error::Closed { .. }), "{error}");
        assert!(
            error.to_string().ends_with("has already been closed"),
            "{error}"
        );
    }
    // What was taken out of it is good as long as it is held.
    assert_eq!(table.item(1).unwrap(), Value::Float(2.5));
    // SAFETY: takes any int.
    assert_eq!(unsafe { negate.call((3,)) }.unwrap(), Value::Int(-3));
    assert_eq!(
        call(&lib, "negate", (4,)).unwrap(),
        Value::Int(-4),
        "the other one is open"
    );
    // SAFETY: no such file is opened.
    let error = unsafe { ffi.dlopen_with("/nonexistent.so", OpenFlags::NOW) }.unwrap_err();
    assert_eq!(error.class(), ErrorClass::System);
}

#[test]
#[allow(
    clippy::mutable_key_type,
    reason = "the key is the address, which stays"
)]
fn slices_arithmetic_comparison() {
    let ffi = checked();
    let a = ffi.alloc("int[5]", [1, 2, 3, 4, 5]).unwrap();
    let slice = a.slice(1, 4).unwrap();
    assert_eq!(
        (slice.repr(), slice.to_string()),
        ("<cdata 'int[]' sliced length 3>".into(), "[2, 3, 4]".into())
    );
    a.set_slice(0, 2, [10, 20]).unwrap();
    a.set_slice(2, 5, &slice).unwrap();
    assert_eq!(a.to_string(), "[10, 20, 20, 3, 4]");
    let chars = ffi.alloc("char[3]", ()).unwrap();
    chars.set_slice(0, 3, &b"abc"[..]).unwrap();
    assert_eq!(chars.string().unwrap(), b"abc");
    for (result, message) in [
        (a.set_slice(0, 2, [1]), "need 2 values to unpack, got 1"),
        (
            a.set_slice(0, 2, [1, 2, 3]),
            "got more than 2 values to unpack",
        ),
        (
            chars.set_slice(0, 2, &b"abc"[..]),
            "need a string of length 2, got 3",
        ),
        (a.slice(3, 2).map(drop), "slice start > stop"),
        (a.slice(-1, 2).map(drop), "negative index"),
        (a.slice(0, 6).map(drop), "index too large (expected 6 <= 5)"),
    ] {
        assert_eq!(result.unwrap_err().message(), message);
    }
    let (first, third) = (a.offset(0).unwrap(), a.offset(2).unwrap());
    assert_eq!(third.distance(&first).unwrap(), 2);
    assert_eq!(first.distance(&third).unwrap(), -2);
    assert!(first < third && third.offset(-2).unwrap() == first);
    let error = third
        .distance(&chars.offset(0).unwrap())
        .unwrap_err()
        .message();
    assert_eq!(error, "cannot subtract cdata 'int *' and cdata 'char *'");
    let set: std::collections::HashSet<CData> = [first.clone(), a.offset(0).unwrap(), third].into();
    assert_eq!(set.len(), 2);
}

#[test]
fn addresses_of_parts() {
    let ffi = checked();
    ffi.cdef("struct s { int a; struct { short b[3]; } in; };")
        .unwrap();
    let p = ffi.alloc("struct s *", ()).unwrap();
    let record = p.item(0).unwrap().cdata().unwrap().clone();
    assert_eq!(record.address_of(&[]).unwrap().type_name(), "struct s *");
    assert_eq!(record.address_of(&[]).unwrap(), p);
    let path = [Step::Member("in"), Step::Member("b"), Step::Item(2)];
    let b = p.address_of(&path).unwrap();
    assert_eq!(b.type_name(), "short *");
    b.set_item(0, -7).unwrap();
    assert_eq!(
        p.field("in").unwrap().field("b").unwrap().to_string(),
        "[0, 0, -7]"
    );
    assert_eq!(
        p.address_of(&[]).unwrap_err().message(),
        "addressof(pointer)"
    );
    assert_eq!(p.fields(), ["a", "in"]);
}

/// Nothing but errors comes of memory that was released, where that is checked.
/// However long a cast or a slice says that it is.
#[test]
fn strings_end_with_their_memory() {
    let ffi = checked();
    let four = ffi.alloc("char[4]", "four").unwrap();
    let longer = ffi.cast("char[1000000]", &four).unwrap();
    assert_eq!(longer.string().unwrap(), b"four");
    let slice = four.offset(0).unwrap().slice(0, 1_000_000).unwrap();
    assert_eq!(slice.string().unwrap(), b"four");
}
