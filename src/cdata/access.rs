//! Reading and writing the memory of cdata, within its bounds.

use std::mem;

use super::{CData, Data};
use crate::convert;
use crate::ctype::CType;
use crate::error::ErrorClass;
use crate::host::Dynamic;
use crate::layout::layout_of;
use crate::memory::Extent;
use crate::shape::{Form, Shape, Slot};
use crate::{Error, Value};

impl CData {
    /// The value: a number as a number, anything else as itself.
    pub fn value(&self) -> Value {
        match &self.data {
            Data::Scalar(scalar) => {
                let (host, shape) = (Dynamic::new(&self.types), Shape::of(&self.types, self.ty));
                // SAFETY: the bytes are a value of the type, which a number's cdata was made with.
                let value = unsafe { convert::load(&host, &shape, scalar.0.as_ptr(), None) };
                value.unwrap_or_else(|_| Value::CData(self.clone()))
            }
            Data::Address { .. } => Value::CData(self.clone()),
        }
    }

    /// The member `name` of a struct or union, or of the one that a pointer points to. Members of anonymous
    /// members are found too.
    ///
    /// # Errors
    ///
    /// [`Error::NoField`] for an unknown name, [`Error::Refused`] where there are no members, and where memory is
    /// not known to be valid [`Error::Null`], [`Error::Foreign`] or [`Error::Bounds`].
    pub fn field(&self, name: &str) -> Result<Value, Error> {
        let (slot, record, extent) = self.member(name, false)?;
        let room = extent.room(record);
        // SAFETY: `member` checked that the member's bytes are inside the extent.
        unsafe {
            convert::load_member(&Dynamic::new(&self.types), slot, record, room, Some(extent))
        }
    }

    /// Sets the member `name`, as [`CData::field`] finds it.
    ///
    /// # Errors
    ///
    /// Those of [`CData::field`], [`Error::ReadOnly`], and those of the conversion.
    pub fn set_field(&self, name: &str, value: impl Into<Value>) -> Result<(), Error> {
        // First of all, for it may be anyone's code, which releases the memory.
        let value = value.into();
        let (slot, record, extent) = self.member(name, true)?;
        self.check_writable(extent)?;
        let room = extent.room(record).unwrap_or(0);
        let host = Dynamic::new(&self.types);
        // SAFETY: `member` checked that the member's bytes are inside the extent, which is writable.
        let stored = unsafe { convert::store_member(&host, slot, record, room, &value) };
        stored.map_err(|error| error.within(|| format!("member '{name}'")))
    }

    /// The item at `index` of an array, or behind a pointer. The record behind a pointer that owns it co-owns it.
    ///
    /// # Errors
    ///
    /// [`Error::Operation`] where there are no items, and where memory is not known to be valid [`Error::Null`],
    /// [`Error::Foreign`] or [`Error::Bounds`].
    pub fn item(&self, index: i64) -> Result<Value, Error> {
        let (shape, address, extent) = self.item_place(index)?;
        let host = Dynamic::new(&self.types);
        // SAFETY: `item_place` checked that the item's bytes are inside the extent.
        let mut item = unsafe { convert::load(&host, &shape, address, Some(extent)) }?;
        if let (Some(owned), Form::Pointer(_)) = (self.owned, self.object().shape.form)
            && let Value::CData(record) = &mut item
            && let Form::Record(_) = shape.form
        {
            record.owned = Some(owned);
        }
        Ok(item)
    }

    /// Sets the item at `index`, as [`CData::item`] finds it.
    ///
    /// # Errors
    ///
    /// Those of [`CData::item`], [`Error::ReadOnly`], and those of the conversion.
    pub fn set_item(&self, index: i64, value: impl Into<Value>) -> Result<(), Error> {
        let value = value.into();
        let (shape, address, extent) = self.item_place(index)?;
        self.check_writable(extent)?;
        let room = extent.room(address).unwrap_or(0);
        let host = Dynamic::new(&self.types);
        // SAFETY: `item_place` checked that the item's bytes are inside the extent, which is writable.
        unsafe { convert::store(&host, &shape, address, room, &value) }
    }

    /// Number of items of an array, or that are known to be valid behind a pointer.
    ///
    /// # Errors
    ///
    /// [`Error::Operation`] where there are no items, [`Error::Foreign`] or [`Error::Null`] behind a pointer.
    pub fn len(&self) -> Result<u64, Error> {
        if let CType::Array {
            length: Some(length),
            ..
        } = self.types.get(self.types.plain(self.ty))
        {
            return Ok(length);
        }
        if let Some(length) = self.length {
            return Ok(length);
        }
        let target = self
            .target()
            .ok_or_else(|| self.operation("has no length"))?;
        let (address, extent) = self.known_memory()?;
        let size = layout_of(&*self.types, target)?.size.max(1);
        Ok(extent.room(address).unwrap_or(0) / size)
    }

    /// Whether [`CData::len`] is zero.
    ///
    /// # Errors
    ///
    /// Those of [`CData::len`].
    pub fn is_empty(&self) -> Result<bool, Error> {
        self.len().map(|len| len == 0)
    }

