//! Arguments and results, through C function pointers of Rust's and through call stubs.

use farcall_jit::{
    Abi, Arguments, Backend, Callback, Engine, Field, Float, Int, Record, Signature, Type,
};

use crate::lives::eventually;

/// Calls `callback` by a call stub of its signature.
fn through_stub(engine: &Engine, callback: &Callback, arguments: &[u8], result: usize) -> Vec<u8> {
    let stub = engine.call_stub(callback.thunk().signature()).unwrap();
    let mut frame = vec![0u64; arguments.len() / 8];
    let mut ret = vec![0u128; result.div_ceil(16) + 1];
    let frame_bytes = frame.as_mut_ptr().cast::<u8>();
    // SAFETY: the stub and the callback have one signature, of which the tests give the arguments' bytes and the size
    // of the result.
    unsafe {
        frame_bytes.copy_from_nonoverlapping(arguments.as_ptr(), arguments.len());
        stub.call(callback.code(), frame_bytes, ret.as_mut_ptr().cast());
        std::slice::from_raw_parts(ret.as_ptr().cast::<u8>(), result).to_vec()
    }
}

/// A callback that tells what its arguments were by returning a sum over their bytes, and gives back a pattern.
fn check(engine: &Engine, signature: &Signature) {
    let size = signature.result.as_ref().map_or(0, Type::size) as usize;
    let frame = signature.frame();
    let mut arguments = vec![0u8; frame.size() as usize];
    for (at, byte) in arguments.iter_mut().enumerate() {
        *byte = (at * 7 + 3) as u8;
    }
    let expected: Vec<Vec<u8>> = (signature.params.iter().zip(frame.offsets()))
        .map(|(ty, &at)| arguments[at as usize..][..ty.size() as usize].to_vec())
        .collect();
    let callback = engine
        .callback(signature, move |call: &mut Arguments<'_>| {
            for (index, expected) in expected.iter().enumerate() {
                assert_eq!(
                    call.bytes(index),
                    expected,
                    "argument {index} of {}",
                    call.signature()
                );
            }
            for (at, byte) in call.result().iter_mut().enumerate() {
                *byte = (at as u8).wrapping_add(1);
            }
        })
        .unwrap();
    let result = through_stub(engine, &callback, &arguments, size);
    let expected: Vec<u8> = (0..size).map(|at| (at as u8).wrapping_add(1)).collect();
    assert_eq!(result, expected, "result of {signature}");
}

fn record(size: u64, align: u64, fields: &[(u64, Type)]) -> Type {
    let fields: Vec<Field> = fields
        .iter()
        .map(|(at, ty)| Field::new(*at, ty.clone()))
        .collect();
    Record::structure(size, align, fields).into()
}

/// Types of every kind.
fn types() -> Vec<Type> {
    let (byte, int, long) = (
        Type::from(Int::U8),
        Type::from(Int::I32),
        Type::from(Int::I64),
    );
    let (float, double) = (Type::from(Float::F32), Type::from(Float::F64));
    let large: Vec<Field> = (0..40).map(|at| Field::new(8 * at, Int::I64)).collect();
    vec![
        Int::I8.into(),
        byte.clone(),
        Int::I16.into(),
        Int::U16.into(),
        int.clone(),
        Int::U32.into(),
        long.clone(),
        float.clone(),
        double.clone(),
        record(
            3,
            1,
            &[(0, byte.clone()), (1, byte.clone()), (2, byte.clone())],
        ),
        record(12, 4, &[(0, float.clone()), (4, float.clone()), (8, float)]),
        record(16, 8, &[(0, int.clone()), (8, double.clone())]),
        record(16, 8, &[(0, double.clone()), (8, double)]),
        record(24, 8, &[(0, long.clone()), (8, long.clone()), (16, byte)]),
        record(12, 4, &[(0, int.clone()), (4, int.clone()), (8, int)]),
        Record::union(8, 8, [Field::new(0, long), Field::new(0, Float::F64)]).into(),
        Record::structure(320, 8, large).into(),
    ]
}

fn signatures(abi: Abi) -> impl Iterator<Item = Signature> {
    let types = types();
    let all = Signature {
        abi,
        ..Signature::new(types.clone(), None)
    };
    let single = types.clone().into_iter().map(move |ty| {
        let mut params = vec![ty.clone(); 10];
        params.push(Int::I16.into());
        Signature {
            abi,
            ..Signature::new(params, Some(ty))
        }
    });
    single.chain([all])
}

#[test]
fn every_kind_of_value() {
    let engine = Engine::new();
    signatures(Abi::HOST).for_each(|signature| check(&engine, &signature));
    let stats = engine.stats();
    assert_eq!(stats.thunks_compiled, 18);
    eventually(&engine, || engine.stats().live_callbacks == 0);
    assert_eq!(stats.libffi_callbacks, []);
}

/// On Windows nothing is written for System V's.
#[test]
#[cfg(all(target_arch = "x86_64", not(windows)))]
fn the_other_convention_of_x86_64() {
    let engine = Engine::new();
    for abi in [Abi::Win64, Abi::SysV64] {
        signatures(abi).for_each(|signature| check(&engine, &signature));
    }
    assert_eq!(engine.stats().libffi_callbacks, []);
}

