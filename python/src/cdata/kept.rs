//! cdata that keeps something: a handle's object, a callback's function, a buffer, the owner of its memory; or that does
//! something when it goes.

#![allow(unsafe_code)] // Objects take part in the collection of cycles by hand.

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use farcall::shape::Form;
use hashbrown::HashSet;
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;

use super::{CData, FunctionData, Kind, kinds};
use crate::callback::Callback;
use crate::convert;
use crate::ctype::CType;
use crate::release::{Apart, release};
use crate::slot::{Object, checked};

/// cdata with what it keeps.
#[repr(C)]
pub(crate) struct Kept {
    function: FunctionData,
    keeping: UnsafeCell<Option<Box<Keeping>>>,
}

/// What is kept. References in it are held.
pub(crate) enum Keeping {
    /// The object that a handle stands for.
    Handle(Object),
    /// The function that C calls.
    Callback(Callback),
    /// The owner of the memory.
    Owner(Object),
    /// As `Owner`, where the cdata does not say that it owns anything: an argument of a callback, a record that an allocator
    /// has made.
    Holder(Object),
    /// A view of an object with the buffer protocol.
    Buffer(ffi::Py_buffer),
    /// What is called with `origin` when the cdata goes.
    Destructor {
        origin: Object,
        destructor: Object,
        /// Whether the memory is the cdata's own, as from `ffi.new`.
        allocated: bool,
    },
}

impl Kept {
    pub(crate) fn cdata(&self) -> &CData {
        &self.function.cdata
    }

    pub(crate) fn keeping(&self) -> Option<&Keeping> {
        // SAFETY: under the interpreter's lock; who changes it knows that nobody looks (`place`).
        unsafe { (*self.keeping.get()).as_deref() }
    }

    fn of<'a>(py: Python<'_>, cdata: &'a CData) -> Option<&'a Kept> {
        // SAFETY: objects of this kind have the whole layout.
        (cdata.kind(py) == Kind::Kept).then(|| unsafe { &*cdata.as_object().cast::<Kept>() })
    }

    /// Where it is kept, to be changed by who knows that nobody looks meanwhile.
    fn place(cdata: &CData) -> *mut Option<Box<Keeping>> {
        let kept = cdata.as_object().cast::<Kept>();
        // SAFETY: only the place is computed; callers have found the object to be of this kind.
        unsafe { (*kept).keeping.get() }
    }
}

/// cdata that keeps something. If there is no memory for it, what it would have kept is let go of.
pub(crate) fn keep(
    py: Python<'_>,
    ctype: &Bound<'_, CType>,
    data: *mut u8,
    length: isize,
    keeping: Keeping,
) -> PyResult<Object> {
    // SAFETY: makes an object of zeros, which is tracked by the collector from then on; all of its parts are set before
    // anything else runs.
    unsafe {
        let made = match checked(py, ffi::PyType_GenericAlloc(kinds(py).kept, 0)) {
            Ok(made) => made,
            Err(error) => {
                abandon(py, keeping);
                return Err(error);
            }
        };
        let kept = made.cast::<Kept>();
        (*kept).function.cdata.ctype = ctype.clone().into_ptr();
        (*kept).function.cdata.data = data;
        (*kept).function.cdata.length = length;
        std::ptr::write((*kept).keeping.get(), Some(Box::new(keeping)));
        Ok(made)
    }
}

/// The address of what a handle's data will be: its own object.
pub(crate) fn keep_handle(
    py: Python<'_>,
    ctype: &Bound<'_, CType>,
    object: Object,
) -> PyResult<Object> {
    // SAFETY: a living object.
    unsafe { ffi::Py_INCREF(object) };
    let made = keep(py, ctype, std::ptr::null_mut(), -1, Keeping::Handle(object))?;
    // SAFETY: just made.
    unsafe { (*made.cast::<CData>()).data = made.cast() };
    handles().insert(made as usize);
    Ok(made)
}

/// Bytes of memory with a flexible array member at its end, of cdata that owns it.
pub(crate) fn owned_size(py: Python<'_>, cdata: &CData) -> Option<usize> {
    match cdata.kind(py) {
        Kind::Owner | Kind::Kept => cdata.flexible_size(),
        Kind::Plain | Kind::Function => None,
    }
}

