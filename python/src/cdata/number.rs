//! `int(x)`, `float(x)`, `bool(x)`, and arithmetic with pointers.

#![allow(unsafe_code)] // Slots, and C memory behind cdata.

use std::ffi::c_int;

use farcall::shape::Form;
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;

use super::CData;
use crate::convert;
use crate::ctype;
use crate::errors::of as error;
use crate::slot::{Object, checked, raised, slot};
use crate::state::types;

pub(super) unsafe extern "C" fn int(object: Object) -> Object {
    // SAFETY: a slot of cdata.
    unsafe { slot(|py| to_int(py, &*object.cast::<CData>())) }
}

pub(super) unsafe extern "C" fn float(object: Object) -> Object {
    // SAFETY: a slot of cdata.
    unsafe { slot(|py| to_float(py, &*object.cast::<CData>())) }
}

pub(super) unsafe extern "C" fn bool(object: Object) -> c_int {
    // SAFETY: a slot of cdata.
    unsafe {
        slot(|py| {
            let cdata = &*object.cast::<CData>();
            Ok(cdata.object(py).truth(types()).into())
        })
    }
}

fn to_int(py: Python<'_>, cdata: &CData) -> PyResult<Object> {
    let shape = &cdata.ctype().shape;
    // SAFETY: cdata of a number has its bytes.
    unsafe {
        let made = match shape.form {
            Form::Bool | Form::Char => ffi::PyLong_FromLong((*cdata.data).into()),
            Form::Char16 => ffi::PyLong_FromLong(cdata.data.cast::<u16>().read_unaligned().into()),
            Form::Char32 { signed: true } => {
                ffi::PyLong_FromLong(cdata.data.cast::<i32>().read_unaligned().into())
            }
            Form::Char32 { signed: false } => {
                ffi::PyLong_FromLongLong(cdata.data.cast::<u32>().read_unaligned().into())
            }
            Form::Integer(_) => return convert::load(py, cdata.ctype_object(), cdata.data),
            _ if shape.is_real() => {
                let float = to_float(py, cdata)?;
                let float = Bound::from_owned_ptr(py, float);
                ffi::PyNumber_Long(float.as_ptr())
            }
            _ => {
                let ty = cdata.ctype().name();
                return Err(PyTypeError::new_err(format!(
                    "int() not supported on cdata '{ty}'"
                )));
            }
        };
        checked(py, made)
    }
}

fn to_float(py: Python<'_>, cdata: &CData) -> PyResult<Object> {
    let shape = &cdata.ctype().shape;
    if !shape.is_real() {
        let ty = cdata.ctype().name();
        return Err(PyTypeError::new_err(format!(
            "float() not supported on cdata '{ty}'"
        )));
    }
    if !shape.stays_cdata() {
        // SAFETY: cdata of a number has its bytes.
        return unsafe { convert::load(py, cdata.ctype_object(), cdata.data) };
    }
    let float = convert_float(py, cdata)?;
    // SAFETY: makes a float.
    checked(py, unsafe { ffi::PyFloat_FromDouble(float) })
}

/// The nearest `double`.
fn convert_float(py: Python<'_>, cdata: &CData) -> PyResult<f64> {
    // SAFETY: a number's cdata has its bytes.
    unsafe { farcall::convert::float_of_cdata(types(), &cdata.object(py).cdata()) }.map_err(error)
}

pub(super) unsafe extern "C" fn add(left: Object, right: Object) -> Object {
    // SAFETY: a slot of cdata, which is either of the two.
    unsafe {
        slot(|py| match (CData::of(py, &left), CData::of(py, &right)) {
            (Some(cdata), _) => moved(py, cdata, right, 1),
            (None, Some(cdata)) => moved(py, cdata, left, 1),
            (None, None) => not_implemented(),
        })
    }
}

pub(super) unsafe extern "C" fn subtract(left: Object, right: Object) -> Object {
    // SAFETY: a slot of cdata, which is either of the two.
    unsafe {
        slot(|py| match (CData::of(py, &left), CData::of(py, &right)) {
            (Some(left), Some(right)) => distance(py, left, right),
            (Some(cdata), None) => moved(py, cdata, right, -1),
            _ => not_implemented(),
        })
    }
}

fn not_implemented() -> PyResult<Object> {
    // SAFETY: a constant of the interpreter's.
    unsafe {
        ffi::Py_INCREF(ffi::Py_NotImplemented());
        Ok(ffi::Py_NotImplemented())
    }
}

fn moved(py: Python<'_>, cdata: &CData, by: Object, sign: i64) -> PyResult<Object> {
    // SAFETY: a living object; the exception is the class to raise for what is too large.
    let by = unsafe { ffi::PyNumber_AsSsize_t(by, ffi::PyExc_OverflowError) };
    if by == -1 && PyErr::occurred(py) {
        return Err(raised(py));
    }
    let by = (by as i64).wrapping_mul(sign);
    let (pointer, address) = cdata.object(py).add(types(), by).map_err(error)?;
    if pointer.ty == cdata.ctype().id {
        return super::reference(py, cdata.ctype_object(), address, -1);
    }
    super::reference(py, &ctype::of(py, pointer.ty)?, address, -1)
}

fn distance(py: Python<'_>, left: &CData, right: &CData) -> PyResult<Object> {
    let items = left
        .object(py)
        .distance(types(), &right.object(py))
        .map_err(error)?;
    // SAFETY: makes an integer.
    checked(py, unsafe { ffi::PyLong_FromLongLong(items) })
}

/// An integer argument of a function of the interface: what has `__index__`, or cdata of an integer.
pub(crate) fn as_index(value: &Bound<'_, PyAny>) -> PyResult<isize> {
    let object = value.as_ptr();
    if let Some(cdata) = CData::of(value.py(), &object)
        && cdata.ctype().shape.is_integer()
    {
        return value.call_method0("__int__")?.extract();
    }
    // SAFETY: a living object; the exception is the class to raise for what is too large.
    let index = unsafe { ffi::PyNumber_AsSsize_t(object, ffi::PyExc_OverflowError) };
    if index == -1 && PyErr::occurred(value.py()) {
        return Err(raised(value.py()));
    }
    Ok(index)
}

/// A number that must be one of Python's integers: nothing is converted.
pub(crate) fn exact_index(value: pyo3::Borrowed<'_, '_, PyAny>) -> PyResult<isize> {
    // SAFETY: a living object.
    let index = unsafe { ffi::PyLong_AsSsize_t(value.as_ptr()) };
    if index == -1 && PyErr::occurred(value.py()) {
        return Err(raised(value.py()));
    }
    Ok(index)
}

/// An argument that counts something: what has `__index__`, but no cdata.
pub(crate) struct Count(pub(crate) isize);

impl<'py> FromPyObject<'_, 'py> for Count {
    type Error = PyErr;

    fn extract(value: pyo3::Borrowed<'_, 'py, PyAny>) -> PyResult<Count> {
        // SAFETY: a living object; what is returned is a new reference, or null with an exception.
        let index = unsafe {
            Bound::from_owned_ptr_or_err(value.py(), ffi::PyNumber_Index(value.as_ptr()))?
        };
        exact_index(index.as_borrowed()).map(Count)
    }
}
