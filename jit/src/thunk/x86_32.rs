//! Emits a thunk for the conventions of 32-bit x86.
//!
//! ```text
//!            | stack arguments       |   from ebp+8 on
//!            | return address        |
//!       ebp->| caller's ebp          |
//!        -4  | slot                  |
//!        -8  | ecx                   |
//!       -12  | edx                   |
//!            | (alignment)           |
//!            | result                |
//!            | packed frame          |
//!            | vtable, ret, frame    |   the parameters of Rust's entry
//!       esp->| slot                  |
//! ```
//!
//! eax brings the slot. Once that, ecx and edx are in memory, all three are scratch. Only System V has callers align
//! the stack, so it is always done.

use iced_x86::IcedError;
use iced_x86::code_asm::{AsmMemoryOperand, AsmRegister32, CodeAssembler};
use iced_x86::code_asm::{byte_ptr, dword_ptr, qword_ptr, registers::*, tbyte_ptr, word_ptr};

use super::{Referred, Upcall};
use crate::stub::x86_32::{FIRST_MMX_ARG, MMX_RESULT, reserve};
use crate::stub::{MAX_UNROLLED, exact_parts};
use crate::{Extend, Piece, Reg};

/// The code of a thunk.
pub(super) fn emit(upcall: &Upcall<'_>) -> Result<Vec<u8>, IcedError> {
    let asm = CodeAssembler::new(32)?;
    Assembler { asm, upcall }.thunk()
}

const STACK: i32 = 8;
const SLOT: i32 = -4;
/// Where the argument registers are saved, in the order of `abi::x86_32`.
const INTS: [i32; 2] = [-8, -12];

/// Bytes for the parameters of Rust's entry, with the alignment of what lies above.
const OUTGOING: i32 = 16;

/// What `ret` with a number can take off.
const MAX_POPPED: u64 = 0xffff;

struct Assembler<'a> {
    asm: CodeAssembler,
    upcall: &'a Upcall<'a>,
}

