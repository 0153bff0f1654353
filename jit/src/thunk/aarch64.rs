//! Emits a thunk for AArch64.
//!
//! ```text
//!            | stack arguments       |   from x29+16 on
//!            | return address        |
//!       x29->| caller's x29          |
//!        -8  | x8                    |   the address of a result in memory
//!       -16  | slot                  |
//!            | result                |
//!        sp->| packed frame          |
//! ```
//!
//! x17 brings the slot: it and x16 are what veneers between caller and callee may change (AAPCS64 section 6.1.1). x9 to
//! x15 are scratch.

use super::{Referred, Upcall};
use crate::stub::aarch64::encode::{Code, Data, RESULT_ADDRESS, SP, X};
use crate::stub::aarch64::reserve;
use crate::stub::{MAX_UNROLLED, exact_parts};
use crate::va_list::aapcs_offsets;
use crate::{Extend, Reg};

/// The parameters of Rust's entry (`EnterFn`): slot, frame, ret, vtable.
const PARAMETERS: [X; 4] = [X(0), X(1), X(2), X(3)];

const SLOT: X = X(17);
const TARGET: X = X(16);
const ADDRESS: X = X(10);
const SCRATCH: X = X(11);
const TO: X = X(12);
const COUNT: X = X(13);

/// Offsets from the frame pointer.
const STACK: u64 = 16;
const SAVED_SLOT: i64 = -16;
const SAVED_RET: i64 = -8;

/// The code of a thunk.
pub(super) fn emit(upcall: &Upcall<'_>) -> Vec<u8> {
    let mut assembler = Assembler {
        code: Code::default(),
        upcall,
    };
    assembler.thunk();
    assembler.code.into_bytes()
}

struct Assembler<'a> {
    code: Code,
    upcall: &'a Upcall<'a>,
}

