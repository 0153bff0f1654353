//! Arbitrary text as declarations and as a type name.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/fuzz/oracle.rs"]
mod oracle;

fuzz_target!(|text: &str| oracle::check(text));
