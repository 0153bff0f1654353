//! The two halves of an asymmetric fence: next to nothing for those who call, all of it for those who free.
//!
//! A store ahead of [`light`] and a load behind it, and on another thread a store ahead of [`heavy`] and a load behind
//! it: one of the two loads sees the other's store (Dekker). On Linux `membarrier` has every running thread of the
//! process pass a full fence, on Windows `FlushProcessWriteBuffers`; elsewhere both halves are ordinary fences.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering, compiler_fence, fence};

/// Whether [`light`] has to be a fence of the processor.
static FENCED: AtomicBool = AtomicBool::new(true);

/// Decides which kind it is. Before the first [`light`] of any thread.
pub(super) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| FENCED.store(!system::prepare(), Ordering::SeqCst));
}

#[inline(always)]
pub(super) fn light() {
    compiler_fence(Ordering::SeqCst);
    if FENCED.load(Ordering::Relaxed) {
        fence(Ordering::SeqCst);
    }
}

/// Whether it took place; if not, nothing is known of other threads.
pub(super) fn heavy() -> bool {
    fence(Ordering::SeqCst);
    FENCED.load(Ordering::Relaxed) || system::heavy()
}

#[cfg(target_os = "linux")]
mod system {
    /// From `linux/membarrier.h`.
    const PRIVATE_EXPEDITED: libc::c_int = 1 << 3;
    const REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;

    fn membarrier(command: libc::c_int) -> bool {
        // SAFETY: the system call takes integers and touches no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    pub(super) fn prepare() -> bool {
        // Some emulators know the call and not these commands: it is tried.
        membarrier(REGISTER_PRIVATE_EXPEDITED) && membarrier(PRIVATE_EXPEDITED)
    }

    pub(super) fn heavy() -> bool {
        membarrier(PRIVATE_EXPEDITED)
            || (membarrier(REGISTER_PRIVATE_EXPEDITED) && membarrier(PRIVATE_EXPEDITED))
    }
}

#[cfg(windows)]
mod system {
    use windows_sys::Win32::System::Threading::FlushProcessWriteBuffers;

    pub(super) fn prepare() -> bool {
        true
    }

    pub(super) fn heavy() -> bool {
        // SAFETY: takes and returns nothing.
        unsafe { FlushProcessWriteBuffers() };
        true
    }
}

#[cfg(not(any(target_os = "linux", windows)))]
mod system {
    pub(super) fn prepare() -> bool {
        false
    }

    pub(super) fn heavy() -> bool {
        false
    }
}
