//! Equality, order and hashes: addresses as in C, numbers by their values.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::{CData, Data};
use crate::Value;
use crate::ctype::TypeId;

/// A number so that equal ones are the same, whatever their types.
#[derive(PartialEq, Eq, Hash)]
enum Number {
    Integer(i128),
    Large(u128),
    /// The bits of a number that is not among the above.
    Real(u64),
    Complex(u64, u64),
    Bytes(Vec<u8>),
    Text(String),
    /// What only its own type holds.
    Opaque(TypeId, [u8; 32]),
}

impl Number {
    fn of(cdata: &CData, bytes: &[u8; 32]) -> Number {
        match &cdata.value() {
            Value::Bool(value) => Number::Integer((*value).into()),
            Value::Int(value) => Number::Integer(*value),
            Value::Large(value) => Number::Large(*value),
            Value::Float(value) => Number::real(*value),
            Value::Complex(real, imaginary) if *imaginary == 0.0 => Number::real(*real),
            // Adding zero makes -0 one.
            Value::Complex(real, imaginary) => {
                Number::Complex((real + 0.0).to_bits(), (imaginary + 0.0).to_bits())
            }
            Value::Bytes(bytes) => Number::Bytes(bytes.clone()),
            Value::Text(text) => Number::Text(text.clone()),
            _ => Number::Opaque(cdata.ty, *bytes),
        }
    }

    fn real(value: f64) -> Number {
        let limit = 2f64.powi(127);
        if value.is_nan() {
            Number::Real(f64::NAN.to_bits())
        } else if value.fract() == 0.0 && (-limit..limit).contains(&value) {
            Number::Integer(value as i128)
        } else if (limit..2.0 * limit).contains(&value) {
            Number::Large(value as u128)
        } else {
            Number::Real(value.to_bits())
        }
    }

    fn order(&self, other: &Number) -> Option<Ordering> {
        use Number::{Bytes, Integer, Large, Real, Text};
        match (self, other) {
            (a, b) if a == b => Some(Ordering::Equal),
            (Integer(a), Integer(b)) => Some(a.cmp(b)),
            (Large(a), Large(b)) => Some(a.cmp(b)),
            (Integer(_), Large(_)) => Some(Ordering::Less),
            (Large(_), Integer(_)) => Some(Ordering::Greater),
            // No real number equals one of these here, so that rounding them changes no order.
            (Real(a), Real(b)) => f64::from_bits(*a).partial_cmp(&f64::from_bits(*b)),
            (Real(a), Integer(b)) => f64::from_bits(*a).partial_cmp(&(*b as f64)),
            (Real(a), Large(b)) => f64::from_bits(*a).partial_cmp(&(*b as f64)),
            (Integer(_) | Large(_), Real(_)) => other.order(self).map(Ordering::reverse),
            (Bytes(a), Bytes(b)) => Some(a.cmp(b)),
            (Text(a), Text(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// Two pointers, arrays or records are equal when their addresses are, as in C; two numbers when their values are, whatever
/// their types. What is not a number to C equals itself, for hash tables; what no Rust number holds is compared by type and
/// bytes.
///
/// ```
/// # let ffi = farcall::Ffi::new();
/// assert_eq!(ffi.cast("short", 5)?, ffi.cast("double", 5.0)?);
/// assert_ne!(ffi.cast("char", 65)?, ffi.cast("int", 65)?);
/// assert_eq!(ffi.alloc("int[2]", ())?.offset(0)?.is_null(), false);
/// # Ok::<(), farcall::Error>(())
/// ```
impl PartialEq for CData {
    fn eq(&self, other: &CData) -> bool {
        match (&self.data, &other.data) {
            (Data::Scalar(a), Data::Scalar(b)) => {
                let is_same = self.ty == other.ty && a == b;
                is_same || Number::of(self, &a.0) == Number::of(other, &b.0)
            }
            (Data::Address { address: a, .. }, Data::Address { address: b, .. }) => a == b,
            _ => false,
        }
    }
}

impl Eq for CData {}

/// As equality has it.
impl Hash for CData {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.data {
            Data::Scalar(scalar) => Number::of(self, &scalar.0).hash(state),
            Data::Address { address, .. } => address.hash(state),
        }
    }
}

/// Addresses are compared, as in C, and numbers, characters too, by their values; an address and a number have no order.
impl PartialOrd for CData {
    fn partial_cmp(&self, other: &CData) -> Option<Ordering> {
        match (&self.data, &other.data) {
            (Data::Scalar(a), Data::Scalar(b)) => {
                Number::of(self, &a.0).order(&Number::of(other, &b.0))
            }
            (Data::Address { address: a, .. }, Data::Address { address: b, .. }) => Some(a.cmp(b)),
            _ => None,
        }
    }
}
