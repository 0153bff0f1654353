//! The system's part of executable memory: one file a system, each with the same functions.
//!
//! - `dual(len)` maps the same fresh memory twice, and `unmap_dual` gives both views back;
//! - `fresh(len)` maps writable pages, which `make_executable` turns, and `unmap_fresh` gives back;
//! - `is_lasting(error)` says whether a failure of `dual` is for good;
//! - `page_size()`.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod system;

use std::ptr::NonNull;

pub(super) use system::*;

/// Two views of the same memory.
pub(super) struct Views {
    /// Where code is written.
    pub(super) writable: NonNull<u8>,
    /// Where it runs.
    pub(super) executable: NonNull<u8>,
}
