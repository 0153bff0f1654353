//! The classification of AArch64, Apple's and Windows' variants included, on every host.
//!
//! The places were written from the documents; those that follow a compiler's choice were read off the assembly of
//! gcc 12 (Linux) or clang 14 (Apple, Windows).

use farcall_jit::{Abi, Bits, Field, Float, Int, Record, Signature, Type, Unsupported, Vector};

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
    Type::from(Record {
        natural_align,
        ..Record::structure(size, align, fields)
    })
}

fn vector(size: u8) -> Type {
    Vector { size, float: true }.into()
}

fn empty() -> Type {
    Record::structure(0, 1, []).into()
}

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

/// C.2, and "HFA" and "HVA" in the document's glossary.
#[test]
fn homogeneous_aggregates_take_a_vector_register_for_each_member() {
    let nested = Record::structure(
        12,
        4,
        [
            Field::new(0, several(Float::F32, 2)),
            Field::new(8, Float::F32),
        ],
    );
    let union = Record::union(
        12,
        4,
        [
            Field::new(0, Type::array(Float::F32, 2)),
            Field::new(0, several(Float::F32, 3)),
        ],
    );
    insta::assert_snapshot!(linux(vec![nested.into(), union.into()], Some(several(Float::F16, 4))), @"
    0: v0 (bytes 0-3), v1 (bytes 4-7), v2 (bytes 8-11)
    1: v3 (bytes 0-3), v4 (bytes 4-7), v5 (bytes 8-11)
    result: v0 (bytes 0-1), v1 (bytes 2-3), v2 (bytes 4-5), v3 (bytes 6-7)
    stack: 0 bytes aligned to 16, 6 vector registers
    ");
    let quads = several(Float::F128, 4);
    insta::assert_snapshot!(linux(vec![quads.clone(), several(vector(8), 1)], Some(quads)), @"
    0: v0 (bytes 0-15), v1 (bytes 16-31), v2 (bytes 32-47), v3 (bytes 48-63)
    1: v4
    result: v0 (bytes 0-15), v1 (bytes 16-31), v2 (bytes 32-47), v3 (bytes 48-63)
    stack: 0 bytes aligned to 16, 5 vector registers
    ");
    // Lanes do not matter, only the size of the vector (checked with gcc 12).
    let vectors = Record::structure(
        32,
        16,
        [
            Field::new(0, vector(16)),
            Field::new(
                16,
                Vector {
                    size: 16,
                    float: false,
                },
            ),
        ],
    );
    insta::assert_snapshot!(linux(vec![vectors.into()], Some(several(vector(16), 4))), @"
    0: v0 (bytes 0-15), v1 (bytes 16-31)
    result: v0 (bytes 0-15), v1 (bytes 16-31), v2 (bytes 32-47), v3 (bytes 48-63)
    stack: 0 bytes aligned to 16, 2 vector registers
    ");
}

/// Checked with gcc 12, each of them.
#[test]
fn what_is_not_homogeneous() {
    let mixed = Record::structure(16, 8, [Field::new(0, vector(8)), Field::new(8, Float::F64)]);
    let union = Record::union(8, 8, [Field::new(0, Float::F32), Field::new(0, Float::F64)]);
    let no_elements = Record::structure(
        4,
        4,
        [
            Field::new(0, Float::F32),
            Field::new(4, Type::array(Float::F32, 0)),
        ],
    );
    // struct { double d __attribute__((aligned(16))); }: padding, and an alignment of 16.
    let padded = Record::structure(16, 16, [Field::new(0, Float::F64)]);
    let bits = Bits {
        shift: 0,
        width: 3,
        named: false,
    };
    let bit_field = Record::structure(
        8,
        4,
        [Field::new(0, Float::F32), Field::bits(4, Int::I32, bits)],
    );
    let params = vec![
        mixed.into(),
        union.into(),
        no_elements.into(),
        bit_field.into(),
        padded.into(),
    ];
    insta::assert_snapshot!(linux(params, Some(several(Float::F32, 5))), @"
    0: x0 (bytes 0-7), x1 (bytes 8-15)
    1: x2
    2: x3
    3: x4
    4: x6 (bytes 0-7), x7 (bytes 8-15)
    result: memory, address in x8
    stack: 0 bytes aligned to 16, 0 vector registers
    ");
}

/// gcc 12: an array of no elements spoils an aggregate of floats, but a struct has the machine mode of a complex number
/// or vector that fills it, whatever else is in it without bytes.
#[test]
fn arrays_of_no_elements() {
    let beside = |ty: Type| -> Type {
        let nothing = Field::new(ty.size(), Type::array(Int::I8, 0));
        let (size, align) = (ty.size(), ty.align());
        Record::structure(size, align, [Field::new(0, ty), nothing]).into()
    };
    let params = vec![
        beside(Type::Complex(Float::F32)),
        beside(several(vector(16), 1)),
        beside(Float::F64.into()),
        beside(several(Float::F64, 2)),
    ];
    insta::assert_snapshot!(linux(params, Some(beside(Type::Complex(Float::F128)))), @"
    0: v0 (bytes 0-3), v1 (bytes 4-7)
    1: v2
    2: x0
    3: x1 (bytes 0-7), x2 (bytes 8-15)
    result: v0 (bytes 0-15), v1 (bytes 16-31)
    stack: 0 bytes aligned to 16, 3 vector registers
    ");
}

/// Checked with gcc 12; for clang 14 the bit-field does.
#[test]
fn zero_width_bit_fields_and_empty_records_do_not_break_an_aggregate() {
    let zero = Bits {
        shift: 0,
        width: 0,
        named: false,
    };
    let bits = Record::structure(
        8,
        4,
        [
            Field::new(0, Float::F32),
            Field::bits(4, Int::I32, zero),
            Field::new(4, Float::F32),
        ],
    );
    let with_empty = Record::structure(8, 8, [Field::new(0, empty()), Field::new(0, Float::F64)]);
    let union = Record::union(
        4,
        4,
        [Field::new(0, Float::F32), Field::bits(0, Int::I32, zero)],
    );
    insta::assert_snapshot!(linux(vec![bits.into(), with_empty.into(), union.into()], None), @"
    0: v0 (bytes 0-3), v1 (bytes 4-7)
    1: v2
    2: x0
    result: none
    stack: 0 bytes aligned to 16, 3 vector registers
    ");
}

#[test]
fn complex_numbers_are_aggregates_of_two() {
    let with_more = Record::structure(
        12,
        4,
        [
            Field::new(0, Type::Complex(Float::F32)),
            Field::new(8, Float::F32),
        ],
    );
    let params = vec![
        Type::Complex(Float::F32),
        with_more.into(),
        Type::Complex(Float::F128),
        Type::Complex(Float::F64),
    ];
    insta::assert_snapshot!(linux(params, Some(Type::Complex(Float::F128))), @"
    0: v0 (bytes 0-3), v1 (bytes 4-7)
    1: v2 (bytes 0-3), v3 (bytes 4-7), v4 (bytes 8-11)
    2: v5 (bytes 0-15), v6 (bytes 16-31)
    3: stack+0
    result: v0 (bytes 0-15), v1 (bytes 16-31)
    stack: 16 bytes aligned to 16, 7 vector registers
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

/// B.4, and "Result Return": x8 takes no argument's register.
#[test]
fn larger_records_go_by_reference() {
    let large = several(Int::I64, 3);
    let mut params = vec![large.clone()];
    params.extend(vec![Int::I32.into(); 7]);
    params.extend([large.clone(), several(vector(32), 1)]);
    insta::assert_snapshot!(linux(params, Some(large)), @"
    0: a copy, address in x0
    1: x1
    2: x2
    3: x3
    4: x4
    5: x5
    6: x6
    7: x7
    8: a copy, address in stack+0
    9: a copy, address in stack+8
    result: memory, address in x8
    stack: 16 bytes aligned to 16, 0 vector registers
    ");
    // Vectors that no register holds go as large records do (checked with gcc 12).
    insta::assert_snapshot!(linux(vec![vector(32)], Some(vector(32))), @"
    0: a copy, address in x0
    result: memory, address in x8
    stack: 0 bytes aligned to 16, 0 vector registers
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

/// Packed records are composites like others; records of unnamed bit-fields too (checked with gcc 12).
#[test]
fn packed_bit_field_and_empty_records() {
    let packed = aligned(1, 1, 9, [Field::new(0, Int::I8), Field::new(1, Int::I64)]);
    let bits = |shift, width, named| Bits {
        shift,
        width,
        named,
    };
    let fields = Record::structure(
        8,
        8,
        [
            Field::bits(0, Int::I64, bits(0, 40, true)),
            Field::bits(0, Int::I64, bits(40, 20, true)),
        ],
    );
    let unnamed = Record::structure(4, 4, [Field::bits(0, Int::I32, bits(0, 5, false))]);
    let params = vec![
        packed,
        fields.into(),
        empty(),
        unnamed.into(),
        Int::I32.into(),
    ];
    insta::assert_snapshot!(linux(params, Some(empty())), @"
    0: x0 (bytes 0-7), x1 (bytes 8-8)
    1: x2
    2: nowhere (no bytes)
    3: x3
    4: x4
    result: nowhere (no bytes)
    stack: 0 bytes aligned to 16, 0 vector registers
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

#[test]
fn the_x87_format_is_not_of_this_machine() {
    for ty in [Type::from(Float::F80), Type::Complex(Float::F80)] {
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
