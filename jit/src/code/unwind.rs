//! One unwind entry for all the code of a chunk.
//!
//! Every stub keeps the frame that `stub` describes, so one DWARF rule holds at each of its calls: the frame's
//! address (CFA) is the frame pointer plus 16, the caller's frame pointer lies at CFA-16, the return address at
//! CFA-8. The entry is registered once, when the chunk is made, and never changes: the unwinder copies entries
//! when it first looks, so later ones would be missed, and replacing a table leaves a moment in which another
//! thread's exception finds none. With one registration a chunk, exceptions elsewhere in the process stay as
//! fast as they were. (Not covered: the two or three instructions of a stub's prologue and epilogue, which only
//! a profiler's signal can hit.)

use gimli::write::{
    Address, CallFrameInstruction, CommonInformationEntry, EhFrame, EndianVec,
    FrameDescriptionEntry, FrameTable,
};
use gimli::{Encoding, Format, NativeEndian, Register};

/// DWARF numbers of the frame pointer and of the return address (psABI figure 3.36; AADWARF64 section 4.1).
const FRAME_POINTER: Register = Register(if cfg!(target_arch = "aarch64") { 29 } else { 6 });
const RETURN_ADDRESS: Register = Register(if cfg!(target_arch = "aarch64") {
    30
} else {
    16
});

/// An unwind table known to the process's unwinder, until it is dropped.
pub(super) struct Registration {
    table: Box<[u8]>,
}

unsafe extern "C" {
    fn __register_frame(table: *const u8);
    fn __deregister_frame(table: *const u8);
}

impl Registration {
    /// Registers the rule for `len` bytes of code from `code` on, which stay mapped while the value lives.
    pub(super) fn new(code: *const u8, len: usize) -> Registration {
        let table =
            table(code as u64, len as u32).expect("three instructions are written to memory");
        // SAFETY: the table is a complete `.eh_frame` section with its terminator, and lives, unmoved on the
        // heap, until `drop` takes it back.
        unsafe { __register_frame(table.as_ptr()) };
        Registration { table }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: the very address that `new` registered.
        unsafe { __deregister_frame(self.table.as_ptr()) };
    }
}

fn table(code: u64, len: u32) -> gimli::write::Result<Box<[u8]>> {
    let encoding = Encoding {
        format: Format::Dwarf32,
        version: 1,
        address_size: 8,
    };
    let mut cie = CommonInformationEntry::new(encoding, 1, -8, RETURN_ADDRESS);
    cie.add_instruction(CallFrameInstruction::Cfa(FRAME_POINTER, 16));
    cie.add_instruction(CallFrameInstruction::Offset(FRAME_POINTER, -16));
    cie.add_instruction(CallFrameInstruction::Offset(RETURN_ADDRESS, -8));
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
