//! The cost of a signature: until its first call when it is new, and when it is found in the cache.

#![allow(missing_docs)]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use farcall::jit::{Engine, Field, Float, Int, Record, Signature, Type};

/// Signatures that are all different: `n` in base 6, a digit an argument.
fn signature(mut n: u64) -> Signature {
    let pair = Record::structure(16, 8, [Field::new(0, Int::I32), Field::new(8, Float::F64)]);
    let types: [Type; 6] = [
        Int::I32.into(),
        Int::POINTER.into(),
        Float::F64.into(),
        Int::U8.into(),
        Float::F32.into(),
        pair.into(),
    ];
    let mut params = Vec::new();
    while n > 0 {
        params.push(types[(n % 6) as usize].clone());
        n /= 6;
    }
    Signature::new(params, Some(Int::I32.into()))
}

fn compile(criterion: &mut Criterion) {
    let engine = Engine::new();
    let mut n = 0;
    for (name, start) in [
        ("new signature, about 3 arguments", 100),
        ("new signature, about 6 arguments", 30_000),
    ] {
        n = start.max(n);
        criterion.bench_function(name, |b| {
            b.iter_batched(
                || {
                    n += 1;
                    signature(n)
                },
                |signature| engine.call_stub(&signature).unwrap(),
                BatchSize::SmallInput,
            );
        });
    }
    let known = signature(20_000);
    engine.call_stub(&known).unwrap();
    criterion.bench_function("cached signature", |b| {
        b.iter(|| engine.call_stub(&known).unwrap())
    });
}

criterion_group!(benches, compile);
criterion_main!(benches);
