//! Errors and panics: what the C caller gets, and who is told.

use std::ffi::{c_int, c_void};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use farcall::{Args, CallbackOptions, Function, Panic, Value, errno};

use crate::common::{checked, library};

#[test]
fn results_are_checked_against_their_type() {
    let ffi = checked();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let errors = Arc::clone(&seen);
    let options = CallbackOptions::new().error(-7).on_error(move |error| {
        errors.lock().unwrap().push(error.to_string());
        None
    });
    let callback = ffi
        .callback_with("signed char(int)", options, |args| {
            args.value(0).map_err(Into::into)
        })
        .unwrap();
    let function: unsafe extern "C" fn(c_int) -> i8 = callback.function().unwrap();
    // SAFETY: the callback lives.
    let results = [127, 128, -128, -129].map(|n| unsafe { function(n) });
    assert_eq!(results, [127, -7, -128, -7]);
    let text = "in a callback of type 'signed char(*)(int)': integer 128 does not fit 'signed char' (result)";
    assert_eq!(seen.lock().unwrap()[0], text);
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[test]
fn nothing_but_nothing_is_the_result_of_void() {
    let ffi = checked();
    let failures = Arc::new(AtomicU32::new(0));
    let make = |value: Value| {
        let failures = Arc::clone(&failures);
        let options = CallbackOptions::new().on_error(move |_| {
            failures.fetch_add(1, Ordering::Relaxed);
            None
        });
        let value = Mutex::new(value.to_string());
        ffi.callback_with("void(void)", options, move |_| {
            let value = value.lock().unwrap();
            Ok(match value.as_str() {
                "none" => Value::None,
                text => Value::from(text),
            })
        })
        .unwrap()
    };
    for (value, failed) in [(Value::None, 0), (Value::Int(3), 1)] {
        let callback = make(value);
        let function: unsafe extern "C" fn() = callback.function().unwrap();
        // SAFETY: the callback lives.
        unsafe { function() };
        assert_eq!(failures.load(Ordering::Relaxed), failed);
    }
}

#[test]
fn errors_and_panics_end_at_the_callback() {
    let ffi = checked();
    let results = |options: fn() -> CallbackOptions| {
        let callback = ffi
            .callback_with("int(int)", options(), |args| match args.get::<i32>(0)? {
                0 => Err("zero".into()),
                1 => panic!("one"),
                n => Ok(n),
            })
            .unwrap();
        let function: unsafe extern "C" fn(c_int) -> c_int = callback.function().unwrap();
        // SAFETY: the callback lives.
        [0, 1, 2].map(|n| unsafe { function(n) })
    };
    assert_eq!(results(CallbackOptions::new), [0, 0, 2]);
    assert_eq!(results(|| CallbackOptions::new().error(-1)), [-1, -1, 2]);
    let by_kind = || {
        CallbackOptions::new().error(-1).on_error(|error| {
            assert_eq!(error.callback.name(), "int(*)(int)");
            let panic = error.failure.downcast_ref::<Panic>()?;
            assert_eq!(panic.0, "one");
            Some(Value::Int(100))
        })
    };
    assert_eq!(results(by_kind), [-1, 100, 2]);
    // What on_error gives must fit, and it may not panic either.
    let unfit = || {
        CallbackOptions::new()
            .error(-1)
            .on_error(|_| Some(Value::from("text")))
    };
    assert_eq!(results(unfit), [-1, -1, 2]);
    let panics = || {
        CallbackOptions::new()
            .error(-1)
            .on_error(|_| panic!("again"))
    };
    assert_eq!(results(panics), [-1, -1, 2]);
}

#[test]
fn an_error_value_that_does_not_fit_is_refused() {
    let ffi = checked();
    let options = CallbackOptions::new().error(1000);
    let error = ffi
        .callback_with("unsigned char(void)", options, |_| Ok(1))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "integer 1000 does not fit 'unsigned char' (result)"
    );
    let options = CallbackOptions::new().error(1);
    assert!(
        ffi.callback_with("void(void)", options, |_| Ok(()))
            .is_err()
    );
}

/// `errno` is kept also when what is called does not return.
#[test]
fn errno_is_kept_when_a_call_unwinds() {
    let (ffi, lib) = library();
    let fails = lib.function("fails_with").unwrap();
    let options = CallbackOptions::new().unwinding();
    let callback = ffi.callback_with("int(int)", options, move |args| {
        // SAFETY: takes any int.
        unsafe { fails.call((args.value(0)?,)) }?;
        // What Rust does meanwhile is not for C to see.
        assert!(std::fs::File::open("/nowhere").is_err());
        if true {
            std::panic::resume_unwind(Box::new("as expected"));
        }
        Ok(0)
    });
    let pointer = callback.unwrap().cdata();
    let function = Function::from_pointer(&ffi, &pointer).unwrap();
    let call = std::panic::AssertUnwindSafe(|| {
        // SAFETY: takes any int, and may unwind.
        unsafe { function.call((77,)) }
    });
    assert!(std::panic::catch_unwind(call).is_err());
    assert_eq!(errno::get(), 77, "as C left it");
}

/// With the mark of a `"C-unwind"` function they do unwind.
#[test]
fn panics_unwind_where_they_may() {
    let ffi = checked();
    let options = CallbackOptions::new().unwinding();
    let callback = ffi
        .callback_with("int(int)", options, |args| match args.get::<i32>(0)? {
            0 => panic!("through C"),
            n => Ok(n),
        })
        .unwrap();
    let function: unsafe extern "C-unwind" fn(c_int) -> c_int = callback.function().unwrap();
    // SAFETY: the callback lives.
    assert_eq!(unsafe { function(5) }, 5);
    // SAFETY: as above.
    let payload = std::panic::catch_unwind(|| unsafe { function(0) }).unwrap_err();
    assert_eq!(*payload.downcast::<&str>().unwrap(), "through C");
}

