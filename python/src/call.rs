//! Calls of C functions.
//!
//! Every function type has a [`Plan`], which its functions share. [`entry`] is the way in that works for all of them.

#![allow(unsafe_code)] // This is where Python enters C.

use std::sync::OnceLock;

use farcall::CallbackType;
use farcall::call::Caller;
use farcall::ctype::TypeId;
use farcall::layout::LayoutError;
use farcall::shape::Form;
use pyo3::exceptions::{PyNotImplementedError, PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::callback::Direct;
use crate::cdata::CData;
use crate::ctype::{self, CType};
use crate::errors;
use crate::fused::Fusing;
use crate::host::PyHost;
use crate::release::Held;
use crate::slot::{Object, slot};
use crate::state::{root, types};

/// What all functions of a type share.
pub(crate) struct Plan {
    caller: Caller,
    params: Box<[Held<CType>]>,
    result: Held<CType>,
    /// Which parameters are `FILE *`, to which Python's files may go.
    files: Box<[usize]>,
    fusing: Fusing,
    /// Callbacks of the type, once one was asked for; None where there are none.
    callbacks: OnceLock<Option<CallbackType>>,
    /// How they are called, if their arguments are plain.
    direct: OnceLock<Option<Direct>>,
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
        let params = params.map(|&param| Ok(ctype::of(py, param)?.unbind().into()));
        let params = params.collect::<PyResult<Box<[Held<CType>]>>>()?;
        let files = params.iter().enumerate();
        let files = files.filter(|(_, param)| crate::file::is_file(param.get()));
        let caller = Caller::new(root().lowering(), root().engine(), ctype.id, &ctype.name());
        Ok(Plan {
            caller: caller.map_err(|failure| not_callable(failure, declared.result))?,
            files: files.map(|(index, _)| index).collect(),
            params,
            result: ctype::of(py, declared.result)?.unbind().into(),
            fusing: Fusing::default(),
            callbacks: OnceLock::new(),
            direct: OnceLock::new(),
        })
    }

    /// What callbacks of the type are made of.
    pub(crate) fn callbacks(
        &self,
        make: impl FnOnce() -> Option<CallbackType>,
    ) -> Option<&CallbackType> {
        self.callbacks.get_or_init(make).as_ref()
    }

    /// How callbacks of the type are called, found out once.
    #[inline]
    pub(crate) fn direct(&self, make: impl FnOnce() -> Option<Direct>) -> Option<&Direct> {
        self.direct.get_or_init(make).as_ref()
    }

    /// The types that it holds, for the collector.
    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&*self.result)?;
        self.params
            .iter()
            .try_for_each(|param| visit.call(&**param))
    }

    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    pub(crate) fn fusing(&self) -> &Fusing {
        &self.fusing
    }

    pub(crate) fn params(&self) -> &[Held<CType>] {
        &self.params
    }

    pub(crate) fn result(&self) -> &Py<CType> {
        &self.result
    }
}

/// The exception for a type that cannot be called.
fn not_callable(failure: farcall::Error, result: TypeId) -> PyErr {
    match &failure {
        farcall::Error::Layout {
            error: LayoutError::Incomplete(ty),
            ..
        } => PyTypeError::new_err(match *ty == types().spelling(result) {
            true => format!("result type '{ty}' is not yet initialized"),
            false => format!("ctype '{ty}' has incomplete type"),
        }),
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
            let count = ffi::PyVectorcall_NARGS(nargsf) as usize;
            let arguments = match count {
                0 => &[],
                _ => std::slice::from_raw_parts(arguments, count),
            };
            crate::fused::promote(py, function, arguments);
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
    convert_and_call(py, function, arguments, Lock::Released)
}

/// As [`call`], but the interpreter's lock is kept.
pub(crate) fn call_inside(
    py: Python<'_>,
    function: &CData,
    arguments: &[Object],
) -> PyResult<Object> {
    convert_and_call(py, function, arguments, Lock::Kept)
}

/// What happens to the interpreter's lock while C runs.
#[derive(Clone, Copy)]
enum Lock {
    Released,
    Kept,
}

fn convert_and_call(
    py: Python<'_>,
    function: &CData,
    arguments: &[Object],
    lock: Lock,
) -> PyResult<Object> {
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
    let plan = ctype.plan(py)?;
    if !plan.files.is_empty() {
        return call_with_files(py, plan, function, arguments, lock);
    }
    perform(py, plan, function, arguments, lock)
}

/// As [`call`], with Python's files turned into C's.
fn call_with_files(
    py: Python<'_>,
    plan: &Plan,
    function: &CData,
    arguments: &[Object],
    lock: Lock,
) -> PyResult<Object> {
    let mut arguments = arguments.to_vec();
    let mut streams = Vec::new();
    for &index in &plan.files {
        let Some(argument) = arguments.get_mut(index) else {
            continue;
        };
        if let Some(stream) = crate::file::convert(py, plan.params[index].bind(py), argument)? {
            *argument = stream.as_ptr();
            streams.push(stream);
        }
    }
    perform(py, plan, function, &arguments, lock)
}

fn perform(
    py: Python<'_>,
    plan: &Plan,
    function: &CData,
    arguments: &[Object],
    lock: Lock,
) -> PyResult<Object> {
    let target = function.data.cast_const().cast();
    let host = PyHost { py };
    let (count, caller) = (arguments.len(), &plan.caller);
    let argument = |index: usize| host.see(&arguments[index]);
    let name = || function.ctype().name();
    // SAFETY: the type is the declared one, for which Python code answers; the caller holds the arguments.
    let result = unsafe {
        match lock {
            Lock::Released => caller.call(&host, target, count, argument, name),
            Lock::Kept => caller.call_inside(&host, target, count, argument, name),
        }
    };
    Ok(result?.into_ptr())
}
