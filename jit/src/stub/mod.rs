//! Call stubs: machine code that moves the arguments of one signature from memory to where its ABI wants them,
//! calls, and stores the result.
//!
//! A stub is entered as [`StubFn`]. Every stub has the same frame, whichever emitter wrote it, so that one
//! unwind entry describes all code of a chunk (see `code::unwind`): after the first two instructions the frame
//! pointer points at the caller's saved one, the return address lies above it, and no other callee-saved
//! register is touched.
//!
//! ```text
//!                 | return address        |
//! rbp, x29, ebp ->| caller's rbp, x29, ebp|
//!                 | `ret`, across a call  |
//!                 | stack arguments       |
//! ```
//!
//! One file writes stubs through Cranelift, for calls with all arguments in registers on machines that it knows;
//! one file a machine writes the others instruction by instruction. Each is there on its own machine, and with the
//! feature `all-machines` on all.

#[cfg(any(target_arch = "aarch64", feature = "all-machines"))]
pub(crate) mod aarch64;
#[cfg(any(target_arch = "aarch64", all(target_arch = "x86_64", not(windows))))]
mod cranelift;
#[cfg(any(target_arch = "x86", feature = "all-machines"))]
pub(crate) mod x86_32;
#[cfg(any(target_arch = "x86_64", feature = "all-machines"))]
pub(crate) mod x86_64;

use std::ffi::c_void;

use crate::call::CallStub;
use crate::{
    Assignment, Error, Machine, Piece, Place, Reg, ResultPlace, Signature, Unsupported, Why,
};

/// Sets up what all compilations share.
pub(crate) fn prepare() {
    #[cfg(any(target_arch = "aarch64", all(target_arch = "x86_64", not(windows))))]
    let _ = cranelift::host_isa();
}

/// The machine code of the stub for a signature of any ABI, to read: it is not published, and need not be this
/// machine's. Arguments come from a packed frame, as for [`CallStub::call`].
///
/// ```
/// use farcall_jit::{Abi, Int, Signature, emit_stub};
///
/// let add = Signature::new([Int::I32.into(), Int::I32.into()], Some(Int::I32.into()));
/// let (assignment, code) = emit_stub(&add)?;
/// assert_eq!((assignment.abi, code.is_empty()), (Abi::HOST, false));
/// # Ok::<(), farcall_jit::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::NoCode`] where the ABI leaves the signature to libffi, and for other machines' ABIs without the feature
/// `all-machines`; [`Error::NotC`] and [`Error::TooLarge`] as for [`Engine::call_stub`](crate::Engine::call_stub).
pub fn emit_stub(signature: &Signature) -> Result<(Assignment, Vec<u8>), Error> {
    crate::check::check(signature)?;
    let assign = signature.abi.assign(signature);
    let assignment = assign.map_err(|why| Error::NoCode { why: why.into() })?;
    match compile(signature, &assignment, Entry::Frame) {
        Ok(code) => Ok((assignment, code)),
        Err(error) => Err(Error::NoCode { why: error.why() }),
    }
}

/// The machine type of a compiled stub: `target` is the C function, `arguments` a packed frame or an array of
/// pointers, `ret` memory for exactly the result's bytes (unused for `void`). The last parameter is not for
/// compiled stubs, which ignore it: it tells the libffi entry which signature it was called for.
pub(crate) type StubFn =
    unsafe extern "C-unwind" fn(*const c_void, *const c_void, *mut u8, *const CallStub);

/// How a stub finds its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// In a packed frame, see [`Frame`](crate::Frame).
    Frame,
    /// Through an array with a pointer to each argument, as libffi's `ffi_call` takes them.
    Pointers,
}

/// Emits the code of a stub.
pub(crate) fn compile(
    signature: &Signature,
    assignment: &Assignment,
    entry: Entry,
) -> Result<Vec<u8>, CodegenError> {
    let plan = Plan {
        frame: signature.frame().offsets().into(),
        assignment,
        entry,
        variadic: signature.fixed.is_some(),
    };
    #[cfg(any(target_arch = "aarch64", all(target_arch = "x86_64", not(windows))))]
    if let Some(code) = cranelift::emit(&plan)? {
        return Ok(code);
    }
    match assignment.abi.machine() {
        #[cfg(any(target_arch = "aarch64", feature = "all-machines"))]
        Machine::AArch64 => Ok(aarch64::emit(&plan)),
        #[cfg(any(target_arch = "x86_64", feature = "all-machines"))]
        Machine::X86_64 => x86_64::emit(&plan).map_err(CodegenError::new),
        #[cfg(any(target_arch = "x86", feature = "all-machines"))]
        Machine::X86 => x86_32::emit(&plan).map_err(CodegenError::new),
        #[allow(unreachable_patterns, reason = "with all machines there are no others")]
        _ => Err(Unsupported::NoEmitter.into()),
    }
}

