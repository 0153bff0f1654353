//! The native module of the Python package `farcall`.
//!
//! What C types, declarations and conversions mean is decided by the `farcall` crate. Here is what is Python's: the type
//! objects and their slots, and how Python's objects are read and made.
//!
//! ```text
//!   ffi/       farcall.FFI: declarations, and the functions of its interface
//!   library    what dlopen() gives: functions, variables and constants as attributes
//!   ctype/     CType objects, one for each type of the process's one type table
//!   cdata/     cdata objects: layout in memory, and one file for each of their protocols
//!   convert    Python's objects to C memory and back
//!   call       calls of C functions
//!   fused/     the same by machine code that CPython enters
//!   callback   C functions that call Python
//!   thread     threads that C calls from, and the end of the interpreter
//!   release    letting go of references
//! ```

mod buffer;
mod call;
mod callback;
mod cdata;
mod convert;
mod ctype;
mod errors;
mod ffi;
mod file;
mod fused;
mod host;
mod library;
mod release;
mod slot;
mod state;
mod thread;

use pyo3::prelude::*;

/// What `farcall/__init__.py` takes from here.
// What it has in common between threads is guarded by the interpreter's lock.
#[pymodule(gil_used = true)]
mod _farcall {
    use super::*;

    #[pymodule_export]
    use crate::buffer::Buffer;
    #[pymodule_export]
    use crate::ctype::{CField, CType};
    #[pymodule_export]
    use crate::ffi::Ffi;

    /// What machine code for calls has done, for tests.
    #[pyfunction]
    fn _fused_stats(py: Python<'_>) -> PyResult<Bound<'_, pyo3::types::PyDict>> {
        let (direct, general) = callback::counts();
        let stats = fused::stats(py)?;
        stats.set_item("callbacks", direct)?;
        stats.set_item("general callbacks", general)?;
        Ok(stats)
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        state::refuse_sub_interpreters()?;
        thread::watch_end(module)?;
        cdata::Kinds::make(py)?;
        ffi::finish(py)?;
        cdata::seal(&py.get_type::<Buffer>());
        cdata::seal(&py.get_type::<CField>());
        cdata::seal(&py.get_type::<CType>());
        cdata::seal(&py.get_type::<Ffi>());
        module.add("CData", cdata::kinds(py).base(py))?;
        module.add("Lib", library::class(py)?)?;
        fused::look(py);
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        errors::add_to(module)
    }
}
