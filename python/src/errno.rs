//! C's `errno`, as Python sees it: each thread's is kept from the end of one call to the beginning of the next.

#![allow(unsafe_code)] // errno is a place that the C library tells.

use std::cell::Cell;
use std::ffi::c_int;

thread_local! {
    static KEPT: Cell<c_int> = const { Cell::new(0) };
}

/// What `ffi.errno` is.
pub(crate) fn get() -> c_int {
    KEPT.get()
}

/// Sets `ffi.errno`, and so errno of the next call.
pub(crate) fn set(value: c_int) {
    KEPT.set(value);
}

/// Lets C see what was kept: before C runs.
#[inline]
pub(crate) fn restore() {
    // SAFETY: the calling thread's own errno.
    unsafe { *place() = KEPT.get() };
}

/// Keeps what C has set: after C ran.
#[inline]
pub(crate) fn save() {
    // SAFETY: the calling thread's own errno.
    KEPT.set(unsafe { *place() });
}

#[inline]
fn place() -> *mut c_int {
    // SAFETY: gives the address of the calling thread's errno.
    unsafe {
        #[cfg(any(target_os = "linux", target_os = "emscripten"))]
        return libc::__errno_location();
        #[cfg(any(target_os = "macos", target_os = "ios", target_os = "freebsd"))]
        return libc::__error();
        #[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
        return libc::__errno();
        #[cfg(windows)]
        return {
            unsafe extern "C" {
                fn _errno() -> *mut c_int;
            }
            _errno()
        };
    }
}
