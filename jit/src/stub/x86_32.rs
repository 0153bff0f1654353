//! Emits a stub for 32-bit x86 instruction by instruction, for Cranelift does not know that machine.
//!
//! ```text
//!       +16  | ret                   |   the stub's own parameters, under cdecl
//!       +12  | arguments             |
//!        +8  | target                |
//!            | return address        |
//!       ebp->| caller's ebp          |
//!            | (alignment)           |
//!            | copies of arguments   |   those that go by reference
//!       esp->| stack arguments       |
//! ```
//!
//! edx holds the frame or pointer array until the argument registers are loaded, ecx an argument's address, eax is
//! scratch: the three that every convention lets a function change. The stack is left by way of ebp, so it does not
//! matter how much the callee has taken off it.

use iced_x86::IcedError;
use iced_x86::code_asm::{AsmMemoryOperand, AsmRegister32, CodeAssembler};
use iced_x86::code_asm::{byte_ptr, dword_ptr, qword_ptr, registers::*, tbyte_ptr, word_ptr};

use super::{Entry, Load, MAX_UNROLLED, Outgoing, PAGE, Plan, exact_parts};
use crate::{Extend, Piece, Reg};

/// The code of a stub.
pub(super) fn emit(plan: &Plan<'_>) -> Result<Vec<u8>, IcedError> {
    let asm = CodeAssembler::new(32)?;
    Assembler { asm, plan }.stub()
}

/// Integer argument registers in order, as in `abi::x86_32`. The second is the last that may be loaded.
const INT_ARGS: [AsmRegister32; 2] = [ecx, edx];

/// Vector registers from this one on are MMX's.
pub(crate) const FIRST_MMX_ARG: u8 = 3;
pub(crate) const MMX_RESULT: u8 = 1;

/// Offsets from ebp of the stub's parameters.
const TARGET: i32 = 8;
const ARGUMENTS: i32 = 12;
const RET: i32 = 16;

struct Assembler<'a> {
    asm: CodeAssembler,
    plan: &'a Plan<'a>,
}

