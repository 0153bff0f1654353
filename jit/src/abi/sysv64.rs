//! System V AMD64.
//!
//! Source: *System V Application Binary Interface, AMD64 Architecture Processor Supplement* (psABI), version
//! 1.0, section 3.2.3 "Parameter Passing"; paragraph numbers below are of that section. Where it leaves room
//! the rule is gcc's, and said so.

use super::assignment::{Assignment, Extend, Piece, Place, Reg, ResultPlace};
use super::{Abi, Registers, Unsupported};
use crate::Signature;
use crate::types::{Field, Float, Record, Type};

/// Registers in order of use (figure 3.4 of the psABI).
pub(super) static REGISTERS: Registers = Registers {
    int_args: &["rdi", "rsi", "rdx", "rcx", "r8", "r9"],
    vector_args: &[
        "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
    ],
    int_results: &["rax", "rdx"],
    vector_results: &["xmm0", "xmm1"],
};

/// Bytes that one register of either class carries, but for vectors.
const EIGHTBYTE: u64 = 8;

/// Classes of an eightbyte ("Classification").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// NO_CLASS: padding and empty records.
    Empty,
    Integer,
    Sse,
    SseUp,
    X87,
    X87Up,
    ComplexX87,
    Memory,
}

/// The classes of a value of at most two eightbytes.
type Classes = [Class; 2];

pub(super) fn assign(signature: &Signature) -> Result<Assignment, Unsupported> {
    let mut walk = Walk::default();
    let result = match &signature.result {
        None => ResultPlace::Void,
        Some(ty) => result(ty)?,
    };
    if result == ResultPlace::Memory {
        walk.ints = 1;
    }
    let args = signature
        .params
        .iter()
        .map(|ty| walk.argument(ty))
        .collect::<Result<_, _>>()?;
    Ok(Assignment {
        abi: Abi::SysV64,
        args,
        result,
        stack_size: walk.stack.next_multiple_of(EIGHTBYTE),
        stack_align: walk.stack_align.max(16),
        vector_args: walk.vectors,
    })
}

/// "Returning of Values".
fn result(ty: &Type) -> Result<ResultPlace, Unsupported> {
    let classes = classify(ty)?;
    match classes[0] {
        Class::Memory => return Ok(ResultPlace::Memory),
        Class::X87 | Class::ComplexX87 => return Err(Unsupported::X87Result),
        _ => {}
    }
    let (mut ints, mut vectors) = (0, 0);
    Ok(ResultPlace::Pieces(pieces(
        ty,
        classes,
        &mut ints,
        &mut vectors,
    )))
}

/// Registers and stack taken so far ("Passing").
#[derive(Default)]
struct Walk {
    ints: u8,
    vectors: u8,
    stack: u64,
    stack_align: u64,
}

impl Walk {
    fn argument(&mut self, ty: &Type) -> Result<Place, Unsupported> {
        let classes = classify(ty)?;
        if !classes
            .iter()
            .any(|class| matches!(class, Class::Memory | Class::X87 | Class::ComplexX87))
        {
            let (mut ints, mut vectors) = (self.ints, self.vectors);
            let place = pieces(ty, classes, &mut ints, &mut vectors);
            // "If there are no registers available for any eightbyte of an argument, the whole argument is
            // passed on the stack."
            if usize::from(ints) <= REGISTERS.int_args.len()
                && usize::from(vectors) <= REGISTERS.vector_args.len()
            {
                (self.ints, self.vectors) = (ints, vectors);
                return Ok(place);
            }
        }
        Ok(self.push(ty))
    }

    fn push(&mut self, ty: &Type) -> Place {
        if ty.size() == 0 {
            return Box::default();
        }
        let align = ty.align().max(EIGHTBYTE);
        let at = self.stack.next_multiple_of(align);
        self.stack = at.saturating_add(ty.size());
        self.stack_align = self.stack_align.max(align);
        Box::new([Piece {
            offset: 0,
            size: ty.size(),
            reg: Reg::Stack(at),
            extend: extend(ty),
        }])
    }
}

/// Gives each eightbyte the next register of its class. The counts may pass the number of registers there are;
/// that is for the caller to notice.
fn pieces(ty: &Type, classes: Classes, ints: &mut u8, vectors: &mut u8) -> Place {
    let mut place: Vec<Piece> = Vec::with_capacity(2);
    for (index, class) in (0u64..).zip(classes) {
        let offset = index * EIGHTBYTE;
        let size = ty.size().saturating_sub(offset).min(EIGHTBYTE);
        let reg = match class {
            Class::Integer => next(ints, Reg::Int),
            Class::Sse => next(vectors, Reg::Vector),
            Class::SseUp => {
                let low = place
                    .last_mut()
                    .expect("SSEUP follows SSE after the post-merger cleanup");
                low.size += size;
                continue;
            }
            _ => continue,
        };
        place.push(Piece {
            offset,
            size,
            reg,
            extend: extend(ty),
        });
    }
    place.into()
}

fn next(count: &mut u8, reg: fn(u8) -> Reg) -> Reg {
    let taken = *count;
    *count += 1;
    reg(taken)
}

/// The psABI is silent; gcc extends narrow integers to 32 bits in the caller, and clang's callees rely on it.
fn extend(ty: &Type) -> Option<Extend> {
    match ty {
        Type::Int(int) if int.size() < 4 => Some(if int.is_signed() {
            Extend::Sign
        } else {
            Extend::Zero
        }),
        _ => None,
    }
}

