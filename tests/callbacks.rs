//! Callbacks: values both ways, errors, lives, functions of the host, handles.

#![allow(unsafe_code, reason = "C functions are called")]

mod common;

use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use common::{call, library};
use farcall::{
    Callback, CallbackOptions, CallbackType, Error, Ffi, Handle, Library, Panic, Value, jit,
};

fn int(value: Result<Value, Error>) -> i32 {
    i32::try_from(value.unwrap()).unwrap()
}

#[test]
fn numbers_reach_the_closure_as_they_are() {
    let (ffi, lib) = library();
    let text = "double(char, double, short, double, long long, float, unsigned char, double, int, double, double, \
                double, double, double, long, struct point)";
    let callback = ffi
        .callback(text, |args| {
            let mut values = args.values()?;
            assert_eq!(values.remove(0), Value::Bytes(vec![0xff]));
            let point = values.pop().unwrap();
            assert_eq!(point.to_string(), "{x: 16, y: 17}");
            let numbers = values.into_iter().map(f64::try_from);
            Ok(numbers.sum::<Result<f64, _>>()?)
        })
        .unwrap();
    let expected: f64 = (2..=15).map(f64::from).sum::<f64>() - 2.0 * 3.0 - 2.0 * 5.0;
    let sum = call(&lib, "call_many", (&callback,)).unwrap();
    assert_eq!(sum, Value::Float(expected));
}

#[test]
fn records_go_by_value_both_ways() {
    let (ffi, lib) = library();
    let seen = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&seen);
    let callback = ffi
        .callback("struct nested(struct nested, int)", move |args| {
            let nested = args.value(0)?;
            let dx: i32 = args.get(1)?;
            let at = nested.field("at")?.item(1)?;
            let x = i32::try_from(at.field("x")?)? + dx;
            *keep.lock().unwrap() = Some(nested.to_string());
            Ok(Value::map([
                ("name", Value::from("there")),
                ("at", Value::from([(x, 2), (3, 4)])),
            ]))
        })
        .unwrap();
    let nested = ffi
        .alloc("struct nested *", ("here", [(5, 6), (7, 8)], (9,)))
        .unwrap();
    let nested = nested.item(0).unwrap();
    let back = call(&lib, "call_nested", (&callback, nested, 10)).unwrap();
    assert!(
        seen.lock()
            .unwrap()
            .take()
            .unwrap()
            .starts_with("{name: \"here\"")
    );
    assert_eq!(
        back.field("name")
            .unwrap()
            .cdata()
            .unwrap()
            .string()
            .unwrap(),
        b"there"
    );
    assert_eq!(
        back.field("at").unwrap().to_string(),
        "[{x: 17, y: 2}, {x: 3, y: 4}]"
    );

    let half = ffi
        .callback("union number(union number)", |args| {
            let d = f64::try_from(args.value(0)?.field("d")?)?;
            Ok(Value::map([("d", d / 2.0)]))
        })
        .unwrap();
    let number = ffi
        .alloc("union number *", Value::map([("d", 5.0)]))
        .unwrap();
    let back = call(&lib, "call_union", (&half, number.item(0).unwrap())).unwrap();
    assert_eq!(back.field("d").unwrap(), Value::Float(2.5));
}

/// What came as an argument lies in memory of its own, and outlives the call.
#[test]
fn record_arguments_are_copies() {
    let ffi = Ffi::new();
    ffi.cdef("struct big { int a[40]; };").unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let callback = ffi
        .callback("void(struct big)", move |args| {
            let value = args.value(0)?;
            let first = value.cdata()?.field("a")?.item(39)?;
            value.cdata()?.field("a")?.cdata()?.set_item(39, 7)?;
            let again = args.value(0)?.field("a")?.item(39)?;
            sender.send((i32::try_from(first)?, i32::try_from(again)?))?;
            Ok(())
        })
        .unwrap();
    let callback = ffi.cast("void(*)(struct big)", &callback).unwrap();
    let function = farcall::Function::from_pointer(&ffi, &callback).unwrap();
    let big = ffi
        .alloc("struct big *", ((0..40).collect::<Vec<i32>>(),))
        .unwrap();
    // SAFETY: of that type, and alive.
    unsafe { function.call((big.item(0).unwrap(),)) }.unwrap();
    assert_eq!(receiver.recv().unwrap(), (39, 39));
}

