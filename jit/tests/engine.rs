//! The cache, the counters, and libffi in the place of code.

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::Arc;

use farcall_jit::{
    Abi, Backend, Engine, Error, Field, Float, Int, Record, Signature, Type, Unsupported, Why,
};

/// Distinct signatures, the same ones at each call.
fn signatures(count: usize) -> impl Iterator<Item = Signature> {
    let types: [Type; 6] = [Int::I8, Int::U16, Int::I32, Int::I64]
        .map(Type::from)
        .into_iter()
        .chain([Float::F32, Float::F64].map(Type::from))
        .collect::<Vec<_>>()
        .try_into()
        .expect("six types");
    (0..count).map(move |mut n| {
        let mut params = Vec::new();
        while n > 0 {
            params.push(types[n % 6].clone());
            n /= 6;
        }
        Signature::new(params, Some(Int::I32.into()))
    })
}

#[test]
fn each_stub_is_compiled_once_by_however_many_threads() {
    let engine = Engine::new();
    let stubs: Vec<Vec<_>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    signatures(300)
                        .map(|s| engine.call_stub(&s).unwrap())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for other in &stubs[1..] {
        assert!(stubs[0].iter().zip(other).all(|(a, b)| Arc::ptr_eq(a, b)));
    }
    let stats = engine.stats();
    assert_eq!(stats.stubs_compiled, 300);
    assert_eq!(stats.libffi_total(), 0);
}

#[test]
fn ten_thousand_stubs_take_no_page_each() {
    let engine = Engine::new();
    let stubs: Vec<_> = signatures(10_000)
        .map(|s| engine.call_stub(&s).unwrap())
        .collect();
    assert!(stubs.iter().all(|stub| stub.backend() == Backend::Compiled));
    let stats = engine.stats();
    assert_eq!(stats.stubs_compiled, 10_000);
    assert!(
        stats.code_bytes / 256 < stats.stubs_compiled as usize,
        "{stats:?}"
    );
    assert!(
        stats.mapped_bytes <= 2 * stats.code_bytes + (1 << 20),
        "{stats:?}"
    );
}

