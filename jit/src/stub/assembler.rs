//! Emits a stub for System V x86-64 instruction by instruction: calls with arguments on the stack, of any size
//! and alignment, and variadic ones. Displacements are 32 bits wide, for the engine refuses larger arguments.
//!
//! ```text
//!            | return address  |
//!       rbp->| caller's rbp    |
//!        -8  | ret             |   rdx on entry
//!       -16  | target          |   rdi on entry
//!            | (alignment)     |
//!       rsp->| stack arguments |
//! ```
//!
//! r10 holds the frame or pointer array until the argument registers are loaded, r11 an argument's address,
//! rax is scratch. The order is stack, vector registers, integer registers, so that rcx, rsi and rdi are free
//! for copying until they get their arguments.

use iced_x86::IcedError;
use iced_x86::code_asm::{AsmRegister32, AsmRegister64, AsmRegisterXmm, CodeAssembler};
use iced_x86::code_asm::{byte_ptr, dword_ptr, qword_ptr, registers::*, tbyte_ptr, word_ptr};

use super::{CodegenError, Entry, Load, Plan, exact_parts};
use crate::{Extend, Piece, Reg};

/// The code of a stub; `sets_al` for a call of a variadic function.
pub(super) fn emit(plan: &Plan<'_>, sets_al: bool) -> Result<Vec<u8>, CodegenError> {
    let assembler = Assembler {
        asm: CodeAssembler::new(64).map_err(CodegenError::new)?,
        plan,
    };
    assembler.stub(sets_al).map_err(CodegenError::new)
}

/// Integer argument registers in order, as in `abi::sysv64`, with their low halves.
const INT_ARGS: [(AsmRegister64, AsmRegister32); 6] = [
    (rdi, edi),
    (rsi, esi),
    (rdx, edx),
    (rcx, ecx),
    (r8, r8d),
    (r9, r9d),
];
const VECTOR_ARGS: [AsmRegisterXmm; 8] = [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7];
const INT_RESULTS: [(AsmRegister64, AsmRegister32); 2] = [(rax, eax), (rdx, edx)];

/// Records up to this many bytes are copied word by word, larger ones by `rep movs`.
const MAX_UNROLLED: u64 = 128;

/// A thread's guard page may be no larger than this, so no step of the stack pointer may be larger either.
const PAGE: u64 = 4096;

struct Assembler<'a> {
    asm: CodeAssembler,
    plan: &'a Plan<'a>,
}