impl Assembler<'_> {
    fn stub(mut self) -> Result<Vec<u8>, IcedError> {
        let plan = self.plan;
        let outgoing = plan.outgoing();
        self.enter(&outgoing)?;
        for load in plan.loads() {
            match load.piece.reg {
                Reg::Stack(to) => self.push(load, to)?,
                Reg::Vector(index) => self.load_vector(load, index)?,
                Reg::Int(_) | Reg::X87(_) => {}
            }
        }
        self.pass_addresses_on_stack(&outgoing)?;
        for index in 0..INT_ARGS.len() {
            self.load_int(index, &outgoing)?;
        }
        self.asm.call(dword_ptr(ebp + TARGET))?;
        self.store_result()?;
        if self.uses_mmx() {
            // psABI 2.2: the CPU is in x87 mode when a function is entered or left.
            self.asm.emms()?;
        }
        self.asm.leave()?;
        self.asm.ret()?;
        self.asm.assemble(0)
    }

    fn enter(&mut self, outgoing: &Outgoing) -> Result<(), IcedError> {
        self.asm.push(ebp)?;
        self.asm.mov(ebp, esp)?;
        // Only System V has callers align the stack, so it is always done: by a few bytes down, else up, over memory
        // that has been probed.
        reserve(&mut self.asm, outgoing.size + outgoing.align)?;
        if outgoing.align > 16 {
            self.asm.add(esp, outgoing.align as i32 - 1)?;
        }
        self.asm.and(esp, -(outgoing.align as i32))?;
        self.asm.mov(edx, dword_ptr(ebp + ARGUMENTS))?;
        let mut copies = outgoing.copies.iter();
        copies.try_for_each(|copied| self.push(copied.load, copied.at))
    }

    /// Base register and displacement of the bytes of an argument. The base is edx or ecx.
    fn address(&mut self, load: Load) -> Result<(AsmRegister32, i32), IcedError> {
        let offset = load.piece.offset as i32;
        match self.plan.entry {
            Entry::Frame => Ok((edx, self.plan.frame[load.argument] as i32 + offset)),
            Entry::Pointers => {
                self.asm
                    .mov(ecx, dword_ptr(edx + 4 * load.argument as i32))?;
                Ok((ecx, offset))
            }
        }
    }

    fn push(&mut self, load: Load, to: u64) -> Result<(), IcedError> {
        let to = to as i32;
        let (base, at) = self.address(load)?;
        if load.piece.extend.is_some() {
            self.load_narrow(eax, base, at, load.piece)?;
            return self.asm.mov(dword_ptr(esp + to), eax);
        }
        let size = load.piece.size;
        if size > MAX_UNROLLED {
            return self.push_large(base, at, to, size);
        }
        for word in (0..size).step_by(4) {
            self.copy_parts(
                base + (at + word as i32),
                esp + (to + word as i32),
                (size - word).min(4),
            )?;
        }
        Ok(())
    }

    /// Copies words in a loop that counts down, and what is left of the last one.
    fn push_large(
        &mut self,
        base: AsmRegister32,
        at: i32,
        to: i32,
        size: u64,
    ) -> Result<(), IcedError> {
        let words = (size / 4) as i32;
        let mut next = self.asm.create_label();
        self.asm.lea(ecx, base + at)?;
        self.copy_parts(
            ecx + 4 * words,
            esp + (to + 4 * words),
            size - 4 * words as u64,
        )?;
        self.asm.mov(eax, words)?;
        self.asm.set_label(&mut next)?;
        self.asm.mov(edx, dword_ptr(ecx + eax * 4 - 4))?;
        self.asm.mov(dword_ptr(esp + eax * 4 + (to - 4)), edx)?;
        self.asm.dec(eax)?;
        self.asm.jnz(next)?;
        self.asm.mov(edx, dword_ptr(ebp + ARGUMENTS))
    }

    /// Copies at most four bytes, none but these.
    fn copy_parts(
        &mut self,
        from: AsmMemoryOperand,
        to: AsmMemoryOperand,
        size: u64,
    ) -> Result<(), IcedError> {
        for (offset, part) in exact_parts(size) {
            self.load_part(eax, from + offset as i32, part)?;
            self.store_part(to + offset as i32, part)?;
        }
        Ok(())
    }

    fn pass_addresses_on_stack(&mut self, outgoing: &Outgoing) -> Result<(), IcedError> {
        for copied in &outgoing.copies {
            if let Reg::Stack(to) = copied.address {
                self.asm.lea(eax, esp + copied.at as i32)?;
                self.asm.mov(dword_ptr(esp + to as i32), eax)?;
            }
        }
        if let Some(Reg::Stack(to)) = self.plan.sret() {
            self.asm.mov(eax, dword_ptr(ebp + RET))?;
            self.asm.mov(dword_ptr(esp + to as i32), eax)?;
        }
        Ok(())
    }

    /// Loads the argument register `index` with whatever goes there: a piece, the address of a copy or of the result.
    fn load_int(&mut self, index: usize, outgoing: &Outgoing) -> Result<(), IcedError> {
        let plan = self.plan;
        let to = INT_ARGS[index];
        let reg = Reg::Int(index as u8);
        if let Some(load) = plan.loads().find(|load| load.piece.reg == reg) {
            let (base, at) = match plan.entry {
                Entry::Frame => (edx, plan.frame[load.argument] as i32),
                Entry::Pointers => {
                    let pointer = dword_ptr(edx + 4 * load.argument as i32);
                    self.asm.mov(to, pointer)?;
                    (to, 0)
                }
            };
            return self.load_narrow(to, base, at, load.piece);
        }
        if let Some(copied) = outgoing.copies.iter().find(|copied| copied.address == reg) {
            return self.asm.lea(to, esp + copied.at as i32);
        }
        if plan.sret() == Some(reg) {
            return self.asm.mov(to, dword_ptr(ebp + RET));
        }
        Ok(())
    }

    /// A scalar of one, two or four bytes, extended to 32 bits.
    fn load_narrow(
        &mut self,
        to: AsmRegister32,
        base: AsmRegister32,
        at: i32,
        piece: Piece,
    ) -> Result<(), IcedError> {
        match (piece.size, piece.extend) {
            (1, Some(Extend::Sign)) => self.asm.movsx(to, byte_ptr(base + at)),
            (2, Some(Extend::Sign)) => self.asm.movsx(to, word_ptr(base + at)),
            (size, _) => self.load_part(to, base + at, size),
        }
    }

    fn load_part(
        &mut self,
        to: AsmRegister32,
        from: AsmMemoryOperand,
        size: u64,
    ) -> Result<(), IcedError> {
        match size {
            1 => self.asm.movzx(to, byte_ptr(from)),
            2 => self.asm.movzx(to, word_ptr(from)),
            _ => self.asm.mov(to, dword_ptr(from)),
        }
    }

    /// Stores the low bytes of eax.
    fn store_part(&mut self, to: AsmMemoryOperand, size: u64) -> Result<(), IcedError> {
        match size {
            1 => self.asm.mov(byte_ptr(to), al),
            2 => self.asm.mov(word_ptr(to), ax),
            _ => self.asm.mov(dword_ptr(to), eax),
        }
    }

    fn load_vector(&mut self, load: Load, index: u8) -> Result<(), IcedError> {
        let (base, at) = self.address(load)?;
        let from = base + at;
        match index {
            0 => self.asm.movups(xmm0, from),
            1 => self.asm.movups(xmm1, from),
            2 => self.asm.movups(xmm2, from),
            FIRST_MMX_ARG => self.asm.movq(mm0, qword_ptr(from)),
            4 => self.asm.movq(mm1, qword_ptr(from)),
            _ => self.asm.movq(mm2, qword_ptr(from)),
        }
    }

    fn uses_mmx(&self) -> bool {
        let mut args = self.plan.loads();
        args.any(|load| matches!(load.piece.reg, Reg::Vector(FIRST_MMX_ARG..)))
            || self.plan.result_pieces().iter().any(is_mmx_result)
    }

    fn store_result(&mut self) -> Result<(), IcedError> {
        let pieces = self.plan.result_pieces();
        if pieces.is_empty() {
            return Ok(());
        }
        self.asm.mov(ecx, dword_ptr(ebp + RET))?;
        for piece in pieces {
            let to = ecx + piece.offset as i32;
            match (piece.reg, piece.size) {
                (Reg::X87(_), 4) => self.asm.fstp(dword_ptr(to))?,
                (Reg::X87(_), 8) => self.asm.fstp(qword_ptr(to))?,
                (Reg::X87(_), _) => self.asm.fstp(tbyte_ptr(to))?,
                (Reg::Vector(MMX_RESULT), _) => self.asm.movq(qword_ptr(to), mm0)?,
                (Reg::Vector(_), 16) => self.asm.movups(to, xmm0)?,
                (Reg::Vector(_), _) => {
                    self.asm.movd(eax, xmm0)?;
                    self.store_bits(piece)?;
                }
                (Reg::Int(0), _) => self.store_bits(piece)?,
                (Reg::Int(_), _) => {
                    self.asm.mov(eax, edx)?;
                    self.store_bits(piece)?;
                }
                (Reg::Stack(_), _) => unreachable!("no result is on the stack"),
            }
        }
        Ok(())
    }

    /// Stores exactly a piece's bytes from eax to the result, whose address is in ecx.
    fn store_bits(&mut self, piece: &Piece) -> Result<(), IcedError> {
        let mut shifted = 0;
        for (offset, size) in exact_parts(piece.size) {
            if offset > shifted {
                self.asm.shr(eax, 8 * (offset - shifted) as u32)?;
                shifted = offset;
            }
            self.store_part(ecx + (piece.offset + offset) as i32, size)?;
        }
        Ok(())
    }
}

fn is_mmx_result(piece: &Piece) -> bool {
    piece.reg == Reg::Vector(MMX_RESULT)
}

/// Lowers esp, a page at a time where it is more than one. Changes no register but eax.
pub(crate) fn reserve(asm: &mut CodeAssembler, size: u64) -> Result<(), IcedError> {
    let pages = size / PAGE;
    if pages > 0 {
        let mut next = asm.create_label();
        asm.mov(eax, pages as u32)?;
        asm.set_label(&mut next)?;
        asm.sub(esp, PAGE as i32)?;
        asm.test(dword_ptr(esp), esp)?;
        asm.dec(eax)?;
        asm.jnz(next)?;
    }
    asm.sub(esp, (size % PAGE) as i32)
}
