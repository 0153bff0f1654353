//! What Python's objects are.

#![allow(unsafe_code)] // Objects are looked into by the interpreter's own macros.

use farcall::host::Integer;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::errors::Raised;

/// A Python integer of any size.
pub(super) fn integer_of(value: &Bound<'_, PyAny>) -> Result<Integer, Raised> {
    if let Some(small) = small(value) {
        return Ok(Integer::Small(small));
    }
    if let Ok(wide) = value.extract::<i128>() {
        return Ok(wide.into());
    }
    if let Ok(wide) = value.extract::<u128>() {
        return Ok(wide.into());
    }
    let negative = value.lt(0)?;
    Ok(Integer::Beyond { negative })
}

/// A Python integer of 64 bits.
#[inline]
pub(super) fn small(value: &Bound<'_, PyAny>) -> Option<i64> {
    // SAFETY: a living object, checked to be an integer; overflow sets no exception.
    unsafe {
        if ffi::PyLong_Check(value.as_ptr()) == 0 {
            return None;
        }
        let mut overflow = 0;
        let small = ffi::PyLong_AsLongLongAndOverflow(value.as_ptr(), &mut overflow);
        (overflow == 0).then_some(small)
    }
}

/// Whether an object has a conversion to an integer (`nb_int`).
pub(super) fn has_int(value: &Bound<'_, PyAny>) -> bool {
    // SAFETY: a living object, whose type may have number methods.
    unsafe {
        let numbers = (*ffi::Py_TYPE(value.as_ptr())).tp_as_number;
        !numbers.is_null() && (*numbers).nb_int.is_some()
    }
}

/// The name of an object's type, as errors call it.
pub(crate) fn type_name(value: &Bound<'_, PyAny>) -> String {
    // SAFETY: a living object; the names of types end with NUL.
    unsafe {
        let name = (*ffi::Py_TYPE(value.as_ptr())).tp_name;
        std::ffi::CStr::from_ptr(name)
            .to_string_lossy()
            .into_owned()
    }
}
