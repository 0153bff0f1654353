//! Windows on x86-64.
//!
//! Source: Microsoft's *x64 calling convention*, sections "Parameter passing", "Varargs" and "Return values".
//! Types that Microsoft's compiler does not have (`__int128`, complex numbers) go as gcc's `ms_abi` has them.

use super::assignment::{Assignment, Extend, Piece, Place, Position, Reg, ResultPlace, Taken};
use super::{Abi, Machine, Registers, Unsupported};
use crate::Signature;
use crate::types::{Float, Type};

pub(super) const MACHINE: Machine = Machine::X86_64;

/// Registers in order of use. An argument's register follows from its position, whatever the others are.
pub(super) static REGISTERS: Registers = Registers {
    int_args: &["rcx", "rdx", "r8", "r9"],
    vector_args: &["xmm0", "xmm1", "xmm2", "xmm3"],
    int_results: &["rax"],
    vector_results: &["xmm0"],
    x87_results: &[],
};

/// Positions that registers carry.
const REGISTER_SLOTS: u64 = 4;
/// Bytes of a position on the stack. The first four are the callee's to store its registers in.
const SLOT: u64 = 8;

pub(super) fn assign(signature: &Signature) -> Result<Assignment, Unsupported> {
    let result = match &signature.result {
        None => ResultPlace::Void,
        Some(ty) => result(ty)?,
    };
    let first = u64::from(matches!(result, ResultPlace::Memory { .. }));
    let mut slots = first..;
    let mut args = Vec::with_capacity(signature.params.len());
    for (index, ty) in signature.params.iter().enumerate() {
        let variable = signature
            .fixed
            .is_some_and(|fixed| index >= usize::from(fixed));
        args.push(argument(ty, &mut slots, variable)?);
    }
    let taken = slots.start.min(REGISTER_SLOTS) as u8;
    let slots = slots.start.max(REGISTER_SLOTS);
    Ok(Assignment {
        abi: Abi::Win64,
        args: args.into(),
        result,
        stack_size: slots * SLOT,
        stack_align: 16,
        vector_args: 0,
        taken: Taken {
            ints: taken,
            vectors: taken,
        },
        callee_pops: 0,
    })
}

/// "Varargs": a function stores its registers where their positions on the stack are, and goes on from there.
pub(super) fn variable(ty: &Type, position: &mut Position) -> Result<Place, Unsupported> {
    let mut slots = position.stack / SLOT..;
    let place = argument(ty, &mut slots, true)?;
    position.stack = slots.start * SLOT;
    Ok(place)
}

/// "Return values".
fn result(ty: &Type) -> Result<ResultPlace, Unsupported> {
    let in_register = |reg| {
        ResultPlace::Pieces(Box::new([Piece {
            offset: 0,
            size: ty.size(),
            reg,
            extend: None,
        }]))
    };
    Ok(match ty {
        // Microsoft's C has no records without members; gcc passes no address for one, unless it has a flexible array.
        _ if ty.has_no_members() => ResultPlace::Pieces(Box::default()),
        Type::Vector(vector) if vector.size > 16 => return Err(Unsupported::WideVector),
        // "__m128 ... returned in xmm0"; so is gcc's __int128.
        Type::Vector(vector) if vector.size == 16 => in_register(Reg::Vector(0)),
        Type::Int(_) if ty.size() == 16 => in_register(Reg::Vector(0)),
        Type::Float(Float::F32 | Float::F64) => in_register(Reg::Vector(0)),
        _ if fits_register(ty.size()) => in_register(Reg::Int(0)),
        _ => ResultPlace::Memory {
            address: Reg::Int(0),
        },
    })
}

/// "Parameter passing".
fn argument(
    ty: &Type,
    slots: &mut std::ops::RangeFrom<u64>,
    variable: bool,
) -> Result<Place, Unsupported> {
    // Microsoft's C has no records without members. gcc gives an empty one its position, and one of unnamed
    // bit-fields, if it goes by value, a register but no room on the stack.
    let empty = ty.size() == 0;
    let nowhere = ty.has_no_members() && fits_register(ty.size());
    if empty || (nowhere && slots.start >= REGISTER_SLOTS) {
        slots.start += u64::from(empty);
        return Ok(Place::Pieces(Box::default()));
    }
    if matches!(ty, Type::Vector(vector) if vector.size > 16) {
        return Err(Unsupported::WideVector);
    }
    let slot = slots.start;
    slots.start += 1;
    let int = match slot {
        0..REGISTER_SLOTS => Reg::Int(slot as u8),
        _ => Reg::Stack(slot * SLOT),
    };
    // gcc has no machine mode for a vector of one float or double.
    let lone = matches!(ty, Type::Vector(vector) if vector.float && vector.lane == vector.size);
    if lone || !fits_register(ty.size()) {
        return Ok(Place::Copy {
            address: int,
            size: ty.size(),
            align: ty.align().max(16),
        });
    }
    let piece = |reg| Piece {
        offset: 0,
        size: ty.size(),
        reg,
        extend: Extend::of(ty),
    };
    // gcc passes _Float16, which Microsoft does not have, as an integer.
    let is_float = matches!(ty, Type::Float(Float::F32 | Float::F64));
    Ok(Place::Pieces(match (is_float, int) {
        // "Varargs": floating-point values go in both registers.
        (true, Reg::Int(n)) if variable => [piece(int), piece(Reg::Vector(n))].into(),
        (true, Reg::Int(n)) => [piece(Reg::Vector(n))].into(),
        _ => [piece(int)].into(),
    }))
}

/// "Structs or unions of size 8, 16, 32, or 64 bits, and __m64 types, are passed as if they were integers of the
/// same size", all others by reference.
fn fits_register(size: u64) -> bool {
    matches!(size, 1 | 2 | 4 | 8)
}
