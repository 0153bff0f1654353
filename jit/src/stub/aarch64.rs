//! Emits a stub for AArch64 instruction by instruction: calls with arguments on the stack or by reference, for
//! which Cranelift would take callee-saved registers.
//!
//! ```text
//!            | return address        |
//!       x29->| caller's x29          |
//!        -8  | ret                   |
//!       -16  | target                |
//!            | (alignment)           |
//!            | copies of arguments   |   those that go by reference
//!        sp->| stack arguments       |
//! ```
//!
//! x9 holds the frame or pointer array until the call, x10 an argument's address, x11 to x15 are scratch (AAPCS64
//! section 6.1.1: x9 to x15 are temporary registers). No register is touched that the callee must preserve.

pub(crate) mod encode;

use super::{Copied, Entry, Load, MAX_UNROLLED, Outgoing, PAGE, Plan, exact_parts};
use crate::{Extend, Piece, Reg};
use encode::{Code, Data, RESULT_ADDRESS, SP, X};

/// The parameters of a stub (`StubFn`): target, arguments, ret.
const PARAMETERS: [X; 3] = [X(0), X(1), X(2)];

/// The packed frame or pointer array.
pub(crate) const ARGUMENTS: X = X(9);
const ARGUMENT: X = X(10);
const SCRATCH: X = X(11);
const PART: X = X(12);
const COUNT: X = X(13);
const RET: X = X(9);
/// A temporary that the linker may use between caller and callee, so it is free at a call.
const TARGET: X = X(16);

/// Where `enter` saves the stub's parameters, in bytes from the frame pointer.
pub(crate) const SAVED_TARGET: i64 = -16;
pub(crate) const SAVED_RET: i64 = -8;

/// The code of a stub.
pub(super) fn emit(plan: &Plan<'_>) -> Vec<u8> {
    let mut assembler = Assembler::new(plan);
    assembler.enter();
    assembler.call();
    assembler.store_result();
    assembler.code.leave();
    assembler.code.into_bytes()
}

/// Code that makes a C call, in the making.
pub(crate) struct Assembler<'a> {
    pub(crate) code: Code,
    plan: &'a Plan<'a>,
    outgoing: Outgoing,
}

