//! `ffi.new_allocator`.

#![allow(unsafe_code)] // Memory that others have made is initialised.

use farcall::convert;
use pyo3::exceptions::{PyMemoryError, PyTypeError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use super::{Ffi, Role, host, memory};
use crate::cdata::{self, CData, Keeping};
use crate::host::type_name;
use crate::release::release_owned;

/// A function that makes memory.
#[pyclass(frozen, module = "farcall._farcall")]
struct Allocator {
    ffi: Py<Ffi>,
    alloc: Option<Py<PyAny>>,
    free: Option<Py<PyAny>>,
    clear: bool,
}

impl Drop for Allocator {
    fn drop(&mut self) {
        for held in [&mut self.alloc, &mut self.free] {
            // SAFETY: objects go with the interpreter's lock held.
            unsafe { release_owned(held) };
        }
    }
}

/// The allocator.
pub(super) fn make<'py>(
    ffi: &Bound<'py, Ffi>,
    alloc: Option<Bound<'py, PyAny>>,
    free: Option<Bound<'py, PyAny>>,
    clear: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let given =
        |function: Option<Bound<'py, PyAny>>| function.filter(|function| !function.is_none());
    let (alloc, free) = (given(alloc), given(free));
    if alloc.is_none() && free.is_some() {
        return Err(PyTypeError::new_err("cannot pass 'free' without 'alloc'"));
    }
    let allocator = Allocator {
        ffi: ffi.clone().unbind(),
        alloc: alloc.map(Bound::unbind),
        free: free.map(Bound::unbind),
        clear,
    };
    Ok(Bound::new(ffi.py(), allocator)?.into_any())
}

#[pymethods]
impl Allocator {
    // What it holds never changes, so that no cycle consists of such objects alone: the others are taken apart.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.ffi)?;
        visit.call(&self.alloc)?;
        visit.call(&self.free)
    }

    #[pyo3(signature = (cdecl, init = None))]
    fn __call__<'py>(
        &self,
        cdecl: &Bound<'py, PyAny>,
        init: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = cdecl.py();
        let ctype = self.ffi.get().ctype(cdecl, Role::Argument("allocator"))?;
        let Some(alloc) = &self.alloc else {
            let made = memory::new_cleared(py, &ctype, init, self.clear)?;
            return Ok(crate::slot::owned(py, made));
        };
        let init = init.filter(|init| !init.is_none());
        let plan = convert::plan_new(
            &host(py),
            &ctype.get().shape,
            init.map(|init| init.as_borrowed()),
        )?;
        let origin = alloc.bind(py).call1((plan.size,))?;
        let address = address_of(&origin)?;
        if self.clear {
            // SAFETY: `alloc` was asked for so many bytes, and Python code answers for it.
            unsafe { address.write_bytes(0, plan.size as usize) };
        }
        let length = plan.length.or_else(|| memory::flexible_size(&plan));
        let keeping = Keeping::Destructor {
            origin: origin.into_ptr(),
            destructor: self
                .free
                .as_ref()
                .map_or(std::ptr::null_mut(), |free| free.clone_ref(py).into_ptr()),
            allocated: true,
        };
        let length = length.map_or(-1, |length| length as isize);
        let made = cdata::keep(py, &ctype, address, length, keeping)?;
        let made = crate::slot::owned(py, made);
        if plan.initialise
            && let Some(init) = init
        {
            // SAFETY: as above.
            unsafe {
                convert::store(
                    &host(py),
                    &plan.stored,
                    address,
                    plan.size,
                    init.as_borrowed(),
                )?;
            }
        }
        Ok(made)
    }
}

/// What `alloc` has returned.
fn address_of(returned: &Bound<'_, PyAny>) -> PyResult<*mut u8> {
    let object = returned.as_ptr();
    let Some(cdata) = CData::of(returned.py(), &object) else {
        let found = type_name(returned);
        let text = format!("alloc() must return a cdata object (got {found})");
        return Err(PyTypeError::new_err(text));
    };
    let ctype = cdata.ctype();
    if !ctype.is_pointer() && !ctype.is_array() {
        let text = format!(
            "alloc() must return a cdata pointer, not '{}'",
            ctype.name()
        );
        return Err(PyTypeError::new_err(text));
    }
    if cdata.data.is_null() {
        return Err(PyMemoryError::new_err("alloc() returned NULL"));
    }
    Ok(cdata.data)
}