impl Assembler<'_> {
    fn thunk(&mut self) {
        let frame_bytes = self.upcall.frame_size.next_multiple_of(16);
        let result_bytes = self.upcall.result_bytes();
        self.code.enter();
        self.code.push_pair(SLOT, RESULT_ADDRESS);
        reserve(&mut self.code, COUNT, frame_bytes + result_bytes);
        self.keep_registers();
        self.store_arguments();
        self.make_va_list();
        if result_bytes > 0 {
            self.code.set(SCRATCH, 0);
            for at in self.upcall.result_words() {
                self.code.store(Data::Word, SCRATCH, SP, frame_bytes + at);
            }
        }
        self.call(frame_bytes);
        self.load_result(frame_bytes);
        self.code.leave();
    }

    /// For variable arguments: AAPCS64 B.4, where gcc keeps all registers.
    fn keep_registers(&mut self) {
        let Some(va) = &self.upcall.va else {
            return;
        };
        if va.area.vectors == va.area.ints {
            return;
        }
        for index in 0..8 {
            let (int, vector) = (
                va.at + va.area.ints + 8 * u64::from(index),
                va.at + va.area.vectors + 16 * u64::from(index),
            );
            self.code.store(Data::Word, X(index), SP, int);
            self.code.store(Data::vector(16), X(index), SP, vector);
        }
    }

    fn make_va_list(&mut self) {
        let Some(va) = &self.upcall.va else {
            return;
        };
        let first = self.upcall.variable_stack(STACK);
        self.code.add(SCRATCH, X::FRAME, first);
        self.code.store(Data::Word, SCRATCH, SP, va.at);
        if va.area.vectors == va.area.ints {
            return;
        }
        // Behind the last register of each kind.
        for (at, top) in [(8, va.area.vectors), (16, va.area.size)] {
            self.code.add(SCRATCH, SP, va.at + top);
            self.code.store(Data::Word, SCRATCH, SP, va.at + at);
        }
        let (gr_offs, vr_offs) = aapcs_offsets(self.upcall.plan.assignment.taken);
        for (at, offset) in [(24, gr_offs), (28, vr_offs)] {
            self.code.set(SCRATCH, offset.cast_unsigned().into());
            self.code.store(Data::unsigned(4), SCRATCH, SP, va.at + at);
        }
    }

    /// What is behind a piece in its word is stored with it: the frame's words are whole.
    fn store_arguments(&mut self) {
        let upcall = self.upcall;
        let gaps: Vec<u64> = upcall.gaps().collect();
        if !gaps.is_empty() {
            self.code.set(SCRATCH, 0);
        }
        for gap in gaps {
            self.code.store(Data::Word, SCRATCH, SP, gap);
        }
        for load in upcall.plan.loads() {
            let (size, to) = (
                load.piece.size,
                upcall.plan.frame[load.argument] + load.piece.offset,
            );
            match load.piece.reg {
                Reg::Int(index) => self.code.store(Data::Word, X(index), SP, to),
                Reg::Vector(index) => self.code.store(Data::vector(size), X(index), SP, to),
                Reg::Stack(at) => self.copy(X::FRAME, STACK + at, to, size),
                Reg::X87(_) => unreachable!("not on this machine"),
            }
        }
        for Referred { address, size, to } in upcall.referred() {
            match address {
                Reg::Int(index) => self.copy(X(index), 0, to, size),
                Reg::Stack(at) => {
                    self.code.load(Data::Word, ADDRESS, X::FRAME, STACK + at);
                    self.copy(ADDRESS, 0, to, size);
                }
                Reg::Vector(_) | Reg::X87(_) => unreachable!("addresses are integers"),
            }
        }
    }

    /// Copies exactly `size` bytes to `to` from the stack pointer; large objects in a loop.
    fn copy(&mut self, base: X, at: u64, to: u64, size: u64) {
        if size <= MAX_UNROLLED {
            for word in (0..size).step_by(8) {
                for (offset, part) in exact_parts((size - word).min(8)) {
                    let (data, offset) = (Data::unsigned(part), word + offset);
                    self.code.load(data, SCRATCH, base, at + offset);
                    self.code.store(data, SCRATCH, SP, to + offset);
                }
            }
            return;
        }
        self.code.add(ADDRESS, base, at);
        self.code.add(TO, SP, to);
        self.code.set(COUNT, size / 8);
        let next = self.code.here();
        self.code.copy_word_and_advance(SCRATCH, ADDRESS, TO);
        self.code.loop_while_decremented(COUNT, next);
        for (offset, part) in exact_parts(size % 8) {
            let data = Data::unsigned(part);
            self.code.load(data, SCRATCH, ADDRESS, offset);
            self.code.store(data, SCRATCH, TO, offset);
        }
    }

    fn call(&mut self, result: u64) {
        let [slot, frame, ret, vtable] = PARAMETERS;
        self.code.load_word(slot, X::FRAME, SAVED_SLOT);
        self.code.add(frame, SP, 0);
        match self.upcall.plan.sret() {
            Some(_) => self.code.load_word(ret, X::FRAME, SAVED_RET),
            None => self.code.add(ret, SP, result),
        }
        self.code.load(Data::Word, vtable, slot, 8);
        self.code.load(Data::Word, TARGET, vtable, 0);
        self.code.call(TARGET);
    }

    /// What was written at once is loaded at once, other sizes as whole words, which are all the thunk's own. Of a result in memory nothing is: x8 need not be
    /// preserved (section 6.9).
    fn load_result(&mut self, result: u64) {
        if let Some((size, extend)) = self.upcall.extend_result() {
            let data = match (size, extend) {
                (1, Extend::Sign) => Data::SignedByte,
                (_, Extend::Sign) => Data::SignedHalf,
                (size, Extend::Zero) => Data::unsigned(size),
            };
            return self.code.load(data, X(0), SP, result);
        }
        for piece in self.upcall.plan.result_pieces() {
            let at = result + piece.offset;
            match piece.reg {
                Reg::Int(index) if piece.size == 4 => {
                    self.code.load(Data::Single, X(index), SP, at);
                }
                Reg::Int(index) => self.code.load(Data::Word, X(index), SP, at),
                Reg::Vector(index) => self.code.load(Data::vector(piece.size), X(index), SP, at),
                Reg::Stack(_) | Reg::X87(_) => unreachable!("not for results here"),
            }
        }
    }
}
