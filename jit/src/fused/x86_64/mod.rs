//! Emits a fused stub for x86-64, System V and Windows.
//!
//! Where there is little to keep, the frame is of fixed size and rbp is left alone: an interpreter has it in the middle of
//! its work, and waits for it to come back from memory. On Windows no table says so to the unwinder.
//!
//! Until the slow path is out of the question, the registers that the stub was entered with keep their values, or can
//! get them back: the count is saved in the frame, the names are null. The readers use rax, r10 and r11, which no
//! convention uses for parameters, and r8 and r9, which are nothing, or on Windows count and names. What they read goes to
//! the packed frame, for releasing the lock is a call like any other.

mod numbers;
mod read;

use iced_x86::IcedError;
use iced_x86::code_asm::{
    AsmMemoryOperand, AsmRegister32, AsmRegister64, CodeAssembler, CodeLabel,
};
use iced_x86::code_asm::{dword_ptr, qword_ptr, registers::*};

use super::{Fusion, HostEntry, HostErrno, Maker, SLOTS};
use crate::code::StackFrame;
use crate::stub::x86_64::{Assembler, RET, TARGET};
use crate::{Float, Int, Type};
use numbers::Pending;

/// The code of a stub, and the kind of its frame.
pub(super) fn emit(fusion: &Fusion<'_>) -> Result<(Vec<u8>, StackFrame), IcedError> {
    let mut outgoing = Assembler::new(&fusion.plan)?;
    let is_small = outgoing.passes_in_registers() && fusion.room() <= ROOM_IN_FIXED as u64;
    let kind = match is_small && cfg!(not(windows)) {
        true => StackFrame::Fixed,
        false => StackFrame::Chained,
    };
    if kind == StackFrame::Fixed {
        outgoing.frame = (rsp, ROOM_IN_FIXED);
    }
    let slow = outgoing.asm.create_label();
    let unread = if cfg!(windows) {
        outgoing.asm.create_label()
    } else {
        slow
    };
    let emitter = Emitter {
        fusion,
        kind,
        outgoing,
        slow,
        unread,
        pending: Vec::new(),
        numbers: read::Numbers::default(),
    };
    Ok((emitter.stub()?, kind))
}

/// Parameters of C functions on this machine.
const PARAMETERS: [(AsmRegister64, AsmRegister32); 4] = if cfg!(windows) {
    [(rcx, ecx), (rdx, edx), (r8, r8d), (r9, r9d)]
} else {
    [(rdi, edi), (rsi, esi), (rdx, edx), (rcx, ecx)]
};
const CALLEE: AsmRegister64 = PARAMETERS[0].0;
const ARGS: AsmRegister64 = PARAMETERS[1].0;
const COUNT: AsmRegister64 = PARAMETERS[2].0;
const NAMES: (AsmRegister64, AsmRegister32) = PARAMETERS[3];

/// Places in the frame.
const SAVED_CALLEE: i32 = -24;
const LOCK: i32 = -32;
const SAVED_COUNT: i32 = -40;
const SAVED_RESULT: i32 = -48;
/// Bytes of a frame of fixed size that can be aligned to 16.
const ROOM_IN_FIXED: i32 = StackFrame::FIXED / 16 * 16;

/// Bytes that a function on Windows may use above its return address.
const SHADOW: u64 = if cfg!(windows) { 32 } else { 0 };

struct Emitter<'a> {
    fusion: &'a Fusion<'a>,
    kind: StackFrame,
    outgoing: Assembler<'a>,
    /// Leaves for the slow path.
    slow: CodeLabel,
    /// The same from before the arguments are read, with the registers as they were. Where reading changes none of these it is
    /// the same place.
    unread: CodeLabel,
    /// What is written behind the usual path.
    pending: Vec<Pending>,
    numbers: read::Numbers,
}

