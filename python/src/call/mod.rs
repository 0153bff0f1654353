//! Calls of C functions.
//!
//! Every function type has a [`Plan`], which its functions share. [`entry`] is the way in that works for all of them: each
//! argument is converted to a packed frame, the interpreter's lock is released, errno restored, the stub called, errno
//! saved, the lock taken, and the result converted.

#![allow(unsafe_code)] // This is where Python enters C.

mod plan;

use std::ffi::c_void;

use farcall::convert;
use farcall::jit::CallStub;
use farcall::shape::Form;
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use smallvec::{SmallVec, smallvec};

pub(crate) use plan::Plan;

use crate::cdata::{self, CData};
use crate::convert::{load, store};
use crate::ctype::CType;
use crate::errno;
use crate::errors::of as error;
use crate::host::PyHost;
use crate::slot::{Object, slot};

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
    let ctype = function.ctype();
    if !ctype.is_function() {
        let text = format!("cdata '{}' is not callable", ctype.name());
        return Err(PyTypeError::new_err(text));
    }
    if function.data.is_null() {
        let text = format!("cannot call null pointer pointer from cdata '{}'", ctype.name());
        return Err(PyRuntimeError::new_err(text));
    }
    let plan = ctype.plan(py)?;
    let target = function.data.cast_const().cast();
    match plan.stub() {
        Some(stub) => {
            if arguments.len() != plan.params().len() {
                return Err(plan.wrong_count(ctype, arguments.len()));
            }
            perform(py, plan, stub, &[], target, arguments)
        }
        None => {
            let variable = plan.variable(py, ctype, arguments)?;
            let stub = plan.variadic_stub(ctype, &variable)?;
            perform(py, plan, &stub, &variable, target, arguments)
        }
    }
}

/// One call.
fn perform(
    py: Python<'_>,
    plan: &Plan,
    stub: &CallStub,
    variable: &[Bound<'_, CType>],
    target: *const c_void,
    arguments: &[Object],
) -> PyResult<Object> {
    // On the stack as long as it is small.
    let mut frame: SmallVec<[u64; 32]> = smallvec![0; (stub.frame().size() / 8) as usize];
    let start = frame.as_mut_ptr().cast::<u8>();
    let mut scratch = convert::Scratch::new();
    let params = plan.params().iter().map(|param| param.bind(py)).chain(variable);
    for ((param, argument), &offset) in params.zip(arguments).zip(stub.frame().offsets()) {
        // SAFETY: the frame has room for each argument at its offset.
        unsafe {
            let to = start.add(offset as usize);
            argument_to(py, param.get(), to, argument, &mut scratch)?;
        }
    }
    let result = plan.result().bind(py);
    let frame = start.cast_const();
    if let Form::Record(_) = result.get().shape.form {
        let size = crate::ctype::sized(result.get())?;
        let align = result.get().align().unwrap_or(1);
        let made = cdata::owner(py, result, size, align, -1)?;
        // SAFETY: the stub is for this type, whose arguments are in the frame, and the object has room for the result.
        unsafe { enter(stub, target, frame, (*made.cast::<CData>()).data) };
        return Ok(made);
    }
    let mut scalar = Scalar([0; 32]);
    let to = scalar.0.as_mut_ptr();
    // SAFETY: as above; no other result is larger than 32 bytes.
    unsafe { enter(stub, target, frame, to) };
    if result.get().shape.form == Form::Void {
        return Ok(py.None().into_ptr());
    }
    // SAFETY: the stub has stored a value of the type.
    unsafe { load(py, result, to) }
}

/// Room for the largest result that is no record.
#[repr(align(32))]
struct Scalar([u8; 32]);

/// # Safety
///
/// As [`CallStub::call`]; the thread holds the interpreter's lock.
unsafe fn enter(stub: &CallStub, target: *const c_void, frame: *const u8, ret: *mut u8) {
    // SAFETY: the caller's promise.
    unsafe {
        let thread = ffi::PyEval_SaveThread();
        errno::restore();
        stub.call(target, frame, ret);
        errno::save();
        ffi::PyEval_RestoreThread(thread);
    }
}

/// # Safety
///
/// `to` has room for an argument of the type.
unsafe fn argument_to(
    py: Python<'_>,
    param: &CType,
    to: *mut u8,
    argument: &Object,
    scratch: &mut convert::Scratch,
) -> PyResult<()> {
    let host = PyHost { py };
    // SAFETY: the caller's promise.
    unsafe {
        if let Form::Pointer(_) = param.shape.form {
            convert::store_argument(&host, &param.shape, to, u64::MAX, host.see(argument), scratch)?;
            return Ok(());
        }
        store(py, param, to, host.see(argument))
    }
}

/// The exception for a type that cannot be called.
pub(crate) fn not_callable(failure: farcall::Error) -> PyErr {
    use pyo3::exceptions::PyNotImplementedError;
    match &failure {
        farcall::Error::Layout { .. } => PyTypeError::new_err(failure.to_string()),
        farcall::Error::Engine { .. } | farcall::Error::Convention { .. } => {
            PyNotImplementedError::new_err(failure.to_string())
        }
        _ => error(failure),
    }
}