/// Set for the children of the test below.
const CHILD: &str = "FARCALL_TEST_MESSAGES";

/// Runs one test of this file in a process of its own.
fn again(test: &str, stderr: impl Into<Stdio>) -> Output {
    // An emulated program does not start itself.
    let runner = std::env::var("FARCALL_TEST_RUNNER").unwrap_or_default();
    let own = std::env::current_exe().unwrap();
    let own = own.to_str().expect("the path is text");
    let mut words = runner.split_whitespace().chain([own]);
    Command::new(words.next().expect("at least its own"))
        .args(words)
        .args([test, "--exact", "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn()
        .and_then(|child| child.wait_with_output())
        .unwrap()
}

/// Nobody reads stderr: the caller gets the declared value all the same.
#[test]
fn messages_that_cannot_be_written() {
    if std::env::var_os(CHILD).is_some() {
        let ffi = checked();
        let make = |options: CallbackOptions| {
            let function = |args: &Args<'_>| match args.get::<i32>(0)? {
                0 => Err("unheard".into()),
                1 => panic!("unheard"),
                n => Ok(n),
            };
            ffi.callback_with("int(int)", options.error(-4), function)
                .unwrap()
        };
        let unfit = CallbackOptions::new().on_error(|_| Some(Value::from("text")));
        for callback in [make(CallbackOptions::new()), make(unfit)] {
            let code: unsafe extern "C" fn(c_int) -> c_int = callback.function().unwrap();
            // SAFETY: the callback lives.
            assert_eq!([0, 1, 2].map(|n| unsafe { code(n) }), [-4, -4, 2]);
        }
        ffi.cdef(r#"extern "host" int unattached(int);"#).unwrap();
        let function = ffi.extern_function("unattached").unwrap();
        // SAFETY: that is its type.
        let function: extern "C" fn(c_int) -> c_int =
            unsafe { std::mem::transmute(function.code()) };
        assert_eq!(function(1), 0);
        return;
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = again("failures::messages_that_cannot_be_written", writer);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 passed"), "{text}");
}

/// In checked builds, where the slot rests.
#[test]
#[cfg(debug_assertions)]
fn a_freed_callback_names_its_c_type() {
    if std::env::var_os(CHILD).is_some() {
        let ffi = checked();
        let callback = ffi.callback("short(*)(char *, unsigned)", |_| Ok(0));
        let callback = callback.unwrap();
        let code = callback.code();
        drop(callback);
        // SAFETY: that is its type; it is gone, which is what the test is about.
        let code: extern "C" fn(*const c_void, u32) -> i16 = unsafe { std::mem::transmute(code) };
        code(std::ptr::null(), 1);
        drop(ffi);
        return;
    }
    let output = again(
        "failures::a_freed_callback_names_its_c_type",
        Stdio::piped(),
    );
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    let message = "farcall: a callback of type 'short(*)(char *, unsigned int)' was called after it had been freed";
    assert!(text.lines().any(|line| line == message), "{text}");
}

/// What stderr gets of errors that nobody handles.
#[test]
fn messages_name_the_type_and_the_error() {
    if std::env::var_os(CHILD).is_some() {
        return provoke_messages();
    }
    let output = again(
        "failures::messages_name_the_type_and_the_error",
        Stdio::piped(),
    );
    assert!(output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    for message in [
        "farcall: in a callback of type 'short(*)(int)': integer 40000 does not fit 'short' (result)",
        "farcall: in a callback of type 'short(*)(int)': no such thing",
        "farcall: in a callback of type 'short(*)(int)': panicked: on purpose",
        "farcall: while 'on_error' handled that: an integer is required (result)",
        "extern \"host\": function lonely() called, but no code was attached to it yet with def_extern. Returning 0.",
    ] {
        assert!(
            text.lines().any(|line| line == message),
            "no '{message}' in:\n{text}"
        );
    }
}

fn provoke_messages() {
    let ffi = checked();
    let function = |n: i32| match n {
        1 => Err("no such thing".into()),
        2 => panic!("on purpose"),
        n => Ok(n),
    };
    let callback = ffi
        .callback("short(*)(int)", move |args| function(args.get(0)?))
        .unwrap();
    let code: unsafe extern "C" fn(c_int) -> i16 = callback.function().unwrap();
    // SAFETY: the callback lives.
    assert_eq!([7, 40000, 1, 2].map(|n| unsafe { code(n) }), [7, 0, 0, 0]);
    let options = CallbackOptions::new()
        .error(9)
        .on_error(|_| Some("text".into()));
    let callback = ffi
        .callback_with("short(*)(int)", options, move |args| function(args.get(0)?))
        .unwrap();
    let code: unsafe extern "C" fn(c_int) -> i16 = callback.function().unwrap();
    // SAFETY: the callback lives.
    assert_eq!(unsafe { code(40000) }, 9);
    ffi.cdef(r#"extern "host" double lonely(struct { int a[9]; } *, double);"#)
        .unwrap();
    let lonely = ffi.extern_function("lonely").unwrap();
    // SAFETY: that is its type.
    let lonely: extern "C" fn(*const c_void, f64) -> f64 =
        unsafe { std::mem::transmute(lonely.code()) };
    assert_eq!(lonely(std::ptr::null(), 1.5), 0.0);
}
