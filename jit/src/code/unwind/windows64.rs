//! A chunk is one function to Windows, whose body is all there is of it.
//!
//! ```text
//! chunk  | RUNTIME_FUNCTION | UNWIND_INFO |    | stub | stub | . . .
//!         0                  12            20   32
//! ```
//!
//! `UNWIND_INFO` (<https://learn.microsoft.com/cpp/build/exception-handling-x64>) says what the first two instructions
//! of every stub do. Outside of the prologue all of its codes are undone, and the one that sets a frame pointer makes
//! the position of the stack pointer irrelevant, so it holds in every stub's body. The prologue is that of the
//! header, where no code is. The epilogues that Windows recognises by their instructions (`pop rbp; ret`) come out the
//! same by this rule.

use std::ptr;

use windows_sys::Win32::System::Diagnostics::Debug::{
    IMAGE_RUNTIME_FUNCTION_ENTRY, RtlAddFunctionTable, RtlDeleteFunctionTable,
};

use crate::code::StackFrame;

/// A function table known to the system, until it is dropped.
pub(in crate::code) struct Registration {
    table: *const IMAGE_RUNTIME_FUNCTION_ENTRY,
}

const FUNCTION_SIZE: usize = 12;
const RBP: u8 = 5;
const UWOP_PUSH_NONVOL: u8 = 0;
const UWOP_SET_FPREG: u8 = 3;

/// Version 1, no handler; the prologue's size and two codes, the last instruction's first; rbp plus nothing.
const UNWIND_INFO: [u8; 8] = {
    let (push_ends, mov_ends) = (1, 4);
    [
        1,
        mov_ends,
        2,
        RBP,
        mov_ends,
        UWOP_SET_FPREG,
        push_ends,
        RBP << 4 | UWOP_PUSH_NONVOL,
    ]
};

impl Registration {
    /// Bytes at the start of a chunk that belong to its registration.
    pub(in crate::code) const HEADER: usize = 32;

    /// Registers `len` bytes of code from `executable` on. `None` if the system does not take it.
    ///
    /// # Safety
    ///
    /// Both addresses are of the same `len` bytes, which stay mapped while the value lives, and of which the first
    /// [`Registration::HEADER`] are written to by nobody else.
    pub(in crate::code) unsafe fn new(
        writable: *mut u8,
        executable: *const u8,
        len: usize,
        _frame: StackFrame,
    ) -> Option<Registration> {
        let words = [0, len as u32, FUNCTION_SIZE as u32];
        // SAFETY: the header is this function's; a chunk starts on a page.
        unsafe {
            writable.cast::<[u32; 3]>().write(words);
            ptr::copy_nonoverlapping(
                UNWIND_INFO.as_ptr(),
                writable.add(FUNCTION_SIZE),
                UNWIND_INFO.len(),
            );
        }
        let table = executable.cast::<IMAGE_RUNTIME_FUNCTION_ENTRY>();
        // SAFETY: the table of one entry was just written, and stays there while the value lives.
        let added = unsafe { RtlAddFunctionTable(table, 1, executable as u64) };
        added.then_some(Registration { table })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: the very address that `new` registered.
        unsafe { RtlDeleteFunctionTable(self.table) };
    }
}
