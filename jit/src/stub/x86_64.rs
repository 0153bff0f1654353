//! Emits a stub for the x86-64 conventions instruction by instruction: calls with arguments on the stack, of any
//! size and alignment, variadic ones, results on the x87 stack, and the convention that is not the host's.
//! Displacements are 32 bits wide, for the engine refuses larger arguments.
//!
//! ```text
//!            | return address        |
//!       rbp->| caller's rbp          |
//!        -8  | ret                   |
//!       -16  | target                |
//!            | (alignment)           |
//!            | copies of arguments   |   those that go by reference
//!       rsp->| stack arguments       |
//! ```
//!
//! r10 holds the frame or pointer array until the argument registers are loaded, r11 an argument's address, rax is
//! scratch. The order is stack, vector registers, integer registers, so that rcx is free for counting and shifting
//! until it gets its argument. No register is touched that either convention wants preserved.

use iced_x86::IcedError;
use iced_x86::code_asm::{
    AsmMemoryOperand, AsmRegister32, AsmRegister64, AsmRegisterXmm, CodeAssembler,
};
use iced_x86::code_asm::{byte_ptr, dword_ptr, qword_ptr, registers::*, tbyte_ptr, word_ptr};

use super::{Copied, Entry, Load, MAX_UNROLLED, Outgoing, PAGE, Plan, exact_parts};
use crate::{Abi, Extend, Piece, Reg};

/// The code of a stub.
pub(super) fn emit(plan: &Plan<'_>) -> Result<Vec<u8>, IcedError> {
    let mut assembler = Assembler::new(plan)?;
    assembler.enter()?;
    assembler.call()?;
    assembler.store_result()?;
    assembler.asm.leave()?;
    assembler.asm.ret()?;
    assembler.asm.assemble(0)
}

/// A register with its low half.
pub(crate) type IntRegister = (AsmRegister64, AsmRegister32);

/// Integer argument registers in order, as in `abi::sysv64` and `abi::win64`.
pub(crate) const SYSV_INT_ARGS: &[IntRegister] = &[
    (rdi, edi),
    (rsi, esi),
    (rdx, edx),
    (rcx, ecx),
    (r8, r8d),
    (r9, r9d),
];
pub(crate) const WIN64_INT_ARGS: &[IntRegister] = &[(rcx, ecx), (rdx, edx), (r8, r8d), (r9, r9d)];
pub(crate) const XMM: [AsmRegisterXmm; 8] = [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7];
pub(crate) const INT_RESULTS: [AsmRegister64; 2] = [rax, rdx];

/// The parameters of a stub (`StubFn`) under the convention that Rust enters it by: target, arguments, ret.
const PARAMETERS: [AsmRegister64; 3] = if cfg!(windows) {
    [rcx, rdx, r8]
} else {
    [rdi, rsi, rdx]
};

/// Where the frame of a stub has the address of the result's memory and the C function's, from [`Assembler::frame`].
pub(crate) const RET: i32 = -8;
pub(crate) const TARGET: i32 = -16;

/// Code that makes a C call, in the making.
pub(crate) struct Assembler<'a> {
    pub(crate) asm: CodeAssembler,
    plan: &'a Plan<'a>,
    outgoing: Outgoing,
    /// Register and displacement of the address that places in the frame are counted from.
    pub(crate) frame: (AsmRegister64, i32),
    /// Base register and displacement of the packed frame or pointer array.
    pub(crate) arguments: (AsmRegister64, i32),
    int_args: &'static [IntRegister],
    vector_args: &'static [AsmRegisterXmm],
}

