//! Letting go of references. What goes with the last one may hold the next object, and that another one: a chain of any length
//! goes without a stack of that depth.

#![allow(unsafe_code)] // References are counted by hand.

use std::cell::{Cell, RefCell};
use std::ptr;

use pyo3::{Py, ffi};

use crate::slot::Object;

/// How many objects go inside of each other before the next ones wait. The interpreter's own collections do it in the same
/// way, so that chains of both kinds of objects end as well.
const DEEPEST: u32 = 50;

thread_local! {
    /// How many are going on this thread, one inside of the other.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// References whose turn comes when the outermost is through.
    static WAITING: RefCell<Vec<Object>> = const { RefCell::new(Vec::new()) };
}

/// Lets go of a reference, now or, deep inside of other calls of this, before the outermost of them returns.
///
/// # Safety
///
/// `object` is null, or a reference that the caller holds; the interpreter's lock is held.
pub(crate) unsafe fn release(object: Object) {
    if object.is_null() {
        return;
    }
    // SAFETY: the caller's promise.
    unsafe {
        if ffi::Py_REFCNT(object) > 1 {
            return ffi::Py_DECREF(object);
        }
        let depth = DEPTH.get();
        if depth >= DEEPEST && wait(object) {
            return;
        }
        DEPTH.set(depth + 1);
        ffi::Py_DECREF(object);
        if depth == 0 {
            while let Some(object) = next() {
                ffi::Py_DECREF(object);
            }
        }
        DEPTH.set(depth);
    }
}

/// As [`release`], for a reference of pyo3's.
///
/// # Safety
///
/// The interpreter's lock is held.
pub(crate) unsafe fn release_owned<T>(object: &mut Option<Py<T>>) {
    let object = object.take().map_or(ptr::null_mut(), Py::into_ptr);
    // SAFETY: it was held.
    unsafe { release(object) };
}

/// False where the thread is about to end, whose list is gone.
fn wait(object: Object) -> bool {
    let waits = WAITING.try_with(|waiting| waiting.borrow_mut().push(object));
    waits.is_ok()
}

fn next() -> Option<Object> {
    let next = WAITING.try_with(|waiting| waiting.borrow_mut().pop());
    next.ok().flatten()
}
