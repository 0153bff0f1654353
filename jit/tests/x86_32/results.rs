//! Where results come back.

use farcall_jit::{Abi, Bits, Field, Float, Int, Record, Type, Vector};

use super::{chars, empty, int, ints, one, record, result, results, vector};

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
        let lanes = |size, lane, float| result(abi, Vector { size, lane, float });
        assert_eq!(lanes(4, 1, false), "eax");
        assert_eq!(lanes(2, 2, false), "eax");
        assert_eq!(lanes(4, 4, true), "memory, address in stack+0");
        assert_eq!(lanes(8, 8, true), "memory, address in stack+0");
        assert_eq!(lanes(8, 8, false), "mm0");
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
                lane: 4,
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
