//! Global variables and constants of a library.

#![allow(unsafe_code)]

mod common;

use common::{checked, library};
use farcall::Value;

#[test]
fn variables_are_read_and_written_where_they_are() {
    let (ffi, lib) = library();
    assert_eq!(lib.get("counter").unwrap(), Value::Int(7));
    // SAFETY: only this test uses the variable, in this process or thread.
    unsafe { lib.set("counter", -1) }.unwrap();
    assert_eq!(lib.get("counter").unwrap(), Value::Int(-1));
    let pointer = lib.address_of("counter").unwrap();
    assert_eq!(pointer.type_name(), "int *");
    let error = pointer.set_item(0, 12).unwrap_err().to_string();
    assert!(
        error.starts_with("'int *' is memory of a library"),
        "{error}"
    );
    // SAFETY: one int is there, and only this test uses it.
    unsafe { pointer.trust(1) }.set_item(0, 12).unwrap();
    assert_eq!(lib.get("counter").unwrap(), Value::Int(12));
    // SAFETY: as above.
    let error = unsafe { lib.set("counter", 1i64 << 40) }
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "integer 1099511627776 does not fit 'int' (variable 'counter')"
    );

    let table = lib.get("table").unwrap();
    assert_eq!(table.item(3).unwrap(), Value::Float(4.5));
    assert!(table.item(4).is_err());
    assert!(table.cdata().unwrap().set_item(0, 0.25).is_err());
    // SAFETY: the variable has four items, and only this test uses it.
    unsafe { table.cdata().unwrap().trust(4) }
        .set_item(0, 0.25)
        .unwrap();
    assert_eq!(
        lib.get("table").unwrap().to_string(),
        "[0.25, 2.5, 3.5, 4.5]"
    );
    assert_eq!(lib.get("origin").unwrap().to_string(), "{x: 3, y: 4}");
    // SAFETY: the library initialises it with a text.
    let text = unsafe { lib.get("greeting").unwrap().cdata().unwrap().c_string() };
    assert_eq!(text.unwrap(), b"hello");
    assert_eq!(ffi.size_of("struct nested").unwrap(), 32);
}

#[test]
fn constants_have_their_values_and_stay() {
    let (_ffi, lib) = library();
    assert_eq!(lib.get("ANSWER").unwrap(), Value::Int(42));
    assert_eq!(lib.get("RATIO").unwrap(), Value::Float(1.5));
    assert_eq!(lib.get("BLUE").unwrap(), Value::Int(6));
    assert_eq!(lib.get("limit").unwrap(), Value::Int(99));
    for name in ["limit", "ANSWER", "negate"] {
        // SAFETY: none of them is written to.
        let error = unsafe { lib.set(name, 1) }.unwrap_err().to_string();
        assert!(
            error.contains("not as a variable that may be set"),
            "{error}"
        );
    }
    assert!(
        lib.get("missing_variable")
            .unwrap_err()
            .to_string()
            .starts_with("function/symbol 'missing_variable' not found")
    );
    assert!(
        lib.get("unknown")
            .unwrap_err()
            .to_string()
            .contains("is not declared")
    );
}

/// What comes from a library stays valid: it keeps the library open.
#[test]
fn variables_and_functions_outlive_the_library_object() {
    let (ffi, lib) = library();
    let (table, negate) = (lib.get("table").unwrap(), lib.get("negate").unwrap());
    drop(lib);
    assert_eq!(table.item(1).unwrap(), Value::Float(2.5));
    let negate = farcall::Function::from_pointer(&ffi, negate.cdata().unwrap()).unwrap();
    // SAFETY: takes any int.
    assert_eq!(unsafe { negate.call((3,)) }.unwrap(), Value::Int(-3));
}

/// `extern T name[];` has no length that anybody knows.
#[test]
fn arrays_without_a_length_must_be_trusted() {
    let ffi = checked();
    ffi.cdef("extern double table[]; extern char **environ;")
        .unwrap();
    let (_, lib) = library();
    // SAFETY: the declarations are those of the library.
    let lib = unsafe { ffi.dlopen(lib.name()) }.unwrap();
    let table = lib.get("table").unwrap();
    let table = table.cdata().unwrap();
    assert!(
        table
            .item(0)
            .unwrap_err()
            .to_string()
            .contains("came from C")
    );
    // SAFETY: it has four items.
    let known = unsafe { table.trust(4) };
    assert_eq!(
        (known.len().unwrap(), known.item(3).unwrap()),
        (4, Value::Float(4.5))
    );
    assert!(known.item(4).is_err());
}
