//! Signatures put together at random, C or not: an answer or a typed error, never a panic.

use farcall_jit::{Abi, Bits, Engine, Error, Field, Float, Int, Record, Signature, Type, Vector};
use proptest::prelude::*;

fn scalar() -> impl Strategy<Value = Type> {
    let ints = [
        Int::I8,
        Int::U8,
        Int::I16,
        Int::U16,
        Int::I32,
        Int::U32,
        Int::I64,
        Int::U64,
        Int::I128,
        Int::U128,
    ];
    let floats = [Float::F16, Float::F32, Float::F64, Float::F80, Float::F128];
    prop_oneof![
        4 => prop::sample::select(ints.to_vec()).prop_map(Type::from),
        4 => prop::sample::select(floats.to_vec()).prop_map(Type::from),
        1 => prop::sample::select(floats.to_vec()).prop_map(Type::Complex),
        1 => (any::<u8>(), any::<u8>(), any::<bool>())
            .prop_map(|(size, lane, float)| Vector { size, lane, float }.into()),
        1 => (0u32..8, 0u32..8, any::<bool>()).prop_map(|(size, lane, float)| {
            Vector { size: 1 << size, lane: 1 << lane, float }.into()
        }),
    ]
}

/// Numbers near zero mostly, and all others.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0u64..40, 2 => (0u32..64).prop_map(|shift| 1 << shift), 1 => any::<u64>()]
}

fn any_type() -> impl Strategy<Value = Type> {
    scalar().prop_recursive(5, 40, 6, |inner| {
        let bits = (any::<u32>(), any::<u32>(), any::<bool>(), any::<bool>());
        let field = (number(), inner.clone(), prop::option::weighted(0.2, bits)).prop_map(|(offset, ty, bits)| {
            match bits {
                None => Field::new(offset, ty),
                Some((shift, width, small, named)) => {
                    let limit = if small { 64 } else { u32::MAX };
                    Field::bits(offset, ty, Bits { shift: shift % limit, width: width % limit, named })
                }
            }
        });
        let fields = prop::collection::vec(field, 0..6);
        prop_oneof![
            1 => (inner, number()).prop_map(|(element, count)| Type::array(element, count)),
            4 => (number(), number(), number(), any::<bool>(), fields).prop_map(|(size, align, natural, union, fields)| {
                let record = if union { Record::union(size, align, fields) } else { Record::structure(size, align, fields) };
                record.naturally_aligned(natural).into()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_signature_has_an_answer(
        params in prop::collection::vec(any_type(), 0..12),
        result in prop::option::of(any_type()),
        fixed in prop::option::weighted(0.3, any::<u16>()),
        win64 in any::<bool>(),
    ) {
        thread_local! {
            static ENGINES: [Engine; 2] = [Engine::new(), Engine::without_code()];
        }
        let abi = if win64 { Abi::Win64 } else { Abi::SysV64 };
        let signature = Signature { abi, fixed: fixed.map(|n| n % 16), ..Signature::new(params, result) };
        ENGINES.with(|engines| {
            for engine in engines {
                if let Err(error) = engine.call_stub(&signature) {
                    prop_assert!(!error.to_string().is_empty());
                }
                if let Err(error) = engine.thunk(&signature) {
                    prop_assert!(!error.to_string().is_empty());
                }
            }
            Ok(())
        })?;
    }
}

fn refused(params: impl Into<Box<[Type]>>) -> String {
    match Engine::new().call_stub(&Signature::new(params, None)) {
        Err(error @ (Error::NotC { .. } | Error::TooLarge { .. })) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_wrong_is_named() {
    assert!(
        refused([Vector {
            size: 12,
            lane: 4,
            float: true
        }
        .into()])
        .contains("vector")
    );
    assert!(
        refused([Record::structure(4, 4, [Field::new(8, Int::I32)]).into()]).contains("outside")
    );
    assert!(
        refused([Record::structure(4, 3, [Field::new(0, Int::I32)]).into()]).contains("alignment")
    );
    assert!(refused([Record::structure(6, 4, []).into()]).contains("multiple"));
    assert!(
        refused([Record::structure(8, 1 << 40, [Field::new(0, Int::I32)]).into()])
            .contains("alignment")
    );
    assert!(refused([Type::array(Int::I8, 8)]).contains("array by value"));
    let huge = || Type::from(Record::structure(u64::MAX - 8, 1, []));
    assert!(refused([huge(), huge()]).contains("bytes"));
    let nested = (0..300).fold(Type::from(Int::I8), |inner, _| {
        Record::structure(1, 1, [Field::new(0, inner)]).into()
    });
    assert!(refused([nested]).contains("levels"));
    let doubled = (0..40).fold(Type::from(Int::I8), |inner, _| {
        Record::union(1, 1, [Field::new(0, inner.clone()), Field::new(0, inner)]).into()
    });
    assert!(refused([doubled]).contains("members"));
    let short = Signature::new([Int::I32.into()], None).variadic(2);
    assert!(matches!(
        Engine::new().call_stub(&short),
        Err(Error::NotC { .. })
    ));
}
