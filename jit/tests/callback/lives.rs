//! Freeing callbacks: while they run, after a `longjmp` over them, with other threads inside, and too early.

use std::process::Stdio;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::time::{Duration, Instant};

use farcall_jit::{Arguments, Callback, Engine, Int, Signature, Thunk};

use crate::child::{again, is_child};
use crate::library::{Landing, Step, Way, function, ways};

/// Counts its drops.
struct Witness(Arc<AtomicUsize>);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn thunk(engine: &Engine) -> Arc<Thunk> {
    let int = || Int::I32.into();
    engine.thunk(&Signature::new([int()], Some(int()))).unwrap()
}

fn step(callback: &Callback) -> Step {
    // SAFETY: all callbacks here have this signature.
    unsafe { std::mem::transmute(callback.code()) }
}

/// Waits for other tests' threads, which may run callbacks at any time.
pub(crate) fn eventually(engine: &Engine, what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < Duration::from_secs(20), "never came true");
        engine.reclaim_callbacks();
        std::thread::yield_now();
    }
}

#[test]
fn from_inside_itself() {
    let engine = Engine::new();
    let thunk = thunk(&engine);
    let drops = Arc::new(AtomicUsize::new(0));
    let own: Arc<Mutex<Option<Callback>>> = Arc::default();
    let (witness, inside, seen) = (
        Witness(Arc::clone(&drops)),
        Arc::clone(&own),
        Arc::clone(&drops),
    );
    let again = Arc::clone(&thunk);
    let callback = thunk
        .callback(move |call: &mut Arguments<'_>| {
            let depth = call.get::<i32>(0);
            if depth > 0 {
                let function = step(inside.lock().unwrap().as_ref().unwrap());
                call.give_back(function(depth - 1) + 1);
            } else {
                drop(inside.lock().unwrap().take());
                // The slot is not given to others as long as this runs.
                let others: Vec<_> = (0..64)
                    .map(|_| again.callback(|_: &mut Arguments<'_>| {}))
                    .collect();
                drop(others);
                call.give_back(100);
            }
            assert_eq!(seen.load(Ordering::SeqCst), 0, "dropped while it runs");
            let _alive = &witness;
        })
        .unwrap();
    let function = step(&callback);
    *own.lock().unwrap() = Some(callback);
    assert_eq!(function(5), 105);
    eventually(&engine, || drops.load(Ordering::SeqCst) == 1);
}

#[test]
fn the_engine_may_go_meanwhile() {
    const RESULT: i64 = 7 << 40 | 9;
    for engine in [Engine::new(), Engine::without_code()] {
        let own: Arc<Mutex<Option<Callback>>> = Arc::default();
        let inside = Arc::clone(&own);
        let signature = Signature::new([Int::I32.into()], Some(Int::I64.into()));
        let free = move |call: &mut Arguments<'_>| {
            drop(inside.lock().unwrap().take());
            call.give_back(RESULT);
        };
        let callback = engine.callback(&signature, free).unwrap();
        drop(engine);
        // SAFETY: the callback's signature is that of the function type.
        let function: extern "C" fn(i32) -> i64 = unsafe { std::mem::transmute(callback.code()) };
        *own.lock().unwrap() = Some(callback);
        assert_eq!(function(0), RESULT);
    }
}

