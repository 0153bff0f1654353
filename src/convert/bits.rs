//! Bit-fields. Only the bytes that the field's bits touch are read or written.

use std::ptr;
use std::sync::Arc;

use super::integer::{Integer, from_value};
use crate::ctype::{Bits, CType, Primitive, TypeId, TypeTable};
use crate::{Error, Value};

/// The value of a bit-field of the unit at `unit`.
///
/// # Safety
///
/// The bytes that the field touches are readable.
pub(crate) unsafe fn load_bits(
    types: &TypeTable,
    ty: TypeId,
    unit: *const u8,
    bits: Bits,
) -> Value {
    let span = Span::of(bits);
    // SAFETY: the caller's promise.
    let raw = unsafe { span.read(unit) };
    match integer(types, ty, bits).decode(raw >> span.shift) {
        Value::Int(value) if is_bool(types, ty) => Value::Bool(value != 0),
        value => value,
    }
}

/// Sets a bit-field of the unit at `unit`, and no bit beside it.
///
/// # Safety
///
/// The bytes that the field touches are readable and writable.
pub(crate) unsafe fn store_bits(
    types: &Arc<TypeTable>,
    ty: TypeId,
    unit: *mut u8,
    bits: Bits,
    value: &Value,
) -> Result<(), Error> {
    let integer = integer(types, ty, bits);
    let encoded = from_value(types, ty, integer, value)
        .map_err(|error| error.within(|| format!("bit-field of {} bits", bits.width)))?;
    let span = Span::of(bits);
    let mask = (u128::MAX >> (128 - bits.width)) << span.shift;
    // SAFETY: the caller's promise.
    unsafe {
        let old = span.read(unit);
        span.write(unit, old & !mask | encoded << span.shift);
    }
    Ok(())
}

/// The bytes that a bit-field touches: nine at most, for 64 bits across bytes.
struct Span {
    first: usize,
    len: usize,
    /// Bits of the first byte below the field.
    shift: u32,
}

impl Span {
    fn of(bits: Bits) -> Span {
        let (first, shift) = ((bits.shift / 8) as usize, bits.shift % 8);
        Span {
            first,
            len: (shift + bits.width).div_ceil(8) as usize,
            shift,
        }
    }

    unsafe fn read(&self, unit: *const u8) -> u128 {
        let mut bytes = [0; 16];
        // SAFETY: the bytes of the field, readable by the caller's promise, into a larger array.
        unsafe {
            ptr::copy_nonoverlapping(unit.add(self.first), bytes.as_mut_ptr(), self.len.min(16))
        };
        u128::from_le_bytes(bytes)
    }

    unsafe fn write(&self, unit: *mut u8, value: u128) {
        let bytes = value.to_le_bytes();
        // SAFETY: the bytes of the field, writable by the caller's promise, from a larger array.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), unit.add(self.first), self.len.min(16)) };
    }
}

fn integer(types: &TypeTable, ty: TypeId, bits: Bits) -> Integer {
    let signed = match types.get(types.plain(ty)) {
        CType::Primitive(primitive) => primitive.is_signed(types.model()),
        CType::Enum(id) => types
            .enumeration(id)
            .body()
            .is_some_and(|body| body.underlying.is_signed(types.model())),
        _ => false,
    };
    Integer {
        bits: bits.width.clamp(1, 128),
        signed,
    }
}

fn is_bool(types: &TypeTable, ty: TypeId) -> bool {
    types.get(types.plain(ty)) == CType::Primitive(Primitive::Bool)
}
