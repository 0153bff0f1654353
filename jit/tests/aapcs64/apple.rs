//! Apple's variant.

use farcall_jit::{Abi, Field, Float, Int, Type};

use super::{aligned, empty, on_stack, several, show, vector};

/// "Function arguments may consume slots on the stack that are not multiples of 8 bytes"; records are rounded up to
/// eight, HFAs are not. Every place checked with clang 14.
#[test]
fn apple_packs_stack_arguments() {
    let params = [
        Int::I8.into(),
        Int::I16.into(),
        several(Float::F32, 3),
        Int::U8.into(),
        several(Int::I32, 1),
        Int::I8.into(),
        several(Int::I32, 3),
    ];
    insta::assert_snapshot!(on_stack(Abi::AppleArm64, params), @"
    16: stack+0
    17: stack+2
    18: stack+4
    19: stack+16
    20: stack+24
    21: stack+32
    22: stack+40
    result: none
    stack: 56 bytes aligned to 16, 8 vector registers
    ");
    let two = [Field::new(0, Int::I64), Field::new(8, Int::I64)];
    let doubles = [Field::new(0, Float::F64), Field::new(8, Float::F64)];
    let params = [
        Int::I8.into(),
        several(Int::I64, 2),
        several(Int::U8, 3),
        Int::I8.into(),
        Int::I128.into(),
        Int::I8.into(),
        aligned(16, 8, 16, two),
        Int::I8.into(),
        aligned(16, 8, 16, doubles),
    ];
    insta::assert_snapshot!(on_stack(Abi::AppleArm64, params), @"
    16: stack+0
    17: stack+8
    18: stack+24
    19: stack+32
    20: stack+48
    21: stack+64
    22: stack+80
    23: stack+96
    24: stack+104
    result: none
    stack: 120 bytes aligned to 16, 8 vector registers
    ");
    let params = [
        Int::I8.into(),
        Float::F64.into(),
        Int::I8.into(),
        vector(16),
        Int::I8.into(),
        vector(8),
        Int::I8.into(),
        several(vector(8), 1),
        aligned(1, 1, 9, [Field::new(0, Int::I8), Field::new(1, Int::I64)]),
        empty(),
        several(Int::I16, 1),
        Float::F32.into(),
        Int::I8.into(),
        Float::F16.into(),
    ];
    insta::assert_snapshot!(on_stack(Abi::AppleArm64, params), @"
    16: stack+0
    17: stack+8
    18: stack+16
    19: stack+32
    20: stack+48
    21: stack+56
    22: stack+64
    23: stack+72
    24: stack+80
    25: nowhere (no bytes)
    26: stack+96
    27: stack+104
    28: stack+108
    29: stack+110
    result: none
    stack: 112 bytes aligned to 16, 8 vector registers
    ");
}

/// "The caller performs such extensions, up to 32 bits", and an argument "with 16-byte alignment passed in integer
/// registers" may "begin in an odd-numbered" one. Checked with clang 14.
#[test]
fn apple_has_no_even_register_rule() {
    let params = vec![
        Int::I8.into(),
        Int::I128.into(),
        several(Int::I128, 1),
        aligned(
            16,
            8,
            16,
            [Field::new(0, Int::I64), Field::new(8, Int::I64)],
        ),
        several(Int::I64, 2),
        Int::I32.into(),
    ];
    insta::assert_snapshot!(show(Abi::AppleArm64, None, params, None), @"
    0: x0, sign-extended to 32 bits
    1: x1 (bytes 0-7), x2 (bytes 8-15)
    2: x3 (bytes 0-7), x4 (bytes 8-15)
    3: x5 (bytes 0-7), x6 (bytes 8-15)
    4: stack+0
    5: stack+16
    result: none
    stack: 24 bytes aligned to 16, 0 vector registers
    ");
}

/// "Variadic arguments" are each "padded to the next multiple of 8 bytes" on the stack. Checked with clang 14, whose
/// callers alone do not align vectors in records as its callees do.
#[test]
fn apple_passes_variable_arguments_on_the_stack() {
    let params = vec![
        Int::I32.into(),
        Float::F64.into(),
        Int::I32.into(),
        several(Float::F32, 3),
        several(Float::F64, 4),
        several(Int::I64, 3),
        Type::Complex(Float::F32),
        Int::I32.into(),
        Int::I128.into(),
        vector(8),
        vector(16),
        empty(),
        several(Int::U8, 3),
        Int::I32.into(),
    ];
    insta::assert_snapshot!(show(Abi::AppleArm64, Some(2), params, Some(several(Float::F32, 3))), @"
    0: x0
    1: v0
    2: stack+0
    3: stack+8
    4: stack+24
    5: a copy, address in stack+56
    6: stack+64
    7: stack+72
    8: stack+80
    9: stack+96
    10: stack+112
    11: nowhere (no bytes)
    12: stack+128
    13: stack+136
    result: v0 (bytes 0-3), v1 (bytes 4-7), v2 (bytes 8-11)
    stack: 144 bytes aligned to 16, 1 vector registers
    ");
}