/// Another thread drops the engine; the one that is inside has yet to return through its code, and its entry is gone before.
#[test]
#[cfg(target_os = "linux")]
fn the_engine_may_go_on_another_thread() {
    let is_executable = |address: usize| {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.lines().any(|line| {
            let (range, rest) = line.split_once(' ').unwrap();
            let (start, end) = range.split_once('-').unwrap();
            let [start, end] = [start, end].map(|text| usize::from_str_radix(text, 16).unwrap());
            (start..end).contains(&address) && rest.contains('x')
        })
    };
    let drops = Arc::new(AtomicUsize::new(0));
    let witness = Witness(Arc::clone(&drops));
    let (enter, leave) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (entered, left) = (Arc::clone(&enter), Arc::clone(&leave));
    let engine = Engine::new();
    let callback = thunk(&engine).callback(move |call: &mut Arguments<'_>| {
        let _alive = &witness;
        entered.wait();
        left.wait();
        call.give_back(8);
    });
    let callback = callback.unwrap();
    let (function, code) = (step(&callback), callback.code() as usize);
    assert!(is_executable(code));
    let thread = std::thread::spawn(move || function(1));
    enter.wait();
    drop((callback, engine));
    leave.wait();
    assert_eq!(thread.join().unwrap(), 8);
    eventually(&Engine::new(), || drops.load(Ordering::SeqCst) == 1);
    assert!(is_executable(code), "unmapped under the thread's feet");
}

/// Its drop panics.
struct Bomb(Arc<AtomicUsize>);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("in a drop, for the test");
    }
}

/// Where a callback ends, where one begins after a `longjmp`, and among others that wait.
#[test]
fn what_panics_when_it_is_dropped() {
    let engine = Engine::new();
    let thunk = thunk(&engine);
    let drops = Arc::new(AtomicUsize::new(0));
    let [
        Way {
            call_and_land,
            leap,
        },
        _,
    ] = ways();
    let mut landing = Landing::new();
    let landing = landing.address();
    let frees_itself = |then: extern "C-unwind" fn(usize)| {
        let own: Arc<Mutex<Option<Callback>>> = Arc::default();
        let (inside, bomb) = (Arc::clone(&own), Bomb(Arc::clone(&drops)));
        let callback = thunk.callback(move |call: &mut Arguments<'_>| {
            let _alive = &bomb;
            drop(inside.lock().unwrap().take());
            call.give_back(6);
            then(landing);
        });
        let callback = callback.unwrap();
        let function = step(&callback);
        *own.lock().unwrap() = Some(callback);
        function
    };
    extern "C-unwind" fn nothing(_: usize) {}
    assert_eq!(call_and_land(frees_itself(nothing), 0, landing), 6);
    eventually(&engine, || drops.load(Ordering::SeqCst) == 1);
    assert_eq!(call_and_land(frees_itself(leap), 0, landing), -1);
    let last = thunk.callback(|call: &mut Arguments<'_>| call.give_back(3));
    let last = last.unwrap();
    assert_eq!(call_and_land(step(&last), 0, landing), 3);
    eventually(&engine, || drops.load(Ordering::SeqCst) == 2);
    // All of those that wait are dropped, and their slots come free.
    let (enter, leave) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (entered, left) = (Arc::clone(&enter), Arc::clone(&leave));
    let busy = thunk.callback(move |_: &mut Arguments<'_>| {
        entered.wait();
        left.wait();
    });
    let busy = busy.unwrap();
    let function = step(&busy);
    let thread = std::thread::spawn(move || function(0));
    enter.wait();
    for _ in 0..10 {
        let bomb = Bomb(Arc::clone(&drops));
        let handler = move |_: &mut Arguments<'_>| {
            let _alive = &bomb;
        };
        drop(thunk.callback(handler).unwrap());
    }
    eventually(&engine, || drops.load(Ordering::SeqCst) == 12);
    leave.wait();
    thread.join().unwrap();
    drop((busy, last));
    eventually(&engine, || engine.stats().live_callbacks == 0);
}

