//! C's cast, for scalars.

use std::ffi::c_void;
use std::sync::Arc;

use super::integer;
use super::scalar::real;
use super::store::Store;
use super::wrong_kind;
use crate::cdata::{CData, Scalar};
use crate::ctype::{CType, Primitive, PrimitiveKind, TypeId, TypeTable};
use crate::layout::layout_of;
use crate::{Error, Value};

/// `(ty) value`.
pub(crate) fn cast(types: &Arc<TypeTable>, ty: TypeId, value: &Value) -> Result<CData, Error> {
    let ty = types.plain(ty);
    let primitive = match types.get(ty) {
        CType::Primitive(primitive) => primitive,
        CType::Enum(id) => types
            .enumeration(id)
            .body()
            .map_or(Primitive::Int, |body| body.underlying),
        CType::Pointer(_) => {
            // C11 6.5.4 §4: no floating type becomes a pointer.
            if !is_integer_or_pointer(value) {
                return Err(wrong_kind(types, ty, "an integer or a pointer", value));
            }
            let address = number(types, ty, value)? as usize as *mut u8;
            return Ok(match value {
                Value::CData(cdata) => cdata.reinterpreted(ty, address),
                _ => CData::at(types, ty, address, None),
            });
        }
        _ => {
            return Err(Error::Operation {
                ty: types.spelling(ty),
                problem: "is not a type that C casts to",
            });
        }
    };
    let mut scalar = Scalar([0; 32]);
    match primitive.kind() {
        PrimitiveKind::Float | PrimitiveKind::Complex => {
            let room = scalar.0.len() as u64;
            // SAFETY: 32 bytes hold every number.
            unsafe { Store::new(types).store(ty, scalar.0.as_mut_ptr(), room, value) }?;
        }
        kind => {
            let size = layout_of(&**types, ty)?.size;
            let bits = match (kind, real(value)) {
                // C11 6.3.1.2: anything but zero is true.
                (PrimitiveKind::Bool, Some(real)) => u128::from(real != 0.0),
                (PrimitiveKind::Bool, None) => u128::from(number(types, ty, value)? != 0),
                _ => number(types, ty, value)? as u128,
            };
            scalar.0[..size as usize].copy_from_slice(&bits.to_le_bytes()[..size as usize]);
        }
    }
    Ok(CData::scalar(types, ty, scalar))
}

/// A value as an integer of any size, to be cut to a type's width.
fn number(types: &TypeTable, ty: TypeId, value: &Value) -> Result<i128, Error> {
    Ok(match value {
        Value::None => 0,
        Value::Bool(bool) => i128::from(*bool),
        Value::Int(int) => *int,
        Value::Large(large) => *large as i128,
        Value::Float(float) => *float as i128,
        Value::Bytes(bytes) if bytes.len() == 1 => bytes[0].into(),
        Value::Text(text) if text.chars().count() == 1 => {
            text.chars().map(|c| i128::from(u32::from(c))).sum()
        }
        Value::CData(cdata) => match (pointer(cdata), integer::of_cdata(cdata)) {
            (Some(address), _) => address as usize as i128,
            (None, Some(Value::Int(int))) => int,
            (None, Some(Value::Large(large))) => large as i128,
            (None, _) => real(value)
                .ok_or_else(|| wrong_kind(types, ty, "a number or a pointer", value))?
                as i128,
        },
        _ => return Err(wrong_kind(types, ty, "a number or a pointer", value)),
    })
}

/// The address in a pointer, and the one that an array or a function decays to (C11 6.3.2.1). A record has one too,
/// but is no scalar.
fn pointer(cdata: &CData) -> Option<*mut c_void> {
    match cdata.types().get(cdata.types().plain(cdata.type_id())) {
        CType::Pointer(_) | CType::Array { .. } | CType::Function(_) => cdata.address(),
        _ => None,
    }
}

/// Whether a value may become a pointer; what else it may be is for [`number`] to say.
fn is_integer_or_pointer(value: &Value) -> bool {
    match value {
        Value::Float(_) => false,
        Value::CData(cdata) => pointer(cdata).is_some() || integer::of_cdata(cdata).is_some(),
        _ => true,
    }
}
