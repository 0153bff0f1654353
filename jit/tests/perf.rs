//! What `perf` is told of code, in a process that asks for it.

// Nothing else has perf.
#![cfg(target_os = "linux")]
#![allow(unsafe_code, reason = "the callback is called")]

use std::fs;
use std::process::Command;

use farcall_jit::{Arguments, Engine, Handler, Int, Signature};

struct Double;

impl Handler for Double {
    fn call(&self, call: &mut Arguments<'_>) {
        let number: i32 = call.get(0);
        call.give_back(2 * number);
    }
}

const CHILD: &str = "FARCALL_TEST_CHILD";

#[test]
fn stubs_and_callbacks_have_names() {
    if std::env::var_os(CHILD).is_some() {
        return make_code();
    }
    let runner = std::env::var("FARCALL_TEST_RUNNER").unwrap_or_default();
    let own = std::env::current_exe().unwrap();
    let mut words = runner.split_whitespace().chain([own.to_str().unwrap()]);
    let child = Command::new(words.next().unwrap())
        .args(words)
        .args(["stubs_and_callbacks_have_names", "--exact", "--nocapture"])
        .env(CHILD, "1")
        .env("FARCALL_PERF_MAP", "1")
        .output()
        .unwrap();
    let said = String::from_utf8(child.stdout).unwrap();
    assert!(child.status.success(), "{said}");
    let told = |what: &str| -> u64 {
        let mut lines = said.lines().filter_map(|line| line.split_once(what));
        lines.next().expect(&said).1.trim().parse().unwrap()
    };
    let file = format!("/tmp/perf-{}.map", told("process:"));
    let map = fs::read_to_string(&file).unwrap();
    fs::remove_file(file).unwrap();
    let covering = |address: u64| {
        let number = |digits| u64::from_str_radix(digits, 16).unwrap();
        let lines = map.lines().map(|line| {
            let mut words = line.splitn(3, ' ');
            let mut word = || words.next().unwrap();
            (number(word()), number(word()), word())
        });
        let mut found = lines.filter(|&(start, len, _)| (start..start + len).contains(&address));
        found
            .next()
            .unwrap_or_else(|| panic!("{address:x} in:\n{map}"))
            .2
    };
    assert_eq!(covering(told("stub:")), "farcall stub i32 (i32)");
    assert_eq!(covering(told("callback:")), "farcall callbacks i32 (i32)");
    assert!(map.contains("farcall thunk i32 (i32)\n"), "{map}");
}

fn make_code() {
    let engine = Engine::new();
    let signature = Signature::new([Int::I32.into()], Some(Int::I32.into()));
    let stub = engine.call_stub(&signature).unwrap();
    let callback = engine.callback(&signature, Double).unwrap();
    println!("process: {}", std::process::id());
    println!("stub: {}", stub.code().as_ptr().addr());
    println!("callback: {}", callback.code().addr());
    // SAFETY: the callback's signature is that of the function type.
    let function: unsafe extern "C" fn(i32) -> i32 =
        unsafe { std::mem::transmute(callback.code()) };
    // SAFETY: the callback lives.
    assert_eq!(unsafe { function(21) }, 42);
}
