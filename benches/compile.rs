//! The cost of a signature: until its first call when it is new, and each time when it is looked up in the cache.

#![allow(unsafe_code, missing_docs)]

use std::ffi::{c_int, c_void};
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use farcall::jit::{CallStub, Engine, Field, Float, Int, Record, Signature, Type};

/// Types that take one register each.
fn alphabet() -> [Type; 16] {
    fn record<const N: usize>(size: u64, align: u64, fields: [Field; N]) -> Type {
        Record::structure(size, align, fields).into()
    }
    [
        Int::I8.into(),
        Int::U8.into(),
        Int::I16.into(),
        Int::U16.into(),
        Int::I32.into(),
        Int::U32.into(),
        Int::I64.into(),
        Int::POINTER.into(),
        Float::F32.into(),
        Float::F64.into(),
        record(2, 2, [Field::new(0, Int::I16)]),
        record(8, 8, [Field::new(0, Int::I64)]),
        record(8, 8, [Field::new(0, Float::F64)]),
        record(8, 4, [Field::new(0, Int::I32), Field::new(4, Int::I32)]),
        record(8, 4, [Field::new(0, Float::F32), Field::new(4, Float::F32)]),
        record(8, 4, [Field::new(0, Int::I32), Field::new(4, Float::F32)]),
    ]
}

/// Signatures that are all different: `first`, six arguments of the alphabet, and an `int` result.
struct Numbered {
    alphabet: [Type; 16],
    first: Vec<Type>,
    next: usize,
}

impl Numbered {
    fn next(&mut self) -> Signature {
        const ALL: usize = 16usize.pow(6);
        assert!(self.next < ALL, "no more signatures");
        // A permutation of the numbers, for ALL is a power of two: each signature has arguments of many types.
        let n = self.next.wrapping_mul(0x9e37_79b1) % ALL;
        self.next += 1;
        let digits = (0..6).map(|digit| self.alphabet[n >> (4 * digit) & 15].clone());
        let params: Vec<Type> = self.first.iter().cloned().chain(digits).collect();
        Signature::new(params, Some(Int::I32.into()))
    }
}

extern "C" fn answer() -> c_int {
    42
}

/// Zeros for any of the frames here.
const FRAME: [u64; 64] = [0; 64];

fn call(stub: &CallStub) -> c_int {
    let mut result = 0;
    // SAFETY: in every ABI of the engine the caller takes the arguments away again, so that a function may be called
    // with more than it reads. FRAME is larger than the frames of the signatures here, whose results are `int`s.
    unsafe {
        stub.call(
            answer as *const c_void,
            FRAME.as_ptr().cast(),
            (&raw mut result).cast(),
        )
    };
    result
}

/// From a signature that the engine has never seen to the result of its first call.
fn new_signature(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("new signature");
    // Each sample takes new signatures, of which there shall be enough.
    group
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    let quad = Record::structure(32, 8, [0, 8, 16, 24].map(|at| Field::new(at, Float::F64)));
    // Each has its emitter: Cranelift for arguments in registers, the assembler where there are some on the stack.
    for (name, first) in [
        ("in registers", vec![]),
        ("with a record on the stack", vec![quad.into()]),
    ] {
        let engine = Engine::new();
        let mut numbered = Numbered {
            alphabet: alphabet(),
            first,
            next: 0,
        };
        group.bench_function(format!("compile, {name}"), |b| {
            b.iter_batched(
                || numbered.next(),
                |signature| engine.call_stub(&signature).unwrap(),
                BatchSize::SmallInput,
            );
        });
        group.bench_function(format!("compile and first call, {name}"), |b| {
            b.iter_batched(
                || numbered.next(),
                |signature| {
                    let stub = engine.call_stub(&signature).unwrap();
                    assert_eq!(call(&stub), 42);
                    stub
                },
                BatchSize::SmallInput,
            );
        });
        let stats = engine.stats();
        assert_eq!(
            (stats.stubs_compiled, stats.cache_hits),
            (numbered.next as u64, 0),
            "all were new, and compiled"
        );
    }
    group.finish();
}

/// From a signature that the engine has a stub for to that stub, and to the result of a call.
fn cached_signature(criterion: &mut Criterion) {
    let pair = || -> Type {
        Record::structure(16, 8, [Field::new(0, Int::I32), Field::new(8, Float::F64)]).into()
    };
    let nested = || -> Type {
        let fields = [
            Field::new(0, pair()),
            Field::new(16, Type::array(pair(), 3)),
            Field::new(64, Int::POINTER),
        ];
        Record::structure(72, 8, fields).into()
    };
    let mixed: [Type; 6] = [
        Int::I32.into(),
        Int::POINTER.into(),
        Float::F64.into(),
        Int::U8.into(),
        Float::F32.into(),
        Int::I64.into(),
    ];
    let signatures: [(&str, Vec<Type>); 5] = [
        ("no arguments", vec![]),
        ("2 scalars", mixed[..2].to_vec()),
        ("6 scalars", mixed.to_vec()),
        ("2 records", vec![pair(), pair()]),
        ("4 nested records", (0..4).map(|_| nested()).collect()),
    ];
    let engine = Engine::new();
    let mut group = criterion.benchmark_group("cached signature");
    for (name, params) in signatures {
        let signature = Signature::new(params, Some(Int::I32.into()));
        engine.call_stub(&signature).unwrap();
        group.bench_function(format!("lookup, {name}"), |b| {
            b.iter(|| engine.call_stub(&signature).unwrap())
        });
        group.bench_function(format!("lookup and call, {name}"), |b| {
            b.iter(|| call(&engine.call_stub(&signature).unwrap()))
        });
    }
    group.finish();
}

criterion_group!(benches, new_signature, cached_signature);
criterion_main!(benches);
