//! The Python types that cdata objects are of, and their slots.

#![allow(unsafe_code)] // Types are made from tables of untyped pointers.

use std::ffi::{CStr, c_int, c_uint, c_ulong, c_void};
use std::mem::offset_of;

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use super::{
    CData, FunctionData, Kept, attribute, call, compare, index, iterate, kept, number, print,
};
use crate::slot::{Object, slot};

/// Who owns what is behind cdata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nobody here: a number, a pointer, a reference.
    Plain,
    /// A function, or a pointer to one.
    Function,
    /// The object, which has the memory inside.
    Owner,
    /// The object keeps another one, or does something when it goes.
    Kept,
}

/// The types, made once.
pub(crate) struct Kinds {
    pub(crate) plain: *mut ffi::PyTypeObject,
    pub(crate) function: *mut ffi::PyTypeObject,
    pub(crate) owner: *mut ffi::PyTypeObject,
    pub(crate) kept: *mut ffi::PyTypeObject,
}

// SAFETY: type objects that are never freed; they are used with the interpreter's lock held.
unsafe impl Send for Kinds {}
// SAFETY: as above.
unsafe impl Sync for Kinds {}

static KINDS: PyOnceLock<Kinds> = PyOnceLock::new();

/// The types. They are made when the module is.
#[inline]
pub(crate) fn kinds(py: Python<'_>) -> &Kinds {
    KINDS.get(py).expect("made with the module")
}

impl Kinds {
    pub(crate) fn make(py: Python<'_>) -> PyResult<&Kinds> {
        KINDS.get_or_try_init(py, || {
            let base = Made::new(c"farcall.CData", size_of::<CData>()).slots(COMMON);
            let base = base
                .basetype()
                .slot(ffi::Py_tp_dealloc, dealloc_plain as *mut c_void);
            let plain = base.make(py, std::ptr::null_mut())?;
            let function = Made::new(c"farcall.CDataFunction", size_of::<FunctionData>())
                .slot(ffi::Py_tp_dealloc, dealloc_function as *mut c_void)
                .slot(ffi::Py_tp_call, ffi::PyVectorcall_Call as *mut c_void)
                .vectorcall()
                .make(py, plain)?;
            let owner = Made::new(c"farcall.CDataOwner", size_of::<CData>())
                .slot(ffi::Py_tp_dealloc, dealloc_plain as *mut c_void)
                .make(py, plain)?;
            let kept = Made::new(c"farcall.CDataKept", size_of::<Kept>())
                .slot(ffi::Py_tp_dealloc, kept::dealloc as *mut c_void)
                .slot(ffi::Py_tp_traverse, kept::traverse as *mut c_void)
                .slot(ffi::Py_tp_clear, kept::clear as *mut c_void)
                .slot(ffi::Py_tp_finalize, kept::finalize as *mut c_void)
                .slot(ffi::Py_tp_repr, print::kept_repr as *mut c_void)
                .collected()
                .make(py, plain)?;
            // SAFETY: a type that was just made, and that nothing but the above derives from.
            unsafe { (*plain).tp_flags &= !ffi::Py_TPFLAGS_BASETYPE };
            Ok(Kinds {
                plain,
                function,
                owner,
                kept,
            })
        })
    }

    #[inline]
    pub(crate) fn is_cdata(&self, ty: *mut ffi::PyTypeObject) -> bool {
        ty == self.plain || ty == self.owner || ty == self.function || ty == self.kept
    }

    #[inline]
    pub(crate) fn kind(&self, ty: *mut ffi::PyTypeObject) -> Kind {
        if ty == self.owner {
            Kind::Owner
        } else if ty == self.function {
            Kind::Function
        } else if ty == self.kept {
            Kind::Kept
        } else {
            Kind::Plain
        }
    }

    /// The type that all cdata is of: `ffi.CData`.
    pub(crate) fn base<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        // SAFETY: a living type object.
        unsafe { Bound::from_borrowed_ptr(py, self.plain.cast()) }
    }
}

/// Slots that all kinds share.
const COMMON: &[(c_int, *mut c_void)] = &[
    (ffi::Py_tp_new, refuse_new as *mut c_void),
    (ffi::Py_tp_repr, print::plain_repr as *mut c_void),
    (ffi::Py_tp_getattro, attribute::get as *mut c_void),
    (ffi::Py_tp_setattro, attribute::set as *mut c_void),
    (ffi::Py_tp_hash, compare::hash as *mut c_void),
    (ffi::Py_tp_richcompare, compare::compare as *mut c_void),
    (ffi::Py_tp_iter, iterate::iter as *mut c_void),
    (ffi::Py_tp_call, call::call as *mut c_void),
    (
        ffi::Py_tp_methods,
        attribute::METHODS.0.as_ptr().cast_mut().cast(),
    ),
    (ffi::Py_mp_length, index::length as *mut c_void),
    (ffi::Py_mp_subscript, index::get as *mut c_void),
    (ffi::Py_mp_ass_subscript, index::set as *mut c_void),
    (ffi::Py_nb_add, number::add as *mut c_void),
    (ffi::Py_nb_subtract, number::subtract as *mut c_void),
    (ffi::Py_nb_bool, number::bool as *mut c_void),
    (ffi::Py_nb_int, number::int as *mut c_void),
    (ffi::Py_nb_float, number::float as *mut c_void),
];

