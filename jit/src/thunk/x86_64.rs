//! Emits a thunk for the x86-64 conventions.
//!
//! ```text
//!            | stack arguments       |   from rbp+16 on; Windows' caller leaves room for four registers there
//!            | return address        |
//!       rbp->| caller's rbp          |
//!        -8  | address of the result |   if it is in memory
//!       -32  | rdi, rsi              |   only where Windows' convention meets System V's (see below)
//!            | xmm6 to xmm15         |   likewise
//!            | result                |
//!            | packed frame          |
//!       rsp->| room for registers    |   32 bytes for a callee of Windows'
//! ```
//!
//! r10 holds the slot until Rust is called, r11 and rax are scratch, and once their arguments are stored, rcx, too. A
//! function of Windows' convention preserves rdi, rsi and xmm6 to xmm15, which Rust on other systems does not; so the
//! thunk does. An exception that crosses it restores none of them: what catches it is System V's code, which does not
//! expect it to, or another function with `ms_abi`, which gcc's own unwind tables cannot help either as far as vector
//! registers go.

use iced_x86::IcedError;
use iced_x86::code_asm::{AsmRegister64, AsmRegisterXmm, CodeAssembler};
use iced_x86::code_asm::{byte_ptr, dword_ptr, qword_ptr, registers::*, tbyte_ptr, word_ptr};

use super::{Referred, Upcall};
use crate::stub::x86_64::{INT_RESULTS, IntRegister, SYSV_INT_ARGS, WIN64_INT_ARGS, XMM, reserve};
use crate::stub::{Load, MAX_UNROLLED, exact_parts};
use crate::va_list::sysv_offsets;
use crate::{Abi, Extend, Reg};

/// The code of a thunk.
pub(super) fn emit(upcall: &Upcall<'_>) -> Result<Vec<u8>, IcedError> {
    let (int_args, vector_args) = match upcall.plan.assignment.abi {
        Abi::Win64 => (WIN64_INT_ARGS, &XMM[..4]),
        _ => (SYSV_INT_ARGS, &XMM[..]),
    };
    let assembler = Assembler {
        asm: CodeAssembler::new(64)?,
        upcall,
        int_args,
        vector_args,
        preserves: upcall.plan.assignment.abi == Abi::Win64 && !cfg!(windows),
    };
    assembler.thunk()
}

/// The parameters of Rust's entry (`EnterFn`): slot, frame, ret, vtable.
const PARAMETERS: [AsmRegister64; 4] = if cfg!(windows) {
    [rcx, rdx, r8, r9]
} else {
    [rdi, rsi, rdx, rcx]
};

/// Bytes that the convention of Rust's entry has its caller leave at the bottom of the frame.
const OUTGOING: u64 = if cfg!(windows) { 32 } else { 0 };

/// What Windows' convention has a callee preserve, and System V's has not, each with its offset from rbp.
const INTS: [(AsmRegister64, i32); 2] = [(rdi, -24), (rsi, -32)];
const VECTORS: [AsmRegisterXmm; 10] = [
    xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15,
];
const FIRST_VECTOR: i32 = -48;

/// Offset from rbp of the first stack argument.
const STACK: i32 = 16;

/// The address of the result, from rbp.
const SRET: i32 = -8;

struct Assembler<'a> {
    asm: CodeAssembler,
    upcall: &'a Upcall<'a>,
    int_args: &'static [IntRegister],
    vector_args: &'static [AsmRegisterXmm],
    preserves: bool,
}

