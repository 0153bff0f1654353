//! Calls C functions whose types are known only at run time, at the speed of compiled code.
//!
//! A [`Signature`] says what a function's arguments and result are to the machine. The [`Engine`] compiles a
//! [`CallStub`] for it once; a call then only moves values. Where each goes is decided by [`Abi::assign`], a pure
//! function of the signature. The other way round, the [`Thunk`] of a signature makes [`Callback`]s: C function pointers
//! that call Rust.
//!
//! This crate has no parser and knows no C: the `farcall` crate lowers declarations to these signatures.

mod abi;
mod call;
mod callback;
mod check;
mod code;
mod engine;
mod error;
mod fallback;
#[cfg_attr(
    not(any(
        target_arch = "aarch64",
        target_arch = "x86_64",
        feature = "all-machines"
    )),
    allow(unused, reason = "32-bit x86 has no emitter of its own for them")
)]
mod fused;
mod gate;
mod report;
mod signature;
mod stats;
mod stub;
mod thunk;
mod types;
mod va_list;

pub use abi::{
    Abi, Assignment, Extend, Machine, Piece, Place, Reg, Registers, ResultPlace, Taken,
    Unsupported, X86Convention,
};
pub use call::{Backend, CallStub};
pub use callback::{
    Arguments, Callback, CallbackVtable, Handler, Plain, RawCall, Thunk, Unwinding,
};
pub use engine::Engine;
pub use error::{Error, Why};
pub use fused::{
    FusedStub, HostBytes, HostCData, HostCallee, HostCalls, HostEntry, HostErrno, HostFloats,
    HostInts, HostLayout, HostSign, Maker, Reader, Recipe,
};
pub use gate::keep_fork_out;
pub use report::{panic_text, tell};
pub use signature::{Frame, Signature};
pub use stats::Stats;
pub use stub::emit_stub;
pub use types::{Array, Bits, Field, Float, Int, Record, Type, Vector};
pub use va_list::{VaList, VaListMemory};