/// What an emitter needs to know of one stub.
pub(crate) struct Plan<'a> {
    /// Offset of each argument in a packed frame.
    pub(crate) frame: Box<[u64]>,
    pub(crate) assignment: &'a Assignment,
    pub(crate) entry: Entry,
    /// Whether the function is called as a variadic one, which shows in code on x86-64 alone.
    #[cfg_attr(target_arch = "x86", allow(dead_code))]
    pub(crate) variadic: bool,
}

/// What a stub reserves below its own frame: stack arguments, and above them copies of those that go by reference.
struct Outgoing {
    /// Size in bytes, a multiple of `align`.
    size: u64,
    /// Alignment in bytes of the stack pointer, at least 16.
    align: u64,
    copies: Vec<Copied>,
}

/// An argument that goes by reference.
#[derive(Clone, Copy)]
struct Copied {
    /// Where the copy goes, as a piece on the stack.
    load: Load,
    /// Offset in bytes of the copy from the stack pointer.
    at: u64,
    /// What carries its address.
    address: Reg,
}

/// A piece of some argument that travels in the wanted way.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) argument: usize,
    pub(crate) piece: Piece,
}

impl Plan<'_> {
    /// All pieces in the order of the arguments.
    pub(crate) fn loads(&self) -> impl Iterator<Item = Load> + '_ {
        let places = self.assignment.args.iter().enumerate();
        places.flat_map(|(argument, place)| {
            let pieces: &[Piece] = match place {
                Place::Pieces(pieces) => pieces,
                Place::Copy { .. } => &[],
            };
            pieces.iter().map(move |&piece| Load { argument, piece })
        })
    }

    /// What carries the address of a result in memory.
    pub(crate) fn sret(&self) -> Option<Reg> {
        match self.assignment.result {
            ResultPlace::Memory { address } => Some(address),
            _ => None,
        }
    }

    fn outgoing(&self) -> Outgoing {
        let mut size = self.assignment.stack_size;
        let mut stack_align = self.assignment.stack_align;
        let mut copies = Vec::new();
        for (argument, place) in self.assignment.args.iter().enumerate() {
            if let &Place::Copy {
                address,
                size: bytes,
                align,
            } = place
            {
                let at = size.next_multiple_of(align);
                stack_align = stack_align.max(align);
                size = at + bytes;
                let piece = Piece {
                    offset: 0,
                    size: bytes,
                    reg: Reg::Stack(at),
                    extend: None,
                };
                let load = Load { argument, piece };
                copies.push(Copied { load, at, address });
            }
        }
        Outgoing {
            size: size.next_multiple_of(stack_align),
            align: stack_align,
            copies,
        }
    }

    pub(crate) fn result_pieces(&self) -> &[Piece] {
        match &self.assignment.result {
            ResultPlace::Pieces(pieces) => pieces,
            _ => &[],
        }
    }
}

/// Records up to this many bytes are copied word by word, larger ones in a loop.
pub(crate) const MAX_UNROLLED: u64 = 128;

/// A thread's guard page may be no larger than this, so no step of the stack pointer may be larger either.
pub(crate) const PAGE: u64 = 4096;

/// Splits `size` bytes, at most eight, into machine loads or stores: `(offset, size)` with sizes 8, 4, 2 and 1.
/// Nothing outside the bytes is ever touched.
pub(crate) fn exact_parts(size: u64) -> impl Iterator<Item = (u64, u64)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let left = size - at;
        let part = (left > 0).then(|| (at, 1 << left.min(8).ilog2()));
        at += part.map_or(0, |(_, size)| size);
        part
    })
}

/// The code generator failed, or its output was not as expected; the caller uses libffi and counts it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CodegenError {
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    #[error("{0}")]
    Failed(String),
}

impl CodegenError {
    pub(crate) fn why(&self) -> Why {
        match self {
            CodegenError::Unsupported(unsupported) => Why::Unsupported(*unsupported),
            CodegenError::Failed(_) => Why::CodeGeneration,
        }
    }

    pub(crate) fn new(error: impl std::fmt::Display) -> CodegenError {
        CodegenError::Failed(error.to_string())
    }
}

/// Whether a register is one of the vector registers.
#[cfg(any(not(target_arch = "x86"), feature = "all-machines"))]
fn is_vector(reg: Reg) -> bool {
    matches!(reg, Reg::Vector(_))
}

#[cfg(test)]
mod tests {
    use super::exact_parts;

    #[test]
    fn parts_cover_exactly_the_bytes() {
        for size in 0..=8 {
            let parts: Vec<_> = exact_parts(size).collect();
            let mut at = 0;
            for (offset, part) in parts {
                assert_eq!(offset, at);
                assert!(matches!(part, 1 | 2 | 4 | 8));
                at += part;
            }
            assert_eq!(at, size);
        }
    }
}
