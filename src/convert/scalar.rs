//! Values to scalars in C memory: numbers and characters.

use std::ptr;

use super::integer::{Integer, from_value};
use super::store::Store;
use super::wide::{self, Format};
use super::wrong_kind;
use crate::ctype::{Primitive, PrimitiveKind, TypeId};
use crate::{Error, Value};

impl Store<'_> {
    pub(super) unsafe fn store_primitive(
        &self,
        ty: TypeId,
        primitive: Primitive,
        to: *mut u8,
        value: &Value,
    ) -> Result<(), Error> {
        let size = primitive.layout(self.types.model()).size;
        let bits = match primitive.kind() {
            PrimitiveKind::Bool => from_value(
                self.types,
                ty,
                Integer {
                    bits: 1,
                    signed: false,
                },
                value,
            )?,
            PrimitiveKind::Signed | PrimitiveKind::Unsigned => from_value(
                self.types,
                ty,
                Integer::of_size(size, primitive.is_signed(self.types.model())),
                value,
            )?,
            PrimitiveKind::Char | PrimitiveKind::WideChar => {
                self.character(ty, primitive, size, value)?
            }
            PrimitiveKind::Float => match real(value) {
                _ if self.is_same(ty, value) => {
                    // SAFETY: the caller's promise.
                    return unsafe { self.copy_same(ty, to, value, "") };
                }
                Some(real) => float_bits(size, wide::format_of(self.types, ty), real),
                None => return Err(wrong_kind(self.types, ty, "a float", value)),
            },
            PrimitiveKind::Complex => {
                // SAFETY: the caller's promise.
                return unsafe { self.store_complex(ty, size / 2, to, value) };
            }
        };
        let bytes = bits.to_le_bytes();
        let len = wide::format_of(self.types, ty).map_or(size as usize, Format::bytes);
        // SAFETY: the size of the type, which the caller promises; at most 16.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), to, len) };
        Ok(())
    }

    /// A character from text of one character, or from its number.
    fn character(
        &self,
        ty: TypeId,
        primitive: Primitive,
        size: u64,
        value: &Value,
    ) -> Result<u128, Error> {
        let integer = Integer::of_size(size, primitive.is_signed(self.types.model()));
        let code = match value {
            Value::Bytes(bytes) if bytes.len() == 1 && size == 1 => return Ok(bytes[0].into()),
            Value::Text(text) => {
                let mut characters = text.chars();
                match (characters.next(), characters.next()) {
                    (Some(character), None) => Value::Int(u32::from(character).into()),
                    _ => return Err(wrong_kind(self.types, ty, "a single character", value)),
                }
            }
            Value::Bytes(_) => return Err(wrong_kind(self.types, ty, "a single character", value)),
            other => other.clone(),
        };
        // 0xe9 is a character whether or not `char` is signed.
        let unsigned = Integer {
            signed: false,
            ..integer
        };
        from_value(self.types, ty, unsigned, &code)
            .or_else(|_| from_value(self.types, ty, integer, &code))
    }

    unsafe fn store_complex(
        &self,
        ty: TypeId,
        part: u64,
        to: *mut u8,
        value: &Value,
    ) -> Result<(), Error> {
        let (re, im) = match value {
            Value::Complex(re, im) => (*re, *im),
            // SAFETY: the caller's promise.
            _ if self.is_same(ty, value) => return unsafe { self.copy_same(ty, to, value, "") },
            _ => match real(value) {
                Some(re) => (re, 0.0),
                None => return Err(wrong_kind(self.types, ty, "a complex number", value)),
            },
        };
        let format = wide::format_of(self.types, ty);
        let len = format.map_or(part as usize, Format::bytes);
        for (at, number) in [(0, re), (part as usize, im)] {
            let bytes = float_bits(part, format, number).to_le_bytes();
            // SAFETY: both parts are inside the type's size, which the caller promises.
            unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), to.add(at), len) };
        }
        Ok(())
    }
}

/// A value as a real number.
pub(super) fn real(value: &Value) -> Option<f64> {
    match value {
        Value::Float(float) => Some(*float),
        Value::Int(int) => Some(*int as f64),
        Value::Large(large) => Some(*large as f64),
        Value::Bool(bool) => Some(f64::from(u8::from(*bool))),
        Value::CData(cdata) => match (
            cdata.scalar_bytes(),
            wide::format_of(cdata.types(), cdata.type_id()),
        ) {
            (Some(scalar), Some(format)) => {
                let mut bits = [0; 16];
                bits[..format.bytes()].copy_from_slice(&scalar.0[..format.bytes()]);
                Some(format.decode(u128::from_le_bytes(bits)))
            }
            (Some(_), None) => match cdata.value() {
                Value::CData(_) => None,
                value => real(&value),
            },
            (None, _) => None,
        },
        _ => None,
    }
}

fn float_bits(size: u64, format: Option<Format>, value: f64) -> u128 {
    match format {
        Some(format) => format.encode(value),
        None if size == 4 => (value as f32).to_bits().into(),
        None => value.to_bits().into(),
    }
}
