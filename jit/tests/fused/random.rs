//! Random signatures: what the C function gets is what the objects are, and every object that a stub does not read sends
//! the call to the slow path.

use std::cell::RefCell;

use farcall_jit::{
    Arguments, Engine, Field, Float, HostSign, Int, Maker, Reader, Record, Signature, Type,
};
use fastrand::Rng;

use crate::runtime::*;

const COUNT: u64 = 600;

thread_local! {
    static GOT: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A parameter with an argument for it.
struct Param {
    ty: Type,
    reader: Reader,
    class: i32,
    object: Object,
    /// What the C function must get.
    value: Vec<u8>,
}

const INTS: [Int; 8] = [
    Int::I8,
    Int::U8,
    Int::I16,
    Int::U16,
    Int::I32,
    Int::U32,
    Int::I64,
    Int::U64,
];

fn param(rng: &mut Rng, sign: HostSign) -> Param {
    match rng.u8(..12) {
        0..4 => int_param(rng, sign),
        4..6 => {
            let number = rng.f64() * 1e6 - 5e5;
            simple(
                Float::F64,
                Reader::Number,
                float(number),
                &number.to_ne_bytes(),
            )
        }
        6 => {
            let number = rng.f32();
            simple(
                Float::F32,
                Reader::Number,
                float(number.into()),
                &number.to_ne_bytes(),
            )
        }
        7 => {
            let truth = rng.bool();
            simple(
                Int::U8,
                Reader::Bool,
                typed_int(sign, truth.into(), &TRUTH),
                &[truth.into()],
            )
        }
        8 => {
            let byte = rng.u8(..);
            simple(Int::I8, Reader::Char, bytes(&[byte]), &[byte])
        }
        9..11 => pointer_param(rng),
        _ => record_param(rng),
    }
}

fn simple(ty: impl Into<Type>, reader: Reader, object: Object, value: &[u8]) -> Param {
    Param {
        ty: ty.into(),
        reader,
        class: 0,
        object,
        value: value.to_vec(),
    }
}

fn int_param(rng: &mut Rng, sign: HostSign) -> Param {
    let ty = INTS[rng.usize(..INTS.len())];
    let bits = 8 * ty.size() as u32;
    let raw = rng.u64(..) >> rng.u32(64 - bits.min(59)..64);
    let raw = if ty.is_signed() && rng.bool() {
        (raw >> 1).wrapping_neg()
    } else {
        raw >> 1
    };
    let value = &raw.to_ne_bytes()[..ty.size() as usize];
    simple(ty, Reader::Number, int(sign, (raw as i64).into()), value)
}

fn pointer_param(rng: &mut Rng) -> Param {
    let reader = Reader::Pointer {
        bytes: rng.bool(),
        any: rng.bool(),
    };
    let class = rng.i32(1..1000);
    let address = rng.u64(..);
    let of_class = [class, VOID_CLASS][rng.usize(..2)];
    let object = cdata(
        [&CDATA, &OWNER][rng.usize(..2)],
        of_class,
        address as *const u8,
    );
    Param {
        class,
        ..simple(Int::POINTER, reader, object, &address.to_ne_bytes())
    }
}

fn record_param(rng: &mut Rng) -> Param {
    let mut fields = Vec::new();
    let mut size = 0u64;
    for _ in 0..rng.u8(1..9) {
        let ty: Type = match rng.u8(..4) {
            0 => Float::F32.into(),
            1 => Float::F64.into(),
            _ => INTS[rng.usize(..INTS.len())].into(),
        };
        let at = size.next_multiple_of(ty.size());
        size = at + ty.size();
        fields.push(Field::new(at, ty));
    }
    let align = fields
        .iter()
        .map(|field| field.ty.size())
        .max()
        .unwrap_or(1);
    let size = size.next_multiple_of(align);
    let bytes: Vec<u8> = (0..size).map(|_| rng.u8(..)).collect();
    let class = -rng.i32(1..1000);
    let object = cdata(&CDATA, class, bytes.clone().leak().as_ptr());
    let record = Record::structure(size, align, fields);
    Param {
        class,
        ..simple(record, Reader::Record, object, &bytes)
    }
}

/// What the C function is: it keeps what it got, and gives back what it was told.
fn receive(call: &mut Arguments<'_>, result: &[u8]) {
    note(Event::Function);
    let got = (0..call.len()).map(|index| call.bytes(index).to_vec());
    GOT.set(got.collect());
    call.result().copy_from_slice(result);
}

fn result(rng: &mut Rng) -> (Option<Type>, Maker, Vec<u8>, Made) {
    let number = rng.u64(..);
    match rng.u8(..5) {
        0 => (None, Maker::Nothing, vec![], Made::Nothing),
        1 => {
            let made = Made::Signed(number as i32 as i64);
            let bytes = (number as i32).to_ne_bytes().to_vec();
            (Some(Int::I32.into()), Maker::Number, bytes, made)
        }
        2 => {
            let bytes = rng.f64().to_ne_bytes().to_vec();
            let made = Made::Double(u64::from_ne_bytes(bytes[..].try_into().expect("eight")));
            (Some(Float::F64.into()), Maker::Number, bytes, made)
        }
        3 => {
            let made = Made::Pointer(std::ptr::null(), number as usize);
            (
                Some(Int::POINTER.into()),
                Maker::Pointer,
                number.to_ne_bytes().to_vec(),
                made,
            )
        }
        _ => {
            let param = record_param(rng);
            let made = Made::Memory(std::ptr::null(), param.value.clone());
            (Some(param.ty), Maker::Memory, param.value, made)
        }
    }
}

#[test]
fn random_calls() {
    for seed in 0..COUNT {
        let mut rng = Rng::with_seed(seed);
        random_call(&mut rng, seed);
    }
}

fn random_call(rng: &mut Rng, seed: u64) {
    let sign = [HostSign::OfCount, HostSign::LowBits][rng.usize(..2)];
    let params: Vec<Param> = (0..rng.usize(..14)).map(|_| param(rng, sign)).collect();
    let (result_type, maker, given, want) = result(rng);
    let types: Vec<Type> = params.iter().map(|param| param.ty.clone()).collect();
    let signature = Signature::new(types, result_type.clone());
    RESULT_SIZE.set(given.len());

    let engine = Engine::new();
    let counter = counter();
    let readers: Vec<Reader> = params.iter().map(|param| param.reader).collect();
    let mut recipe = recipe(sign, counter, &readers, maker);
    recipe.releases_lock = rng.bool();
    let stub = engine
        .fused_stub(&signature, &recipe)
        .expect("the recipe can be followed");
    let fused = Fused { stub, counter };
    let answer = given.clone();
    let function = engine
        .callback(&signature, move |call: &mut Arguments<'_>| {
            receive(call, &answer)
        })
        .expect("a callback");
    let classes: Vec<i32> = params.iter().map(|param| param.class).collect();
    let callee = callee(function.code(), &classes);
    let mut args: Vec<Object> = params.iter().map(|param| param.object).collect();

    let (value, events) = fused.call(callee, &args);
    let place = format!("seed {seed}: {signature}");
    assert_eq!((value, counter.get()), (OBJECT, 1), "{place}");
    for (index, (param, got)) in params.iter().zip(GOT.take()).enumerate() {
        assert_eq!(got, param.value, "{place}, argument {index}");
    }
    let made = match events.last() {
        Some(Event::Made(Made::Pointer(_, address))) => Made::Pointer(std::ptr::null(), *address),
        Some(Event::Made(Made::Memory(_, bytes))) => Made::Memory(std::ptr::null(), bytes.clone()),
        Some(Event::Made(made)) => made.clone(),
        other => panic!("{place}: {other:?}"),
    };
    assert_eq!(made, want, "{place}");

    if !args.is_empty() {
        let index = rng.usize(..args.len());
        args[index] = other();
        let left = Event::Slow(callee, args.as_ptr() as usize, args.len(), 0);
        assert_eq!(
            fused.call(callee, &args),
            (SLOW, vec![left]),
            "{place}, argument {index}"
        );
    }
}
