use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr::{self, NonNull};

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_DYNAMIC_CODE_BLOCKED, INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, FILE_MAP, FILE_MAP_EXECUTE, FILE_MAP_READ, FILE_MAP_WRITE, MEM_COMMIT,
    MEM_RELEASE, MEM_RESERVE, MEMORY_MAPPED_VIEW_ADDRESS, MapViewOfFile, PAGE_EXECUTE_READ,
    PAGE_EXECUTE_READWRITE, PAGE_READWRITE, SEC_COMMIT, UnmapViewOfFile, VirtualAlloc, VirtualFree,
    VirtualProtect,
};

use super::Views;

/// A section of the page file, mapped twice. Its protection only bounds that of its views: none of these is
/// writable and executable. Fails where a policy forbids new code ("arbitrary code guard").
pub(in crate::code) fn dual(len: usize) -> io::Result<Views> {
    let size = len as u64;
    // SAFETY: makes a section without a name or a file; both pointers may be null.
    let section = unsafe {
        CreateFileMappingW(
            INVALID_HANDLE_VALUE,
            ptr::null(),
            PAGE_EXECUTE_READWRITE | SEC_COMMIT,
            (size >> 32) as u32,
            size as u32,
            ptr::null(),
        )
    };
    if section.is_null() {
        return Err(io::Error::last_os_error());
    }
    // The views keep the section when its handle goes, at the end of this function.
    // SAFETY: a handle of this function's own.
    let section = unsafe { OwnedHandle::from_raw_handle(section) };
    let writable = view(&section, FILE_MAP_READ | FILE_MAP_WRITE, len)?;
    let executable =
        view(&section, FILE_MAP_READ | FILE_MAP_EXECUTE, len).inspect_err(|_| unmap(writable))?;
    Ok(Views {
        writable,
        executable,
    })
}

fn view(section: &OwnedHandle, access: FILE_MAP, len: usize) -> io::Result<NonNull<u8>> {
    // SAFETY: a new view, at an address of the system's choice, of a section of `len` bytes.
    let view = unsafe { MapViewOfFile(section.as_raw_handle(), access, 0, 0, len) };
    NonNull::new(view.Value.cast()).ok_or_else(io::Error::last_os_error)
}

fn unmap(view: NonNull<u8>) {
    let view = MEMORY_MAPPED_VIEW_ADDRESS {
        Value: view.as_ptr().cast(),
    };
    // SAFETY: callers own the view and are done with it.
    unsafe { UnmapViewOfFile(view) };
}

/// Lack of memory passes, a policy does not.
pub(in crate::code) fn is_lasting(error: &io::Error) -> bool {
    let lasting = [ERROR_ACCESS_DENIED, ERROR_DYNAMIC_CODE_BLOCKED];
    error
        .raw_os_error()
        .is_some_and(|code| lasting.contains(&(code as u32)))
}

/// # Safety
///
/// The views are `dual`'s, and nobody uses them any more.
pub(in crate::code) unsafe fn unmap_dual(views: Views, _len: usize) {
    unmap(views.executable);
    unmap(views.writable);
}

/// Fresh writable pages.
pub(in crate::code) fn fresh(len: usize) -> io::Result<NonNull<u8>> {
    // SAFETY: new memory at an address of the system's choice.
    let memory =
        unsafe { VirtualAlloc(ptr::null(), len, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE) };
    NonNull::new(memory.cast()).ok_or_else(io::Error::last_os_error)
}

/// # Safety
///
/// The memory is `fresh`'s of the same `len`, and nobody writes to it any more.
pub(in crate::code) unsafe fn make_executable(memory: NonNull<u8>, len: usize) -> io::Result<()> {
    let mut before = 0;
    // SAFETY: the caller's promise.
    let done =
        unsafe { VirtualProtect(memory.as_ptr().cast(), len, PAGE_EXECUTE_READ, &mut before) };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// # Safety
///
/// The memory is `fresh`'s, and nobody uses it any more.
pub(in crate::code) unsafe fn unmap_fresh(memory: NonNull<u8>, _len: usize) {
    // SAFETY: the caller's promise; the size must be zero.
    unsafe { VirtualFree(memory.as_ptr().cast(), 0, MEM_RELEASE) };
}

/// Of all machines that Windows runs on.
pub(in crate::code) fn page_size() -> usize {
    4096
}
