//! cdata objects: memory of C's, an address, or a number, with a C type.
//!
//! They are objects of hand-made types, so that their layout is known to the byte: code that is compiled for a function
//! reads an argument's type and address in place.
//!
//! ```text
//!   all        head    reference count and type (ob_refcnt, ob_type)
//!              ctype   the CType object, held
//!              data    a pointer's address; where an array, a record or a number lies
//!              length  items of an array whose type does not say, bytes of memory with a flexible member, or -1
//!              weak    weak references
//!   functions  entry   what CPython calls (vectorcall)
//!              keep    what must outlive the function: its library
//!              classes what compiled code compares arguments with
//!              builtin what makes a builtin of it
//!              name    of the function in its library
//!   kept       entry, keep, and what the object is made of or does when it goes (`Kept`)
//!   owned      padding, then the memory itself
//! ```

#![allow(unsafe_code)] // Objects are made and taken apart here.

mod attribute;
mod call;
mod compare;
mod index;
mod iterate;
mod kept;
mod kinds;
mod number;
mod print;
mod slice;

use std::cell::UnsafeCell;
use std::ffi::c_void;

use farcall::ctype::TypeId;
use farcall::shape::Form;
use pyo3::exceptions::PyMemoryError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

pub(crate) use kept::{Keeping, Kept, disarm, handle_at, keep, keep_handle, release_early};
pub(crate) use kinds::{Kind, Kinds, Made, kinds, refuse_new, seal};
pub(crate) use number::{Count, as_index, exact_index};

use crate::ctype::{self, CType};
use crate::fused::Builtin;
use crate::slot::Object;

/// What all cdata objects begin with. The interpreter changes reference counts and lists while others look at the object.
#[repr(C)]
pub(crate) struct CData {
    head: UnsafeCell<ffi::PyObject>,
    ctype: Object,
    pub(crate) data: *mut u8,
    pub(crate) length: isize,
    weak: UnsafeCell<Object>,
}

/// A function, or a pointer to one.
#[repr(C)]
pub(crate) struct FunctionData {
    pub(crate) cdata: CData,
    pub(crate) entry: Option<ffi::vectorcallfunc>,
    /// A library's handle, which closes it with its last holder.
    keep: *const c_void,
    /// What the fused stub at `entry` compares arguments with; null before there is one.
    pub(crate) classes: *const i32,
    /// The same for the stub of `builtin`, which may be for another list of variable arguments.
    pub(crate) builtin_classes: *const i32,
    /// What `builtin` does when it is called: a function of its flags' kind.
    pub(crate) builtin_entry: *const c_void,
    /// What it is as a builtin, from [`Box::into_raw`]; null if it has never been one.
    pub(crate) builtin: *mut Builtin,
    /// The function's name in its library, a string, held; null if nobody has said it.
    pub(crate) name: Object,
}

/// Bytes before the memory of an object that owns it: a multiple of 16, as `malloc`'s alignment is.
const OWNED_START: usize = size_of::<CData>().next_multiple_of(16);

/// The alignment that Python's allocator gives.
const ALLOCATOR_ALIGN: usize = 2 * size_of::<usize>();

const _: () = assert!(cfg!(not(target_pointer_width = "64")) || size_of::<CData>() >= 48);

impl CData {
    /// Offset of the type.
    pub(crate) const CTYPE: usize = std::mem::offset_of!(CData, ctype);

    /// The cdata that an object is, if it is one.
    #[inline]
    pub(crate) fn of<'a>(py: Python<'_>, object: &'a Object) -> Option<&'a CData> {
        // SAFETY: objects that come from the interpreter live as long as whoever was handed them holds them.
        let ty = unsafe { ffi::Py_TYPE(*object) };
        if !kinds(py).is_cdata(ty) {
            let function = crate::fused::function_of(py, *object)?;
            // SAFETY: the builtin holds the function.
            return Some(unsafe { &*function.cast::<CData>() });
        }
        // SAFETY: only objects of these types have them, and each begins with this layout.
        Some(unsafe { &*object.cast::<CData>() })
    }

    #[inline]
    pub(crate) fn ctype(&self) -> &CType {
        self.ctype_object().get()
    }

