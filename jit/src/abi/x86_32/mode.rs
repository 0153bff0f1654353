//! gcc's machine modes, on which its choice of registers rests where no document says anything.
//!
//! Source: gcc 12, `compute_record_mode` and `layout_type` of `stor-layout.cc`, which are quoted.

use crate::types::{Array, Field, Float, Record, Type, Vector};

/// What a value is to the registers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Integer,
    Float(Float),
    Complex(Float),
    Vector,
    /// Two or more integers in less than eight bytes.
    SmallVector,
    /// None of these; only memory takes it.
    Block,
}

impl Mode {
    pub(super) fn of(ty: &Type) -> Mode {
        match ty {
            Type::Int(_) => Mode::Integer,
            Type::Float(float) => Mode::Float(*float),
            Type::Complex(float) => Mode::Complex(*float),
            Type::Vector(vector) => Mode::of_vector(*vector),
            Type::Array(array) => Mode::of_array(array),
            Type::Record(record) => Mode::of_record(record),
        }
    }

    pub(super) fn of_size(size: u64) -> Mode {
        match size {
            1 | 2 | 4 | 8 => Mode::Integer,
            _ => Mode::Block,
        }
    }

    fn of_vector(vector: Vector) -> Mode {
        match (vector.size, vector.float, vector.lane == vector.size) {
            (16, _, false) | (8, true, false) | (8, false, _) => Mode::Vector,
            (..8, false, true) => Mode::Integer,
            (..8, false, false) => Mode::SmallVector,
            _ => Mode::Block,
        }
    }

    /// Without 3DNow, floats in eight bytes are a vector only by themselves.
    fn of_member(ty: &Type) -> Mode {
        match ty {
            Type::Vector(vector) if vector.size == 8 && vector.float => Mode::Block,
            _ => Mode::of(ty),
        }
    }

    /// "One-element arrays get the component type's mode."
    fn of_array(array: &Array) -> Mode {
        match Mode::of_member(&array.element) {
            mode if array.count == 1 => mode,
            Mode::Block => Mode::Block,
            _ => Mode::of_size(array.element.size().saturating_mul(array.count)),
        }
    }

    /// "A record which has any BLKmode members must itself be BLKmode"; "if this field is the whole struct, remember its
    /// mode", for a union only if it is an integer's.
    fn of_record(record: &Record) -> Mode {
        let mut whole = None;
        let is_flexible = |ty: &Type| matches!(ty, Type::Array(array) if array.flexible);
        let counts = |field: &&Field| field.ty.size() > 0 || is_flexible(&field.ty);
        for field in record.fields.iter().filter(counts) {
            let mode = match field.bits {
                Some(_) => Mode::Integer,
                // It has no DECL_SIZE.
                None if is_flexible(&field.ty) => Mode::Block,
                None => Mode::of_member(&field.ty),
            };
            if mode == Mode::Block {
                return Mode::Block;
            }
            if field.bits.is_none() && field.ty.size() == record.size {
                whole = Some(mode);
            }
        }
        whole
            .filter(|_| !record.union)
            .unwrap_or(Mode::of_size(record.size))
    }
}
