//! Fused stubs: machine code that a language runtime enters by its own calling interface. It reads the runtime's objects
//! in place, calls the C function, and makes an object of the result.
//!
//! ```text
//! callee, args, count, names ->  count and names as expected?  -- no --> slow path, with the very same arguments
//!                                types as expected? in range?  -- no --> "
//!                                values -> packed frame
//!                                release the lock, restore errno
//!                                packed frame -> where the ABI wants them; the call, as in every stub
//!                                save errno, take the lock
//!                                result -> object
//! ```
//!
//! Nothing is done before the last question is answered, so the slow path finds the world as the stub did. What a runtime
//! is like is data, [`HostLayout`]; what one function's values are to it is the [`Recipe`]. Neither has anything of a
//! single function or C type in it: a stub finds the C function and the types that it must compare in the object that it is
//! called on, so thousands of functions share a few dozen stubs.
//!
//! A fused stub has the frame of all stubs (see `stub`), with more in it; only on x86-64 it can be one of fixed size
//! ([`StackFrame::Fixed`]), which lies there the same but keeps nothing of the caller's:
//!
//! ```text
//!            | return address        |
//!       rbp->| caller's rbp          |
//!        -8  | address of the result |
//!       -16  | the C function        |
//!       -24  | callee                |
//!       -32  | what `release` gave   |
//!       -40  | count                 |
//!       -48  | result, across calls  |
//!            | result in memory      |
//!            | packed frame          |
//!            | outgoing arguments    |
//! ```

#[cfg(any(target_arch = "aarch64", feature = "all-machines"))]
mod aarch64;
mod host;
mod recipe;
#[cfg(any(target_arch = "x86_64", feature = "all-machines"))]
mod x86_64;

use std::ffi::c_void;
use std::fmt;
use std::sync::Arc;

use crate::code::{Code, StackFrame};
use crate::engine::EngineInner;
use crate::stub::{CodegenError, Entry, MAX_UNROLLED, Plan};
use crate::{Assignment, Float, Int, Machine, Signature, Type, Unsupported};
pub use host::{
    HostBytes, HostCData, HostCallee, HostCalls, HostErrno, HostFloats, HostInts, HostLayout,
    HostSign,
};
pub use recipe::{HostEntry, Maker, Reader, Recipe};

/// Calls C functions of one signature from a language runtime, see [`Engine::fused_stub`](crate::Engine::fused_stub).
/// `Send`, `Sync`, and valid on its own: it keeps the engine's executable memory alive.
pub struct FusedStub {
    code: Code,
    _engine: Arc<EngineInner>,
}

impl FusedStub {
    pub(crate) fn new(engine: Arc<EngineInner>, code: Code) -> FusedStub {
        FusedStub {
            code,
            _engine: engine,
        }
    }

    /// The function that the runtime calls, of the type that [`HostEntry`] says. It is valid as long as the stub lives.
    ///
    /// Who calls it promises that the recipe's host is as described, that the callee has the C function and the classes
    /// where the host says, and that the function is of the stub's signature and its own requirements are met.
    pub fn entry(&self) -> *const c_void {
        self.code.address.cast()
    }

    /// Length of the machine code in bytes.
    pub fn code_len(&self) -> usize {
        self.code.len
    }
}

impl fmt::Debug for FusedStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FusedStub").field(&self.code).finish()
    }
}

/// Bytes of the words that all frames have.
const SLOTS: u64 = 48;
/// Bytes that a result in memory may take on the stub's stack.
const MAX_RESULT: u64 = 4096;

/// Emits the code of a fused stub for this machine. How the stack lies in it is for the machine to choose.
pub(crate) fn compile(
    signature: &Signature,
    assignment: &Assignment,
    recipe: &Recipe,
) -> Result<(Vec<u8>, StackFrame), CodegenError> {
    let fusion = Fusion::new(signature, assignment, recipe);
    match assignment.abi.machine() {
        #[cfg(any(target_arch = "aarch64", feature = "all-machines"))]
        Machine::AArch64 => Ok((aarch64::emit(&fusion), StackFrame::Chained)),
        #[cfg(any(target_arch = "x86_64", feature = "all-machines"))]
        Machine::X86_64 => x86_64::emit(&fusion).map_err(CodegenError::new),
        #[allow(unreachable_patterns, reason = "with all machines there is one other")]
        _ => Err(Unsupported::NoEmitter.into()),
    }
}

/// Says why a recipe cannot be followed, if it cannot.
pub(crate) fn problem(signature: &Signature, recipe: &Recipe) -> Option<&'static str> {
    let count = recipe.readers.len();
    if count != signature.params.len() {
        return Some("not as many readers as parameters");
    }
    let wanted = match recipe.entry {
        HostEntry::Single => 1,
        HostEntry::Array | HostEntry::ArrayAndNames => count,
    };
    if wanted != count {
        return Some("an entry for another number of arguments");
    }
    if host_offsets(&recipe.host).any(|offset| !(0..1 << 12).contains(&offset)) {
        return Some("objects that keep something far away");
    }
    let mut params = recipe.readers.iter().zip(&signature.params);
    params
        .find_map(|(reader, ty)| reader_problem(&recipe.host, *reader, ty))
        .or_else(|| maker_problem(recipe.maker, signature.result.as_ref()))
}

