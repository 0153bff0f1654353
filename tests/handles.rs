//! Handles: host values behind a `void *`.

#![allow(unsafe_code, reason = "processes fork")]

use std::collections::HashSet;
use std::ffi::c_void;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// Addresses of all handles come from one place. Held by those who make many, and by who must not see one used again, where all
/// tests share a process.
static MANY: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    MANY.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn stale_and_foreign_handles_are_errors() {
    let _alone = alone();
    let ffi = Ffi::new();
    let copy = {
        let handle = ffi.new_handle(5);
        let copy = ffi
            .cast("void *", ffi.cast("uintptr_t", &handle).unwrap())
            .unwrap();
        assert_eq!(*ffi.from_handle::<i32>(&copy).unwrap(), 5);
        copy
    };
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

/// An address is given again, but only after a million others.
#[test]
fn addresses_rest() {
    let _alone = alone();
    let first: HashSet<usize> = (0..100_000)
        .map(|n| Handle::new(n).address() as usize)
        .collect();
    assert_eq!(first.len(), 100_000);
    let again = (0..1_500_000).position(|n| {
        let other = Handle::new(n);
        first.contains(&(other.address() as usize))
    });
    let between = again.expect("memory that is used again");
    assert!(between > 900_000, "{between}");
}

/// While another thread makes, finds and frees handles, a child of `fork` finds its own.
#[cfg(unix)]
#[test]
fn children_of_fork_find_handles() {
    let _alone = alone();
    let known = Handle::new(7);
    let busy = AtomicBool::new(true);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while busy.load(Ordering::Relaxed) {
                    let own = Handle::new(1);
                    assert_eq!(*Handle::<i32>::find(own.address()).unwrap(), 1);
                }
            });
        }
        let stati: Vec<i32> = (0..100)
            .map(|_| {
                // SAFETY: the child finds, makes and frees handles, and leaves.
                let child = unsafe { libc::fork() };
                if child == 0 {
                    // SAFETY: ends a child that waits for ever.
                    unsafe { libc::alarm(20) };
                    let found = Handle::<i32>::find(known.address()).is_ok_and(|value| *value == 7);
                    drop(Handle::new(2));
                    // SAFETY: ends the child.
                    unsafe { libc::_exit(if found { 0 } else { 1 }) };
                }
                let mut status = 0;
                // SAFETY: a child of this process, and a place for a number.
                assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
                status
            })
            .take_while(|status| *status == 0)
            .collect();
        busy.store(false, Ordering::Relaxed);
        assert_eq!(stati.len(), 100, "a child waits for ever, or finds nothing");
    });
}
