//! What is kept of `errno`, where Rust puts thread-local variables.

use std::cell::Cell;
use std::ffi::c_int;

thread_local! {
    static SAVED: Cell<c_int> = const { Cell::new(0) };
}

#[inline]
pub(super) fn get() -> c_int {
    SAVED.get()
}

#[inline]
pub(super) fn set(errno: c_int) {
    SAVED.set(errno);
}

/// It is not at one distance in all threads: a library that is opened gets its variables wherever there is memory.
pub(super) fn place() -> Option<*mut c_int> {
    None
}

pub(super) fn thread_pointer() -> Option<usize> {
    None
}
