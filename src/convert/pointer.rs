//! What a pointer takes: pointers and arrays of its type, functions, and in an argument whatever its items could be
//! initialised with.

use std::sync::Arc;

use super::store::{Store, text_units};
use super::{size_for, wrong_kind};
use crate::cdata::CData;
use crate::ctype::{CType, Primitive, TypeId};
use crate::{Error, Value};

impl Store<'_> {
    /// The address to store for a pointer of type `ty` to `target`.
    pub(super) fn pointer(
        &mut self,
        ty: TypeId,
        target: TypeId,
        value: &Value,
    ) -> Result<*mut u8, Error> {
        match value {
            Value::None => Ok(std::ptr::null_mut()),
            Value::CData(cdata) => match cdata.address() {
                Some(address) if self.accepts(target, cdata) => Ok(address.cast()),
                _ => Err(wrong_kind(
                    self.types,
                    ty,
                    "a pointer to the same type",
                    value,
                )),
            },
            Value::Text(_) | Value::Bytes(_) | Value::List(_) | Value::Map(_)
                if self.temporaries.is_some() =>
            {
                self.temporary(ty, target, value)
            }
            _ => Err(wrong_kind(self.types, ty, "a pointer", value)),
        }
    }

    /// As in C, but for casts that C makes silently: `void *` goes to and from every pointer, the pointers to
    /// bytes go to one another.
    fn accepts(&self, target: TypeId, cdata: &CData) -> bool {
        let theirs = cdata.types();
        let given = match theirs.get(theirs.plain(cdata.type_id())) {
            CType::Pointer(given) => given,
            CType::Array { element, .. } => element,
            CType::Function(_) => theirs.plain(cdata.type_id()),
            _ => return false,
        };
        let (given, target) = (theirs.plain(given), self.types.plain(target));
        let node = (theirs.get(given), self.types.get(target));
        let is_byte =
            |node| matches!(node, CType::Primitive(p) if p.layout(theirs.model()).size == 1);
        match node {
            (CType::Void, _) | (_, CType::Void) => true,
            (given, target) if is_byte(given) && is_byte(target) => true,
            (CType::Primitive(given), CType::Primitive(target)) => given == target,
            _ => Arc::ptr_eq(theirs, self.types) && theirs.same(given, target),
        }
    }

    /// Puts the items into memory that lives as long as the call.
    fn temporary(&mut self, ty: TypeId, target: TypeId, value: &Value) -> Result<*mut u8, Error> {
        let bytes = matches!(self.types.get(target), CType::Void)
            && matches!(value, Value::Text(_) | Value::Bytes(_));
        let element = if bytes {
            self.types.primitive(Primitive::Char)
        } else {
            target
        };
        if let (Value::Text(text), Some(_)) = (value, text_units(self.types, element, value))
            && let Some(at) = text.find('\0')
        {
            return Err(Error::EmbeddedNul {
                ty: self.types.spelling(ty),
                at,
                place: Default::default(),
            });
        }
        let storage = match value {
            Value::Map(_) => element,
            Value::Text(_) | Value::Bytes(_)
                if text_units(self.types, element, value).is_none() =>
            {
                return Err(wrong_kind(self.types, ty, "a pointer or a list", value));
            }
            _ => self.types.array(element, None),
        };
        let (size, align) = size_for(self.types, storage, value)?;
        let memory = CData::allocate(self.types, storage, size, align)?;
        let address = memory.address().expect("memory has an address").cast();
        // SAFETY: the memory was just allocated for this very value. Pointers inside take only pointers.
        unsafe { Store::initialiser(self.types).store(storage, address, size, value) }?;
        self.temporaries
            .as_mut()
            .expect("only arguments come here")
            .push(memory);
        Ok(address)
    }
}
