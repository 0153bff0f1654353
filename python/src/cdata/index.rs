//! `p[i]`, `p[i] = x`, `p[i:j]`, `len(p)`.

#![allow(unsafe_code)] // Slots, and C memory behind cdata.

use std::ffi::c_int;

use farcall::shape::Form;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;

use super::{CData, Kind, slice};
use crate::convert;
use crate::ctype::CType;
use crate::errors::of as error;
use crate::host::PyHost;
use crate::slot::{Object, raised, slot};
use crate::state::types;

pub(super) unsafe extern "C" fn length(object: Object) -> isize {
    // SAFETY: a slot of cdata.
    unsafe {
        slot(|py| {
            let cdata = &*object.cast::<CData>();
            let length = cdata.object(py).len(types()).map_err(error)?;
            Ok(length as isize)
        })
    }
}

pub(super) unsafe extern "C" fn get(object: Object, key: Object) -> Object {
    // SAFETY: a slot of cdata.
    unsafe {
        slot(|py| {
            let cdata = &*object.cast::<CData>();
            if ffi::PySlice_Check(key) != 0 {
                return slice::get(py, cdata, key);
            }
            let (item, address) = item(py, cdata, key)?;
            // What points to its own record is kept by a reference to the record.
            if item.get().is_record() && cdata.ctype().is_pointer() && cdata.kind(py) != Kind::Plain
            {
                return super::kept::record_of_owner(py, cdata, item);
            }
            convert::load(py, item, address)
        })
    }
}

pub(super) unsafe extern "C" fn set(object: Object, key: Object, value: Object) -> c_int {
    // SAFETY: a slot of cdata.
    unsafe {
        slot(|py| {
            let cdata = &*object.cast::<CData>();
            if ffi::PySlice_Check(key) != 0 {
                slice::set(py, cdata, key, value)?;
                return Ok(0);
            }
            let (item, address) = item(py, cdata, key)?;
            if value.is_null() {
                return Err(PyTypeError::new_err(
                    "'del x[n]' not supported for cdata objects",
                ));
            }
            convert::store(py, item.get(), address, PyHost { py }.see(&value))?;
            Ok(0)
        })
    }
}

/// The type of an item and where it is.
#[inline]
fn item<'a>(
    py: Python<'a>,
    cdata: &'a CData,
    key: Object,
) -> PyResult<(&'a Bound<'a, CType>, *mut u8)> {
    // SAFETY: a living object; the exception is the class to raise for what is too large.
    let index = unsafe { ffi::PyNumber_AsSsize_t(key, ffi::PyExc_IndexError) };
    if index == -1 && PyErr::occurred(py) {
        return Err(raised(py));
    }
    let ctype = cdata.ctype();
    let Some(item) = ctype.item(py) else {
        let refused = cdata.object(py).item(types(), index as i64);
        return Err(refused
            .err()
            .map_or_else(|| PyTypeError::new_err("no items"), error));
    };
    // What is mostly asked for; all else, errors above all, is for the engine.
    let inside = match ctype.shape.form {
        Form::Pointer(_) => !cdata.data.is_null() && (index == 0 || cdata.kind(py) == Kind::Plain),
        Form::Array { .. } => (index as usize) < cdata.array_length() as usize,
        _ => false,
    };
    if inside && let Some(size) = item.get().size() {
        let offset = index.wrapping_mul(size as isize);
        return Ok((item, cdata.data.wrapping_offset(offset)));
    }
    if index != 0 && super::kept::is_handle(py, cdata) {
        let name = ctype.name();
        let text = format!("cdata '{name}' can only be indexed by 0");
        return Err(PyIndexError::new_err(text));
    }
    let address = cdata
        .object(py)
        .item_address(types(), &item.get().shape, index as i64);
    Ok((item, address.map_err(error)?))
}
