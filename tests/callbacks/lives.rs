//! How long callbacks live, and where they run.

use std::ffi::c_int;
#[cfg(unix)]
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use crate::common::{call, checked, library};
use crate::int;
#[cfg(unix)]
use farcall::Value;
use farcall::{Callback, Library};

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
    let ffi = checked();
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
    // In debug builds 128 MiB, for functions that are not optimised have frames of kilobytes; the engine's own test has 64 MiB everywhere.
    let size = if cfg!(debug_assertions) { 128 } else { 64 };
    let thread = std::thread::Builder::new().stack_size(size << 20);
    assert_eq!(thread.spawn(descend).unwrap().join().unwrap(), 10_000);
}

/// Threads that C starts: the callback is where they begin.
#[cfg(unix)]
#[test]
fn threads_that_rust_did_not_start() {
    let ffi = checked();
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
        .callback("long long(long long)", move |args| {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(args.get::<i64>(0)? * 2)
        })
        .unwrap();
    let twice: unsafe extern "C" fn(i64) -> i64 = inner.function().unwrap();
    let start = ffi
        .callback("void *(void *)", {
            let ffi = ffi.clone();
            move |args| {
                let number = args.value(0)?;
                let mut number = number.cdata()?.address().expect("a pointer").addr() as i64;
                for _ in 0..1000 {
                    // SAFETY: it is freed after the threads have ended.
                    number = (unsafe { twice(number) } + 1) & 0xffff;
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