impl<'a> Assembler<'a> {
    pub(crate) fn new(plan: &'a Plan<'a>) -> Assembler<'a> {
        Assembler {
            code: Code::default(),
            plan,
            outgoing: plan.outgoing(),
        }
    }

    fn enter(&mut self) {
        let [target, arguments, ret] = PARAMETERS;
        self.code.enter();
        self.code.push_pair(target, ret);
        self.code.mov(ARGUMENTS, arguments);
        self.reserve(0);
    }

    /// Lowers the stack pointer by what goes to the callee, and by `more` bytes above that, a multiple of 16.
    pub(crate) fn reserve(&mut self, more: u64) {
        let Outgoing { size, align, .. } = self.outgoing;
        if align > 16 {
            // Up, over memory that has been probed.
            reserve(&mut self.code, COUNT, more + size + align);
            self.code.align_stack(SCRATCH, align);
        } else {
            reserve(&mut self.code, COUNT, more + size);
        }
    }

    /// The C call, with the arguments that [`ARGUMENTS`] leads to, the result's memory at [`SAVED_RET`] and the function at
    /// [`SAVED_TARGET`].
    pub(crate) fn call(&mut self) {
        let plan = self.plan;
        for at in 0..self.outgoing.copies.len() {
            let Copied { load, at, .. } = self.outgoing.copies[at];
            self.push(load, at);
        }
        for load in plan.loads() {
            if let Reg::Stack(to) = load.piece.reg {
                self.push(load, to);
            }
        }
        for at in 0..self.outgoing.copies.len() {
            let Copied { at, address, .. } = self.outgoing.copies[at];
            self.pass_address(at, address);
        }
        for load in plan.loads() {
            match load.piece.reg {
                Reg::Int(index) => self.load_int(load, X(index)),
                Reg::Vector(index) => self.load_vector(load, index),
                Reg::Stack(_) | Reg::X87(_) => {}
            }
        }
        if plan.sret().is_some() {
            self.code.load_word(RESULT_ADDRESS, X::FRAME, SAVED_RET);
        }
        self.code.load_word(TARGET, X::FRAME, SAVED_TARGET);
        self.code.call(TARGET);
    }

    /// Base register and offset of the bytes of an argument.
    fn address(&mut self, load: Load) -> (X, u64) {
        match self.plan.entry {
            Entry::Frame => (
                ARGUMENTS,
                self.plan.frame[load.argument] + load.piece.offset,
            ),
            Entry::Pointers => {
                let at = 8 * load.argument as u64;
                self.code.load(Data::Word, ARGUMENT, ARGUMENTS, at);
                (ARGUMENT, load.piece.offset)
            }
        }
    }

    fn pass_address(&mut self, copy: u64, reg: Reg) {
        match reg {
            Reg::Int(index) => self.code.add(X(index), SP, copy),
            Reg::Stack(to) => {
                self.code.add(SCRATCH, SP, copy);
                self.code.store(Data::Word, SCRATCH, SP, to);
            }
            Reg::Vector(_) | Reg::X87(_) => unreachable!("addresses are integers"),
        }
    }

    fn push(&mut self, load: Load, to: u64) {
        let (base, at) = self.address(load);
        if load.piece.extend.is_some() {
            self.load_narrow(SCRATCH, base, at, load.piece);
            self.code.store(Data::Word, SCRATCH, SP, to);
            return;
        }
        let size = load.piece.size;
        if size > MAX_UNROLLED {
            return self.push_large(base, at, to, size);
        }
        for (offset, part) in (0..size).step_by(8).flat_map(|word| {
            exact_parts((size - word).min(8)).map(move |(offset, part)| (word + offset, part))
        }) {
            self.code
                .load(Data::unsigned(part), SCRATCH, base, at + offset);
            self.code
                .store(Data::unsigned(part), SCRATCH, SP, to + offset);
        }
    }

    /// Copies words in a loop, and what is left of the last one.
    fn push_large(&mut self, base: X, at: u64, to: u64, size: u64) {
        self.code.add(ARGUMENT, base, at);
        self.code.add(PART, SP, to);
        self.code.set(COUNT, size / 8);
        let next = self.code.here();
        self.code.copy_word_and_advance(SCRATCH, ARGUMENT, PART);
        self.code.loop_while_decremented(COUNT, next);
        for (offset, part) in exact_parts(size % 8) {
            self.code
                .load(Data::unsigned(part), SCRATCH, ARGUMENT, offset);
            self.code.store(Data::unsigned(part), SCRATCH, PART, offset);
        }
    }

    fn load_int(&mut self, load: Load, to: X) {
        let (base, at) = self.address(load);
        if load.piece.extend.is_some() {
            return self.load_narrow(to, base, at, load.piece);
        }
        for (offset, part) in exact_parts(load.piece.size) {
            if offset == 0 {
                self.code.load(Data::unsigned(part), to, base, at);
            } else {
                self.code
                    .load(Data::unsigned(part), PART, base, at + offset);
                self.code.or_shifted(to, PART, 8 * offset as u32);
            }
        }
    }

    /// A scalar of one or two bytes, extended to 32 bits.
    fn load_narrow(&mut self, to: X, base: X, at: u64, piece: Piece) {
        let data = match (piece.size, piece.extend) {
            (1, Some(Extend::Sign)) => Data::SignedByte,
            (2, Some(Extend::Sign)) => Data::SignedHalf,
            (size, _) => Data::unsigned(size),
        };
        self.code.load(data, to, base, at);
    }

    fn load_vector(&mut self, load: Load, to: u8) {
        let (base, at) = self.address(load);
        self.code
            .load(Data::vector(load.piece.size), X(to), base, at);
    }

    /// Stores a result in registers to the memory at [`SAVED_RET`].
    pub(crate) fn store_result(&mut self) {
        let pieces = self.plan.result_pieces();
        if pieces.is_empty() {
            return;
        }
        self.code.load_word(RET, X::FRAME, SAVED_RET);
        for piece in pieces {
            match piece.reg {
                Reg::Int(index) => self.store_bits(piece, X(index)),
                Reg::Vector(index) => {
                    self.code
                        .store(Data::vector(piece.size), X(index), RET, piece.offset);
                }
                Reg::Stack(_) | Reg::X87(_) => unreachable!("not for results here"),
            }
        }
    }

    /// Stores exactly a piece's bytes.
    fn store_bits(&mut self, piece: &Piece, from: X) {
        for (offset, part) in exact_parts(piece.size) {
            let part_of = if offset == 0 { from } else { PART };
            if offset > 0 {
                self.code.shift_right(PART, from, 8 * offset as u32);
            }
            self.code
                .store(Data::unsigned(part), part_of, RET, piece.offset + offset);
        }
    }
}

/// Lowers the stack pointer, a page at a time where it is more than one.
pub(crate) fn reserve(code: &mut Code, count: X, size: u64) {
    let pages = size / PAGE;
    if pages > 0 {
        code.set(count, pages);
        let next = code.here();
        code.lower_stack(PAGE);
        code.probe();
        code.loop_while_decremented(count, next);
    }
    code.lower_stack(size % PAGE);
}