/// "Classification", with the post-merger cleanup.
fn classify(ty: &Type) -> Result<Classes, Unsupported> {
    let mut classes = [Class::Empty; 2];
    if ty.size() > 2 * EIGHTBYTE {
        // Only vectors are passed in registers at this size, and only where AVX is part of the ABI.
        return match ty {
            Type::Vector(_) => Err(Unsupported::WideVector),
            Type::Complex(Float::F80) => Ok([Class::ComplexX87; 2]),
            Type::Record(record) if is_one_vector(record) => Err(Unsupported::WideVector),
            _ => Ok([Class::Memory; 2]),
        };
    }
    merge_type(&mut classes, ty, 0);
    clean_up(&mut classes);
    Ok(classes)
}

/// Whether a record of more than two eightbytes is nothing but one wide vector (post-merger rule (c)).
fn is_one_vector(record: &Record) -> bool {
    match &*record.fields {
        [
            Field {
                ty: Type::Vector(vector),
                ..
            },
        ] => u64::from(vector.size) == record.size,
        [
            Field {
                ty: Type::Record(inner),
                ..
            },
        ] => inner.size == record.size && is_one_vector(inner),
        [
            Field {
                ty: Type::Array(array),
                ..
            },
        ] => {
            array.count == 1
                && matches!(array.element, Type::Vector(v) if u64::from(v.size) == record.size)
        }
        _ => false,
    }
}

/// Post-merger cleanup, rules (a), (b) and (d); (c) is decided by size in [`classify`].
fn clean_up(classes: &mut Classes) {
    let x87up_alone = classes[1] == Class::X87Up && classes[0] != Class::X87;
    if classes.contains(&Class::Memory) || x87up_alone || classes[0] == Class::X87Up {
        *classes = [Class::Memory; 2];
    }
    if classes[0] == Class::SseUp {
        classes[0] = Class::Sse;
    }
    if classes[1] == Class::SseUp && classes[0] != Class::Sse {
        classes[1] = Class::Sse;
    }
}

/// Merges the classes of a value of type `ty` at `offset` bytes into `classes`.
fn merge_type(classes: &mut Classes, ty: &Type, offset: u64) {
    match ty {
        Type::Int(int) => merge_scalar(classes, offset, int.size(), [Class::Integer; 2]),
        Type::Float(float) => merge_float(classes, offset, *float),
        Type::Complex(float) => {
            // "as if it were implemented as struct complexT { T real; T imag; }"
            merge_float(classes, offset, *float);
            merge_float(classes, offset + float.size(), *float);
        }
        Type::Vector(vector) => {
            merge_scalar(
                classes,
                offset,
                vector.size.into(),
                [Class::Sse, Class::SseUp],
            );
        }
        Type::Array(array) => {
            let size = array.element.size();
            // Elements past the second eightbyte would only say MEMORY again.
            let count = if size == 0 {
                0
            } else {
                array.count.min(2 * EIGHTBYTE + 1)
            };
            for index in 0..count {
                merge_type(classes, &array.element, offset.saturating_add(index * size));
            }
        }
        Type::Record(record) => {
            for field in &record.fields {
                match field.bits {
                    None => merge_type(classes, &field.ty, offset.saturating_add(field.offset)),
                    Some(bits) if bits.width > 0 => {
                        let first = offset
                            .saturating_add(field.offset)
                            .saturating_mul(8)
                            .saturating_add(bits.shift.into());
                        let last = first.saturating_add(u64::from(bits.width) - 1);
                        // gcc gives unnamed bit-fields INTEGER too; clang skips them.
                        for index in first / 64..=last / 64 {
                            merge_at(classes, index, Class::Integer);
                        }
                    }
                    Some(_) => {}
                }
            }
        }
    }
}

fn merge_float(classes: &mut Classes, offset: u64, float: Float) {
    let [low, high] = match float {
        Float::F16 | Float::F32 | Float::F64 => [Class::Sse, Class::Empty],
        Float::F128 => [Class::Sse, Class::SseUp],
        Float::F80 => [Class::X87, Class::X87Up],
    };
    merge_scalar(classes, offset, float.size(), [low, high]);
}

/// Merges a scalar of `size` bytes whose first and second eightbytes have the given classes.
fn merge_scalar(classes: &mut Classes, offset: u64, size: u64, [low, high]: Classes) {
    // Rule 1: "if it contains unaligned fields, it has class MEMORY". An __int128 counts as two longs.
    let align = if low == Class::Integer {
        size.min(EIGHTBYTE)
    } else {
        size
    };
    if !offset.is_multiple_of(align) {
        *classes = [Class::Memory; 2];
        return;
    }
    merge_at(classes, offset / EIGHTBYTE, low);
    if size > EIGHTBYTE {
        merge_at(classes, offset / EIGHTBYTE + 1, high);
    }
}

/// Rule 4: merges `class` into the eightbyte at `index`.
fn merge_at(classes: &mut Classes, index: u64, class: Class) {
    let Some(slot) = classes.get_mut(index as usize) else {
        *classes = [Class::Memory; 2];
        return;
    };
    *slot = match (*slot, class) {
        (a, b) if a == b => a,
        (Class::Empty, other) | (other, Class::Empty) => other,
        (Class::Memory, _) | (_, Class::Memory) => Class::Memory,
        (Class::Integer, _) | (_, Class::Integer) => Class::Integer,
        (Class::X87 | Class::X87Up | Class::ComplexX87, _)
        | (_, Class::X87 | Class::X87Up | Class::ComplexX87) => Class::Memory,
        _ => Class::Sse,
    };
}
