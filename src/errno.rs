//! `errno` as the calls of this thread leave it and find it.
//!
//! What runs between two calls, a host's interpreter above all, changes the C library's `errno`. So each thread has one of
//! its own, which is put in place before a call and taken back right after it.
//!
//! ```
//! use farcall::{Ffi, errno};
//!
//! let ffi = Ffi::new();
//! ffi.cdef("int close(int fd);")?;
//! // SAFETY: this is the declaration of the C library.
//! let lib = unsafe { ffi.process()? };
//! errno::set(0);
//! // SAFETY: -1 is no file.
//! let result = unsafe { lib.call("close", (-1,))? };
//! assert_eq!(i32::try_from(result)?, -1);
//! assert_eq!(errno::get(), 9, "EBADF");
//! # Ok::<(), farcall::Error>(())
//! ```

#![allow(unsafe_code)]

#[cfg_attr(
    all(
        target_arch = "x86_64",
        target_os = "linux",
        target_env = "gnu",
        not(miri)
    ),
    path = "errno/static_tls.rs"
)]
mod saved;

#[cfg(windows)]
use std::cell::Cell;
use std::ffi::c_int;

#[cfg(windows)]
thread_local! {
    static SAVED_WINDOWS: Cell<u32> = const { Cell::new(0) };
}

/// What the last call of this thread left in `errno`, or [`set`] did.
pub fn get() -> c_int {
    saved::get()
}

/// What the next call of this thread finds in `errno`.
pub fn set(errno: c_int) {
    saved::set(errno);
}

/// Where each thread has its `errno` and what is kept of it, as distances in bytes from its thread pointer, if these are the
/// same in all threads: for code that is compiled to keep `errno` itself.
pub fn distances() -> Option<Distances> {
    let from_thread_pointer = |place: *mut c_int| {
        let distance = place.addr().wrapping_sub(saved::thread_pointer()?) as isize;
        i32::try_from(distance).ok()
    };
    Some(Distances {
        errno: from_thread_pointer(location())?,
        saved: from_thread_pointer(saved::place()?)?,
    })
}

/// See [`distances`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distances {
    /// Of the C library's `errno`.
    pub errno: i32,
    /// Of what [`get`] returns.
    pub saved: i32,
}

/// What the last call of this thread left for `GetLastError`. There is no such function but on Windows.
#[cfg(windows)]
pub fn last_error() -> u32 {
    SAVED_WINDOWS.get()
}

/// A Windows error and what the system says of it; without a code, the one that the last call left. There is no such function but
/// on Windows, as cffi's `getwinerror`.
#[cfg(windows)]
pub fn windows_error(code: Option<u32>) -> (u32, String) {
    use windows_sys::Win32::System::Diagnostics::Debug::{
        FORMAT_MESSAGE_FROM_SYSTEM, FORMAT_MESSAGE_IGNORE_INSERTS, FormatMessageW,
    };

    let code = code.unwrap_or_else(last_error);
    let mut text = [0u16; 1024];
    // SAFETY: there is room for as many units as the call is told.
    let length = unsafe {
        FormatMessageW(
            FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS,
            std::ptr::null(),
            code,
            0,
            text.as_mut_ptr(),
            text.len() as u32,
            std::ptr::null(),
        )
    };
    let message = String::from_utf16_lossy(&text[..length as usize]);
    (code, message.trim_end().into())
}

/// Runs `call` with this thread's `errno` in place, and keeps what it leaves, also if it unwinds.
#[inline]
pub fn around<T>(call: impl FnOnce() -> T) -> T {
    restore();
    let _left = Left;
    call()
}

/// C was entered; what it leaves is kept.
struct Left;

impl Drop for Left {
    #[inline]
    fn drop(&mut self) {
        save();
    }
}

/// To be dropped on the way back to C, however that goes: puts this thread's `errno` in place.
pub(crate) struct Return;

impl Drop for Return {
    #[inline]
    fn drop(&mut self) {
        restore();
    }
}

/// Puts this thread's `errno` in place: before C runs.
#[inline]
pub fn restore() {
    // SAFETY: the C library's own `errno` of this thread.
    unsafe { *location() = saved::get() };
    #[cfg(windows)]
    // SAFETY: sets a number.
    unsafe {
        windows_sys::Win32::Foundation::SetLastError(SAVED_WINDOWS.get());
    }
}

/// Keeps what C has left in `errno`: right after it ran.
#[inline]
pub fn save() {
    #[cfg(windows)]
    // SAFETY: gets a number.
    SAVED_WINDOWS.set(unsafe { windows_sys::Win32::Foundation::GetLastError() });
    // SAFETY: the C library's own `errno` of this thread.
    saved::set(unsafe { *location() });
}

#[cfg(any(target_os = "linux", target_os = "emscripten", target_os = "redox"))]
#[inline]
fn location() -> *mut c_int {
    // SAFETY: gives an address.
    unsafe { libc::__errno_location() }
}

#[cfg(any(target_os = "macos", target_os = "ios", target_os = "freebsd"))]
#[inline]
fn location() -> *mut c_int {
    // SAFETY: gives an address.
    unsafe { libc::__error() }
}

#[cfg(any(target_os = "android", target_os = "openbsd", target_os = "netbsd"))]
#[inline]
fn location() -> *mut c_int {
    // SAFETY: gives an address.
    unsafe { libc::__errno() }
}

#[cfg(windows)]
#[inline]
fn location() -> *mut c_int {
    unsafe extern "C" {
        fn _errno() -> *mut c_int;
    }
    // SAFETY: gives an address.
    unsafe { _errno() }
}
