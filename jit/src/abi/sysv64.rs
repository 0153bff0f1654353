//! System V AMD64.
//!
//! Source: *System V Application Binary Interface, AMD64 Architecture Processor Supplement* (psABI), version
//! 1.0, section 3.2.3 "Parameter Passing"; paragraph numbers below are of that section. Where it leaves room
//! the rule is gcc's, and said so.

use super::assignment::{Assignment, Extend, Piece, Place, Position, Reg, ResultPlace, Taken};
use super::{Abi, Machine, Registers, Unsupported};
use crate::Signature;
use crate::types::{Array, Bits, Field, Float, Record, Type};

pub(super) const MACHINE: Machine = Machine::X86_64;

/// Registers in order of use (figure 3.4 of the psABI).
pub(super) static REGISTERS: Registers = Registers {
    int_args: &["rdi", "rsi", "rdx", "rcx", "r8", "r9"],
    vector_args: &[
        "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
    ],
    int_results: &["rax", "rdx"],
    vector_results: &["xmm0", "xmm1"],
    x87_results: &["st(0)", "st(1)"],
};

/// Bytes that one register of either class carries, but for vectors.
const EIGHTBYTE: u64 = 8;

/// Bytes of a number on the x87 stack; the six after them in memory are padding.
const X87_BYTES: u64 = 10;

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
    if matches!(result, ResultPlace::Memory { .. }) {
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
        taken: Taken {
            ints: walk.ints,
            vectors: walk.vectors,
        },
        callee_pops: 0,
    })
}

/// Section 3.5.7, "The va_arg Macro", which finds arguments where they were put.
pub(super) fn variable(ty: &Type, position: &mut Position) -> Result<Place, Unsupported> {
    let mut walk = Walk {
        ints: position.taken.ints,
        vectors: position.taken.vectors,
        stack: position.stack,
        stack_align: 0,
    };
    let place = walk.argument(ty)?;
    position.taken = Taken {
        ints: walk.ints,
        vectors: walk.vectors,
    };
    position.stack = walk.stack.next_multiple_of(EIGHTBYTE);
    Ok(place)
}

/// "Returning of Values".
fn result(ty: &Type) -> Result<ResultPlace, Unsupported> {
    let classes = classify(ty)?;
    // gcc passes no address for what has no members, however large.
    if ty.has_no_members() {
        return Ok(ResultPlace::Pieces(Box::default()));
    }
    let x87 = |index: u8| Piece {
        offset: u64::from(index) * Float::F80.size(),
        size: X87_BYTES,
        reg: Reg::X87(index),
        extend: None,
    };
    Ok(match classes[0] {
        Class::Memory => ResultPlace::Memory {
            address: Reg::Int(0),
        },
        Class::X87 => ResultPlace::Pieces([x87(0)].into()),
        Class::ComplexX87 => ResultPlace::Pieces([x87(0), x87(1)].into()),
        _ => {
            let (mut ints, mut vectors) = (0, 0);
            let mut pieces = pieces(ty, classes, &mut ints, &mut vectors);
            // What lies above a narrow result is not specified.
            pieces.iter_mut().for_each(|piece| piece.extend = None);
            ResultPlace::Pieces(pieces)
        }
    })
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
                return Ok(Place::Pieces(place));
            }
        }
        Ok(self.push(ty))
    }

    fn push(&mut self, ty: &Type) -> Place {
        // gcc gives a record of unnamed bit-fields a register while there is one, but no room on the stack.
        if ty.size() == 0 || ty.has_no_members() {
            return Place::Pieces(Box::default());
        }
        let align = ty.align().max(EIGHTBYTE);
        let at = self.stack.next_multiple_of(align);
        self.stack = at.saturating_add(ty.size());
        self.stack_align = self.stack_align.max(align);
        Place::Pieces(Box::new([Piece {
            offset: 0,
            size: ty.size(),
            reg: Reg::Stack(at),
            extend: Extend::of(ty),
        }]))
    }
}

