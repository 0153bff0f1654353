use std::io;
use std::path::Path;

/// Why a chore could not be done. A test that fails is not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// A program could not be started: install it.
    #[error("cannot run {program}: {error}")]
    Start { program: String, error: io::Error },
    /// A file or folder could not be read.
    #[error("{path}: {error}")]
    Io { path: String, error: io::Error },
    /// Layouts could not be compared: a compiler or a header is missing, or gave out what cannot be read.
    #[error("{0}")]
    Layout(Box<dyn std::error::Error>),
    /// Something for another target cannot be made.
    #[error("{target}: {problem}")]
    Cross {
        target: &'static str,
        problem: String,
    },
    /// There is no such target.
    #[error("no target is called '{name}': there are {known}")]
    NoTarget { name: String, known: String },
    /// What was asked for is of one target.
    #[error("name one target")]
    OneTarget,
    /// There is no benchmark of that name.
    #[error("no benchmark is called '{name}': there are {known}")]
    NoBenchmark { name: String, known: String },
}

impl Error {
    /// For `map_err`: the error of what was done to `path`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |error| Error::Io {
            path: path.display().to_string(),
            error,
        }
    }
}
