//! Call stubs: machine code that moves the arguments of one signature from memory to where its ABI wants them,
//! calls, and stores the result.
//!
//! A stub is entered as [`StubFn`]. Every stub has the same frame, whichever emitter wrote it, so that one
//! unwind entry describes all code of a chunk (see `code::unwind`): after the first two instructions the frame
//! pointer points at the caller's saved one, the return address lies above it, and no other callee-saved
//! register is touched.
//!
//! ```text
//!            | return address       |
//! rbp, x29 ->| caller's rbp, x29    |
//!            | `ret`, across a call |
//!            | stack arguments      |
//! ```

mod assembler;
mod cranelift;

use std::ffi::c_void;

use crate::call::CallStub;
use crate::{Abi, Assignment, Piece, Place, Reg, ResultPlace, Signature, Unsupported};

/// Sets up what all compilations share.
pub(crate) fn prepare() {
    let _ = cranelift::host_isa();
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
    if !has_emitter(assignment.abi) {
        return Err(Unsupported::NoEmitter.into());
    }
    let plan = Plan {
        frame: signature.frame().offsets().into(),
        assignment,
        entry,
    };
    let by_assembler = || {
        assembler::emit(
            &plan,
            assignment.abi == Abi::SysV64 && signature.fixed.is_some(),
        )
    };
    if needs_assembler(signature, assignment) {
        return by_assembler();
    }
    // Odd-sized pieces in many registers can need one more than there are.
    cranelift::emit(&plan)?.map_or_else(by_assembler, Ok)
}

/// Whether code for `abi` can be written, and run, on this host.
fn has_emitter(abi: Abi) -> bool {
    cfg!(target_arch = "x86_64") && matches!(abi, Abi::SysV64 | Abi::Win64)
}

/// What Cranelift cannot express is AL of a variadic call, results on the x87 stack, a stack aligned above 16 and
/// records copied to the stack in a loop. For any argument on the stack it keeps all of them in registers up to
/// the call, in callee-saved ones when there are many, which the one unwind entry of all stubs knows nothing of.
/// And a convention that is not the host's is not worth a second way.
fn needs_assembler(signature: &Signature, assignment: &Assignment) -> bool {
    let on_x87 =
        matches!(&assignment.result, ResultPlace::Pieces(pieces) if pieces.iter().any(is_x87));
    assignment.abi != Abi::HOST || signature.fixed.is_some() || on_x87 || assignment.stack_size > 0
}

/// What an emitter needs to know of one stub.
struct Plan<'a> {
    /// Offset of each argument in a packed frame.
    frame: Box<[u64]>,
    assignment: &'a Assignment,
    entry: Entry,
}

/// A piece of some argument that travels in the wanted way.
#[derive(Clone, Copy)]
struct Load {
    argument: usize,
    piece: Piece,
}

impl Plan<'_> {
    /// All pieces in the order of the arguments.
    fn loads(&self) -> impl Iterator<Item = Load> + '_ {
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
    fn sret(&self) -> Option<Reg> {
        match self.assignment.result {
            ResultPlace::Memory { address } => Some(address),
            _ => None,
        }
    }

    fn result_pieces(&self) -> &[Piece] {
        match &self.assignment.result {
            ResultPlace::Pieces(pieces) => pieces,
            _ => &[],
        }
    }
}

/// Splits `size` bytes, at most eight, into machine loads or stores: `(offset, size)` with sizes 8, 4, 2 and 1.
/// Nothing outside the bytes is ever touched.
fn exact_parts(size: u64) -> impl Iterator<Item = (u64, u64)> {
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
    fn new(error: impl std::fmt::Display) -> CodegenError {
        CodegenError::Failed(error.to_string())
    }
}

fn is_x87(piece: &Piece) -> bool {
    matches!(piece.reg, Reg::X87(_))
}

/// Whether a register index is one of the vector registers.
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