/// Gives each eightbyte the next register of its class. The counts may pass the number of registers there are;
/// that is for the caller to notice.
fn pieces(ty: &Type, classes: Classes, ints: &mut u8, vectors: &mut u8) -> Box<[Piece]> {
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
            extend: Extend::of(ty),
        });
    }
    place.into()
}

fn next(count: &mut u8, reg: fn(u8) -> Reg) -> Reg {
    let taken = *count;
    *count += 1;
    reg(taken)
}

/// "Classification" of a whole value.
fn classify(ty: &Type) -> Result<Classes, Unsupported> {
    if ty.size() > 2 * EIGHTBYTE {
        // Only vectors are passed in registers at this size, and only where AVX is part of the ABI.
        return match ty {
            Type::Vector(_) => Err(Unsupported::WideVector),
            Type::Complex(Float::F80) => Ok([Class::ComplexX87; 2]),
            Type::Record(record) if is_one_vector(record) => Err(Unsupported::WideVector),
            _ => Ok([Class::Memory; 2]),
        };
    }
    Ok(classify_at(ty, 0).unwrap_or([Class::Memory; 2]))
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

/// The classes that a value of type `ty` at `offset` bytes gives to the two eightbytes of the whole; none for MEMORY.
fn classify_at(ty: &Type, offset: u64) -> Option<Classes> {
    match ty {
        _ if ty.size() == 0 => classify_empty(ty, offset),
        Type::Int(int) => scalar(offset, int.size(), [Class::Integer; 2]),
        Type::Float(float) => classify_float(offset, *float),
        // "as if it were implemented as struct complexT { T real; T imag; }"
        Type::Complex(float) => {
            let parts = [offset, offset + float.size()];
            aggregate(parts.into_iter().map(|at| classify_float(at, *float)))
        }
        Type::Vector(vector) => match (vector.float, vector.size) {
            // gcc has no register for a single lane, and keeps small integers in the integer ones.
            (true, size) if size == vector.lane => None,
            (false, size @ ..8) => scalar(offset, size.into(), [Class::Integer; 2]),
            (_, size) => scalar(offset, size.into(), [Class::Sse, Class::SseUp]),
        },
        Type::Array(array) => classify_array(array, offset),
        Type::Record(record) => {
            let at = |field: &Field| offset.saturating_add(field.offset);
            aggregate(record.fields.iter().map(|field| match field.bits {
                // gcc: one of no bits makes its eightbyte INTEGER, aligned or not.
                Some(bits) if record.union && bits.width == 0 => {
                    classify_bits(at(field), Bits { width: 1, ..bits })
                }
                Some(bits) if record.union => {
                    scalar(at(field), union_bits_size(bits), [Class::Integer; 2])
                }
                Some(bits) if is_whole(record, field, bits) => {
                    let at = at(field).saturating_add(u64::from(bits.shift / 8));
                    scalar(at, u64::from(bits.width / 8), [Class::Integer; 2])
                }
                Some(bits) => classify_bits(at(field), bits),
                None => classify_at(&field.ty, at(field)),
            }))
        }
    }
}

/// What has no bytes has no class. For gcc a GNU array of no elements that starts within an eightbyte has its elements'.
fn classify_empty(ty: &Type, offset: u64) -> Option<Classes> {
    match ty {
        _ if offset.is_multiple_of(EIGHTBYTE) => Some([Class::Empty; 2]),
        Type::Array(array) if array.count == 0 && !array.flexible => classify_array(array, offset),
        Type::Array(array) if array.count > 0 => classify_empty(&array.element, offset),
        Type::Record(record) => {
            let members = record.fields.iter().filter(|field| field.bits.is_none());
            aggregate(
                members.map(|field| classify_empty(&field.ty, offset.saturating_add(field.offset))),
            )
        }
        _ => Some([Class::Empty; 2]),
    }
}

/// gcc classifies one element and repeats its classes, so that a later one that is not aligned, as in a packed
/// record, does not send the array to memory.
fn classify_array(array: &Array, offset: u64) -> Option<Classes> {
    let element = classify_at(&array.element, offset)?;
    let first = (offset / EIGHTBYTE) as usize;
    let eightbytes = |size: u64| {
        (offset % EIGHTBYTE)
            .saturating_add(size)
            .div_ceil(EIGHTBYTE) as usize
    };
    let period = eightbytes(array.element.size()).max(1);
    let mut classes = [Class::Empty; 2];
    let size = array.element.size().saturating_mul(array.count);
    for index in 0..eightbytes(size) {
        *classes.get_mut(first + index)? = element[first + index % period];
    }
    Some(classes)
}

/// Whether gcc makes an ordinary member of a bit-field: it fills an integer that is aligned in its record (`layout_decl`).
/// Then it can be misaligned in an outer one. A record that is aligned to less than a named one is packed.
fn is_whole(record: &Record, field: &Field, bits: Bits) -> bool {
    let first = field
        .offset
        .saturating_mul(8)
        .saturating_add(bits.shift.into());
    matches!(bits.width, 8 | 16 | 32 | 64)
        && first.is_multiple_of(bits.width.into())
        && (!bits.named || record.align >= u64::from(bits.width / 8))
}

/// gcc looks at a union's bit-field as at the smallest integer that holds it.
fn union_bits_size(bits: Bits) -> u64 {
    u64::from(bits.width).div_ceil(8).next_power_of_two()
}

/// Every eightbyte that a bit-field touches is INTEGER. So it is for gcc with unnamed ones; clang skips them.
fn classify_bits(unit: u64, bits: Bits) -> Option<Classes> {
    let mut classes = [Class::Empty; 2];
    let first = unit.saturating_mul(8).saturating_add(bits.shift.into());
    if bits.width > 0 {
        for index in first / 64..=(first + u64::from(bits.width) - 1) / 64 {
            *classes.get_mut(index as usize)? = Class::Integer;
        }
    }
    Some(classes)
}

fn classify_float(offset: u64, float: Float) -> Option<Classes> {
    let classes = match float {
        Float::F16 | Float::F32 | Float::F64 => [Class::Sse, Class::Empty],
        Float::F128 => [Class::Sse, Class::SseUp],
        Float::F80 | Float::F80In12 => [Class::X87, Class::X87Up],
    };
    scalar(offset, float.size(), classes)
}

/// A scalar of `size` bytes, the classes of its first and second eightbytes given.
fn scalar(offset: u64, size: u64, [low, high]: Classes) -> Option<Classes> {
    // Rule 1: "if it contains unaligned fields, it has class MEMORY".
    if !offset.is_multiple_of(size) {
        return None;
    }
    let mut classes = [Class::Empty; 2];
    *classes.get_mut((offset / EIGHTBYTE) as usize)? = low;
    if size > EIGHTBYTE {
        *classes.get_mut((offset / EIGHTBYTE) as usize + 1)? = high;
    }
    Some(classes)
}

/// Rules 3 to 5: merges the members' classes, then cleans up. Nested aggregates are cleaned up on their own first.
fn aggregate(members: impl Iterator<Item = Option<Classes>>) -> Option<Classes> {
    let mut classes = [Class::Empty; 2];
    for member in members {
        let member = member?;
        for (class, other) in classes.iter_mut().zip(member) {
            *class = merge(*class, other)?;
        }
    }
    match classes {
        [first, Class::X87Up] if first != Class::X87 => None,
        [first, Class::SseUp] if first != Class::Sse => Some([first, Class::Sse]),
        classes => Some(classes),
    }
}

/// Rule 4.
fn merge(a: Class, b: Class) -> Option<Class> {
    let x87 = |class| matches!(class, Class::X87 | Class::X87Up | Class::ComplexX87);
    match (a, b) {
        (a, b) if a == b => Some(a),
        (Class::Empty, other) | (other, Class::Empty) => Some(other),
        (Class::Integer, _) | (_, Class::Integer) => Some(Class::Integer),
        (a, b) if x87(a) || x87(b) => None,
        _ => Some(Class::Sse),
    }
}
