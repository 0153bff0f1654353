//! The frame's address (CFA) is the frame pointer plus two words, the caller's frame pointer lies two words below
//! it, the return address one; or it is at a fixed distance from the stack pointer. The unwinder copies entries when it first looks, so later ones would be missed, and
//! replacing a table leaves a moment in which another thread's exception finds none. With one registration a chunk,
//! exceptions elsewhere in the process stay as fast as they were.

use gimli::write::{
    Address, CallFrameInstruction, CommonInformationEntry, EhFrame, EndianVec,
    FrameDescriptionEntry, FrameTable,
};
use gimli::{Encoding, Format, NativeEndian, Register};

use crate::code::StackFrame;

/// DWARF numbers of the frame pointer and of the return address (psABI figure 3.36; AADWARF64 section 4.1; i386 psABI
/// table 2.14, which mingw follows).
const FRAME_POINTER: Register = Register(if cfg!(target_arch = "aarch64") {
    29
} else if cfg!(target_arch = "x86") {
    5
} else {
    6
});
const RETURN_ADDRESS: Register = Register(if cfg!(target_arch = "aarch64") {
    30
} else if cfg!(target_arch = "x86") {
    8
} else {
    16
});
/// rsp (psABI figure 3.36).
const STACK_POINTER: Register = Register(7);
const WORD: i32 = size_of::<usize>() as i32;

/// An unwind table known to the process's unwinder, until it is dropped.
pub(in crate::code) struct Registration {
    table: Box<[u8]>,
    #[cfg(all(feature = "gdb", target_os = "linux"))]
    _symbols: super::gdb::Symbols,
}

unsafe extern "C" {
    fn __register_frame(table: *const u8);
    fn __deregister_frame(table: *const u8);
}

impl Registration {
    /// Bytes at the start of a chunk that belong to its registration.
    pub(in crate::code) const HEADER: usize = 0;

    /// Registers the rule for `len` bytes of code from `executable` on.
    ///
    /// # Safety
    ///
    /// They stay mapped while the value lives.
    pub(in crate::code) unsafe fn new(
        _writable: *mut u8,
        executable: *const u8,
        len: usize,
        frame: StackFrame,
    ) -> Option<Registration> {
        let table = table(executable as u64, len as u32, frame);
        let table = table.expect("three instructions are written to memory");
        // SAFETY: the table is a complete `.eh_frame` section with its terminator, and lives, unmoved on the
        // heap, until `drop` takes it back.
        unsafe { __register_frame(table.as_ptr()) };
        Some(Registration {
            #[cfg(all(feature = "gdb", target_os = "linux"))]
            _symbols: super::gdb::Symbols::announce(executable, len, &table),
            table,
        })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: the very address that `new` registered.
        unsafe { __deregister_frame(self.table.as_ptr()) };
    }
}

fn table(code: u64, len: u32, frame: StackFrame) -> gimli::write::Result<Box<[u8]>> {
    let encoding = Encoding {
        format: Format::Dwarf32,
        version: 1,
        address_size: WORD as u8,
    };
    let mut cie = CommonInformationEntry::new(encoding, 1, -WORD as i8, RETURN_ADDRESS);
    match frame {
        StackFrame::Chained => {
            cie.add_instruction(CallFrameInstruction::Cfa(FRAME_POINTER, 2 * WORD));
            cie.add_instruction(CallFrameInstruction::Offset(FRAME_POINTER, -2 * WORD));
        }
        StackFrame::Fixed => {
            let return_address = StackFrame::FIXED + WORD;
            cie.add_instruction(CallFrameInstruction::Cfa(STACK_POINTER, return_address));
        }
    }
    cie.add_instruction(CallFrameInstruction::Offset(RETURN_ADDRESS, -WORD));
    let mut frames = FrameTable::default();
    let cie = frames.add_cie(cie);
    frames.add_fde(
        cie,
        FrameDescriptionEntry::new(Address::Constant(code), len),
    );
    let mut section = EhFrame(EndianVec::new(NativeEndian));
    frames.write_eh_frame(&mut section)?;
    let mut bytes = section.0.into_vec();
    bytes.extend([0; 4]);
    Ok(bytes.into())
}
