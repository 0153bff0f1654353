//! Tests that run again in a process of their own, which may end badly.

use std::alloc::{GlobalAlloc, Layout, System};
use std::process::{Command, Output, Stdio};

/// Set in such a process.
const CHILD: &str = "FARCALL_TEST_CHILD";

pub(crate) fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Runs one test of this file, by its full name.
pub(crate) fn again(test: &str, stderr: impl Into<Stdio>) -> Output {
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

/// Overwrites what is freed, so that whoever reads it afterwards reads nonsense.
struct Spoils;

#[global_allocator]
static ALLOCATOR: Spoils = Spoils;

// SAFETY: the system's allocator.
unsafe impl GlobalAlloc for Spoils {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise; nobody else uses the memory.
        unsafe {
            memory.write_bytes(0xdd, layout.size());
            System.dealloc(memory, layout);
        }
    }
}
