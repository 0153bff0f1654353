//! `p[i:j]` and `p[i:j] = x`.

#![allow(unsafe_code)] // C memory behind cdata.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::CData;
use crate::ctype;
use crate::errors::of as error;
use crate::host::PyHost;
use crate::slot::{Object, borrowed};
use crate::state::types;

pub(super) fn get(py: Python<'_>, cdata: &CData, slice: Object) -> PyResult<Object> {
    let slice = items(py, cdata, slice)?;
    let array = ctype::of(py, slice.ty(types()))?;
    super::reference(py, &array, slice.address, slice.length as isize)
}

pub(super) fn set(py: Python<'_>, cdata: &CData, slice: Object, value: Object) -> PyResult<()> {
    let slice = items(py, cdata, slice)?;
    if value.is_null() {
        return Err(PyTypeError::new_err(
            "'del x[n]' not supported for cdata objects",
        ));
    }
    let host = PyHost { py };
    // SAFETY: Python code answers for what pointers point to, as in C.
    unsafe { slice.assign(&host, host.see(&value))? };
    Ok(())
}

fn items(py: Python<'_>, cdata: &CData, slice: Object) -> PyResult<farcall::object::Slice> {
    let slice = borrowed(py, &slice);
    let (start, stop) = (bound(slice, "start")?, bound(slice, "stop")?);
    let has_step = !slice.getattr("step")?.is_none();
    cdata
        .object(py)
        .slice(types(), start, stop, has_step)
        .map_err(error)
}

fn bound(slice: &Bound<'_, PyAny>, end: &str) -> PyResult<Option<i64>> {
    let bound = slice.getattr(end)?;
    match bound.is_none() {
        true => Ok(None),
        false => Ok(Some(super::exact_index(bound.as_borrowed())? as i64)),
    }
}
