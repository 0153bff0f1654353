//! What fused stubs call: functions that make objects. Each is entered with the interpreter's lock held, and returns a new
//! reference, or null with an exception set.

use farcall::shape::Form;
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::cdata::{self, CData};
use crate::convert;
use crate::ctype::CType;
use crate::slot::{Object, slot};

pub(super) unsafe extern "C" fn from_nothing() -> Object {
    // SAFETY: None is always there.
    unsafe {
        let none = ffi::Py_None();
        ffi::Py_INCREF(none);
        none
    }
}

pub(crate) unsafe extern "C" fn from_bool(byte: u64) -> Object {
    // SAFETY: the lock is held.
    unsafe {
        if byte <= 1 {
            return ffi::PyBool_FromLong(byte as _);
        }
        slot(|_| {
            let text = format!("got a _Bool of value {byte}, expected 0 or 1");
            Err(PyValueError::new_err(text))
        })
    }
}

pub(crate) unsafe extern "C" fn from_char(byte: u64) -> Object {
    let byte = byte as u8;
    // SAFETY: one byte is copied.
    unsafe { ffi::PyBytes_FromStringAndSize((&raw const byte).cast(), 1) }
}

pub(super) unsafe extern "C" fn from_pointer(function: Object, address: *mut u8) -> Object {
    // SAFETY: stubs pass the function that they were called on.
    unsafe {
        slot(|py| {
            let result = result_of(py, &*function.cast::<CData>())?;
            cdata::reference(py, result, address, -1)
        })
    }
}

pub(super) unsafe extern "C" fn from_memory(function: Object, memory: *const u8) -> Object {
    // SAFETY: as above, with memory that holds a value of the result's type.
    unsafe {
        slot(|py| {
            let result = result_of(py, &*function.cast::<CData>())?;
            let ctype = result.get();
            match (ctype.shape.form, ctype.size()) {
                (Form::Record(_), Some(size)) => {
                    let made = cdata::owner(py, result, size, ctype.align().unwrap_or(1), -1)?;
                    (*made.cast::<CData>())
                        .data
                        .copy_from_nonoverlapping(memory, size);
                    Ok(made)
                }
                _ => convert::load(py, result, memory),
            }
        })
    }
}

fn result_of<'a>(py: Python<'_>, function: &'a CData) -> PyResult<&'a Bound<'a, CType>> {
    let result = function.ctype().plan(py)?.result();
    // SAFETY: the plan holds it as long as the function holds its type.
    Ok(unsafe { std::mem::transmute::<&Bound<'_, CType>, &'a Bound<'a, CType>>(result.bind(py)) })
}
