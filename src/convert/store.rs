//! Values to C memory: the initialisers of memory, assignments, and arguments.

use std::ptr;
use std::sync::Arc;

use super::{store_bits, wrong_kind};
use crate::cdata::CData;
use crate::ctype::{
    CType, Field, FieldId, Member, Primitive, PrimitiveKind, RecordBody, RecordId, RecordKind,
    TypeId, TypeTable,
};
use crate::layout::layout_of;
use crate::{Error, Value};

/// Converts values to one place in C memory.
pub(crate) struct Store<'a> {
    pub(super) types: &'a Arc<TypeTable>,
    /// In an argument, temporary memory that pointers point to until the call is over.
    pub(super) temporaries: Option<&'a mut Vec<CData>>,
    /// Whether the memory was allocated for the value, and is zero.
    fresh: bool,
}

impl<'a> Store<'a> {
    /// For memory that outlives the conversion: pointers take only pointers.
    pub(crate) fn new(types: &'a Arc<TypeTable>) -> Store<'a> {
        Store {
            types,
            temporaries: None,
            fresh: false,
        }
    }

    /// As [`Store::new`], for memory that was allocated for the value: an array may be given as its length.
    pub(crate) fn initialiser(types: &'a Arc<TypeTable>) -> Store<'a> {
        Store {
            types,
            temporaries: None,
            fresh: true,
        }
    }

    /// For an argument: a pointer also takes text, a list or a mapping, which is put into `temporaries`.
    pub(crate) fn argument(
        types: &'a Arc<TypeTable>,
        temporaries: &'a mut Vec<CData>,
    ) -> Store<'a> {
        Store {
            types,
            temporaries: Some(temporaries),
            fresh: false,
        }
    }

    /// Stores `value` as type `ty`; what an initialiser does not name stays as it is.
    ///
    /// # Safety
    ///
    /// `room` bytes at `to` are writable, at least the size of the type (all of them are for an array of
    /// unknown length or a record with a flexible array member).
    pub(crate) unsafe fn store(
        &mut self,
        ty: TypeId,
        to: *mut u8,
        room: u64,
        value: &Value,
    ) -> Result<(), Error> {
        let ty = self.types.plain(ty);
        // SAFETY: of all arms: the caller's promise, for the size of this very type.
        unsafe {
            match self.types.get(ty) {
                CType::Primitive(primitive) => self.store_primitive(ty, primitive, to, value),
                CType::Enum(id) => {
                    let body = self.types.enumeration(id).body();
                    let underlying = body.map_or(Primitive::Int, |body| body.underlying);
                    let named = match value {
                        Value::Text(name) => {
                            body.and_then(|b| b.enumerators.iter().find(|e| *e.name == **name))
                        }
                        _ => None,
                    };
                    let value =
                        named.map_or_else(|| value.clone(), |constant| Value::Int(constant.value));
                    self.store_primitive(ty, underlying, to, &value)
                }
                CType::Pointer(target) => {
                    let address = self.pointer(ty, target, value)?;
                    to.cast::<*mut u8>().write_unaligned(address);
                    Ok(())
                }
                CType::Array { element, length } => {
                    self.store_array(ty, element, length, to, room, value)
                }
                CType::Record(id) => self.store_record(ty, id, to, room, value),
                CType::Vector { element, lanes } => {
                    self.store_vector(ty, element, lanes, to, value)
                }
                CType::Void | CType::Function(_) | CType::Aligned { .. } | CType::Deferred(_) => {
                    Err(wrong_kind(self.types, ty, "no values", value))
                }
            }
        }
    }

    /// A vector takes a list of its lanes; those not given stay as they are.
    unsafe fn store_vector(
        &mut self,
        ty: TypeId,
        element: TypeId,
        lanes: u32,
        to: *mut u8,
        value: &Value,
    ) -> Result<(), Error> {
        let Value::List(_) = value else {
            // SAFETY: the caller's promise.
            return unsafe { self.copy_same(ty, to, value, "a list of its lanes") };
        };
        let size = layout_of(&**self.types, ty)?.size;
        // SAFETY: a vector's lanes lie as an array's items do.
        unsafe { self.store_array(ty, element, Some(lanes.into()), to, size, value) }
    }

    unsafe fn store_array(
        &mut self,
        ty: TypeId,
        element: TypeId,
        length: Option<u64>,
        to: *mut u8,
        room: u64,
        value: &Value,
    ) -> Result<(), Error> {
        let size = layout_of(&**self.types, element)?.size;
        let items = length.unwrap_or_else(|| room.checked_div(size).unwrap_or(0));
        let check = |found: u64| match found > items {
            false => Ok(()),
            true => Err(Error::TooManyItems {
                ty: self.types.spelling(ty),
                room: items,
                found,
                place: Default::default(),
            }),
        };
        if let Some(units) = text_units(self.types, element, value) {
            // As in C, the terminating zero is left out where there is no room for it.
            check(units.len() as u64)?;
            let terminated = units.iter().copied().chain([0]).take(items as usize);
            for (index, unit) in terminated.enumerate() {
                // SAFETY: `index` is below the number of items there is room for.
                unsafe {
                    ptr::copy_nonoverlapping(
                        unit.to_le_bytes().as_ptr(),
                        to.add(index * size as usize),
                        size as usize,
                    )
                };
            }
            return Ok(());
        }
        match value {
            Value::List(values) => {
                check(values.len() as u64)?;
                for (index, value) in values.iter().enumerate() {
                    // SAFETY: `index` is below the number of items there is room for.
                    unsafe { self.store(element, to.add(index * size as usize), size, value) }
                        .map_err(|error| error.within(|| format!("item {index}")))?;
                }
                Ok(())
            }
            Value::CData(cdata) if self.is_array_of(element, cdata) => {
                let given = cdata.len()?;
                check(given)?;
                let bytes = (given * size) as usize;
                let from = cdata.bytes(bytes)?;
                // SAFETY: there is room for `given` items, and as many are readable; they may overlap.
                unsafe { ptr::copy(from, to, bytes) };
                Ok(())
            }
            // A length, for memory that is zero already.
            Value::Int(_) if length.is_none() && self.fresh => Ok(()),
            Value::None => Ok(()),
            // SAFETY: the caller's promise.
            _ => unsafe { self.copy_same(ty, to, value, "a list") },
        }
    }

    unsafe fn store_record(
        &mut self,
        ty: TypeId,
        id: RecordId,
        to: *mut u8,
        room: u64,
        value: &Value,
    ) -> Result<(), Error> {
        let record = self.types.record(id);
        let Some(body) = record.body() else {
            return Err(layout_of(&**self.types, ty).unwrap_err().into());
        };
        match value {
            Value::List(values) => {
                let slots = positional(body);
                let slots = if record.kind == RecordKind::Union {
                    &slots[..slots.len().min(1)]
                } else {
                    &slots[..]
                };
                if values.len() > slots.len() {
                    return Err(Error::TooManyItems {
                        ty: self.types.spelling(ty),
                        room: slots.len() as u64,
                        found: values.len() as u64,
                        place: Default::default(),
                    });
                }
                for ((name, member), value) in slots.iter().zip(values) {
                    // SAFETY: a member of the record, whose memory the caller promises.
                    unsafe { self.store_member(name, member, to, room, value) }?;
                }
                Ok(())
            }
            Value::Map(members) => {
                for (name, value) in members {
                    let member = body.member(name).ok_or_else(|| Error::Field {
                        ty: self.types.spelling(ty),
                        field: name.clone(),
                        place: Default::default(),
                    })?;
                    // SAFETY: a member of the record, whose memory the caller promises.
                    unsafe { self.store_member(name, member, to, room, value) }?;
                }
                Ok(())
            }
            Value::None => Ok(()),
            // SAFETY: the caller's promise.
            _ => unsafe {
                self.copy_same(
                    ty,
                    to,
                    value,
                    "a list of its members, a mapping or cdata of the same type",
                )
            },
        }
    }

    unsafe fn store_member(
        &mut self,
        name: &str,
        member: &Member,
        to: *mut u8,
        room: u64,
        value: &Value,
    ) -> Result<(), Error> {
        let room = room.saturating_sub(member.offset);
        // SAFETY: the member lies inside the record.
        let stored = unsafe {
            let to = to.add(member.offset as usize);
            match member.bits {
                None => self.store(member.ty, to, room, value),
                Some(bits) => store_bits(self.types, member.ty, to, bits, value),
            }
        };
        stored.map_err(|error| error.within(|| format!("member '{name}'")))
    }

    pub(super) fn is_same(&self, ty: TypeId, value: &Value) -> bool {
        let Value::CData(cdata) = value else {
            return false;
        };
        cdata
            .type_in(self.types)
            .is_ok_and(|given| self.types.same(self.types.plain(given), ty))
    }

    fn is_array_of(&self, element: TypeId, cdata: &CData) -> bool {
        let given = cdata
            .type_in(self.types)
            .map(|ty| self.types.get(self.types.plain(ty)));
        matches!(given, Ok(CType::Array { element: given, .. }) if self.types.same(given, element))
    }

    /// Copies cdata of the very type.
    pub(super) unsafe fn copy_same(
        &self,
        ty: TypeId,
        to: *mut u8,
        value: &Value,
        expected: &str,
    ) -> Result<(), Error> {
        let size = layout_of(&**self.types, ty)?.size as usize;
        if let Value::CData(cdata) = value
            && self.is_same(ty, value)
        {
            let from = cdata.bytes(size)?;
            // SAFETY: both places have the type's size; they may be the same one.
            unsafe { ptr::copy(from, to, size) };
            return Ok(());
        }
        Err(wrong_kind(self.types, ty, expected, value))
    }
}

/// The members that a list fills in order: named ones, and anonymous records as one item each.
pub(super) fn positional(body: &RecordBody) -> Vec<(String, Member)> {
    let members = body
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.name.is_some() || field.bits.is_none());
    members
        .map(
            |(
                index,
                Field {
                    name,
                    ty,
                    offset,
                    bits,
                },
            )| {
                let name = name.as_deref().unwrap_or("(anonymous)").to_owned();
                (
                    name,
                    Member {
                        field: FieldId(index as u32),
                        ty: *ty,
                        offset: *offset,
                        bits: *bits,
                    },
                )
            },
        )
        .collect()
}

/// The units of text for an array of characters, without a terminating zero.
pub(super) fn text_units(types: &TypeTable, element: TypeId, value: &Value) -> Option<Vec<u32>> {
    let CType::Primitive(primitive) = types.get(types.plain(element)) else {
        return None;
    };
    let size = primitive.layout(types.model()).size;
    match (primitive.kind(), size, value) {
        (PrimitiveKind::WideChar, 2, Value::Text(text)) => {
            Some(text.encode_utf16().map(u32::from).collect())
        }
        (PrimitiveKind::WideChar, _, Value::Text(text)) => {
            Some(text.chars().map(u32::from).collect())
        }
        (PrimitiveKind::WideChar | PrimitiveKind::Float | PrimitiveKind::Complex, ..) => None,
        (_, 1, Value::Text(text)) => Some(text.bytes().map(u32::from).collect()),
        (_, 1, Value::Bytes(bytes)) => Some(bytes.iter().copied().map(u32::from).collect()),
        _ => None,
    }
}
