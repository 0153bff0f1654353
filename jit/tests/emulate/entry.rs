//! What a stub finds when it is entered: its parameters, memory, and nonsense in all other registers.

use farcall_jit::{Assignment, Machine, Place, ResultPlace, Signature, Type};
use fastrand::Rng;

use crate::memory::{Memory, Region};
use crate::run::Case;
use crate::state::State;

/// The state at a stub's first instruction.
pub(crate) struct Entry {
    /// Bytes of an address.
    pub(crate) word: u64,
    pub(crate) state: State,
    /// Address of the function to be called.
    pub(crate) target: u64,
    pub(crate) return_address: u64,
}

impl Entry {
    pub(crate) fn new(case: &Case<'_>, sp: usize, rng: &mut Rng) -> Entry {
        let machine = case.assignment.abi.machine();
        let word = if machine == Machine::X86 { 4 } else { 8 };
        let mut address = |area: u64| match word {
            4 => area << 28 | rng.u64(..1 << 20) << 4,
            _ => area << 44 | rng.u64(..1 << 30) << 4,
        };
        let [frame, ret, stack, target, return_address] = [1, 4, 7, 2, 5].map(&mut address);
        let memory = Memory {
            frame: packed_frame(case.signature, frame, rng),
            ret: result(case, ret, rng),
            stack: stack_for(case.assignment, stack),
            lowest: 0,
        };
        let mut state = State {
            pc: 0,
            ints: [(); 32].map(|()| address_like(rng.u64(..), word)),
            vectors: [(); 32].map(|()| rng.u128(..)),
            mmx: [(); 8].map(|()| rng.u64(..)),
            mmx_mode: false,
            x87: Vec::new(),
            zero: None,
            ints_written: 0,
            vectors_written: 0,
            memory,
            sp,
        };
        enter(&mut state, machine, [target, return_address], rng);
        Entry {
            word,
            state,
            target,
            return_address,
        }
    }
}

/// Only bytes of arguments may be read. The frame is aligned to eight bytes and to no more.
fn packed_frame(signature: &Signature, address: u64, rng: &mut Rng) -> Region {
    let layout = signature.frame();
    let mut bytes = vec![0; layout.size() as usize];
    rng.fill(&mut bytes);
    let mut frame = Region::new("the frame", address + 8, bytes);
    for (ty, &offset) in signature.params.iter().zip(layout.offsets()) {
        let start = frame.start() + offset;
        frame.readable(start..start + ty.size());
    }
    frame
}

/// Only what comes back in registers may be written.
fn result(case: &Case<'_>, address: u64, rng: &mut Rng) -> Region {
    let size = case.signature.result.as_ref().map_or(0, Type::size);
    let mut ret = Region::new(
        "the result",
        address + rng.u64(..16),
        vec![0; size as usize],
    );
    if let ResultPlace::Pieces(pieces) = &case.assignment.result {
        for piece in pieces {
            let start = ret.start() + piece.offset;
            ret.writable(start..start + piece.size);
        }
    }
    ret
}

/// As much as a stub may need, and some more.
fn stack_for(assignment: &Assignment, address: u64) -> Region {
    let (mut size, mut most_aligned) = (assignment.stack_size, assignment.stack_align);
    for place in &assignment.args {
        if let &Place::Copy {
            size: bytes, align, ..
        } = place
        {
            size += bytes + align;
            most_aligned = most_aligned.max(align);
        }
    }
    let size = (size + 4 * most_aligned + (16 << 10)).next_multiple_of(16);
    Region::new("the stack", address, vec![0; size as usize])
}

/// Bytes above the stack pointer at a stub's entry, or a little less.
const TOP: u64 = 64;

/// Makes the state that of a stub's first instruction, see `StubFn`.
fn enter(state: &mut State, machine: Machine, [target, return_address]: [u64; 2], rng: &mut Rng) {
    let (frame, ret) = (state.memory.frame.start(), state.memory.ret.start());
    let top = state.memory.stack.end() - TOP;
    let mut put = |at: u64, value: u64, size: usize| {
        state.memory.stack.put(at, &value.to_le_bytes()[..size]);
    };
    let sp = match machine {
        Machine::X86_64 => {
            // psABI 3.2.2: rsp + 8 is a multiple of 16.
            put(top + 8, return_address, 8);
            top + 8
        }
        Machine::X86 => {
            let sp = top + 4 * rng.u64(..4);
            for (offset, value) in [(0, return_address), (4, target), (8, frame), (12, ret)] {
                put(sp + offset, value, 4);
            }
            sp
        }
        _ => top,
    };
    let parameters: &[usize] = match machine {
        Machine::X86_64 if cfg!(windows) => &[1, 2, 8],
        Machine::X86_64 => &[7, 6, 2],
        Machine::X86 => &[],
        _ => &[0, 1, 2],
    };
    for (&register, value) in parameters.iter().zip([target, frame, ret]) {
        state.ints[register] = value;
    }
    if machine == Machine::AArch64 {
        state.ints[30] = return_address;
    }
    state.ints[state.sp] = sp;
    let start = state.memory.stack.start();
    state.memory.stack.writable(start..sp);
    state.memory.lowest = sp;
}

/// A random value as wide as an address.
pub(crate) fn address_like(random: u64, word: u64) -> u64 {
    if word == 4 {
        random as u32 as u64
    } else {
        random
    }
}
