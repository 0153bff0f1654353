//! `for x in array`.

#![allow(unsafe_code)] // A slot, and C memory behind cdata.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::CData;
use crate::convert;
use crate::slot::{Object, slot};

/// The items of an array.
#[pyclass(module = "farcall")]
struct CDataIterator {
    array: Py<PyAny>,
    next: isize,
}

#[pymethods]
impl CDataIterator {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let array = self.array.as_ptr();
        let Some(array) = CData::of(py, &array) else {
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
}

pub(super) unsafe extern "C" fn iter(object: Object) -> Object {
    // SAFETY: a slot of cdata.
    unsafe {
        slot(|py| {
            let cdata = &*object.cast::<CData>();
            if !cdata.ctype().is_array() {
                let ty = cdata.ctype().name();
                let text = format!("cdata '{ty}' does not support iteration");
                return Err(PyTypeError::new_err(text));
            }
            let array = crate::slot::borrowed(py, &object).clone().unbind();
            Ok(Bound::new(py, CDataIterator { array, next: 0 })?.into_ptr())
        })
    }
}
