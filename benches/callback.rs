//! A call from C by every kind of callback: a C function, a thunk's callback with a Rust closure, a thunk's raw callback,
//! a libffi closure; making and freeing one; and `qsort` with a comparator of each.

#![allow(unsafe_code, missing_docs)]

use std::ffi::{c_int, c_long, c_void};
use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use farcall::jit::{Arguments, CallbackVtable, Engine, Float, Int, Signature, Thunk, Type};
use farcall::{Args, Callback, CallbackOptions, CallbackType, Ffi};
use libffi::middle::{Cif, Closure, Type as FfiType};
use libloading::Library;

/// Builds `callback.c` beside this program.
fn library() -> Library {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/callback.c");
    let library = std::env::current_exe().unwrap().with_extension("so");
    let status = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(source)
        .status();
    assert!(status.expect("a C compiler is installed").success());
    // SAFETY: the library has no initialisers.
    unsafe { Library::new(library) }.unwrap()
}

type Long = extern "C" fn(c_long, c_long) -> c_long;
type Double = extern "C" fn(f64, f64, f64, f64) -> f64;
type Compare = extern "C" fn(*const c_void, *const c_void) -> c_int;

extern "C" fn direct_long(a: c_long, b: c_long) -> c_long {
    a + b
}

extern "C" fn direct_double(a: f64, b: f64, c: f64, d: f64) -> f64 {
    a + b + c + d
}

unsafe extern "C-unwind" fn raw_long(_: *const (), frame: *mut u8, ret: *mut u8, _: &Thunk) {
    // SAFETY: frame and result are those of the signature.
    unsafe {
        let frame = frame.cast::<c_long>();
        ret.cast::<c_long>().write(*frame + *frame.add(1));
    }
}

unsafe extern "C-unwind" fn raw_double(_: *const (), frame: *mut u8, ret: *mut u8, _: &Thunk) {
    // SAFETY: as above.
    unsafe {
        let frame = frame.cast::<f64>();
        ret.cast::<f64>()
            .write(*frame + *frame.add(1) + *frame.add(2) + *frame.add(3));
    }
}

static RAW_LONG: CallbackVtable = CallbackVtable::new(raw_long, |_| {});
static RAW_DOUBLE: CallbackVtable = CallbackVtable::new(raw_double, |_| {});

unsafe extern "C" fn libffi_long(
    _: &libffi::low::ffi_cif,
    result: &mut c_long,
    args: *const *const c_void,
    _: &(),
) {
    // SAFETY: libffi points to the arguments of the cif.
    *result = unsafe { *(*args).cast::<c_long>() + *(*args.add(1)).cast::<c_long>() };
}

unsafe extern "C" fn libffi_double(
    _: &libffi::low::ffi_cif,
    result: &mut f64,
    args: *const *const c_void,
    _: &(),
) {
    // SAFETY: as above.
    let argument = |index| unsafe { *(*args.add(index)).cast::<f64>() };
    *result = argument(0) + argument(1) + argument(2) + argument(3);
}

unsafe extern "C" fn libffi_compare(
    _: &libffi::low::ffi_cif,
    result: &mut libffi::low::ffi_sarg,
    args: *const *const c_void,
    _: &(),
) {
    // SAFETY: libffi points to the arguments of the cif, which point to ints.
    let argument = |index| unsafe { **(*args.add(index)).cast::<*const c_int>() };
    *result = argument(0).cmp(&argument(1)) as _;
}

fn long(c: &mut Criterion) {
    let library = library();
    // SAFETY: the declaration in callback.c.
    let call =
        *unsafe { library.get::<extern "C" fn(Long, c_long, c_long) -> c_long>("bench_call_long") }
            .unwrap();
    let ty = || Type::from(Int::I64);
    let engine = Engine::new();
    let thunk = engine
        .thunk(&Signature::new([ty(), ty()], Some(ty())))
        .unwrap();
    let closure =
        |call: &mut Arguments<'_>| call.give_back(call.get::<c_long>(0) + call.get::<c_long>(1));
    let closure = thunk.callback(closure).unwrap();
    // SAFETY: the vtable takes any data.
    let raw = unsafe { thunk.raw_callback(&RAW_LONG, std::ptr::null()) }.unwrap();
    let libffi = Closure::new(
        Cif::new([FfiType::i64(), FfiType::i64()], FfiType::i64()),
        libffi_long,
        &(),
    );
    // SAFETY: all three are functions of this type.
    let functions = unsafe {
        [
            ("direct function", direct_long as Long),
            (
                "callback, closure",
                std::mem::transmute::<*const c_void, Long>(closure.code()),
            ),
            (
                "callback, raw",
                std::mem::transmute::<*const c_void, Long>(raw.code()),
            ),
            ("libffi", *libffi.instantiate_code_ptr::<Long>()),
        ]
    };
    let mut group = c.benchmark_group("long (long, long)");
    for (name, function) in functions {
        assert_eq!(call(function, 40, 2), 42, "{name}");
        group.bench_function(name, |b| {
            b.iter(|| call(black_box(function), black_box(40), black_box(2)))
        });
    }
}

