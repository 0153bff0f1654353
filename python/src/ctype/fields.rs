//! Members of records, found by the address of an interned name.

#![allow(unsafe_code)] // Members are taken away from types that are collected.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use farcall::ctype::{CType as Node, TypeId};
use farcall::shape::{Form, Slot};
use hashbrown::HashMap;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::CType;
use crate::release::Held;
use crate::slot::Object;
use crate::state::types;

/// The named members of a record, those inside anonymous members too.
pub(super) struct Fields {
    list: Vec<Field>,
    by_name: HashMap<usize, usize>,
}

/// The members of a type, once somebody has asked for them. A structure may lead to itself, so the collector takes them away
/// from types that nobody holds.
#[derive(Default)]
pub(super) struct Members(AtomicPtr<Fields>);

impl Members {
    /// Looks at them, if they are known.
    ///
    /// # Safety
    ///
    /// The interpreter's lock is held, and `look` neither lets go of it nor runs Python code: what it is shown may be taken
    /// away then, even of a type that somebody holds.
    #[inline(always)]
    pub(super) unsafe fn look<T>(&self, look: impl FnOnce(&Fields) -> T) -> Option<T> {
        // SAFETY: null, or from `set`; `clear` is called with the lock held, which `look` does not give to anybody.
        unsafe { self.0.load(Ordering::Acquire).as_ref() }.map(look)
    }

    /// Sets them, unless somebody was quicker.
    pub(super) fn set(&self, fields: Fields) {
        let new = Box::into_raw(Box::new(fields));
        let order = (Ordering::AcqRel, Ordering::Acquire);
        let set = self
            .0
            .compare_exchange(ptr::null_mut(), new, order.0, order.1);
        if set.is_err() {
            // SAFETY: what was not set is nobody else's.
            drop(unsafe { Box::from_raw(new) });
        }
    }

    /// Takes them away. They are asked for again where the type is still used.
    ///
    /// # Safety
    ///
    /// The interpreter's lock is held, or nobody else has the type.
    pub(super) unsafe fn clear(&self) {
        let fields = self.0.swap(ptr::null_mut(), Ordering::AcqRel);
        if !fields.is_null() {
            // SAFETY: from `set`, and nobody looks at it, as `look` does so with the lock held all the time.
            drop(unsafe { Box::from_raw(fields) });
        }
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        // SAFETY: nobody else has it.
        unsafe { self.clear() };
    }
}

/// A member.
pub(super) struct Field {
    /// Interned, so that its address stands for it.
    name: Py<PyString>,
    pub(super) ctype: Held<CType>,
    place: Place,
}

/// What whoever reads or writes a member has of its own: conversions run Python code, and the collector may take the
/// record's members away meanwhile.
pub(crate) struct Member<'py> {
    pub(crate) ctype: Bound<'py, CType>,
    pub(crate) place: Place,
}

/// Where a member is, and how.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) offset: usize,
    pub(crate) slot: &'static Slot,
    /// [`PLAIN`] and [`OPEN`]. A word, for options of places are copied by words, and by odd pieces if there is a `bool`.
    flags: usize,
}

fn flags(slot: &Slot) -> usize {
    let is_plain = slot.member.bits.is_none() && !slot.is_flexible();
    let is_open = matches!(
        slot.shape.form,
        Form::Array {
            length: Some(0),
            ..
        }
    );
    (PLAIN * usize::from(is_plain)) | (OPEN * usize::from(is_open))
}

const PLAIN: usize = 1;
const OPEN: usize = 2;

impl Place {
    /// Whether it is at its offset as any value of its type: no bit-field, and no array without a length.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.flags & PLAIN != 0
    }

    /// Whether it is an array of no items, as structures end in that were written before C had arrays without a length.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        self.flags & OPEN != 0
    }
}

impl Field {
    #[inline(always)]
    fn member<'py>(&self, py: Python<'py>) -> Member<'py> {
        Member {
            ctype: self.ctype.bind(py).clone(),
            place: self.place,
        }
    }
}

/// Up to so many names are compared one after the other.
const FEW: usize = 6;

impl Fields {
    pub(super) fn of(py: Python<'_>, record: TypeId) -> PyResult<Option<Fields>> {
        let Node::Record(id) = types().get(record) else {
            return Ok(None);
        };
        let Some(slots) = types().slots(id) else {
            return Ok(None);
        };
        let field = |slot: &'static Slot| {
            Ok(Field {
                name: PyString::intern(py, &slot.name).unbind(),
                ctype: super::of(py, slot.shape.ty)?.unbind().into(),
                place: Place {
                    offset: slot.member.offset as usize,
                    flags: flags(slot),
                    slot,
                },
            })
        };
        let list = slots.iter().map(field).collect::<PyResult<Vec<_>>>()?;
        let by_name = list.iter().enumerate();
        let by_name = by_name.map(|(index, field)| (field.name.as_ptr() as usize, index));
        let by_name = by_name.collect();
        Ok(Some(Fields { list, by_name }))
    }

    /// The member of this name: of an interned string at once, of any other by its text.
    #[inline(always)]
    pub(super) fn get<'py>(&self, py: Python<'py>, name: Object) -> Option<Member<'py>> {
        if self.list.len() <= FEW {
            let same = |field: &&Field| field.name.as_ptr() == name;
            if let Some(field) = self.list.iter().find(same) {
                return Some(field.member(py));
            }
        } else if let Some(&index) = self.by_name.get(&(name as usize)) {
            return Some(self.list.get(index)?.member(py));
        }
        Some(self.get_by_text(py, name)?.member(py))
    }

    #[cold]
    fn get_by_text(&self, py: Python<'_>, name: Object) -> Option<&Field> {
        let name = crate::slot::borrowed(py, &name).cast::<PyString>().ok()?;
        let text = name.to_str().ok()?;
        let same = |field: &&Field| field.name.bind(py).to_str().is_ok_and(|own| own == text);
        self.list.iter().find(same)
    }

    /// The names in the order of declaration.
    pub(super) fn names<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyString>> {
        let names = self.list.iter();
        names.map(|field| field.name.bind(py).clone()).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.list.iter()
    }
}
