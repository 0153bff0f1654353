//! Exceptions: cffi's classes, and which of them stands for an error of the engine.

use farcall::ErrorClass;
use farcall::layout::LayoutError;
use pyo3::create_exception;
use pyo3::exceptions::{
    PyAttributeError, PyException, PyIndexError, PyKeyError, PyMemoryError, PyNotImplementedError,
    PyOSError, PyOverflowError, PyRuntimeError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;

create_exception!(
    farcall,
    FFIError,
    PyException,
    "What is wrong with an FFI or a C type."
);
create_exception!(
    farcall,
    CDefError,
    PyException,
    "A C text that cannot be read."
);
create_exception!(
    farcall,
    VerificationError,
    PyException,
    "Never raised: nothing is compiled."
);
create_exception!(
    farcall,
    VerificationMissing,
    PyException,
    "Something that only a C compiler could complete, because its declaration has '...'."
);
create_exception!(
    farcall,
    PkgConfigError,
    PyException,
    "Never raised: nothing is compiled."
);

pub(crate) fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("FFIError", py.get_type::<FFIError>())?;
    module.add("CDefError", py.get_type::<CDefError>())?;
    module.add("VerificationError", py.get_type::<VerificationError>())?;
    module.add("VerificationMissing", py.get_type::<VerificationMissing>())?;
    module.add("PkgConfigError", py.get_type::<PkgConfigError>())
}

/// An exception that is raised: Python's own, or one that stands for an error of the engine.
pub(crate) struct Raised(pub(crate) PyErr);

impl From<farcall::Error> for Raised {
    fn from(error: farcall::Error) -> Raised {
        Raised(of(error))
    }
}

impl From<PyErr> for Raised {
    fn from(error: PyErr) -> Raised {
        Raised(error)
    }
}

impl From<Raised> for PyErr {
    fn from(raised: Raised) -> PyErr {
        raised.0
    }
}

/// The exception for an error of the engine.
#[cold]
pub(crate) fn of(error: farcall::Error) -> PyErr {
    let text = error.message();
    if let farcall::Error::Layout {
        error: LayoutError::NeedsCompiler(ty),
        ..
    } = error
    {
        return VerificationMissing::new_err(ty);
    }
    match error.class() {
        ErrorClass::Type => PyTypeError::new_err(text),
        ErrorClass::Value => PyValueError::new_err(text),
        ErrorClass::Overflow => PyOverflowError::new_err(text),
        ErrorClass::Index => PyIndexError::new_err(text),
        ErrorClass::Key => PyKeyError::new_err(error.key().map_or(text, ToOwned::to_owned)),
        ErrorClass::Attribute => PyAttributeError::new_err(text),
        ErrorClass::Runtime => PyRuntimeError::new_err(text),
        ErrorClass::Memory => PyMemoryError::new_err(text),
        ErrorClass::NotImplemented => PyNotImplementedError::new_err(text),
        ErrorClass::Ffi => FFIError::new_err(text),
        ErrorClass::System => PyOSError::new_err(text),
        _ => FFIError::new_err(text),
    }
}
