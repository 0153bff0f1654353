//! `p[i]`.

use super::Object;
use crate::Error;
use crate::ctype::TypeTable;
use crate::error::ErrorClass;
use crate::shape::{Form, Shape};

impl Object {
    /// The address of the item at `index`; `item` is the shape of the items, which hosts have at hand.
    ///
    /// # Errors
    ///
    /// If the index is outside of an array, or not 0 where the cdata owns one thing, or the pointer is NULL, or there are
    /// no items.
    #[inline]
    pub fn item_address(
        &self,
        types: &TypeTable,
        item: &Shape,
        index: i64,
    ) -> Result<*mut u8, Error> {
        let inside = match self.shape.form {
            Form::Array { length, .. } => {
                // A negative index is a huge one here.
                (index as u64) < length.unwrap_or(self.length)
            }
            Form::Pointer(_) if self.owned.is_some() => index == 0,
            Form::Pointer(_) => !self.address.is_null(),
            _ => false,
        };
        match item.size(types) {
            Some(size) if inside => Ok(self
                .address
                .wrapping_offset((index as isize).wrapping_mul(size as isize))),
            // What has no size is refused when it is read.
            None if inside => Ok(self.address),
            _ => Err(self.no_item(types, index)),
        }
    }

    /// As [`Object::item_address`], with the shape of the item.
    ///
    /// # Errors
    ///
    /// As [`Object::item_address`].
    pub fn item(&self, types: &TypeTable, index: i64) -> Result<(Shape, *mut u8), Error> {
        let Some(item) = self.shape.item() else {
            return Err(self.no_item(types, index));
        };
        let item = Shape::of(types, item);
        Ok((item, self.item_address(types, &item, index)?))
    }

    #[cold]
    fn no_item(&self, types: &TypeTable, index: i64) -> Error {
        let ty = types.spelling(self.shape.ty);
        let (class, message) = match self.shape.form {
            Form::Array { .. } if index < 0 => (ErrorClass::Index, "negative index".into()),
            Form::Array { length, .. } => (
                ErrorClass::Index,
                format!(
                    "index too large for cdata '{ty}' (expected {index} < {})",
                    length.unwrap_or(self.length)
                ),
            ),
            Form::Pointer(_) if self.owned.is_some() => (
                ErrorClass::Index,
                format!("cdata '{ty}' can only be indexed by 0"),
            ),
            Form::Pointer(_) => (
                ErrorClass::Runtime,
                format!("cannot dereference null pointer from cdata '{ty}'"),
            ),
            _ => (
                ErrorClass::Type,
                format!("cdata of type '{ty}' cannot be indexed"),
            ),
        };
        Error::refused(class, message)
    }
}
