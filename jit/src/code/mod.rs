//! Executable memory: published code is never overwritten, never moved, and never writable where it runs.
//!
//! ```text
//! memfd     | stub | stub | stub | . . . . . . |    64 KiB to 1 MiB a chunk, appended to, never reused
//!              ^ RX view: what runs       ^ RW view: where the next stub is written
//! ```
//!
//! One file is mapped twice, so no page is ever writable and executable, and no protection ever changes (which
//! `PR_SET_MDWE` and seccomp filters refuse). Where there is no memfd, each publication takes fresh pages,
//! which turn from writable to executable once. A forked child starts chunks of its own: the file is shared with the
//! parent, so the child runs what is there, and has no view through which it could write to it.

#![allow(unsafe_code)]

mod arena;
mod cache;
mod chunk;
#[cfg_attr(not(unix), path = "no_fork.rs")]
pub(crate) mod fork;
mod map;
#[cfg(target_os = "linux")]
mod perf;
mod unwind;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fmt, io};

use arena::Arena;

/// How the stack lies at the calls of a piece of code, which is what unwinders must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StackFrame {
    /// The frame pointer points to the caller's, above which is the return address.
    Chained,
    /// The frame pointer is the caller's, and the return address is [`StackFrame::FIXED`] bytes above the stack pointer. On
    /// x86-64 outside of Windows.
    #[cfg_attr(
        not(any(target_arch = "x86_64", feature = "all-machines")),
        expect(dead_code)
    )]
    Fixed,
}

impl StackFrame {
    /// Bytes of a frame of fixed size. With the return address it is a multiple of 16.
    pub(crate) const FIXED: i32 = 120;
}

/// All code of one engine. Dropped with the last stub, and its memory with it.
#[derive(Default)]
pub(crate) struct CodeSpace {
    arena: Mutex<Arena>,
}

/// Code that has been published: an address and a length in bytes, valid as long as the [`CodeSpace`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code {
    pub(crate) address: *const u8,
    pub(crate) len: usize,
}

// SAFETY: the address of immutable code; who calls it keeps its code space.
unsafe impl Send for Code {}
// SAFETY: as above.
unsafe impl Sync for Code {}

impl CodeSpace {
    /// Copies `bytes` to executable memory. They must not depend on the address they run at. Profilers see the name.
    pub(crate) fn publish(
        &self,
        bytes: &[u8],
        frame: StackFrame,
        name: fmt::Arguments<'_>,
    ) -> io::Result<Code> {
        let code = Code {
            address: self.arena().publish(bytes, frame)?,
            len: bytes.len(),
        };
        #[cfg(target_os = "linux")]
        perf::announce(code, name);
        #[cfg(not(target_os = "linux"))]
        let _ = name;
        Ok(code)
    }

    /// Bytes of executable memory that code takes, alignment included, and the bytes that are mapped for it.
    pub(crate) fn size(&self) -> (usize, usize) {
        self.arena().size()
    }

    /// A panic of another thread leaves the arena as it was between two complete steps.
    fn arena(&self) -> MutexGuard<'_, Arena> {
        self.arena.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for CodeSpace {
    fn drop(&mut self) {
        // The unwinder's own lock is taken when tables go.
        let _gate = fork::keep_out();
        self.arena
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
