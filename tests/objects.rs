//! cdata as cffi has it, with the words of its errors, where the random comparison does not come by.

#![allow(
    clippy::mutable_key_type,
    reason = "the key is the address, or a number's value"
)]

mod common;

use std::collections::HashSet;

use common::checked;
use farcall::{CData, Error, ErrorClass, Ffi, Value};

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> (ErrorClass, String) {
    let error = result.unwrap_err();
    (error.class(), error.message())
}

#[test]
fn negative_indexes_are_those_of_pointers() {
    let ffi = checked();
    let array = ffi.alloc("int[3]", [1, 2, 3]).unwrap();
    let end = array.offset(3).unwrap();
    assert_eq!(end.item(-1).unwrap(), Value::Int(3));
    end.set_item(-3, 10).unwrap();
    assert_eq!(array.item(0).unwrap(), Value::Int(10));
    assert_eq!(end.slice(-2, 0).unwrap().to_string(), "[2, 3]");
    assert_eq!(
        refused(array.item(-1)),
        (ErrorClass::Index, "negative index".into())
    );
    let owner = ffi.alloc("int *", 1).unwrap();
    let text = "cdata 'int *' can only be indexed by 0";
    assert_eq!(refused(owner.item(-1)), (ErrorClass::Index, text.into()));
    let text = "'int *' has no items before its first";
    assert_eq!(refused(end.item(-4)), (ErrorClass::Index, text.into()));
}

#[test]
fn members_are_missed_in_cffi_s_words() {
    let ffi = checked();
    ffi.cdef("struct opaque; struct s { int a; };").unwrap();
    let opaque = ffi.cast("struct opaque *", 5).unwrap();
    let number = ffi.cast("int", 1).unwrap();
    let record = ffi.alloc("struct s *", ()).unwrap();
    for (result, text) in [
        (
            opaque.field("x").map(drop),
            "cdata 'struct opaque *' points to an opaque type: cannot read fields",
        ),
        (
            opaque.set_field("x", 1),
            "cdata 'struct opaque *' points to an opaque type: cannot write fields",
        ),
        (
            number.field("x").map(drop),
            "cdata 'int' has no attribute 'x'",
        ),
        (
            record.field("x").map(drop),
            "cdata 'struct s *' has no field 'x'",
        ),
    ] {
        assert_eq!(refused(result), (ErrorClass::Attribute, text.into()));
    }
}

#[test]
fn nothing_is_cast_to_no_number() {
    let ffi = checked();
    for (ty, text) in [
        ("int", "an integer is required"),
        ("enum { A }", "an integer is required"),
        ("float", "must be real number, not None"),
        ("double _Complex", "must be real number, not None"),
        ("_Bool", "integer/float expected"),
    ] {
        assert_eq!(
            refused(ffi.cast(ty, ())),
            (ErrorClass::Type, text.into()),
            "{ty}"
        );
    }
    // As an assignment does, beyond cffi.
    assert!(ffi.cast("int *", ()).unwrap().is_null());
}

#[test]
fn numbers_compare_by_value() {
    let ffi = checked();
    let cast = |ty: &str, value: f64| match value.fract() == 0.0 {
        true => ffi.cast(ty, value as i128).unwrap(),
        false => ffi.cast(ty, value).unwrap(),
    };
    let fives = [
        "short",
        "uint64_t",
        "float",
        "double",
        "double _Complex",
        "long",
    ];
    let fives: Vec<CData> = fives.iter().map(|ty| cast(ty, 5.0)).collect();
    assert!(fives.iter().all(|five| *five == fives[0]));
    assert_eq!(fives.iter().cloned().collect::<HashSet<CData>>().len(), 1);
    assert_eq!(cast("_Bool", 1.0), cast("int", 1.0));
    assert_ne!(cast("char", 65.0), cast("int", 65.0));
    assert_eq!(cast("wchar_t", 65.0), cast("char16_t", 65.0));
    assert_eq!(cast("double", -0.5), cast("float", -0.5));
    assert_eq!(ffi.cast("double", -0.0).unwrap(), cast("int", 0.0));
    assert!(cast("int", 3.0) < cast("double", 3.5) && cast("double", 3.5) < cast("int", 4.0));
    assert!(cast("char", 65.0) < cast("char", 66.0));
    assert!(cast("uint64_t", 18446744073709551615.0) > cast("int64_t", -1.0));
    let infinity = ffi.cast("double", f64::INFINITY).unwrap();
    assert!(infinity > cast("long", 1e18) && infinity > cast("double", 1e300));
    // Not a number equals itself, for hash tables, and is neither more nor less than others.
    let nan = ffi.cast("double", f64::NAN).unwrap();
    assert_eq!(nan, ffi.cast("float", f64::NAN).unwrap());
    assert_eq!(nan.partial_cmp(&infinity), None);
    assert_ne!(ffi.cast("int *", 5).unwrap(), cast("int", 5.0));
    assert_eq!(
        ffi.cast("int *", 5).unwrap().partial_cmp(&cast("int", 5.0)),
        None
    );
}

