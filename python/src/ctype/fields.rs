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
pub(crate) struct Fields {
    list: Vec<Field>,
    by_name: HashMap<usize, usize>,
}

/// The members of a type, once somebody has asked for them. A structure may lead to itself, so the collector takes them away
/// from types that nobody holds.
#[derive(Default)]
pub(super) struct Members(AtomicPtr<Fields>);

impl Members {
    #[inline]
    pub(super) fn get(&self) -> Option<&Fields> {
        // SAFETY: null, or from `get_or_set`; it is taken away when nobody holds the type any more.
        unsafe { self.0.load(Ordering::Acquire).as_ref() }
    }

    pub(super) fn get_or_set(&self, fields: Fields) -> &Fields {
        let new = Box::into_raw(Box::new(fields));
        let order = (Ordering::AcqRel, Ordering::Acquire);
        let set = self
            .0
            .compare_exchange(ptr::null_mut(), new, order.0, order.1);
        // SAFETY: as above; what was not set is nobody else's.
        unsafe {
            match set {
                Ok(_) => &*new,
                Err(known) => {
                    drop(Box::from_raw(new));
                    &*known
                }
            }
        }
    }

    /// Takes them away.
    ///
    /// # Safety
    ///
    /// What [`Members::get`] has given is not in use.
    pub(super) unsafe fn clear(&self) {
        let fields = self.0.swap(ptr::null_mut(), Ordering::AcqRel);
        if !fields.is_null() {
            // SAFETY: from `get_or_set`, and the caller's promise.
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
pub(crate) struct Field {
    /// Interned, so that its address stands for it.
    pub(crate) name: Py<PyString>,
    pub(crate) ctype: Held<CType>,
    pub(crate) offset: usize,
    pub(crate) slot: &'static Slot,
    /// Whether it is at its offset as any value of its type: no bit-field, and no array without a length.
    pub(crate) plain: bool,
    /// Whether it is an array of no items, as structures end in that were written before C had arrays without a length.
    pub(crate) open: bool,
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
                offset: slot.member.offset as usize,
                plain: slot.member.bits.is_none() && !slot.is_flexible(),
                open: matches!(
                    slot.shape.form,
                    Form::Array {
                        length: Some(0),
                        ..
                    }
                ),
                slot,
            })
        };
        let list = slots.iter().map(field).collect::<PyResult<Vec<_>>>()?;
        let by_name = list.iter().enumerate();
        let by_name = by_name.map(|(index, field)| (field.name.as_ptr() as usize, index));
        let by_name = by_name.collect();
        Ok(Some(Fields { list, by_name }))
    }

    /// The member of this name: of an interned string at once, of any other by its text.
    #[inline]
    pub(crate) fn get(&self, py: Python<'_>, name: Object) -> Option<&Field> {
        if self.list.len() <= FEW {
            let same = |field: &&Field| field.name.as_ptr() == name;
            if let Some(field) = self.list.iter().find(same) {
                return Some(field);
            }
        } else if let Some(&index) = self.by_name.get(&(name as usize)) {
            return self.list.get(index);
        }
        self.get_by_text(py, name)
    }

    #[cold]
    fn get_by_text(&self, py: Python<'_>, name: Object) -> Option<&Field> {
        let name = crate::slot::borrowed(py, &name).cast::<PyString>().ok()?;
        let text = name.to_str().ok()?;
        let same = |field: &&Field| field.name.bind(py).to_str().is_ok_and(|own| own == text);
        self.list.iter().find(same)
    }

    /// In the order of declaration.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.list.iter()
    }
}
