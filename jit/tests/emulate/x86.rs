//! The instructions of x86 that stubs use, in its 32-bit and its 64-bit mode.
//!
//! Source: *Intel 64 and IA-32 Architectures Software Developer's Manual*, volume 2.

use iced_x86::{Decoder, DecoderOptions, Instruction, MemorySize, Mnemonic, OpKind, Register};

use crate::memory::Fault;
use crate::state::{Event, Program, State};

const STACK_POINTER: usize = 4;
const FRAME_POINTER: usize = 5;

/// Decoded code: at each offset the instruction that starts there.
pub(crate) struct Code {
    /// Bytes of an address.
    word: u64,
    instructions: Vec<Option<Instruction>>,
}

impl Code {
    pub(crate) fn new(bytes: &[u8], word: u64) -> Code {
        let mut instructions = vec![None; bytes.len()];
        for instruction in Decoder::new(8 * word as u32, bytes, DecoderOptions::NONE) {
            instructions[instruction.ip() as usize] =
                Some(instruction).filter(|instruction| !instruction.is_invalid());
        }
        Code { word, instructions }
    }
}

impl Program for Code {
    fn step(&self, state: &mut State) -> Result<Event, Fault> {
        let instruction = self.instructions.get(state.pc).and_then(Option::as_ref);
        let instruction = instruction.ok_or("runs what is no instruction")?;
        state.pc = instruction.next_ip() as usize;
        Step {
            word: self.word,
            instruction,
            state,
        }
        .execute()
    }

    fn listing(&self) -> Vec<(usize, String)> {
        let all = self.instructions.iter().enumerate();
        all.filter_map(|(at, instruction)| Some((at, instruction.as_ref()?.to_string())))
            .collect()
    }
}

/// An instruction being run.
struct Step<'a> {
    word: u64,
    instruction: &'a Instruction,
    state: &'a mut State,
}

