//! The bounds of the calling thread's stack.

use std::ops::Range;

/// Empty, where the system does not tell.
#[cfg(target_os = "linux")]
pub(super) fn bounds() -> Range<usize> {
    let mut attributes = std::mem::MaybeUninit::uninit();
    // SAFETY: the attributes are initialised by the first call, if it succeeds, read by the second, and destroyed.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return 0..0;
        }
        let (mut start, mut size) = (std::ptr::null_mut(), 0);
        let known = libc::pthread_attr_getstack(attributes.as_ptr(), &mut start, &mut size) == 0;
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        match known {
            true => start as usize..start as usize + size,
            false => 0..0,
        }
    }
}

#[cfg(windows)]
pub(super) fn bounds() -> Range<usize> {
    let (mut low, mut high) = (0, 0);
    // SAFETY: both are places for a number.
    unsafe {
        windows_sys::Win32::System::Threading::GetCurrentThreadStackLimits(&mut low, &mut high)
    };
    low..high
}

#[cfg(not(any(target_os = "linux", windows)))]
pub(super) fn bounds() -> Range<usize> {
    0..0
}