    /// The bytes of a `char` array or behind a `char` pointer, up to its NUL or the end of the memory: those of
    /// [`CData::text`].
    ///
    /// # Errors
    ///
    /// Those of [`CData::text`], and [`Error::Operation`] if the text is none of bytes.
    pub fn string(&self) -> Result<Vec<u8>, Error> {
        match &mut self.text(None)? {
            Value::Bytes(bytes) => Ok(mem::take(bytes)),
            _ => Err(self.operation("is not text of bytes")),
        }
    }

    /// The text behind a `char` pointer that came from C, up to its NUL.
    ///
    /// # Errors
    ///
    /// [`Error::Operation`] for other types, [`Error::Null`].
    ///
    /// # Safety
    ///
    /// The pointer points to a text that ends with a NUL.
    pub unsafe fn c_string(&self) -> Result<Vec<u8>, Error> {
        let is_text = self.object().shape.item().is_some_and(|item| {
            let item = Shape::of(&self.types, item);
            convert::is_byte(&item) && item.form != Form::Bool
        });
        match self.address() {
            Some(_) if !is_text => Err(self.operation("is not text of bytes")),
            Some(address) if !address.is_null() => {
                // SAFETY: the caller's promise.
                Ok(unsafe { std::ffi::CStr::from_ptr(address.cast()) }
                    .to_bytes()
                    .to_vec())
            }
            _ => Err(Error::Null {
                ty: self.type_name(),
            }),
        }
    }

    pub(super) fn check_writable(&self, extent: &Extent) -> Result<(), Error> {
        if extent.is_writable() {
            Ok(())
        } else {
            Err(Error::ReadOnly {
                ty: self.type_name(),
            })
        }
    }

    /// A member of the record that this is, or points to, that is inside the known memory, and where the record is.
    fn member(&self, name: &str, writing: bool) -> Result<(&Slot, *mut u8, &Extent), Error> {
        let slots = self.types.slots_behind(self.ty);
        let slot = match slots.and_then(|slots| slots.get(name)) {
            Some(slot) => slot,
            // For its words.
            None => self.object().field(&self.types, name, writing)?,
        };
        let end = match (slot.member.bits, slot.shape.size(&self.types)) {
            (Some(bits), _) => u64::from(bits.shift + bits.width).div_ceil(8),
            (None, Some(size)) => size,
            // A flexible array member may be empty.
            (None, None) => 0,
        } + slot.member.offset;
        let record = self.address().unwrap_or_default().cast();
        let extent = self.known(record, end, || format!("member '{name}'"))?;
        Ok((slot, record, extent))
    }

    fn item_place(&self, index: i64) -> Result<(Shape, *mut u8, &Extent), Error> {
        let item = self.object().item(&self.types, index);
        let (item, address) = item.map_err(|error| self.noted(error))?;
        let size = match item.size(&self.types) {
            Some(size) => size,
            None => layout_of(&*self.types, item.ty)?.size,
        };
        let extent = self.known(address, size, || format!("item {index}"))?;
        Ok((item, address, extent))
    }

    /// What is known of the memory, if `size` bytes at `at` are inside.
    pub(super) fn known(
        &self,
        at: *mut u8,
        size: u64,
        what: impl FnOnce() -> String,
    ) -> Result<&Extent, Error> {
        let (_, extent) = self.known_memory()?;
        match extent.room(at) {
            Some(room) if size <= room => Ok(extent),
            _ => Err(self.out_of_bounds(extent, at, size, what())),
        }
    }

    #[cold]
    fn out_of_bounds(&self, extent: &Extent, at: *mut u8, size: u64, what: String) -> Error {
        let (start, len) = extent.bounds();
        let end = at as i128 - start as i128 + i128::from(size);
        let error = match at < start {
            true => {
                let ty = self.type_name();
                Error::refused(
                    ErrorClass::Index,
                    format!("'{ty}' has no items before its first"),
                )
            }
            false => Error::Bounds {
                what,
                end: u64::try_from(end).unwrap_or(u64::MAX),
                len,
                ty: self.type_name(),
                place: Default::default(),
            },
        };
        self.noted(error)
    }

    /// The error with what was allocated, where that is known.
    #[cold]
    pub(super) fn noted(&self, error: Error) -> Error {
        match self.extent().and_then(Extent::allocated) {
            Some(ty) => error.within(|| format!("memory of '{ty}'")),
            None => error,
        }
    }

    pub(super) fn known_memory(&self) -> Result<(*mut u8, &Extent), Error> {
        match &self.data {
            Data::Scalar(_) => Err(self.operation("is a number, not memory")),
            Data::Address { address, .. } if address.is_null() => Err(Error::Null {
                ty: self.type_name(),
            }),
            Data::Address { extent: None, .. } => Err(Error::Foreign {
                ty: self.type_name(),
            }),
            Data::Address {
                address,
                extent: Some(extent),
            } => match extent.released() {
                None => Ok((*address, extent)),
                Some(ty) => Err(Error::Released { ty }),
            },
        }
    }
}
