//! cffi's reference, "Working with pointers, structures and arrays": its examples, in its order.

mod common;

use std::cell::Cell;
use std::rc::Rc;

use common::{call, checked, library};
use farcall::{Error, Value};

fn int(value: &Value) -> i128 {
    i128::try_from(value.clone()).unwrap()
}

#[test]
fn integers_floats_and_characters() {
    let ffi = checked();
    let one = |ty: &str, value: Value| ffi.alloc(ty, value).unwrap().item(0).unwrap();
    assert_eq!(one("int *", 42.into()), Value::Int(42));
    assert_eq!(one("double *", 1.5.into()), Value::Float(1.5));
    assert_eq!(one("char *", "x".into()), Value::Bytes(b"x".into()));
    assert_eq!(one("signed char *", 120.into()), Value::Int(120));
    assert_eq!(one("wchar_t *", "é".into()), Value::from("é"));
    assert_eq!(one("char32_t *", "😀".into()), Value::from("😀"));
    // Above what fits a unit, a character is a pair.
    assert!(ffi.alloc("char16_t *", "😀").is_err());
    assert_eq!(ffi.alloc("char16_t[]", "😀").unwrap().len().unwrap(), 3);
    let wide = ffi.cast("wchar_t", "é").unwrap();
    assert_eq!(wide.value(), Value::from("é"));
    assert_eq!(ffi.cast("int", &wide).unwrap().value(), Value::Int(0xe9));
}

#[test]
fn new_makes_memory_filled_with_zeros() {
    let ffi = checked();
    for (ty, init, repr) in [
        ("int *", Value::None, "<cdata 'int *' owning 4 bytes>"),
        ("int[10]", Value::None, "<cdata 'int[10]' owning 40 bytes>"),
        ("char *", Value::None, "<cdata 'char *' owning 1 bytes>"),
        ("char[]", "foobar".into(), "<cdata 'char[]' owning 7 bytes>"),
    ] {
        assert_eq!(ffi.alloc(ty, init).unwrap().repr(), repr);
    }
    let zeros = ffi.alloc("int[10]", ()).unwrap();
    assert!(
        zeros
            .iter()
            .unwrap()
            .all(|item| item.unwrap() == Value::Int(0))
    );
    for ty in ["int", "struct s", "void *(int)"] {
        assert!(
            matches!(ffi.alloc(ty, ()), Err(Error::Refused { .. })),
            "{ty}"
        );
    }
}

#[test]
fn pointers_do_not_keep_what_they_point_to_but_may_be_stored() {
    let ffi = checked();
    let p = ffi.alloc("char[]", "hello, world").unwrap();
    let q = ffi.alloc("char **", &p).unwrap();
    let read = q.item(0).unwrap();
    assert_eq!(read.cdata().unwrap().address(), p.address());
    // Who reads the pointer does not own the text.
    assert!(!read.cdata().unwrap().is_owning());
    // SAFETY: `p` is alive.
    #[allow(unsafe_code)]
    let text = unsafe { read.cdata().unwrap().c_string() };
    assert_eq!(text.unwrap(), b"hello, world");
}

#[test]
fn dereferencing_and_null() {
    let (ffi, lib) = library();
    let x = ffi.alloc("int *", ()).unwrap();
    x.set_item(0, 42).unwrap();
    call(&lib, "somefunction", (&x,)).unwrap();
    assert_eq!(x.item(0).unwrap(), Value::Int(43));

    let null = ffi.null();
    assert_eq!(null.repr(), "<cdata 'void *' NULL>");
    assert_eq!(null, ffi.cast("void *", 0).unwrap());
    let pointers = ffi.alloc("int **", ()).unwrap();
    let read = pointers.item(0).unwrap();
    assert_eq!(read.cdata().unwrap().repr(), "<cdata 'int *' NULL>");
    assert_eq!(read.cdata().unwrap(), &null);
    assert!(!read.cdata().unwrap().is_true());
    let error = read.item(0).unwrap_err().to_string();
    assert_eq!(error, "cannot dereference null pointer from cdata 'int *'");
}

