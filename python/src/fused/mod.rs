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
mod variadic;

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use farcall::jit::FusedStub;
use pyo3::ffi;
use pyo3::prelude::*;

pub(crate) use builtin::{Builtin, builtin, function_of};
pub(crate) use helpers::{from_bool, from_char};
pub(crate) use probe::{is_off, stats};

use crate::cdata::FunctionData;
use crate::slot::Object;
use recipe::Style;
use variadic::Variadic;

/// Calls of a function type that are made the general way before code is compiled for it.
const PATIENCE: u32 = 3;

/// Looks at the interpreter's objects, for the module when it is made.
pub(crate) fn look(py: Python<'_>) {
    host::host(py, Style::Cdata);
}

/// What a function type knows of its fused stubs.
#[derive(Default)]
pub(crate) struct Fusing {
    calls: AtomicU32,
    cdata: OnceLock<Option<Fused>>,
    builtin: OnceLock<Option<Fused>>,
    variadic: Variadic,
}

/// A stub, and what it finds in the functions that it is for.
pub(crate) struct Fused {
    stub: Arc<FusedStub>,
    /// The class that each argument must have.
    classes: Box<[i32]>,
}

/// Counts a call made the general way, and lets the function be called by a stub from now on if it is time.
///
/// # Safety
///
/// Cdata of a function, which is called with these arguments.
pub(crate) unsafe fn promote(py: Python<'_>, function: Object, arguments: &[Object]) {
    probe::count_general();
    let data = function.cast::<FunctionData>();
    // SAFETY: the caller's promise.
    let cdata = unsafe { &(*data).cdata };
    let Ok(plan) = cdata.ctype().plan(py) else {
        return;
    };
    if cdata.data.is_null() {
        return;
    }
    let use_stub = |fused: &Fused| {
        // SAFETY: the entry is of this type; the stub and the classes are kept by the function's type.
        unsafe {
            let entry = fused.stub.entry();
            (*data).classes = fused.classes.as_ptr();
            (*data).entry = Some(std::mem::transmute::<*const c_void, ffi::vectorcallfunc>(
                entry,
            ));
        }
    };
    let fusing = plan.fusing();
    if plan.caller().stub().is_none() {
        return fusing
            .variadic
            .count(py, cdata, plan, arguments, Style::Cdata, use_stub);
    }
    // SAFETY: the caller's promise.
    let entry = unsafe { (*data).entry }.map_or(0, |entry| entry as usize);
    if entry == crate::call::entry as *const () as usize && fusing.is_due() {
        let compile = || recipe::compile(py, plan, Style::Cdata);
        if let Some(fused) = made_once(&fusing.cdata, compile) {
            use_stub(fused);
        }
    }
}

/// The stub of a cell, made if there is none yet. No other thread waits while it is made, for looking at objects may let
/// others take the interpreter's lock, and who waits holds it. Two that make it at once get the same one from the engine.
fn made_once(
    cell: &OnceLock<Option<Fused>>,
    make: impl FnOnce() -> Option<Fused>,
) -> Option<&Fused> {
    if cell.get().is_none() {
        let made = make();
        // Whoever was quicker has set it, and perhaps uses it already.
        let _ = cell.set(made);
    }
    cell.get()?.as_ref()
}

impl Fusing {
    fn is_due(&self) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed) >= PATIENCE
    }
}
