//! `cdata(...)` for cdata that CPython does not enter by itself.

#![allow(unsafe_code)] // A slot.

use pyo3::ffi;

use super::CData;
use crate::call::{call as call_function, no_keywords};
use crate::slot::{Object, slot};

pub(super) unsafe extern "C" fn call(object: Object, arguments: Object, names: Object) -> Object {
    // SAFETY: a slot of cdata, with a tuple and perhaps a dictionary.
    unsafe {
        slot(|py| {
            let function = &*object.cast::<CData>();
            let is_function = function.ctype().is_function();
            if is_function && !names.is_null() && ffi::PyDict_Size(names) > 0 {
                return Err(no_keywords());
            }
            let count = ffi::PyTuple_Size(arguments);
            let arguments: Vec<Object> = (0..count)
                .map(|index| ffi::PyTuple_GET_ITEM(arguments, index))
                .collect();
            call_function(py, function, &arguments)
        })
    }
}