impl<'a> Assembler<'a> {
    pub(crate) fn new(plan: &'a Plan<'a>) -> Result<Assembler<'a>, IcedError> {
        let (int_args, vector_args) = match plan.assignment.abi {
            Abi::Win64 => (WIN64_INT_ARGS, &XMM[..4]),
            _ => (SYSV_INT_ARGS, &XMM[..]),
        };
        Ok(Assembler {
            asm: CodeAssembler::new(64)?,
            plan,
            outgoing: plan.outgoing(),
            frame: (rbp, 0),
            arguments: (r10, 0),
            int_args,
            vector_args,
        })
    }

    fn enter(&mut self) -> Result<(), IcedError> {
        let [target, arguments, ret] = PARAMETERS;
        self.asm.push(rbp)?;
        self.asm.mov(rbp, rsp)?;
        self.asm.push(ret)?;
        self.asm.push(target)?;
        self.asm.mov(r10, arguments)?;
        self.reserve(0)
    }

    /// Whether nothing goes to the callee on the stack.
    pub(crate) fn passes_in_registers(&self) -> bool {
        self.outgoing.size == 0 && self.outgoing.align <= 16
    }

    /// Lowers rsp by what goes to the callee, and by `more` bytes above that, a multiple of 16.
    pub(crate) fn reserve(&mut self, more: u64) -> Result<(), IcedError> {
        let Outgoing { size, align, .. } = self.outgoing;
        if align > 16 {
            // Up, over memory that has been probed.
            reserve(&mut self.asm, more + size + align)?;
            self.asm.add(rsp, align as i32 - 1)?;
            return self.asm.and(rsp, -(align as i32));
        }
        reserve(&mut self.asm, more + size)
    }

    /// The C call, with the arguments of [`Assembler::arguments`], the result's memory at [`RET`] and the function at [`TARGET`].
    pub(crate) fn call(&mut self) -> Result<(), IcedError> {
        let plan = self.plan;
        for at in 0..self.outgoing.copies.len() {
            self.push(self.outgoing.copies[at].load)?;
        }
        let (on_stack, in_registers): (Vec<Load>, Vec<Load>) = plan
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
        for at in 0..self.outgoing.copies.len() {
            let Copied { at, address, .. } = self.outgoing.copies[at];
            self.pass_address(rsp + at as i32, address)?;
        }
        if let Some(Reg::Int(index)) = plan.sret() {
            self.asm
                .mov(self.int_args[usize::from(index)].0, self.place(RET))?;
        }
        if plan.variadic && plan.assignment.abi == Abi::SysV64 {
            // psABI 3.2.3: AL is an upper bound on the number of vector registers used.
            self.asm.mov(eax, u32::from(plan.assignment.vector_args))?;
        }
        self.asm.call(qword_ptr(self.place(TARGET)))
    }

    /// What is in the frame there.
    pub(crate) fn place(&self, at: i32) -> AsmMemoryOperand {
        let (base, origin) = self.frame;
        base + (origin + at)
    }

    /// Base register and displacement of the bytes of an argument. The base may be r11.
    fn address(&mut self, load: Load) -> Result<(AsmRegister64, i32), IcedError> {
        let offset = load.piece.offset as i32;
        let (base, at) = self.arguments;
        match self.plan.entry {
            Entry::Frame => Ok((base, at + self.plan.frame[load.argument] as i32 + offset)),
            Entry::Pointers => {
                self.asm
                    .mov(r11, qword_ptr(base + (at + 8 * load.argument as i32)))?;
                Ok((r11, offset))
            }
        }
    }

    fn pass_address(&mut self, of: AsmMemoryOperand, reg: Reg) -> Result<(), IcedError> {
        match reg {
            Reg::Int(index) => self.asm.lea(self.int_args[usize::from(index)].0, of),
            Reg::Stack(to) => {
                self.asm.lea(rax, of)?;
                self.asm.mov(qword_ptr(rsp + to as i32), rax)
            }
            Reg::Vector(_) | Reg::X87(_) => unreachable!("addresses are integers"),
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
        let mut copied = 0;
        if size > MAX_UNROLLED {
            copied = size / 8 * 8;
            let mut next = self.asm.create_label();
            self.asm.lea(r11, base + at)?;
            self.asm.mov(ecx, (size / 8) as u32)?;
            self.asm.set_label(&mut next)?;
            self.asm.mov(rax, qword_ptr(r11 + rcx * 8 - 8))?;
            self.asm
                .mov(qword_ptr(rsp + rcx * 8 + (to as i32 - 8)), rax)?;
            self.asm.dec(ecx)?;
            self.asm.jnz(next)?;
        }
        let (base, at) = if copied > 0 { (r11, 0) } else { (base, at) };
        for word in (copied..size).step_by(8) {
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
        let (wide, narrow) = self.int_args[usize::from(index)];
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
        from: AsmMemoryOperand,
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
    fn store_part(&mut self, to: AsmMemoryOperand, size: u64) -> Result<(), IcedError> {
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
        let to = self.vector_args[usize::from(index)];
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

    /// Stores a result in registers to the memory at [`RET`].
    pub(crate) fn store_result(&mut self) -> Result<(), IcedError> {
        let pieces = self.plan.result_pieces();
        if pieces.is_empty() {
            return Ok(());
        }
        self.asm.mov(rcx, self.place(RET))?;
        let (vectors, others): (Vec<&Piece>, Vec<&Piece>) =
            pieces.iter().partition(|piece| super::is_vector(piece.reg));
        for piece in others {
            match piece.reg {
                // Each store pops, so that st(1) is the top for the second.
                Reg::X87(_) => self.asm.fstp(tbyte_ptr(rcx + piece.offset as i32))?,
                Reg::Int(index) => {
                    if index > 0 {
                        self.asm.mov(rax, INT_RESULTS[usize::from(index)])?;
                    }
                    self.store_bits(piece)?;
                }
                Reg::Vector(_) | Reg::Stack(_) => unreachable!("partitioned"),
            }
        }
        for piece in vectors {
            let Reg::Vector(index) = piece.reg else {
                unreachable!("partitioned")
            };
            let from = XMM[usize::from(index)];
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

/// Lowers rsp, a page at a time where it is more than one. Changes no register but rax.
pub(crate) fn reserve(asm: &mut CodeAssembler, size: u64) -> Result<(), IcedError> {
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
    Ok(())
}
