//! Which register, and where on the stack.

use farcall_jit::{Abi, Field, Float, Int, Record, Signature, Type, Unsupported, Vector};

use super::{aligned, linux, on_stack, several, show, vector};

/// C.1 and C.9; AAPCS64 leaves the upper bits alone, and we extend.
#[test]
fn scalars_take_the_next_register_of_their_kind() {
    let params = vec![
        Int::I8.into(),
        Float::F32.into(),
        Int::U16.into(),
        Float::F16.into(),
        Int::U64.into(),
        Float::F128.into(),
        vector(8),
        vector(16),
        Int::U32.into(),
    ];
    insta::assert_snapshot!(linux(params, Some(Float::F128.into())), @"
    0: x0, sign-extended to 32 bits
    1: v0
    2: x1, zero-extended to 32 bits
    3: v1
    4: x2
    5: v2
    6: v3
    7: v4
    8: x3
    result: v0
    stack: 0 bytes aligned to 16, 5 vector registers
    ");
}

/// C.2 and C.3: no later argument finds a vector register again.
#[test]
fn an_aggregate_that_does_not_fit_ends_the_vector_registers() {
    let params = vec![
        several(Float::F64, 4),
        several(Float::F32, 3),
        several(Float::F32, 3),
        Float::F32.into(),
        Int::I32.into(),
    ];
    insta::assert_snapshot!(linux(params, None), @"
    0: v0 (bytes 0-7), v1 (bytes 8-15), v2 (bytes 16-23), v3 (bytes 24-31)
    1: v4 (bytes 0-3), v5 (bytes 4-7), v6 (bytes 8-11)
    2: stack+0
    3: stack+16
    4: x0
    result: none
    stack: 24 bytes aligned to 16, 7 vector registers
    ");
}

/// C.12 and C.13: a composite is never split, and no later argument finds an integer register again.
#[test]
fn a_composite_that_does_not_fit_ends_the_integer_registers() {
    let mut params: Vec<Type> = vec![Int::I64.into(); 7];
    params.extend([several(Int::I64, 2), Int::I32.into(), Int::I8.into()]);
    insta::assert_snapshot!(linux(params, Some(several(Int::I32, 3))), @"
    0: x0
    1: x1
    2: x2
    3: x3
    4: x4
    5: x5
    6: x6
    7: stack+0
    8: stack+16
    9: stack+24, sign-extended to 32 bits
    result: x0 (bytes 0-7), x1 (bytes 8-11)
    stack: 32 bytes aligned to 16, 0 vector registers
    ");
}

/// C.10 looks at B.6's alignment: the members' own, not the record's attribute. All checked with gcc 12.
#[test]
fn sixteen_byte_alignment_starts_at_an_even_register() {
    let two = || [Field::new(0, Int::I64), Field::new(8, Int::I64)];
    let by_attribute = aligned(16, 8, 16, two());
    let by_member = aligned(16, 16, 16, two());
    let packed = aligned(1, 1, 16, [Field::new(0, Int::I128)]);
    let params = vec![Int::I32.into(), Int::I128.into(), by_attribute, by_member];
    insta::assert_snapshot!(linux(params, Some(Int::I128.into())), @"
    0: x0
    1: x2 (bytes 0-7), x3 (bytes 8-15)
    2: x4 (bytes 0-7), x5 (bytes 8-15)
    3: x6 (bytes 0-7), x7 (bytes 8-15)
    result: x0 (bytes 0-7), x1 (bytes 8-15)
    stack: 0 bytes aligned to 16, 0 vector registers
    ");
    let params = vec![
        Int::I32.into(),
        packed,
        Int::I32.into(),
        Int::I32.into(),
        several(Int::I128, 1),
        Int::I32.into(),
    ];
    insta::assert_snapshot!(linux(params, None), @"
    0: x0
    1: x1 (bytes 0-7), x2 (bytes 8-15)
    2: x3
    3: x4
    4: x6 (bytes 0-7), x7 (bytes 8-15)
    5: stack+0
    result: none
    stack: 8 bytes aligned to 16, 0 vector registers
    ");
}

/// C.4, C.5 and C.14 to C.17; every place checked with gcc 12.
#[test]
fn stack_slots_are_words_aligned_to_eight_or_sixteen() {
    let by_attribute = aligned(
        16,
        8,
        16,
        [Field::new(0, Int::I64), Field::new(8, Int::I64)],
    );
    let params = [
        Int::I8.into(),
        several(Int::I64, 2),
        several(Int::U8, 3),
        Int::U8.into(),
        Int::I128.into(),
        Int::I32.into(),
        several(Int::I128, 1),
        Int::I32.into(),
        by_attribute,
        Int::I16.into(),
    ];
    insta::assert_snapshot!(on_stack(Abi::Aapcs64, params), @"
    16: stack+0, sign-extended to 32 bits
    17: stack+8
    18: stack+24
    19: stack+32, zero-extended to 32 bits
    20: stack+48
    21: stack+64
    22: stack+80
    23: stack+96
    24: stack+104
    25: stack+120, sign-extended to 32 bits
    result: none
    stack: 128 bytes aligned to 16, 8 vector registers
    ");
    let params = [
        Float::F32.into(),
        Float::F128.into(),
        Float::F16.into(),
        vector(16),
        Int::I32.into(),
        vector(8),
        several(vector(8), 1),
        Type::Complex(Float::F32),
        several(Float::F32, 3),
        aligned(32, 8, 32, [Field::new(0, Type::array(Float::F64, 4))]),
        Int::I32.into(),
        several(Float::F128, 2),
    ];
    insta::assert_snapshot!(on_stack(Abi::Aapcs64, params), @"
    16: stack+0
    17: stack+16
    18: stack+32
    19: stack+48
    20: stack+64
    21: stack+72
    22: stack+80
    23: stack+88
    24: stack+96
    25: stack+112
    26: stack+144
    27: stack+160
    result: none
    stack: 192 bytes aligned to 16, 8 vector registers
    ");
}

/// Variable arguments are as others; the document's own rules know no difference.
#[test]
fn variadic_calls_on_linux() {
    let params = vec![
        Int::U64.into(),
        Float::F64.into(),
        several(Float::F32, 3),
        several(Int::I64, 3),
        Int::I32.into(),
    ];
    insta::assert_snapshot!(show(Abi::Aapcs64, Some(1), params, Some(Int::I32.into())), @"
    0: x0
    1: v0
    2: v1 (bytes 0-3), v2 (bytes 4-7), v3 (bytes 8-11)
    3: a copy, address in x1
    4: x2
    result: x0
    stack: 0 bytes aligned to 16, 4 vector registers
    ");
}

/// Vectors below eight bytes are none for the document: gcc 12 passes integers in integer registers, and floats not in
/// one place.
#[test]
fn narrow_vectors() {
    let narrow = |float| -> Type {
        Vector {
            size: 4,
            lane: 4,
            float,
        }
        .into()
    };
    insta::assert_snapshot!(linux(vec![Int::I32.into(), narrow(false)], Some(narrow(false))), @"
    0: x0
    1: x1
    result: x0
    stack: 0 bytes aligned to 16, 0 vector registers
    ");
    let signature = Signature {
        abi: Abi::Aapcs64,
        ..Signature::new([narrow(true)], None)
    };
    assert_eq!(
        Abi::Aapcs64.assign(&signature),
        Err(Unsupported::NarrowVector)
    );
}

#[test]
fn the_x87_format_is_not_of_this_machine() {
    let member = Record::structure(12, 4, [Field::new(0, Float::F80In12)]);
    for ty in [Float::F80.into(), Type::Complex(Float::F80), member.into()] {
        let signature = Signature {
            abi: Abi::Aapcs64,
            ..Signature::new([ty], None)
        };
        assert_eq!(
            Abi::Aapcs64.assign(&signature),
            Err(Unsupported::ForeignType)
        );
    }
}

/// Types that no front end would make, and that must not hang or overflow.
#[test]
fn nonsense_neither_hangs_nor_overflows() {
    let deep = Type::array(Type::array(Float::F32, u64::MAX), u64::MAX);
    let far = Record::structure(8, 8, [Field::new(u64::MAX - 3, deep.clone())]);
    let wide = Record::structure(u64::MAX, 8, [Field::new(0, deep)]);
    for abi in [Abi::Aapcs64, Abi::AppleArm64, Abi::WindowsArm64] {
        let params = vec![far.clone().into(), wide.clone().into()];
        let place = show(abi, Some(1), params, None);
        assert!(place.starts_with("0: x0"), "{place}");
    }
}
