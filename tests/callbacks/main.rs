//! C functions that call Rust closures.

#![allow(unsafe_code, reason = "C functions are called")]

#[path = "../common/mod.rs"]
mod common;
mod externs;
mod failures;
mod lives;
mod values;

use farcall::{Error, Value};

fn int(value: Result<Value, Error>) -> i32 {
    i32::try_from(value.unwrap()).unwrap()
}
