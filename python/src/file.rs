//! Python's files where C wants a `FILE *`.

#![allow(unsafe_code)] // The C library's files.

use std::ffi::{CStr, CString, c_int, c_void};

use farcall::ctype::CType as Node;
use farcall::shape::Form;
use pyo3::exceptions::PyOSError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::cdata::CData;
use crate::ctype::CType;
use crate::slot::{Object, borrowed, checked};
use crate::state::types;

/// Whether the type is `FILE *`.
pub(crate) fn is_file(ctype: &CType) -> bool {
    let Form::Pointer(target) = ctype.shape.form else {
        return false;
    };
    match types().get(types().plain(target)) {
        Node::Record(id) => {
            let tag = &*types().record(id).tag;
            tag == "FILE" || tag == "_IO_FILE" || tag == "$FILE"
        }
        _ => false,
    }
}

/// The `FILE *` of a file of Python's, as cdata; None for any other object.
pub(crate) fn convert<'py>(
    py: Python<'py>,
    ctype: &Bound<'py, CType>,
    object: &Object,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    if CData::of(py, object).is_some() {
        return Ok(None);
    }
    let file = borrowed(py, object);
    if !file.is_instance(&py.import("io")?.getattr("IOBase")?)? {
        return Ok(None);
    }
    let stream = stream(file)?;
    let made = crate::cdata::reference(py, ctype, stream.cast(), -1)?;
    Ok(Some(crate::slot::owned(py, made)))
}

/// The name of the capsule, and of the attribute that keeps it.
const CAPSULE: &CStr = c"farcall.FILE";
const ATTRIBUTE: &str = "__farcall_FILE";

/// A stream of its own on the same file, without a buffer, closed with Python's.
fn stream(file: &Bound<'_, PyAny>) -> PyResult<*mut libc::FILE> {
    let py = file.py();
    file.call_method0("flush")?;
    if let Ok(capsule) = file.getattr(ATTRIBUTE) {
        // SAFETY: a living object; the capsule's name is compared.
        let stream = unsafe { ffi::PyCapsule_GetPointer(capsule.as_ptr(), CAPSULE.as_ptr()) };
        return match stream.is_null() {
            true => Err(PyErr::fetch(py)),
            false => Ok(stream.cast()),
        };
    }
    let number: c_int = file.call_method0("fileno")?.extract()?;
    let mode = file.getattr("mode")?.cast_into::<PyString>()?;
    let mode = CString::new(mode.to_str()?)?;
    // SAFETY: the number of an open file; the stream owns its duplicate.
    unsafe {
        let own = libc::dup(number);
        let stream = if own < 0 {
            std::ptr::null_mut()
        } else {
            libc::fdopen(own, mode.as_ptr())
        };
        if stream.is_null() {
            let error = std::io::Error::last_os_error();
            if own >= 0 {
                libc::close(own);
            }
            return Err(PyOSError::new_err(error.to_string()));
        }
        libc::setvbuf(stream, std::ptr::null_mut(), libc::_IONBF, 0);
        let capsule = ffi::PyCapsule_New(stream.cast(), CAPSULE.as_ptr(), Some(close));
        let capsule = Bound::from_owned_ptr(py, checked(py, capsule)?);
        file.setattr(ATTRIBUTE, capsule)?;
        Ok(stream)
    }
}

unsafe extern "C" fn close(capsule: Object) {
    // SAFETY: the capsule of a stream, whose last holder is gone.
    unsafe {
        let stream: *mut c_void = ffi::PyCapsule_GetPointer(capsule, CAPSULE.as_ptr());
        if !stream.is_null() {
            libc::fclose(stream.cast());
        }
    }
}