impl Step<'_> {
    fn execute(mut self) -> Result<Event, Fault> {
        use Mnemonic::*;
        let instruction = self.instruction;
        if instruction.has_lock_prefix() || instruction.segment_prefix() != Register::None {
            return Err(self.unknown());
        }
        match instruction.mnemonic() {
            Nop | Endbr64 => {}
            Push => {
                let value = self.read(0, self.word)?;
                self.push(value)?;
            }
            Pop => {
                let value = self.pop()?;
                self.write(0, value.into())?;
            }
            Leave => {
                self.state
                    .set_int(STACK_POINTER, self.state.ints[FRAME_POINTER]);
                let value = self.pop()?;
                self.state.set_int(FRAME_POINTER, value);
            }
            Mov | Movzx => {
                let value = self.read(1, self.size(0)?)?;
                self.write(0, value)?;
            }
            Movsx | Movsxd => {
                let value = self.read(1, 0)? as u64;
                let shift = 64 - 8 * self.size(1)?;
                self.write(0, (((value << shift) as i64) >> shift) as u64 as u128)?;
            }
            Lea => {
                let address = self.address()?;
                self.write(0, address.into())?;
            }
            Add | Sub | And | Or => self.compute()?,
            Dec => {
                let value = self.read(0, 0)?.wrapping_sub(1) & mask(self.size(0)?);
                self.write(0, value)?;
                self.state.zero = Some(value == 0);
            }
            Shl | Shr => {
                let size = self.size(0)?;
                let by = self.read(1, 1)? as u32 & if size == 8 { 63 } else { 31 };
                let value = self.read(0, size)?;
                let shifted = match instruction.mnemonic() {
                    Shl => value << by,
                    _ => value >> by,
                };
                self.write(0, shifted & mask(size))?;
                self.state.zero = None;
            }
            Test => self.probe()?,
            Jne | Je => {
                let zero = self.state.zero.ok_or("jumps by flags that nothing set")?;
                if zero == (instruction.mnemonic() == Je) {
                    self.state.pc = instruction.near_branch_target() as usize;
                }
            }
            Movups | Movupd | Movdqu | Vmovups | Vmovupd | Vmovdqu => self.move_vector(16)?,
            Movaps | Movapd | Movdqa | Vmovaps | Vmovapd | Vmovdqa => {
                if instruction.op0_kind() == OpKind::Memory
                    || instruction.op1_kind() == OpKind::Memory
                {
                    let address = self.address()?;
                    if !address.is_multiple_of(16) {
                        return Err(format!(
                            "accesses {address:#x} by an instruction that wants 16-byte alignment"
                        ));
                    }
                }
                self.move_vector(16)?;
            }
            Movss | Vmovss if instruction.op_count() == 2 => self.move_scalar(4)?,
            Movsd | Vmovsd if instruction.op_count() == 2 => self.move_scalar(8)?,
            Movd | Vmovd => self.move_vector(4)?,
            Movq | Vmovq => self.move_vector(8)?,
            Fstp => self.pop_x87()?,
            Emms => self.state.mmx_mode = false,
            Call => {
                let target = self.read(0, self.word)? as u64;
                // The callee has returned when the next instruction runs.
                let sp = self.state.sp();
                self.push(0)?;
                self.state.ints[STACK_POINTER] = sp;
                return Ok(Event::Call(target));
            }
            Ret if instruction.op_count() == 0 => return Ok(Event::Return(self.pop()?)),
            _ => return Err(self.unknown()),
        }
        Ok(Event::Next)
    }

    fn unknown(&self) -> Fault {
        format!("no instruction of a stub: {}", self.instruction)
    }

    fn push(&mut self, value: u128) -> Result<(), Fault> {
        let sp = self.state.sp().wrapping_sub(self.word);
        self.state.set_int(STACK_POINTER, sp);
        self.state.store(sp, self.word, value)
    }

    fn pop(&mut self) -> Result<u64, Fault> {
        let sp = self.state.sp();
        let value = self.state.load(sp, self.word)?;
        self.state
            .set_int(STACK_POINTER, sp.wrapping_add(self.word));
        Ok(value as u64)
    }

    /// Integer instructions of two operands.
    fn compute(&mut self) -> Result<(), Fault> {
        use Mnemonic::*;
        let size = self.size(0)?;
        let (a, b) = (self.read(0, size)?, self.read(1, size)?);
        let value = match self.instruction.mnemonic() {
            Add => a.wrapping_add(b),
            Sub => a.wrapping_sub(b),
            And => a & b,
            _ => a | b,
        };
        self.write(0, value & mask(size))?;
        self.state.zero = Some(value & mask(size) == 0);
        Ok(())
    }

    /// `test` of memory touches a page; its result is not looked at.
    fn probe(&mut self) -> Result<(), Fault> {
        if self.instruction.op0_kind() != OpKind::Memory {
            return Err(self.unknown());
        }
        let address = self.address()?;
        self.state.zero = None;
        self.state
            .memory
            .touch(address, self.state.ints[STACK_POINTER])
    }

    /// `movss` and `movsd`: a load clears what is above, a move between registers keeps it.
    fn move_scalar(&mut self, size: u64) -> Result<(), Fault> {
        let kinds = [self.instruction.op0_kind(), self.instruction.op1_kind()];
        if kinds == [OpKind::Register; 2] {
            return Err(self.unknown());
        }
        self.move_vector(size)
    }

    /// Moves so many bytes from or to a vector register, whose other bytes become zero.
    fn move_vector(&mut self, size: u64) -> Result<(), Fault> {
        let value = self.read(1, size)? & mask(size);
        match self.instruction.op0_kind() {
            OpKind::Memory => {
                let address = self.address()?;
                self.state.store(address, size, value)
            }
            _ => self.write(0, value),
        }
    }

    /// `fstp` to memory. A number is written as the bytes it was made from, so no other format will do.
    fn pop_x87(&mut self) -> Result<(), Fault> {
        if self.instruction.op0_kind() != OpKind::Memory {
            return Err(self.unknown());
        }
        if self.state.mmx_mode {
            return Err("uses the x87 stack while its registers are MMX's".into());
        }
        let (size, address) = (self.size(0)?, self.address()?);
        let number = self.state.x87.pop().ok_or("pops the empty x87 stack")?;
        if number.len() as u64 != size {
            return Err(format!(
                "stores a number of {} bytes as one of {size}",
                number.len()
            ));
        }
        self.state
            .store(address, size, crate::memory::number(&number))
    }

    /// The value of an operand; of an immediate so many bytes.
    fn read(&mut self, operand: u32, size: u64) -> Result<u128, Fault> {
        let instruction = self.instruction;
        match instruction.op_kind(operand) {
            OpKind::Register => self.read_register(instruction.op_register(operand)),
            OpKind::Memory => {
                let address = self.address()?;
                let size = self.size(operand)?;
                self.state.load(address, size)
            }
            OpKind::Immediate8
            | OpKind::Immediate16
            | OpKind::Immediate32
            | OpKind::Immediate64
            | OpKind::Immediate8to16
            | OpKind::Immediate8to32
            | OpKind::Immediate8to64
            | OpKind::Immediate32to64 => {
                Ok(u128::from(instruction.immediate(operand)) & mask(size))
            }
            _ => Err(self.unknown()),
        }
    }

    fn read_register(&self, register: Register) -> Result<u128, Fault> {
        if let Some(number) = within(register, Register::XMM0, Register::XMM15) {
            return Ok(self.state.vectors[number]);
        }
        if let Some(number) = within(register, Register::MM0, Register::MM7) {
            return Ok(self.state.mmx[number].into());
        }
        let (number, size) = general(register).ok_or_else(|| self.unknown())?;
        Ok(u128::from(self.state.ints[number]) & mask(size))
    }

    fn write(&mut self, operand: u32, value: u128) -> Result<(), Fault> {
        match self.instruction.op_kind(operand) {
            OpKind::Register => self.write_register(self.instruction.op_register(operand), value),
            OpKind::Memory => {
                let (address, size) = (self.address()?, self.size(operand)?);
                self.state.store(address, size, value)
            }
            _ => Err(self.unknown()),
        }
    }

    fn write_register(&mut self, register: Register, value: u128) -> Result<(), Fault> {
        if let Some(number) = within(register, Register::XMM0, Register::XMM15) {
            self.state.set_vector(number, value);
        } else if let Some(number) = within(register, Register::MM0, Register::MM7) {
            self.state.mmx[number] = value as u64;
            self.state.mmx_mode = true;
        } else {
            let (number, size) = general(register).ok_or_else(|| self.unknown())?;
            // Writing 32 bits clears the other half, writing less keeps the rest.
            let kept = if size < 4 { !(mask(size) as u64) } else { 0 };
            let value = self.state.ints[number] & kept | (value & mask(size)) as u64;
            self.state.set_int(number, value);
        }
        Ok(())
    }

    /// Bytes of an operand.
    fn size(&self, operand: u32) -> Result<u64, Fault> {
        match self.instruction.op_kind(operand) {
            OpKind::Register => {
                let register = self.instruction.op_register(operand);
                general(register)
                    .map(|(_, size)| size)
                    .ok_or_else(|| self.unknown())
            }
            OpKind::Memory => {
                memory_size(self.instruction.memory_size()).ok_or_else(|| self.unknown())
            }
            _ => Err(self.unknown()),
        }
    }

    /// The address of the operand in memory, which is relative to a register.
    fn address(&self) -> Result<u64, Fault> {
        let instruction = self.instruction;
        let register = |register: Register| match register {
            Register::None => Some(0),
            _ => general(register)
                .filter(|(_, size)| *size == self.word)
                .map(|(number, _)| self.state.ints[number]),
        };
        if instruction.memory_base() == Register::None {
            return Err("has an absolute address".into());
        }
        let base = register(instruction.memory_base()).ok_or_else(|| self.unknown())?;
        let index = register(instruction.memory_index()).ok_or_else(|| self.unknown())?;
        let scaled = index.wrapping_mul(instruction.memory_index_scale().into());
        let address = base
            .wrapping_add(scaled)
            .wrapping_add(instruction.memory_displacement64());
        Ok(address & mask(self.word) as u64)
    }
}