/// Bytes of memory that cdata owns: its own, or that of the object that it keeps.
pub(crate) fn owned_bytes(py: Python<'_>, cdata: &CData) -> Option<u64> {
    let owns = match Kept::of(py, cdata).map(Kept::keeping) {
        Some(Some(Keeping::Owner(_))) => true,
        // Only a pointer to a record says so, as in cffi.
        Some(Some(Keeping::Destructor { allocated, .. })) => {
            let ctype = cdata.ctype();
            *allocated
                && ctype.is_pointer()
                && ctype.item(py).is_some_and(|item| item.get().is_record())
        }
        Some(_) => false,
        None => cdata.kind(py) == Kind::Owner,
    };
    if !owns {
        return None;
    }
    let ctype = cdata.ctype();
    let bytes = cdata.flexible_size().or_else(|| match ctype.shape.form {
        Form::Pointer(_) => ctype.item(py)?.get().size(),
        Form::Array { .. } => {
            let item = ctype.item(py)?.get().size()?;
            Some(item * cdata.array_length() as usize)
        }
        _ => ctype.size(),
    });
    bytes.map(|bytes| bytes as u64)
}

/// `p[0]` of a pointer that owns a record: a record that keeps it.
pub(crate) fn record_of_owner(
    py: Python<'_>,
    cdata: &CData,
    item: &Bound<'_, CType>,
) -> PyResult<Object> {
    let allocated = match Kept::of(py, cdata).and_then(Kept::keeping) {
        Some(Keeping::Destructor { allocated, .. }) => *allocated,
        Some(_) => false,
        None => true,
    };
    if !allocated {
        // SAFETY: Python code answers for what pointers point to, as in C.
        return unsafe { convert::load(py, item, cdata.data) };
    }
    // SAFETY: a living object.
    unsafe { ffi::Py_INCREF(cdata.as_object()) };
    let keeping = match cdata.kind(py) {
        Kind::Owner => Keeping::Owner(cdata.as_object()),
        _ => Keeping::Holder(cdata.as_object()),
    };
    keep(py, item, cdata.data, cdata.length, keeping)
}

/// Whether it is a handle.
pub(super) fn is_handle(py: Python<'_>, cdata: &CData) -> bool {
    let keeping = Kept::of(py, cdata).and_then(Kept::keeping);
    matches!(keeping, Some(Keeping::Handle(_)))
}

/// The object of a handle at an address: any address may be asked for.
pub(crate) fn handle_at<'a>(py: Python<'_>, address: *mut u8) -> Option<&'a Object> {
    if !handles().contains(&(address as usize)) {
        return None;
    }
    // SAFETY: a handle that lives.
    let cdata = unsafe { &*address.cast::<CData>() };
    match Kept::of(py, cdata)?.keeping() {
        Some(Keeping::Handle(object)) => Some(object),
        _ => None,
    }
}

/// The addresses of all handles.
fn handles() -> MutexGuard<'static, HashSet<usize>> {
    static HANDLES: LazyLock<Mutex<HashSet<usize>>> = LazyLock::new(Mutex::default);
    HANDLES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a destructor away.
pub(crate) fn disarm(py: Python<'_>, cdata: &CData) -> bool {
    if !matches!(
        Kept::of(py, cdata).and_then(Kept::keeping),
        Some(Keeping::Destructor { .. })
    ) {
        return false;
    }
    // SAFETY: nothing that was looked at above is in use.
    let keeping = unsafe { &mut *Kept::place(cdata) };
    if let Some(Keeping::Destructor { destructor, .. }) = keeping.as_deref_mut() {
        let destructor = std::mem::replace(destructor, std::ptr::null_mut());
        // SAFETY: it was held.
        unsafe { release(destructor) };
    }
    true
}

/// Whether `with` and `ffi.release` do anything with it.
pub(super) fn check_releasable(py: Python<'_>, cdata: &CData) -> PyResult<()> {
    let ctype = cdata.ctype();
    let ok = match cdata.kind(py) {
        Kind::Owner => ctype.is_pointer() || ctype.is_array(),
        Kind::Kept => matches!(
            Kept::of(py, cdata).and_then(Kept::keeping),
            Some(Keeping::Buffer(_) | Keeping::Destructor { .. })
        ),
        Kind::Plain | Kind::Function => false,
    };
    match ok {
        true => Ok(()),
        false => Err(PyValueError::new_err(
            "only 'cdata' object from ffi.new(), ffi.gc(), ffi.from_buffer() or ffi.new_allocator()() \
             can be used with the 'with' keyword or ffi.release()",
        )),
    }
}

