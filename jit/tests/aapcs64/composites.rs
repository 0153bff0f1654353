//! Homogeneous aggregates, and records that are none.

use farcall_jit::{Bits, Field, Float, Int, Record, Type, Vector};

use super::{aligned, empty, linux, several, vector};

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
                    lane: 4,
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

/// Checked with gcc 12: next to an array of no elements a vector is all there is, next to a flexible one it is not.
#[test]
fn a_flexible_array_member_breaks_an_aggregate() {
    let with = |array: Type| {
        let fields = [Field::new(0, vector(16)), Field::new(16, array)];
        Type::from(Record::structure(16, 16, fields))
    };
    let params = vec![
        with(Type::array(Int::I16, 0)),
        with(Type::flexible_array(Int::I16)),
    ];
    insta::assert_snapshot!(linux(params, None), @"
    0: v0
    1: x0 (bytes 0-7), x1 (bytes 8-15)
    result: none
    stack: 0 bytes aligned to 16, 1 vector registers
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
