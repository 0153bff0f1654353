//! C++ exceptions, panics and backtraces across stubs and callbacks.

#![cfg(any(target_os = "linux", windows))]
#![allow(unsafe_code)]

use std::env::consts::DLL_EXTENSION;
use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use farcall_jit::{Arguments, CallStub, Engine, Int, Signature, Type, Unwinding};

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

/// The C++ side: built here, unless it was for a target on which no compiler runs.
fn library() -> &'static libloading::Library {
    static LIBRARY: OnceLock<libloading::Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let path = match std::env::var_os("FARCALL_TEST_LIBRARIES") {
            Some(folder) => Path::new(&folder)
                .join("unwind")
                .with_extension(DLL_EXTENSION),
            None => built(),
        };
        // SAFETY: the library has no initialisers.
        unsafe { libloading::Library::new(path) }.unwrap()
    })
}

fn built() -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let library = directory.join(format!("unwind-{}.so", std::process::id()));
    let status = Command::new("g++")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/unwind.cpp"))
        .status();
    assert!(status.expect("g++ is installed").success());
    library
}

#[test]
fn cpp_exceptions_cross_stubs() {
    if cfg!(all(windows, target_arch = "x86")) {
        // Frames are known to the copy of libgcc that they were registered with: the library and the program each
        // have one.
        eprintln!("skipped: mingw's exceptions do not leave a library that is linked with libgcc");
        return;
    }
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
fn cpp_exceptions_cross_callbacks() {
    if cfg!(all(windows, target_arch = "x86")) {
        eprintln!("skipped: mingw's exceptions do not leave a library that is linked with libgcc");
        return;
    }
    let library = library();
    type CatchFrom = unsafe extern "C" fn(*const c_void, *const c_void) -> i32;
    // SAFETY: these are the declarations of the source above.
    let (catch_from, throw_one) = unsafe {
        (
            *library.get::<CatchFrom>("catch_from").unwrap(),
            *library
                .get::<extern "C-unwind" fn(i32)>("throw_one")
                .unwrap(),
        )
    };
    let signature = Signature::new([Type::from(Int::POINTER)], None);
    for engine in [Engine::new(), Engine::without_code()] {
        let throws = move |_: &mut Arguments<'_>| throw_one(42);
        let callback = engine.callback(&signature, Unwinding(throws)).unwrap();
        for _ in 0..100 {
            // SAFETY: the callback has the type that is asked for.
            assert_eq!(unsafe { catch_from(callback.code(), std::ptr::null()) }, 42);
        }
    }
}

/// Nobody between C++ and C++ could say what the callback's result is.
#[test]
#[cfg(target_os = "linux")]
fn cpp_exceptions_end_at_callbacks_that_do_not_unwind() {
    const CHILD: &str = "FARCALL_TEST_CHILD";
    let name = "cpp_exceptions_end_at_callbacks_that_do_not_unwind";
    if std::env::var_os(CHILD).is_none() {
        let runner = std::env::var("FARCALL_TEST_RUNNER").unwrap_or_default();
        let own = std::env::current_exe().unwrap();
        let mut words = runner.split_whitespace().chain([own.to_str().unwrap()]);
        let child = Command::new(words.next().unwrap())
            .args(words)
            .args([name, "--exact", "--nocapture"])
            .env(CHILD, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stderr);
        assert!(said.contains("cannot catch foreign exceptions"), "{said}");
        return assert!(
            !child.status.success() && !said.contains("went on"),
            "{said}"
        );
    }
    let library = library();
    type CatchFrom = unsafe extern "C" fn(*const c_void, *const c_void) -> i32;
    // SAFETY: these are the declarations of the source above.
    let (catch_from, throw_one) = unsafe {
        (
            *library.get::<CatchFrom>("catch_from").unwrap(),
            *library
                .get::<extern "C-unwind" fn(i32)>("throw_one")
                .unwrap(),
        )
    };
    let signature = Signature::new([Type::from(Int::POINTER)], None);
    let throws = move |_: &mut Arguments<'_>| throw_one(42);
    let callback = Engine::new().callback(&signature, throws).unwrap();
    // SAFETY: the callback has the type that is asked for.
    unsafe { catch_from(callback.code(), std::ptr::null()) };
    eprintln!("went on");
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
    if cfg!(all(windows, target_arch = "x86")) {
        eprintln!("skipped: wine's 32-bit dbghelp faults on frames outside of modules");
        return;
    }
    extern "C-unwind" fn one(_: i32) {
        let trace = std::backtrace::Backtrace::force_capture().to_string();
        if trace.contains("unsupported backtrace") {
            eprintln!("skipped: this system's standard library takes no backtraces");
            return;
        }
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
