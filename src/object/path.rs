//! `offsetof` and `addressof` with members and indexes, one inside the other.

use super::Object;
use crate::Error;
use crate::ctype::{TypeId, TypeTable};
use crate::error::ErrorClass;
use crate::shape::{Form, Shape};

/// A step from a type to something inside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A member of a record, or at first of what a pointer points to.
    Member(&'a str),
    /// An item of an array, or of what a pointer points to.
    Item(i64),
}

/// Where something inside of a type lies: its type and its offset in bytes.
///
/// ```
/// use farcall::Ffi;
/// use farcall::object::{Step, offset_of};
///
/// let ffi = Ffi::new();
/// ffi.cdef("struct line { int tag; struct { double x, y; } ends[2]; };")?;
/// let path = [Step::Member("ends"), Step::Item(1), Step::Member("y")];
/// let (ty, offset) = offset_of(ffi.types(), ffi.type_of("struct line")?, &path)?;
/// assert_eq!((ty, offset), (ffi.type_of("double")?, 32));
/// # Ok::<(), farcall::Error>(())
/// ```
///
/// # Errors
///
/// If there is no such thing inside, or it is a bit-field.
pub fn offset_of(types: &TypeTable, ty: TypeId, path: &[Step<'_>]) -> Result<(TypeId, i64), Error> {
    let mut inner = ty;
    let mut offset = 0i64;
    for (index, &step) in path.iter().enumerate() {
        let (next, by) = one_step(types, inner, step, index > 0)?;
        inner = next;
        offset = offset.wrapping_add(by);
    }
    Ok((inner, offset))
}

/// A pointer to the cdata, or to something inside of it.
///
/// # Errors
///
/// As [`offset_of`], and if the cdata is no memory. A pointer has an address only of what it points to.
pub fn address_of(
    types: &TypeTable,
    object: &Object,
    path: &[Step<'_>],
) -> Result<(Shape, *mut u8), Error> {
    let (inner, offset) = offset_of(types, object.shape.ty, path)?;
    match object.shape.form {
        Form::Record(_) | Form::Array { .. } => {}
        Form::Pointer(_) if !path.is_empty() => {}
        Form::Pointer(_) => return Err(Error::refused(ErrorClass::Type, "addressof(pointer)")),
        _ => {
            let message = "expected a cdata struct/union/array/pointer object";
            return Err(Error::refused(ErrorClass::Type, message));
        }
    }
    let address = object.address.wrapping_offset(offset as isize);
    Ok((types.pointer_shape(inner), address))
}

fn one_step(
    types: &TypeTable,
    ty: TypeId,
    step: Step<'_>,
    following: bool,
) -> Result<(TypeId, i64), Error> {
    let refused = |message: &str| Error::refused(ErrorClass::Type, message);
    let mut shape = Shape::of(types, ty);
    match step {
        Step::Member(name) => {
            if let (Form::Pointer(target), false) = (shape.form, following) {
                shape = Shape::of(types, target);
            }
            let Form::Record(id) = shape.form else {
                return Err(refused(
                    "with a field name argument, expected a struct or union ctype",
                ));
            };
            let slots = types.slots(id);
            let slots = slots.ok_or_else(|| refused("struct/union is opaque"))?;
            let slot = slots.get(name).ok_or_else(|| Error::Field {
                ty: types.spelling(shape.ty),
                field: name.into(),
                place: Default::default(),
            })?;
            if slot.member.bits.is_some() {
                return Err(refused("not supported for bitfields"));
            }
            Ok((slot.member.ty, slot.member.offset as i64))
        }
        Step::Item(index) => {
            let item = shape.item();
            let size = item.and_then(|item| Shape::of(types, item).size(types));
            let (Some(item), Some(size)) = (item, size) else {
                return Err(refused(
                    "with an integer argument, expected an array ctype or a pointer to non-opaque",
                ));
            };
            let offset = i64::try_from(size)
                .ok()
                .and_then(|size| index.checked_mul(size));
            let offset = offset.ok_or_else(|| {
                let message = "array offset would overflow a Py_ssize_t";
                Error::refused(ErrorClass::Overflow, message)
            })?;
            Ok((item, offset))
        }
    }
}
