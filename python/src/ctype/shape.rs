//! What it takes to read and write values of a type: decided once for each type.

use farcall::ctype::{CType, DeferredKind, Primitive, PrimitiveKind, RecordKind, TypeId};

use crate::state::types;

/// How values of a type look in memory, and to Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Void,
    Bool,
    /// One byte of text.
    Char,
    /// A unit of wide text of so many bytes.
    Wide(u8),
    /// An integer of so many bytes.
    Signed(u8),
    Unsigned(u8),
    /// `float` and `double`, and what has their formats.
    Float,
    Double,
    /// All other floating-point numbers.
    OtherFloat,
    Complex,
    /// An enumeration; its constants may not be known yet.
    Enum,
    Pointer,
    /// A pointer to a function.
    Function,
    /// An array of so many items, if its type says.
    Array(Option<u64>),
    Struct,
    Union,
    Vector,
    /// What only a C compiler could complete.
    Deferred,
}

impl Shape {
    pub(crate) fn of(ty: TypeId) -> Shape {
        let types = types();
        match types.get(types.plain(ty)) {
            CType::Void => Shape::Void,
            CType::Primitive(primitive) => Shape::of_primitive(primitive),
            CType::Pointer(target) => match types.get(types.plain(target)) {
                CType::Function(_) => Shape::Function,
                _ => Shape::Pointer,
            },
            CType::Array { length, .. } => Shape::Array(length),
            CType::Function(_) => Shape::Function,
            CType::Record(id) => match types.record(id).kind {
                RecordKind::Struct => Shape::Struct,
                RecordKind::Union => Shape::Union,
            },
            CType::Enum(_) => Shape::Enum,
            CType::Vector { .. } => Shape::Vector,
            CType::Deferred(id) => match types.deferred(id).kind {
                DeferredKind::Array { .. } => Shape::Array(None),
                _ => Shape::Deferred,
            },
            _ => Shape::Deferred,
        }
    }

    fn of_primitive(primitive: Primitive) -> Shape {
        let size = primitive.layout(types().model()).size as u8;
        match (primitive.kind(), size) {
            (PrimitiveKind::Bool, _) => Shape::Bool,
            (PrimitiveKind::Char, _) => Shape::Char,
            (PrimitiveKind::WideChar, size) => Shape::Wide(size),
            (PrimitiveKind::Signed, size) => Shape::Signed(size),
            (PrimitiveKind::Unsigned, size) => Shape::Unsigned(size),
            (PrimitiveKind::Float, 4) => Shape::Float,
            (PrimitiveKind::Float, 8) => Shape::Double,
            (PrimitiveKind::Float, _) => Shape::OtherFloat,
            (PrimitiveKind::Complex, _) => Shape::Complex,
        }
    }

    pub(crate) fn is_record(self) -> bool {
        matches!(self, Shape::Struct | Shape::Union)
    }

    /// Whether cdata of it holds an address: a pointer, or a pointer to a function.
    pub(crate) fn is_pointer(self) -> bool {
        matches!(self, Shape::Pointer | Shape::Function)
    }

    pub(crate) fn is_array(self) -> bool {
        matches!(self, Shape::Array(_))
    }

    /// Whether cdata of it is a number by itself, not memory.
    pub(crate) fn is_number(self) -> bool {
        !self.is_record() && !self.is_pointer() && !self.is_array() && self != Shape::Void
    }

    /// Whether it is an integer to C: characters and enumerations are.
    pub(crate) fn is_integer(self) -> bool {
        matches!(
            self,
            Shape::Bool | Shape::Char | Shape::Wide(_) | Shape::Signed(_) | Shape::Unsigned(_) | Shape::Enum
        )
    }

    pub(crate) fn is_float(self) -> bool {
        matches!(self, Shape::Float | Shape::Double | Shape::OtherFloat)
    }
}
