//! `ffi.init_once`.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::Ffi;

/// The result of `func()`, called once for the tag. The dictionary has a lock for the tag, and then a tuple with the result.
pub(super) fn init_once<'py>(
    ffi: &Ffi,
    func: &Bound<'py, PyAny>,
    tag: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = func.py();
    let known = ffi.once.bind(py);
    if let Some(state) = known.get_item(tag)?
        && let Ok(done) = state.cast_into::<PyTuple>()
    {
        return done.get_item(0);
    }
    let lock = py.import("threading")?.call_method0("Lock")?;
    let state = known.call_method1("setdefault", (tag, lock))?;
    if let Ok(done) = state.cast::<PyTuple>() {
        return done.get_item(0);
    }
    state.call_method0("acquire")?;
    let result = under_lock(ffi, func, tag);
    state.call_method0("release")?;
    result
}

fn under_lock<'py>(
    ffi: &Ffi,
    func: &Bound<'py, PyAny>,
    tag: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = func.py();
    let known = ffi.once.bind(py);
    // Another thread may have been quicker.
    if let Some(state) = known.get_item(tag)?
        && let Ok(done) = state.cast_into::<PyTuple>()
    {
        return done.get_item(0);
    }
    let result = func.call0()?;
    known.set_item(tag, (&result,))?;
    Ok(result)
}