/// Nobody reads stderr: messages are lost, and nothing else.
#[test]
fn messages_that_cannot_be_written() {
    if is_child() {
        let engine = Engine::new();
        let callback = thunk(&engine).callback(|_: &mut Arguments<'_>| panic!("unheard"));
        let callback = callback.unwrap();
        assert_eq!(step(&callback)(1), 0);
        return;
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = again("lives::messages_that_cannot_be_written", writer);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 passed"), "{text}");
}

#[test]
fn longjmp_over_callbacks() {
    ways().into_iter().for_each(jump_over_callbacks);
}

fn jump_over_callbacks(
    Way {
        call_and_land,
        leap,
    }: Way,
) {
    let engine = Engine::new();
    let thunk = thunk(&engine);
    let drops = Arc::new(AtomicUsize::new(0));
    // SAFETY: the type is that of callback.c.
    let scribble = unsafe { function::<extern "C-unwind" fn() -> i32>("scribble") };
    let mut landing = Landing::new();
    let landing = landing.address();
    for round in 0..200 {
        let (free, witness) = (round % 2 == 0, Witness(Arc::clone(&drops)));
        let own: Arc<Mutex<Option<Callback>>> = Arc::default();
        let inside = Arc::clone(&own);
        let callback = thunk
            .callback(move |call: &mut Arguments<'_>| {
                let _alive = &witness;
                if call.get::<i32>(0) > 0 {
                    let function = step(inside.lock().unwrap().as_ref().unwrap());
                    call.give_back(function(call.get::<i32>(0) - 1));
                } else {
                    if free {
                        drop(inside.lock().unwrap().take());
                    }
                    leap(landing);
                }
            })
            .unwrap();
        let first = step(&callback);
        *own.lock().unwrap() = Some(callback);
        assert_eq!(call_and_land(first, round % 50, landing), -1);
        assert_eq!(scribble(), 0xee);
        drop(own.lock().unwrap().take());
    }
    // A call from the same depth notices.
    let last = thunk
        .callback(|call: &mut Arguments<'_>| call.give_back(3))
        .unwrap();
    assert_eq!(call_and_land(step(&last), 0, landing), 3);
    eventually(&engine, || drops.load(Ordering::SeqCst) == 200);
}

#[test]
fn many_threads_call_and_free() {
    const THREADS: usize = 8;
    const ROUNDS: usize = if cfg!(debug_assertions) {
        4_000
    } else {
        40_000
    };
    let engine = Engine::new();
    let thunk = thunk(&engine);
    let drops = Arc::new(AtomicUsize::new(0));
    let made = AtomicUsize::new(0);
    // Each thread calls what is on the board, under its lock until it is inside, and replaces it now and then.
    struct Board {
        callback: Callback,
        entered: Arc<AtomicU32>,
    }
    let make = |made: &AtomicUsize| {
        made.fetch_add(1, Ordering::Relaxed);
        let entered = Arc::new(AtomicU32::new(0));
        let (count, witness) = (Arc::clone(&entered), Witness(Arc::clone(&drops)));
        let secret = Box::new(0x5ec2e7u64);
        let callback = thunk
            .callback(move |call: &mut Arguments<'_>| {
                count.fetch_add(1, Ordering::SeqCst);
                for _ in 0..call.get::<i32>(0) {
                    std::hint::spin_loop();
                }
                let _alive = &witness;
                assert_eq!(*secret, 0x5ec2e7);
                call.give_back(call.get::<i32>(0) + 1);
            })
            .unwrap();
        Board { callback, entered }
    };
    let boards: Vec<_> = (0..4).map(|_| Mutex::new(make(&made))).collect();
    let start = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (boards, start, make, made) = (&boards, &start, &make, &made);
            scope.spawn(move || {
                start.wait();
                for round in 0..ROUNDS {
                    let board = &boards[(thread * 7 + round) % boards.len()];
                    let value = (round % 300) as i32;
                    if (round + thread) % 3 == 0 {
                        let new = make(made);
                        let old = std::mem::replace(&mut *board.lock().unwrap(), new);
                        drop(old);
                    } else {
                        // Whoever frees must know that the call is under way: another thread calls, this one waits
                        // for it with the lock held.
                        let board = board.lock().unwrap();
                        let before = board.entered.load(Ordering::SeqCst);
                        let function = step(&board.callback);
                        if round % 50 == 1 {
                            let other = std::thread::spawn(move || function(20_000));
                            while board.entered.load(Ordering::SeqCst) == before {
                                std::thread::yield_now();
                            }
                            drop(board);
                            assert_eq!(other.join().unwrap(), 20_001);
                        } else {
                            assert_eq!(function(value), value + 1);
                        }
                    }
                }
            });
        }
    });
    drop(boards);
    eventually(&engine, || {
        drops.load(Ordering::SeqCst) == made.load(Ordering::SeqCst)
    });
    eventually(&engine, || engine.stats().live_callbacks == 0);
}

