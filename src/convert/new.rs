//! How much memory an initialiser asks for.

use super::array::{is_byte, text_unit};
use super::is_same;
use super::record::{each_member, slots};
use super::store::as_count;
use super::text;
use crate::Error;
use crate::ctype::{RecordId, TypeTable};
use crate::error::ErrorClass;
use crate::host::{Host, View};
use crate::layout::layout_of;
use crate::shape::{Form, Shape, Slots};

/// Memory to be made for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct New {
    /// The type of what the memory holds: what the pointer points to, or the array.
    pub stored: Shape,
    /// Bytes of memory, those that the type's name does not ask for included.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u64,
    /// Number of items of a `T[]`.
    pub length: Option<u64>,
    /// Whether the value is stored in the memory: not if there is none, or if it is the length.
    pub initialise: bool,
    /// Whether [`New::stored`] is a record whose size its initialiser decides: one that ends, itself or by its last member, in
    /// an array without a length.
    pub flexible: bool,
}

/// What memory [`Ffi::alloc`](crate::Ffi::alloc) makes: for a pointer type one of what it points to, or an array. The
/// caller makes it, zeroes it, and stores the value with room for [`New::size`] bytes.
///
/// # Errors
///
/// If the type is neither, its size is not known, or the value says no length where one is needed.
pub fn plan_new<H: Host>(
    host: &H,
    shape: &Shape,
    value: Option<H::Ref<'_>>,
) -> Result<New, H::Error> {
    let types = host.types();
    let value = match value {
        Some(value) if host.cdata(value)?.is_none() && host.view(value) == View::None => None,
        value => value,
    };
    match shape.form {
        Form::Pointer(target) => plan_pointer(host, &Shape::of(types, target), value),
        Form::Array { item, length: None } => {
            let item = Shape::of(types, item);
            let (size, align) = known_layout(types, &item)?;
            let count = match value {
                Some(value) => array_length(host, &item, value)?,
                None => {
                    let found = "NoneType".to_owned();
                    return Err(no_length(found).into());
                }
            };
            Ok(New {
                stored: *shape,
                size: array_size(types, 0, size, count.length)?,
                align,
                length: Some(count.length),
                initialise: !count.is_count,
                flexible: false,
            })
        }
        Form::Array { .. } => {
            let (size, align) = known_layout(types, shape)?;
            Ok(New {
                stored: *shape,
                size,
                align,
                length: None,
                initialise: value.is_some(),
                flexible: false,
            })
        }
        _ => {
            let ty = types.spelling(shape.ty);
            let message = format!("expected a pointer or array ctype, got '{ty}'");
            Err(Error::refused(ErrorClass::Type, message).into())
        }
    }
}

fn plan_pointer<H: Host>(
    host: &H,
    target: &Shape,
    value: Option<H::Ref<'_>>,
) -> Result<New, H::Error> {
    let (mut size, align) = known_layout(host.types(), target)?;
    if target.is_character() {
        // A zero follows, so that it is text.
        size *= 2;
    }
    let flexible = match target.form {
        Form::Record(id) => is_flexible(host.types(), id).then_some(id),
        _ => None,
    };
    if let (Some(id), Some(value)) = (flexible, value) {
        size = record_size(host, target, id, size, value)?;
    }
    Ok(New {
        stored: *target,
        size,
        align,
        length: None,
        initialise: value.is_some(),
        flexible: flexible.is_some(),
    })
}

/// Whether a record ends in an array without a length.
pub(crate) fn is_flexible(types: &TypeTable, id: RecordId) -> bool {
    types.slots(id).is_some_and(Slots::is_flexible)
}

/// The size of a record whose last member is as long as its initialiser.
fn record_size<H: Host>(
    host: &H,
    shape: &Shape,
    id: RecordId,
    size: u64,
    value: H::Ref<'_>,
) -> Result<u64, H::Error> {
    let types = host.types();
    if let Some(cdata) = host.cdata(value)?
        && is_same(host, shape, &cdata)
    {
        return Ok(size);
    }
    let mut needed = size;
    let slots = slots(host, shape, id)?;
    each_member(
        host,
        shape,
        slots,
        "list or tuple or dict",
        value,
        |slot, value| {
            let end = match slot.shape.form {
                Form::Array { item, length: None } => {
                    let item = Shape::of(types, item);
                    let count = array_length(host, &item, value)?;
                    let size = item.size(types).unwrap_or(0);
                    array_size(types, slot.member.offset, size, count.length)?
                }
                Form::Record(inner) if is_flexible(types, inner) => {
                    let size = slot.shape.size(types).unwrap_or(0);
                    let size = record_size(host, &slot.shape, inner, size, value)?;
                    array_size(types, slot.member.offset, 1, size)?
                }
                _ => return Ok(()),
            };
            needed = needed.max(end);
            Ok(())
        },
    )?;
    Ok(needed)
}

/// What an initialiser says of the length of an array.
pub(super) struct Length {
    pub(super) length: u64,
    /// Whether it is nothing but the length.
    pub(super) is_count: bool,
}

pub(super) fn array_length<H: Host>(
    host: &H,
    item: &Shape,
    value: H::Ref<'_>,
) -> Result<Length, H::Error> {
    let items = |length| {
        Ok(Length {
            length,
            is_count: false,
        })
    };
    let not_small = host.small_integer(value).is_none();
    if not_small {
        if let Some(cdata) = host.cdata(value)? {
            let shape = Shape::of(host.types(), cdata.ty);
            if H::LENIENT
                && let Form::Array { length, .. } = shape.form
            {
                return items(length.unwrap_or(cdata.length));
            }
            return Err(no_length(host.type_name(value)).into());
        }
        match host.view(value) {
            View::Sequence(count) => return items(count as u64),
            View::Bytes(bytes) => return items(bytes.len() as u64 + 1),
            View::Text => {
                let unit = match text_unit(host, item) {
                    Some(unit) => unit,
                    None if is_byte(item) => 1,
                    None => item.size(host.types()).unwrap_or(4),
                };
                return items(text::units(host, unit, value) + 1);
            }
            _ => {}
        }
    }
    let Some(count) = host.index(value)? else {
        return Err(no_length(host.type_name(value)).into());
    };
    match as_count(crate::host::Integer::Small(count)) {
        Some(length) => Ok(Length {
            length,
            is_count: true,
        }),
        None => Err(Error::refused(ErrorClass::Value, "negative array length").into()),
    }
}

fn no_length(found: String) -> Error {
    Error::Length {
        found,
        place: Default::default(),
    }
}

/// The bytes up to the end of `count` items of `size` bytes at `offset`.
fn array_size(types: &TypeTable, offset: u64, size: u64, count: u64) -> Result<u64, Error> {
    let end = size
        .checked_mul(count)
        .and_then(|bytes| bytes.checked_add(offset))
        .filter(|&end| end <= types.model().max_size());
    end.ok_or_else(|| {
        let message = "array size would overflow a Py_ssize_t";
        Error::refused(ErrorClass::Overflow, message)
    })
}

fn known_layout(types: &TypeTable, shape: &Shape) -> Result<(u64, u64), Error> {
    match layout_of(types, shape.ty) {
        Ok(layout) => Ok((layout.size, layout.align)),
        Err(_) => Err(Error::refused(
            ErrorClass::Type,
            format!(
                "cannot instantiate ctype '{}' of unknown size",
                types.spelling(shape.ty)
            ),
        )),
    }
}
