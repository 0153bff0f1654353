//! How much stack a thread has left.

#![allow(unsafe_code)]

/// Bytes between the current frame and the end of this thread's stack; `None` where the system does not say.
#[cfg(target_os = "linux")]
pub(crate) fn remaining() -> Option<u64> {
    use std::mem::MaybeUninit;
    use std::ptr;

    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: this thread, and memory for its attributes.
    if unsafe { libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) } != 0 {
        return None;
    }
    let (mut lowest, mut size) = (ptr::null_mut(), 0);
    // SAFETY: the attributes were initialised by the call above, and are destroyed once.
    let known = unsafe {
        let known = libc::pthread_attr_getstack(attributes.as_ptr(), &mut lowest, &mut size) == 0;
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        known
    };
    let here = ptr::from_ref(&size).addr();
    known.then(|| here.saturating_sub(lowest.addr()) as u64)
}

/// As above. The range ends with pages that are not there yet, and with the guard.
#[cfg(windows)]
pub(crate) fn remaining() -> Option<u64> {
    use windows_sys::Win32::System::Threading::GetCurrentThreadStackLimits;

    let (mut lowest, mut highest) = (0usize, 0usize);
    // SAFETY: writes two numbers.
    unsafe { GetCurrentThreadStackLimits(&mut lowest, &mut highest) };
    let here = std::ptr::from_ref(&lowest).addr();
    Some(here.saturating_sub(lowest) as u64)
}

#[cfg(not(any(target_os = "linux", windows)))]
pub(crate) fn remaining() -> Option<u64> {
    None
}
