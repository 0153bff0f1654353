//! Where arguments go when the convention has no integer registers.

use farcall_jit::{Abi, Field, Float, Int, Record, Signature, Type, Unsupported};

use super::{call, chars, empty, int, ints, one, record, show, vector};

/// psABI 2.2.3: each argument in as many four-byte slots as it needs, in order.
#[test]
fn cdecl_puts_everything_on_the_stack() {
    let params = vec![
        int(),
        Int::I8.into(),
        Int::U16.into(),
        Int::I64.into(),
        Float::F32.into(),
        Float::F64.into(),
        Float::F80In12.into(),
        ints(1),
        chars(3),
        empty(),
        int(),
    ];
    insta::assert_snapshot!(show(Abi::X86Cdecl, params, Some(int())), @"
    0: stack+0
    1: stack+4, sign-extended to 32 bits
    2: stack+8, zero-extended to 32 bits
    3: stack+12
    4: stack+20
    5: stack+24
    6: stack+32
    7: stack+44
    8: stack+48
    9: nowhere (no bytes)
    10: stack+52
    result: eax
    stack: 56 bytes aligned to 16, callee pops 0
    ");
}

#[test]
fn rarer_scalars() {
    let params = vec![
        int(),
        Float::F128.into(),
        int(),
        Float::F16.into(),
        int(),
        Type::Complex(Float::F32),
        Type::Complex(Float::F64),
        Type::Complex(Float::F80In12),
        int(),
    ];
    insta::assert_snapshot!(show(Abi::X86Cdecl, params, None), @"
    0: stack+0
    1: stack+16
    2: stack+32
    3: stack+36
    4: stack+40
    5: stack+44
    6: stack+52
    7: stack+68
    8: stack+92
    result: none
    stack: 96 bytes aligned to 16, callee pops 0
    ");
}

/// psABI 2.2.3: the first three `__m128` in xmm0 to xmm2, and the first three `__m64` in mm0 to mm2; those left are on
/// the stack, aligned to 16 but for `__m64`.
#[test]
fn the_first_three_vectors_are_in_registers() {
    let params = vec![
        int(),
        vector(16),
        vector(16),
        vector(16),
        int(),
        vector(16),
        int(),
        vector(8),
        vector(8),
        int(),
        vector(8),
        vector(8),
    ];
    for abi in [Abi::X86Cdecl, Abi::MingwCdecl] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(show(abi, params.clone(), Some(vector(16))), @"
            0: stack+0
            1: xmm0
            2: xmm1
            3: xmm2
            4: stack+4
            5: stack+16
            6: stack+32
            7: mm0
            8: mm1
            9: stack+36
            10: mm2
            11: stack+40
            result: xmm0
            stack: 48 bytes aligned to 16, callee pops 0
            ");
        }
    }
}

/// gcc aligns a record to 16 or more on the stack only if that is the alignment of a type within, not for attributes,
/// and not in a packed one.
#[test]
fn records_are_aligned_on_the_stack_for_their_vectors_only() {
    let over_aligned = |size, align, ty: Type| record(size, align, [(0, ty)]);
    let nested = record(32, 16, [(0, int()), (16, over_aligned(16, 16, int()))]);
    let packed = record(17, 1, [(0, Int::I8.into()), (1, vector(16))]);
    let params = vec![
        int(),
        over_aligned(16, 16, vector(16)),
        int(),
        one(vector(8)),
        int(),
        over_aligned(16, 16, int()),
        int(),
        over_aligned(32, 32, int()),
        int(),
        nested,
        int(),
        packed,
        int(),
        over_aligned(16, 16, Float::F128.into()),
        int(),
        over_aligned(32, 32, vector(16)),
        int(),
    ];
    for abi in [Abi::X86Stdcall, Abi::MingwStdcall] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(show(abi, params.clone(), None), @"
            0: stack+0
            1: stack+16
            2: stack+32
            3: stack+36
            4: stack+44
            5: stack+48
            6: stack+64
            7: stack+68
            8: stack+100
            9: stack+104
            10: stack+136
            11: stack+140
            12: stack+160
            13: stack+176
            14: stack+192
            15: stack+224
            16: stack+256
            result: none
            stack: 260 bytes aligned to 32, callee pops 260
            ");
        }
    }
}

/// What asks for more alignment than its scalars have goes by reference (clang 14, after MSVC 2015).
#[test]
fn microsoft_aligns_no_argument() {
    let over_aligned = record(16, 16, [(0, int())]);
    let params = vec![
        int(),
        over_aligned,
        vector(16),
        vector(16),
        vector(16),
        vector(16),
        record(16, 8, [(0, Float::F64.into()), (8, int())]),
        int(),
    ];
    insta::assert_snapshot!(show(Abi::MsvcCdecl, params, Some(vector(16))), @"
    0: stack+0
    1: a copy, address in stack+4
    2: xmm0
    3: xmm1
    4: xmm2
    5: a copy, address in stack+8
    6: stack+12
    7: stack+28
    result: xmm0
    stack: 32 bytes aligned to 16, callee pops 0
    ");
}

/// A variadic function finds everything on the stack and leaves it there; gcc's fastcall and thiscall even the hidden
/// pointer.
#[test]
fn variadic_calls() {
    let params = || vec![vector(16), int(), Float::F64.into()];
    for abi in [Abi::X86Cdecl, Abi::X86Stdcall] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(call(abi, Some(1), params(), Some(ints(1))), @"
            0: stack+16
            1: stack+32
            2: stack+36
            result: memory, address in stack+0
            stack: 44 bytes aligned to 16, callee pops 4
            ");
        }
    }
    for abi in [
        Abi::X86Fastcall,
        Abi::X86Thiscall,
        Abi::MingwCdecl,
        Abi::MingwStdcall,
    ] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(call(abi, Some(1), params(), Some(ints(3))), @"
            0: stack+16
            1: stack+32
            2: stack+36
            result: memory, address in stack+0
            stack: 44 bytes aligned to 16, callee pops 0
            ");
        }
    }
}

#[test]
fn what_is_not_taken() {
    let refused = |abi: Abi, ty: Type| {
        let signature = Signature {
            abi,
            ..Signature::new([ty], None)
        };
        abi.assign(&signature).unwrap_err()
    };
    assert_eq!(
        refused(Abi::X86Cdecl, Int::I128.into()),
        Unsupported::ForeignType
    );
    assert_eq!(
        refused(Abi::X86Cdecl, Float::F80.into()),
        Unsupported::ForeignType
    );
    let member = Record::structure(16, 16, [Field::new(0, Int::I128)]);
    assert_eq!(
        refused(Abi::MingwCdecl, member.into()),
        Unsupported::ForeignType
    );
    assert_eq!(refused(Abi::X86Cdecl, vector(32)), Unsupported::WideVector);
    assert_eq!(
        refused(Abi::MsvcCdecl, vector(8)),
        Unsupported::NarrowVector
    );
}

/// Types that no front end would make, and that must not hang or overflow.
#[test]
fn nonsense_neither_hangs_nor_overflows() {
    let deep = Type::array(Type::array(Int::U8, u64::MAX), u64::MAX);
    let wide = record(u64::MAX - 7, 4, [(u64::MAX - 3, deep)]);
    let place = show(Abi::X86Fastcall, vec![wide, int()], None);
    assert!(place.starts_with("0: stack+0"), "{place}");
}
