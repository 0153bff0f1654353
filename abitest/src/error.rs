//! What can go wrong with the judging itself.

use std::fmt;

/// Why nothing could be judged. Wrong calls are no errors: they are in the [`crate::Report`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such target.
    #[error("unknown target '{name}' (known: {known})")]
    UnknownTarget {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// There is no such feature.
    #[error("unknown feature '{name}' (known: all, ground, none, {known})")]
    UnknownFeature {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// There is no such caller.
    #[error("unknown caller '{name}' (known: engine, callers)")]
    UnknownCaller {
        /// What was asked for.
        name: String,
    },
    /// The compiler's C is not the target's: the wrong compiler, or the wrong target.
    #[error("the compiler says {got} for {what}, and the target {want}")]
    WrongTarget {
        /// What differs.
        what: String,
        /// The target's answer.
        want: u32,
        /// The compiler's answer.
        got: u32,
    },
    /// The library's tables do not fit the signatures: another seed, range, target or set of features.
    #[error("the library was not made from signature {signature}")]
    BadTable {
        /// The first that does not fit.
        signature: u32,
    },
    /// C callers shall be judged, and the library has none.
    #[error("the library has no C callers")]
    NoCallers,
    /// No command for running the judge was given.
    #[error("no runner was given")]
    NoRunner,
    /// The library cannot be opened, or lacks a symbol.
    #[error(transparent)]
    Library(#[from] libloading::Error),
    /// Guarded memory is not to be had.
    #[error(transparent)]
    Memory(#[from] region::Error),
    /// A file or program cannot be used.
    #[error("{what}: {error}")]
    Io {
        /// Its name.
        what: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// A program that should succeed did not.
    #[error("{program} failed: {output}")]
    Failed {
        /// Its name.
        program: String,
        /// What it said.
        output: String,
    },
}

impl Error {
    pub(crate) fn io(what: impl fmt::Display) -> impl FnOnce(std::io::Error) -> Error {
        move |error| Error::Io {
            what: what.to_string(),
            error,
        }
    }
}