/// Gives back early what goes with the cdata: a buffer's view, or the destructor's call.
pub(crate) fn release_early(py: Python<'_>, cdata: &CData) -> PyResult<()> {
    check_releasable(py, cdata)?;
    if cdata.kind(py) != Kind::Kept {
        return Ok(());
    }
    // SAFETY: what is taken out is looked at below alone.
    let keeping = unsafe { &mut *Kept::place(cdata) };
    match keeping.as_deref_mut() {
        // Taken out first: what gives it back may be Python's code, which may come here again.
        Some(Keeping::Buffer(view)) => {
            let mut taken = *view;
            view.obj = std::ptr::null_mut();
            // SAFETY: a view that was got; what stays is one of no object, of which there is nothing to give back.
            unsafe { ffi::PyBuffer_Release(&mut taken) };
        }
        Some(Keeping::Destructor {
            origin, destructor, ..
        }) => {
            let (origin, destructor) = taken(cdata, origin, destructor);
            destroy(py, origin, destructor);
        }
        _ => {}
    }
    Ok(())
}

/// A destructor and what it is called with. A number lies in its origin: that stays, for who reads the number later.
fn taken(cdata: &CData, origin: &mut Object, destructor: &mut Object) -> (Object, Object) {
    let destructor = std::mem::replace(destructor, std::ptr::null_mut());
    if !cdata.ctype().shape.is_number() {
        return (std::mem::replace(origin, std::ptr::null_mut()), destructor);
    }
    // SAFETY: held until the object goes; the caller gives back this reference.
    unsafe { ffi::Py_XINCREF(*origin) };
    (*origin, destructor)
}

/// Calls a destructor, whose errors nobody can be told but the interpreter's hook for them.
fn destroy(py: Python<'_>, origin: Object, destructor: Object) {
    // SAFETY: references that were held; the exception that may be set is kept for whoever it is meant for.
    unsafe {
        if !destructor.is_null() {
            let (mut class, mut value, mut traceback) = Default::default();
            ffi::PyErr_Fetch(&mut class, &mut value, &mut traceback);
            let apart = Apart::begin();
            let result = ffi::PyObject_CallFunctionObjArgs(
                destructor,
                origin,
                std::ptr::null_mut::<ffi::PyObject>(),
            );
            if result.is_null() {
                told(py, origin);
            }
            drop(apart);
            ffi::PyErr_Restore(class, value, traceback);
            release(result);
            release(destructor);
        }
        release(origin);
    }
}

/// Hands a destructor's error to `sys.unraisablehook`.
fn told(py: Python<'_>, origin: Object) {
    let error = crate::slot::raised(py);
    let shown = crate::slot::borrowed(py, &origin)
        .repr()
        .map_or_else(|_| "?".into(), |text| text.to_string_lossy().into_owned());
    let context = format!("from callback for ffi.gc {shown}");
    crate::slot::attached(py, |py| crate::callback::report(py, error, &context));
}

/// Gives back what was to be kept, and what an allocator has made; memory that somebody else has made is still theirs.
#[cold]
fn abandon(py: Python<'_>, keeping: Keeping) {
    match keeping {
        Keeping::Destructor {
            origin,
            destructor,
            allocated: false,
        } => {
            // SAFETY: references that were held.
            unsafe {
                release(destructor);
                release(origin);
            }
        }
        keeping => let_go(py, keeping),
    }
}

/// Gives back what was kept.
fn let_go(py: Python<'_>, keeping: Keeping) {
    match keeping {
        // SAFETY: references that were held.
        Keeping::Handle(object) | Keeping::Owner(object) | Keeping::Holder(object) => unsafe {
            release(object)
        },
        Keeping::Callback(callback) => drop(callback),
        // SAFETY: a view that was got. Its object is held once more, so that it does not go inside of what gives the view back.
        Keeping::Buffer(mut view) => unsafe {
            let object = view.obj;
            ffi::Py_XINCREF(object);
            ffi::PyBuffer_Release(&mut view);
            release(object);
        },
        Keeping::Destructor {
            origin, destructor, ..
        } => destroy(py, origin, destructor),
    }
}

