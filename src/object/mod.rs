//! What can be done with cdata, for any host and whatever keeps the memory valid.
//!
//! An [`Object`] is cdata as the operations see it: type, address, and for a `T[]` its length. Operations check what
//! cffi checks (an array's bounds, NULL, that an owning pointer is only indexed by 0) and answer with addresses and
//! types; [`load`](crate::convert::load) and [`store`](crate::convert::store()) do the rest. Errors are in cffi's words.

#![allow(unsafe_code)]

mod ctype;
mod index;
mod path;
mod pointer;
mod repr;
mod slice;
mod text;

pub use ctype::{Kind, elements, fields};
pub use path::{Step, address_of, offset_of};
pub(crate) use repr::complex_repr;
pub use repr::{enum_name, float_repr, long_double_repr, repr};
pub use slice::Slice;
pub use text::{string, unpack};

use crate::Error;
use crate::convert::{complex_of_cdata, float_of_cdata, is_flexible};
use crate::ctype::TypeTable;
use crate::error::ErrorClass;
use crate::host::CDataRef;
use crate::shape::{Form, Shape, Slot};

/// cdata as its operations see it.
#[derive(Clone, Copy, Debug)]
pub struct Object {
    /// Its type.
    pub shape: Shape,
    /// The address that a pointer holds; of an array, a record or a number, where it lies.
    pub address: *mut u8,
    /// Number of items of a `T[]`.
    pub length: u64,
    /// Bytes of memory that the cdata owns: what `ffi.new` made, or a record that a call returned.
    pub owned: Option<u64>,
}

impl Object {
    /// cdata that owns nothing.
    pub fn new(types: &TypeTable, cdata: CDataRef) -> Object {
        Object {
            shape: Shape::of(types, cdata.ty),
            address: cdata.address,
            length: cdata.length,
            owned: None,
        }
    }

    /// Number of items, of an array.
    #[inline]
    pub fn array_length(&self) -> Option<u64> {
        match self.shape.form {
            Form::Array { length, .. } => Some(length.unwrap_or(self.length)),
            _ => None,
        }
    }

    /// `len()`.
    ///
    /// # Errors
    ///
    /// If it is no array.
    #[inline]
    pub fn len(&self, types: &TypeTable) -> Result<u64, Error> {
        self.array_length()
            .ok_or_else(|| self.refuse(types, |ty| format!("cdata of type '{ty}' has no len()")))
    }

    /// Whether there is nothing in it, for which [`Object::len`] is asked.
    ///
    /// # Errors
    ///
    /// If it is no array.
    pub fn is_empty(&self, types: &TypeTable) -> Result<bool, Error> {
        self.len(types).map(|len| len == 0)
    }

    /// Number of items to iterate over.
    ///
    /// # Errors
    ///
    /// If it is no array.
    pub fn iterated(&self, types: &TypeTable) -> Result<u64, Error> {
        self.array_length().ok_or_else(|| {
            self.refuse(types, |ty| {
                format!("cdata '{ty}' does not support iteration")
            })
        })
    }

    /// `bool()`: whether a number is not zero, or an address not NULL.
    ///
    /// # Safety
    ///
    /// A number lies at its address.
    pub unsafe fn truth(&self, types: &TypeTable) -> bool {
        if !self.shape.is_number() {
            return !self.address.is_null();
        }
        let cdata = self.cdata();
        if self.shape.is_real() {
            // Not a number is not zero.
            // SAFETY: the caller's promise.
            let value = unsafe { float_of_cdata(types, &cdata) };
            return value.is_ok_and(|value| value != 0.0);
        }
        if self.shape.is_complex() {
            // SAFETY: as above.
            let parts = unsafe { complex_of_cdata(types, &cdata) };
            return parts.is_ok_and(|(real, imaginary)| real != 0.0 || imaginary != 0.0);
        }
        let size = self.shape.size(types).unwrap_or(0) as usize;
        // SAFETY: the caller's promise.
        let bytes = unsafe { std::slice::from_raw_parts(self.address, size) };
        bytes.iter().any(|&byte| byte != 0)
    }

    /// `sizeof`: of a record that ends in an array without a length, what it owns.
    ///
    /// # Errors
    ///
    /// If the size is not known.
    pub fn size_of(&self, types: &TypeTable) -> Result<u64, Error> {
        let size = match self.shape.form {
            Form::Array { item, length: None } => match Shape::of(types, item).size(types) {
                Some(size) => Some(items_size(types, size, self.length)?),
                None => None,
            },
            Form::Record(_) => self.room(types).or_else(|| self.shape.size(types)),
            _ => self.shape.size(types),
        };
        size.ok_or_else(|| {
            Error::refused(
                ErrorClass::Value,
                format!(
                    "ctype '{}' is of unknown size",
                    types.spelling(self.shape.ty)
                ),
            )
        })
    }

    /// Bytes of the record that this owns, or the pointer to it does, if it ends in an array without a length.
    pub fn room(&self, types: &TypeTable) -> Option<u64> {
        let owned = self.owned?;
        let record = match self.shape.form {
            Form::Pointer(target) => Shape::of(types, target),
            _ => self.shape,
        };
        match record.form {
            Form::Record(id) if is_flexible(types, id) => Some(owned),
            _ => None,
        }
    }

