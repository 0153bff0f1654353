//! What the system sees of executable memory, alone and across `fork`.

#![cfg(target_os = "linux")]
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// Held by each test: they look at the whole process, and fork it.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the system calls that a test is about are qemu's, which leaves out much of `prctl` and `madvise`, and does not
/// fork while other threads run.
fn emulated() -> bool {
    let emulated = std::env::var("FARCALL_TEST_RUNNER").is_ok_and(|runner| runner.contains("qemu"));
    if emulated {
        eprintln!("skipped: qemu's user mode is no Linux kernel in this");
    }
    emulated
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

#[test]
fn mappings_come_and_go_with_the_engine_and_are_never_writable_and_executable() {
    let _alone = alone();
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
    if emulated() {
        return;
    }
    let _alone = alone();
    const PR_SET_MDWE: i32 = 65;
    const PR_MDWE_REFUSE_EXEC_GAIN: u64 = 1;
    const PR_GET_MDWE: i32 = 66;
    // SAFETY: asks, and changes nothing.
    if unsafe { libc::prctl(PR_GET_MDWE, 0, 0, 0, 0) } < 0 {
        eprintln!("skipped: kernels before 6.3 have no PR_SET_MDWE");
        return;
    }
    let answer = in_child(|| {
        // SAFETY: tightens what this child may do.
        let set = unsafe { libc::prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) };
        let engine = Engine::new();
        let stub = engine.call_stub(&signature()).unwrap();
        set == 0 && weigh_through(&engine) == 321 && stub.backend() == Backend::Compiled
    });
    assert_eq!(answer, Ok(true));
}

#[test]
fn a_forked_child_writes_to_chunks_of_its_own() {
    let _alone = alone();
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
    if emulated() {
        return;
    }
    let _alone = alone();
    let engine = Engine::new();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..3u32 {
            let (engine, stop) = (&engine, &stop);
            scope.spawn(move || {
                // Three bits of a type digit, for more signatures than there is time for.
                let mut n = u64::from(thread);
                while !stop.load(Ordering::Relaxed) {
                    let digit = |at: u32| {
                        [
                            Int::I8,
                            Int::U8,
                            Int::I16,
                            Int::U16,
                            Int::I32,
                            Int::U32,
                            Int::I64,
                            Int::U64,
                        ][(n >> (3 * at) & 7) as usize]
                    };
                    let params: Vec<Type> = (0..6).map(|at| digit(at).into()).collect();
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

/// Makes the next `memfd_create` of this process fail with `error`.
fn forbid_memfd(error: i32) {
    use libc::{BPF_ABS, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, sock_filter, sock_fprog};
    let statement = |code: u32, k: u32| sock_filter {
        code: code as u16,
        jt: 0,
        jf: 0,
        k,
    };
    let jump = sock_filter {
        code: (BPF_JMP | BPF_JEQ | BPF_K) as u16,
        jt: 0,
        jf: 1,
        k: libc::SYS_memfd_create as u32,
    };
    let mut filter = [
        statement(BPF_LD | BPF_W | BPF_ABS, 0),
        jump,
        statement(BPF_RET | BPF_K, libc::SECCOMP_RET_ERRNO | error as u32),
        statement(BPF_RET | BPF_K, libc::SECCOMP_RET_ALLOW),
    ];
    let program = sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: restricts this child alone; the kernel copies the program.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        assert_eq!(
            libc::prctl(
                libc::PR_SET_SECCOMP,
                libc::SECCOMP_MODE_FILTER,
                &raw const program
            ),
            0
        );
    }
}

/// Where there is no memfd, pages are published once: never writable again, and unwound through all the same.
#[test]
fn without_memfd_pages_are_published_once() {
    if emulated() {
        return;
    }
    let _alone = alone();
    let answer = in_child(|| {
        forbid_memfd(libc::ENOSYS);
        let engine = Engine::new();
        let stub = engine.call_stub(&signature()).unwrap();
        let address = stub.code().as_ptr() as usize;
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let permissions = maps.lines().find_map(|line| {
            let (range, rest) = line.split_once(' ')?;
            let (start, end) = range.split_once('-')?;
            let hex = |text| usize::from_str_radix(text, 16).unwrap();
            (hex(start)..hex(end))
                .contains(&address)
                .then(|| rest[..4].to_owned())
        });
        extern "C-unwind" fn panics() {
            std::panic::panic_any(5u8);
        }
        let thrower = engine.call_stub(&Signature::new([], None)).unwrap();
        // SAFETY: `panics` takes and returns nothing.
        let throw = || unsafe {
            thrower.call(
                panics as *const c_void,
                std::ptr::null(),
                std::ptr::null_mut(),
            )
        };
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(throw));
        stub.backend() == Backend::Compiled
            && weigh_through(&engine) == 321
            && permissions.as_deref() == Some("r-xp")
            && caught.unwrap_err().downcast_ref() == Some(&5u8)
    });
    assert_eq!(answer, Ok(true));
}

/// Running out of file descriptors passes, and so does its remedy.
#[test]
fn a_lack_of_descriptors_is_not_held_against_the_system() {
    if emulated() {
        return;
    }
    let _alone = alone();
    let answer = in_child(|| {
        let engine = Engine::new();
        let limit = |soft| {
            let limit = libc::rlimit {
                rlim_cur: soft,
                rlim_max: 1024,
            };
            // SAFETY: limits this child alone.
            assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
        };
        limit(3);
        let pages = engine.call_stub(&signature()).unwrap();
        limit(1024);
        let dual = engine
            .call_stub(&Signature::new([Float::F32.into()], None))
            .unwrap();
        let again = engine
            .call_stub(&Signature::new([Float::F64.into()], None))
            .unwrap();
        let near = |a: &[u8], b: &[u8]| a.as_ptr().addr().abs_diff(b.as_ptr().addr()) < 1024;
        pages.backend() == Backend::Compiled
            && near(dual.code(), again.code())
            && weigh_through(&engine) == 321
    });
    assert_eq!(answer, Ok(true));
}

/// A child may come from a bare system call, which runs no handlers of libc's.
#[test]
fn a_bare_fork_is_noticed_too() {
    if emulated() {
        return;
    }
    let _alone = alone();
    let engine = Engine::new();
    assert_eq!(weigh_through(&engine), 321);
    let before = engine.call_stub(&signature()).unwrap();
    // SAFETY: the child only compiles, compares and leaves.
    unsafe {
        // What `fork` is where it is a system call at all.
        let pid = libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) as i32;
        if pid == 0 {
            let fresh = engine
                .call_stub(&Signature::new([Float::F32.into()], None))
                .unwrap();
            let apart = fresh
                .code()
                .as_ptr()
                .addr()
                .abs_diff(before.code().as_ptr().addr())
                >= 1 << 16;
            libc::_exit(i32::from(!apart));
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(pid, &mut status, 0), pid);
        assert_eq!(status, 0);
    }
}