impl Assembler<'_> {
    fn thunk(mut self) -> Result<Vec<u8>, IcedError> {
        let saved = if self.preserves { 192 } else { 16 };
        let frame_bytes = self.upcall.frame_size.next_multiple_of(16);
        let result_bytes = self.upcall.result_bytes();
        let frame = OUTGOING as i32;
        let result = frame + frame_bytes as i32;

        self.asm.push(rbp)?;
        self.asm.mov(rbp, rsp)?;
        reserve(&mut self.asm, OUTGOING + frame_bytes + result_bytes + saved)?;
        self.preserve(true)?;
        self.keep_registers(frame)?;
        self.store_arguments(frame)?;
        self.make_va_list(frame)?;
        for at in self.upcall.result_words() {
            self.asm.mov(qword_ptr(rsp + (result + at as i32)), 0)?;
        }
        self.call(frame, result)?;
        self.load_result(result)?;
        self.preserve(false)?;
        self.asm.leave()?;
        self.asm.ret()?;
        self.asm.assemble(0)
    }

    /// Saves or restores what Rust does not preserve for a caller under Windows' convention.
    fn preserve(&mut self, save: bool) -> Result<(), IcedError> {
        if !self.preserves {
            return Ok(());
        }
        for (register, at) in INTS {
            match save {
                true => self.asm.mov(qword_ptr(rbp + at), register)?,
                false => self.asm.mov(register, qword_ptr(rbp + at))?,
            }
        }
        for (index, register) in (0..).zip(VECTORS) {
            let at = FIRST_VECTOR - 16 * index;
            match save {
                true => self.asm.movaps(rbp + at, register)?,
                false => self.asm.movaps(register, rbp + at)?,
            }
        }
        Ok(())
    }

    /// For variable arguments: System V's callee keeps all registers (psABI 3.5.7, figure 3.33), Windows' in the room that its
    /// caller has left.
    fn keep_registers(&mut self, frame: i32) -> Result<(), IcedError> {
        let Some(va) = &self.upcall.va else {
            return Ok(());
        };
        let is_windows = self.upcall.plan.assignment.abi == Abi::Win64;
        let ints = match is_windows {
            true => rbp + STACK,
            false => rsp + (frame + (va.at + va.area.ints) as i32),
        };
        for (index, register) in (0..).zip(self.int_args) {
            self.asm.mov(qword_ptr(ints + 8 * index), register.0)?;
        }
        if !is_windows {
            let vectors = rsp + (frame + (va.at + va.area.vectors) as i32);
            for (index, &register) in (0..).zip(self.vector_args) {
                self.asm.movaps(vectors + 16 * index, register)?;
            }
        }
        Ok(())
    }

    fn make_va_list(&mut self, frame: i32) -> Result<(), IcedError> {
        let Some(va) = &self.upcall.va else {
            return Ok(());
        };
        let taken = self.upcall.plan.assignment.taken;
        let list = rsp + (frame + va.at as i32);
        if self.upcall.plan.assignment.abi == Abi::Win64 {
            let first = match taken.ints {
                4.. => self.upcall.variable_stack(STACK as u64) as i32,
                taken => STACK + 8 * i32::from(taken),
            };
            self.asm.lea(rax, rbp + first)?;
            return self.asm.mov(qword_ptr(list), rax);
        }
        let (gp_offset, fp_offset) = sysv_offsets(taken);
        self.asm.mov(dword_ptr(list), gp_offset)?;
        self.asm.mov(dword_ptr(list + 4), fp_offset)?;
        let first = self.upcall.variable_stack(STACK as u64) as i32;
        self.asm.lea(rax, rbp + first)?;
        self.asm.mov(qword_ptr(list + 8), rax)?;
        self.asm.lea(rax, list + va.area.ints as i32)?;
        self.asm.mov(qword_ptr(list + 16), rax)
    }

    /// Registers first, so that rcx is free for copying when the stack's turn comes. What is behind a piece in its word
    /// is stored with it: the frame's words are whole, and nobody reads what is not the argument's.
    fn store_arguments(&mut self, frame: i32) -> Result<(), IcedError> {
        let upcall = self.upcall;
        let to = |load: Load| frame + (upcall.plan.frame[load.argument] + load.piece.offset) as i32;
        for gap in upcall.gaps() {
            self.asm.mov(qword_ptr(rsp + (frame + gap as i32)), 0)?;
        }
        for load in upcall.plan.loads() {
            let to = rsp + to(load);
            match load.piece.reg {
                Reg::Int(index) => {
                    let from = self.int_args[usize::from(index)].0;
                    self.asm.mov(qword_ptr(to), from)?;
                }
                Reg::Vector(index) => {
                    let from = self.vector_args[usize::from(index)];
                    match load.piece.size {
                        9.. => self.asm.movups(to, from)?,
                        _ => self.asm.movsd_2(qword_ptr(to), from)?,
                    }
                }
                Reg::Stack(_) | Reg::X87(_) => {}
            }
        }
        if let Some(Reg::Int(index)) = upcall.plan.sret() {
            let address = self.int_args[usize::from(index)].0;
            self.asm.mov(qword_ptr(rbp + SRET), address)?;
        }
        // Addresses wait where the arguments will be.
        for Referred { address, to, .. } in upcall.referred() {
            if let Reg::Int(index) = address {
                let from = self.int_args[usize::from(index)].0;
                self.asm.mov(qword_ptr(rsp + (frame + to as i32)), from)?;
            }
        }
        for Referred { address, size, to } in upcall.referred() {
            let to = frame + to as i32;
            match address {
                Reg::Stack(at) => self.asm.mov(r11, qword_ptr(rbp + (STACK + at as i32)))?,
                _ => self.asm.mov(r11, qword_ptr(rsp + to))?,
            }
            self.copy(r11, 0, to, size)?;
        }
        for load in upcall.plan.loads() {
            if let Reg::Stack(at) = load.piece.reg {
                self.copy(rbp, STACK + at as i32, to(load), load.piece.size)?;
            }
        }
        Ok(())
    }

    /// Copies exactly `size` bytes to `to` from rsp; large objects in a loop.
    fn copy(&mut self, base: AsmRegister64, at: i32, to: i32, size: u64) -> Result<(), IcedError> {
        let mut copied = 0;
        if size > MAX_UNROLLED {
            copied = size / 8 * 8;
            let mut next = self.asm.create_label();
            self.asm.lea(r11, base + at)?;
            self.asm.mov(ecx, (size / 8) as u32)?;
            self.asm.set_label(&mut next)?;
            self.asm.mov(rax, qword_ptr(r11 + rcx * 8 - 8))?;
            self.asm.mov(qword_ptr(rsp + rcx * 8 + (to - 8)), rax)?;
            self.asm.dec(ecx)?;
            self.asm.jnz(next)?;
        }
        let (base, at) = if copied > 0 { (r11, 0) } else { (base, at) };
        for word in (copied..size).step_by(8) {
            for (offset, part) in exact_parts((size - word).min(8)) {
                let offset = (word + offset) as i32;
                let (from, to) = (base + (at + offset), rsp + (to + offset));
                match part {
                    1 => {
                        self.asm.mov(al, byte_ptr(from))?;
                        self.asm.mov(byte_ptr(to), al)?;
                    }
                    2 => {
                        self.asm.mov(ax, word_ptr(from))?;
                        self.asm.mov(word_ptr(to), ax)?;
                    }
                    4 => {
                        self.asm.mov(eax, dword_ptr(from))?;
                        self.asm.mov(dword_ptr(to), eax)?;
                    }
                    _ => {
                        self.asm.mov(rax, qword_ptr(from))?;
                        self.asm.mov(qword_ptr(to), rax)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn call(&mut self, frame: i32, result: i32) -> Result<(), IcedError> {
        let [slot, frame_address, ret, vtable] = PARAMETERS;
        self.asm.mov(slot, r10)?;
        self.asm.lea(frame_address, rsp + frame)?;
        match self.upcall.plan.sret() {
            Some(_) => self.asm.mov(ret, qword_ptr(rbp + SRET))?,
            None => self.asm.lea(ret, rsp + result)?,
        }
        self.asm.mov(vtable, qword_ptr(r10 + 8))?;
        self.asm.call(qword_ptr(vtable))
    }

    /// What was written at once is loaded at once, for the processor forwards that without a detour through memory; other
    /// sizes as whole words, which are all the thunk's own.
    fn load_result(&mut self, result: i32) -> Result<(), IcedError> {
        if self.upcall.plan.sret().is_some() {
            // psABI 3.2.3: "On return %rax will contain the address"; Windows' "Return values" says the same.
            return self.asm.mov(rax, qword_ptr(rbp + SRET));
        }
        if let Some(narrow) = self.upcall.extend_result() {
            let from = rsp + result;
            return match narrow {
                (1, Extend::Sign) => self.asm.movsx(eax, byte_ptr(from)),
                (1, Extend::Zero) => self.asm.movzx(eax, byte_ptr(from)),
                (_, Extend::Sign) => self.asm.movsx(eax, word_ptr(from)),
                (_, Extend::Zero) => self.asm.movzx(eax, word_ptr(from)),
            };
        }
        // The last one on the x87 stack is its top.
        for piece in self.upcall.plan.result_pieces().iter().rev() {
            let from = rsp + (result + piece.offset as i32);
            match piece.reg {
                Reg::Int(0) if piece.size == 4 => self.asm.mov(eax, dword_ptr(from))?,
                Reg::Int(index) => self
                    .asm
                    .mov(INT_RESULTS[usize::from(index)], qword_ptr(from))?,
                Reg::Vector(index) => {
                    let to = XMM[usize::from(index)];
                    match piece.size {
                        9.. => self.asm.movups(to, from)?,
                        4 => self.asm.movss(to, dword_ptr(from))?,
                        _ => self.asm.movsd_2(to, qword_ptr(from))?,
                    }
                }
                Reg::X87(_) => self.asm.fld(tbyte_ptr(from))?,
                Reg::Stack(_) => unreachable!("no result is on the stack"),
            }
        }
        Ok(())
    }
}
