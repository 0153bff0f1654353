//! Reading and writing the memory of cdata, within its bounds.

use super::{CData, Data};
use crate::convert;
use crate::ctype::CType;
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
    /// [`Error::Field`] for an unknown name, [`Error::Operation`] where there are no members, and where memory is
    /// not known to be valid [`Error::Null`], [`Error::Foreign`] or [`Error::Bounds`].
    pub fn field(&self, name: &str) -> Result<Value, Error> {
        let (slot, record, extent) = self.member(name)?;
        let room = extent.room(record);
        // SAFETY: `member` checked that the member's bytes are inside the extent.
        unsafe {
            convert::load_member(
                &Dynamic::new(&self.types),
                slot,
                record,
                room,
                Some(&extent),
            )
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
        let (slot, record, extent) = self.member(name)?;
        self.check_writable(&extent)?;
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
        let mut item = unsafe { convert::load(&host, &shape, address, Some(&extent)) }?;
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
        self.check_writable(&extent)?;
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

    /// The text of a `char` array or behind a `char` pointer, up to its NUL or the end of the memory.
    ///
    /// # Errors
    ///
    /// [`Error::Operation`] for other types, and where memory is not known to be valid [`Error::Null`] or
    /// [`Error::Foreign`].
    pub fn string(&self) -> Result<Vec<u8>, Error> {
        self.check_text()?;
        let (address, extent) = self.known_memory()?;
        // A cast and a slice may say more than there is.
        let len = self.len()?.min(extent.room(address).unwrap_or(0));
        // SAFETY: `index` is below `len`, and so many bytes from `address` on are inside the extent.
        let byte = |index: u64| unsafe { address.add(index as usize).read() };
        Ok((0..len).map(byte).take_while(|&byte| byte != 0).collect())
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
        self.check_text()?;
        match self.address() {
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

    fn check_text(&self) -> Result<(), Error> {
        let element = self.target().and_then(|ty| {
            layout_of(&*self.types, ty)
                .ok()
                .map(|layout| (ty, layout.size))
        });
        match element {
            Some((ty, 1)) if matches!(self.types.get(ty), CType::Primitive(_)) => Ok(()),
            _ => Err(self.operation("is not text")),
        }
    }

    /// A member of the record that this is, or points to, that is inside the known memory, and where the record is.
    fn member(&self, name: &str) -> Result<(&Slot, *mut u8, Extent), Error> {
        let record = match self.types.get(self.types.plain(self.ty)) {
            CType::Pointer(target) => target,
            _ => self.ty,
        };
        let CType::Record(id) = self.types.get(self.types.plain(record)) else {
            return Err(self.operation("has no members"));
        };
        let slots = self.types.slots(id);
        let slots =
            slots.ok_or_else(|| self.operation("is incomplete: its members are not known"))?;
        let slot = slots.get(name).ok_or_else(|| Error::NoField {
            ty: self.types.spelling(self.ty),
            field: name.into(),
        })?;
        let end = match (slot.member.bits, slot.shape.size(&self.types)) {
            (Some(bits), _) => u64::from(bits.shift + bits.width).div_ceil(8),
            (None, Some(size)) => size,
            // A flexible array member may be empty.
            (None, None) => 0,
        } + slot.member.offset;
        let (record, extent) = self.inside(0, end, || format!("member '{name}'"))?;
        Ok((slot, record, extent))
    }

    fn item_place(&self, index: i64) -> Result<(Shape, *mut u8, Extent), Error> {
        let (item, address) = self.object().item(&self.types, index)?;
        let size = item.size(&self.types);
        let size = size.ok_or_else(|| layout_of(&*self.types, item.ty).unwrap_err())?;
        let offset = address as i128 - self.start() as i128;
        let (address, extent) = self.inside(offset, size, || format!("item {index}"))?;
        Ok((item, address, extent))
    }

    fn start(&self) -> *mut u8 {
        self.address().unwrap_or_default().cast()
    }

    /// The address `offset` bytes on, if `size` bytes there are known to be valid.
    pub(super) fn inside(
        &self,
        offset: i128,
        size: u64,
        what: impl FnOnce() -> String,
    ) -> Result<(*mut u8, Extent), Error> {
        let (address, extent) = self.known_memory()?;
        let room = extent.room(address).unwrap_or(0);
        let end = offset + i128::from(size);
        if offset < 0 || end > i128::from(room) {
            return Err(self.out_of_bounds(what(), end, room));
        }
        Ok((address.wrapping_add(offset as usize), extent.clone()))
    }

    fn out_of_bounds(&self, what: String, end: i128, len: u64) -> Error {
        let problem = Error::Bounds {
            what,
            end: u64::try_from(end).unwrap_or(u64::MAX),
            len,
            ty: self.type_name(),
        };
        if end <= 0 {
            self.operation("has no items before its first")
        } else {
            problem
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
                Some(what) => Err(Error::Released { ty: what.into() }),
            },
        }
    }
}
