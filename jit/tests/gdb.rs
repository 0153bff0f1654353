//! Backtraces of a debugger go through the frames of callbacks.

#![allow(unsafe_code)]
#![cfg(target_os = "linux")]

use std::process::Command;

use farcall_jit::{Arguments, Engine, Int, Signature};

/// Set for the program that gdb looks at.
const CHILD: &str = "FARCALL_TEST_DEBUGGED";

/// Where gdb stops.
// SAFETY: nothing else has this name.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn farcall_stop_here() -> i32 {
    std::hint::black_box(5)
}

#[inline(never)]
fn who_called(step: extern "C" fn(i32) -> i32) -> i32 {
    step(1) + std::hint::black_box(0)
}

#[test]
fn gdb_sees_through_callbacks() {
    if std::env::var_os(CHILD).is_some() {
        let int = || Int::I32.into();
        let signature = Signature::new([int()], Some(int()));
        let callback = Engine::new().callback(&signature, |call: &mut Arguments<'_>| {
            call.give_back(farcall_stop_here());
        });
        let callback = callback.unwrap();
        // SAFETY: the callback's signature is that of the function type.
        let step: extern "C" fn(i32) -> i32 = unsafe { std::mem::transmute(callback.code()) };
        assert_eq!(who_called(step), 5);
        return;
    }
    if std::env::var_os("FARCALL_TEST_RUNNER").is_some_and(|runner| !runner.is_empty()) {
        return eprintln!("skipped: gdb does not look into emulated programs");
    }
    let gdb = Command::new("gdb")
        .args(["-batch", "-nx", "-ex", "set breakpoint pending on"])
        .args([
            "-ex",
            "break farcall_stop_here",
            "-ex",
            "run",
            "-ex",
            "backtrace",
            "--args",
        ])
        .arg(std::env::current_exe().unwrap())
        .args(["gdb_sees_through_callbacks", "--exact", "--test-threads=1"])
        .env(CHILD, "1")
        .output();
    let Ok(output) = gdb else {
        return eprintln!("skipped: there is no gdb");
    };
    let text = String::from_utf8_lossy(&output.stdout);
    if !text.contains("Breakpoint 1, ") {
        let why = String::from_utf8_lossy(&output.stderr);
        // What gdb says where it may not trace.
        let refused = ["Could not trace the inferior process", "ptrace: "];
        let is_refused = refused.into_iter().any(|words| why.contains(words));
        assert!(is_refused, "no breakpoint was hit:\n{text}\n{why}");
        return eprintln!("skipped: gdb may not trace programs here");
    }
    // Innermost first: the handler, the thunk under the name of all code, and the caller.
    let frames: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    let at = |name: &str| {
        let found = frames.iter().position(|frame| frame.contains(name));
        found.unwrap_or_else(|| panic!("no '{name}' in:\n{text}"))
    };
    let [handler, thunk, caller] = ["farcall_stop_here", "in farcall ()", "who_called"].map(at);
    assert!(handler < thunk && thunk < caller, "{text}");
}
