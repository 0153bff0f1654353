//! What the conventions differ in.

use farcall_jit::{Abi, Float, Int, Signature, Type, Vector};

use super::{chars, empty, int, ints, one, places, record, show, vector};

/// psABI 2.2.3: the callee takes the hidden pointer off the stack; on Windows it does not.
#[test]
fn who_takes_what_off_the_stack() {
    let params = || vec![int(), Int::I64.into()];
    let pops = |abi: Abi| {
        let sizes = [Some(int()), Some(ints(3))].map(|result| {
            let signature = Signature {
                abi,
                ..Signature::new(params(), result)
            };
            let assignment = abi.assign(&signature).unwrap();
            (assignment.stack_size, assignment.callee_pops)
        });
        format!("{sizes:?}")
    };
    // (stack, pops) without and with a hidden pointer.
    assert_eq!(pops(Abi::X86Cdecl), "[(12, 0), (16, 4)]");
    assert_eq!(pops(Abi::MingwCdecl), "[(12, 0), (16, 0)]");
    assert_eq!(pops(Abi::MsvcCdecl), "[(12, 0), (16, 0)]");
    assert_eq!(pops(Abi::X86Stdcall), "[(12, 12), (16, 16)]");
    assert_eq!(pops(Abi::MsvcStdcall), "[(12, 12), (16, 16)]");
    assert_eq!(pops(Abi::X86Fastcall), "[(8, 8), (8, 8)]");
    assert_eq!(pops(Abi::MingwFastcall), "[(8, 8), (8, 8)]");
    // gcc gives the hidden pointer ecx, Microsoft's compiler keeps that for `this`.
    assert_eq!(pops(Abi::MingwThiscall), "[(8, 8), (12, 12)]");
    assert_eq!(pops(Abi::MsvcThiscall), "[(8, 8), (12, 12)]");
}

/// gcc counts the words of a 64-bit integer, and of a record whose mode is an integer's or none, against the two
/// registers, but passes it on the stack.
#[test]
fn fastcall_of_gcc() {
    for abi in [Abi::X86Fastcall, Abi::MingwFastcall] {
        let two_more = |first: Type| places(abi, vec![first, int(), int()]);
        assert_eq!(places(abi, vec![int(); 4]), "ecx; edx; stack+0; stack+4");
        let narrow = places(abi, vec![int(), Int::I8.into(), Int::U16.into()]);
        assert_eq!(
            narrow,
            "ecx; edx, sign-extended to 32 bits; stack+0, zero-extended to 32 bits"
        );
        assert_eq!(two_more(Int::I64.into()), "stack+0; stack+8; stack+12");
        assert_eq!(two_more(ints(1)), "stack+0; edx; stack+4");
        assert_eq!(two_more(ints(3)), "stack+0; stack+12; stack+16");
        assert_eq!(two_more(chars(3)), "stack+0; edx; stack+4");
        for skipped in [Type::from(Float::F32), one(Float::F32), Float::F16.into()] {
            assert_eq!(two_more(skipped), "stack+0; ecx; edx");
        }
        for skipped in [
            Type::Complex(Float::F32),
            Float::F64.into(),
            one(Float::F64),
        ] {
            assert_eq!(two_more(skipped), "stack+0; ecx; edx");
        }
        assert_eq!(two_more(Float::F128.into()), "stack+0; ecx; edx");
        assert_eq!(two_more(empty()), "nowhere (no bytes); ecx; edx");
        assert_eq!(two_more(vector(16)), "xmm0; ecx; edx");
        assert_eq!(two_more(vector(8)), "mm0; ecx; edx");
        assert_eq!(two_more(one(vector(16))), "stack+0; ecx; edx");
        assert_eq!(two_more(one(vector(8))), "stack+0; stack+8; stack+12");
        // gcc's small vectors: one integer is that integer, two are nothing that counts, one float is a block.
        let lanes = |size, lane, float| two_more(Vector { size, lane, float }.into());
        assert_eq!(lanes(2, 2, false), "ecx; edx; stack+0");
        assert_eq!(lanes(4, 1, false), "stack+0; ecx; edx");
        assert_eq!(lanes(4, 4, true), "stack+0; edx; stack+4");
        assert_eq!(lanes(8, 8, true), "stack+0; stack+8; stack+12");
        assert_eq!(lanes(8, 8, false), "mm0; ecx; edx");
        let long_second = places(abi, vec![int(), Int::I64.into(), int()]);
        assert_eq!(long_second, "ecx; stack+0; stack+8");
    }
    // An argument of no bytes still has an alignment here.
    let aligned_empty = record(0, 16, [(0, Type::array(vector(16), 0))]);
    let params = vec![int(), int(), int(), aligned_empty];
    insta::assert_snapshot!(show(Abi::X86Fastcall, params, None), @"
    0: ecx
    1: edx
    2: stack+0
    3: nowhere (no bytes)
    result: none
    stack: 16 bytes aligned to 16, callee pops 16
    ");
    insta::assert_snapshot!(show(Abi::X86Fastcall, vec![int(), int(), int()], Some(ints(3))), @"
    0: edx
    1: stack+0
    2: stack+4
    result: memory, address in ecx
    stack: 8 bytes aligned to 16, callee pops 8
    ");
}

#[test]
fn thiscall_of_gcc() {
    for abi in [Abi::X86Thiscall, Abi::MingwThiscall] {
        let one_more = |first: Type| places(abi, vec![first, int(), int()]);
        assert_eq!(one_more(int()), "ecx; stack+0; stack+4");
        assert_eq!(one_more(Int::I64.into()), "stack+0; stack+8; stack+12");
        assert_eq!(one_more(ints(1)), "stack+0; stack+4; stack+8");
        assert_eq!(one_more(Float::F64.into()), "stack+0; ecx; stack+8");
        insta::allow_duplicates! {
            insta::assert_snapshot!(show(abi, vec![int(), int()], Some(ints(3))), @"
            0: stack+0
            1: stack+4
            result: memory, address in ecx
            stack: 8 bytes aligned to 16, callee pops 8
            ");
        }
    }
}

/// "The first two DWORD or smaller arguments that are found in the argument list from left to right are passed in ECX
/// and EDX"; records are not among them (clang 14).
#[test]
fn fastcall_and_thiscall_of_microsoft() {
    let two_more = |first: Type| places(Abi::MsvcFastcall, vec![first, int(), int()]);
    assert_eq!(two_more(int()), "ecx; edx; stack+0");
    for skipped in [
        Int::I64.into(),
        ints(1),
        ints(3),
        Float::F32.into(),
        one(Float::F32),
    ] {
        assert_eq!(two_more(skipped), "stack+0; ecx; edx");
    }
    insta::assert_snapshot!(show(Abi::MsvcFastcall, vec![ints(3), int(), int()], Some(ints(3))), @"
    0: stack+0
    1: edx
    2: stack+12
    result: memory, address in ecx
    stack: 16 bytes aligned to 16, callee pops 16
    ");
    insta::assert_snapshot!(show(Abi::MsvcThiscall, vec![int(), int()], Some(ints(3))), @"
    0: ecx
    1: stack+4
    result: memory, address in stack+0
    stack: 8 bytes aligned to 16, callee pops 8
    ");
}
