//! Fused stubs, with a language runtime made up for the purpose: what they read in place, what they leave to the slow path
//! and that it gets everything as it was, in which order they do what, and what they make of results.

#![allow(unsafe_code)]
#![cfg(target_arch = "x86_64")]

mod entries;
mod order;
mod random;
mod reading;
mod results;
mod runtime;
