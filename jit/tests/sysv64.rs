//! The classification of System V x86-64, on every host.

use farcall_jit::{Abi, Bits, Field, Float, Int, Record, Signature, Type, Unsupported, Vector};

fn show(params: Vec<Type>, result: Option<Type>) -> String {
    let signature = Signature {
        abi: Abi::SysV64,
        ..Signature::new(params, result)
    };
    let assignment = Abi::SysV64.assign(&signature).unwrap();
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

fn floats(count: u64) -> Type {
    let fields: Vec<Field> = (0..count).map(|i| Field::new(4 * i, Float::F32)).collect();
    Record::structure(4 * count, 4, fields).into()
}

/// The psABI's own example (figures 3.5 and 3.6), but for its `__m256`.
#[test]
fn the_documents_example() {
    let parm = Record::structure(
        16,
        8,
        [
            Field::new(0, Int::I32),
            Field::new(4, Int::I32),
            Field::new(8, Float::F64),
        ],
    );
    let (int, double) = (|| Type::from(Int::I32), || Type::from(Float::F64));
    let params = vec![
        int(),
        int(),
        parm.into(),
        int(),
        int(),
        Float::F80.into(),
        double(),
        double(),
        int(),
        int(),
        int(),
    ];
    insta::assert_snapshot!(show(params, None), @"
    0: rdi
    1: rsi
    2: rdx (bytes 0-7), xmm0 (bytes 8-15)
    3: rcx
    4: r8
    5: stack+0
    6: xmm1
    7: xmm2
    8: r9
    9: stack+16
    10: stack+24
    result: none
    stack: 32 bytes aligned to 16, 3 vector registers
    ");
}

#[test]
fn small_integers_are_extended_and_wide_ones_take_two_registers() {
    let params = vec![
        Int::I8.into(),
        Int::U16.into(),
        Int::U128.into(),
        Int::I64.into(),
        Int::I128.into(),
    ];
    insta::assert_snapshot!(show(params, Some(Int::I128.into())), @"
    0: rdi, sign-extended to 32 bits
    1: rsi, zero-extended to 32 bits
    2: rdx (bytes 0-7), rcx (bytes 8-15)
    3: r8
    4: stack+0
    result: rax (bytes 0-7), rdx (bytes 8-15)
    stack: 16 bytes aligned to 16, 0 vector registers
    ");
}

/// "If there are no registers available for any eightbyte of an argument, the whole argument is passed on the
/// stack", and a later one may still find a register.
#[test]
fn a_record_is_never_split_between_registers_and_stack() {
    let longs = Record::structure(16, 8, [Field::new(0, Int::I64), Field::new(8, Int::I64)]);
    let mut params: Vec<Type> = vec![Int::I64.into(); 5];
    params.extend([longs.into(), Int::I32.into(), Int::I8.into()]);
    insta::assert_snapshot!(show(params, None), @"
    0: rdi
    1: rsi
    2: rdx
    3: rcx
    4: r8
    5: stack+0
    6: r9
    7: stack+16, sign-extended to 32 bits
    result: none
    stack: 24 bytes aligned to 16, 0 vector registers
    ");
}

#[test]
fn floats_share_eightbytes() {
    insta::assert_snapshot!(show(vec![floats(3), floats(4), floats(5)], Some(floats(2))), @"
    0: xmm0 (bytes 0-7), xmm1 (bytes 8-11)
    1: xmm2 (bytes 0-7), xmm3 (bytes 8-15)
    2: stack+0
    result: xmm0
    stack: 24 bytes aligned to 16, 4 vector registers
    ");
}

#[test]
fn complex_numbers_are_structs_of_two() {
    let params = vec![
        Type::Complex(Float::F32),
        Type::Complex(Float::F64),
        Type::Complex(Float::F80),
    ];
    insta::assert_snapshot!(show(params, Some(Type::Complex(Float::F80))), @"
    0: xmm0
    1: xmm1 (bytes 0-7), xmm2 (bytes 8-15)
    2: stack+0
    result: st(0) (bytes 0-9), st(1) (bytes 16-25)
    stack: 32 bytes aligned to 16, 3 vector registers
    ");
}

#[test]
fn unions_merge_their_members() {
    let mixed = Record::union(8, 8, [Field::new(0, Float::F64), Field::new(0, Int::I32)]);
    let float = Record::union(8, 8, [Field::new(0, Float::F64), Field::new(0, Float::F32)]);
    let x87 = Record::union(16, 16, [Field::new(0, Float::F80), Field::new(0, Int::I16)]);
    insta::assert_snapshot!(show(vec![mixed.into(), float.into(), x87.clone().into()], Some(x87.into())), @"
    0: rsi
    1: xmm0
    2: stack+0
    result: memory, address in rdi
    stack: 16 bytes aligned to 16, 1 vector registers
    ");
}

#[test]
fn packed_and_over_aligned_records() {
    let packed = Record::structure(5, 1, [Field::new(0, Int::I8), Field::new(1, Int::I32)]);
    let aligned = Record::structure(32, 32, [Field::new(0, Int::I32)]).naturally_aligned(4);
    insta::assert_snapshot!(show(vec![packed.into(), aligned.into(), Int::I8.into()], None), @"
    0: stack+0
    1: stack+32
    2: rdi, sign-extended to 32 bits
    result: none
    stack: 64 bytes aligned to 32, 0 vector registers
    ");
}

#[test]
fn bit_fields_and_empty_records() {
    let bits = |shift, width, named| {
        Field::bits(
            0,
            Int::U64,
            Bits {
                shift,
                width,
                named,
            },
        )
    };
    let across = Record::structure(
        16,
        8,
        [
            bits(0, 40, true),
            Field::bits(
                8,
                Int::U64,
                Bits {
                    shift: 0,
                    width: 33,
                    named: true,
                },
            ),
        ],
    );
    let unnamed = Record::structure(8, 4, [bits(0, 23, false), Field::new(4, Float::F32)]);
    let empty = Record::structure(0, 1, []);
    insta::assert_snapshot!(show(vec![across.into(), unnamed.into(), empty.into(), Int::I32.into()], None), @"
    0: rdi (bytes 0-7), rsi (bytes 8-15)
    1: rdx
    2: nowhere (no bytes)
    3: rcx
    result: none
    stack: 0 bytes aligned to 16, 0 vector registers
    ");
}

/// gcc 12 on `struct { char : 8; } __attribute__((aligned(32)))`.
#[test]
fn no_address_for_a_result_without_members() {
    let bits = Bits {
        shift: 0,
        width: 8,
        named: false,
    };
    let record = Record::structure(32, 32, [Field::bits(0, Int::I8, bits)]);
    insta::assert_snapshot!(show(vec![Int::I32.into()], Some(record.into())), @"
    0: rdi
    result: nowhere (no bytes)
    stack: 0 bytes aligned to 16, 0 vector registers
    ");
}

/// gcc 12 on `struct { long long a : 3; char b; struct { unsigned long long : 64; } c; }`: what fills an integer is a member,
/// and lies at offset 2 here.
#[test]
fn whole_bit_fields_can_be_misaligned() {
    let bits = |width, named| Bits {
        shift: 0,
        width,
        named,
    };
    let whole = Record::structure(8, 1, [Field::bits(0, Int::U64, bits(64, false))]);
    let fields = [
        Field::bits(0, Int::I64, bits(3, true)),
        Field::new(1, Int::I8),
        Field::new(2, whole),
    ];
    let record = Record::structure(16, 8, fields);
    insta::assert_snapshot!(show(vec![record.into()], None), @"
    0: stack+0
    result: none
    stack: 16 bytes aligned to 16, 0 vector registers
    ");
}

/// gcc 12 on `struct { float f; int z[0]; }`, and with `int z[]` instead.
#[test]
fn arrays_of_no_elements_and_flexible_ones() {
    let with = |last| {
        let fields = [Field::new(0, Float::F32), Field::new(4, last)];
        Type::from(Record::structure(4, 4, fields))
    };
    let nothing = Bits {
        shift: 0,
        width: 0,
        named: false,
    };
    let union = Record::union(0, 1, [Field::bits(0, Int::I64, nothing)]);
    let params = vec![
        with(Type::array(Int::I32, 0)),
        with(Type::flexible_array(Int::I32)),
        with(Type::array(union, 4)),
    ];
    insta::assert_snapshot!(show(params, None), @"
    0: rdi
    1: xmm0
    2: xmm1
    result: none
    stack: 0 bytes aligned to 16, 2 vector registers
    ");
}

/// gcc 12 on `struct { int f; union { int a; long long : 0; } u __attribute__((packed)); }`, and with `char` first.
#[test]
fn a_bit_field_of_no_bits_in_a_union_may_be_misaligned() {
    let nothing = Bits {
        shift: 0,
        width: 0,
        named: false,
    };
    let union = |size| {
        let fields = [
            Field::new(0, if size == 1 { Int::I8 } else { Int::I32 }),
            Field::bits(0, Int::I64, nothing),
        ];
        Type::from(Record::union(size, 1, fields))
    };
    let words = [Field::new(0, Int::I32), Field::new(4, union(4))];
    let bytes = [Field::new(0, Int::I8), Field::new(1, union(1))];
    let params = vec![
        Record::structure(8, 4, words).into(),
        Record::structure(2, 1, bytes).into(),
    ];
    insta::assert_snapshot!(show(params, None), @"
    0: rdi
    1: rsi
    result: none
    stack: 0 bytes aligned to 16, 0 vector registers
    ");
}

/// gcc 12: unnamed bit-fields and a flexible array member take a word of the stack, the former alone take none.
#[test]
fn a_flexible_array_member_takes_room_on_the_stack() {
    let bits = Bits {
        shift: 0,
        width: 4,
        named: false,
    };
    let with = |last: Type| {
        let fields = [Field::bits(0, Int::I32, bits), Field::new(1, last)];
        Type::from(Record::structure(4, 4, fields))
    };
    let mut params = vec![Type::from(Int::I32); 6];
    params.push(with(Type::array(Int::U8, 0)));
    params.push(with(Type::flexible_array(Int::U8)));
    params.push(Int::I32.into());
    let shown = show(params, None);
    let last = shown.lines().skip(6).take(3).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(last, @"
    6: nowhere (no bytes)
    7: stack+0
    8: stack+8
    ");
}

#[test]
fn vectors_of_sixteen_bytes_and_no_more() {
    let vector = |size| {
        Type::from(Vector {
            size,
            lane: 4,
            float: true,
        })
    };
    // gcc has no register for a single lane of floats.
    let lone = Type::from(Vector {
        size: 16,
        lane: 16,
        float: true,
    });
    insta::assert_snapshot!(show(vec![lone], None), @"
    0: stack+0
    result: none
    stack: 16 bytes aligned to 16, 0 vector registers
    ");
    insta::assert_snapshot!(show(vec![vector(16), Float::F128.into()], Some(vector(8))), @"
    0: xmm0
    1: xmm1
    result: xmm0
    stack: 0 bytes aligned to 16, 2 vector registers
    ");
    let signature = Signature {
        abi: Abi::SysV64,
        ..Signature::new([vector(32)], None)
    };
    assert_eq!(Abi::SysV64.assign(&signature), Err(Unsupported::WideVector));
}

/// Types that no front end would make, and that must not hang or overflow.
#[test]
fn nonsense_is_only_memory() {
    let far = Record::structure(
        8,
        8,
        [Field::new(
            u64::MAX - 3,
            Type::array(Type::array(Int::U8, u64::MAX), u64::MAX),
        )],
    );
    let place = show(vec![far.into()], None);
    assert!(place.starts_with("0: stack+0"), "{place}");
}
