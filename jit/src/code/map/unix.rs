use std::io;
use std::ptr::{self, NonNull};

use rustix::fs::{MemfdFlags, ftruncate, memfd_create};
use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags};
use rustix::mm::{madvise, mmap, mmap_anonymous, mprotect, munmap};

use super::Views;

/// One file mapped twice. Fails where the system has no memfd or forbids executing one.
pub(in crate::code) fn dual(len: usize) -> io::Result<Views> {
    let file = executable_memfd()?;
    ftruncate(&file, len as u64)?;
    let map = |protection| {
        // SAFETY: a new mapping at an address of the kernel's choice; the file is private to this function.
        let address =
            unsafe { mmap(ptr::null_mut(), len, protection, MapFlags::SHARED, &file, 0) }?;
        Ok::<_, Errno>(NonNull::new(address.cast::<u8>()).expect("mmap does not return null"))
    };
    let writable = map(ProtFlags::READ | ProtFlags::WRITE)?;
    // A child shares the file: what it cannot see, it cannot overwrite.
    // SAFETY: mapped above; only what a fork copies changes.
    let _ = unsafe { madvise(writable.as_ptr().cast(), len, Advice::LinuxDontFork) };
    let executable = map(ProtFlags::READ | ProtFlags::EXEC).inspect_err(|_| {
        // SAFETY: mapped above, and known to no one else.
        let _ = unsafe { munmap(writable.as_ptr().cast(), len) };
    })?;
    Ok(Views {
        writable,
        executable,
    })
}

/// Kernels with `vm.memfd_noexec` want `MFD_EXEC`; those before 6.3 do not know it.
fn executable_memfd() -> io::Result<std::os::fd::OwnedFd> {
    let create = |flags| memfd_create("farcall", MemfdFlags::CLOEXEC | flags);
    match create(MemfdFlags::EXEC) {
        Err(Errno::INVAL) => Ok(create(MemfdFlags::empty())?),
        result => Ok(result?),
    }
}

/// Lack of file descriptors or memory passes; a system without memfd, or a policy, does not.
pub(in crate::code) fn is_lasting(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EINVAL | libc::ENOSYS | libc::EPERM | libc::EACCES)
    )
}

/// # Safety
///
/// The views are `dual`'s of the same `len`, and nobody uses them any more; a view that is the other one's address was
/// not inherited by this process.
pub(in crate::code) unsafe fn unmap_dual(views: Views, len: usize) {
    let Views {
        writable,
        executable,
    } = views;
    // SAFETY: the caller's promise.
    unsafe {
        let _ = munmap(executable.as_ptr().cast(), len);
        if writable != executable {
            let _ = munmap(writable.as_ptr().cast(), len);
        }
    }
}

/// Fresh writable pages; `len` is a multiple of the page size.
pub(in crate::code) fn fresh(len: usize) -> io::Result<NonNull<u8>> {
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: a new private mapping at an address of the kernel's choice.
    let address = unsafe { mmap_anonymous(ptr::null_mut(), len, protection, MapFlags::PRIVATE) }?;
    Ok(NonNull::new(address.cast::<u8>()).expect("mmap does not return null"))
}

/// # Safety
///
/// The memory is `fresh`'s of the same `len`, and nobody writes to it any more.
pub(in crate::code) unsafe fn make_executable(memory: NonNull<u8>, len: usize) -> io::Result<()> {
    let protection = MprotectFlags::READ | MprotectFlags::EXEC;
    // SAFETY: the caller's promise.
    Ok(unsafe { mprotect(memory.as_ptr().cast(), len, protection) }?)
}

/// # Safety
///
/// The memory is `fresh`'s of the same `len`, and nobody uses it any more.
pub(in crate::code) unsafe fn unmap_fresh(memory: NonNull<u8>, len: usize) {
    // SAFETY: the caller's promise.
    let _ = unsafe { munmap(memory.as_ptr().cast(), len) };
}

pub(in crate::code) fn page_size() -> usize {
    rustix::param::page_size()
}
