//! `for x in array`.

#![allow(unsafe_code)] // A slot, and C memory behind cdata.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use super::CData;
use crate::convert;
use crate::errors::of as error;
use crate::release::release_owned;
use crate::slot::{Object, slot};
use crate::state::types;

/// The items of an array.
#[pyclass(module = "farcall")]
struct CDataIterator {
    /// Always there until the end.
    array: Option<Py<PyAny>>,
    next: isize,
}

impl Drop for CDataIterator {
    fn drop(&mut self) {
        // SAFETY: objects go with the interpreter's lock held.
        unsafe { release_owned(&mut self.array) };
    }
}

#[pymethods]
impl CDataIterator {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let array = self.array.as_ref().map(Py::as_ptr);
        let Some(array) = array.as_ref().and_then(|array| CData::of(py, array)) else {
            return Ok(None);
        };
        if self.next >= array.array_length() {
            return Ok(None);
        }
        let Some(item) = array.ctype().item(py) else {
            return Ok(None);
        };
        let size = crate::ctype::sized(item.get())?;
        let from = array.data.wrapping_add(self.next as usize * size);
        self.next += 1;
        // SAFETY: inside of the array; Python code answers for what pointers point to.
        let value = crate::slot::owned(py, unsafe { convert::load(py, item, from)? }).unbind();
        Ok(Some(value))
    }

    // The array never changes, so that no cycle consists of such objects alone: the others are taken apart.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.array)
    }
}

pub(super) unsafe extern "C" fn iter(object: Object) -> Object {
    // SAFETY: a slot of cdata.
    unsafe {
        slot(|py| {
            let cdata = &*object.cast::<CData>();
            cdata.object(py).iterated(types()).map_err(error)?;
            let array = Some(crate::slot::borrowed(py, &object).clone().unbind());
            Ok(Bound::new(py, CDataIterator { array, next: 0 })?.into_ptr())
        })
    }
}
