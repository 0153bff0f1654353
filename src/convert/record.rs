//! Records from their members in order or by name, and from other records.

use std::ptr;

use super::bits::{load_bits, store_bits};
use super::store::store;
use super::{is_same, load, new, wrong_kind};
use crate::Error;
use crate::ctype::RecordId;
use crate::error::ErrorClass;
use crate::host::{Host, View};
use crate::shape::{Form, Shape, Slot, Slots};

/// Stores a record, or the members that are given. An integer for a flexible array says how long it is, and leaves it as it
/// is.
///
/// # Safety
///
/// `room` bytes are writable at `to`, at least the size of the record.
pub(super) unsafe fn store_record<H: Host>(
    host: &H,
    shape: &Shape,
    id: RecordId,
    to: *mut u8,
    room: u64,
    value: H::Ref<'_>,
) -> Result<(), H::Error> {
    let types = host.types();
    if let Some(cdata) = host.cdata(value)?
        && is_same(host, shape, &cdata)
        && let Some(size) = shape.size(types)
    {
        host.check_readable(value, size)?;
        // SAFETY: both places have the record's size; they may be the same one.
        unsafe { ptr::copy(cdata.address, to, size as usize) };
        return Ok(());
    }
    let slots = slots(host, shape, id)?;
    each_member(
        host,
        shape,
        slots,
        "list or tuple or dict or struct-cdata",
        value,
        |slot, value| {
            if let Form::Array { item, length: None } = slot.shape.form {
                let item = Shape::of(types, item);
                if new::array_length(host, &item, value)?.is_count {
                    return Ok(());
                }
            }
            // SAFETY: a member of the record, whose memory the caller promises.
            unsafe { store_member(host, slot, to, room, value) }
                .map_err(|error| H::within(error, || format!("member '{}'", slot.name)))
        },
    )
}

/// The members of a record.
pub(super) fn slots<'h, H: Host>(
    host: &'h H,
    shape: &Shape,
    id: RecordId,
) -> Result<&'h Slots, H::Error> {
    host.types().slots(id).ok_or_else(|| {
        let message = format!("'{}' is opaque", host.types().spelling(shape.ty));
        Error::refused(ErrorClass::Type, message).into()
    })
}

/// Shows `visit` each value of an initialiser and the member that it is for.
pub(super) fn each_member<H: Host>(
    host: &H,
    shape: &Shape,
    slots: &Slots,
    expected: &str,
    value: H::Ref<'_>,
    mut visit: impl FnMut(&Slot, H::Ref<'_>) -> Result<(), H::Error>,
) -> Result<(), H::Error> {
    let view = match host.cdata(value)? {
        Some(_) => View::Other,
        None => host.view(value),
    };
    match view {
        View::Sequence(count) => {
            let mut positional = slots.positional();
            host.items(value, |value| match positional.next() {
                Some(slot) => visit(slot, value),
                None => Err(Error::TooManyMembers {
                    ty: host.types().spelling(shape.ty),
                    found: count as u64,
                    place: Default::default(),
                }
                .into()),
            })
        }
        View::Mapping => host.members(value, |name, value| match slots.get(name) {
            Some(slot) => visit(slot, value),
            None => Err(Error::Field {
                ty: host.types().spelling(shape.ty),
                field: name.into(),
                place: Default::default(),
            }
            .into()),
        }),
        View::None if H::LENIENT => Ok(()),
        _ => Err(wrong_kind(host, shape, expected, value)),
    }
}

/// Stores a value in a member of the record at `record`.
///
/// # Errors
///
/// Those of [`store()`].
///
/// # Safety
///
/// `room` bytes are writable at `record`, at least the size of the record; `slot` is a member of it.
#[inline]
pub unsafe fn store_member<H: Host>(
    host: &H,
    slot: &Slot,
    record: *mut u8,
    room: u64,
    value: H::Ref<'_>,
) -> Result<(), H::Error> {
    // SAFETY: the member lies inside the record.
    unsafe {
        let to = record.add(slot.member.offset as usize);
        match slot.member.bits {
            None => {
                let room = match room {
                    u64::MAX => u64::MAX,
                    room => room.saturating_sub(slot.member.offset),
                };
                store(host, &slot.shape, to, room, value)
            }
            Some(bits) => store_bits(host, &slot.shape, to, bits, value),
        }
    }
}

/// The value of a member of the record at `record`. A flexible array is a pointer to its first item unless `room`, the
/// bytes of the record and what follows, is known.
///
/// # Errors
///
/// Those of [`load`].
///
/// # Safety
///
/// The record is readable at `record`, and `origin` keeps it so; `slot` is a member of it.
#[inline]
pub unsafe fn load_member<H: Host>(
    host: &H,
    slot: &Slot,
    record: *const u8,
    room: Option<u64>,
    origin: H::Origin<'_>,
) -> Result<H::Value, H::Error> {
    // SAFETY: the member lies inside the record.
    unsafe {
        let from = record.add(slot.member.offset as usize);
        match (slot.member.bits, room) {
            (Some(bits), _) => Ok(load_bits(host, &slot.shape, from, bits)),
            (None, Some(room)) if slot.is_flexible() => {
                let size = slot.shape.item().map(|item| Shape::of(host.types(), item));
                let size = size.and_then(|item| item.size(host.types())).unwrap_or(1);
                let bytes = room.saturating_sub(slot.member.offset);
                let length = bytes.checked_div(size).unwrap_or(0);
                host.make_reference(slot.shape.ty, from.cast_mut(), Some(length), origin)
            }
            (None, _) => load(host, &slot.shape, from, origin),
        }
    }
}
