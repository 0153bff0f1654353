//! The instructions of A64 that stubs use.
//!
//! Source: *Arm Architecture Reference Manual for A-profile*, chapters C6 and C7.

use yaxpeax_arch::{Arch, Decoder, U8Reader};
use yaxpeax_arm::armv8::a64::{
    ARMv8, Instruction, Opcode, Operand, SIMDSizeCode, ShiftStyle, SizeCode,
};

use crate::memory::Fault;
use crate::state::{Event, Program, State};

/// The number of the stack pointer, and elsewhere of the register that is zero.
const SP: u16 = 31;
const LINK: usize = 30;

/// Decoded code; none where a word is no instruction.
pub(crate) struct Code(Vec<Option<Instruction>>);

impl Code {
    pub(crate) fn new(bytes: &[u8]) -> Code {
        let decoder = <ARMv8 as Arch>::Decoder::default();
        let decode = |word| decoder.decode(&mut U8Reader::new(word)).ok();
        Code(bytes.chunks(4).map(decode).collect())
    }
}

impl Program for Code {
    fn step(&self, state: &mut State) -> Result<Event, Fault> {
        let instruction = self.0.get(state.pc / 4).and_then(Option::as_ref);
        let instruction = instruction.ok_or("runs what is no instruction")?;
        let at = state.pc;
        state.pc += 4;
        execute(instruction, at, state)
    }

    fn listing(&self) -> Vec<(usize, String)> {
        let text = |instruction: &Option<Instruction>| {
            instruction.map_or("no instruction".into(), |instruction| {
                instruction.to_string()
            })
        };
        (0..).step_by(4).zip(self.0.iter().map(text)).collect()
    }
}

fn execute(instruction: &Instruction, at: usize, state: &mut State) -> Result<Event, Fault> {
    use Opcode::*;
    use Operand::*;
    use ShiftStyle::LSL;
    use SizeCode::{W, X};
    match (instruction.opcode, instruction.operands) {
        (HINT, _) => {}
        (
            STP,
            [
                Register(X, low),
                Register(X, high),
                RegPreIndex(base, offset, true),
                Nothing,
            ],
        ) => {
            let address = state.ints[usize::from(base)].wrapping_add_signed(offset.into());
            set_address(state, base, address);
            check_base(state, base)?;
            for (at, register) in [(0, low), (8, high)] {
                let value = integer(state, register);
                state.store(address + at, 8, value.into())?;
            }
        }
        (
            LDP,
            [
                Register(X, low),
                Register(X, high),
                RegPostIndex(base, offset),
                Nothing,
            ],
        ) => {
            check_base(state, base)?;
            let address = state.ints[usize::from(base)];
            for (at, register) in [(0, low), (8, high)] {
                let value = state.load(address + at, 8)?;
                set_integer(state, register, value as u64);
            }
            set_address(state, base, address.wrapping_add_signed(offset.into()));
        }
        (ADD | SUB, [RegisterOrSP(X, to), RegisterOrSP(X, from), by, Nothing]) => {
            let by = match by {
                Immediate(by) => by.into(),
                ImmShift(by, shift) => u64::from(by) << shift,
                RegShift(LSL, shift, X, by) => integer(state, by) << shift,
                _ => return Err(unknown(instruction)),
            };
            let from = state.ints[usize::from(from)];
            let value = match instruction.opcode {
                ADD => from.wrapping_add(by),
                _ => from.wrapping_sub(by),
            };
            set_address(state, to, value);
        }
        (
            SUBS,
            [
                Register(X, to),
                RegisterOrSP(X, from),
                Immediate(by),
                Nothing,
            ],
        ) => {
            let value = state.ints[usize::from(from)].wrapping_sub(by.into());
            set_integer(state, to, value);
            state.zero = Some(value == 0);
        }
        (
            ORR,
            [
                Register(size, to),
                Register(_, from),
                RegShift(LSL, shift, _, with),
                Nothing,
            ],
        ) => {
            let value = integer(state, from) | integer(state, with) << shift;
            set_integer(
                state,
                to,
                if size == W {
                    value as u32 as u64
                } else {
                    value
                },
            );
        }
        (MOVZ, [Register(_, to), ImmShift(value, shift), Nothing, Nothing]) => {
            set_integer(state, to, u64::from(value) << shift);
        }
        (MOVK, [Register(X, to), ImmShift(value, shift), Nothing, Nothing]) => {
            let kept = integer(state, to) & !(0xFFFF << shift);
            set_integer(state, to, kept | u64::from(value) << shift);
        }
        (
            UBFM,
            [
                Register(size, to),
                Register(_, from),
                Immediate(rotate),
                Immediate(last),
            ],
        ) => {
            let bits = if size == W { 32 } else { 64 };
            let value = integer(state, from) & (u64::MAX >> (64 - bits));
            let value = match (rotate, last) {
                (shift, last) if last == bits - 1 => value >> shift,
                (rotate, last) if last + 1 == rotate => value << (bits - rotate),
                _ => return Err(unknown(instruction)),
            };
            set_integer(state, to, value & (u64::MAX >> (64 - bits)));
        }
        (FMOV, [SIMDRegister(size, to), Register(_, from), Nothing, Nothing]) => {
            let value = u128::from(integer(state, from)) & mask(bytes(size));
            state.set_vector(to.into(), value);
        }
        (FMOV, [Register(_, to), SIMDRegister(size, from), Nothing, Nothing]) => {
            let value = state.vectors[usize::from(from)] & mask(bytes(size));
            set_integer(state, to, value as u64);
        }
        (
            UMOV,
            [
                Register(_, to),
                SIMDRegisterElementsLane(_, from, size, 0),
                Nothing,
                Nothing,
            ],
        ) => {
            let value = state.vectors[usize::from(from)] & mask(bytes(size));
            set_integer(state, to, value as u64);
        }
        (Bcc(condition @ (0 | 1)), [PCOffset(distance), Nothing, Nothing, Nothing]) => {
            let zero = state.zero.ok_or("jumps by flags that nothing set")?;
            if zero == (condition == 0) {
                state.pc = at.wrapping_add_signed(distance as isize);
            }
        }
        (BLR, [Register(X, target), Nothing, Nothing, Nothing]) => {
            let target = integer(state, target);
            state.set_int(LINK, state.pc as u64);
            return Ok(Event::Call(target));
        }
        (RET, [Register(X, to), Nothing, Nothing, Nothing]) => {
            return Ok(Event::Return(integer(state, to)));
        }
        (
            opcode,
            [
                register,
                place @ (RegPreIndex(_, _, false) | RegPostIndex(..)),
                Nothing,
                Nothing,
            ],
        ) => {
            access(instruction, opcode, register, place, state)?;
        }
        _ => return Err(unknown(instruction)),
    }
    Ok(Event::Next)
}

