//! Comparisons and hashes: numbers by their values, everything else by addresses.

#![allow(unsafe_code)] // Slots, and C memory behind cdata.

use std::ffi::c_int;

use pyo3::exceptions::PyNotImplementedError;
use pyo3::ffi;
use pyo3::prelude::*;

use super::{CData, kinds};
use crate::convert;
use crate::slot::{Object, borrowed, checked, slot};

pub(super) unsafe extern "C" fn compare(object: Object, other: Object, operator: c_int) -> Object {
    // SAFETY: a slot of cdata.
    unsafe {
        slot(|py| {
            let cdata = &*object.cast::<CData>();
            // A function as a builtin is another object, whose hash is its own.
            let is_cdata = kinds(py).is_cdata(ffi::Py_TYPE(other));
            let with = is_cdata.then(|| &*other.cast::<CData>());
            let equal = match (is_number(cdata), with) {
                (false, Some(with)) if !is_number(with) => {
                    let (a, b) = (cdata.data as usize, with.data as usize);
                    match operator {
                        ffi::Py_EQ => a == b,
                        ffi::Py_NE => a != b,
                        ffi::Py_LT => a < b,
                        ffi::Py_LE => a <= b,
                        ffi::Py_GT => a > b,
                        _ => a >= b,
                    }
                }
                (false, _) => {
                    ffi::Py_INCREF(ffi::Py_NotImplemented());
                    return Ok(ffi::Py_NotImplemented());
                }
                (true, Some(with)) if !is_number(with) => {
                    ffi::Py_INCREF(ffi::Py_NotImplemented());
                    return Ok(ffi::Py_NotImplemented());
                }
                (true, _) => {
                    let value = value(py, cdata)?;
                    let with = match with {
                        Some(with) => self::value(py, with)?,
                        None => borrowed(py, &other).clone(),
                    };
                    let result = ffi::PyObject_RichCompare(value.as_ptr(), with.as_ptr(), operator);
                    return checked(py, result);
                }
            };
            Ok(pyo3::types::PyBool::new(py, equal)
                .to_owned()
                .into_any()
                .into_ptr())
        })
    }
}

pub(super) unsafe extern "C" fn hash(object: Object) -> isize {
    // SAFETY: a slot of cdata.
    unsafe {
        slot(|py| {
            let cdata = &*object.cast::<CData>();
            if is_number(cdata) && !cdata.ctype().shape.stays_cdata() {
                return value(py, cdata)?.hash();
            }
            // Addresses are multiples of 16, mostly.
            let hash = (cdata.data as usize).rotate_right(4) as isize;
            Ok(if hash == -1 { -2 } else { hash })
        })
    }
}

fn is_number(cdata: &CData) -> bool {
    cdata.ctype().shape.is_number()
}

/// The number in Python's own type.
fn value<'py>(py: Python<'py>, cdata: &CData) -> PyResult<Bound<'py, PyAny>> {
    if cdata.ctype().shape.stays_cdata() {
        let ty = cdata.ctype().name();
        let text = format!("cannot use <cdata '{ty}'> in a comparison");
        return Err(PyNotImplementedError::new_err(text));
    }
    // SAFETY: cdata of a number has its bytes.
    unsafe {
        let value = convert::load(py, cdata.ctype_object(), cdata.data)?;
        Ok(Bound::from_owned_ptr(py, value))
    }
}
