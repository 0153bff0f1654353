//! Errors of the engine.

use std::io;
use std::sync::Arc;

use crate::Unsupported;

/// Why there is no stub for a signature.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither compiled code nor libffi makes this call. The signature is at fault only in asking for what no
    /// part of the engine does.
    #[error("cannot call such a function: {why}, and libffi does not take {what}")]
    Uncallable {
        /// Why it was left to libffi.
        why: Why,
        /// What libffi lacks.
        what: &'static str,
    },
    /// There is no code for the signature.
    #[error("no code for calls of such a function: {why}")]
    NoCode {
        /// What stands against it.
        why: Why,
    },
    /// The recipe of a fused stub asks for what fused stubs do not do.
    #[error("no fused stub for {problem}")]
    NotFused {
        /// What it is.
        problem: &'static str,
    },
    /// The system gave no memory for a callback.
    #[error("no memory for a callback: {error}")]
    NoCallback {
        /// What it said.
        error: Arc<io::Error>,
    },
    /// The signature has types that C has not.
    #[error("not the signature of a C function: {problem}")]
    NotC {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The arguments, or one record, are larger than any stack.
    #[error(
        "the arguments of one call take {bytes} bytes, more than the {limit} that a stack may be asked for"
    )]
    TooLarge {
        /// Bytes that they take.
        bytes: u64,
        /// The engine's limit.
        limit: u64,
    },
}

impl Error {
    pub(crate) fn no_callback(error: io::Error) -> Error {
        Error::NoCallback {
            error: Arc::new(error),
        }
    }
}

/// Why a signature is called through libffi.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Why {
    /// The ABI's file leaves it to libffi.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The code generator failed.
    #[error("code generation failed")]
    CodeGeneration,
    /// The process may have no executable memory.
    #[error("no executable memory")]
    NoExecutableMemory,
}

impl Why {
    /// Every reason there is.
    pub(crate) const ALL: [Why; 6] = [
        Why::Unsupported(Unsupported::WideVector),
        Why::Unsupported(Unsupported::NarrowVector),
        Why::Unsupported(Unsupported::ForeignType),
        Why::Unsupported(Unsupported::NoEmitter),
        Why::CodeGeneration,
        Why::NoExecutableMemory,
    ];
}
