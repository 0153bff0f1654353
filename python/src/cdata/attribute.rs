//! `p.member`, and methods of cdata.

#![allow(unsafe_code)] // Slots, and C memory behind cdata.

use std::ffi::c_int;

use pyo3::exceptions::{PyAttributeError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyList, PyString};

use super::CData;
use crate::convert;
use crate::ctype::{CType, Member};
use crate::host::PyHost;
use crate::slot::{Object, borrowed, checked, raised, slot};
use crate::state::types;

/// The record that `cdata.member` is about: its own, or the one it points to.
#[inline]
pub(super) fn record_of<'a>(py: Python<'a>, cdata: &'a CData) -> Option<&'a CType> {
    let ctype = cdata.ctype();
    let record = match ctype.item(py) {
        Some(item) if ctype.is_pointer() => item.get(),
        _ => ctype,
    };
    record.is_record().then_some(record)
}

pub(super) unsafe extern "C" fn get(object: Object, name: Object) -> Object {
    // SAFETY: a slot of cdata.
    unsafe {
        slot(|py| {
            let cdata = &*object.cast::<CData>();
            if let Some(record) = record_of(py, cdata)
                && let Some(member) = record.member(py, name)?
            {
                return read(py, cdata, &member);
            }
            let found = ffi::PyObject_GenericGetAttr(object, name);
            if found.is_null() {
                let error = missing(py, cdata, name, false);
                // cffi gives all cdata one name.
                return match borrowed(py, &name).eq("__name__") {
                    Ok(true) => Ok(PyString::new(py, "<cdata>").into_ptr()),
                    _ => Err(error),
                };
            }
            Ok(found)
        })
    }
}

pub(super) unsafe extern "C" fn set(object: Object, name: Object, value: Object) -> c_int {
    // SAFETY: a slot of cdata.
    unsafe {
        slot(|py| {
            let cdata = &*object.cast::<CData>();
            if let Some(record) = record_of(py, cdata)
                && let Some(member) = record.member(py, name)?
            {
                return write(py, cdata, &member, value);
            }
            if ffi::PyObject_GenericSetAttr(object, name, value) < 0 {
                return Err(missing(py, cdata, name, true));
            }
            Ok(0)
        })
    }
}

#[inline]
fn read(py: Python<'_>, cdata: &CData, member: &Member<'_>) -> PyResult<Object> {
    let place = &member.place;
    if place.is_open()
        && let Some(item) = place.slot.shape.item()
    {
        let from = cdata.data.wrapping_add(place.offset);
        return super::reference(py, &crate::ctype::pointer_to(py, item)?, from, -1);
    }
    if place.is_plain() {
        let from = cdata.data.wrapping_add(place.offset);
        // SAFETY: Python code answers for what pointers point to, as in C.
        return unsafe { convert::load(py, &member.ctype, from) };
    }
    let room = super::kept::owned_size(py, cdata).map(|size| size as u64);
    // SAFETY: as above.
    let value =
        unsafe { farcall::convert::load_member(&PyHost { py }, place.slot, cdata.data, room, ()) };
    Ok(value?.into_ptr())
}

fn write(py: Python<'_>, cdata: &CData, member: &Member<'_>, value: Object) -> PyResult<c_int> {
    if value.is_null() {
        return Err(PyAttributeError::new_err("cannot delete struct field"));
    }
    let host = PyHost { py };
    let (value, place) = (host.see(&value), &member.place);
    if place.is_plain() {
        let to = cdata.data.wrapping_add(place.offset);
        // SAFETY: Python code answers for what pointers point to, as in C.
        unsafe { convert::store(py, member.ctype.get(), to, value)? };
    } else {
        let room = super::kept::owned_size(py, cdata).map_or(u64::MAX, |size| size as u64);
        // SAFETY: as above.
        unsafe { farcall::convert::store_member(&host, place.slot, cdata.data, room, value)? };
    }
    Ok(0)
}

/// An `AttributeError` in the words of C, for the one that is set.
fn missing(py: Python<'_>, cdata: &CData, name: Object, writing: bool) -> PyErr {
    let error = raised(py);
    if !error.is_instance_of::<PyAttributeError>(py) {
        return error;
    }
    let Ok(name) = borrowed(py, &name).cast::<PyString>() else {
        return error;
    };
    let name = name.to_string_lossy();
    match cdata.object(py).field(types(), &name, writing) {
        Ok(_) => error,
        Err(refused) => crate::errors::of(refused),
    }
}

/// A table of methods.
pub(super) struct Methods(pub(super) [ffi::PyMethodDef; 5]);

// SAFETY: functions and texts, never changed.
unsafe impl Sync for Methods {}

/// The methods of cdata.
pub(super) static METHODS: Methods = Methods([
    method(
        c"__enter__",
        enter,
        ffi::METH_NOARGS,
        c"The cdata itself, to be released at the block's end.",
    ),
    method(c"__exit__", exit, ffi::METH_VARARGS, c"Releases the cdata."),
    method(
        c"__dir__",
        dir,
        ffi::METH_NOARGS,
        c"The members of the structure or union.",
    ),
    method(c"__complex__", complex, ffi::METH_NOARGS, c"The number."),
    ffi::PyMethodDef::zeroed(),
]);

const fn method(
    name: &'static std::ffi::CStr,
    function: ffi::PyCFunction,
    flags: c_int,
    doc: &'static std::ffi::CStr,
) -> ffi::PyMethodDef {
    ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: ffi::PyMethodDefPointer {
            PyCFunction: function,
        },
        ml_flags: flags,
        ml_doc: doc.as_ptr(),
    }
}

unsafe extern "C" fn enter(object: Object, _: Object) -> Object {
    // SAFETY: a method of cdata.
    unsafe {
        slot(|py| {
            super::kept::check_releasable(py, &*object.cast::<CData>())?;
            ffi::Py_INCREF(object);
            Ok(object)
        })
    }
}

unsafe extern "C" fn exit(object: Object, _: Object) -> Object {
    // SAFETY: a method of cdata.
    unsafe {
        slot(|py| {
            super::release_early(py, &*object.cast::<CData>())?;
            Ok(py.None().into_ptr())
        })
    }
}

unsafe extern "C" fn dir(object: Object, _: Object) -> Object {
    // SAFETY: a method of cdata.
    unsafe {
        slot(|py| {
            let cdata = &*object.cast::<CData>();
            let list = PyList::empty(py);
            if let Some(record) = record_of(py, cdata) {
                for name in record.member_names(py)? {
                    list.append(name)?;
                }
            }
            Ok(list.into_ptr())
        })
    }
}

unsafe extern "C" fn complex(object: Object, _: Object) -> Object {
    // SAFETY: a method of cdata.
    unsafe {
        slot(|py| {
            let cdata = &*object.cast::<CData>();
            if !cdata.ctype().shape.is_complex() {
                let ty = cdata.ctype().name();
                return Err(PyTypeError::new_err(format!(
                    "complex() not supported on cdata '{ty}'"
                )));
            }
            let value = convert::load(py, cdata.ctype_object(), cdata.data)?;
            let value = Bound::from_owned_ptr(py, value);
            let complex = value.cast_into::<PyComplex>().map_err(PyErr::from)?;
            checked(py, complex.into_ptr().cast())
        })
    }
}
