//! Global variables and constants of a library.

#![allow(unsafe_code)]

mod common;

use common::library;
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
    pointer.set_item(0, 12).unwrap();
    assert_eq!(lib.get("counter").unwrap(), Value::Int(12));
    // SAFETY: as above.
    let error = unsafe { lib.set("counter", 1i64 << 40) }
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "value 1099511627776 does not fit 'int' (variable 'counter')"
    );

    let table = lib.get("table").unwrap();
    assert_eq!(table.item(3).unwrap(), Value::Float(4.5));
    assert!(table.item(4).is_err());
    table.cdata().unwrap().set_item(0, 0.25).unwrap();
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
            .starts_with("no symbol 'missing_variable'")
    );
    assert!(
        lib.get("unknown")
            .unwrap_err()
            .to_string()
            .contains("is not declared")
    );
}