#[test]
fn variables_of_c_become_memory() {
    let (ffi, lib) = library();
    let (px, py) = (
        ffi.alloc("int *", ()).unwrap(),
        ffi.alloc("int *", ()).unwrap(),
    );
    call(&lib, "fetch_size", (&px, &py)).unwrap();
    let arr = ffi.alloc("int[2]", ()).unwrap();
    call(&lib, "fetch_size", (&arr, arr.offset(1).unwrap())).unwrap();
    for (x, y) in [
        (px.item(0).unwrap(), py.item(0).unwrap()),
        (arr.item(0).unwrap(), arr.item(1).unwrap()),
    ] {
        assert_eq!((int(&x), int(&y)), (640, 480));
    }

    let p_handle = ffi.alloc("opaque_t **", ()).unwrap();
    call(&lib, "init_stuff", (&p_handle,)).unwrap();
    let handle = p_handle.item(0).unwrap();
    assert_eq!(
        call(&lib, "more_stuff", (&handle,)).unwrap(),
        Value::Int(17)
    );
    // It is opaque: nobody sees into it.
    let error = handle.field("value").unwrap_err().to_string();
    assert!(error.contains("points to an opaque type"), "{error}");
}

#[test]
fn references_and_co_owners() {
    let ffi = checked();
    ffi.cdef("struct foo { int x; struct { int y; } inner; };")
        .unwrap();
    let p = ffi.alloc("struct foo *", Value::map([("x", 1)])).unwrap();
    let record = p.item(0).unwrap().cdata().unwrap().clone();
    assert_eq!(record.repr(), "<cdata 'struct foo' owning 8 bytes>");
    let inner = p.field("inner").unwrap().cdata().unwrap().clone();
    assert!(
        inner.repr().starts_with("<cdata 'struct $1 &' 0x"),
        "{}",
        inner.repr()
    );
    // The record keeps the memory alive without the pointer.
    drop(p);
    assert_eq!(record.field("x").unwrap(), Value::Int(1));
    // What owns one thing has one item.
    let number = ffi.alloc("int *", 5).unwrap();
    let error = number.item(1).unwrap_err().message();
    assert_eq!(error, "cdata 'int *' can only be indexed by 0");
    // A cast does not own.
    assert!(
        ffi.cast("char *", &number)
            .unwrap()
            .repr()
            .starts_with("<cdata 'char *' 0x")
    );
}

#[test]
fn casts() {
    let ffi = checked();
    let x = ffi.cast("int", 42).unwrap();
    assert_eq!(
        (x.repr(), x.value()),
        ("<cdata 'int' 42>".into(), Value::Int(42))
    );
    assert_eq!(
        ffi.cast("signed char", 300).unwrap().value(),
        Value::Int(44)
    );
    assert_eq!(ffi.cast("int", -3.9).unwrap().value(), Value::Int(-3));
    let p = ffi.alloc("int *", ()).unwrap();
    let signed = ffi.cast("intptr_t", &p).unwrap().value();
    let unsigned = ffi.cast("uintptr_t", &p).unwrap().value();
    assert_eq!(int(&signed) as usize, p.address().unwrap() as usize);
    assert_eq!(int(&signed) as usize, int(&unsigned) as usize);
    let back = ffi.cast("int *", unsigned).unwrap();
    assert_eq!(back.address(), p.address());
}

#[test]
fn initialisers_of_structs() {
    let ffi = checked();
    ffi.cdef("typedef struct { int x, y; } foo_t;").unwrap();
    let in_order = ffi.alloc("foo_t *", [1, 2]).unwrap();
    let by_name = ffi
        .alloc("foo_t *", Value::map([("y", 1), ("x", 2)]))
        .unwrap();
    assert_eq!(in_order.item(0).unwrap().to_string(), "{x: 1, y: 2}");
    assert_eq!(by_name.item(0).unwrap().to_string(), "{x: 2, y: 1}");
    let copy = ffi.alloc("foo_t *", by_name.item(0).unwrap()).unwrap();
    assert_eq!(copy.field("x").unwrap(), Value::Int(2));
    assert_ne!(copy, by_name);
}

#[test]
fn arrays_of_characters() {
    let ffi = checked();
    let x = ffi.alloc("char[]", "hello").unwrap();
    assert_eq!(x.repr(), "<cdata 'char[]' owning 6 bytes>");
    assert_eq!(x.len().unwrap(), 6);
    assert_eq!(x.item(5).unwrap(), Value::Bytes(vec![0]));
    x.set_item(0, "H").unwrap();
    assert_eq!(x.string().unwrap(), b"Hello");
    assert_eq!(x.text(None).unwrap(), Value::Bytes(b"Hello".into()));
    let wide = ffi.alloc("wchar_t[]", "häß").unwrap();
    assert_eq!(wide.text(None).unwrap(), Value::from("häß"));
    // As in C, the zero is left out where there is no room for it.
    let four = ffi.alloc("char[4]", "four").unwrap();
    assert_eq!(four.string().unwrap(), b"four");
    let error = ffi.alloc("char[4]", "fours").unwrap_err().to_string();
    assert_eq!(
        error,
        "initializer unicode is too long for 'char[4]' (got 5 characters)"
    );
    // Nothing is counted from the end.
    assert_eq!(x.item(-1).unwrap_err().message(), "negative index");
    let error = x.item(6).unwrap_err().message();
    assert_eq!(error, "index too large for cdata 'char[]' (expected 6 < 6)");
}

