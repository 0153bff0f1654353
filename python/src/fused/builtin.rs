//! Functions as builtins: what `critical` gives. The interpreter calls builtins with less ado than other objects, and these
//! keep its lock during the call.

use std::ffi::{CString, c_int, c_void};
use std::sync::atomic::{AtomicU32, Ordering};

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;

use super::recipe::{self, Style};
use super::{Fused, PATIENCE};
use crate::call;
use crate::cdata::{CData, FunctionData, kinds};
use crate::slot::{Object, borrowed, checked, slot};

/// What a function is as a builtin. The function has it, and the builtin holds the function.
pub(crate) struct Builtin {
    definition: ffi::PyMethodDef,
    _name: CString,
    calls: AtomicU32,
}

/// The builtin of a function: calls it with the interpreter's lock kept. A new reference.
pub(crate) fn builtin(py: Python<'_>, function: Object) -> PyResult<Object> {
    // SAFETY: cdata of a function, with the interpreter's lock held.
    unsafe {
        let data = function.cast::<FunctionData>();
        if (*data).cdata.data.is_null() {
            return Err(PyTypeError::new_err(
                "a null pointer has no critical function",
            ));
        }
        if (*data).builtin.is_null() {
            let (made, entry) = Builtin::new(py, &*data)?;
            // That may have run Python code, which may have asked for the same.
            if (*data).builtin.is_null() {
                (*data).builtin_entry = entry;
                (*data).builtin = Box::into_raw(Box::new(made));
            }
        }
        let definition = &raw mut (*(*data).builtin).definition;
        checked(
            py,
            ffi::PyCFunction_NewEx(definition, function, std::ptr::null_mut()),
        )
    }
}

/// The cdata that a builtin made here stands for.
pub(crate) fn function_of(py: Python<'_>, object: Object) -> Option<Object> {
    // SAFETY: a living object; builtins have the layout.
    unsafe {
        if ffi::PyCFunction_CheckExact(object) == 0 {
            return None;
        }
        let builtin = object.cast::<ffi::PyCFunctionObject>();
        let function = (*builtin).m_self;
        if function.is_null() || ffi::Py_TYPE(function) != kinds(py).function {
            return None;
        }
        let own = (*function.cast::<FunctionData>()).builtin;
        let is_own = !own.is_null() && (*builtin).m_ml == &raw mut (*own).definition;
        is_own.then_some(function)
    }
}

impl Builtin {
    /// Also the entry that the function gets.
    fn new(py: Python<'_>, function: &FunctionData) -> PyResult<(Builtin, *const c_void)> {
        let ctype = function.cdata.ctype();
        let plan = ctype.plan(py)?;
        let name = match function.name.is_null() {
            true => ctype.name(),
            false => borrowed(py, &function.name).extract()?,
        };
        let name = CString::new(name).unwrap_or_default();
        let is_single = plan.caller().stub().is_some() && plan.params().len() == 1;
        let (through, entry, flags): (*const c_void, *const c_void, c_int) = match is_single {
            true => (single as _, slow_single as _, ffi::METH_O),
            // Also where there are none: the interpreter has a short way for this kind, and not for METH_NOARGS.
            false => (array as _, slow_array as _, ffi::METH_FASTCALL),
        };
        let definition = ffi::PyMethodDef {
            ml_name: name.as_ptr(),
            ml_meth: method(through),
            ml_flags: flags,
            ml_doc: std::ptr::null(),
        };
        let builtin = Builtin {
            definition,
            _name: name,
            calls: AtomicU32::new(0),
        };
        Ok((builtin, entry))
    }
}

fn method(entry: *const c_void) -> ffi::PyMethodDefPointer {
    // SAFETY: an address of a function, which the interpreter calls as the flags say, not as this type does.
    let function = unsafe { std::mem::transmute::<*const c_void, ffi::PyCFunction>(entry) };
    ffi::PyMethodDefPointer {
        PyCFunction: function,
    }
}

type Single = unsafe extern "C" fn(Object, Object) -> Object;
type Array = unsafe extern "C" fn(Object, *const Object, isize) -> Object;

/// What the interpreter calls, for ever: hashes and comparisons of builtins are of this address. A jump to the entry that the
/// function has by now.
unsafe extern "C" fn single(function: Object, argument: Object) -> Object {
    // SAFETY: the interpreter passes what the builtin was made with, whose entry is of the same kind.
    unsafe {
        let entry = (*function.cast::<FunctionData>()).builtin_entry;
        std::mem::transmute::<*const c_void, Single>(entry)(function, argument)
    }
}

/// As [`single`].
unsafe extern "C" fn array(function: Object, arguments: *const Object, count: isize) -> Object {
    // SAFETY: as above.
    unsafe {
        let entry = (*function.cast::<FunctionData>()).builtin_entry;
        std::mem::transmute::<*const c_void, Array>(entry)(function, arguments, count)
    }
}

/// `builtin(argument)` the general way.
pub(super) unsafe extern "C" fn slow_single(function: Object, argument: Object) -> Object {
    // SAFETY: the interpreter's promise.
    unsafe { slow_array(function, &argument, 1) }
}

/// `builtin(...)` the general way.
pub(super) unsafe extern "C" fn slow_array(
    function: Object,
    arguments: *const Object,
    count: isize,
) -> Object {
    // SAFETY: the interpreter passes as many arguments, and what the builtin was made with.
    unsafe {
        slot(|py| {
            let arguments = match count {
                0 => &[],
                _ => std::slice::from_raw_parts(arguments, count as usize),
            };
            promote(py, function, arguments);
            call::call_inside(py, &*function.cast::<CData>(), arguments)
        })
    }
}

/// Counts a call, and lets a stub be entered from now on if it is time.
///
/// # Safety
///
/// A function that is a builtin and is called with these arguments, with the interpreter's lock held.
unsafe fn promote(py: Python<'_>, function: Object, arguments: &[Object]) {
    super::probe::count_general();
    let data = function.cast::<FunctionData>();
    // SAFETY: the caller's promise; a builtin is not null.
    let (cdata, builtin) = unsafe { (&(*data).cdata, (*data).builtin) };
    let Ok(plan) = cdata.ctype().plan(py) else {
        return;
    };
    let use_stub = |fused: &Fused| {
        // SAFETY: as above; the stub and the classes are kept by the function's type.
        unsafe {
            (*data).builtin_classes = fused.classes.as_ptr();
            (*data).builtin_entry = fused.stub.entry();
        }
    };
    let fusing = plan.fusing();
    if plan.caller().stub().is_none() {
        return fusing
            .variadic
            .count(py, cdata, plan, arguments, Style::Builtin, use_stub);
    }
    // SAFETY: as above.
    let calls = unsafe { &(*builtin).calls };
    // At most one more is counted, and the last one asks for the stub.
    if calls.load(Ordering::Relaxed) > PATIENCE || calls.fetch_add(1, Ordering::Relaxed) < PATIENCE
    {
        return;
    }
    let compile = || recipe::compile(py, plan, Style::Builtin);
    if let Some(fused) = super::made_once(&fusing.builtin, compile) {
        use_stub(fused);
    }
}
