//! What an expression comes to.

use rustc_apfloat::Float as _;
use rustc_apfloat::ieee::Quad;

use super::float::narrowed;
use crate::cdef::Value;
use crate::ctype::TypeId;

/// A value known without running anything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Evaluated {
    Integer(i128),
    /// Rounded to its type.
    Float(Quad),
}

/// A value and its type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) ty: TypeId,
    pub(super) value: Evaluated,
}

/// An expression's type, and what is known of its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    pub(super) ty: TypeId,
    /// A number, or a pointer's address.
    pub(super) value: Option<Evaluated>,
    /// Where an lvalue lies: `((struct s *)0)->m` lies at the offset of `m`.
    pub(super) address: Option<i128>,
    /// Whether it is zero converted to `void *`, which agrees with every pointer (C11 6.3.2.3 §3).
    pub(super) null: bool,
    /// The alignment of the record that it is a member of.
    pub(super) record_align: Option<u64>,
    /// The width of a bit-field. It has a type, and no size or address of its own.
    pub(super) bits: Option<u32>,
    /// The alignment that the declaration of a variable asked for.
    pub(super) align: Option<u64>,
}

impl Operand {
    /// An expression with a type, and the value that is known of it.
    pub(super) fn of(ty: TypeId, value: Option<Evaluated>) -> Operand {
        Operand {
            ty,
            value,
            address: None,
            null: false,
            record_align: None,
            bits: None,
            align: None,
        }
    }

    /// An expression of which only the type is known.
    pub(super) fn typed(ty: TypeId) -> Operand {
        Operand::of(ty, None)
    }

    /// An expression with a known value.
    pub(super) fn known(ty: TypeId, value: Evaluated) -> Operand {
        Operand::of(ty, Some(value))
    }

    /// An lvalue.
    pub(super) fn at(ty: TypeId, address: Option<i128>) -> Operand {
        Operand {
            address,
            ..Operand::typed(ty)
        }
    }
}

impl Evaluated {
    /// Whether the value compares unequal to zero.
    pub(super) fn is_true(self) -> bool {
        match self {
            Evaluated::Integer(value) => value != 0,
            Evaluated::Float(value) => !value.is_zero(),
        }
    }

    /// The value, if it is an integer.
    pub(super) fn integer(self) -> Option<i128> {
        match self {
            Evaluated::Integer(value) => Some(value),
            Evaluated::Float(_) => None,
        }
    }

    pub(super) fn float(self) -> Quad {
        match self {
            Evaluated::Integer(value) => Quad::from_i128(value).value,
            Evaluated::Float(value) => value,
        }
    }
}

impl From<Evaluated> for Value {
    fn from(value: Evaluated) -> Value {
        match value {
            Evaluated::Integer(value) => Value::Integer(value),
            Evaluated::Float(value) => Value::Float(narrowed(value)),
        }
    }
}