#[test]
fn arrays_of_unspecified_length() {
    let ffi = checked();
    let array = ffi.alloc("int[]", [1, 2, 3, 4]).unwrap();
    assert_eq!(array.repr(), "<cdata 'int[]' owning 16 bytes>");
    for zeros in [ffi.alloc("int[1000]", ()), ffi.alloc("int[]", 1000)] {
        let zeros = zeros.unwrap();
        assert_eq!((zeros.len().unwrap(), zeros.size().unwrap()), (1000, 4000));
        assert_eq!(zeros.item(999).unwrap(), Value::Int(0));
    }
    let error = ffi.alloc("int[]", -1).unwrap_err().to_string();
    assert_eq!(error, "negative array length");
    let error = ffi.alloc("int[]", 1.5).unwrap_err().to_string();
    assert_eq!(
        error,
        "expected new array length or list/tuple/str, not float"
    );
}

#[test]
fn structures_of_variable_size() {
    let ffi = checked();
    ffi.cdef("typedef struct { int x; int y[]; } foo_t;")
        .unwrap();
    let list = |items: [Value; 2]| Value::List(items.into());
    for (init, shown, size) in [
        (
            list([5.into(), [6, 7, 8].into()]),
            "{x: 5, y: [6, 7, 8]}",
            16,
        ),
        (list([5.into(), 3.into()]), "{x: 5, y: [0, 0, 0]}", 16),
        (Value::map([("y", 3)]), "{x: 0, y: [0, 0, 0]}", 16),
        (Value::None, "{x: 0, y: []}", 4),
    ] {
        let p = ffi.alloc("foo_t *", init).unwrap();
        let record = p.item(0).unwrap();
        assert_eq!(record.to_string(), shown);
        let record = record.cdata().unwrap();
        assert_eq!(
            record.repr(),
            format!("<cdata 'foo_t' owning {size} bytes>")
        );
        assert_eq!(record.size().unwrap(), size);
    }
}

#[test]
fn initialisers_are_assigned_too() {
    let ffi = checked();
    ffi.cdef("typedef struct { int x, y, z; char a[5]; } foo_t;")
        .unwrap();
    let p = ffi.alloc("int[5][5]", ()).unwrap();
    p.item(2).unwrap().cdata().unwrap().set_item(2, 99).unwrap();
    p.set_item(2, [10, 20]).unwrap();
    assert_eq!(p.item(2).unwrap().to_string(), "[10, 20, 99, 0, 0]");

    let p = ffi.alloc("foo_t *", [1, 2, 3]).unwrap();
    p.set_item(0, Value::map([("x", 10), ("z", 20)])).unwrap();
    assert_eq!(
        p.field("y").unwrap(),
        Value::Int(2),
        "not named, so not touched"
    );
    assert_eq!(
        (p.field("x").unwrap(), p.field("z").unwrap()),
        (10.into(), 20.into())
    );

    p.set_field("a", Value::Bytes(b"vwxyz".into())).unwrap();
    p.set_field("a", "abc").unwrap();
    let a = p.field("a").unwrap();
    assert_eq!(a.cdata().unwrap().string().unwrap(), b"abc");
    assert_eq!(a.item(3).unwrap(), Value::Bytes(vec![0]));
    assert_eq!(a.item(4).unwrap(), Value::Bytes(b"z".into()), "not touched");
}

/// "the ownership rules are attached to the wrapper cdata objects": kept alive by whatever the program likes.
#[test]
fn objects_are_kept_alive_by_who_needs_them() {
    let ffi = checked();
    ffi.cdef("struct bar { int n; }; struct foo { struct bar *thefield1; };")
        .unwrap();
    let gone = Rc::new(Cell::new(false));
    let seen = Rc::clone(&gone);
    let field = ffi.gc(&ffi.alloc("struct bar *", [7]).unwrap(), move |_| {
        seen.set(true)
    });
    let s1 = ffi.alloc("struct foo *", [Value::from(&field)]).unwrap();
    let read = s1.field("thefield1").unwrap();
    assert_eq!(read.cdata().unwrap().address(), field.address());
    drop(read);
    assert!(!gone.get());
    drop(field);
    assert!(gone.get(), "the struct that points there does not keep it");
}
