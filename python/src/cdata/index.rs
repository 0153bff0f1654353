//! `p[i]`, `p[i] = x`, `p[i:j]`, `len(p)`.

#![allow(unsafe_code)] // Slots, and C memory behind cdata.

use std::ffi::c_int;

use pyo3::exceptions::PyTypeError;
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
        slot(|_| {
            let cdata = &*object.cast::<CData>();
            if cdata.ctype().is_array() {
                return Ok(cdata.array_length());
            }
            let ty = cdata.ctype().name();
            Err(PyTypeError::new_err(format!(
                "cdata of type '{ty}' has no len()"
            )))
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
    let Some(item) = cdata.ctype().item(py) else {
        let refused = cdata.object(py).item(types(), index as i64);
        return Err(refused
            .err()
            .map_or_else(|| PyTypeError::new_err("no items"), error));
    };
    let object = cdata.object(py);
    let address = object
        .item_address(types(), &item.get().shape, index as i64)
        .map_err(error)?;
    Ok((item, address))
}
