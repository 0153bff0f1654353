//! Which objects are read in place, and as which values.

use std::cell::Cell;

use farcall_jit::{Float, HostSign, Int, Maker, Reader, Signature, Type};

use crate::runtime::{self, *};

const SIGNS: [HostSign; 2] = [HostSign::OfCount, HostSign::LowBits];

thread_local! {
    static GOT: Cell<u64> = const { Cell::new(0) };
}

extern "C" fn take_int(value: u64) {
    GOT.set(value);
    note(Event::Function);
}

extern "C" fn take_float(value: f32) {
    GOT.set(value.to_bits().into());
    note(Event::Function);
}

extern "C" fn take_double(value: f64) {
    GOT.set(value.to_bits());
    note(Event::Function);
}

/// What the C function got, none if the call went to the slow path with everything as it was.
fn value(fused: &Fused, callee: Object, argument: Object) -> Option<u64> {
    let before = fused.counter.get();
    let args = [argument];
    let (result, events) = fused.call(callee, &args);
    if result == SLOW {
        assert_eq!(events, [Event::Slow(callee, args.as_ptr() as usize, 1, 0)]);
        assert_eq!(fused.counter.get(), before, "the slow path is not counted");
        return None;
    }
    let made = Event::Made(Made::Nothing);
    assert_eq!(events, [Event::Restore, Event::Function, Event::Save, made]);
    assert_eq!((result, fused.counter.get()), (OBJECT, before + 1));
    Some(GOT.get())
}

/// One parameter, no result.
fn one(ty: impl Into<Type>, sign: HostSign, reader: Reader) -> Fused {
    fused(
        &Signature::new([ty.into()], None),
        sign,
        &[reader],
        Maker::Nothing,
    )
}

fn ranges() -> [(Int, i128, i128); 8] {
    [
        (Int::I8, i8::MIN.into(), i8::MAX.into()),
        (Int::U8, 0, u8::MAX.into()),
        (Int::I16, i16::MIN.into(), i16::MAX.into()),
        (Int::U16, 0, u16::MAX.into()),
        (Int::I32, i32::MIN.into(), i32::MAX.into()),
        (Int::U32, 0, u32::MAX.into()),
        (Int::I64, i64::MIN.into(), i64::MAX.into()),
        (Int::U64, 0, u64::MAX.into()),
    ]
}

fn interesting() -> Vec<i128> {
    let mut values = vec![0];
    for bit in [
        0, 1, 6, 7, 8, 15, 16, 29, 30, 31, 32, 59, 60, 61, 62, 63, 64, 89, 90, 91,
    ] {
        for near in -2..=2 {
            values.extend([(1 << bit) + near, -(1 << bit) + near]);
        }
    }
    values
}

#[test]
fn integers_in_range_are_read() {
    let callee = callee(take_int as *const _, &[]);
    for sign in SIGNS {
        for (ty, least, greatest) in ranges() {
            let fused = one(ty, sign, Reader::Number);
            let mask = u64::MAX >> (64 - 8 * ty.size());
            for number in interesting() {
                let is_read = (least..=greatest).contains(&number) && number.abs() < 1 << 60;
                let want = is_read.then_some(number as u64 & mask);
                for object in [int(sign, number), typed_int(sign, number, &TRUTH)] {
                    let got = value(&fused, callee, object).map(|got| got & mask);
                    assert_eq!(got, want, "{number} as {ty:?}, {sign:?}");
                }
            }
        }
    }
}

#[test]
fn truth_is_zero_or_one() {
    let callee = callee(take_int as *const _, &[]);
    for sign in SIGNS {
        let fused = one(Int::U8, sign, Reader::Bool);
        for number in interesting() {
            let want = (0..=1).contains(&number).then_some(number as u64);
            let got = value(&fused, callee, int(sign, number)).map(|got| got & 0xff);
            assert_eq!(got, want, "{number}, {sign:?}");
        }
    }
}

#[test]
fn narrow_integers_are_extended_to_32_bits() {
    let callee = callee(take_int as *const _, &[]);
    for (ty, number, want) in [
        (Int::I8, -3, 0xffff_fffd),
        (Int::U8, 200, 200),
        (Int::I16, -3, 0xffff_fffd),
        (Int::U16, 65000, 65000),
    ] {
        let fused = one(ty, HostSign::OfCount, Reader::Number);
        let got = value(&fused, callee, int(HostSign::OfCount, number));
        assert_eq!(got.map(|got| got & 0xffff_ffff), Some(want), "{ty:?}");
    }
}

#[test]
fn numbers_are_read_as_floating_point_ones() {
    let doubles = callee(take_double as *const _, &[]);
    let floats = callee(take_float as *const _, &[]);
    for sign in SIGNS {
        let double = one(Float::F64, sign, Reader::Number);
        let single = one(Float::F32, sign, Reader::Number);
        for number in [0.0, -0.0, 1.5, -1e300, 1e-310, f64::INFINITY, f64::NAN, 0.1] {
            let got = value(&double, doubles, float(number));
            assert_eq!(got, Some(number.to_bits()));
            let got = value(&single, floats, float(number)).map(|bits| f32::from_bits(bits as u32));
            let want = number as f32;
            let same = got.is_some_and(|got| got == want || got.is_nan() && want.is_nan());
            assert!(same, "{number}: {got:?}");
        }
        for number in interesting() {
            let is_read = number.abs() < 1 << 30;
            let want = is_read.then_some((number as f64).to_bits());
            assert_eq!(value(&double, doubles, int(sign, number)), want, "{number}");
            let want = is_read.then_some((number as f64 as f32).to_bits().into());
            assert_eq!(value(&single, floats, int(sign, number)), want, "{number}");
        }
    }
}

