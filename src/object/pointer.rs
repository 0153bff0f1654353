//! Pointer arithmetic.

use super::Object;
use crate::Error;
use crate::ctype::TypeTable;
use crate::error::ErrorClass;
use crate::shape::{Form, Shape};

impl Object {
    /// `p + by`: a pointer, for an array too.
    ///
    /// # Errors
    ///
    /// If it is neither, or points to what has no size.
    #[inline]
    pub fn add(&self, types: &TypeTable, by: i64) -> Result<(Shape, *mut u8), Error> {
        let (pointer, item) = match self.shape.form {
            Form::Pointer(item) => (self.shape, item),
            Form::Array { item, .. } => (types.pointer_shape(item), item),
            _ => {
                return Err(self.refuse(types, |ty| {
                    format!("cannot add a cdata '{ty}' and a number")
                }));
            }
        };
        let item = Shape::of(types, item);
        let size = match item.size(types) {
            Some(size) => size,
            None if item.form == Form::Void => 1,
            None => {
                return Err(self.refuse(types, |ty| {
                    format!("ctype '{ty}' points to items of unknown size")
                }));
            }
        };
        let bytes = (by as isize).wrapping_mul(size as isize);
        Ok((pointer, self.address.wrapping_offset(bytes)))
    }

    /// `self - other`, in items.
    ///
    /// # Errors
    ///
    /// If they are not pointers to the same type, or the distance is not whole.
    pub fn distance(&self, types: &TypeTable, other: &Object) -> Result<i64, Error> {
        let subtrahend = match other.shape.form {
            Form::Array { item, .. } => types.pointer_shape(item),
            _ => other.shape,
        };
        let item = match subtrahend.form {
            Form::Pointer(item) if types.same(subtrahend.ty, self.shape.ty) => {
                Shape::of(types, item)
            }
            _ => return Err(self.no_distance(types, &subtrahend)),
        };
        let size = match (item.size(types), item.form) {
            (Some(size), _) if size > 0 => size as isize,
            (_, Form::Void) => 1,
            _ => return Err(self.no_distance(types, &subtrahend)),
        };
        let bytes = (self.address as isize).wrapping_sub(other.address as isize);
        if bytes % size != 0 {
            return Err(Error::refused(
                ErrorClass::Value,
                "pointer subtraction: the distance between the two pointers is not a multiple of the item size",
            ));
        }
        Ok((bytes / size) as i64)
    }

    #[cold]
    fn no_distance(&self, types: &TypeTable, subtrahend: &Shape) -> Error {
        let other = types.spelling(subtrahend.ty);
        self.refuse(types, |ty| {
            format!("cannot subtract cdata '{ty}' and cdata '{other}'")
        })
    }
}