/// All offsets from an object's or a descriptor's start.
fn host_offsets(host: &HostLayout) -> impl Iterator<Item = i32> {
    let ints = host.ints.iter();
    let ints = ints.flat_map(|ints| [ints.count_offset, ints.digits_offset]);
    let floats = host.floats.iter().map(|floats| floats.offset);
    let bytes = host.bytes.iter();
    let bytes = bytes.flat_map(|bytes| [bytes.length_offset, bytes.offset]);
    let cdata = host.cdata.iter().flat_map(|cdata| {
        [
            cdata.descriptor_offset,
            cdata.class_offset,
            cdata.data_offset,
        ]
    });
    let callee = [host.callee.target_offset, host.callee.classes_offset];
    let all = ints.chain(floats).chain(bytes).chain(cdata).chain(callee);
    all.chain([host.type_offset])
}

fn reader_problem(host: &HostLayout, reader: Reader, ty: &Type) -> Option<&'static str> {
    let (fits, known) = match reader {
        Reader::Number => match ty {
            Type::Int(int) => (int.size() <= 8, host.ints.is_some()),
            _ => (is_plain_float(ty), host.floats.is_some()),
        },
        Reader::Bool => (*ty == Type::Int(Int::U8), host.ints.is_some()),
        Reader::Char => (is_byte(ty), host.bytes.is_some()),
        Reader::Pointer { bytes, .. } => (
            *ty == Type::Int(Int::POINTER),
            host.cdata.is_some() && (!bytes || host.bytes.is_some()),
        ),
        Reader::StoredInt(stored) => (
            matches!(ty, Type::Int(int) if stored.size() <= int.size() && int.size() <= 8),
            host.cdata.is_some(),
        ),
        Reader::StoredFloat(stored) => (
            is_plain_float(&stored.into()) && *ty == Type::Float(Float::F64),
            host.cdata.is_some(),
        ),
        Reader::Record => (
            matches!(ty, Type::Record(_)) && ty.size() <= MAX_UNROLLED,
            host.cdata.is_some(),
        ),
    };
    match (fits, known) {
        (false, _) => Some("an argument that is not read in place"),
        (_, false) => Some("an argument whose objects are not known"),
        _ => None,
    }
}

fn maker_problem(maker: Maker, result: Option<&Type>) -> Option<&'static str> {
    let fits = match (maker, result) {
        (Maker::Nothing, None) => true,
        (Maker::Nothing, Some(_)) | (_, None) => false,
        (Maker::Number, Some(Type::Int(int))) => int.size() <= 8,
        (Maker::Number, Some(ty)) => is_plain_float(ty),
        (Maker::Bool, Some(ty)) => *ty == Type::Int(Int::U8),
        (Maker::Char, Some(ty)) => is_byte(ty),
        (Maker::Pointer, Some(ty)) => *ty == Type::Int(Int::POINTER),
        (Maker::Memory, Some(ty)) => ty.size() <= MAX_RESULT && ty.align() <= 16,
    };
    (!fits).then_some("a result that is not made in place")
}

fn is_plain_float(ty: &Type) -> bool {
    matches!(ty, Type::Float(Float::F32 | Float::F64))
}

fn is_byte(ty: &Type) -> bool {
    matches!(ty, Type::Int(Int::I8 | Int::U8))
}

/// What an emitter needs to know of one fused stub.
struct Fusion<'a> {
    plan: Plan<'a>,
    signature: &'a Signature,
    recipe: &'a Recipe,
    /// Size in bytes of the packed frame.
    frame_size: u64,
}

impl<'a> Fusion<'a> {
    fn new(signature: &'a Signature, assignment: &'a Assignment, recipe: &'a Recipe) -> Self {
        let frame = signature.frame();
        let plan = Plan {
            frame: frame.offsets().into(),
            assignment,
            entry: Entry::Frame,
            variadic: signature.fixed.is_some(),
        };
        Fusion {
            plan,
            signature,
            recipe,
            frame_size: frame.size(),
        }
    }

    /// Bytes of all that a stub keeps, a multiple of 16.
    fn room(&self) -> u64 {
        (SLOTS + self.result_bytes() + self.frame_size).next_multiple_of(16)
    }

    /// Bytes for a result in memory, a multiple of 16.
    fn result_bytes(&self) -> u64 {
        match (&self.recipe.maker, &self.signature.result) {
            (Maker::Memory, Some(result)) => result.size().next_multiple_of(16),
            _ => 0,
        }
    }
}
