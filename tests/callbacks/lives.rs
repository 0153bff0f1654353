//! How long callbacks live, and where they run.

use std::ffi::c_int;
#[cfg(unix)]
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};

use crate::common::{call, checked, library};
use crate::int;
use farcall::{Args, Callback, CallbackOptions, CallbackType, Failure, Ffi, Library, Value};

/// Waits for other tests' threads: any of them may run callbacks, or be about to drop what this one freed.
fn eventually(ffi: &Ffi, what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_secs(20), "never came true");
        ffi.engine().reclaim_callbacks();
        std::thread::yield_now();
    }
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
    let kept = ffi.alloc("int (*[1])(int)", ()).unwrap();
    call(&lib, "keep", (&kept, &pointer)).unwrap();
    let call_kept = |n: i32| int(call(&lib, "call_kept", (&kept, n)));
    assert_eq!(call_kept(1), 2);
    drop(clone);
    assert_eq!(call_kept(2), 3);
    assert_eq!(Arc::strong_count(&dropped), 2);
    drop(pointer);
    eventually(&ffi, || Arc::strong_count(&dropped) == 1);
}

/// Threads that clone and drop at once, from the first clone on: the last owner ends it, and no other.
#[test]
fn owners_in_many_threads() {
    const THREADS: usize = 4;
    let ffi = Ffi::new();
    let ty = CallbackType::new(&ffi, ffi.type_of("int(int)").unwrap()).unwrap();
    let dropped = Arc::new(());
    for _ in 0..500 {
        let token = Arc::clone(&dropped);
        let callback = Callback::with(&ty, CallbackOptions::new(), move |args| {
            let _token = &token;
            Ok(args.get::<i32>(0)? + 1)
        });
        let callback = callback.unwrap();
        let code = callback.code() as usize;
        let start = Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (start, callback) = (&start, &callback);
                scope.spawn(move || {
                    start.wait();
                    let (clone, value) = (callback.clone(), callback.cdata());
                    assert_eq!(
                        (clone.code() as usize, callback.code() as usize),
                        (code, code)
                    );
                    assert_eq!(value.address().unwrap() as usize, code);
                    let clone = clone.clone();
                    assert_eq!(clone.callback_type().name(), "int(*)(int)");
                    let function: unsafe extern "C" fn(c_int) -> c_int = clone.function().unwrap();
                    drop(value);
                    // SAFETY: the clone lives.
                    assert_eq!(unsafe { function(thread as c_int) }, thread as c_int + 1);
                });
            }
        });
        assert_eq!(callback.code() as usize, code);
    }
    eventually(&ffi, || Arc::strong_count(&dropped) == 1);
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
    eventually(&ffi, || Arc::strong_count(&dropped) == 1);
}

/// C to the host to C, deep.
#[test]
fn recursion_to_a_depth_of_10000() {
    fn taken(args: &Args<'_>) -> Result<(i32, Value), Failure> {
        Ok((args.get(0)?, args.value(1)?))
    }
    let descend = || {
        let (ffi, lib) = library();
        let lib: &'static Library = Box::leak(Box::new(lib));
        let callback = ffi
            .callback("int(int, void *)", move |args| {
                // Ahead of the call, for what is taken on the way counts ten thousand times in debug builds.
                let (depth, own) = taken(args)?;
                call(lib, "nest", (own.clone(), depth - 1, own)).map_err(Into::into)
            })
            .unwrap();
        let own = ffi.cast("void *", &callback).unwrap();
        int(call(lib, "nest", (&callback, 10_000, own)))
    };
    let thread = std::thread::Builder::new().stack_size(64 << 20);
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
