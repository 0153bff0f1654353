//! The decorators that `ffi.callback` and `ffi.def_extern` give. What they hold never changes, so that no cycle consists of
//! such objects alone: the others are taken apart.

#![allow(unsafe_code)] // References are let go of by hand.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use super::{Ffi, owned};
use crate::callback::Options;
use crate::ctype::CType;
use crate::release::release_owned;

/// What `ffi.callback` without a function is.
#[pyclass(frozen, module = "farcall._farcall")]
pub(super) struct CallbackDecorator {
    pub(super) ctype: Py<CType>,
    pub(super) error: Option<Py<PyAny>>,
    pub(super) onerror: Option<Py<PyAny>>,
}

impl Drop for CallbackDecorator {
    fn drop(&mut self) {
        for held in [&mut self.error, &mut self.onerror] {
            // SAFETY: objects go with the interpreter's lock held.
            unsafe { release_owned(held) };
        }
    }
}

#[pymethods]
impl CallbackDecorator {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.error)?;
        visit.call(&self.onerror)
    }

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

impl Drop for ExternDecorator {
    fn drop(&mut self) {
        for held in [&mut self.error, &mut self.onerror] {
            // SAFETY: objects go with the interpreter's lock held.
            unsafe { release_owned(held) };
        }
    }
}

#[pymethods]
impl ExternDecorator {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.ffi)?;
        visit.call(&self.error)?;
        visit.call(&self.onerror)
    }

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
