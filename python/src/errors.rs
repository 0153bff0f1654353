//! Exceptions: cffi's classes, and which of them stands for an error of the engine.

use pyo3::exceptions::{
    PyException, PyMemoryError, PyNotImplementedError, PyOSError, PyOverflowError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::create_exception;

create_exception!(farcall, FFIError, PyException, "What is wrong with an FFI or a C type.");
create_exception!(farcall, CDefError, FFIError, "A C text that cannot be read.");
create_exception!(farcall, VerificationError, PyException, "Never raised: nothing is compiled.");
create_exception!(
    farcall,
    VerificationMissing,
    PyException,
    "Something that only a C compiler could complete, because its declaration has '...'."
);
create_exception!(farcall, PkgConfigError, PyException, "Never raised: nothing is compiled.");

pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("FFIError", py.get_type::<FFIError>())?;
    module.add("CDefError", py.get_type::<CDefError>())?;
    module.add("VerificationError", py.get_type::<VerificationError>())?;
    module.add("VerificationMissing", py.get_type::<VerificationMissing>())?;
    module.add("PkgConfigError", py.get_type::<PkgConfigError>())
}

/// The exception for an error of the engine.
pub(crate) fn of(error: farcall::Error) -> PyErr {
    use farcall::Error;
    let text = error.to_string();
    match error {
        Error::Cdef(_) | Error::Include(_) => CDefError::new_err(text),
        Error::Range { .. } => PyOverflowError::new_err(text),
        Error::Memory { .. } => PyMemoryError::new_err(text),
        Error::Library { .. } => PyOSError::new_err(text),
        Error::Symbol { .. } | Error::Undeclared { .. } => {
            pyo3::exceptions::PyAttributeError::new_err(text)
        }
        Error::Convention { .. } | Error::Engine { .. } => PyNotImplementedError::new_err(text),
        Error::Kind { .. } | Error::Operation { .. } | Error::Layout { .. } => {
            PyTypeError::new_err(text)
        }
        _ => PyValueError::new_err(text),
    }
}