    #[inline]
    pub(crate) fn ctype_object(&self) -> &Bound<'_, CType> {
        // SAFETY: an object of that class, held as long as `self` is; slots run with the interpreter's lock held.
        unsafe {
            Bound::<PyAny>::ref_from_ptr(Python::assume_attached(), &self.ctype).cast_unchecked()
        }
    }

    #[inline]
    pub(crate) fn kind(&self, py: Python<'_>) -> Kind {
        kinds(py).kind(self.head_type())
    }

    #[inline]
    pub(crate) fn head_type(&self) -> *mut ffi::PyTypeObject {
        // SAFETY: `self` begins with an object's head.
        unsafe { ffi::Py_TYPE(self.as_object()) }
    }

    #[inline]
    pub(crate) fn as_object(&self) -> Object {
        self.head.get()
    }

    /// Items of an array: its type says how many, or the object.
    #[inline]
    pub(crate) fn array_length(&self) -> isize {
        match self.ctype().shape.form {
            Form::Array {
                length: Some(length),
                ..
            } => length as isize,
            _ => self.length.max(0),
        }
    }

    /// What the engine's operations see.
    #[inline]
    pub(crate) fn object(&self, py: Python<'_>) -> farcall::object::Object {
        farcall::object::Object {
            shape: self.ctype().shape,
            address: self.data,
            length: self.length.max(0) as u64,
            owned: kept::owned_bytes(py, self),
        }
    }

    /// Bytes of memory that belongs to an object with a flexible array member, if this is one and they are known.
    pub(crate) fn flexible_size(&self) -> Option<usize> {
        let flexible = !self.ctype().is_array() && self.length >= 0;
        flexible.then_some(self.length as usize)
    }
}

/// A pointer, or a reference to an array or a record that something else keeps alive.
#[inline]
pub(crate) fn reference(
    py: Python<'_>,
    ctype: &Bound<'_, CType>,
    data: *mut u8,
    length: isize,
) -> PyResult<Object> {
    if ctype.get().is_function() {
        return function(py, ctype, data, std::ptr::null(), None);
    }
    allocate(py, kinds(py).plain, ctype, size_of::<CData>(), data, length)
}

/// A reference to an array or a record. Of an array whose length nobody knows there is only a pointer to its first item.
pub(crate) fn referring(
    py: Python<'_>,
    ctype: &Bound<'_, CType>,
    data: *mut u8,
    length: isize,
) -> PyResult<Object> {
    if let Form::Array { item, length: None } = ctype.get().shape.form
        && length < 0
    {
        return reference(py, &ctype::pointer_to(py, item)?, data, -1);
    }
    reference(py, ctype, data, length)
}

/// A function, or a pointer to one, with the name that it has. `keep` is from [`std::sync::Arc::into_raw`] of a library's handle,
/// or null.
pub(crate) fn function(
    py: Python<'_>,
    ctype: &Bound<'_, CType>,
    address: *mut u8,
    keep: *const c_void,
    name: Option<&Bound<'_, PyString>>,
) -> PyResult<Object> {
    let size = size_of::<FunctionData>();
    let made = allocate(py, kinds(py).function, ctype, size, address, -1)?;
    let function = made.cast::<FunctionData>();
    // SAFETY: just made, with room for all of it.
    unsafe {
        (*function).entry = Some(crate::call::entry);
        (*function).keep = keep;
        (*function).classes = std::ptr::null();
        (*function).builtin_classes = std::ptr::null();
        (*function).builtin_entry = std::ptr::null();
        (*function).builtin = std::ptr::null_mut();
        (*function).name = name.map_or(std::ptr::null_mut(), |name| name.clone().into_ptr());
    }
    Ok(made)
}

/// A number, with room for its bytes, which are zero.
#[inline]
pub(crate) fn number(py: Python<'_>, ctype: &Bound<'_, CType>, size: usize) -> PyResult<Object> {
    let made = allocate(
        py,
        kinds(py).plain,
        ctype,
        OWNED_START + size,
        std::ptr::null_mut(),
        -1,
    )?;
    // SAFETY: just made, with room for the bytes.
    unsafe {
        let bytes = made.cast::<u8>().add(OWNED_START);
        bytes.write_bytes(0, size);
        (*made.cast::<CData>()).data = bytes;
    }
    Ok(made)
}

