//! The decorators that `ffi.callback` and `ffi.def_extern` give.

use pyo3::prelude::*;

use super::{Ffi, owned};
use crate::callback::Options;
use crate::ctype::CType;

/// What `ffi.callback` without a function is.
#[pyclass(frozen, module = "farcall._farcall")]
pub(super) struct CallbackDecorator {
    pub(super) ctype: Py<CType>,
    pub(super) error: Option<Py<PyAny>>,
    pub(super) onerror: Option<Py<PyAny>>,
}

#[pymethods]
impl CallbackDecorator {
    fn __call__(&self, function: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = function.py();
        let options = Options {
            error: self.error.as_ref().map(|error| error.bind(py)),
            onerror: self.onerror.as_ref().map(|onerror| onerror.bind(py)),
        };
        let made = crate::callback::make(py, self.ctype.bind(py), function, &options)?;
        Ok(owned(py, made))
    }
}

/// What `ffi.def_extern` gives.
#[pyclass(frozen, module = "farcall._farcall")]
pub(super) struct ExternDecorator {
    pub(super) ffi: Py<Ffi>,
    pub(super) name: Option<String>,
    pub(super) error: Option<Py<PyAny>>,
    pub(super) onerror: Option<Py<PyAny>>,
}

#[pymethods]
impl ExternDecorator {
    fn __call__<'py>(&self, function: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = function.py();
        let name = match &self.name {
            Some(name) => name.clone(),
            None => function.getattr("__name__")?.extract()?,
        };
        let options = Options {
            error: self.error.as_ref().map(|error| error.bind(py)),
            onerror: self.onerror.as_ref().map(|onerror| onerror.bind(py)),
        };
        crate::callback::attach(py, &self.ffi.get().inner, &name, &function, &options)?;
        Ok(function)
    }
}