impl Emitter<'_> {
    fn stub(mut self) -> Result<Vec<u8>, IcedError> {
        self.enter()?;
        self.read_arguments()?;
        self.remember()?;
        self.leave_host()?;
        let (base, origin) = self.outgoing.frame;
        self.outgoing.arguments = (base, origin + self.frame());
        self.outgoing.call()?;
        self.finish()?;
        self.read_pending()?;
        self.leave_for_slow_path()?;
        self.outgoing.asm.assemble(0)
    }

    fn asm(&mut self) -> &mut CodeAssembler {
        &mut self.outgoing.asm
    }

    /// Displacement of the result in memory.
    fn result(&self) -> i32 {
        -((SLOTS + self.fusion.result_bytes()) as i32)
    }

    /// Displacement of the packed frame.
    fn frame(&self) -> i32 {
        self.result() - self.fusion.frame_size as i32
    }

    fn enter(&mut self) -> Result<(), IcedError> {
        let count = self.fusion.recipe.readers.len() as i32;
        let unread = self.unread;
        let kind = self.kind;
        let asm = self.asm();
        match kind {
            StackFrame::Fixed => asm.sub(rsp, StackFrame::FIXED)?,
            StackFrame::Chained => {
                asm.push(rbp)?;
                asm.mov(rbp, rsp)?;
            }
        }
        match self.fusion.recipe.entry {
            HostEntry::ArrayAndNames => {
                self.check_count(count)?;
                let asm = self.asm();
                asm.test(NAMES.0, NAMES.0)?;
                asm.jnz(unread)?;
            }
            HostEntry::Array => self.check_count(count)?,
            HostEntry::Single => {}
        }
        match kind {
            StackFrame::Fixed => Ok(()),
            StackFrame::Chained => self.outgoing.reserve(self.fusion.room() + SHADOW),
        }
    }

    /// Gives the frame back.
    fn leave(&mut self) -> Result<(), IcedError> {
        match self.kind {
            StackFrame::Fixed => self.asm().add(rsp, StackFrame::FIXED),
            StackFrame::Chained => self.asm().leave(),
        }
    }

    /// Compares the count, but for its highest bit.
    fn check_count(&mut self, count: i32) -> Result<(), IcedError> {
        let unread = self.unread;
        let asm = self.asm();
        asm.lea(rax, qword_ptr(COUNT + COUNT))?;
        asm.cmp(rax, 2 * count)?;
        asm.jne(unread)
    }

    /// Keeps what is needed after other functions were called. The fast path is taken from here on.
    fn remember(&mut self) -> Result<(), IcedError> {
        let host = &self.fusion.recipe.host;
        let [target, callee, ret] = [TARGET, SAVED_CALLEE, RET].map(|at| self.outgoing.place(at));
        let asm = self.asm();
        asm.mov(rax, qword_ptr(CALLEE + host.callee.target_offset))?;
        asm.mov(target, rax)?;
        asm.mov(rax, host.counter as u64)?;
        asm.inc(qword_ptr(rax))?;
        let maker = self.fusion.recipe.maker;
        if matches!(maker, Maker::Pointer | Maker::Memory) {
            self.asm().mov(callee, CALLEE)?;
        }
        if maker == Maker::Memory {
            let result = self.outgoing.place(self.result());
            let asm = self.asm();
            asm.lea(rax, result)?;
            asm.mov(ret, rax)?;
        }
        Ok(())
    }

    fn leave_host(&mut self) -> Result<(), IcedError> {
        let recipe = self.fusion.recipe;
        if recipe.releases_lock {
            self.call(recipe.host.calls.release)?;
            let lock = self.outgoing.place(LOCK);
            self.asm().mov(lock, rax)?;
        }
        match recipe.host.errno {
            HostErrno::Ignored => Ok(()),
            HostErrno::Calls { restore, .. } => self.call(restore),
            HostErrno::Thread { errno, saved } => self.copy_in_thread(saved, errno),
        }
    }

    /// Changes r10 alone.
    fn copy_in_thread(&mut self, from: i32, to: i32) -> Result<(), IcedError> {
        let asm = self.asm();
        asm.mov(r10d, in_thread(from))?;
        asm.mov(in_thread(to), r10d)
    }

    /// Calls a function that has its parameters already.
    fn call(&mut self, function: usize) -> Result<(), IcedError> {
        let asm = self.asm();
        asm.mov(rax, function as u64)?;
        asm.call(rax)
    }

    /// From the return of the C function to that of the stub.
    fn finish(&mut self) -> Result<(), IcedError> {
        let recipe = self.fusion.recipe;
        let is_float = matches!(self.fusion.signature.result, Some(Type::Float(_)));
        let in_register = !matches!(recipe.maker, Maker::Nothing | Maker::Memory);
        if recipe.maker == Maker::Memory {
            self.outgoing.store_result()?;
        }
        let saves_by_call = matches!(recipe.host.errno, HostErrno::Calls { .. });
        let is_saved = in_register && (recipe.releases_lock || saves_by_call);
        let saved = qword_ptr(self.outgoing.place(SAVED_RESULT));
        match (is_saved, is_float) {
            (true, true) => self.asm().movsd_2(saved, xmm0)?,
            (true, false) => self.asm().mov(saved, rax)?,
            (false, _) => {}
        }
        match recipe.host.errno {
            HostErrno::Ignored => {}
            HostErrno::Calls { save, .. } => self.call(save)?,
            HostErrno::Thread { errno, saved } => self.copy_in_thread(errno, saved)?,
        }
        if recipe.releases_lock {
            let lock = self.outgoing.place(LOCK);
            self.asm().mov(PARAMETERS[0].0, lock)?;
            self.call(recipe.host.calls.acquire)?;
        }
        match (is_saved, is_float) {
            (true, true) => self.asm().movsd_2(xmm0, saved)?,
            (true, false) => self.asm().mov(rax, saved)?,
            (false, _) => {}
        }
        self.make_result()
    }

    fn make_result(&mut self) -> Result<(), IcedError> {
        let calls = self.fusion.recipe.host.calls;
        let (first, second) = (PARAMETERS[0], PARAMETERS[1]);
        let fusion = self.fusion;
        let result = self.outgoing.place(self.result());
        let callee = self.outgoing.place(SAVED_CALLEE);
        let asm = self.asm();
        match fusion.recipe.maker {
            Maker::Nothing => self.tail_call(calls.from_nothing),
            Maker::Number => self.make_number(),
            Maker::Bool => {
                asm.movzx(first.1, al)?;
                self.tail_call(calls.from_bool)
            }
            Maker::Char => {
                asm.movzx(first.1, al)?;
                self.tail_call(calls.from_char)
            }
            Maker::Pointer => {
                asm.mov(second.0, rax)?;
                asm.mov(first.0, callee)?;
                self.tail_call(calls.from_pointer)
            }
            Maker::Memory => {
                asm.lea(second.0, result)?;
                asm.mov(first.0, callee)?;
                self.call(calls.from_memory)?;
                self.leave()?;
                self.asm().ret()
            }
        }
    }

    fn make_number(&mut self) -> Result<(), IcedError> {
        let fusion = self.fusion;
        let calls = fusion.recipe.host.calls;
        let (wide, narrow) = PARAMETERS[0];
        let asm = self.asm();
        match fusion.signature.result {
            Some(Type::Float(Float::F32)) => {
                asm.cvtss2sd(xmm0, xmm0)?;
                self.tail_call(calls.from_double)
            }
            Some(Type::Float(_)) => self.tail_call(calls.from_double),
            Some(Type::Int(int)) => {
                match int {
                    Int::I8 => asm.movsx(wide, al)?,
                    Int::U8 => asm.movzx(narrow, al)?,
                    Int::I16 => asm.movsx(wide, ax)?,
                    Int::U16 => asm.movzx(narrow, ax)?,
                    Int::I32 => asm.movsxd(wide, eax)?,
                    Int::U32 => asm.mov(narrow, eax)?,
                    _ => asm.mov(wide, rax)?,
                }
                self.tail_call(match int {
                    Int::U64 => calls.from_unsigned,
                    _ => calls.from_signed,
                })
            }
            _ => unreachable!("only numbers have this maker"),
        }
    }

    /// Gives the frame back and jumps to a function that has its parameters already.
    fn tail_call(&mut self, function: usize) -> Result<(), IcedError> {
        self.asm().mov(rax, function as u64)?;
        self.leave()?;
        self.asm().jmp(rax)
    }

    fn leave_for_slow_path(&mut self) -> Result<(), IcedError> {
        let slow = self.fusion.recipe.slow;
        let mut label = self.slow;
        self.asm().set_label(&mut label)?;
        self.give_registers_back()?;
        if cfg!(windows) {
            let mut unread = self.unread;
            self.asm().set_label(&mut unread)?;
        }
        self.tail_call(slow)
    }
}

/// An `int` at a distance from the thread pointer.
fn in_thread(distance: i32) -> AsmMemoryOperand {
    dword_ptr(i64::from(distance) as u64).fs()
}
