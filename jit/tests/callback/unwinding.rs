//! Panics, deep recursion and backtraces.

use std::any::Any;
use std::sync::{Arc, Mutex};

use farcall_jit::{Arguments, Engine, Handler, Int, Signature, Thunk, Unwinding};

use crate::library::{Step, function};

fn thunk(engine: &Engine) -> Arc<Thunk> {
    let int = || Int::I32.into();
    engine.thunk(&Signature::new([int()], Some(int()))).unwrap()
}

type Call = extern "C-unwind" fn(Step, i32) -> i32;

fn call_int() -> Call {
    // SAFETY: the type is that of callback.c.
    unsafe { function("call_int") }
}

fn engines() -> [Engine; 2] {
    [Engine::new(), Engine::without_code()]
}

#[test]
fn panics_end_in_the_callback() {
    for engine in engines() {
        let callback = thunk(&engine).callback(|call: &mut Arguments<'_>| {
            call.give_back(5);
            panic!("for the test");
        });
        let callback = callback.unwrap();
        // SAFETY: the callback's signature is that of the function type.
        let step: Step = unsafe { std::mem::transmute(callback.code()) };
        assert_eq!(call_int()(step, 1), 0);
    }
}

/// Gives back what it is told to after a panic.
struct OnError(Arc<Mutex<String>>);

impl Handler for OnError {
    fn call(&self, _: &mut Arguments<'_>) {
        std::panic::panic_any("as intended".to_owned());
    }

    fn panicked(&self, arguments: &mut Arguments<'_>, payload: Box<dyn Any + Send>) {
        let text = payload.downcast_ref::<String>().expect("text");
        *self.0.lock().unwrap() = format!("{}: {text}", arguments.signature());
        arguments.give_back(arguments.get::<i32>(0) - 100);
    }
}

#[test]
fn handlers_may_set_the_result_after_a_panic() {
    for engine in engines() {
        let text = Arc::default();
        let callback = thunk(&engine).callback(OnError(Arc::clone(&text))).unwrap();
        // SAFETY: the callback's signature is that of the function type.
        let step: Step = unsafe { std::mem::transmute(callback.code()) };
        assert_eq!(call_int()(step, 1), -99);
        assert_eq!(*text.lock().unwrap(), "i32 (i32): as intended");
    }
}

/// In Rust, as `call_int` is in C.
extern "C-unwind" fn call_from_rust(step: Step, value: i32) -> i32 {
    step(value)
}

#[test]
fn panics_unwind_if_they_may() {
    // Where mingw's unwinder is linked into each module, it knows the frames of that module and those registered with it.
    let call = match cfg!(all(windows, target_arch = "x86")) {
        true => call_from_rust,
        false => call_int(),
    };
    for engine in engines() {
        let thunk = thunk(&engine);
        let throws = |_: &mut Arguments<'_>| std::panic::panic_any(7);
        let callback = thunk.callback(Unwinding(throws)).unwrap();
        // SAFETY: the callback's signature is that of the function type.
        let step: Step = unsafe { std::mem::transmute(callback.code()) };
        for _ in 0..3 {
            let panic = std::panic::catch_unwind(|| call(step, 1)).unwrap_err();
            assert_eq!(panic.downcast_ref::<i32>(), Some(&7));
        }
        // It is no longer inside, and goes at once.
        drop(callback);
    }
}

#[test]
fn deep_recursion() {
    let run = || {
        let call_int = call_int();
        let own: Arc<Mutex<usize>> = Arc::default();
        let engine = Engine::new();
        let inside = Arc::clone(&own);
        let callback = thunk(&engine).callback(move |call: &mut Arguments<'_>| {
            let depth = call.get::<i32>(0);
            let code = *inside.lock().unwrap();
            // SAFETY: the address of this very callback.
            let step: Step = unsafe { std::mem::transmute(code) };
            call.give_back(if depth == 0 {
                0
            } else {
                1 + call_int(step, depth - 1)
            });
        });
        let callback = callback.unwrap();
        *own.lock().unwrap() = callback.code() as usize;
        // SAFETY: the callback's signature is that of the function type.
        let step: Step = unsafe { std::mem::transmute(callback.code()) };
        for _ in 0..3 {
            assert_eq!(call_int(step, 10_000), 10_000);
        }
    };
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(run);
    thread.unwrap().join().unwrap();
}

/// Not on 32-bit Windows, for the dbghelp of wine faults on frames outside of modules.
#[test]
#[cfg(any(target_os = "linux", all(windows, target_arch = "x86_64")))]
fn backtraces_see_through_callbacks() {
    #[inline(never)]
    fn a_caller_to_be_found(step: Step) {
        call_int()(step, 1);
        std::hint::black_box(step);
    }
    let trace: Arc<Mutex<String>> = Arc::default();
    let told = Arc::clone(&trace);
    let engine = Engine::new();
    let callback = thunk(&engine).callback(move |_: &mut Arguments<'_>| {
        *told.lock().unwrap() = std::backtrace::Backtrace::force_capture().to_string();
    });
    let callback = callback.unwrap();
    // SAFETY: the callback's signature is that of the function type.
    a_caller_to_be_found(unsafe {
        std::mem::transmute::<*const std::ffi::c_void, Step>(callback.code())
    });
    let trace = trace.lock().unwrap();
    if trace.contains("unsupported backtrace") {
        return eprintln!("skipped: this system's standard library takes no backtraces");
    }
    assert!(trace.contains("a_caller_to_be_found"), "{trace}");
}
