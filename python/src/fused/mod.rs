//! Calls without detours: machine code that CPython enters, compiled for each function type after a few calls.
//!
//! A function is called by `call::entry` until its type has been called a few times; then its entry becomes a fused stub
//! (see `farcall_jit`), which leaves for `call::entry` where an argument is not what it reads in place. What objects
//! look like is found out by looking at some ([`host`]); what does not look as expected is not read in place.

#![allow(unsafe_code)] // Functions of CPython are handed to machine code, and entries replaced.

mod builtin;
mod helpers;
mod host;
mod probe;
mod recipe;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use farcall::jit::FusedStub;
use pyo3::ffi;
use pyo3::prelude::*;

pub(crate) use builtin::{Builtin, builtin, function_of};
pub(crate) use probe::stats;

use crate::cdata::FunctionData;
use crate::slot::Object;
use recipe::Style;

/// Calls of a function type that are made the general way before code is compiled for it.
const PATIENCE: u32 = 3;

/// What a function type knows of its fused stubs.
#[derive(Default)]
pub(crate) struct Fusing {
    calls: AtomicU32,
    cdata: std::sync::OnceLock<Option<Fused>>,
    builtin: std::sync::OnceLock<Option<Fused>>,
}

/// A stub, and what it finds in the functions that it is for.
pub(crate) struct Fused {
    stub: Arc<FusedStub>,
    /// The class that each argument must have.
    classes: Box<[i32]>,
}

/// Counts a call made the general way, and lets the function be called by a stub from now on if it is time.
#[inline]
pub(crate) fn promote(py: Python<'_>, function: Object) {
    // SAFETY: a function whose entry is the general one, with the interpreter's lock held.
    unsafe {
        let data = function.cast::<FunctionData>();
        let entry = (*data).entry.map_or(0, |entry| entry as usize);
        if entry == crate::call::entry as *const () as usize {
            replace_entry(py, data);
        }
    }
}

/// # Safety
///
/// As [`promote`].
#[cold]
unsafe fn replace_entry(py: Python<'_>, data: *mut FunctionData) {
    // SAFETY: the caller's promise.
    let function = unsafe { &*data };
    let ctype = function.cdata.ctype();
    if function.cdata.data.is_null() {
        return;
    }
    let Ok(plan) = ctype.plan(py) else {
        return;
    };
    if !plan.fusing().is_due() {
        return;
    }
    let style = Style::Cdata;
    let fused = plan
        .fusing()
        .cdata
        .get_or_init(|| recipe::compile(py, plan, style));
    let Some(fused) = fused else {
        return;
    };
    // SAFETY: the entry is of this type; the stub, its type's, lives as long as the function, and reads the classes there.
    unsafe {
        let entry =
            std::mem::transmute::<*const std::ffi::c_void, ffi::vectorcallfunc>(fused.stub.entry());
        (*data).classes = fused.classes.as_ptr();
        (*data).entry = Some(entry);
    }
}

impl Fusing {
    fn is_due(&self) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed) >= PATIENCE
    }
}