#[test]
fn without_code_libffi_does_it() {
    let engine = Engine::without_code();
    signatures(Abi::HOST).for_each(|signature| check(&engine, &signature));
    let stats = engine.stats();
    assert_eq!(stats.thunks_compiled, 0);
    let counts: Vec<u64> = stats
        .libffi_callbacks
        .iter()
        .map(|(_, count)| *count)
        .collect();
    assert_eq!(counts, [18]);
    let thunk = engine.thunk(&Signature::new([], None)).unwrap();
    assert!(matches!(thunk.backend(), Backend::Libffi(_)));
}

#[test]
fn function_pointers_of_rust() {
    let engine = Engine::new();
    let long = || Type::from(Int::I64);
    let minus = |call: &mut Arguments<'_>| call.give_back(call.get::<i64>(0) - call.get::<i64>(1));
    let callback = engine
        .callback(&Signature::new([long(), long()], Some(long())), minus)
        .unwrap();
    // SAFETY: the signature is that of the function type.
    let function: extern "C" fn(i64, i64) -> i64 = unsafe { std::mem::transmute(callback.code()) };
    assert_eq!(function(40, -2), 42);

    let narrow = Signature::new([Int::I8.into(), Int::U16.into()], Some(Int::I16.into()));
    let callback = engine
        .callback(&narrow, |call: &mut Arguments<'_>| {
            call.give_back(i16::from(call.get::<i8>(0)) - call.get::<u16>(1) as i16);
        })
        .unwrap();
    // SAFETY: as an `int` function, whose arguments need not be extended, and whose result has to be.
    let function: extern "C" fn(i32, i32) -> i32 = unsafe { std::mem::transmute(callback.code()) };
    assert_eq!(function(0x1234_56ff, 0x7654_0001), -2);
}

#[test]
fn many_callbacks_of_one_signature_have_their_own_data() {
    let engine = Engine::new();
    let thunk = engine
        .thunk(&Signature::new([], Some(Int::I32.into())))
        .unwrap();
    let make = |n: i32| {
        thunk
            .callback(move |call: &mut Arguments<'_>| call.give_back(n))
            .unwrap()
    };
    let mut callbacks: Vec<_> = (0..3000).map(make).collect();
    for step in [1, 3] {
        for (n, callback) in callbacks.iter().enumerate() {
            // SAFETY: the signature is that of the function type.
            let function: extern "C" fn() -> i32 = unsafe { std::mem::transmute(callback.code()) };
            assert_eq!(function(), n as i32);
        }
        for n in (0..callbacks.len()).step_by(step + 1) {
            callbacks[n] = make(n as i32);
        }
    }
    eventually(&engine, || engine.stats().live_callbacks == 3000);
    assert_eq!(engine.stats().thunks_compiled, 1);
}

/// What Windows' convention has a callee preserve, System V's has not.
#[test]
#[cfg(all(target_arch = "x86_64", not(windows)))]
fn the_other_convention_keeps_registers() {
    use std::arch::asm;

    let signature = Signature {
        abi: Abi::Win64,
        ..Signature::new([], Some(Int::I64.into()))
    };
    let clobber = |call: &mut Arguments<'_>| {
        // SAFETY: overwrites registers that it declares.
        unsafe {
            asm!(
                "xor edi, edi", "xor esi, esi", "pxor xmm6, xmm6", "pxor xmm7, xmm7", "pxor xmm15, xmm15",
                out("rdi") _, out("rsi") _, out("xmm6") _, out("xmm7") _, out("xmm15") _,
            );
        }
        call.give_back(77i64);
    };
    let callback = Engine::new().callback(&signature, clobber).unwrap();
    let (mut rdi, mut rsi) = (0x1111_u64, 0x2222_u64);
    let (mut xmm6, mut xmm7, mut xmm15) = (6.5f64, 7.5f64, 15.5f64);
    let result: i64;
    // SAFETY: calls a function without arguments by its convention: the stack aligned, room for four registers on it.
    unsafe {
        asm!(
            "mov r12, rsp", "and rsp, -16", "sub rsp, 32", "call {function}", "mov rsp, r12",
            function = in(reg) callback.code(),
            inout("rdi") rdi, inout("rsi") rsi,
            inout("xmm6") xmm6, inout("xmm7") xmm7, inout("xmm15") xmm15,
            lateout("rax") result, out("r12") _,
            clobber_abi("win64"),
        );
    }
    assert_eq!((result, rdi, rsi), (77, 0x1111, 0x2222));
    assert_eq!((xmm6, xmm7, xmm15), (6.5, 7.5, 15.5));
}

/// C passes ints in words and leaves anything in the rest of them. None of that is shown.
#[test]
#[cfg(target_pointer_width = "64")]
fn nothing_is_seen_beside_arguments() {
    let engine = Engine::new();
    let signature = Signature::new(
        [const { Int::I32 }; 12].map(Into::into),
        Some(Int::I32.into()),
    );
    let callback = engine.callback(&signature, |call: &mut Arguments<'_>| {
        let words = call.frame().chunks_exact(8);
        let sum: i64 = words
            .map(|word| i64::from_ne_bytes(word.try_into().unwrap()))
            .sum();
        call.give_back(i32::from(sum == 78));
    });
    let callback = callback.unwrap();
    type Wide = extern "C" fn(i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64) -> i32;
    // SAFETY: the registers and words of longs are those of ints, of which they are the lower halves.
    let function: Wide = unsafe { std::mem::transmute(callback.code()) };
    let n = |n: i64| n | 0x5ec2e7 << 32;
    let seen = function(
        n(1),
        n(2),
        n(3),
        n(4),
        n(5),
        n(6),
        n(7),
        n(8),
        n(9),
        n(10),
        n(11),
        n(12),
    );
    assert_eq!(seen, 1);
}
