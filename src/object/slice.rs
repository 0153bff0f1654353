//! `p[2:5]`, read and assigned.

use std::ptr;

use super::{Object, items_size};
use crate::Error;
use crate::convert::store;
use crate::ctype::{TypeId, TypeTable};
use crate::error::ErrorClass;
use crate::host::Host;
use crate::shape::{Form, Shape};

/// Items that follow each other.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// Their type.
    pub item: Shape,
    /// The first one.
    pub address: *mut u8,
    /// How many there are.
    pub length: u64,
}

impl Slice {
    /// The type `T[]` that the slice has as cdata.
    pub fn ty(&self, types: &TypeTable) -> TypeId {
        types.array(self.item.ty, None)
    }
}

impl Object {
    /// The items from `start` up to `stop`, neither of which may be left out. Behind a pointer nothing is checked but their
    /// order.
    ///
    /// # Errors
    ///
    /// If a bound is missing or outside of an array, if there is a `step`, or if there are no items.
    pub fn slice(
        &self,
        types: &TypeTable,
        start: Option<i64>,
        stop: Option<i64>,
        step: bool,
    ) -> Result<Slice, Error> {
        let index = |message: String| Error::refused(ErrorClass::Index, message);
        let missing = |which| index(format!("slice {which} must be specified"));
        let start = start.ok_or_else(|| missing("start"))?;
        let stop = stop.ok_or_else(|| missing("stop"))?;
        if step {
            return Err(index("slice with step not supported".into()));
        }
        if start > stop {
            return Err(index("slice start > stop".into()));
        }
        let item = match self.shape.form {
            Form::Array { .. } if start < 0 => return Err(index("negative index".into())),
            Form::Array { item, length } => {
                let length = length.unwrap_or(self.length);
                if stop as u64 > length {
                    return Err(index(format!(
                        "index too large (expected {stop} <= {length})"
                    )));
                }
                item
            }
            Form::Pointer(item) => item,
            _ => {
                return Err(self.refuse(types, |ty| {
                    format!("cdata of type '{ty}' cannot be indexed")
                }));
            }
        };
        let item = Shape::of(types, item);
        let Some(size) = item.size(types) else {
            let message = format!("array item of unknown size: '{}'", types.spelling(item.ty));
            return Err(Error::refused(ErrorClass::Value, message));
        };
        Ok(Slice {
            item,
            address: self
                .address
                .wrapping_offset((start as isize).wrapping_mul(size as isize)),
            length: stop.wrapping_sub(start) as u64,
        })
    }
}

impl Slice {
    /// Assigns as many values as there are items: another array of the same items, bytes to `char`s, or whatever the host
    /// iterates over.
    ///
    /// # Errors
    ///
    /// If there are more or fewer values, and those of the conversion; then some may have been stored.
    ///
    /// # Safety
    ///
    /// The items are writable.
    pub unsafe fn assign<H: Host>(&self, host: &H, value: H::Ref<'_>) -> Result<(), H::Error> {
        let types = host.types();
        let size = self.item.size(types).unwrap_or(0);
        if let Some(cdata) = host.cdata(value)? {
            let given = Object::new(types, cdata);
            if let Form::Array { item, .. } = given.shape.form
                && types.same(item, self.item.ty)
                && given.array_length() == Some(self.length)
            {
                let bytes = items_size(types, size, self.length)?;
                host.check_readable(value, bytes)?;
                // SAFETY: the caller's promise; the given array has as many items.
                unsafe { ptr::copy(given.address, self.address, bytes as usize) };
                return Ok(());
            }
        } else if self.item.form == Form::Char
            && let Some(bytes) = host.byte_string(value)
        {
            if bytes.len() as u64 != self.length {
                let (length, found) = (self.length, bytes.len());
                let message = format!("need a string of length {length}, got {found}");
                return Err(Error::refused(ErrorClass::Value, message).into());
            }
            // SAFETY: the caller's promise, for as many bytes.
            unsafe { ptr::copy(bytes.as_ptr(), self.address, bytes.len()) };
            return Ok(());
        }
        let mut index = 0;
        host.iterate(value, |value| {
            if index == self.length {
                let message = format!("got more than {} values to unpack", self.length);
                return Err(Error::refused(ErrorClass::Value, message).into());
            }
            // SAFETY: `index` is below the number of items, which are writable by the caller's promise.
            let stored = unsafe {
                let to = self.address.add(index as usize * size as usize);
                store(host, &self.item, to, size, value)
            };
            stored.map_err(|error| H::within(error, || format!("item {index}")))?;
            index += 1;
            Ok(())
        })?;
        if index < self.length {
            let message = format!("need {} values to unpack, got {index}", self.length);
            return Err(Error::refused(ErrorClass::Value, message).into());
        }
        Ok(())
    }
}
