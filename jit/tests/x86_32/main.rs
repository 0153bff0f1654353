//! The classification of 32-bit x86's conventions, on every host.
//!
//! The documents say little: all places of System V and of mingw were read off the assembly of gcc 12 with `-msse2`,
//! Microsoft's are from its pages on each keyword, and where those leave room from clang 14 for `i686-windows-msvc`.

mod arguments;
mod conventions;
mod results;

use farcall_jit::{Abi, Field, Int, Record, Signature, Type, Vector};

fn call(abi: Abi, fixed: Option<u16>, params: Vec<Type>, result: Option<Type>) -> String {
    let signature = Signature {
        abi,
        fixed,
        ..Signature::new(params, result)
    };
    let assignment = abi.assign(&signature).unwrap();
    let arguments = (0..assignment.args.len()).map(|i| format!("{i}: {}\n", assignment.arg(i)));
    format!(
        "{}result: {}\nstack: {} bytes aligned to {}, callee pops {}",
        arguments.collect::<String>(),
        assignment.result(),
        assignment.stack_size,
        assignment.stack_align,
        assignment.callee_pops
    )
}

fn show(abi: Abi, params: Vec<Type>, result: Option<Type>) -> String {
    call(abi, None, params, result)
}

/// The places of the arguments on one line.
fn places(abi: Abi, params: Vec<Type>) -> String {
    let text = show(abi, params, None);
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("result") && !line.starts_with("stack"));
    lines
        .map(|line| line.split_once(": ").unwrap().1)
        .collect::<Vec<_>>()
        .join("; ")
}

/// Where a result comes back.
fn result(abi: Abi, ty: impl Into<Type>) -> String {
    let signature = Signature {
        abi,
        ..Signature::new([], Some(ty.into()))
    };
    abi.assign(&signature).unwrap().result().to_string()
}

/// Where a result comes back for System V, mingw and Microsoft.
fn results(ty: impl Into<Type>) -> [String; 3] {
    let ty = ty.into();
    [Abi::X86Cdecl, Abi::MingwCdecl, Abi::MsvcCdecl].map(|abi| result(abi, ty.clone()))
}

fn record(size: u64, align: u64, members: impl IntoIterator<Item = (u64, Type)>) -> Type {
    let fields: Vec<Field> = members
        .into_iter()
        .map(|(at, ty)| Field::new(at, ty))
        .collect();
    Record::structure(size, align, fields).into()
}

/// A structure with one member. Scalars of eight bytes are aligned to four in records.
fn one(member: impl Into<Type>) -> Type {
    let member = member.into();
    let align = match member {
        Type::Vector(vector) => vector.size.into(),
        _ => member.align().min(4),
    };
    record(member.size(), align, [(0, member)])
}

fn ints(count: u64) -> Type {
    record(4 * count, 4, (0..count).map(|i| (4 * i, Int::I32.into())))
}

fn chars(count: u64) -> Type {
    one(Type::array(Int::I8, count))
}

fn int() -> Type {
    Int::I32.into()
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
    record(0, 1, [])
}
