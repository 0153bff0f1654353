//! What the system sees of executable memory, alone and across `fork`.

#![cfg(target_os = "linux")]
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};

use farcall_jit::{Backend, Engine, Float, Int, Signature, Type};

extern "C" fn weigh(a: i32, b: f64, c: i64) -> i64 {
    i64::from(a) + b as i64 * 10 + c * 100
}

fn signature() -> Signature {
    Signature::new(
        [Int::I32.into(), Float::F64.into(), Int::I64.into()],
        Some(Int::I64.into()),
    )
}

/// Calls `weigh` through a stub of the engine's.
fn weigh_through(engine: &Engine) -> i64 {
    let stub = engine.call_stub(&signature()).unwrap();
    let frame = [1u64, 2f64.to_bits(), 3];
    let mut result = 0i64;
    // SAFETY: `weigh` has the signature, the frame its arguments, the result eight bytes.
    unsafe {
        stub.call(
            weigh as *const c_void,
            frame.as_ptr().cast(),
            (&raw mut result).cast(),
        )
    };
    result
}

/// Lines of `/proc/self/maps` for farcall's files: address range and permissions.
fn mappings() -> Vec<(std::ops::Range<usize>, String)> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let ours = maps.lines().filter(|line| line.contains("memfd:farcall"));
    ours.map(|line| {
        let mut words = line.split_whitespace();
        let (start, end) = words.next().unwrap().split_once('-').unwrap();
        let hex = |text| usize::from_str_radix(text, 16).unwrap();
        (hex(start)..hex(end), words.next().unwrap().into())
    })
    .collect()
}

/// Runs `child` in a forked process; its answer, or the signal that ended it.
fn in_child(child: impl FnOnce() -> bool) -> Result<bool, i32> {
    // SAFETY: the child runs `child` and leaves without returning; glibc's allocator works after `fork`.
    unsafe {
        match libc::fork() {
            0 => {
                let fine =
                    std::panic::catch_unwind(std::panic::AssertUnwindSafe(child)).unwrap_or(false);
                libc::_exit(i32::from(!fine));
            }
            pid => {
                let mut status = 0;
                assert_eq!(libc::waitpid(pid, &mut status, 0), pid);
                if libc::WIFEXITED(status) {
                    Ok(libc::WEXITSTATUS(status) == 0)
                } else {
                    Err(libc::WTERMSIG(status))
                }
            }
        }
    }
}

/// One test, for it looks at the whole process.
#[test]
fn mappings_come_and_go_with_the_engine_and_are_never_writable_and_executable() {
    let engine = Engine::new();
    assert_eq!(weigh_through(&engine), 321);
    let stub = engine.call_stub(&signature()).unwrap();
    let address = stub.code().as_ptr() as usize;
    let maps = mappings();
    assert!(
        maps.iter()
            .all(|(_, permissions)| !(permissions.contains('w') && permissions.contains('x'))),
        "{maps:?}"
    );
    let (_, permissions) = maps
        .iter()
        .find(|(range, _)| range.contains(&address))
        .unwrap();
    assert_eq!(permissions, "r-xs");

    // More than one chunk, and all of them freed.
    for n in 0..4000 {
        let params: Vec<Type> = (0..12)
            .map(|bit| {
                if n >> bit & 1 == 1 {
                    Int::I32.into()
                } else {
                    Float::F32.into()
                }
            })
            .collect();
        engine.call_stub(&Signature::new(params, None)).unwrap();
    }
    assert!(mappings().len() > maps.len());
    drop(engine);
    assert!(!mappings().is_empty(), "a stub keeps its memory");
    drop(stub);
    assert_eq!(mappings(), []);
}

#[test]
fn memory_deny_write_execute_is_no_obstacle() {
    const PR_SET_MDWE: i32 = 65;
    const PR_MDWE_REFUSE_EXEC_GAIN: u64 = 1;
    let answer = in_child(|| {
        // SAFETY: tightens what this child may do.
        let set = unsafe { libc::prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) };
        let engine = Engine::new();
        let stub = engine.call_stub(&signature()).unwrap();
        // Kernels before 6.3 know no such thing.
        set != 0 || (weigh_through(&engine) == 321 && stub.backend() == Backend::Compiled)
    });
    assert_eq!(answer, Ok(true));
}

#[test]
fn a_forked_child_writes_to_chunks_of_its_own() {
    let engine = Engine::new();
    assert_eq!(weigh_through(&engine), 321);
    let before = engine.call_stub(&signature()).unwrap();
    let code = before.code().to_vec();
    let other = Signature::new([Float::F32.into()], None);
    let answer = in_child(|| {
        let fresh = engine.call_stub(&other).unwrap();
        let apart = fresh
            .code()
            .as_ptr()
            .addr()
            .abs_diff(before.code().as_ptr().addr())
            >= 1 << 16;
        apart && weigh_through(&engine) == 321
    });
    assert_eq!(answer, Ok(true));
    // The parent goes on appending where it was, next to its first stub.
    let next = engine.call_stub(&other).unwrap();
    assert!(next.code().as_ptr().addr() - before.code().as_ptr().addr() < 1 << 12);
    assert_eq!(before.code(), code);
    assert_eq!(weigh_through(&engine), 321);
}

/// Threads compile without pause while the process forks: no child may find a lock held.
#[test]
fn fork_finds_no_lock_held() {
    let engine = Engine::new();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..3u32 {
            let (engine, stop) = (&engine, &stop);
            scope.spawn(move || {
                let mut n = thread;
                while !stop.load(Ordering::Relaxed) {
                    let params: Vec<Type> = (0..10)
                        .map(|bit| {
                            if n >> bit & 1 == 1 {
                                Int::I8.into()
                            } else {
                                Int::U8.into()
                            }
                        })
                        .collect();
                    engine
                        .call_stub(&Signature::new(params, Some(Int::I32.into())))
                        .unwrap();
                    n = n.wrapping_add(3);
                }
            });
        }
        for _ in 0..100 {
            let answer = in_child(|| {
                // SAFETY: ends a child that hangs.
                unsafe { libc::alarm(20) };
                let fresh = Signature::new(
                    [Float::F64.into(), Int::U16.into(), Float::F32.into()],
                    None,
                );
                weigh_through(&engine) == 321
                    && engine.call_stub(&fresh).is_ok()
                    && engine.stats().stubs_compiled > 0
            });
            assert_eq!(answer, Ok(true));
        }
        stop.store(true, Ordering::Relaxed);
    });
}