impl Assembler<'_> {
    fn stub(mut self, sets_al: bool) -> Result<Vec<u8>, IcedError> {
        self.enter()?;
        let (on_stack, in_registers): (Vec<Load>, Vec<Load>) = self
            .plan
            .loads()
            .partition(|load| matches!(load.piece.reg, Reg::Stack(_)));
        for load in on_stack {
            self.push(load)?;
        }
        for load in in_registers
            .iter()
            .filter(|load| super::is_vector(load.piece.reg))
        {
            self.load_vector(*load)?;
        }
        for load in in_registers
            .iter()
            .filter(|load| !super::is_vector(load.piece.reg))
        {
            self.load_int(*load)?;
        }
        if self.plan.uses_sret() {
            self.asm.mov(rdi, qword_ptr(rbp - 8))?;
        }
        if sets_al {
            // psABI 3.2.3: AL is an upper bound on the number of vector registers used.
            self.asm
                .mov(eax, u32::from(self.plan.assignment.vector_args))?;
        }
        self.asm.call(qword_ptr(rbp - 16))?;
        self.store_result()?;
        self.asm.leave()?;
        self.asm.ret()?;
        self.asm.assemble(0)
    }

    fn enter(&mut self) -> Result<(), IcedError> {
        let asm = &mut self.asm;
        asm.push(rbp)?;
        asm.mov(rbp, rsp)?;
        asm.push(rdx)?;
        asm.push(rdi)?;
        asm.mov(r10, rsi)?;
        let assignment = self.plan.assignment;
        let size = assignment
            .stack_size
            .next_multiple_of(assignment.stack_align);
        let mut left = size;
        if size > 8 * PAGE {
            let mut next = asm.create_label();
            asm.mov(eax, (size / PAGE) as u32)?;
            asm.set_label(&mut next)?;
            asm.sub(rsp, PAGE as i32)?;
            asm.test(qword_ptr(rsp), rsp)?;
            asm.dec(eax)?;
            asm.jnz(next)?;
            left = size % PAGE;
        }
        while left > 0 {
            let step = left.min(PAGE);
            asm.sub(rsp, step as i32)?;
            left -= step;
            if step == PAGE {
                asm.test(qword_ptr(rsp), rsp)?;
            }
        }
        if assignment.stack_align > 16 {
            asm.and(rsp, -(assignment.stack_align as i32))?;
        }
        Ok(())
    }

    /// Base register and displacement of the bytes of an argument. The base is r10 or r11.
    fn address(&mut self, load: Load) -> Result<(AsmRegister64, i32), IcedError> {
        let offset = load.piece.offset as i32;
        match self.plan.entry {
            Entry::Frame => Ok((r10, self.plan.frame[load.argument] as i32 + offset)),
            Entry::Pointers => {
                self.asm
                    .mov(r11, qword_ptr(r10 + 8 * load.argument as i32))?;
                Ok((r11, offset))
            }
        }
    }

    fn push(&mut self, load: Load) -> Result<(), IcedError> {
        let Reg::Stack(to) = load.piece.reg else {
            unreachable!("partitioned")
        };
        let (base, at) = self.address(load)?;
        if load.piece.extend.is_some() {
            self.load_narrow(eax, base, at, load.piece)?;
            return self.asm.mov(qword_ptr(rsp + to as i32), rax);
        }
        let size = load.piece.size;
        if size > MAX_UNROLLED {
            // The direction flag is clear on function entry (psABI 3.2.1).
            self.asm.lea(rsi, base + at)?;
            self.asm.lea(rdi, rsp + to as i32)?;
            self.asm.mov(ecx, (size / 8) as u32)?;
            self.asm.rep().movsq()?;
            if !size.is_multiple_of(8) {
                self.asm.mov(ecx, (size % 8) as u32)?;
                self.asm.rep().movsb()?;
            }
            return Ok(());
        }
        for word in (0..size).step_by(8) {
            for (offset, part) in exact_parts((size - word).min(8)) {
                let offset = (word + offset) as i32;
                self.load_part(eax, rax, base + (at + offset), part)?;
                self.store_part(rsp + (to as i32 + offset), part)?;
            }
        }
        Ok(())
    }

    fn load_int(&mut self, load: Load) -> Result<(), IcedError> {
        let Reg::Int(index) = load.piece.reg else {
            unreachable!("partitioned")
        };
        let (wide, narrow) = INT_ARGS[usize::from(index)];
        let (base, at) = self.address(load)?;
        if load.piece.extend.is_some() {
            return self.load_narrow(narrow, base, at, load.piece);
        }
        self.load_bits(wide, narrow, base, at, load.piece.size)
    }

    /// A scalar of one or two bytes, extended to 32 bits.
    fn load_narrow(
        &mut self,
        to: AsmRegister32,
        base: AsmRegister64,
        at: i32,
        piece: Piece,
    ) -> Result<(), IcedError> {
        match (piece.size, piece.extend) {
            (1, Some(Extend::Sign)) => self.asm.movsx(to, byte_ptr(base + at)),
            (1, _) => self.asm.movzx(to, byte_ptr(base + at)),
            (_, Some(Extend::Sign)) => self.asm.movsx(to, word_ptr(base + at)),
            _ => self.asm.movzx(to, word_ptr(base + at)),
        }
    }

    /// Exactly `size` bytes, at most eight, with zeros above them. `wide` and `narrow` are one register, not rax.
    fn load_bits(
        &mut self,
        wide: AsmRegister64,
        narrow: AsmRegister32,
        base: AsmRegister64,
        at: i32,
        size: u64,
    ) -> Result<(), IcedError> {
        for (offset, part) in exact_parts(size) {
            let from = base + (at + offset as i32);
            if offset == 0 {
                self.load_part(narrow, wide, from, part)?;
            } else {
                self.load_part(eax, rax, from, part)?;
                self.asm.shl(rax, 8 * offset as u32)?;
                self.asm.or(wide, rax)?;
            }
        }
        Ok(())
    }

    fn load_part(
        &mut self,
        narrow: AsmRegister32,
        wide: AsmRegister64,
        from: iced_x86::code_asm::AsmMemoryOperand,
        size: u64,
    ) -> Result<(), IcedError> {
        match size {
            1 => self.asm.movzx(narrow, byte_ptr(from)),
            2 => self.asm.movzx(narrow, word_ptr(from)),
            4 => self.asm.mov(narrow, dword_ptr(from)),
            _ => self.asm.mov(wide, qword_ptr(from)),
        }
    }

    /// Stores the low bytes of rax.
    fn store_part(
        &mut self,
        to: iced_x86::code_asm::AsmMemoryOperand,
        size: u64,
    ) -> Result<(), IcedError> {
        match size {
            1 => self.asm.mov(byte_ptr(to), al),
            2 => self.asm.mov(word_ptr(to), ax),
            4 => self.asm.mov(dword_ptr(to), eax),
            _ => self.asm.mov(qword_ptr(to), rax),
        }
    }

    fn load_vector(&mut self, load: Load) -> Result<(), IcedError> {
        let Reg::Vector(index) = load.piece.reg else {
            unreachable!("partitioned")
        };
        let to = VECTOR_ARGS[usize::from(index)];
        let (base, at) = self.address(load)?;
        match load.piece.size {
            16 => self.asm.movups(to, base + at),
            8 => self.asm.movsd_2(to, qword_ptr(base + at)),
            4 => self.asm.movss(to, dword_ptr(base + at)),
            size => {
                self.load_bits(rcx, ecx, base, at, size)?;
                self.asm.movq(to, rcx)
            }
        }
    }

    fn store_result(&mut self) -> Result<(), IcedError> {
        let pieces = self.plan.result_pieces();
        if pieces.is_empty() {
            return Ok(());
        }
        self.asm.mov(rcx, qword_ptr(rbp - 8))?;
        let (vectors, ints): (Vec<&Piece>, Vec<&Piece>) =
            pieces.iter().partition(|piece| super::is_vector(piece.reg));
        for piece in ints {
            let index = match piece.reg {
                Reg::Int(index) => index,
                // Each store pops, so that st(1) is the top for the second.
                Reg::X87(_) => {
                    self.asm.fstp(tbyte_ptr(rcx + piece.offset as i32))?;
                    continue;
                }
                Reg::Vector(_) | Reg::Stack(_) => unreachable!("partitioned"),
            };
            if index > 0 {
                self.asm.mov(rax, INT_RESULTS[usize::from(index)].0)?;
            }
            self.store_bits(piece)?;
        }
        for piece in vectors {
            let Reg::Vector(index) = piece.reg else {
                unreachable!("partitioned")
            };
            let from = VECTOR_ARGS[usize::from(index)];
            let to = rcx + piece.offset as i32;
            match piece.size {
                16 => self.asm.movups(to, from)?,
                8 => self.asm.movsd_2(qword_ptr(to), from)?,
                4 => self.asm.movss(dword_ptr(to), from)?,
                _ => {
                    self.asm.movq(rax, from)?;
                    self.store_bits(piece)?;
                }
            }
        }
        Ok(())
    }

    /// Stores exactly a piece's bytes from rax to the result, whose address is in rcx.
    fn store_bits(&mut self, piece: &Piece) -> Result<(), IcedError> {
        let mut shifted = 0;
        for (offset, size) in exact_parts(piece.size) {
            if offset > shifted {
                self.asm.shr(rax, 8 * (offset - shifted) as u32)?;
                shifted = offset;
            }
            self.store_part(rcx + (piece.offset + offset) as i32, size)?;
        }
        Ok(())
    }
}