pub(super) unsafe extern "C" fn dealloc(object: Object) {
    // SAFETY: the object's last reference is gone. It is not tracked while weak references' functions run, in which the
    // collector must not find it, and tracked again for the destructor, which has it counted once more meanwhile.
    unsafe {
        let py = Python::assume_attached();
        ffi::PyObject_GC_UnTrack(object.cast());
        // Before the destructor runs, as in cffi: it cannot find the object by them.
        super::clear_weak_references(object);
        ffi::PyObject_GC_Track(object.cast());
        // Who has found it among the collector's objects and keeps it has revived it.
        if ffi::PyObject_CallFinalizerFromDealloc(object) < 0 {
            return;
        }
        ffi::PyObject_GC_UnTrack(object.cast());
        let kept = object.cast::<Kept>();
        if let Some(keeping) = (*(*kept).keeping.get()).take() {
            if let Keeping::Handle(_) = *keeping {
                handles().remove(&(object as usize));
            }
            let_go(py, *keeping);
        }
        let ty = ffi::Py_TYPE(object);
        super::give_back(object);
        ffi::PyObject_GC_Del(object.cast());
        ffi::Py_DECREF(ty.cast());
    }
}

/// Calls the destructor. The collector asks for it before it takes anything in a cycle apart, the destructor itself above all.
/// What it is called with stays until the object goes: others in the cycle, or who revives the object, may still read it.
pub(super) unsafe extern "C" fn finalize(object: Object) {
    // SAFETY: an object of this kind; what is taken out is looked at below alone.
    unsafe {
        let keeping = &mut *(*object.cast::<Kept>()).keeping.get();
        if let Some(Keeping::Destructor {
            origin, destructor, ..
        }) = keeping.as_deref_mut()
        {
            let destructor = std::mem::replace(destructor, std::ptr::null_mut());
            if !destructor.is_null() {
                ffi::Py_XINCREF(*origin);
                destroy(Python::assume_attached(), *origin, destructor);
            }
        }
    }
}

pub(super) unsafe extern "C" fn traverse(
    object: Object,
    visit: ffi::visitproc,
    arg: *mut c_void,
) -> c_int {
    // SAFETY: the collector looks at living objects.
    unsafe {
        let seen = |object: Object| match object.is_null() {
            true => 0,
            false => visit(object, arg),
        };
        let kept = &*object.cast::<Kept>();
        let ty: Object = ffi::Py_TYPE(object).cast();
        let mut result = seen(ty);
        let mut more = |object| {
            if result == 0 {
                result = seen(object);
            }
        };
        match kept.keeping() {
            Some(Keeping::Handle(object) | Keeping::Owner(object) | Keeping::Holder(object)) => {
                more(*object)
            }
            Some(Keeping::Callback(callback)) => callback.objects().into_iter().for_each(more),
            Some(Keeping::Destructor {
                origin, destructor, ..
            }) => {
                more(*origin);
                more(*destructor);
            }
            Some(Keeping::Buffer(view)) => more(view.obj),
            None => {}
        }
        result
    }
}

pub(super) unsafe extern "C" fn clear(object: Object) -> c_int {
    // SAFETY: the collector has found the object in a cycle; what it keeps is taken out before anything runs.
    unsafe {
        let keeping = &mut *(*object.cast::<Kept>()).keeping.get();
        match keeping.as_deref_mut() {
            // C may still call it: it says then that its function is gone.
            Some(Keeping::Callback(callback)) => callback.clear(),
            // The destructor has run; what it was called with goes with the object.
            Some(Keeping::Destructor { .. } | Keeping::Buffer(_)) | None => {}
            Some(Keeping::Handle(_) | Keeping::Owner(_) | Keeping::Holder(_)) => {
                if let Some(kept) = keeping.take() {
                    handles().remove(&(object as usize));
                    let_go(Python::assume_attached(), *kept);
                }
            }
        }
    }
    0
}
