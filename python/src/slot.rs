//! The way in from CPython: the bodies of type slots.

#![allow(unsafe_code)] // Slots are entered with the interpreter's lock held, which no type says.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PySystemError;
use pyo3::{PyErr, PyResult, Python, ffi};

/// A pointer to a Python object, as slots take and give it.
pub(crate) type Object = *mut ffi::PyObject;

/// What a slot returns when an exception is set.
pub(crate) trait Failure {
    const FAILURE: Self;
}

impl Failure for Object {
    const FAILURE: Object = std::ptr::null_mut();
}

impl Failure for std::ffi::c_int {
    const FAILURE: Self = -1;
}

impl Failure for isize {
    const FAILURE: Self = -1;
}

/// Performs a slot: what it raises is set as the interpreter's exception, and a panic goes no further.
///
/// # Safety
///
/// The calling thread holds the interpreter's lock.
#[inline]
pub(crate) unsafe fn slot<T: Failure>(body: impl FnOnce(Python<'_>) -> PyResult<T>) -> T {
    // SAFETY: the caller's promise.
    let py = unsafe { Python::assume_attached() };
    match catch_unwind(AssertUnwindSafe(|| body(py))) {
        Ok(Ok(value)) => value,
        Ok(Err(error)) => {
            raise(py, error);
            T::FAILURE
        }
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().copied();
            let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            let text = text.unwrap_or("a panic").to_owned();
            raise(py, PySystemError::new_err(text));
            T::FAILURE
        }
    }
}

/// Sets the interpreter's exception. pyo3 puts off what is dropped while it does not know that the lock is held; here it
/// is told, and gives back what it has put off.
#[cold]
pub(crate) fn raise(py: Python<'_>, error: PyErr) {
    attached(py, |py| error.restore(py));
}

/// Does something with pyo3 knowing that the lock is held.
pub(crate) fn attached(py: Python<'_>, act: impl FnOnce(Python<'_>)) {
    let mut act = Some(act);
    let done = Python::try_attach(|py| act.take().map(|act| act(py)));
    // While the interpreter ends, pyo3 does not attach.
    if done.is_none()
        && let Some(act) = act
    {
        act(py);
    }
}

/// The exception that an API function has just set.
pub(crate) fn raised(py: Python<'_>) -> PyErr {
    PyErr::fetch(py)
}

/// The new reference that an API function gave, or what it raised.
#[inline]
pub(crate) fn checked(py: Python<'_>, object: Object) -> PyResult<Object> {
    if object.is_null() {
        return Err(raised(py));
    }
    Ok(object)
}

/// An object that a slot was handed, for the API of pyo3.
#[inline]
pub(crate) fn borrowed<'a, 'py>(
    py: Python<'py>,
    object: &'a Object,
) -> &'a pyo3::Bound<'py, pyo3::PyAny> {
    // SAFETY: slots are handed living objects.
    unsafe { pyo3::Bound::ref_from_ptr(py, object) }
}

/// A new reference that was made here.
#[inline]
pub(crate) fn owned(py: Python<'_>, object: Object) -> pyo3::Bound<'_, pyo3::PyAny> {
    // SAFETY: functions of this crate give new references.
    unsafe { pyo3::Bound::from_owned_ptr(py, object) }
}