/// The number and the bytes of a general-purpose register; none for ah, ch, dh and bh.
fn general(register: Register) -> Option<(usize, u64)> {
    use Register::*;
    let wide = [(RAX, R15, 8), (EAX, R15D, 4), (AX, R15W, 2), (AL, BL, 1)];
    let of_size = |(first, last, size)| Some((within(register, first, last)?, size));
    let low_byte = || Some((within(register, SPL, R15L)? + STACK_POINTER, 1));
    wide.into_iter().find_map(of_size).or_else(low_byte)
}

/// How many registers after the first one of a kind a register is.
fn within(register: Register, first: Register, last: Register) -> Option<usize> {
    let all = first as usize..=last as usize;
    all.contains(&(register as usize))
        .then(|| register as usize - first as usize)
}

fn memory_size(size: MemorySize) -> Option<u64> {
    use MemorySize::*;
    Some(match size {
        UInt8 | Int8 => 1,
        UInt16 | Int16 => 2,
        UInt32 | Int32 | Float32 | DwordOffset => 4,
        UInt64 | Int64 | Float64 | QwordOffset => 8,
        Float80 => 10,
        UInt128 | Int128 | Float128 | Packed128_Float32 | Packed128_Float64 | Packed128_UInt32
        | Packed128_UInt64 => 16,
        _ => return None,
    })
}

fn mask(bytes: u64) -> u128 {
    match bytes {
        0 => 0,
        bytes => u128::MAX >> (128 - 8 * bytes),
    }
}