/// Loads and stores of one register.
fn access(
    instruction: &Instruction,
    opcode: Opcode,
    register: Operand,
    place: Operand,
    state: &mut State,
) -> Result<(), Fault> {
    use Opcode::*;
    let size = match (opcode, register) {
        (LDRB | LDURB | LDRSB | LDURSB | STRB | STURB, Operand::Register(..)) => 1,
        (LDRH | LDURH | LDRSH | LDURSH | STRH | STURH, Operand::Register(..)) => 2,
        (LDRSW | LDURSW, Operand::Register(..)) => 4,
        (LDR | LDUR | STR | STUR, Operand::Register(size, _)) => match size {
            SizeCode::W => 4,
            SizeCode::X => 8,
        },
        (LDR | LDUR | STR | STUR, Operand::SIMDRegister(size, _)) => bytes(size),
        _ => return Err(unknown(instruction)),
    };
    let (base, offset, after) = match place {
        Operand::RegPreIndex(base, offset, _) => (base, offset, 0),
        Operand::RegPostIndex(base, after) => (base, 0, after),
        _ => return Err(unknown(instruction)),
    };
    check_base(state, base)?;
    let from = state.ints[usize::from(base)];
    let address = from.wrapping_add_signed(offset.into());
    match (opcode, register) {
        (STR | STUR | STRB | STURB | STRH | STURH, Operand::Register(_, register)) => {
            let value = integer(state, register);
            state.store(address, size, value.into())?;
        }
        (STR | STUR, Operand::SIMDRegister(_, register)) => {
            let value = state.vectors[usize::from(register)];
            state.store(address, size, value)?;
        }
        // What is loaded to the zero register touches a page, and is not looked at.
        (_, Operand::Register(_, SP)) => {
            state.memory.touch(address, state.ints[usize::from(SP)])?
        }
        (LDRSB | LDURSB | LDRSH | LDURSH | LDRSW | LDURSW, Operand::Register(wide, register)) => {
            let value = state.load(address, size)? as u64;
            let shift = 64 - 8 * size;
            let value = ((value << shift) as i64 >> shift) as u64;
            let value = if wide == SizeCode::W {
                value as u32 as u64
            } else {
                value
            };
            set_integer(state, register, value);
        }
        (_, Operand::Register(_, register)) => {
            let value = state.load(address, size)?;
            set_integer(state, register, value as u64);
        }
        (_, Operand::SIMDRegister(_, register)) => {
            let value = state.load(address, size)?;
            state.set_vector(register.into(), value);
        }
        _ => return Err(unknown(instruction)),
    }
    if after != 0 {
        set_address(state, base, from.wrapping_add_signed(after.into()));
    }
    Ok(())
}

fn unknown(instruction: &Instruction) -> Fault {
    format!("no instruction of a stub: {instruction}")
}

/// A register where number 31 is zero.
fn integer(state: &State, register: u16) -> u64 {
    if register == SP {
        0
    } else {
        state.ints[usize::from(register)]
    }
}

fn set_integer(state: &mut State, register: u16, value: u64) {
    if register != SP {
        state.set_int(register.into(), value);
    }
}

/// A register where number 31 is the stack pointer.
fn set_address(state: &mut State, register: u16, value: u64) {
    state.set_int(register.into(), value);
}

/// Section D1.8.2 "SP alignment checking": what is not a multiple of 16 may not be the base of an access.
fn check_base(state: &State, base: u16) -> Result<(), Fault> {
    if base == SP && !state.sp().is_multiple_of(16) {
        return Err("uses a stack pointer that is no multiple of 16".into());
    }
    Ok(())
}

fn bytes(size: SIMDSizeCode) -> u64 {
    match size {
        SIMDSizeCode::B => 1,
        SIMDSizeCode::H => 2,
        SIMDSizeCode::S => 4,
        SIMDSizeCode::D => 8,
        SIMDSizeCode::Q => 16,
    }
}

fn mask(bytes: u64) -> u128 {
    u128::MAX >> (128 - 8 * bytes)
}
