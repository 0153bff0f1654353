//! Calls of C functions.
//!
//! Every function type has a [`Plan`], which its functions share. [`entry`] is the way in that works for all of them.

#![allow(unsafe_code)] // This is where Python enters C.

use farcall::call::Caller;
use farcall::shape::Form;
use pyo3::exceptions::{PyNotImplementedError, PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;

use crate::cdata::CData;
use crate::ctype::{self, CType};
use crate::errors;
use crate::fused::Fusing;
use crate::host::PyHost;
use crate::slot::{Object, slot};
use crate::state::{root, types};

/// What all functions of a type share.
pub(crate) struct Plan {
    caller: Caller,
    params: Box<[Py<CType>]>,
    result: Py<CType>,
    fusing: Fusing,
}

impl Plan {
    /// For a type that is a pointer to a function.
    pub(crate) fn of(py: Python<'_>, ctype: &CType) -> PyResult<Plan> {
        let Form::FunctionPointer(function) = ctype.shape.form else {
            let text = format!("expected a function ctype, got '{}'", ctype.name());
            return Err(PyTypeError::new_err(text));
        };
        let declared = types().function(function);
        let params = declared.params.iter();
        let params = params.map(|&param| Ok(ctype::of(py, param)?.unbind()));
        let caller = Caller::new(root().lowering(), root().engine(), ctype.id, &ctype.name());
        Ok(Plan {
            caller: caller.map_err(not_callable)?,
            params: params.collect::<PyResult<_>>()?,
            result: ctype::of(py, declared.result)?.unbind(),
            fusing: Fusing::default(),
        })
    }

    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    pub(crate) fn fusing(&self) -> &Fusing {
        &self.fusing
    }

    pub(crate) fn params(&self) -> &[Py<CType>] {
        &self.params
    }

    pub(crate) fn result(&self) -> &Py<CType> {
        &self.result
    }
}

/// The exception for a type that cannot be called.
fn not_callable(failure: farcall::Error) -> PyErr {
    match &failure {
        farcall::Error::Engine { .. } | farcall::Error::Convention { .. } => {
            PyNotImplementedError::new_err(failure.to_string())
        }
        _ => errors::of(failure),
    }
}

/// The vectorcall entry of functions.
pub(crate) unsafe extern "C" fn entry(
    function: Object,
    arguments: *const Object,
    nargsf: usize,
    names: Object,
) -> Object {
    // SAFETY: CPython enters cdata of a function type, with that many arguments.
    unsafe {
        slot(|py| {
            crate::fused::promote(py, function);
            let count = ffi::PyVectorcall_NARGS(nargsf) as usize;
            let arguments = match count {
                0 => &[],
                _ => std::slice::from_raw_parts(arguments, count),
            };
            if !names.is_null() && ffi::PyTuple_Size(names) > 0 {
                return Err(no_keywords());
            }
            call(py, &*function.cast::<CData>(), arguments)
        })
    }
}

pub(crate) fn no_keywords() -> PyErr {
    PyTypeError::new_err("a cdata function cannot be called with keyword arguments")
}

/// Calls what the cdata points to.
pub(crate) fn call(py: Python<'_>, function: &CData, arguments: &[Object]) -> PyResult<Object> {
    let plan = plan_of(py, function)?;
    let target = function.data.cast_const().cast();
    let host = PyHost { py };
    let argument = |index: usize| host.see(&arguments[index]);
    let name = || function.ctype().name();
    // SAFETY: the type is the declared one, for which Python code answers; the caller holds the arguments.
    let result = unsafe { plan.caller.call(&host, target, arguments.len(), argument, name) };
    Ok(result?.into_ptr())
}

/// As [`call`], but the interpreter's lock is kept.
pub(crate) fn call_inside(
    py: Python<'_>,
    function: &CData,
    arguments: &[Object],
) -> PyResult<Object> {
    let plan = plan_of(py, function)?;
    let target = function.data.cast_const().cast();
    let host = PyHost { py };
    let argument = |index: usize| host.see(&arguments[index]);
    let name = || function.ctype().name();
    // SAFETY: as above.
    let result = unsafe { plan.caller.call_inside(&host, target, arguments.len(), argument, name) };
    Ok(result?.into_ptr())
}

fn plan_of<'a>(py: Python<'_>, function: &'a CData) -> PyResult<&'a Plan> {
    let ctype = function.ctype();
    if !ctype.is_function() {
        let text = format!("cdata '{}' is not callable", ctype.name());
        return Err(PyTypeError::new_err(text));
    }
    if function.data.is_null() {
        let ty = ctype.name();
        let text = format!("cannot call null pointer pointer from cdata '{ty}'");
        return Err(PyRuntimeError::new_err(text));
    }
    ctype.plan(py)
}