/// A type in the making.
pub(crate) struct Made {
    name: &'static CStr,
    size: usize,
    flags: c_ulong,
    slots: Vec<ffi::PyType_Slot>,
    members: Vec<ffi::PyMemberDef>,
}

impl Made {
    fn new(name: &'static CStr, size: usize) -> Made {
        Made::new_type(name, size, offset_of!(CData, weak))
    }

    /// A type whose objects have a place for weak references.
    pub(crate) fn new_type(name: &'static CStr, size: usize, weak: usize) -> Made {
        let weak = member(c"__weaklistoffset__", weak);
        Made {
            name,
            size,
            flags: ffi::Py_TPFLAGS_DEFAULT,
            slots: Vec::new(),
            members: vec![weak],
        }
    }

    fn slots(mut self, slots: &[(c_int, *mut c_void)]) -> Made {
        let slots = slots
            .iter()
            .map(|&(slot, pfunc)| ffi::PyType_Slot { slot, pfunc });
        self.slots.extend(slots);
        self
    }

    pub(crate) fn slot(self, slot: c_int, function: *mut c_void) -> Made {
        self.slots(&[(slot, function)])
    }

    fn basetype(mut self) -> Made {
        self.flags |= ffi::Py_TPFLAGS_BASETYPE;
        self
    }

    /// Takes part in the collection of cycles.
    pub(crate) fn collected(mut self) -> Made {
        self.flags |= ffi::Py_TPFLAGS_HAVE_GC;
        self
    }

    /// CPython enters objects at the address that they hold.
    fn vectorcall(mut self) -> Made {
        self.flags |= ffi::Py_TPFLAGS_HAVE_VECTORCALL;
        self.members.push(member(
            c"__vectorcalloffset__",
            offset_of!(FunctionData, entry),
        ));
        self
    }

    /// The type, which is never freed.
    pub(crate) fn make(
        mut self,
        py: Python<'_>,
        base: *mut ffi::PyTypeObject,
    ) -> PyResult<*mut ffi::PyTypeObject> {
        // SAFETY: all zero is the end of a list of members.
        self.members.push(unsafe { std::mem::zeroed() });
        // Some versions of the interpreter keep the list that they are given.
        let members = Box::leak(self.members.into_boxed_slice());
        self.slots.push(ffi::PyType_Slot {
            slot: ffi::Py_tp_members,
            pfunc: members.as_mut_ptr().cast(),
        });
        self.slots.push(ffi::PyType_Slot {
            slot: 0,
            pfunc: std::ptr::null_mut(),
        });
        let mut spec = ffi::PyType_Spec {
            name: self.name.as_ptr(),
            basicsize: self.size as c_int,
            itemsize: 0,
            flags: self.flags as c_uint,
            slots: self.slots.as_mut_ptr(),
        };
        // SAFETY: the table ends with zeros, and its functions are what their slots ask for.
        unsafe {
            let bases = match base.is_null() {
                true => std::ptr::null_mut(),
                false => ffi::PyTuple_Pack(1, base),
            };
            let made = ffi::PyType_FromSpecWithBases(&mut spec, bases);
            ffi::Py_XDECREF(bases);
            let made = crate::slot::checked(py, made)?;
            seal(&Bound::from_borrowed_ptr(py, made).cast_into_unchecked());
            Ok(made.cast())
        }
    }
}

/// Nothing can be set on the class from now on, as on cffi's. Before 3.10 only classes that the interpreter's own code
/// defines can be so.
pub(crate) fn seal(class: &Bound<'_, PyType>) {
    let _ = class;
    #[cfg(Py_3_10)]
    // SAFETY: a living type, with the interpreter's lock held.
    unsafe {
        (*class.as_type_ptr()).tp_flags |= ffi::Py_TPFLAGS_IMMUTABLETYPE;
        ffi::PyType_Modified(class.as_type_ptr());
    }
}

fn member(name: &'static CStr, offset: usize) -> ffi::PyMemberDef {
    ffi::PyMemberDef {
        name: name.as_ptr(),
        type_code: ffi::Py_T_PYSSIZET,
        offset: offset as isize,
        flags: ffi::Py_READONLY,
        doc: std::ptr::null(),
    }
}

/// Objects are made by functions of `FFI` alone.
pub(crate) unsafe extern "C" fn refuse_new(
    ty: *mut ffi::PyTypeObject,
    _args: Object,
    _kwds: Object,
) -> Object {
    // SAFETY: a slot.
    unsafe {
        slot(|py| {
            let ty = Bound::from_borrowed_ptr(py, ty.cast());
            let name = ty.getattr("__name__")?;
            Err(PyTypeError::new_err(format!(
                "cannot create 'farcall.{name}' instances"
            )))
        })
    }
}

unsafe extern "C" fn dealloc_plain(object: Object) {
    // SAFETY: the object's last reference is gone; its type is a heap type, which its objects hold.
    unsafe {
        let ty = ffi::Py_TYPE(object);
        super::give_back(object);
        ffi::PyObject_Free(object.cast());
        ffi::Py_DECREF(ty.cast());
    }
}

unsafe extern "C" fn dealloc_function(object: Object) {
    // SAFETY: as above, and the object is a function.
    unsafe {
        let FunctionData {
            keep,
            builtin,
            name,
            ..
        } = *object.cast::<FunctionData>();
        dealloc_plain(object);
        ffi::Py_XDECREF(name);
        if !builtin.is_null() {
            drop(Box::from_raw(builtin));
        }
        crate::library::let_go(keep);
    }
}