#[test]
fn one_byte_is_a_character() {
    let callee = callee(take_int as *const _, &[]);
    let fused = one(Int::I8, HostSign::OfCount, Reader::Char);
    let low = |object| value(&fused, callee, object).map(|got| got & 0xff);
    assert_eq!(low(bytes(b"a")), Some(97));
    assert_eq!(low(bytes(b"\xff")), Some(255));
    assert_eq!(low(bytes(b"")), None);
    assert_eq!(low(bytes(b"ab")), None);
    assert_eq!(low(int(HostSign::OfCount, 1)), None);
}

#[test]
fn pointers_of_the_class_are_read() {
    let callee = callee(take_int as *const _, &[9]);
    let pointer = |bytes, any| {
        one(
            Int::POINTER,
            HostSign::OfCount,
            Reader::Pointer { bytes, any },
        )
    };
    let at = 0x1234_5678_9abc_u64;
    let of_class = |class| cdata(&CDATA, class, at as *const u8);
    for bytes in [false, true] {
        let typed = pointer(bytes, false);
        let any = pointer(bytes, true);
        let cases = [
            (9, Some(at), Some(at)),
            (10, None, Some(at)),
            (VOID_CLASS, Some(at), Some(at)),
            (0, None, None),
            (-9, None, None),
        ];
        for (class, as_typed, as_any) in cases {
            assert_eq!(value(&typed, callee, of_class(class)), as_typed, "{class}");
            assert_eq!(value(&any, callee, of_class(class)), as_any, "{class}");
            let owner = cdata(&OWNER, class, at as *const u8);
            assert_eq!(value(&typed, callee, owner), as_typed, "{class}");
        }
        let text = runtime::bytes(b"text");
        let address = bytes.then(|| bytes_data(text).addr() as u64);
        assert_eq!(value(&typed, callee, text), address);
        assert_eq!(value(&any, callee, text), address);
        for wrong in [other(), float(1.0), int(HostSign::OfCount, 1)] {
            assert_eq!(value(&typed, callee, wrong), None);
            assert_eq!(value(&any, callee, wrong), None);
        }
    }
}

#[test]
fn stored_numbers_are_widened() {
    let ints = callee(take_int as *const _, &[-4]);
    let doubles = callee(take_double as *const _, &[-4]);
    let stored = 0x8182_8384_8586_8788_u64.to_le_bytes();
    let object = cdata(&CDATA, -4, stored.as_ptr());
    for (from, to, want) in [
        (Int::I8, Int::I32, 0xffff_ff88),
        (Int::U8, Int::I32, 0x88),
        (Int::I16, Int::I32, 0xffff_8788),
        (Int::U16, Int::I32, 0x8788),
        (Int::I32, Int::I32, 0x8586_8788),
        (Int::I32, Int::I64, 0xffff_ffff_8586_8788),
        (Int::U32, Int::U64, 0x8586_8788),
        (Int::I64, Int::I64, 0x8182_8384_8586_8788),
    ] {
        let fused = one(to, HostSign::OfCount, Reader::StoredInt(from));
        let mask = u64::MAX >> (64 - 8 * to.size());
        let got = value(&fused, ints, object).map(|got| got & mask);
        assert_eq!(got, Some(want), "{from:?} to {to:?}");
        let wrong = cdata(&CDATA, -5, stored.as_ptr());
        assert_eq!(value(&fused, ints, wrong), None);
        assert_eq!(value(&fused, ints, int(HostSign::OfCount, 1)), None);
    }
    let single = 0.1f32.to_ne_bytes();
    let fused = one(
        Float::F64,
        HostSign::OfCount,
        Reader::StoredFloat(Float::F32),
    );
    let got = value(&fused, doubles, cdata(&OWNER, -4, single.as_ptr()));
    assert_eq!(got, Some(f64::from(0.1f32).to_bits()));
    let double = 0.1f64.to_ne_bytes();
    let fused = one(
        Float::F64,
        HostSign::OfCount,
        Reader::StoredFloat(Float::F64),
    );
    let got = value(&fused, doubles, cdata(&OWNER, -4, double.as_ptr()));
    assert_eq!(got, Some(0.1f64.to_bits()));
}

#[test]
fn objects_of_other_types_are_left() {
    for sign in SIGNS {
        let wrong = [other(), bytes(b"5"), cdata(&CDATA, 1, std::ptr::null())];
        let ints = callee(take_int as *const _, &[1]);
        let doubles = callee(take_double as *const _, &[1]);
        for object in wrong {
            assert_eq!(
                value(&one(Int::I32, sign, Reader::Number), ints, object),
                None
            );
            assert_eq!(value(&one(Int::U8, sign, Reader::Bool), ints, object), None);
            assert_eq!(
                value(&one(Float::F64, sign, Reader::Number), doubles, object),
                None
            );
        }
        let number = float(5.0);
        assert_eq!(
            value(&one(Int::I32, sign, Reader::Number), ints, number),
            None
        );
    }
}