#[test]
fn results_are_checked_against_their_type() {
    let ffi = Ffi::new();
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
    let ffi = Ffi::new();
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
    let ffi = Ffi::new();
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
    let ffi = Ffi::new();
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

/// With the mark of a `"C-unwind"` function they do unwind.
#[test]
fn panics_unwind_where_they_may() {
    let ffi = Ffi::new();
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

#[test]
fn what_is_no_function_type_is_refused() {
    let ffi = Ffi::new();
    let error = ffi.callback("int", |_| Ok(1)).unwrap_err();
    assert_eq!(error.to_string(), "'int' is not a function type");
    let error = ffi
        .callback("struct unknown(void)", |_| Ok(()))
        .unwrap_err();
    assert!(error.to_string().contains("struct unknown"), "{error}");
    assert!(ffi.callback("int(struct unknown)", |_| Ok(1)).is_err());
}

#[test]
fn arguments_that_are_not_there() {
    let ffi = Ffi::new();
    let text = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&text);
    let options = CallbackOptions::new().on_error(move |error| {
        *seen.lock().unwrap() = error.failure.to_string();
        None
    });
    let callback = ffi
        .callback_with("int(int)", options, |args| Ok(args.value(1)?))
        .unwrap();
    let function: unsafe extern "C" fn(c_int) -> c_int = callback.function().unwrap();
    // SAFETY: the callback lives.
    unsafe { function(1) };
    assert_eq!(
        *text.lock().unwrap(),
        "there is no argument 2: the callback's type has 1"
    );
}

/// The C function lives as long as any owner; what it called is dropped with the last.
#[test]
fn values_keep_callbacks_alive() {
    let (ffi, lib) = library();
    let dropped = Arc::new(());
    let token = Arc::clone(&dropped);
    let callback = ffi
        .callback("int(int)", move |args| {
            let _token = &token;
            Ok(args.get::<i32>(0)? + 1)
        })
        .unwrap();
    let pointer = callback.cdata();
    let clone = callback.clone();
    drop(callback);
    call(&lib, "keep", (&pointer,)).unwrap();
    assert_eq!(int(call(&lib, "call_kept", (1,))), 2);
    drop(clone);
    assert_eq!(int(call(&lib, "call_kept", (2,))), 3);
    assert_eq!(Arc::strong_count(&dropped), 2);
    drop(pointer);
    ffi.engine().reclaim_callbacks();
    assert_eq!(Arc::strong_count(&dropped), 1);
}

#[test]
fn a_callback_may_free_itself() {
    let ffi = Ffi::new();
    let own: Arc<Mutex<Option<Callback>>> = Arc::default();
    let (slot, dropped) = (Arc::clone(&own), Arc::new(()));
    let token = Arc::clone(&dropped);
    let callback = ffi
        .callback("int(int)", move |args| {
            drop(slot.lock().unwrap().take());
            assert_eq!(Arc::strong_count(&token), 2, "still in use");
            Ok(args.get::<i32>(0)? * 2)
        })
        .unwrap();
    let function: unsafe extern "C" fn(c_int) -> c_int = callback.function().unwrap();
    *own.lock().unwrap() = Some(callback);
    // SAFETY: the callback lives when it is called.
    assert_eq!(unsafe { function(21) }, 42);
    ffi.engine().reclaim_callbacks();
    assert_eq!(Arc::strong_count(&dropped), 1);
}

/// C to the host to C, deep.
#[test]
fn recursion_to_a_depth_of_10000() {
    let descend = || {
        let (ffi, lib) = library();
        let lib: &'static Library = Box::leak(Box::new(lib));
        let callback = ffi
            .callback("int(int, void *)", move |args| {
                let (depth, own) = (args.get::<i32>(0)?, args.value(1)?);
                Ok(call(lib, "nest", (own.clone(), depth - 1, own))?)
            })
            .unwrap();
        let own = ffi.cast("void *", &callback).unwrap();
        int(call(lib, "nest", (&callback, 10_000, own)))
    };
    // Functions that were not optimised have frames of kilobytes; the engine's own test has 64 MiB everywhere.
    let size = if cfg!(debug_assertions) { 128 } else { 64 };
    let thread = std::thread::Builder::new().stack_size(size << 20);
    assert_eq!(thread.spawn(descend).unwrap().join().unwrap(), 10_000);
}

#[test]
fn functions_of_the_host() {
    let (ffi, lib) = library();
    ffi.cdef(
        r#"extern "host" { int plus(int); int minus(int, int); }
           extern "Python" double scaled(double);
           extern "Python+C" void told(const char *);"#,
    )
    .unwrap();
    // The pointer is there before there is anything to call, and stays.
    let before = lib.get("plus").unwrap();
    call(&lib, "keep", (&before,)).unwrap();
    assert_eq!(int(call(&lib, "call_kept", (1,))), 0);
    ffi.def_extern("plus", |args| Ok(args.get::<i32>(0)? + 1))
        .unwrap();
    assert_eq!(int(call(&lib, "call_kept", (1,))), 2);
    ffi.def_extern("plus", |args| Ok(args.get::<i32>(0)? + 10))
        .unwrap();
    assert_eq!(int(call(&lib, "call_kept", (1,))), 11);
    assert_eq!(lib.get("plus").unwrap(), before);
    assert_eq!(lib.address_of("plus").unwrap(), *before.cdata().unwrap());

    ffi.def_extern_with("minus", CallbackOptions::new().error(-99), |args| {
        args.get::<i32>(0)?
            .checked_sub(args.get(1)?)
            .ok_or("overflow".into())
    })
    .unwrap();
    assert_eq!(int(call(&lib, "minus", (44, 2))), 42);
    assert_eq!(int(call(&lib, "minus", (i32::MIN, 2))), -99);
    ffi.def_extern("scaled", |args| Ok(args.get::<f64>(0)? * 1.5))
        .unwrap();
    let scaled = lib
        .func::<unsafe extern "C" fn(f64) -> f64>("scaled")
        .unwrap();
    // SAFETY: its code lasts as long as the process.
    assert_eq!(unsafe { scaled(2.0) }, 3.0);
}

#[test]
fn functions_that_are_not_the_hosts_get_no_code() {
    let (ffi, _lib) = library();
    let error = ffi.def_extern("negate", |_| Ok(())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "'negate' is declared as a function, not as a function of the host"
    );
    assert!(matches!(
        ffi.def_extern("nowhere", |_| Ok(())),
        Err(Error::Undeclared { .. })
    ));
}

/// A panic of what is attached ends there, and detaching while it runs is safe.
#[test]
fn attached_handlers_of_any_host() {
    let ffi = Ffi::new();
    ffi.cdef(r#"extern "host" int f(int);"#).unwrap();
    let f = ffi.extern_function("f").unwrap();
    // SAFETY: that is its type, and it is never freed.
    let code: extern "C" fn(c_int) -> c_int = unsafe { std::mem::transmute(f.code()) };
    f.attach_default(|call: &mut jit::Arguments<'_>| call.give_back(1));
    f.attach_default(|call: &mut jit::Arguments<'_>| call.give_back(2));
    assert_eq!(code(0), 1);
    let dropped = Arc::new(());
    let token = Arc::clone(&dropped);
    f.attach(move |call: &mut jit::Arguments<'_>| {
        f.detach();
        assert_eq!(Arc::strong_count(&token), 2);
        call.give_back(3);
    });
    assert_eq!(code(0), 3);
    assert_eq!(Arc::strong_count(&dropped), 1);
    assert_eq!(code(0), 0);
    f.attach(|call: &mut jit::Arguments<'_>| {
        call.give_back(4);
        panic!("in what is attached");
    });
    assert_eq!(code(0), 0);
    assert!(std::ptr::eq(f, ffi.extern_function("f").unwrap()));
}

#[test]
fn handles_find_their_values() {
    let ffi = Ffi::new();
    let first = ffi.new_handle(vec![1, 2]);
    let second = ffi.new_handle(String::from("second"));
    assert_eq!(first.type_name(), "void *");
    assert_ne!(first, second);
    // Through C and back, as another opaque pointer type, too.
    let back = ffi
        .cast("char *", ffi.cast("uintptr_t", &first).unwrap())
        .unwrap();
    assert_eq!(*ffi.from_handle::<Vec<i32>>(&back).unwrap(), [1, 2]);
    assert_eq!(*ffi.from_handle::<String>(&second).unwrap(), "second");
    assert!(ffi.from_handle::<String>(&first).is_err());
    let ints = ffi.cast("int *", &first).unwrap();
    let error = ffi.from_handle::<Vec<i32>>(&ints).unwrap_err().to_string();
    assert_eq!(error, "'int *' is not a 'void *' out of new_handle");
}

#[test]
fn stale_and_foreign_handles_are_errors() {
    let ffi = Ffi::new();
    let copy = {
        let handle = ffi.new_handle(5);
        let copy = ffi
            .cast("void *", ffi.cast("uintptr_t", &handle).unwrap())
            .unwrap();
        assert_eq!(*ffi.from_handle::<i32>(&copy).unwrap(), 5);
        copy
    };
    // A million others do not get its address.
    for n in 0..100_000 {
        let other = Handle::new(n);
        assert_ne!(Some(other.address()), copy.address());
    }
    let error = ffi.from_handle::<i32>(&copy).unwrap_err().to_string();
    assert!(
        error.ends_with("is no handle, or one that has been freed"),
        "{error}"
    );
    let local = 0u64;
    for address in [
        std::ptr::without_provenance(1),
        (&raw const local).cast(),
        usize::MAX as *const c_void,
    ] {
        assert!(Handle::<i32>::find(address).is_err());
    }
    let error = ffi.from_handle::<i32>(&ffi.null()).unwrap_err();
    assert_eq!(error.to_string(), "the address 0x0 is NULL");
}

/// The value is dropped with the last copy of the handle, and whoever found it keeps it.
#[test]
fn handles_own_their_values() {
    let ffi = Ffi::new();
    let value = Arc::new(String::from("owned"));
    let handle = ffi.new_handle(Arc::clone(&value));
    let copy = handle.clone();
    let found = ffi.from_handle::<Arc<String>>(&handle).unwrap();
    drop((handle, copy));
    assert_eq!(**found, "owned");
    assert_eq!(Arc::strong_count(&value), 2);
    drop(found);
    assert_eq!(Arc::strong_count(&value), 1);
}

/// `__stdcall` callbacks take their arguments off the stack; where there is one convention, the word means nothing.
#[test]
fn callbacks_of_other_conventions() {
    let ffi = Ffi::new();
    let ty = ffi
        .type_of("int(__stdcall *)(int, double, char *)")
        .unwrap();
    let callback = CallbackType::new(&ffi, ty).and_then(|ty| {
        Callback::with(&ty, CallbackOptions::new(), |args| {
            let text = args.value(2)?;
            // SAFETY: the test passes a C string.
            let text = unsafe { text.cdata()?.c_string() }?;
            Ok(args.get::<i32>(0)? + args.get::<f64>(1)? as i32 + text.len() as i32)
        })
    });
    let callback = callback.unwrap();
    #[cfg(target_arch = "x86")]
    type Stdcall = extern "stdcall" fn(c_int, f64, *const c_char) -> c_int;
    #[cfg(not(target_arch = "x86"))]
    type Stdcall = extern "C" fn(c_int, f64, *const c_char) -> c_int;
    // SAFETY: that is the type.
    let function: Stdcall = unsafe { std::mem::transmute(callback.code()) };
    for n in 0..1000 {
        assert_eq!(function(n, 2.5, c"four".as_ptr()), n + 6);
    }
}

/// Threads that C starts: the callback is where they begin.
#[cfg(unix)]
#[test]
fn threads_that_rust_did_not_start() {
    let ffi = Ffi::new();
    ffi.cdef(
        "int pthread_create(pthread_t *, const void *, void *(*)(void *), void *);
         int pthread_join(pthread_t, void **);",
    )
    .unwrap();
    // SAFETY: these are the C library's functions.
    let lib = unsafe { ffi.process() }.unwrap();
    let calls = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&calls);
    let inner = ffi
        .callback("long(long)", move |args| {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(args.get::<i64>(0)? * 2)
        })
        .unwrap();
    let twice: unsafe extern "C" fn(std::ffi::c_long) -> std::ffi::c_long =
        inner.function().unwrap();
    let start = ffi
        .callback("void *(void *)", {
            let ffi = ffi.clone();
            move |args| {
                let number = args.value(0)?;
                let mut number = number.cdata()?.address().expect("a pointer").addr() as i64;
                for _ in 0..1000 {
                    // SAFETY: it is freed after the threads have ended.
                    number = (unsafe { twice(number as _) } as i64 + 1) & 0xffff;
                }
                // Callbacks are made and freed here, too.
                let own = ffi.callback("int(int)", |args| args.value(0).map_err(Into::into))?;
                let function: unsafe extern "C" fn(c_int) -> c_int = own.function()?;
                // SAFETY: `own` lives.
                assert_eq!(unsafe { function(5) }, 5);
                Ok(ffi.cast("void *", number)?)
            }
        })
        .unwrap();
    let threads: Vec<_> = (1..=16)
        .map(|number| {
            let thread = ffi.alloc("pthread_t[1]", ()).unwrap();
            let argument = ffi.cast("void *", number).unwrap();
            let made = call(
                &lib,
                "pthread_create",
                (&thread, Value::None, &start, argument),
            );
            assert_eq!(int(made), 0);
            (number, thread.item(0).unwrap())
        })
        .collect();
    for (number, thread) in threads {
        let result = ffi.alloc("void *[1]", ()).unwrap();
        assert_eq!(int(call(&lib, "pthread_join", (thread, &result))), 0);
        let expected = (0..1000).fold(number as i64, |n, _| (2 * n + 1) & 0xffff);
        let result = result.item(0).unwrap();
        assert_eq!(
            result.cdata().unwrap().address().unwrap().addr() as i64,
            expected
        );
    }
    assert_eq!(calls.load(Ordering::Relaxed), 16_000);
}

#[cfg(unix)]
#[test]
fn forked_children_call_and_make_callbacks() {
    let (ffi, lib) = library();
    ffi.cdef(r#"extern "host" int answer(int);"#).unwrap();
    ffi.def_extern("answer", |args| Ok(args.get::<i32>(0)? + 40))
        .unwrap();
    let answer = lib.get("answer").unwrap();
    let old = ffi
        .callback("int(int)", |args| Ok(args.get::<i32>(0)? + 1))
        .unwrap();
    let apply = |f: Value, n: i32| call(&lib, "apply", (f, n)).ok();
    // SAFETY: the child makes calls and leaves; no other thread of this test uses the `Ffi`.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let new = ffi.callback("int(int)", |args| Ok(args.get::<i32>(0)? + 2));
        let new = new.map(|new| apply((&new).into(), 3));
        let results = [
            apply((&old).into(), 3),
            new.ok().flatten(),
            apply(answer, 2),
        ];
        let good = results == [4, 5, 42].map(|n| Some(Value::Int(n)));
        // SAFETY: ends the child.
        unsafe { libc::_exit(if good { 0 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: a child of this process, and a place for a number.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0);
}

/// Set for the children of the test below.
const CHILD: &str = "FARCALL_TEST_MESSAGES";

/// What stderr gets of errors that nobody handles.
#[test]
fn messages_name_the_type_and_the_error() {
    if std::env::var_os(CHILD).is_some() {
        return provoke_messages();
    }
    // An emulated program does not start itself.
    let runner = std::env::var("FARCALL_TEST_RUNNER").unwrap_or_default();
    let own = std::env::current_exe().unwrap();
    let own = own.to_str().expect("the path is text");
    let mut words = runner.split_whitespace().chain([own]);
    let output = std::process::Command::new(words.next().expect("at least its own"))
        .args(words)
        .args([
            "messages_name_the_type_and_the_error",
            "--exact",
            "--nocapture",
        ])
        .env(CHILD, "1")
        .output()
        .unwrap();
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
    let ffi = Ffi::new();
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
