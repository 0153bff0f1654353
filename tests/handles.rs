//! Handles: host values behind a `void *`.

use std::ffi::c_void;
use std::sync::Arc;

use farcall::{Ffi, Handle};

#[test]
fn handles_find_their_values() {
    let ffi = Ffi::new();
    let first = ffi.new_handle(vec![1, 2]);
    let second = ffi.new_handle(String::from("second"));
    assert_eq!(first.type_name(), "void *");
    assert_ne!(first, second);
    // Through C and back, as another opaque pointer type, too.
    let back = ffi
        .cast("char *", ffi.cast("uintptr_t", &first).unwrap())
        .unwrap();
    assert_eq!(*ffi.from_handle::<Vec<i32>>(&back).unwrap(), [1, 2]);
    assert_eq!(*ffi.from_handle::<String>(&second).unwrap(), "second");
    assert!(ffi.from_handle::<String>(&first).is_err());
    let ints = ffi.cast("int *", &first).unwrap();
    let error = ffi.from_handle::<Vec<i32>>(&ints).unwrap_err().to_string();
    assert_eq!(error, "'int *' is not a 'void *' out of new_handle");
}

#[test]
fn stale_and_foreign_handles_are_errors() {
    let ffi = Ffi::new();
    let copy = {
        let handle = ffi.new_handle(5);
        let copy = ffi
            .cast("void *", ffi.cast("uintptr_t", &handle).unwrap())
            .unwrap();
        assert_eq!(*ffi.from_handle::<i32>(&copy).unwrap(), 5);
        copy
    };
    // A million others do not get its address.
    for n in 0..100_000 {
        let other = Handle::new(n);
        assert_ne!(Some(other.address()), copy.address());
    }
    let error = ffi.from_handle::<i32>(&copy).unwrap_err().to_string();
    assert!(
        error.ends_with("is no handle, or one that has been freed"),
        "{error}"
    );
    let local = 0u64;
    for address in [
        std::ptr::without_provenance(1),
        (&raw const local).cast(),
        usize::MAX as *const c_void,
    ] {
        assert!(Handle::<i32>::find(address).is_err());
    }
    let error = ffi.from_handle::<i32>(&ffi.null()).unwrap_err();
    assert_eq!(error.to_string(), "the address 0x0 is NULL");
}

/// The value is dropped with the last copy of the handle, and whoever found it keeps it.
#[test]
fn handles_own_their_values() {
    let ffi = Ffi::new();
    let value = Arc::new(String::from("owned"));
    let handle = ffi.new_handle(Arc::clone(&value));
    let copy = handle.clone();
    let found = ffi.from_handle::<Arc<String>>(&handle).unwrap();
    drop((handle, copy));
    assert_eq!(**found, "owned");
    assert_eq!(Arc::strong_count(&value), 2);
    drop(found);
    assert_eq!(Arc::strong_count(&value), 1);
}
