//! What the whole process shares: one type table, so that types are the same in every `FFI`.

#![allow(unsafe_code)] // Asks the interpreter which one it is.

use std::sync::OnceLock;

use farcall::Ffi;
use farcall::ctype::TypeTable;
use pyo3::exceptions::PyImportError;
use pyo3::{PyResult, ffi};

/// The `Ffi` whose siblings all others are.
pub(crate) fn root() -> &'static Ffi {
    static ROOT: OnceLock<Ffi> = OnceLock::new();
    ROOT.get_or_init(Ffi::new)
}

/// The objects of types are the process's, and objects of one interpreter must not be used in another.
pub(crate) fn refuse_sub_interpreters() -> PyResult<()> {
    // SAFETY: asks for addresses, with the interpreter's lock held.
    let is_main = unsafe { ffi::PyInterpreterState_Get() == ffi::PyInterpreterState_Main() };
    match is_main {
        true => Ok(()),
        false => Err(PyImportError::new_err(
            "farcall does not support subinterpreters: import it in the main interpreter",
        )),
    }
}

/// The one type table.
pub(crate) fn types() -> &'static TypeTable {
    root().types()
}