    /// The member `name` of the record that this is or points to.
    ///
    /// # Errors
    ///
    /// In the words for reading, or for `writing`, if there is none.
    #[inline]
    pub fn field<'t>(
        &self,
        types: &'t TypeTable,
        name: &str,
        writing: bool,
    ) -> Result<&'t Slot, Error> {
        match types
            .slots_of(&self.shape)
            .and_then(|slots| slots.get(name))
        {
            Some(slot) => Ok(slot),
            None => Err(no_field(types, &self.shape, name, writing)),
        }
    }

    /// The memory that a buffer of it spans: address and bytes.
    ///
    /// # Errors
    ///
    /// If it is neither pointer nor array, or the size is not known.
    pub fn buffer(&self, types: &TypeTable, size: Option<u64>) -> Result<(*mut u8, u64), Error> {
        let item = match self.shape.form {
            Form::Pointer(item) | Form::Array { item, .. } => Shape::of(types, item),
            _ => {
                return Err(self.refuse(types, |ty| {
                    format!("expected a pointer or array cdata, got '{ty}'")
                }));
            }
        };
        let count = self.array_length().unwrap_or(1);
        let size = match (size.or_else(|| self.room(types)), item.size(types)) {
            (None, Some(item)) => Some(items_size(types, item, count)?),
            (size, _) => size,
        };
        match size {
            Some(size) => Ok((self.address, size)),
            None => Err(self.refuse(types, |ty| {
                format!("don't know the size pointed to by '{ty}'")
            })),
        }
    }

    /// The address of what [`memmove`](crate::Ffi) reads or writes.
    ///
    /// # Errors
    ///
    /// If it is neither pointer nor array.
    pub fn moved(&self, types: &TypeTable) -> Result<*mut u8, Error> {
        match self.shape.form {
            Form::Pointer(_) | Form::Array { .. } => Ok(self.address),
            _ => Err(self.refuse(types, |ty| {
                format!("expected a pointer or array ctype, got '{ty}'")
            })),
        }
    }

    /// Whether comparisons are of addresses: two numbers are compared as the host's values.
    pub fn compares_by_address(&self) -> bool {
        !self.shape.is_number()
    }

    /// What conversions see of it.
    pub fn cdata(&self) -> CDataRef {
        CDataRef {
            ty: self.shape.ty,
            address: self.address,
            length: self.length,
        }
    }

    #[cold]
    fn refuse(&self, types: &TypeTable, message: impl FnOnce(String) -> String) -> Error {
        Error::refused(ErrorClass::Type, message(types.spelling(self.shape.ty)))
    }
}

/// The bytes of `count` items of `size` bytes.
pub(crate) fn items_size(types: &TypeTable, size: u64, count: u64) -> Result<u64, Error> {
    let bytes = size.checked_mul(count);
    let bytes = bytes.filter(|&bytes| bytes <= types.model().max_size());
    bytes.ok_or_else(|| {
        let message = "array size would overflow a Py_ssize_t";
        Error::refused(ErrorClass::Overflow, message)
    })
}

/// The number of items of an array over `len` bytes of a buffer, of a pointer the bytes.
///
/// # Errors
///
/// If the type is neither, is larger than the buffer, or has items of no size.
pub fn buffer_length(types: &TypeTable, shape: &Shape, len: u64) -> Result<u64, Error> {
    let ty = || types.spelling(shape.ty);
    match shape.form {
        Form::Pointer(_) => Ok(len),
        Form::Array {
            length: Some(length),
            ..
        } => match shape.size(types) {
            Some(size) if size > len => Err(Error::refused(
                ErrorClass::Value,
                format!(
                    "buffer is too small ({len} bytes) for '{}' ({size} bytes)",
                    ty()
                ),
            )),
            _ => Ok(length),
        },
        Form::Array { item, length: None } => match Shape::of(types, item).size(types) {
            Some(size) if size > 0 => Ok(len / size),
            _ => Err(Error::refused(
                ErrorClass::ZeroDivision,
                format!(
                    "from_buffer('{}', ..): the actual length of the array cannot be computed",
                    ty()
                ),
            )),
        },
        _ => Err(Error::refused(
            ErrorClass::Type,
            format!("expected a pointer or array ctype, got '{}'", ty()),
        )),
    }
}

/// The error of a member that is not there.
#[cold]
fn no_field(types: &TypeTable, shape: &Shape, name: &str, writing: bool) -> Error {
    let ty = types.spelling(shape.ty);
    let record = match shape.form {
        Form::Pointer(target) => Shape::of(types, target),
        _ => *shape,
    };
    let message = match record.form {
        Form::Record(id) if types.slots(id).is_some() => {
            return Error::NoField {
                ty,
                field: name.into(),
            };
        }
        Form::Record(_) => {
            let what = if writing { "write" } else { "read" };
            format!("cdata '{ty}' points to an opaque type: cannot {what} fields")
        }
        _ => format!("cdata '{ty}' has no attribute '{name}'"),
    };
    Error::refused(ErrorClass::Attribute, message)
}
