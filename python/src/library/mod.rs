//! What `ffi.dlopen` gives: a library, whose functions, variables and constants are attributes.
//!
//! A name is looked up when it is first asked for. Functions and constants then stay in the object's dictionary, where they
//! are found without asking anybody else; variables are read each time.

#![allow(unsafe_code)] // A hand-made type, and symbols of libraries.

mod handle;

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use farcall::cdef::{self, Declaration, Origin};
use farcall::ctype::CType as Node;
use pyo3::exceptions::{
    PyAttributeError, PyKeyError, PyNotImplementedError, PyTypeError, PyValueError,
};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyString};

pub(crate) use handle::Handle;

use crate::cdata;
use crate::convert;
use crate::ctype::{self, CType};
use crate::errors::{CDefError, VerificationMissing, of as error};
use crate::ffi::Ffi;
use crate::host::PyHost;
use crate::slot::{Object, borrowed, checked, slot};
use crate::state::types;

/// Lets go of what [`function`] holds.
///
/// # Safety
///
/// `keep` is null, or from [`Arc::into_raw`] of a handle.
pub(crate) unsafe fn let_go(keep: *const c_void) {
    if !keep.is_null() {
        // SAFETY: the caller's promise.
        drop(unsafe { Arc::from_raw(keep.cast::<Handle>()) });
    }
}

/// The object.
#[repr(C)]
pub(crate) struct Library {
    _head: UnsafeCell<ffi::PyObject>,
    /// What has been looked up.
    dict: Object,
    weak: UnsafeCell<Object>,
    /// The FFI whose declarations these are, held.
    ffi: Object,
    state: Option<Box<State>>,
}

struct State {
    ffi: farcall::Ffi,
    name: String,
    /// Whether its functions are builtins, which keep the interpreter's lock.
    critical: AtomicBool,
    /// None once it has been closed.
    handle: Mutex<Option<Arc<Handle>>>,
}

struct LibraryType(*mut ffi::PyTypeObject);

// SAFETY: a type object that is never freed.
unsafe impl Send for LibraryType {}
// SAFETY: as above.
unsafe impl Sync for LibraryType {}

static TYPE: PyOnceLock<LibraryType> = PyOnceLock::new();

/// The type of libraries: `Lib`.
fn library_type(py: Python<'_>) -> PyResult<*mut ffi::PyTypeObject> {
    let made = TYPE.get_or_try_init(py, || {
        let made = cdata::Made::new_type(
            c"farcall.Lib",
            size_of::<Library>(),
            std::mem::offset_of!(Library, weak),
        );
        let made = made
            .slot(ffi::Py_tp_dealloc, dealloc as *mut c_void)
            .slot(ffi::Py_tp_traverse, traverse as *mut c_void)
            .slot(ffi::Py_tp_clear, clear as *mut c_void)
            .collected()
            .slot(ffi::Py_tp_new, cdata::refuse_new as *mut c_void)
            .slot(ffi::Py_tp_repr, repr as *mut c_void)
            .slot(ffi::Py_tp_getattro, get as *mut c_void)
            .slot(ffi::Py_tp_setattro, set as *mut c_void)
            .slot(ffi::Py_tp_methods, METHODS.0.as_ptr().cast_mut().cast());
        Ok::<_, PyErr>(LibraryType(made.make(py, std::ptr::null_mut())?))
    })?;
    Ok(made.0)
}

/// As [`library_type`], for Python.
pub(crate) fn class(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let ty = library_type(py)?.cast();
    Ok(borrowed(py, &ty).clone())
}

/// A new library object.
pub(crate) fn new<'py>(
    py: Python<'py>,
    ffi: &Bound<'py, Ffi>,
    name: String,
    handle: Handle,
) -> PyResult<Bound<'py, PyAny>> {
    let ty = library_type(py)?;
    // Making objects may run the collector, and with it Python code, which finds all objects that there are.
    let dict = PyDict::new(py);
    // SAFETY: makes an object of zeros, whose parts are set before anything else runs.
    unsafe {
        let object = checked(py, ffi::PyType_GenericAlloc(ty, 0))?;
        let library = object.cast::<Library>();
        (*library).dict = dict.into_ptr();
        (*library).ffi = ffi.clone().into_ptr();
        let critical = AtomicBool::new(false);
        let state = State {
            ffi: ffi.get().inner.clone(),
            name,
            critical,
            handle: Mutex::new(Some(Arc::new(handle))),
        };
        std::ptr::write(&raw mut (*library).state, Some(Box::new(state)));
        Ok(Bound::from_owned_ptr(py, object))
    }
}

