//! C++ exceptions, panics and backtraces across stubs.

#![cfg(target_os = "linux")]
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use farcall_jit::{CallStub, Engine, Int, Signature, Type};

/// Stubs of `void (int)` and of `void (int, ..., int)` with arguments on the stack: one from each emitter, and
/// libffi's.
fn stubs() -> [(Arc<CallStub>, usize); 3] {
    let signature = |count: usize| Signature::new(vec![Type::from(Int::I32); count], None);
    let engine = Engine::new();
    [
        (engine.call_stub(&signature(1)).unwrap(), 1),
        (engine.call_stub(&signature(9)).unwrap(), 9),
        (Engine::without_code().call_stub(&signature(9)).unwrap(), 9),
    ]
}

/// Calls `target` with `value` as its last argument.
fn call(stub: &CallStub, count: usize, target: *const c_void, value: i32) {
    let mut frame = [0u64; 9];
    frame[count - 1] = value as u32 as u64;
    // SAFETY: the targets below take `count` ints.
    unsafe { stub.call(target, frame.as_ptr().cast(), std::ptr::null_mut()) };
}

/// Builds the C++ side.
fn library() -> libloading::Library {
    const SOURCE: &str = r#"
        extern "C" void throw_one(int value) { throw value; }
        extern "C" void throw_nine(int, int, int, int, int, int, int, int, int value) { throw value; }
        extern "C" int catch_from(void (*middle)(void *), void *data) {
            try { middle(data); } catch (int value) { return value; }
            return -1;
        }
    "#;
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let library = directory.join(format!("unwind-{}.so", std::process::id()));
    let source = library.with_extension("cpp");
    std::fs::write(&source, SOURCE).unwrap();
    let status = Command::new("g++")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .status();
    assert!(status.expect("g++ is installed").success());
    // SAFETY: the library that was just built has no initialisers.
    unsafe { libloading::Library::new(&library) }.unwrap()
}

#[test]
fn cpp_exceptions_cross_stubs() {
    struct Middle {
        stub: Arc<CallStub>,
        count: usize,
        target: *const c_void,
    }
    extern "C-unwind" fn middle(data: *const Middle) {
        // SAFETY: `catch_from` passes on what it was given below.
        let middle = unsafe { &*data };
        call(&middle.stub, middle.count, middle.target, 42);
    }
    let library = library();
    type CatchFrom =
        unsafe extern "C" fn(extern "C-unwind" fn(*const Middle), *const Middle) -> i32;
    // SAFETY: these are the declarations of the source above.
    let catch_from = unsafe { library.get::<CatchFrom>("catch_from") }.unwrap();
    for (stub, count) in stubs() {
        let name = if count == 1 {
            "throw_one"
        } else {
            "throw_nine"
        };
        // SAFETY: only the address is taken.
        let target = unsafe { *library.get::<*const c_void>(name).unwrap() };
        let data = Middle {
            stub,
            count,
            target,
        };
        for _ in 0..100 {
            // SAFETY: the exception leaves `middle` through its "C-unwind" boundary alone.
            assert_eq!(unsafe { catch_from(middle, &data) }, 42);
        }
    }
}

#[test]
fn panics_cross_stubs() {
    extern "C-unwind" fn one(value: i32) {
        std::panic::panic_any(value);
    }
    #[allow(clippy::too_many_arguments)]
    extern "C-unwind" fn nine(
        _: i32,
        _: i32,
        _: i32,
        _: i32,
        _: i32,
        _: i32,
        _: i32,
        _: i32,
        value: i32,
    ) {
        std::panic::panic_any(value);
    }
    for (stub, count) in stubs() {
        let target = if count == 1 {
            one as *const c_void
        } else {
            nine as *const c_void
        };
        let panic = std::panic::catch_unwind(|| call(&stub, count, target, 7)).unwrap_err();
        assert_eq!(panic.downcast_ref::<i32>(), Some(&7));
    }
}

#[test]
fn backtraces_see_through_stubs() {
    extern "C-unwind" fn one(_: i32) {
        let trace = std::backtrace::Backtrace::force_capture().to_string();
        assert!(trace.contains("a_caller_to_be_found"), "{trace}");
    }
    #[inline(never)]
    fn a_caller_to_be_found(stub: &CallStub) {
        call(stub, 1, one as *const c_void, 0);
        std::hint::black_box(stub);
    }
    let [(stub, _), ..] = stubs();
    a_caller_to_be_found(&stub);
}
