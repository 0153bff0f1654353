//! The registers of a machine, and the one interface of the interpreters.

use crate::memory::{Fault, Memory};

/// Code that can be run instruction by instruction.
pub(crate) trait Program {
    /// Runs the instruction at `state.pc`.
    fn step(&self, state: &mut State) -> Result<Event, Fault>;

    /// Where each instruction starts, and its text.
    fn listing(&self) -> Vec<(usize, String)>;
}

/// What an instruction did beside changing the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Next,
    /// Called an address.
    Call(u64),
    /// Returned to an address.
    Return(u64),
}

/// Registers by their machine's numbers. On AArch64 integer register 31 is the stack pointer.
pub(crate) struct State {
    /// Offset in the code of the next instruction.
    pub(crate) pc: usize,
    pub(crate) ints: [u64; 32],
    pub(crate) vectors: [u128; 32],
    pub(crate) mmx: [u64; 8],
    /// Whether the x87 registers are in use as MMX ones, until `emms`.
    pub(crate) mmx_mode: bool,
    /// The x87 stack, its top last: each number as the bytes of the format in which it is exact.
    pub(crate) x87: Vec<Vec<u8>>,
    /// Whether the last result was zero; none where flags are not defined.
    pub(crate) zero: Option<bool>,
    /// Registers that instructions wrote, a bit for each.
    pub(crate) ints_written: u32,
    pub(crate) vectors_written: u32,
    pub(crate) memory: Memory,
    /// Number of the stack pointer.
    pub(crate) sp: usize,
}

impl State {
    pub(crate) fn sp(&self) -> u64 {
        self.ints[self.sp]
    }

    pub(crate) fn set_int(&mut self, register: usize, value: u64) {
        self.ints[register] = value;
        self.ints_written |= 1 << register;
    }

    pub(crate) fn set_vector(&mut self, register: usize, value: u128) {
        self.vectors[register] = value;
        self.vectors_written |= 1 << register;
    }

    pub(crate) fn load(&mut self, address: u64, size: u64) -> Result<u128, Fault> {
        let sp = self.sp();
        self.memory.load(address, size, sp)
    }

    pub(crate) fn store(&mut self, address: u64, size: u64, value: u128) -> Result<(), Fault> {
        let sp = self.sp();
        self.memory.store(address, size, value, sp)
    }
}

/// A register of any machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Register {
    Int(usize),
    Vector(usize),
    Mmx(usize),
    X87(usize),
}

/// Integer registers of x86 by their numbers, without the letter for their size.
const X86_INTS: [&str; 8] = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"];

impl Register {
    /// The register that assembler calls so.
    pub(crate) fn named(name: &str) -> Register {
        let numbered = |prefix: &str| {
            name.strip_prefix(prefix)?
                .trim_end_matches(')')
                .parse()
                .ok()
        };
        let x86 = X86_INTS.iter().position(|int| name.get(1..) == Some(int));
        x86.or_else(|| numbered("r"))
            .or_else(|| numbered("x"))
            .map(Register::Int)
            .or_else(|| {
                numbered("xmm")
                    .or_else(|| numbered("v"))
                    .map(Register::Vector)
            })
            .or_else(|| numbered("mm").map(Register::Mmx))
            .or_else(|| numbered("st(").map(Register::X87))
            .unwrap_or_else(|| panic!("no machine has a register {name}"))
    }
}
