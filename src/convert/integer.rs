//! Integers of every C width.

use super::wrong_kind;
use crate::cdata::CData;
use crate::ctype::{CType, TypeId, TypeTable};
use crate::{Error, Value};

/// An integer type as its bits and bounds: width in bits, at most 128.
#[derive(Clone, Copy)]
pub(crate) struct Integer {
    pub(crate) bits: u32,
    pub(crate) signed: bool,
}

impl Integer {
    pub(crate) fn of_size(size: u64, signed: bool) -> Integer {
        Integer {
            bits: 8 * size as u32,
            signed,
        }
    }

    /// The value's two's complement in this type's low bits, if it fits.
    pub(crate) fn encode(self, value: &Value) -> Option<u128> {
        let (fits, encoded) = match *value {
            Value::Int(int) if self.signed => {
                let spare = 128 - self.bits;
                ((int << spare) >> spare == int, int as u128)
            }
            Value::Int(int) => (int >= 0 && int as u128 & !self.mask() == 0, int as u128),
            Value::Large(large) => (!self.signed && large & !self.mask() == 0, large),
            Value::Bool(bool) => (true, bool.into()),
            _ => (false, 0),
        };
        fits.then_some(encoded & self.mask())
    }

    /// The value of this type's low bits.
    pub(crate) fn decode(self, encoded: u128) -> Value {
        let spare = 128 - self.bits;
        if self.signed {
            Value::Int((encoded << spare) as i128 >> spare)
        } else {
            Value::from((encoded << spare) >> spare)
        }
    }

    fn mask(self) -> u128 {
        u128::MAX >> (128 - self.bits)
    }
}

/// The bits of `value` as an integer type.
pub(crate) fn from_value(
    types: &TypeTable,
    ty: TypeId,
    integer: Integer,
    value: &Value,
) -> Result<u128, Error> {
    let number = match value {
        // A number that was cast to its C type converts as the number, a character's code too.
        Value::CData(cdata) => of_cdata(cdata),
        _ => None,
    };
    let value = number.as_ref().unwrap_or(value);
    match value {
        Value::Int(_) | Value::Large(_) | Value::Bool(_) => {
            integer.encode(value).ok_or_else(|| Error::Range {
                value: value.to_string(),
                ty: types.spelling(ty),
                place: Default::default(),
            })
        }
        _ => Err(wrong_kind(types, ty, "an integer", value)),
    }
}

/// The number in cdata of an integer type, of characters and enumerations too.
pub(crate) fn of_cdata(cdata: &CData) -> Option<Value> {
    let types = cdata.types();
    let scalar = cdata.scalar_bytes()?;
    let primitive = match types.get(types.plain(cdata.type_id())) {
        CType::Primitive(primitive) if primitive.is_integer() => primitive,
        CType::Enum(id) => types.enumeration(id).body()?.underlying,
        _ => return None,
    };
    let size = primitive.layout(types.model()).size;
    let bits = u128::from_le_bytes(scalar.0[..16].try_into().expect("16 bytes"));
    Some(Integer::of_size(size, primitive.is_signed(types.model())).decode(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_exact_at_every_width() {
        for bits in 1..=127 {
            let signed = Integer { bits, signed: true };
            let (min, max) = (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1);
            for (value, fits) in [(min, true), (max, true), (min - 1, false), (max + 1, false)] {
                let encoded = signed.encode(&Value::Int(value));
                assert_eq!(encoded.is_some(), fits, "{value} in {bits} signed bits");
                assert!(encoded.is_none_or(|bits| signed.decode(bits) == Value::Int(value)));
            }
            let unsigned = Integer {
                bits,
                signed: false,
            };
            let max = u128::MAX >> (128 - bits);
            assert_eq!(unsigned.encode(&Value::from(max)), Some(max));
            assert_eq!(unsigned.encode(&Value::from(max + 1)), None);
            assert_eq!(unsigned.encode(&Value::Int(-1)), None);
        }
    }

    #[test]
    fn the_widest_integers_reach_their_ends() {
        let signed = Integer {
            bits: 128,
            signed: true,
        };
        assert!(signed.encode(&Value::Int(i128::MIN)).is_some());
        assert_eq!(signed.encode(&Value::from(u128::MAX)), None);
        let unsigned = Integer {
            bits: 128,
            signed: false,
        };
        assert_eq!(unsigned.encode(&Value::from(u128::MAX)), Some(u128::MAX));
        assert_eq!(unsigned.decode(u128::MAX), Value::Large(u128::MAX));
    }
}