#[test]
fn lone_surrogates_are_not_lost() {
    let ffi = checked();
    let units = ffi.alloc("uint16_t[]", [0x61, 0xd800, 0x62, 0]).unwrap();
    let text = ffi.cast("char16_t[4]", &units).unwrap();
    let (class, message) = refused(text.text(None));
    assert_eq!(class, ErrorClass::Value);
    assert_eq!(
        message,
        "0xd800 in wide text is no character: read it as integers"
    );
    assert!(text.unpack(4).is_err());
    // One by one, what is no character is a number.
    assert_eq!(text.item(1).unwrap(), Value::Int(0xd800));
    assert_eq!(text.to_string(), "[\"a\", 55296, \"b\", \"\\0\"]");
}

#[test]
fn truth_values_are_no_text() {
    let ffi = checked();
    let bools = ffi.alloc("_Bool[3]", [1, 0, 1]).unwrap();
    let text = "string(): unexpected cdata '_Bool[3]' argument";
    assert_eq!(refused(bools.text(None)), (ErrorClass::Type, text.into()));
    assert_eq!(refused(bools.string()), (ErrorClass::Type, text.into()));
    assert!(ffi.alloc("wchar_t[]", "wide").unwrap().string().is_err());
}

/// Lengths that nobody checked do not wrap around.
#[test]
fn sizes_do_not_overflow() {
    let ffi = checked();
    let memory = ffi.alloc("int[2]", ()).unwrap();
    let huge = memory.offset(0).unwrap().slice(0, 1 << 62).unwrap();
    let overflow = (
        ErrorClass::Overflow,
        "array size would overflow a Py_ssize_t".to_owned(),
    );
    assert_eq!(refused(huge.size()), overflow);
    assert_eq!(refused(huge.read_bytes(None)), overflow);
    assert!(huge.set_slice(0, 1 << 62, &huge).is_err());
    assert!(huge.unpack(i64::MAX).is_err());
    assert!(memory.offset(0).unwrap().set_slice(0, 2, &huge).is_err());
    assert!(ffi.alloc("int[]", &huge).is_err());
    assert!(ffi.alloc("int[]", i64::MAX).is_err());
}

/// Of another `Ffi`, whose table is larger.
#[test]
fn unknown_types_are_errors() {
    let (ffi, other) = (checked(), Ffi::new());
    let types: String = (0..3000)
        .map(|n| format!("struct s{n} {{ int x; }}; "))
        .collect();
    other.cdef(&types).unwrap();
    let ty = other.type_of("struct s2999 *").unwrap();
    let unknown = (ErrorClass::Type, "this TypeId is of another Ffi".to_owned());
    assert_eq!(refused(ffi.alloc_type(ty, ())), unknown);
    assert_eq!(refused(ffi.cast_type(ty, 0)), unknown);
    assert_eq!(refused(farcall::CallbackType::new(&ffi, ty)), unknown);
    assert_eq!(ffi.display(ty, &Value::Int(3)).to_string(), "3");
}

/// Initialisers that are deeper than their types are errors, however deep.
#[test]
fn deep_initialisers_are_refused() {
    let ffi = checked();
    ffi.cdef("struct s { int a[2][2]; }; int f(int *, struct s);")
        .unwrap();
    for wrap in [
        (|value| Value::List(vec![value])) as fn(Value) -> Value,
        |value| Value::Map(vec![("a".into(), value)]),
    ] {
        let deep = (0..100_000).fold(Value::Int(1), |value, _| wrap(value));
        for ty in [
            "int *",
            "int[2]",
            "int[]",
            "struct s *",
            "struct s[2]",
            "char *",
            "double[2][2]",
        ] {
            let error = ffi.alloc(ty, &deep).unwrap_err();
            assert!(error.to_string().len() < 2000, "{ty}");
        }
        assert!(ffi.cast("int", &deep).is_err());
        assert!(
            ffi.alloc("int[2]", ())
                .unwrap()
                .set_slice(0, 1, &deep)
                .is_err()
        );
    }
}

#[test]
#[should_panic(expected = "asks for its own result")]
fn an_initialisation_that_waits_for_itself_panics() {
    let ffi = checked();
    let again = || ffi.init_once("tag", || Ok::<_, Error>(1));
    let _ = ffi.init_once("tag", || again().map(|one| *one));
}

#[test]
fn an_initialisation_may_ask_for_another() {
    let ffi = checked();
    let two = || ffi.init_once("two", || Ok::<_, Error>(2));
    let three = ffi.init_once("three", || two().map(|two| *two + 1));
    assert_eq!((*three.unwrap(), *two().unwrap()), (3, 2));
}
