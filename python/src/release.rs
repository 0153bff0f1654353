//! Letting go of references. What goes with the last one may hold the next object, and that another one: a chain of any length
//! goes without a stack of that depth.

#![allow(unsafe_code)] // References are counted by hand.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr;

use pyo3::{Py, ffi};

use crate::slot::Object;

/// How many objects go inside of each other before the next ones wait. The interpreter's own collections do it in the same
/// way, so that chains of both kinds of objects end as well.
const DEEPEST: u32 = 50;

thread_local! {
    /// How many are going on this thread, one inside of the other.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Whether one of them ends what waits.
    static DRAINED: Cell<bool> = const { Cell::new(false) };
    /// References whose turn comes when the outermost is through, which leaves none. Without a destructor, so that it is there
    /// until the very end of a thread: the interpreter's part of a thread of C's goes among the destructors of the others.
    static WAITING: RefCell<ManuallyDrop<Vec<Object>>> = const { RefCell::new(ManuallyDrop::new(Vec::new())) };
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
        let drained = DRAINED.get();
        if drained && depth >= DEEPEST {
            return WAITING.with_borrow_mut(|waiting| waiting.push(object));
        }
        DEPTH.set(depth + 1);
        DRAINED.set(true);
        ffi::Py_DECREF(object);
        if !drained {
            drain();
        }
        DRAINED.set(drained);
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

/// Ends what waits, and the list's memory.
///
/// # Safety
///
/// The interpreter's lock is held.
unsafe fn drain() {
    while let Some(object) = WAITING.with_borrow_mut(|waiting| waiting.pop()) {
        // SAFETY: it was held, and the caller's promise.
        unsafe { ffi::Py_DECREF(object) };
    }
    drop(take_waiting());
}

/// As long as it lives, what is let go of waits for nothing that was begun before: Python's code may run for long inside of
/// another object's end.
pub(crate) struct Apart(Option<Vec<Object>>);

impl Apart {
    #[inline]
    pub(crate) fn begin() -> Apart {
        Apart(DRAINED.replace(false).then(take_waiting))
    }
}

impl Drop for Apart {
    #[inline]
    fn drop(&mut self) {
        if let Some(waiting) = self.0.take() {
            WAITING.with_borrow_mut(|list| **list = waiting);
            DRAINED.set(true);
        }
    }
}

fn take_waiting() -> Vec<Object> {
    WAITING.with_borrow_mut(|waiting| std::mem::take(&mut **waiting))
}

/// A reference that is let go of by [`release`]. It goes with the interpreter's lock held, as objects do.
pub(crate) struct Held<T>(ManuallyDrop<Py<T>>);

impl<T> From<Py<T>> for Held<T> {
    fn from(object: Py<T>) -> Self {
        Self(ManuallyDrop::new(object))
    }
}

impl<T> Deref for Held<T> {
    type Target = Py<T>;

    fn deref(&self) -> &Py<T> {
        &self.0
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        // SAFETY: held until now, and nobody uses it afterwards.
        unsafe { release(ManuallyDrop::take(&mut self.0).into_ptr()) };
    }
}
