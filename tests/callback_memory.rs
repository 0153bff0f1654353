//! What a million callbacks take, their conversions included.

#![allow(unsafe_code, reason = "allocations are counted")]

#[path = "../jit/tests/counting/mod.rs"]
mod counting;

use std::hint::black_box;

use farcall::{Args, Callback, CallbackOptions, CallbackType, Ffi};

#[test]
fn a_million_callbacks_take_64_bytes_each() {
    const COUNT: usize = 1_000_000;
    /// What each closure captures.
    const CLOSURE: usize = 16;
    let ffi = Ffi::new();
    let types: Vec<_> = ["int", "long long", "float", "double", "unsigned char"]
        .into_iter()
        .flat_map(|name| [format!("{name}({name})"), format!("{name}({name}, {name})")])
        .map(|text| CallbackType::new(&ffi, ffi.type_of(&text).unwrap()).unwrap())
        .collect();
    let mut callbacks: Vec<Callback> = Vec::with_capacity(COUNT);
    let taken = || counting::allocated() + ffi.stats().mapped_bytes;
    let before = taken();
    for n in 0..COUNT {
        let (a, b) = (n as u64, !n as u64);
        let function = move |args: &Args<'_>| {
            black_box(a ^ b);
            Ok(args.value(0)?)
        };
        let made = Callback::with(&types[n % 10], CallbackOptions::new(), function);
        callbacks.push(made.unwrap());
    }
    let each = (taken() - before) as f64 / COUNT as f64 - CLOSURE as f64;
    let own = size_of::<Callback>() as f64;
    eprintln!("{each:.1} bytes each, and {own} for the callback itself");
    assert!(each + own <= 64.0, "{each:.1} bytes and {own}");
    assert_eq!(ffi.stats().live_callbacks, COUNT as u64);
    drop(callbacks);
    assert_eq!(ffi.stats().live_callbacks, 0);
}