/// The library that an object is, if it is one.
pub(crate) fn of<'a>(py: Python<'_>, object: &'a Bound<'_, PyAny>) -> Option<&'a Library> {
    let ty = TYPE.get(py)?.0;
    // SAFETY: a living object; those of the type have the layout.
    unsafe { (ffi::Py_TYPE(object.as_ptr()) == ty).then(|| &*object.as_ptr().cast::<Library>()) }
}

impl Library {
    fn state(&self) -> PyResult<&State> {
        self.state
            .as_deref()
            .ok_or_else(|| PyTypeError::new_err("no library"))
    }

    /// Makes builtins of its functions, which keep the interpreter's lock.
    pub(crate) fn make_critical(&self) -> PyResult<()> {
        self.state()?.critical.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Closes it. Functions that are still held keep it open.
    pub(crate) fn close(&self) -> PyResult<()> {
        let state = self.state()?;
        let handle = state
            .handle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // SAFETY: the library's own dictionary.
        unsafe { ffi::PyDict_Clear(self.dict) };
        drop(handle);
        Ok(())
    }

    /// A pointer to a variable, or a function.
    pub(crate) fn address_of(&self, py: Python<'_>, name: &str) -> PyResult<Object> {
        let state = self.state()?;
        match state.ffi.declarations().get(name) {
            Some(Declaration::Function(function)) => state.function(py, name, function),
            Some(Declaration::Variable(variable)) => {
                let handle = state.handle()?;
                let symbol = variable.symbol.as_deref().unwrap_or(name);
                let address = handle
                    .symbol(symbol)
                    .map_err(|reason| state.no_symbol(symbol, &reason))?;
                let ctype = ctype::of(py, variable.ty)?;
                // An array is its own address, as cffi has it.
                if ctype.get().is_array() {
                    return cdata::referring(py, &ctype, address, -1);
                }
                cdata::reference(py, &ctype::pointer_to(py, variable.ty)?, address, -1)
            }
            _ => Err(PyAttributeError::new_err(name.to_owned())),
        }
    }
}

impl State {
    fn handle(&self) -> PyResult<Arc<Handle>> {
        let handle = self
            .handle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        handle.ok_or_else(|| {
            PyValueError::new_err(format!("library '{}' has already been closed", self.name))
        })
    }

    fn function(&self, py: Python<'_>, name: &str, function: &cdef::Function) -> PyResult<Object> {
        let ctype = ctype::pointer_to(py, function.ty)?;
        let called = Some(&PyString::intern(py, name));
        if function.origin != Origin::Library {
            let function = self.ffi.extern_function(name).map_err(error)?;
            crate::callback::attach_default(function);
            return cdata::function(
                py,
                &ctype,
                function.code().cast_mut().cast(),
                std::ptr::null(),
                called,
            );
        }
        let handle = self.handle()?;
        let symbol = function.symbol.as_deref().unwrap_or(name);
        let address = handle
            .symbol(symbol)
            .map_err(|reason| self.no_symbol(symbol, &reason))?;
        cdata::function(py, &ctype, address, Arc::into_raw(handle).cast(), called)
    }

    fn no_symbol(&self, symbol: &str, reason: &str) -> PyErr {
        let library = &self.name;
        PyAttributeError::new_err(format!(
            "function/symbol '{symbol}' not found in library '{library}': {reason}"
        ))
    }

