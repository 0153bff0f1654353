//! What is not done here, because C would crash there, or because the two sides cannot agree.

use std::rc::Rc;

use farcall::ctype::TypeTable;
use farcall::object::Object;
use farcall::shape::{Form, Shape};
use farcall::{ErrorClass, Ffi};

use crate::host::{Cd, Val};
use crate::operation::Operation;

/// Why an operation is not made: it would read or write what is no memory.
pub(crate) struct Wild;

/// Whether the two sides cannot agree on an operation.
pub(crate) fn is_beyond_comparison(ffi: &Ffi, operation: &Operation) -> bool {
    let types = ffi.types();
    let is_number = |text: &str| Shape::of(types, ffi.type_of(text).unwrap()).is_number();
    let has_pointers = |v: &Cd| v.memory.as_ref().is_some_and(|memory| memory.pointers);
    let in_one_memory = |v: &Cd, w: &Cd| match (&v.memory, &w.memory) {
        (Some(a), Some(b)) => Rc::ptr_eq(a, b),
        _ => false,
    };
    match operation {
        // cffi has items of -1 bytes there.
        Operation::Item(v, ..)
        | Operation::SetItem(v, ..)
        | Operation::Unpack(v, ..)
        | Operation::Slice(v, ..)
        | Operation::SetSlice(v, ..)
            if has_unsized_items(types, v) =>
        {
            true
        }
        // Behind wide text in memory that is not new, cffi writes no zero, though its documentation says so.
        Operation::SetItem(v, _, value) => {
            let item = v.object.shape.item().map(|item| Shape::of(types, item));
            has_wide_text(item, value)
        }
        Operation::SetSlice(v, .., value) => {
            let item = v.object.shape.item().map(|item| Shape::of(types, item));
            !item.is_some_and(|item| item.is_character()) && has_wide_text(None, value)
        }
        Operation::SetField(v, name, value) => {
            let slot = types
                .slots_of(&v.object.shape)
                .and_then(|slots| slots.get(name));
            has_wide_text(slot.map(|slot| slot.shape), value)
        }
        // Addresses are others on each side, also as bytes.
        Operation::Cast(ty, Val::CData(v)) => match (v.object.shape.is_number(), is_number(ty)) {
            (_, false) => has_pointers(v),
            (false, true) => !v.object.address.is_null(),
            (true, true) => false,
        },
        Operation::AddressOf(v, _) => has_pointers(v),
        // Only what lies in one memory has a distance.
        Operation::Subtract(v, w) => match v.object.distance(types, &w.object) {
            Err(error) if error.class() == ErrorClass::Type => false,
            _ => !in_one_memory(v, w),
        },
        Operation::Compare(v, w, _) => {
            let numbers = [v, w].map(|cdata| cdata.object.shape.is_number());
            numbers != [true, true] && (numbers != [false, false] || !in_one_memory(v, w))
        }
        _ => false,
    }
}

pub(crate) fn inside(v: &Cd, address: *const u8, size: u64) -> Result<(), Wild> {
    match &v.memory {
        Some(memory) if memory.holds(address, size) => Ok(()),
        _ => Err(Wild),
    }
}

/// `long double` has bytes that nobody writes.
pub(crate) fn has_padding(types: &TypeTable, object: &Object) -> bool {
    let text = types.spelling(object.shape.ty);
    text.contains("long double")
        || text.contains("struct")
        || text.contains("alias")
        || text.contains('*')
}

/// Whether arrays and records in a value, which may be copied, are memory.
pub(crate) fn is_readable(types: &TypeTable, value: &Val) -> bool {
    match value {
        Val::List(items) => items.iter().all(|item| is_readable(types, item)),
        Val::Dict(members) => members.iter().all(|(_, value)| is_readable(types, value)),
        Val::CData(v) => match v.object.shape.form {
            Form::Array { .. } | Form::Record(_) if let Some(own) = &v.own => {
                let pointer = match v.object.shape.form {
                    Form::Record(_) => own.address_of(&[]),
                    _ => Ok(own.clone()),
                };
                pointer.is_ok_and(|pointer| pointer.read_bytes(None).is_ok())
            }
            Form::Array { .. } | Form::Record(_) => {
                let size = v.object.size_of(types);
                size.is_ok_and(|size| inside(v, v.object.address, size).is_ok())
            }
            _ => true,
        },
        _ => true,
    }
}

fn has_wide_text(target: Option<Shape>, value: &Val) -> bool {
    match value {
        Val::Text(_) => !target.is_some_and(|target| target.is_character()),
        Val::List(items) => items.iter().any(|item| has_wide_text(None, item)),
        Val::Dict(members) => members.iter().any(|(_, value)| has_wide_text(None, value)),
        _ => false,
    }
}

fn has_unsized_items(types: &TypeTable, v: &Cd) -> bool {
    let item = v.object.shape.item();
    item.is_some_and(|item| Shape::of(types, item).size(types).is_none())
}
