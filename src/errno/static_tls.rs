//! What is kept of `errno`, at the same distance from the thread pointer in every thread, also where this is part of a
//! library that was opened late: a variable of the "initial exec" model, which Rust has no attribute for.
//!
//! Source: *ELF Handling For Thread-Local Storage*, section 4.4.6 "x86-64 Initial Exec TLS Model". The C library keeps room for
//! such variables of late libraries; this one takes four bytes of it.

use std::arch::{asm, global_asm};
use std::ffi::c_int;

// Weak, for a test may have this crate in it twice.
global_asm!(
    ".pushsection .tbss.farcall_saved_errno, \"awT\", @nobits",
    ".weak farcall_saved_errno",
    ".hidden farcall_saved_errno",
    ".type farcall_saved_errno, @object",
    ".size farcall_saved_errno, 4",
    ".p2align 2",
    "farcall_saved_errno:",
    ".zero 4",
    ".popsection",
);

#[inline]
pub(super) fn get() -> c_int {
    let errno: c_int;
    // SAFETY: reads this thread's variable; its distance is what the linker's word says.
    unsafe {
        asm!(
            "mov {distance}, qword ptr [rip + farcall_saved_errno@GOTTPOFF]",
            "mov {errno:e}, dword ptr fs:[{distance}]",
            distance = out(reg) _,
            errno = lateout(reg) errno,
            options(nostack, readonly, preserves_flags),
        );
    }
    errno
}

#[inline]
pub(super) fn set(errno: c_int) {
    // SAFETY: as above, and writes.
    unsafe {
        asm!(
            "mov {distance}, qword ptr [rip + farcall_saved_errno@GOTTPOFF]",
            "mov dword ptr fs:[{distance}], {errno:e}",
            distance = out(reg) _,
            errno = in(reg) errno,
            options(nostack, preserves_flags),
        );
    }
}

pub(super) fn place() -> Option<*mut c_int> {
    let distance: usize;
    // SAFETY: loads the linker's word.
    unsafe {
        asm!(
            "mov {distance}, qword ptr [rip + farcall_saved_errno@GOTTPOFF]",
            distance = out(reg) distance,
            options(nostack, readonly, preserves_flags),
        );
    }
    let place = thread_pointer()?.wrapping_add(distance);
    Some(std::ptr::with_exposed_provenance_mut(place))
}

/// The word at the thread pointer is its own address (section 3.4.6, for `x86-64`).
pub(super) fn thread_pointer() -> Option<usize> {
    let pointer: usize;
    // SAFETY: the C library sets it up before any code of this process runs.
    unsafe {
        asm!("mov {}, qword ptr fs:[0]", out(reg) pointer, options(nostack, readonly, preserves_flags))
    };
    Some(pointer)
}

#[cfg(test)]
mod tests {
    use super::super::{distances, get, set};

    #[test]
    fn each_thread_has_its_own_at_one_distance() {
        set(5);
        let here = distances();
        assert!(here.is_some());
        let there = std::thread::spawn(|| {
            assert_eq!(get(), 0);
            set(6);
            assert_eq!(get(), 6);
            distances()
        });
        assert_eq!(there.join().expect("the other thread"), here);
        assert_eq!(get(), 5);
    }

    #[test]
    fn the_place_is_what_is_read() {
        set(77);
        let place = super::place().expect("there is one");
        // SAFETY: this thread's variable.
        assert_eq!(unsafe { place.read() }, 77);
    }
}
