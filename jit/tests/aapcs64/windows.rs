//! Windows' variant.

use farcall_jit::{Abi, Bits, Field, Float, Int, Record, Type};

use super::{aligned, on_stack, several, show, vector};

#[test]
fn windows_follows_the_standard_for_ordinary_functions() {
    let by_attribute = aligned(
        16,
        8,
        16,
        [Field::new(0, Int::I64), Field::new(8, Int::I64)],
    );
    let params = vec![
        Int::I32.into(),
        // An attribute counts, here alone (checked with clang 14).
        by_attribute,
        several(Float::F32, 4),
        several(Int::I64, 3),
        Int::I16.into(),
    ];
    insta::assert_snapshot!(show(Abi::WindowsArm64, None, params, Some(several(Float::F64, 2))), @"
    0: x0
    1: x2 (bytes 0-7), x3 (bytes 8-15)
    2: v0 (bytes 0-3), v1 (bytes 4-7), v2 (bytes 8-11), v3 (bytes 12-15)
    3: a copy, address in x4
    4: x5, sign-extended to 32 bits
    result: v0 (bytes 0-7), v1 (bytes 8-15)
    stack: 0 bytes aligned to 16, 4 vector registers
    ");
    let params = [Int::I8.into(), several(Float::F32, 3), Int::I8.into()];
    insta::assert_snapshot!(on_stack(Abi::WindowsArm64, params), @"
    16: stack+0, sign-extended to 32 bits
    17: stack+8
    18: stack+24, sign-extended to 32 bits
    result: none
    stack: 32 bytes aligned to 16, 8 vector registers
    ");
}

/// "Addendum: Variadic functions": no vector registers and no HFAs, for the declared parameters neither.
#[test]
fn windows_passes_all_of_a_variadic_call_in_words() {
    let params = vec![
        Int::I32.into(),
        Float::F64.into(),
        several(Float::F32, 3),
        Type::Complex(Float::F32),
        several(Float::F64, 4),
        Float::F32.into(),
        Float::F64.into(),
    ];
    insta::assert_snapshot!(show(Abi::WindowsArm64, Some(2), params, Some(several(Float::F32, 3))), @"
    0: x0
    1: x1
    2: x2 (bytes 0-7), x3 (bytes 8-11)
    3: x4
    4: a copy, address in x5
    5: x6
    6: x7
    result: v0 (bytes 0-3), v1 (bytes 4-7), v2 (bytes 8-11)
    stack: 0 bytes aligned to 16, 0 vector registers
    ");
}

/// "The same as ... to allocate arguments to an imaginary stack, where the first 64 bytes of the stack are loaded into
/// x0-x7": the document splits what clang 14 moves to the stack whole.
#[test]
fn windows_splits_a_variadic_record_between_x7_and_the_stack() {
    let mut params: Vec<Type> = vec![Int::I64.into(); 7];
    params.extend([
        several(Int::I64, 2),
        Int::I32.into(),
        Int::I128.into(),
        vector(16),
    ]);
    insta::assert_snapshot!(show(Abi::WindowsArm64, Some(1), params, None), @"
    0: x0
    1: x1
    2: x2
    3: x3
    4: x4
    5: x5
    6: x6
    7: x7 (bytes 0-7), stack+0 (bytes 8-15)
    8: stack+8
    9: stack+16 (bytes 0-7), stack+24 (bytes 8-15)
    10: stack+32 (bytes 0-7), stack+40 (bytes 8-15)
    result: none
    stack: 48 bytes aligned to 16, 0 vector registers
    ");
    let mut params: Vec<Type> = vec![Int::I32.into(); 3];
    params.extend([
        Int::I128.into(),
        Int::I32.into(),
        several(Int::I128, 1),
        Int::I32.into(),
    ]);
    insta::assert_snapshot!(show(Abi::WindowsArm64, Some(1), params, None), @"
    0: x0
    1: x1
    2: x2
    3: x4 (bytes 0-7), x5 (bytes 8-15)
    4: x6
    5: stack+0 (bytes 0-7), stack+8 (bytes 8-15)
    6: stack+16
    result: none
    stack: 24 bytes aligned to 16, 0 vector registers
    ");
}

/// clang 14 ignores records of unnamed bit-fields and knows nothing of gcc's machine modes, for Apple and Windows alike.
#[test]
fn quirks_of_gcc_are_not_clangs() {
    let bits = Bits {
        shift: 0,
        width: 5,
        named: false,
    };
    let unnamed = || Type::from(Record::structure(4, 4, [Field::bits(0, Int::I32, bits)]));
    let complex = || {
        let nothing = Field::new(8, Type::array(Int::I32, 0));
        let fields = [Field::new(0, Type::Complex(Float::F32)), nothing];
        Type::from(Record::structure(8, 4, fields))
    };
    for abi in [Abi::WindowsArm64, Abi::AppleArm64] {
        let params = vec![unnamed(), Int::I32.into(), complex()];
        let shown = show(abi, None, params, None);
        assert!(
            shown.starts_with("0: nowhere (no bytes)\n1: x0\n2: x1\n"),
            "{shown}"
        );
    }
    let shown = show(Abi::Aapcs64, None, vec![unnamed(), complex()], None);
    assert!(shown.starts_with("0: x0\n1: v0 (bytes 0-3), v1"), "{shown}");
}