impl Assembler<'_> {
    fn thunk(mut self) -> Result<Vec<u8>, IcedError> {
        let frame_bytes = self.upcall.frame_size.next_multiple_of(16);
        let result_bytes = self.upcall.result_bytes();
        let result = OUTGOING + frame_bytes as i32;
        self.asm.push(ebp)?;
        self.asm.mov(ebp, esp)?;
        self.asm.push(eax)?;
        self.asm.push(ecx)?;
        self.asm.push(edx)?;
        // Aligning moves on by less than 16 bytes, over memory that must have been probed.
        reserve(
            &mut self.asm,
            OUTGOING as u64 + frame_bytes + result_bytes + 16,
        )?;
        self.asm.and(esp, -16)?;
        self.store_arguments()?;
        if let Some(va) = &self.upcall.va {
            // Variable arguments are all on the stack, and the list is the address of the first.
            let first = self.upcall.variable_stack(STACK as u64) as i32;
            self.asm.lea(eax, ebp + first)?;
            self.asm
                .mov(dword_ptr(esp + (OUTGOING + va.at as i32)), eax)?;
        }
        for at in self.upcall.result_words() {
            let word = esp + (result + at as i32);
            self.asm.mov(dword_ptr(word), 0)?;
            self.asm.mov(dword_ptr(word + 4), 0)?;
        }
        self.call(result)?;
        self.load_result(result)?;
        self.asm.leave()?;
        match self.upcall.plan.assignment.callee_pops {
            0 => self.asm.ret()?,
            popped @ ..=MAX_POPPED => self.asm.ret_1(popped as u32)?,
            popped => {
                self.asm.pop(ecx)?;
                self.asm.add(esp, popped as i32)?;
                self.asm.jmp(ecx)?;
            }
        }
        self.asm.assemble(0)
    }

    fn store_arguments(&mut self) -> Result<(), IcedError> {
        let upcall = self.upcall;
        for gap in upcall.gaps() {
            for at in [gap as i32, gap as i32 + 4] {
                self.asm.mov(dword_ptr(esp + (OUTGOING + at)), 0)?;
            }
        }
        let mut uses_mmx = false;
        for load in upcall.plan.loads() {
            let to = OUTGOING + (upcall.plan.frame[load.argument] + load.piece.offset) as i32;
            match load.piece.reg {
                Reg::Int(index) => {
                    let from = ebp + INTS[usize::from(index)];
                    self.copy_parts(from, esp + to, load.piece.size)?;
                }
                Reg::Vector(index) => {
                    uses_mmx |= index >= FIRST_MMX_ARG;
                    self.store_vector(index, to)?;
                }
                Reg::Stack(at) => self.copy(ebp, STACK + at as i32, to, load.piece.size)?,
                Reg::X87(_) => unreachable!("not for arguments"),
            }
        }
        if uses_mmx {
            // psABI 2.2: the CPU is in x87 mode when a function is entered or left.
            self.asm.emms()?;
        }
        for Referred { address, size, to } in upcall.referred() {
            self.asm.mov(edx, self.word(address))?;
            self.copy(edx, 0, OUTGOING + to as i32, size)?;
        }
        Ok(())
    }

    /// Where an integer argument of one word is.
    fn word(&self, reg: Reg) -> AsmMemoryOperand {
        match reg {
            Reg::Int(index) => dword_ptr(ebp + INTS[usize::from(index)]),
            Reg::Stack(at) => dword_ptr(ebp + (STACK + at as i32)),
            Reg::Vector(_) | Reg::X87(_) => unreachable!("addresses are integers"),
        }
    }

    fn store_vector(&mut self, index: u8, to: i32) -> Result<(), IcedError> {
        let to = esp + to;
        match index {
            0 => self.asm.movups(to, xmm0),
            1 => self.asm.movups(to, xmm1),
            2 => self.asm.movups(to, xmm2),
            FIRST_MMX_ARG => self.asm.movq(qword_ptr(to), mm0),
            4 => self.asm.movq(qword_ptr(to), mm1),
            _ => self.asm.movq(qword_ptr(to), mm2),
        }
    }

    /// Copies exactly `size` bytes to `to` from esp; large objects in a loop.
    fn copy(&mut self, base: AsmRegister32, at: i32, to: i32, size: u64) -> Result<(), IcedError> {
        if size <= MAX_UNROLLED {
            for word in (0..size).step_by(4) {
                let (from, to) = (base + (at + word as i32), esp + (to + word as i32));
                self.copy_parts(from, to, (size - word).min(4))?;
            }
            return Ok(());
        }
        let words = (size / 4) as i32;
        let mut next = self.asm.create_label();
        self.asm.lea(edx, base + at)?;
        self.copy_parts(edx + 4 * words, esp + (to + 4 * words), size % 4)?;
        self.asm.mov(ecx, words)?;
        self.asm.set_label(&mut next)?;
        self.asm.mov(eax, dword_ptr(edx + ecx * 4 - 4))?;
        self.asm.mov(dword_ptr(esp + ecx * 4 + (to - 4)), eax)?;
        self.asm.dec(ecx)?;
        self.asm.jnz(next)
    }

    /// Copies at most four bytes, none but these.
    fn copy_parts(
        &mut self,
        from: AsmMemoryOperand,
        to: AsmMemoryOperand,
        size: u64,
    ) -> Result<(), IcedError> {
        for (offset, part) in exact_parts(size) {
            let (from, to) = (from + offset as i32, to + offset as i32);
            match part {
                1 => {
                    self.asm.mov(al, byte_ptr(from))?;
                    self.asm.mov(byte_ptr(to), al)?;
                }
                2 => {
                    self.asm.mov(ax, word_ptr(from))?;
                    self.asm.mov(word_ptr(to), ax)?;
                }
                _ => {
                    self.asm.mov(eax, dword_ptr(from))?;
                    self.asm.mov(dword_ptr(to), eax)?;
                }
            }
        }
        Ok(())
    }

    fn call(&mut self, result: i32) -> Result<(), IcedError> {
        match self.upcall.plan.sret() {
            Some(address) => self.asm.mov(eax, self.word(address))?,
            None => self.asm.lea(eax, esp + result)?,
        }
        self.asm.mov(dword_ptr(esp + 8), eax)?;
        self.asm.lea(eax, esp + OUTGOING)?;
        self.asm.mov(dword_ptr(esp + 4), eax)?;
        self.asm.mov(eax, dword_ptr(ebp + SLOT))?;
        self.asm.mov(dword_ptr(esp), eax)?;
        self.asm.mov(eax, dword_ptr(eax + 4))?;
        self.asm.mov(dword_ptr(esp + 12), eax)?;
        self.asm.call(dword_ptr(eax))
    }

    /// Whole words are loaded, for they are all the thunk's own.
    fn load_result(&mut self, result: i32) -> Result<(), IcedError> {
        if let Some(address) = self.upcall.plan.sret() {
            // psABI 2.2: "the function returns with %eax set to this address"; so on Windows.
            return self.asm.mov(eax, self.word(address));
        }
        if let Some(narrow) = self.upcall.extend_result() {
            let from = esp + result;
            return match narrow {
                (1, Extend::Sign) => self.asm.movsx(eax, byte_ptr(from)),
                (1, Extend::Zero) => self.asm.movzx(eax, byte_ptr(from)),
                (_, Extend::Sign) => self.asm.movsx(eax, word_ptr(from)),
                (_, Extend::Zero) => self.asm.movzx(eax, word_ptr(from)),
            };
        }
        for &Piece {
            offset, size, reg, ..
        } in self.upcall.plan.result_pieces()
        {
            let from = esp + (result + offset as i32);
            match (reg, size) {
                (Reg::X87(_), 4) => self.asm.fld(dword_ptr(from))?,
                (Reg::X87(_), 8) => self.asm.fld(qword_ptr(from))?,
                (Reg::X87(_), _) => self.asm.fld(tbyte_ptr(from))?,
                (Reg::Vector(MMX_RESULT), _) => self.asm.movq(mm0, qword_ptr(from))?,
                (Reg::Vector(_), _) => self.asm.movups(xmm0, from)?,
                (Reg::Int(0), _) => self.asm.mov(eax, dword_ptr(from))?,
                (Reg::Int(_), _) => self.asm.mov(edx, dword_ptr(from))?,
                (Reg::Stack(_), _) => unreachable!("no result is on the stack"),
            }
        }
        Ok(())
    }
}
