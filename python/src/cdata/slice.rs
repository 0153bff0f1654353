//! `p[i:j]` and `p[i:j] = x`.

#![allow(unsafe_code)] // C memory behind cdata.

use farcall::shape::Form;
use pyo3::exceptions::{PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes};

use super::CData;
use super::index::not_indexed;
use crate::convert;
use crate::ctype::{self, CType};
use crate::slot::{Object, borrowed};
use crate::state::types;

/// Items from an address on.
struct Items<'a> {
    item: &'a Bound<'a, CType>,
    size: usize,
    start: *mut u8,
    count: isize,
}

pub(super) fn get(py: Python<'_>, cdata: &CData, slice: Object) -> PyResult<Object> {
    let items = items(py, cdata, slice)?;
    let array = ctype::of(py, types().array(items.item.get().id, None))?;
    super::reference(py, &array, items.start, items.count)
}

pub(super) fn set(py: Python<'_>, cdata: &CData, slice: Object, value: Object) -> PyResult<()> {
    let items = items(py, cdata, slice)?;
    if value.is_null() {
        return Err(PyTypeError::new_err("'del x[n]' not supported for cdata objects"));
    }
    let bytes = items.count as usize * items.size;
    if let Some(from) = CData::of(py, &value)
        && from.ctype().is_array()
        && from.ctype().item(py).is_some_and(|item| item.is(items.item))
        && from.array_length() == items.count
    {
        // SAFETY: as many items of the same type; Python code answers for what pointers point to.
        unsafe { items.start.copy_from(from.data, bytes) };
        return Ok(());
    }
    let value = borrowed(py, &value);
    if items.item.get().shape.form == Form::Char {
        if let Ok(text) = value.cast::<PyBytes>() {
            return copy(&items, text.as_bytes());
        }
        if let Ok(text) = value.cast::<PyByteArray>() {
            return copy(&items, &text.to_vec());
        }
    }
    store_each(py, &items, value)
}

fn copy(items: &Items, text: &[u8]) -> PyResult<()> {
    if text.len() as isize != items.count {
        let (want, found) = (items.count, text.len());
        let text = format!("need a string of length {want}, got {found}");
        return Err(PyValueError::new_err(text));
    }
    // SAFETY: as many characters; Python code answers for what pointers point to.
    unsafe { items.start.copy_from(text.as_ptr(), text.len()) };
    Ok(())
}

fn store_each(py: Python<'_>, items: &Items, values: &Bound<'_, PyAny>) -> PyResult<()> {
    let mut values = values.try_iter()?;
    let count = items.count;
    for index in 0..count {
        let Some(value) = values.next() else {
            let text = format!("need {count} values to unpack, got {index}");
            return Err(PyValueError::new_err(text));
        };
        let to = items.start.wrapping_add(index as usize * items.size);
        // SAFETY: Python code answers for what pointers point to, as in C.
        unsafe { convert::store(py, items.item.get(), to, value?.as_borrowed())? };
    }
    match values.next() {
        None => Ok(()),
        Some(more) => {
            more?;
            let text = format!("got more than {count} values to unpack");
            Err(PyValueError::new_err(text))
        }
    }
}

fn items<'a>(py: Python<'a>, cdata: &'a CData, slice: Object) -> PyResult<Items<'a>> {
    let slice = borrowed(py, &slice);
    let start = bound(slice, "start")?;
    let stop = bound(slice, "stop")?;
    if !slice.getattr("step")?.is_none() {
        return Err(PyIndexError::new_err("slice with step not supported"));
    }
    if start > stop {
        return Err(PyIndexError::new_err("slice start > stop"));
    }
    let ctype = cdata.ctype();
    match ctype.shape.form {
        Form::Array { .. } if start < 0 => return Err(PyIndexError::new_err("negative index")),
        Form::Array { .. } => {
            let length = cdata.array_length();
            if stop > length {
                let text = format!("index too large (expected {stop} <= {length})");
                return Err(PyIndexError::new_err(text));
            }
        }
        Form::Pointer(_) => {}
        _ => return Err(not_indexed(ctype)),
    }
    let item = ctype.item(py).ok_or_else(|| not_indexed(ctype))?;
    let size = ctype::sized(item.get())?;
    let count = stop.checked_sub(start).ok_or_else(|| PyIndexError::new_err("slice too long"))?;
    let offset = start.wrapping_mul(size as isize);
    Ok(Items { item, size, start: cdata.data.wrapping_offset(offset), count })
}

fn bound(slice: &Bound<'_, PyAny>, end: &str) -> PyResult<isize> {
    let bound = slice.getattr(end)?;
    if bound.is_none() {
        return Err(PyIndexError::new_err(format!("slice {end} must be specified")));
    }
    bound.extract()
}
