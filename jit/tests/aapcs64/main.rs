//! The classification of AArch64, Apple's and Windows' variants included, on every host.
//!
//! The places were written from the documents; those that follow a compiler's choice were read off the assembly of
//! gcc 12 (Linux) or clang 14 (Apple, Windows).

mod apple;
mod composites;
mod places;
mod windows;

use farcall_jit::{Abi, Field, Float, Int, Record, Signature, Type, Vector};

fn show(abi: Abi, fixed: Option<u16>, params: Vec<Type>, result: Option<Type>) -> String {
    let signature = Signature {
        abi,
        fixed,
        ..Signature::new(params, result)
    };
    let assignment = abi.assign(&signature).unwrap();
    let arguments = (0..assignment.args.len()).map(|i| format!("{i}: {}\n", assignment.arg(i)));
    format!(
        "{}result: {}\nstack: {} bytes aligned to {}, {} vector registers",
        arguments.collect::<String>(),
        assignment.result(),
        assignment.stack_size,
        assignment.stack_align,
        assignment.vector_args
    )
}

fn linux(params: Vec<Type>, result: Option<Type>) -> String {
    show(Abi::Aapcs64, None, params, result)
}

/// Eight longs and eight doubles, so that all others go on the stack.
fn after_registers(params: impl IntoIterator<Item = Type>) -> Vec<Type> {
    let mut all: Vec<Type> = vec![Int::I64.into(); 8];
    all.extend(vec![Float::F64.into(); 8]);
    all.extend(params);
    all
}

/// The lines after those of [`after_registers`].
fn on_stack(abi: Abi, params: impl IntoIterator<Item = Type>) -> String {
    let text = show(abi, None, after_registers(params), None);
    text.lines()
        .skip(16)
        .map(|line| format!("{line}\n"))
        .collect()
}

/// A structure of `count` members, one after the other.
fn several(member: impl Into<Type>, count: u64) -> Type {
    let member = member.into();
    let size = member.size();
    let fields: Vec<Field> = (0..count)
        .map(|i| Field::new(i * size, member.clone()))
        .collect();
    Record::structure(size * count, member.align(), fields).into()
}

fn aligned(align: u64, natural_align: u64, size: u64, fields: impl Into<Box<[Field]>>) -> Type {
    Record::structure(size, align, fields)
        .naturally_aligned(natural_align)
        .into()
}

fn vector(size: u8) -> Type {
    Vector {
        size,
        lane: 4,
        float: true,
    }
    .into()
}

fn empty() -> Type {
    Record::structure(0, 1, []).into()
}
