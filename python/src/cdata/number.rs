//! `int(x)`, `float(x)`, `bool(x)`, and arithmetic with pointers.

#![allow(unsafe_code)] // Slots, and C memory behind cdata.

use std::ffi::c_int;

use farcall::shape::Form;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;

use super::CData;
use crate::convert;
use crate::ctype::{self, CType};
use crate::host::PyHost;
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
            let shape = &cdata.ctype().shape;
            if !shape.is_number() {
                return Ok((!cdata.data.is_null()).into());
            }
            if shape.is_integer() || shape.is_character() {
                let size = cdata.ctype().size().unwrap_or(0);
                let bytes = std::slice::from_raw_parts(cdata.data, size);
                return Ok(bytes.iter().any(|&byte| byte != 0).into());
            }
            let number = match shape.stays_cdata() && shape.is_real() {
                true => to_float(py, cdata)?,
                false => convert::load(py, cdata.ctype_object(), cdata.data)?,
            };
            Ok(Bound::from_owned_ptr(py, number).is_truthy()?.into())
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
                return Err(PyTypeError::new_err(format!("int() not supported on cdata '{ty}'")));
            }
        };
        checked(py, made)
    }
}

fn to_float(py: Python<'_>, cdata: &CData) -> PyResult<Object> {
    let shape = &cdata.ctype().shape;
    if !shape.is_real() {
        let ty = cdata.ctype().name();
        return Err(PyTypeError::new_err(format!("float() not supported on cdata '{ty}'")));
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
    let object = cdata.as_object();
    let host = PyHost { py };
    let Some(cdata) = farcall::host::Host::cdata(&host, host.see(&object))? else {
        return Err(PyTypeError::new_err("not cdata"));
    };
    farcall::convert::float_of_cdata(types(), &cdata).map_err(crate::errors::of)
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
            (Some(left), Some(right)) if !is_integer(right) => distance(py, left, right),
            (Some(cdata), _) => moved(py, cdata, right, -1),
            _ => not_implemented(),
        })
    }
}

fn is_integer(cdata: &CData) -> bool {
    cdata.ctype().shape.is_number()
}

fn not_implemented() -> PyResult<Object> {
    // SAFETY: a constant of the interpreter's.
    unsafe {
        ffi::Py_INCREF(ffi::Py_NotImplemented());
        Ok(ffi::Py_NotImplemented())
    }
}

/// The type of a pointer to what an array consists of, or of the pointer itself.
fn decayed<'py>(py: Python<'py>, cdata: &CData) -> PyResult<Option<Bound<'py, CType>>> {
    let ctype = cdata.ctype();
    match ctype.shape.form {
        Form::Array { item, .. } => ctype::pointer_to(py, item).map(Some),
        Form::Pointer(_) => Ok(Some(cdata.ctype_object().clone().unbind().into_bound(py))),
        _ => Ok(None),
    }
}

/// The size of a pointer's items, 1 for `void *`.
fn item_size(py: Python<'_>, ctype: &CType) -> Option<usize> {
    match ctype.is_void_pointer() {
        true => Some(1),
        false => ctype.item(py)?.get().size(),
    }
}

fn moved(py: Python<'_>, cdata: &CData, by: Object, sign: isize) -> PyResult<Object> {
    // SAFETY: a living object; the exception is the class to raise for what is too large.
    let by = unsafe { ffi::PyNumber_AsSsize_t(by, ffi::PyExc_OverflowError) };
    if by == -1 && PyErr::occurred(py) {
        return Err(raised(py));
    }
    let name = || cdata.ctype().name();
    let Some(pointer) = decayed(py, cdata)? else {
        let text = format!("cannot add a cdata '{}' and a number", name());
        return Err(PyTypeError::new_err(text));
    };
    let Some(size) = item_size(py, pointer.get()) else {
        let text = format!("ctype '{}' points to items of unknown size", name());
        return Err(PyTypeError::new_err(text));
    };
    let offset = by.wrapping_mul(sign).wrapping_mul(size as isize);
    super::reference(py, &pointer, cdata.data.wrapping_offset(offset), -1)
}

fn distance(py: Python<'_>, left: &CData, right: &CData) -> PyResult<Object> {
    let pointer = decayed(py, right)?;
    let same = pointer.as_ref().is_some_and(|pointer| pointer.is(left.ctype_object()));
    let size = pointer.as_ref().and_then(|pointer| item_size(py, pointer.get()));
    let (true, Some(size @ 1..)) = (same, size) else {
        let right = pointer.map_or_else(|| right.ctype().name(), |pointer| pointer.get().name());
        let left = left.ctype().name();
        let text = format!("cannot subtract cdata '{left}' and cdata '{right}'");
        return Err(PyTypeError::new_err(text));
    };
    let bytes = (left.data as isize).wrapping_sub(right.data as isize);
    if bytes % size as isize != 0 {
        return Err(PyValueError::new_err(
            "pointer subtraction: the distance between the two pointers is not a multiple of the item size",
        ));
    }
    // SAFETY: makes an integer.
    checked(py, unsafe { ffi::PyLong_FromSsize_t(bytes / size as isize) })
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

/// A floating-point number that Python has no type for, as C's `%LE` prints it.
pub(super) fn show_wide(py: Python<'_>, cdata: &CData) -> String {
    match convert_float(py, cdata) {
        Ok(float) if float.is_finite() => {
            let text = format!("{float:.6E}");
            let (digits, exponent) = text.split_once('E').unwrap_or((&text, "0"));
            let exponent: i32 = exponent.parse().unwrap_or(0);
            format!("{digits}E{exponent:+03}")
        }
        Ok(float) => format!("{float}").to_uppercase(),
        Err(_) => "?".into(),
    }
}