#[test]
fn stubs_outlive_their_engine() {
    extern "C" fn negate(x: i32) -> i32 {
        -x
    }
    let stub = Engine::new()
        .call_stub(&Signature::new([Int::I32.into()], Some(Int::I32.into())))
        .unwrap();
    let (argument, mut result) = (7u64, 0i32);
    // SAFETY: `negate` has the signature, the frame its argument, the result four bytes.
    unsafe {
        stub.call(
            negate as *const c_void,
            (&raw const argument).cast(),
            (&raw mut result).cast(),
        )
    };
    assert_eq!(result, -7);
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
struct Mixed {
    a: f32,
    b: i32,
    c: f64,
}

extern "C" fn mix(a: i8, m: Mixed, b: u16, c: f64) -> Mixed {
    Mixed {
        a: m.a + f32::from(a),
        b: m.b - i32::from(b),
        c: m.c * c,
    }
}

/// The same call by compiled code and by libffi, through both ways in.
#[test]
fn libffi_gives_what_code_gives_and_is_counted() {
    let mixed = Record::structure(
        16,
        8,
        [
            Field::new(0, Float::F32),
            Field::new(4, Int::I32),
            Field::new(8, Float::F64),
        ],
    );
    let params = [
        Int::I8.into(),
        mixed.clone().into(),
        Int::U16.into(),
        Float::F64.into(),
    ];
    let signature = Signature::new(params, Some(mixed.into()));
    let record = Mixed {
        a: 1.5,
        b: 1000,
        c: 0.25,
    };
    let expected = mix(-3, record, 7, 10.0);

    for engine in [Engine::new(), Engine::without_code()] {
        let stub = engine.call_stub(&signature).unwrap();
        let mut frame = [0u64; 5];
        frame[0] = 0xfd;
        // SAFETY: `Mixed` is 16 bytes, the frame's second and third cells.
        unsafe { frame.as_mut_ptr().add(1).cast::<Mixed>().write(record) };
        frame[3] = 7;
        frame[4] = 10f64.to_bits();
        let base = frame.as_ptr().cast::<u8>();
        let mut result = Mixed {
            a: 0.0,
            b: 0,
            c: 0.0,
        };
        let to = (&raw mut result).cast();
        // SAFETY: the frame holds the four arguments at their offsets.
        unsafe { stub.call(mix as *const c_void, base, to) };
        assert_eq!(result, expected);
        result.b = 0;
        let offsets = stub.frame().offsets();
        let pointers: Vec<*const c_void> = offsets
            .iter()
            .map(|&at| base.wrapping_add(at as usize).cast())
            .collect();
        // SAFETY: as above.
        unsafe { stub.call_pointers(mix as *const c_void, pointers.as_ptr(), to) };
        assert_eq!(result, expected);

        let counted = match stub.backend() {
            Backend::Compiled => vec![],
            Backend::Libffi(why) => vec![(why, 2)],
        };
        assert_eq!(engine.stats().libffi_calls, counted);
    }
    let without = Engine::without_code().call_stub(&signature).unwrap();
    assert_eq!(without.backend(), Backend::Libffi(Why::NoExecutableMemory));
}

#[test]
fn arguments_larger_than_a_stack_are_refused() {
    let huge = Record::structure(1 << 40, 1, [Field::new(0, Type::array(Int::U8, 1 << 40))]);
    let error = Engine::new()
        .call_stub(&Signature::new([huge.into()], None))
        .unwrap_err();
    assert!(error.to_string().contains("1099511627776 bytes"), "{error}");
}

/// A record of a megabyte travels over a stack whose guard page must not be jumped.
#[test]
fn a_megabyte_by_value() {
    #[derive(Clone, Copy)]
    #[repr(C)]
    struct Large([u8; 1 << 20]);

    extern "C" fn sum(large: Large, factor: u32) -> u32 {
        large.0.iter().map(|&byte| u32::from(byte)).sum::<u32>() * factor
    }
    let record = Record::structure(1 << 20, 1, [Field::new(0, Type::array(Int::U8, 1 << 20))]);
    let signature = Signature::new([record.into(), Int::U32.into()], Some(Int::U32.into()));
    let stub = Engine::new().call_stub(&signature).unwrap();
    let mut frame = vec![0u64; (stub.frame().size() / 8) as usize];
    frame[0] = 0x0102_0304_0506_0708;
    frame[(1 << 17) - 1] = 0xff << 56;
    frame[1 << 17] = 3;
    let mut result = 0u32;
    // SAFETY: the frame holds both arguments.
    unsafe {
        stub.call(
            sum as *const c_void,
            frame.as_ptr().cast(),
            (&raw mut result).cast(),
        )
    };
    assert_eq!(result, (36 + 255) * 3);
}

/// The second way in is compiled once as well.
#[test]
fn threads_share_the_entry_for_pointers() {
    extern "C" fn negate(x: i32) -> i32 {
        -x
    }
    let engine = Engine::new();
    let stub = engine
        .call_stub(&Signature::new([Int::I32.into()], Some(Int::I32.into())))
        .unwrap();
    let barrier = std::sync::Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let (argument, mut result) = (5i32, 0i32);
                let pointers = [(&raw const argument).cast::<c_void>()];
                barrier.wait();
                // SAFETY: `negate` has the signature, and its one argument is pointed to.
                unsafe {
                    stub.call_pointers(
                        negate as *const c_void,
                        pointers.as_ptr(),
                        (&raw mut result).cast(),
                    )
                };
                assert_eq!(result, -5);
            });
        }
    });
    assert_eq!(engine.stats().stubs_compiled, 2);
}

/// A thread's locals may be gone when one of their destructors asks for a stub.
#[test]
fn destructors_of_thread_locals_may_compile() {
    struct Late(Engine);
    impl Drop for Late {
        fn drop(&mut self) {
            let stub = self
                .0
                .call_stub(&Signature::new([Float::F32.into()], None))
                .unwrap();
            assert_eq!(stub.backend(), Backend::Compiled);
        }
    }
    thread_local! {
        static LATE: std::cell::OnceCell<Late> = const { std::cell::OnceCell::new() };
    }
    let engine = Engine::new();
    let late = engine.clone();
    let thread = std::thread::spawn(move || {
        LATE.with(|cell| cell.set(Late(late.clone())).is_ok());
        // Compiled after the local was made, so that the compiler's own locals go first.
        late.call_stub(&Signature::new([Float::F64.into()], None))
            .unwrap();
    });
    thread.join().unwrap();
    assert_eq!(engine.stats().stubs_compiled, 2);
}

/// libffi knows the host's default convention alone, so it is not asked.
#[test]
fn conventions_of_other_machines_are_refused() {
    let abi = if cfg!(target_arch = "aarch64") {
        Abi::X86Stdcall
    } else {
        Abi::AppleArm64
    };
    let signature = Signature {
        abi,
        ..Signature::new([Int::I32.into()], None)
    };
    let error = Engine::new().call_stub(&signature).unwrap_err();
    let Error::Uncallable { why, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(why, Why::Unsupported(Unsupported::NoEmitter));
}
