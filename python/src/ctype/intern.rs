//! Which object stands for which type.

#![allow(unsafe_code)] // The table holds its objects without keeping them alive.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use farcall::ctype::{CType as Node, EnumBody, Primitive, TypeId};
use farcall::layout::layout_of;
use farcall::shape::{Form, Shape};
use pyo3::ffi;
use pyo3::prelude::*;

use super::CType;
use super::fields::Members;
use crate::release::release_owned;
use crate::slot::Object;
use crate::state::types;

/// The object of each type, by the type's index. None of them is kept alive: it takes itself out when it goes.
static OBJECTS: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

struct Entry(Object);

// SAFETY: entries are addresses; they are only followed while the interpreter's lock is held, and an object takes its entry
// away before its memory is freed. What they lead to may be garbage in the collector's eyes, which it is about to clear: that
// takes away a record's members, which are found out again, and nothing else.
unsafe impl Send for Entry {}

/// The object that stands for a type: always the same one as long as anybody holds it.
pub(crate) fn of<'py>(py: Python<'py>, ty: TypeId) -> PyResult<Bound<'py, CType>> {
    let ty = canonical(ty);
    match living(py, ty) {
        Some(object) => Ok(object),
        None => make_with_items(py, ty),
    }
}

/// Also makes the objects of what the type points to or consists of, from the innermost one on: there may be any number.
#[cold]
fn make_with_items<'py>(py: Python<'py>, mut ty: TypeId) -> PyResult<Bound<'py, CType>> {
    let mut outer = Vec::new();
    let mut made = loop {
        let item = Shape::of(types(), ty).item();
        match item {
            Some(item) => {
                outer.push(ty);
                ty = canonical(item);
                if let Some(object) = living(py, ty) {
                    break object;
                }
            }
            None => break make(py, ty, None)?,
        }
    };
    while let Some(ty) = outer.pop() {
        made = make(py, ty, Some(made))?;
    }
    Ok(made)
}

/// A new object, unless there is one by now.
fn make<'py>(
    py: Python<'py>,
    ty: TypeId,
    item: Option<Bound<'py, CType>>,
) -> PyResult<Bound<'py, CType>> {
    // An object is made with the lock open, for others are looked up meanwhile.
    guess_enumeration(py, ty)?;
    let shape = Shape::of(types(), ty);
    let layout = OnceLock::new();
    if let Ok(known) = layout_of(types(), ty) {
        let _ = layout.set(known);
    }
    let ctype = CType {
        id: ty,
        shape,
        class: class(&shape),
        item: item.map(Bound::unbind),
        layout,
        fields: Members::default(),
        plan: OnceLock::new(),
    };
    let made = Bound::new(py, ctype)?;
    if let Some(object) = living(py, ty) {
        return Ok(object);
    }
    let mut objects = objects();
    if objects.len() <= ty.index() {
        objects.resize_with(ty.index() + 1, || Entry(std::ptr::null_mut()));
    }
    objects[ty.index()] = Entry(made.as_ptr());
    Ok(made)
}

/// An enumeration that is only declared has the type that most have, as in cffi, which warns of it.
fn guess_enumeration(py: Python<'_>, ty: TypeId) -> PyResult<()> {
    let Node::Enum(id) = types().get(ty) else {
        return Ok(());
    };
    let enumeration = types().enumeration(id);
    if enumeration.body().is_some() {
        return Ok(());
    }
    let text = format!(
        "'{}' has no values explicitly defined; guessing that it is equivalent to 'unsigned int'",
        enumeration.spelling()
    );
    let text = std::ffi::CString::new(text).unwrap_or_default();
    PyErr::warn(
        py,
        &py.get_type::<pyo3::exceptions::PyUserWarning>(),
        &text,
        1,
    )?;
    let body = EnumBody {
        underlying: Primitive::UnsignedInt,
        enumerators: [].into(),
        partial: false,
    };
    types().complete_enumeration(id, body);
    Ok(())
}

/// The type without an alignment of its own, and a record by the one id that all of its ids come to.
fn canonical(ty: TypeId) -> TypeId {
    let types = types();
    let ty = types.plain(ty);
    match types.get(ty) {
        Node::Record(id) => types.record(id).type_id(),
        _ => ty,
    }
}

fn class(shape: &Shape) -> i32 {
    let number = |ty: TypeId| i32::try_from(ty.index() + 1).unwrap_or(0);
    match shape.form {
        Form::Pointer(_) | Form::FunctionPointer(_) => number(shape.ty),
        Form::Array { item, .. } => number(canonical(types().pointer(item))),
        _ => -number(shape.ty),
    }
}

fn living<'py>(py: Python<'py>, ty: TypeId) -> Option<Bound<'py, CType>> {
    let object = objects().get(ty.index())?.0;
    // SAFETY: the object takes its entry away before its memory is freed (`Drop`), and the interpreter's lock is held.
    // One whose last reference is gone is on its way there.
    unsafe {
        if object.is_null() || ffi::Py_REFCNT(object) == 0 {
            return None;
        }
        Some(Bound::from_borrowed_ptr(py, object).cast_into_unchecked())
    }
}

fn objects() -> MutexGuard<'static, Vec<Entry>> {
    OBJECTS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for CType {
    fn drop(&mut self) {
        let mut objects = objects();
        if let Some(entry) = objects.get_mut(self.id.index()) {
            // SAFETY: objects are dropped while the interpreter's lock is held. Another object may stand there by now.
            let gone = entry.0.is_null() || unsafe { ffi::Py_REFCNT(entry.0) } == 0;
            if gone {
                entry.0 = std::ptr::null_mut();
            }
        }
        drop(objects);
        // SAFETY: as above. A pointer to a pointer to a pointer...
        unsafe { release_owned(&mut self.item) };
    }
}
