//! Python's objects to C memory and back: the common cases in place, all others by the engine's conversions.

#![allow(unsafe_code)] // C memory is read and written.

use farcall::convert;
use farcall::shape::{Form, Width};
use pyo3::prelude::*;
use pyo3::{Borrowed, ffi};

use crate::cdata;
use crate::ctype::CType;
use crate::host::PyHost;
use crate::slot::{Object, checked};

/// The value of a type at an address, as a new reference.
///
/// # Safety
///
/// The bytes of the type are readable.
#[inline]
pub(crate) unsafe fn load(
    py: Python<'_>,
    ctype: &Bound<'_, CType>,
    from: *const u8,
) -> PyResult<Object> {
    // SAFETY: the caller's promise; the integers fit.
    let made = unsafe {
        match ctype.get().shape.form {
            Form::Integer(Width::I32) => {
                ffi::PyLong_FromLong(from.cast::<i32>().read_unaligned().into())
            }
            Form::Integer(Width::U8) => ffi::PyLong_FromLong(from.read().into()),
            Form::Integer(Width::I64) => {
                ffi::PyLong_FromLongLong(from.cast::<i64>().read_unaligned())
            }
            Form::Double => ffi::PyFloat_FromDouble(from.cast::<f64>().read_unaligned()),
            Form::Float => ffi::PyFloat_FromDouble(from.cast::<f32>().read_unaligned().into()),
            Form::Char => ffi::PyBytes_FromStringAndSize(from.cast(), 1),
            Form::Pointer(_) => {
                let address = from.cast::<*mut u8>().read_unaligned();
                return cdata::reference(py, ctype, address, -1);
            }
            // Of what is opaque there is an address and no more.
            Form::Record(_) => {
                return cdata::reference(py, ctype, from.cast_mut(), -1);
            }
            Form::Array { .. } => return cdata::referring(py, ctype, from.cast_mut(), -1),
            _ => {
                let value = convert::load(&PyHost { py }, &ctype.get().shape, from, ());
                return Ok(value?.into_ptr());
            }
        }
    };
    checked(py, made)
}

/// Stores a value at an address.
///
/// # Safety
///
/// The bytes of the type, of an array without a length as many as the value fills, are writable.
#[inline]
pub(crate) unsafe fn store(
    py: Python<'_>,
    ctype: &CType,
    to: *mut u8,
    value: Borrowed<'_, '_, PyAny>,
) -> PyResult<()> {
    let host = PyHost { py };
    let value = value.as_ptr();
    // SAFETY: the caller's promise.
    unsafe { convert::store(&host, &ctype.shape, to, u64::MAX, host.see(&value))? };
    Ok(())
}
