//! C memory to values.

use std::ptr;
use std::sync::Arc;

use super::integer::Integer;
use super::wide::{self, Format};
use crate::Value;
use crate::cdata::{CData, Scalar};
use crate::ctype::{CType, Primitive, PrimitiveKind, TypeId, TypeTable};
use crate::layout::layout_of;
use crate::memory::Extent;

/// The value of type `ty` at `from`. Records and arrays come back as references into the memory, within `extent`.
///
/// # Safety
///
/// The bytes of the type are readable; for a record or an array that is so for what `extent` says.
pub(crate) unsafe fn load(
    types: &Arc<TypeTable>,
    ty: TypeId,
    from: *const u8,
    extent: Option<&Extent>,
) -> Value {
    let ty = types.plain(ty);
    match types.get(ty) {
        // SAFETY: the caller's promise.
        CType::Primitive(primitive) => unsafe { load_primitive(types, ty, primitive, from) },
        CType::Enum(id) => {
            let underlying = types
                .enumeration(id)
                .body()
                .map_or(Primitive::Int, |body| body.underlying);
            // SAFETY: the caller's promise.
            unsafe { load_primitive(types, ty, underlying, from) }
        }
        CType::Pointer(_) => {
            // SAFETY: the caller's promise.
            let address = unsafe { from.cast::<*mut u8>().read_unaligned() };
            Value::CData(CData::at(types, ty, address, None))
        }
        CType::Vector { .. } => match layout_of(&**types, ty).map_or(0, |layout| layout.size) {
            // SAFETY: the caller's promise.
            size @ ..=32 => Value::CData(CData::scalar(
                types,
                ty,
                Scalar(unsafe { read_array(from, size as usize) }),
            )),
            _ => Value::CData(CData::at(types, ty, from.cast_mut(), extent.cloned())),
        },
        CType::Array { .. } | CType::Record(_) | CType::Function(_) => {
            Value::CData(CData::at(types, ty, from.cast_mut(), extent.cloned()))
        }
        CType::Void | CType::Aligned { .. } | CType::Deferred(_) => Value::None,
    }
}

unsafe fn load_primitive(
    types: &Arc<TypeTable>,
    ty: TypeId,
    primitive: Primitive,
    from: *const u8,
) -> Value {
    let size = primitive.layout(types.model()).size as usize;
    // SAFETY: the caller's promise.
    let bytes: [u8; 32] = unsafe { read_array(from, size) };
    let bits = |at: usize| u128::from_le_bytes(bytes[at..at + 16].try_into().expect("16 bytes"));
    match primitive.kind() {
        PrimitiveKind::Bool => Value::Bool(bytes[0] != 0),
        PrimitiveKind::Char => Value::Bytes(vec![bytes[0]]),
        PrimitiveKind::WideChar => match char::from_u32(bits(0) as u32) {
            Some(character) => Value::Text(character.into()),
            None => {
                Integer::of_size(size as u64, primitive.is_signed(types.model())).decode(bits(0))
            }
        },
        PrimitiveKind::Signed | PrimitiveKind::Unsigned => {
            Integer::of_size(size as u64, primitive.is_signed(types.model())).decode(bits(0))
        }
        PrimitiveKind::Float => match (size, wide::format_of(types, ty)) {
            (_, Some(Format::Half)) => Value::Float(Format::Half.decode(bits(0) & 0xffff)),
            (_, Some(_)) => Value::CData(CData::scalar(types, ty, Scalar(bytes))),
            (4, None) => Value::Float(f32::from_bits(bits(0) as u32).into()),
            _ => Value::Float(f64::from_bits(bits(0) as u64)),
        },
        PrimitiveKind::Complex => match (size, wide::format_of(types, ty)) {
            (_, Some(_)) => Value::CData(CData::scalar(types, ty, Scalar(bytes))),
            (8, None) => {
                let part = |shift: u32| f64::from(f32::from_bits((bits(0) >> shift) as u32));
                Value::Complex(part(0), part(32))
            }
            _ => Value::Complex(
                f64::from_bits(bits(0) as u64),
                f64::from_bits((bits(0) >> 64) as u64),
            ),
        },
    }
}

/// The first `size` bytes at `from`, at most 32, with zeros after them.
unsafe fn read_array(from: *const u8, size: usize) -> [u8; 32] {
    let mut bytes = [0; 32];
    // SAFETY: `size` bytes are readable by the caller's promise, and the array is as large.
    unsafe { ptr::copy_nonoverlapping(from, bytes.as_mut_ptr(), size.min(32)) };
    bytes
}
