//! What a million callbacks take.

#![allow(unsafe_code)]

mod counting;

use farcall_jit::{Arguments, Callback, Engine, Float, Int, Signature, Type};

#[test]
fn a_million_callbacks_take_64_bytes_each() {
    const COUNT: usize = 1_000_000;
    /// What each closure captures.
    const CLOSURE: usize = 16;
    let engine = Engine::new();
    let types = [
        Type::from(Int::I32),
        Int::I64.into(),
        Float::F32.into(),
        Float::F64.into(),
        Int::U8.into(),
    ];
    let thunks: Vec<_> = (0..10)
        .map(|n| {
            let ty = types[n % 5].clone();
            let signature = Signature::new(vec![ty.clone(); 1 + n / 5], Some(ty));
            engine.thunk(&signature).unwrap()
        })
        .collect();
    let mut callbacks: Vec<Callback> = Vec::with_capacity(COUNT);
    let before = counting::allocated() + engine.stats().mapped_bytes;
    for n in 0..COUNT {
        let (a, b) = (n as u64, !n as u64);
        let handler = move |_: &mut Arguments<'_>| {
            std::hint::black_box(a ^ b);
        };
        callbacks.push(thunks[n % 10].callback(handler).unwrap());
    }
    let after = counting::allocated() + engine.stats().mapped_bytes;
    let each = (after - before) as f64 / COUNT as f64 - CLOSURE as f64;
    let own = size_of::<Callback>() as f64;
    eprintln!("{each:.1} bytes each, and {own} for the callback itself");
    assert!(each + own <= 64.0, "{each:.1} bytes and {own}");
    assert_eq!(engine.stats().live_callbacks, COUNT as u64);
    drop(callbacks);
    assert_eq!(engine.stats().live_callbacks, 0);
}
