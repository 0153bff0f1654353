//! The classification of 32-bit x86's conventions, on every host.
//!
//! The documents say little: all places of System V and of mingw were read off the assembly of gcc 12 with `-msse2`,
//! Microsoft's are from its pages on each keyword, and where those leave room from clang 14 for `i686-windows-msvc`.

use farcall_jit::{Abi, Bits, Field, Float, Int, Record, Signature, Type, Unsupported, Vector};

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
    Vector { size, float: true }.into()
}

fn empty() -> Type {
    record(0, 1, [])
}

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

#[test]
fn scalar_results() {
    let everywhere = |ty: Type| {
        let [system_v, mingw, msvc] = results(ty);
        assert_eq!((&system_v, &system_v), (&mingw, &msvc));
        system_v
    };
    assert_eq!(everywhere(Int::U8.into()), "eax");
    assert_eq!(
        everywhere(Int::I64.into()),
        "eax (bytes 0-3), edx (bytes 4-7)"
    );
    assert_eq!(everywhere(Float::F32.into()), "st(0)");
    assert_eq!(everywhere(Float::F64.into()), "st(0)");
    assert_eq!(everywhere(Float::F80In12.into()), "st(0)");
    assert_eq!(everywhere(Float::F16.into()), "xmm0");
    assert_eq!(everywhere(vector(16)), "xmm0");
    let complex = Type::Complex(Float::F32);
    assert_eq!(everywhere(complex), "eax (bytes 0-3), edx (bytes 4-7)");
    assert_eq!(
        everywhere(Type::Complex(Float::F64)),
        "memory, address in stack+0"
    );
    assert_eq!(
        everywhere(Type::Complex(Float::F80In12)),
        "memory, address in stack+0"
    );
    assert_eq!(everywhere(Float::F128.into()), "memory, address in stack+0");
    for abi in [Abi::X86Cdecl, Abi::MingwCdecl] {
        assert_eq!(result(abi, vector(8)), "mm0");
        assert_eq!(result(abi, Type::Complex(Float::F16)), "xmm0");
    }
}

/// Records of 1, 2, 4 and 8 bytes, of System V too small to matter.
#[test]
fn record_results() {
    let memory = "memory, address in stack+0";
    let pair = "eax (bytes 0-3), edx (bytes 4-7)";
    let union = |members: [Type; 2], size| -> Type {
        let fields = members.map(|ty| Field::new(0, ty));
        Record::union(size, 4, fields).into()
    };
    let float = || Type::from(Float::F32);
    let cases = [
        (ints(1), "eax", "eax"),
        (ints(2), pair, pair),
        (ints(3), memory, memory),
        (chars(1), "eax", "eax"),
        (chars(3), memory, memory),
        (chars(4), "eax", "eax"),
        (
            record(4, 2, [(0, Int::I16.into()), (2, Int::I8.into())]),
            "eax",
            "eax",
        ),
        // mingw: a record with the mode of a scalar is that scalar.
        (one(float()), "st(0)", "eax"),
        (one(Float::F64), "st(0)", pair),
        (one(one(Type::array(float(), 1))), "st(0)", "eax"),
        (record(4, 4, [(0, empty()), (0, float())]), "st(0)", "eax"),
        (
            record(4, 4, [(0, float()), (4, Type::array(float(), 0))]),
            "st(0)",
            "eax",
        ),
        (one(Float::F80In12), "st(0)", memory),
        (one(Float::F16), "xmm0", "eax"),
        (one(vector(16)), "xmm0", memory),
        (one(vector(8)), memory, pair),
        (
            one(Vector {
                size: 8,
                float: false,
            }),
            "mm0",
            pair,
        ),
        (one(Type::Complex(Float::F32)), pair, pair),
        (one(Type::Complex(Float::F64)), memory, memory),
        (record(8, 4, [(0, float()), (4, float())]), pair, pair),
        (one(Type::array(Type::array(float(), 1), 2)), pair, pair),
        // But not a union; and with a member in no register it has none itself.
        (union([float(), int()], 4), "eax", "eax"),
        (union([Float::F64.into(), float()], 8), pair, pair),
        (union([Type::array(Int::I8, 3), int()], 4), memory, "eax"),
        (
            record(4, 1, [(0, Type::array(Int::I8, 3)), (3, Int::I8.into())]),
            memory,
            "eax",
        ),
    ];
    for (ty, mingw, msvc) in cases {
        assert_eq!(results(ty.clone()), [memory, mingw, msvc], "{ty:?}");
    }
    let bits = |width| Bits {
        shift: 0,
        width,
        named: width > 0,
    };
    let bit_field = Record::structure(4, 4, [Field::bits(0, Int::I32, bits(32))]);
    assert_eq!(results(bit_field), [memory, "eax", "eax"]);
    let zero_width = [Field::new(0, Float::F32), Field::bits(4, Int::I32, bits(0))];
    assert_eq!(
        results(Record::structure(4, 4, zero_width)),
        [memory, "st(0)", "eax"]
    );
    // gcc asks for memory even for no bytes.
    assert_eq!(results(empty()), [memory, memory, "nowhere (no bytes)"]);
}

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
        let long_second = places(abi, vec![int(), Int::I64.into(), int()]);
        assert_eq!(long_second, "ecx; stack+0; stack+8");
    }
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