/// A number with its bytes.
pub(crate) fn number_of(
    py: Python<'_>,
    ctype: &Bound<'_, CType>,
    bytes: &[u8],
) -> PyResult<Object> {
    let made = number(py, ctype, bytes.len())?;
    // SAFETY: just made, with room for the bytes.
    unsafe {
        let to = (*made.cast::<CData>()).data;
        to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
    }
    Ok(made)
}

/// An object with `size` zero bytes of its own.
#[inline]
pub(crate) fn owner(
    py: Python<'_>,
    ctype: &Bound<'_, CType>,
    size: usize,
    align: usize,
    length: isize,
) -> PyResult<Object> {
    let made = uncleared_owner(py, ctype, size, align, length)?;
    if size <= LARGE {
        // SAFETY: just made, with room for the bytes.
        unsafe { (*made.cast::<CData>()).data.write_bytes(0, size) };
    }
    Ok(made)
}

/// As [`owner`]. Bytes that are few have what was in them before.
pub(crate) fn uncleared_owner(
    py: Python<'_>,
    ctype: &Bound<'_, CType>,
    size: usize,
    align: usize,
    length: isize,
) -> PyResult<Object> {
    let spare = align.saturating_sub(ALLOCATOR_ALIGN);
    let bytes = size
        .max(1)
        .checked_add(OWNED_START + spare)
        .ok_or_else(|| PyMemoryError::new_err(()))?;
    let made = allocate(
        py,
        kinds(py).owner,
        ctype,
        bytes,
        std::ptr::null_mut(),
        length,
    )?;
    // SAFETY: just made, with room for the bytes wherever they must begin.
    unsafe {
        let start = made.cast::<u8>().add(OWNED_START);
        let skipped = if align > ALLOCATOR_ALIGN {
            start.align_offset(align)
        } else {
            0
        };
        (*made.cast::<CData>()).data = start.add(skipped);
    }
    Ok(made)
}

#[inline]
fn allocate(
    py: Python<'_>,
    ty: *mut ffi::PyTypeObject,
    ctype: &Bound<'_, CType>,
    bytes: usize,
    data: *mut u8,
    length: isize,
) -> PyResult<Object> {
    let _ = py;
    // SAFETY: the lock is held; the memory becomes an object of a type whose objects are freed by `PyObject_Free`.
    unsafe {
        let memory = if bytes > LARGE {
            ffi::PyObject_Calloc(1, bytes)
        } else {
            ffi::PyObject_Malloc(bytes)
        };
        if memory.is_null() {
            return Err(PyMemoryError::new_err(()));
        }
        let object = ffi::PyObject_Init(memory.cast(), ty);
        let cdata = object.cast::<CData>();
        (*cdata).ctype = ctype.clone().into_ptr();
        (*cdata).data = data;
        (*cdata).length = length;
        *(*cdata).weak.get() = std::ptr::null_mut();
        Ok(object)
    }
}

/// Above this, zero pages come from the system.
const LARGE: usize = 4096;

/// What an object holds of its own, given back before its memory.
///
/// # Safety
///
/// `object` is cdata whose last reference is gone.
unsafe fn give_back(object: Object) {
    let cdata = object.cast::<CData>();
    // SAFETY: the caller's promise.
    unsafe {
        clear_weak_references(object);
        ffi::Py_DECREF((*cdata).ctype);
    }
}

/// # Safety
///
/// `object` is cdata whose last reference is gone.
unsafe fn clear_weak_references(object: Object) {
    // SAFETY: the caller's promise.
    unsafe {
        if !(*(*object.cast::<CData>()).weak.get()).is_null() {
            ffi::PyObject_ClearWeakRefs(object);
        }
    }
}

/// The NULL pointer, a `void *`.
pub(crate) fn null(py: Python<'_>) -> PyResult<Object> {
    let types = crate::state::types();
    let void: TypeId = types.pointer(types.void());
    reference(py, &ctype::of(py, void)?, std::ptr::null_mut(), -1)
}
