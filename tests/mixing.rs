//! Values of one `Ffi` with another, which has its own types; memory that there is not; declarations while they
//! are being looked at.

#![allow(unsafe_code)]

mod common;

use common::{call, checked, library};
use farcall::{Error, Ffi, Function, Library, Value};

/// The C library. On Windows it is not among the process's own symbols.
fn c_library(ffi: &Ffi) -> Library {
    // SAFETY: the tests do not come as far as a call.
    unsafe {
        if cfg!(windows) {
            ffi.dlopen("msvcrt")
        } else {
            ffi.process()
        }
    }
    .unwrap()
}

#[test]
fn cdata_of_another_ffi_is_refused_unless_its_type_is_everybodys() {
    let (_, lib) = library();
    let other = checked();
    other.cdef("struct point { char *a; long b; }; typedef int (*number)(int); struct point *next(int);").unwrap();
    let point = other.alloc("struct point *", ()).unwrap();
    let record = point.item(0).unwrap();
    assert!(matches!(
        call(&lib, "swap", (&record,)),
        Err(Error::Kind { .. })
    ));
    assert!(matches!(
        call(&lib, "sum_points", (&point, 1)),
        Err(Error::Kind { .. })
    ));
    assert!(matches!(
        call(&lib, "total", (1, &record)),
        Err(Error::Layout { .. })
    ));
    // Numbers, and any pointer as `void *`.
    let seven = other.cast("int", 7).unwrap();
    assert_eq!(call(&lib, "total", (1, &seven)).unwrap(), Value::Int(7));
    assert_eq!(call(&lib, "id_i32", (&seven,)).unwrap(), Value::Int(7));
    assert_eq!(call(&lib, "is_null", (&point,)).unwrap(), Value::Int(0));
    let text = other.alloc("char[]", "four").unwrap();
    assert_eq!(
        call(&lib, "weigh", ("s", &text)).unwrap(),
        Value::Float(4.0)
    );

    let negate = lib.get("negate").unwrap();
    assert!(matches!(
        Function::from_pointer(&other, negate.cdata().unwrap()),
        Err(Error::OtherFfi { .. })
    ));
}

#[test]
fn memory_that_there_is_not_is_an_error() {
    let ffi = checked();
    // No 32-bit machine has objects of that size at all.
    let error = ffi.alloc("char[]", 1i64 << 60).unwrap_err();
    assert!(matches!(error, Error::Memory { .. }) || size_of::<usize>() == 4);
    assert!(ffi.alloc("char[]", i64::MAX).is_err());
    assert!(
        ffi.alloc("struct { char a[0x7ffffffffff]; } *", ())
            .is_err()
    );
}

#[test]
fn arguments_that_no_stack_holds_are_an_error() {
    let ffi = checked();
    ffi.cdef("struct large { char a[100000000]; }; int abs(struct large);")
        .unwrap();
    let lib = c_library(&ffi);
    // SAFETY: the call is refused.
    let error = unsafe { lib.call("abs", (Value::None,)) }.unwrap_err();
    assert!(matches!(error, Error::Stack { .. }), "{error}");
}

#[test]
fn declaring_does_not_wait_for_those_who_look() {
    let ffi = checked();
    ffi.cdef("int abs(int);").unwrap();
    let before = ffi.declarations();
    ffi.cdef("long labs(long);").unwrap();
    assert!(before.function("labs").is_none() && ffi.declarations().function("labs").is_some());
    ffi.type_of("int(*)(int)").unwrap();
}

/// Forty levels of two members each: 2^40 scalars, in half a kilobyte of C.
#[test]
fn types_that_share_their_parts_take_no_longer_than_their_text() {
    let ffi = checked();
    let mut text = String::from("union u0 { int a; }; ");
    for level in 1..40 {
        text += &format!(
            "union u{level} {{ union u{0} a; union u{0} b; }}; ",
            level - 1
        );
    }
    ffi.cdef(&(text + "union u39 abs(union u39);")).unwrap();
    let lib = c_library(&ffi);
    let error = lib.function("abs").unwrap_err().to_string();
    assert!(error.contains("too many members"), "{error}");
}

#[test]
fn arrays_initialise_arrays() {
    let ffi = checked();
    let three = ffi.alloc("int[3]", [1, 2, 3]).unwrap();
    assert_eq!(ffi.alloc("int[]", &three).unwrap().to_string(), "[1, 2, 3]");
    assert_eq!(
        ffi.alloc("int[5]", &three).unwrap().to_string(),
        "[1, 2, 3, 0, 0]"
    );
    assert!(ffi.alloc("int[2]", &three).is_err());
    assert!(ffi.alloc("long[3]", &three).is_err());

    ffi.cdef("struct packet { int n; short data[]; };").unwrap();
    let packet = ffi
        .alloc(
            "struct packet *",
            Value::List(vec![1.into(), [4, 5].into()]),
        )
        .unwrap();
    assert!(
        packet.set_field("data", 99).is_err(),
        "a length is for new memory"
    );
    packet.set_field("data", [6]).unwrap();
    assert_eq!(packet.field("data").unwrap().to_string(), "[6, 5]");
    assert!(packet.set_field("data", [1, 2, 3]).is_err());
}

#[test]
fn vectors_are_lists_of_lanes() {
    let ffi = checked();
    ffi.cdef("typedef float quad __attribute__((vector_size(16))); typedef short pair __attribute__((vector_size(4)));").unwrap();
    let vectors = ffi
        .alloc("quad[2]", [[1.5, 2.0, 3.0, 4.0], [0.1, 0.0, 0.0, 0.0]])
        .unwrap();
    assert_eq!(vectors.to_string(), "[[1.5, 2, 3, 4], [0.1, 0, 0, 0]]");
    let pair = ffi.alloc("pair *", [-3, 7]).unwrap();
    assert_eq!(pair.item(0).unwrap().to_string(), "[-3, 7]");
    assert!(ffi.alloc("pair *", [1, 2, 3]).is_err());
}

/// Members of an anonymous union lie at one offset: their order is that of the declaration, each time.
#[test]
fn anonymous_members_print_in_order() {
    let ffi = checked();
    ffi.cdef("struct n { struct { int a; }; union { int b; float f; char g; short h; }; };")
        .unwrap();
    for _ in 0..20 {
        let n = ffi
            .alloc("struct n *", Value::map([("a", 1), ("b", 0)]))
            .unwrap();
        assert_eq!(
            n.item(0).unwrap().to_string(),
            "{a: 1, b: 0, f: 0, g: \"\\x00\", h: 0}"
        );
    }
}

/// A tag that threads mention for the first time at once is one record.
#[test]
fn threads_mean_one_record_by_one_tag() {
    for round in 0..50 {
        let ffi = checked();
        let barrier = std::sync::Barrier::new(4);
        let mention = |n: usize| {
            barrier.wait();
            ffi.type_of(&format!("struct new_{round} {}", "*".repeat(n)))
                .unwrap()
        };
        let pointers: Vec<_> = std::thread::scope(|scope| {
            let mention = &mention;
            let threads: Vec<_> = (1..=4).map(|n| scope.spawn(move || mention(n))).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let types = ffi.types();
        for pair in pointers.windows(2) {
            assert_eq!(types.pointer(pair[0]), pair[1]);
        }
    }
}
