//! The classification of Windows x86-64, on every host.
//!
//! The places are those of Microsoft's *x64 calling convention*. Types that it does not name are as gcc 12 has them
//! with `__attribute__((ms_abi))`, read off its assembly.

use farcall_jit::{
    Abi, Bits, Field, Float, Int, Place, Record, Signature, Type, Unsupported, Vector,
};

fn signature(params: Vec<Type>, result: Option<Type>) -> Signature {
    Signature {
        abi: Abi::Win64,
        ..Signature::new(params, result)
    }
}

fn show_signature(signature: &Signature) -> String {
    let assignment = Abi::Win64.assign(signature).unwrap();
    let arguments = (0..assignment.args.len()).map(|i| format!("{i}: {}\n", assignment.arg(i)));
    format!(
        "{}result: {}\nstack: {} bytes aligned to {}",
        arguments.collect::<String>(),
        assignment.result(),
        assignment.stack_size,
        assignment.stack_align
    )
}

fn show(params: Vec<Type>, result: Option<Type>) -> String {
    show_signature(&signature(params, result))
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

fn vector(size: u8) -> Type {
    Vector {
        size,
        lane: 4,
        float: true,
    }
    .into()
}

/// "Parameter passing", the examples of integers, of floats, and of both: `func1` to `func3`.
#[test]
fn the_documents_examples() {
    insta::assert_snapshot!(show(vec![Int::I32.into(); 6], None), @"
    0: rcx
    1: rdx
    2: r8
    3: r9
    4: stack+32
    5: stack+40
    result: none
    stack: 48 bytes aligned to 16
    ");
    let params = [
        Float::F32,
        Float::F64,
        Float::F32,
        Float::F64,
        Float::F32,
        Float::F32,
    ];
    insta::assert_snapshot!(show(params.map(Type::from).into(), None), @"
    0: xmm0
    1: xmm1
    2: xmm2
    3: xmm3
    4: stack+32
    5: stack+40
    result: none
    stack: 48 bytes aligned to 16
    ");
    let params = vec![
        Int::I32.into(),
        Float::F64.into(),
        Int::I32.into(),
        Float::F32.into(),
        Int::I32.into(),
        Float::F32.into(),
    ];
    insta::assert_snapshot!(show(params, None), @"
    0: rcx
    1: xmm1
    2: r8
    3: xmm3
    4: stack+32
    5: stack+40
    result: none
    stack: 48 bytes aligned to 16
    ");
}

/// The document's `func4`: `__m64`, `__m128`, struct, float, `__m128`, `__m128`.
#[test]
fn the_documents_example_of_references() {
    let large = several(Int::I64, 3);
    let params = vec![
        vector(8),
        vector(16),
        large,
        Float::F32.into(),
        vector(16),
        vector(16),
    ];
    insta::assert_snapshot!(show(params, None), @"
    0: rcx
    1: a copy, address in rdx
    2: a copy, address in r8
    3: xmm3
    4: a copy, address in stack+32
    5: a copy, address in stack+40
    result: none
    stack: 48 bytes aligned to 16
    ");
}

/// The callee may always store the four registers, even for no arguments.
#[test]
fn home_space_is_always_there() {
    insta::assert_snapshot!(show(vec![], None), @"
    result: none
    stack: 32 bytes aligned to 16
    ");
}

/// "Structs or unions of size 8, 16, 32, or 64 bits ... are passed as if they were integers of the same size",
/// whatever is in them.
#[test]
fn records_of_one_two_four_and_eight_bytes_are_integers() {
    let union = Record::union(
        8,
        8,
        [
            Field::new(0, Type::array(Int::I8, 8)),
            Field::new(0, Float::F64),
        ],
    );
    let params = vec![
        several(Int::I8, 3),
        several(Int::I8, 4),
        several(Float::F32, 2),
        several(Float::F64, 1),
        several(Int::I32, 3),
        several(Int::I8, 3),
        union.into(),
    ];
    insta::assert_snapshot!(show(params, Some(several(Float::F64, 1))), @"
    0: a copy, address in rcx
    1: rdx
    2: r8
    3: r9
    4: a copy, address in stack+32
    5: a copy, address in stack+40
    6: stack+48
    result: rax
    stack: 56 bytes aligned to 16
    ");
}

/// "Memory allocated by the caller is 16-byte aligned", or as the type asks.
#[test]
fn copies_are_aligned() {
    let over_aligned = Record::structure(32, 32, [Field::new(0, Int::I32)]).naturally_aligned(4);
    let signature = signature(vec![several(Int::I8, 3), over_aligned.into()], None);
    let aligns: Vec<u64> = Abi::Win64
        .assign(&signature)
        .unwrap()
        .args
        .iter()
        .map(|place| match place {
            Place::Copy { align, .. } => *align,
            Place::Pieces(_) => 0,
        })
        .collect();
    assert_eq!(aligns, [16, 32]);
}

/// "Return values": a hidden pointer takes the first position.
#[test]
fn a_result_in_memory_moves_the_arguments() {
    let params = vec![
        Int::I8.into(),
        Float::F64.into(),
        Int::U16.into(),
        Int::I32.into(),
    ];
    insta::assert_snapshot!(show(params, Some(several(Int::I8, 3))), @"
    0: rdx, sign-extended to 32 bits
    1: xmm2
    2: r9, zero-extended to 32 bits
    3: stack+32
    result: memory, address in rcx
    stack: 40 bytes aligned to 16
    ");
}

#[test]
fn results() {
    let place = |ty: Type| {
        let signature = signature(vec![], Some(ty));
        Abi::Win64.assign(&signature).unwrap().result().to_string()
    };
    let memory = "memory, address in rcx";
    assert_eq!(place(Int::I8.into()), "rax");
    assert_eq!(place(Int::U64.into()), "rax");
    assert_eq!(place(Float::F32.into()), "xmm0");
    assert_eq!(place(Float::F64.into()), "xmm0");
    assert_eq!(place(vector(16)), "xmm0");
    assert_eq!(place(several(Int::I32, 2)), "rax");
    assert_eq!(place(several(Int::I32, 3)), memory);
    assert_eq!(place(several(vector(16), 1)), memory);
    // gcc 12.
    assert_eq!(place(vector(8)), "rax");
    assert_eq!(place(several(vector(8), 1)), "rax");
    assert_eq!(place(Int::I128.into()), "xmm0");
    assert_eq!(place(Float::F16.into()), "rax");
    assert_eq!(place(Float::F80.into()), memory);
    assert_eq!(place(Float::F128.into()), memory);
    assert_eq!(place(Type::Complex(Float::F32)), "rax");
    assert_eq!(place(Type::Complex(Float::F64)), memory);
}

/// "Varargs": "floating-point values must be duplicated in the integer register"; declared ones need not be.
#[test]
fn variable_floats_are_in_both_registers() {
    let mut params: Vec<Type> = vec![Int::I32.into()];
    params.extend(vec![Type::from(Float::F64); 2]);
    params.extend([Int::I32.into(), Float::F64.into()]);
    insta::assert_snapshot!(show_signature(&signature(params, None).variadic(2)), @"
    0: rcx
    1: xmm1
    2: r8 (bytes 0-7), xmm2 (bytes 0-7)
    3: r9
    4: stack+32
    result: none
    stack: 40 bytes aligned to 16
    ");
}

/// All of them gcc 12's: what is larger than eight bytes goes by reference, a complex float is a record of eight, and
/// `_Float16` an integer.
#[test]
fn types_that_microsoft_does_not_have() {
    let params = vec![
        Type::Complex(Float::F32),
        Type::Complex(Float::F64),
        several(Type::Complex(Float::F32), 1),
        Int::I128.into(),
        Float::F80.into(),
        Float::F16.into(),
        Float::F128.into(),
        Type::Complex(Float::F80),
    ];
    insta::assert_snapshot!(show(params, None), @"
    0: rcx
    1: a copy, address in rdx
    2: r8
    3: a copy, address in r9
    4: a copy, address in stack+32
    5: stack+40
    6: a copy, address in stack+48
    7: a copy, address in stack+56
    result: none
    stack: 64 bytes aligned to 16
    ");
    insta::assert_snapshot!(show(vec![Float::F16.into(), Float::F64.into()], None), @"
    0: rcx
    1: xmm1
    result: none
    stack: 32 bytes aligned to 16
    ");
}

/// gcc 12 gives a record without members its position but nothing in it, and one of unnamed bit-fields a register but
/// no room on the stack, unless it goes by reference.
#[test]
fn records_without_members() {
    let empty = || Type::from(Record::structure(0, 1, []));
    let bits = Bits {
        shift: 0,
        width: 5,
        named: false,
    };
    let unnamed = || Type::from(Record::structure(4, 4, [Field::bits(0, Int::I32, bits)]));
    let aligned = Type::from(Record::structure(16, 16, [Field::bits(0, Int::I32, bits)]));
    let int = || Type::from(Int::I32);
    let params = vec![
        empty(),
        int(),
        unnamed(),
        vector(16),
        int(),
        unnamed(),
        int(),
        empty(),
        int(),
        aligned,
    ];
    insta::assert_snapshot!(show(params, Some(empty())), @"
    0: nowhere (no bytes)
    1: rdx
    2: r8
    3: a copy, address in r9
    4: stack+32
    5: nowhere (no bytes)
    6: stack+40
    7: nowhere (no bytes)
    8: stack+56
    9: a copy, address in stack+64
    result: nowhere (no bytes)
    stack: 72 bytes aligned to 16
    ");
}

#[test]
fn wide_vectors_are_left_out() {
    for (params, result) in [(vec![vector(32)], None), (vec![], Some(vector(64)))] {
        let refused = Abi::Win64.assign(&signature(params, result));
        assert_eq!(refused, Err(Unsupported::WideVector));
    }
}
