//! CType objects: one for each type, as long as somebody holds it.

#![allow(unsafe_code)] // Members may be taken away by the collector.

mod attributes;
mod fields;
mod intern;

use std::sync::OnceLock;

use farcall::ctype::TypeId;
use farcall::layout::layout_of;
use farcall::shape::{Form, Shape};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyString;

pub(crate) use attributes::CField;
pub(crate) use fields::Member;
use fields::{Fields, Members};
pub(crate) use intern::of;

use crate::call::Plan;
use crate::errors;
use crate::slot::Object;
use crate::state::types;

/// A C type.
#[pyclass(frozen, weakref, module = "farcall")]
pub(crate) struct CType {
    pub(crate) id: TypeId,
    pub(crate) shape: Shape,
    /// What compiled code takes cdata of the type for: a number that all types have in common that pass as the same pointer,
    /// positive; a negative one for every other type.
    pub(crate) class: i32,
    /// What a pointer points to, an array consists of, or the structure is that an owner is asked for.
    item: Option<Py<CType>>,
    /// Known from the start, or once a record is complete.
    layout: OnceLock<farcall::layout::Layout>,
    fields: Members,
    plan: OnceLock<Plan>,
}

impl CType {
    /// Whether cdata of it holds an address: a pointer, or a pointer to a function.
    #[inline]
    pub(crate) fn is_pointer(&self) -> bool {
        matches!(self.shape.form, Form::Pointer(_) | Form::FunctionPointer(_))
    }

    /// Whether it is a pointer to a function.
    #[inline]
    pub(crate) fn is_function(&self) -> bool {
        matches!(self.shape.form, Form::FunctionPointer(_))
    }

    /// Whether it is an array.
    #[inline]
    pub(crate) fn is_array(&self) -> bool {
        matches!(self.shape.form, Form::Array { .. })
    }

    /// Whether it is a structure or a union.
    #[inline]
    pub(crate) fn is_record(&self) -> bool {
        matches!(self.shape.form, Form::Record(_))
    }

    /// `sizeof`, if it is known.
    #[inline]
    pub(crate) fn size(&self) -> Option<usize> {
        self.layout().map(|layout| layout.size as usize)
    }

    #[inline]
    pub(crate) fn align(&self) -> Option<usize> {
        self.layout().map(|layout| layout.align as usize)
    }

    #[inline]
    fn layout(&self) -> Option<&farcall::layout::Layout> {
        match self.layout.get() {
            Some(layout) => Some(layout),
            None => {
                let layout = layout_of(types(), self.id).ok()?;
                Some(self.layout.get_or_init(|| layout))
            }
        }
    }

    /// What a pointer points to, or an array consists of; not for pointers to functions.
    #[inline]
    pub(crate) fn item<'py>(&self, py: Python<'py>) -> Option<&Bound<'py, CType>> {
        self.item.as_ref().map(|item| item.bind(py))
    }

    /// Size and alignment of what `ffi.new` makes without an initialiser, if only the type says so.
    #[inline]
    pub(crate) fn new_size(&self, py: Python<'_>) -> Option<(usize, usize)> {
        let stored = match self.shape.form {
            Form::Pointer(_) => self.item(py)?.get(),
            Form::Array {
                length: Some(_), ..
            } => self,
            _ => return None,
        };
        if let Form::Record(id) = stored.shape.form
            && types().record(id).body().is_none_or(|body| body.flexible)
        {
            return None;
        }
        let layout = stored.layout()?;
        let room = layout.size <= types().model().max_size();
        room.then_some((layout.size as usize, layout.align as usize))
    }

    /// The type's name in C.
    pub(crate) fn name(&self) -> String {
        types().spelling(self.id)
    }

    /// The member of a complete record that has this name.
    #[inline(always)]
    pub(crate) fn member<'py>(
        &self,
        py: Python<'py>,
        name: Object,
    ) -> PyResult<Option<Member<'py>>> {
        // SAFETY: the lock is held, and only compares names and counts references.
        match unsafe { self.fields.look(|fields| fields.get(py, name)) } {
            Some(found) => Ok(found),
            None => self.learn(py, |fields| fields.get(py, name)),
        }
    }

    /// The names of a complete record's members, in the order of declaration.
    pub(crate) fn member_names<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyString>>> {
        let look = |fields: &Fields| Some(fields.names(py));
        // SAFETY: the lock is held, and only references are counted.
        let names = match unsafe { self.fields.look(look) } {
            Some(names) => names,
            None => self.learn(py, look)?,
        };
        Ok(names.unwrap_or_default())
    }

    /// Finds the members of a record out, if it is complete, and looks at them.
    #[cold]
    fn learn<T>(
        &self,
        py: Python<'_>,
        look: impl FnOnce(&Fields) -> Option<T>,
    ) -> PyResult<Option<T>> {
        let Some(fields) = Fields::of(py, self.id)? else {
            return Ok(None);
        };
        let found = look(&fields);
        self.fields.set(fields);
        Ok(found)
    }

    /// The types that it holds.
    fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.item)?;
        let visit_all = |fields: &Fields| {
            let mut fields = fields.iter();
            fields.try_for_each(|field| visit.call(&*field.ctype))
        };
        // SAFETY: the collector holds the lock, and runs no Python code while it looks at what objects hold.
        unsafe { self.fields.look(visit_all) }.unwrap_or(Ok(()))?;
        match self.plan.get() {
            Some(plan) => plan.visit(visit),
            None => Ok(()),
        }
    }

    /// How functions of this type, a pointer to them, are called.
    #[inline]
    pub(crate) fn plan(&self, py: Python<'_>) -> PyResult<&Plan> {
        if let Some(plan) = self.plan.get() {
            return Ok(plan);
        }
        let plan = Plan::of(py, self)?;
        Ok(self.plan.get_or_init(|| plan))
    }
}

/// The type that a C type name stands for, in the words of `ffi`.
pub(crate) fn pointer_to<'py>(py: Python<'py>, ty: TypeId) -> PyResult<Bound<'py, CType>> {
    of(py, types().pointer(ty))
}

/// What raises where a type's size is needed and not known.
pub(crate) fn sized(ctype: &CType) -> PyResult<usize> {
    match ctype.size() {
        Some(size) => Ok(size),
        None => Err(errors::of(
            layout_of(types(), ctype.id)
                .err()
                .map_or_else(|| unreachable!("a size that is known"), Into::into),
        )),
    }
}