fn double(c: &mut Criterion) {
    let library = library();
    type Call = extern "C" fn(Double, f64, f64, f64, f64) -> f64;
    // SAFETY: the declaration in callback.c.
    let call = *unsafe { library.get::<Call>("bench_call_double") }.unwrap();
    let ty = || Type::from(Float::F64);
    let engine = Engine::new();
    let thunk = engine
        .thunk(&Signature::new([ty(), ty(), ty(), ty()], Some(ty())))
        .unwrap();
    let closure = |call: &mut Arguments<'_>| {
        call.give_back((0..4).map(|index| call.get::<f64>(index)).sum::<f64>());
    };
    let closure = thunk.callback(closure).unwrap();
    // SAFETY: the vtable takes any data.
    let raw = unsafe { thunk.raw_callback(&RAW_DOUBLE, std::ptr::null()) }.unwrap();
    let cif = Cif::new(std::iter::repeat_n(FfiType::f64(), 4), FfiType::f64());
    let libffi = Closure::new(cif, libffi_double, &());
    // SAFETY: all three are functions of this type.
    let functions = unsafe {
        [
            ("direct function", direct_double as Double),
            (
                "callback, closure",
                std::mem::transmute::<*const c_void, Double>(closure.code()),
            ),
            (
                "callback, raw",
                std::mem::transmute::<*const c_void, Double>(raw.code()),
            ),
            ("libffi", *libffi.instantiate_code_ptr::<Double>()),
        ]
    };
    let mut group = c.benchmark_group("double (double x 4)");
    for (name, function) in functions {
        assert_eq!(call(function, 1.0, 2.0, 3.0, 4.0), 10.0, "{name}");
        group.bench_function(name, |b| {
            b.iter(|| {
                call(
                    black_box(function),
                    black_box(1.0),
                    black_box(2.0),
                    black_box(3.0),
                    black_box(4.0),
                )
            })
        });
    }
}

fn make_and_free(c: &mut Criterion) {
    let ty = || Type::from(Int::I64);
    let engine = Engine::new();
    let signature = Signature::new([ty(), ty()], Some(ty()));
    let thunk = engine.thunk(&signature).unwrap();
    let mut group = c.benchmark_group("make and free");
    let value = black_box(1);
    let closure = move |call: &mut Arguments<'_>| call.give_back(call.get::<c_long>(0) + value);
    group.bench_function("callback, by its thunk", |b| {
        b.iter(|| drop(black_box(thunk.callback(closure).unwrap())))
    });
    group.bench_function("callback, by its signature", |b| {
        b.iter(|| {
            drop(black_box(
                engine.callback(black_box(&signature), closure).unwrap(),
            ))
        })
    });
    let ffi = Ffi::new();
    let text = "long(long, long)";
    let ty = CallbackType::new(&ffi, ffi.type_of(text).unwrap()).unwrap();
    let converting = move |args: &Args<'_>| Ok(args.get::<i64>(0)? + value);
    group.bench_function("farcall::Callback, by its type", |b| {
        b.iter(|| {
            let made = Callback::with(black_box(&ty), CallbackOptions::new(), converting);
            drop(black_box(made.unwrap()));
        })
    });
    group.bench_function("farcall::Callback, by its text", |b| {
        b.iter(|| {
            drop(black_box(
                ffi.callback(black_box(text), converting).unwrap(),
            ))
        })
    });
    let cif = Cif::new([FfiType::i64(), FfiType::i64()], FfiType::i64());
    group.bench_function("libffi", |b| {
        b.iter(|| drop(black_box(Closure::new(cif.clone(), libffi_long, &()))))
    });
}

fn sort(c: &mut Criterion) {
    const COUNT: usize = 1_000_000;
    let library = library();
    // SAFETY: the declarations in callback.c.
    let (sort, in_c) = unsafe {
        (
            *library
                .get::<extern "C" fn(*mut c_int, usize, Compare)>("bench_sort")
                .unwrap(),
            *library.get::<Compare>("bench_compare").unwrap(),
        )
    };
    let pointer = || Type::from(Int::POINTER);
    let signature = Signature::new([pointer(), pointer()], Some(Int::I32.into()));
    let engine = Engine::new();
    let compare = |call: &mut Arguments<'_>| {
        // SAFETY: `qsort` points to two of the ints.
        let (a, b) = unsafe { (*call.get::<*const c_int>(0), *call.get::<*const c_int>(1)) };
        call.give_back(a.cmp(&b) as c_int);
    };
    let closure = engine.callback(&signature, compare).unwrap();
    let cif = Cif::new([FfiType::pointer(), FfiType::pointer()], FfiType::i32());
    let libffi = Closure::new(cif, libffi_compare, &());
    // SAFETY: both are functions of this type.
    let functions = unsafe {
        [
            ("in C", in_c),
            (
                "callback, closure",
                std::mem::transmute::<*const c_void, Compare>(closure.code()),
            ),
            ("libffi", *libffi.instantiate_code_ptr::<Compare>()),
        ]
    };
    let mut random = fastrand::Rng::with_seed(1);
    let ints: Vec<c_int> = (0..COUNT).map(|_| random.i32(..)).collect();
    let mut group = c.benchmark_group("qsort of 1,000,000 ints");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(3));
    for (name, function) in functions {
        group.bench_function(name, |b| {
            b.iter_batched_ref(
                || ints.clone(),
                |ints| sort(ints.as_mut_ptr(), COUNT, function),
                BatchSize::LargeInput,
            )
        });
    }
}

criterion_group!(benches, long, double, make_and_free, sort);
criterion_main!(benches);