#[test]
fn another_thread_frees_what_runs() {
    let engine = Engine::new();
    let drops = Arc::new(AtomicUsize::new(0));
    let witness = Witness(Arc::clone(&drops));
    let (enter, leave) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (entered, left, seen) = (Arc::clone(&enter), Arc::clone(&leave), Arc::clone(&drops));
    let callback = thunk(&engine)
        .callback(move |_: &mut Arguments<'_>| {
            entered.wait();
            left.wait();
            let _alive = &witness;
            assert_eq!(seen.load(Ordering::SeqCst), 0, "dropped while it runs");
        })
        .unwrap();
    let function = step(&callback);
    let thread = std::thread::spawn(move || function(1));
    enter.wait();
    drop(callback);
    for _ in 0..300 {
        drop(thunk(&engine).callback(|_: &mut Arguments<'_>| {}).unwrap());
    }
    engine.reclaim_callbacks();
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    leave.wait();
    thread.join().unwrap();
    eventually(&engine, || drops.load(Ordering::SeqCst) == 1);
}

#[test]
fn a_freed_callback_says_so() {
    if is_child() {
        let callback = thunk(&Engine::new())
            .callback(|_: &mut Arguments<'_>| {})
            .unwrap();
        let function = step(&callback);
        // Keeps the code.
        static KEPT: OnceLock<Arc<Thunk>> = OnceLock::new();
        KEPT.set(callback.thunk()).unwrap();
        drop(callback);
        function(1);
        return;
    }
    let output = again("lives::a_freed_callback_says_so", Stdio::piped());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        text.contains("farcall: a callback of type i32 (i32) was called after it had been freed"),
        "{text}"
    );
}

#[test]
#[cfg(debug_assertions)]
fn slots_rest_in_checked_builds() {
    let engine = Engine::new();
    let thunk = thunk(&engine);
    let code = |_: usize| thunk.callback(|_: &mut Arguments<'_>| {}).unwrap().code() as usize;
    let mut codes: Vec<usize> = (0..512).map(code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 512);
}

#[test]
#[cfg(unix)]
fn children_of_fork() {
    let engine = Engine::new();
    let thunk = thunk(&engine);
    let old = thunk
        .callback(|call: &mut Arguments<'_>| call.give_back(1))
        .unwrap();
    assert_eq!(step(&old)(0), 1);
    let busy = std::sync::atomic::AtomicBool::new(true);
    std::thread::scope(|scope| {
        // Threads that make, call and free meanwhile.
        for _ in 0..2 {
            scope.spawn(|| {
                while busy.load(Ordering::Relaxed) {
                    let callback = thunk
                        .callback(|call: &mut Arguments<'_>| call.give_back(2))
                        .unwrap();
                    assert_eq!(step(&callback)(0), 2);
                }
            });
        }
        for _ in 0..50 {
            // SAFETY: the child calls, makes and frees callbacks, and leaves.
            let child = unsafe { libc::fork() };
            if child == 0 {
                let mut good = step(&old)(0) == 1;
                let mut kept = Vec::new();
                for n in 0..700 {
                    let callback = thunk
                        .callback(move |call: &mut Arguments<'_>| call.give_back(n))
                        .unwrap();
                    good &= step(&callback)(0) == n;
                    if n % 2 == 0 {
                        kept.push(callback);
                    }
                }
                drop(kept);
                engine.reclaim_callbacks();
                // SAFETY: ends the child.
                unsafe { libc::_exit(if good { 0 } else { 1 }) };
            }
            let mut status = 0;
            // SAFETY: a child of this process, and a place for a number.
            assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
            assert_eq!(status, 0);
        }
        busy.store(false, Ordering::Relaxed);
    });
}

/// The parent drops it: in the child, what the drop asks for may be held by a thread that is gone.
#[test]
#[cfg(unix)]
fn children_of_fork_drop_nothing_that_waited() {
    let engine = Engine::new();
    let thunk = thunk(&engine);
    let (enter, leave) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (entered, left) = (Arc::clone(&enter), Arc::clone(&leave));
    let busy = thunk.callback(move |_: &mut Arguments<'_>| {
        entered.wait();
        left.wait();
    });
    let busy = busy.unwrap();
    let function = step(&busy);
    let thread = std::thread::spawn(move || function(0));
    enter.wait();
    let drops = Arc::new(AtomicUsize::new(0));
    let witness = Witness(Arc::clone(&drops));
    let callback = thunk.callback(move |_: &mut Arguments<'_>| {
        let _alive = &witness;
    });
    drop(callback.unwrap());
    // SAFETY: the child asks for what waits to be dropped, and leaves.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // Another test's thread may have dropped it before.
        let before = drops.load(Ordering::SeqCst);
        engine.reclaim_callbacks();
        let good = drops.load(Ordering::SeqCst) == before;
        // SAFETY: ends the child.
        unsafe { libc::_exit(if good { 0 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: a child of this process, and a place for a number.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0);
    eventually(&engine, || drops.load(Ordering::SeqCst) == 1);
    leave.wait();
    thread.join().unwrap();
}

/// In a child, the thread that forked and one that the child starts each free what the other runs.
#[test]
#[cfg(unix)]
fn children_of_fork_start_threads() {
    /// Whether what runs is dropped only when the thread that runs it has come to its end.
    fn outlives_its_run(engine: &Engine, function: impl Fn(Step) + Send) -> bool {
        let drops = Arc::new(AtomicUsize::new(0));
        let (witness, enter, leave) = (
            Witness(Arc::clone(&drops)),
            Arc::new(Barrier::new(2)),
            Arc::new(Barrier::new(2)),
        );
        let (entered, left, seen) = (Arc::clone(&enter), Arc::clone(&leave), Arc::clone(&drops));
        let early = Arc::new(AtomicUsize::new(0));
        let told = Arc::clone(&early);
        let callback = thunk(engine).callback(move |_: &mut Arguments<'_>| {
            let _alive = &witness;
            entered.wait();
            left.wait();
            told.fetch_add(seen.load(Ordering::SeqCst), Ordering::SeqCst);
        });
        let callback = callback.unwrap();
        let step = step(&callback);
        std::thread::scope(|scope| {
            let free = move || {
                enter.wait();
                drop(callback);
                for _ in 0..300 {
                    drop(thunk(engine).callback(|_: &mut Arguments<'_>| {}).unwrap());
                }
                engine.reclaim_callbacks();
                leave.wait();
            };
            let free = scope.spawn(move || {
                // It is registered, too.
                let own = thunk(engine).callback(|_: &mut Arguments<'_>| {}).unwrap();
                self::step(&own)(0);
                free();
            });
            function(step);
            free.join().unwrap();
        });
        eventually(engine, || drops.load(Ordering::SeqCst) == 1);
        early.load(Ordering::SeqCst) == 0
    }
    let engine = Engine::new();
    let first = thunk(&engine).callback(|_: &mut Arguments<'_>| {}).unwrap();
    step(&first)(0);
    // SAFETY: the child calls, makes and frees callbacks, and leaves; this process has one thread that uses the engine.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: ends a child that waits for ever.
        unsafe { libc::alarm(60) };
        let good = outlives_its_run(&engine, |step| assert_eq!(step(0), 0))
            && outlives_its_run(&engine, |step| {
                std::thread::scope(|scope| drop(scope.spawn(move || step(0)).join()));
            });
        // SAFETY: ends the child.
        unsafe { libc::_exit(if good { 0 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: a child of this process, and a place for a number.
    assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
    assert_eq!(status, 0);
}