    /// The address of a variable, and what keeps the library open while it is read or written: conversions run Python code,
    /// which may close the library.
    fn variable(&self, name: &str, variable: &cdef::Variable) -> PyResult<(*mut u8, Arc<Handle>)> {
        let symbol = variable.symbol.as_deref().unwrap_or(name);
        let handle = self.handle()?;
        let address = handle.symbol(symbol).map_err(|reason| {
            let library = &self.name;
            PyKeyError::new_err(format!(
                "variable '{symbol}' not found in library '{library}': {reason}"
            ))
        })?;
        Ok((address, handle))
    }
}

unsafe extern "C" fn get(object: Object, name: Object) -> Object {
    // SAFETY: a slot of the type.
    unsafe {
        let found = ffi::PyDict_GetItemWithError((*object.cast::<Library>()).dict, name);
        if !found.is_null() {
            ffi::Py_INCREF(found);
            return found;
        }
        // A name of a class of its own may fail to compare.
        if !ffi::PyErr_Occurred().is_null() {
            return ptr::null_mut();
        }
        slot(|py| look_up(py, object, name))
    }
}

/// No name in C has half a character (a lone surrogate).
fn text_of<'a>(name: &'a Bound<'_, PyString>) -> PyResult<&'a str> {
    let missing = |_| PyAttributeError::new_err(name.clone().unbind());
    name.to_str().map_err(missing)
}

#[cold]
fn look_up(py: Python<'_>, object: Object, name: Object) -> PyResult<Object> {
    // SAFETY: an object of the type.
    let library = unsafe { &*object.cast::<Library>() };
    let key = borrowed(py, &name).cast::<PyString>()?;
    let name = text_of(key)?;
    let state = library.state()?;
    let declarations = state.ffi.declarations();
    let value = match declarations.get(name) {
        Some(Declaration::Function(function)) => {
            let made = state.function(py, name, function)?;
            match state.critical.load(Ordering::Relaxed) && function.origin == Origin::Library {
                // The builtin holds the cdata.
                true => crate::fused::builtin(py, crate::slot::owned(py, made).as_ptr())?,
                false => made,
            }
        }
        Some(Declaration::Variable(variable)) => {
            if let Node::Deferred(_) = types().get(variable.ty) {
                let ty = types().spelling(variable.ty).replace("[...]", "[/*...*/]");
                let text = format!("cannot render the type <{ty}>: unknown length");
                return Err(CDefError::new_err(text));
            }
            let (address, _open) = state.variable(name, variable)?;
            let ctype = ctype::of(py, variable.ty)?;
            // SAFETY: the declaration is that of the symbol, for which Python code answers.
            return unsafe { convert::load(py, &ctype, address) };
        }
        Some(Declaration::Constant(constant)) => constant_value(py, &declarations, name, constant)?,
        _ => {
            // SAFETY: a living object and a string.
            let found = unsafe { ffi::PyObject_GenericGetAttr(object, key.as_ptr()) };
            if found.is_null() && name == "__dict__" {
                // SAFETY: the library's own dictionary.
                unsafe { ffi::PyErr_Clear() };
                return Ok(borrowed(py, &library.dict).clone().into_ptr());
            }
            // cffi's text is the name.
            return checked(py, found).map_err(|error| {
                match error.is_instance_of::<PyAttributeError>(py) {
                    true => PyAttributeError::new_err(name.to_owned()),
                    false => error,
                }
            });
        }
    };
    // SAFETY: a new reference.
    let value = unsafe { Bound::from_owned_ptr(py, value) };
    // SAFETY: the library's own dictionary.
    if unsafe { ffi::PyDict_SetItem(library.dict, key.as_ptr(), value.as_ptr()) } < 0 {
        return Err(PyErr::fetch(py));
    }
    Ok(value.into_ptr())
}

/// Integers alone, as in cffi: of other constants it only knows what a compiler says.
fn constant_value(
    py: Python<'_>,
    declarations: &cdef::Declarations,
    name: &str,
    constant: &cdef::Constant,
) -> PyResult<Object> {
    Ok(match constant.value {
        cdef::Value::Integer(value) => value.into_pyobject(py)?.into_any().into_ptr(),
        // `#define NAME ...`
        cdef::Value::Deferred if declarations.is_macro(name) => {
            return Err(PyAttributeError::new_err(name.to_owned()));
        }
        _ => return Err(unknown_constant(declarations, name)),
    })
}

fn unknown_constant(declarations: &cdef::Declarations, name: &str) -> PyErr {
    let types = types();
    let of = declarations.tags().find_map(|(_, tag)| match tag {
        cdef::Tag::Enum(id) => {
            let enumeration = types.enumeration(id);
            let constants = &enumeration.body()?.enumerators;
            let has_it = constants.iter().any(|constant| &*constant.name == name);
            has_it.then(|| enumeration.spelling())
        }
        cdef::Tag::Record(_) => None,
    });
    match of {
        Some(enumeration) => VerificationMissing::new_err(enumeration),
        None => PyNotImplementedError::new_err(format!(
            "non-integer constant '{name}' cannot be accessed from a dlopen() library"
        )),
    }
}

unsafe extern "C" fn set(object: Object, name: Object, value: Object) -> c_int {
    // SAFETY: a slot of the type.
    unsafe {
        slot(|py| {
            let library = &*object.cast::<Library>();
            let name = text_of(borrowed(py, &name).cast::<PyString>()?)?;
            let state = library.state()?;
            let declarations = state.ffi.declarations();
            match declarations.get(name) {
                Some(Declaration::Variable(variable)) if !value.is_null() => {
                    if variable.constant {
                        let text = format!("'{name}' is a constant: it cannot be set");
                        return Err(PyAttributeError::new_err(text));
                    }
                    let (address, _open) = state.variable(name, variable)?;
                    let ctype: Bound<'_, CType> = ctype::of(py, variable.ty)?;
                    convert::store(py, ctype.get(), address, PyHost { py }.see(&value))?;
                    Ok(0)
                }
                Some(_) => {
                    let text = format!("cannot write to function or constant '{name}'");
                    Err(PyAttributeError::new_err(text))
                }
                None => Err(PyAttributeError::new_err(name.to_owned())),
            }
        })
    }
}

unsafe extern "C" fn repr(object: Object) -> Object {
    // SAFETY: a slot of the type.
    unsafe {
        slot(|py| {
            let name = &(*object.cast::<Library>()).state()?.name;
            Ok(PyString::new(py, &format!("<Lib object for '{name}'>")).into_ptr())
        })
    }
}

unsafe extern "C" fn dealloc(object: Object) {
    // SAFETY: the object's last reference is gone; its type is a heap type, which its objects hold.
    unsafe {
        ffi::PyObject_GC_UnTrack(object.cast());
        let ty = ffi::Py_TYPE(object);
        let library = object.cast::<Library>();
        if !(*(*library).weak.get()).is_null() {
            ffi::PyObject_ClearWeakRefs(object);
        }
        ffi::Py_XDECREF((*library).dict);
        ffi::Py_XDECREF((*library).ffi);
        drop((*library).state.take());
        ffi::PyObject_GC_Del(object.cast());
        ffi::Py_DECREF(ty.cast());
    }
}

unsafe extern "C" fn traverse(object: Object, visit: ffi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: the collector looks at living objects.
    unsafe {
        let library = &*object.cast::<Library>();
        for held in [ffi::Py_TYPE(object).cast(), library.dict, library.ffi] {
            let result = if held.is_null() { 0 } else { visit(held, arg) };
            if result != 0 {
                return result;
            }
        }
        0
    }
}

unsafe extern "C" fn clear(object: Object) -> c_int {
    // SAFETY: the collector has found the object in a cycle, which goes through its FFI.
    unsafe {
        let library = object.cast::<Library>();
        ffi::Py_XDECREF(std::mem::replace(&mut (*library).ffi, std::ptr::null_mut()));
    }
    0
}

struct Methods([ffi::PyMethodDef; 2]);

// SAFETY: functions and texts, never changed.
unsafe impl Sync for Methods {}

static METHODS: Methods = Methods([
    ffi::PyMethodDef {
        ml_name: c"__dir__".as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunction: dir },
        ml_flags: ffi::METH_NOARGS,
        ml_doc: c"The names that are declared.".as_ptr(),
    },
    ffi::PyMethodDef::zeroed(),
]);

unsafe extern "C" fn dir(object: Object, _: Object) -> Object {
    // SAFETY: a method of the type.
    unsafe {
        slot(|py| {
            let state = (*object.cast::<Library>()).state()?;
            let names = PyList::empty(py);
            for (name, declaration) in state.ffi.declarations().iter() {
                if !matches!(declaration, Declaration::Typedef(_)) {
                    names.append(name)?;
                }
            }
            Ok(names.into_ptr())
        })
    }
}
