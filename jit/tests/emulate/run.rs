//! Runs a stub once, from its entry over the call to its return, and checks it against its assignment.

use farcall_jit::{Abi, Assignment, Machine, Piece, Signature};
use fastrand::Rng;

use crate::entry::Entry;
use crate::memory::Fault;
use crate::state::{Event, Program, State};

/// Instructions after which a stub is taken to loop for ever.
const MAX_STEPS: usize = 1_000_000;

/// What is checked.
pub(crate) struct Case<'a> {
    pub(crate) signature: &'a Signature,
    pub(crate) assignment: &'a Assignment,
}

/// What went wrong at which offset of the code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) at: usize,
    pub(crate) problem: Fault,
}

/// Runs a stub with arguments, registers and addresses that follow from the seed. Answers how many bytes of stack it
/// takes.
pub(crate) fn run(case: &Case<'_>, program: &dyn Program, seed: u64) -> Result<u64, Failure> {
    let mut run = Run::new(case, seed);
    let mut calls = 0;
    for step in 0..MAX_STEPS {
        let at = run.state.pc;
        let mut next = || {
            let event = program.step(&mut run.state)?;
            if step == 1 {
                run.check_frame_pointer()?;
            }
            match event {
                Event::Next => return Ok(false),
                Event::Call(target) => {
                    run.check_call(target)?;
                    run.return_from_callee();
                    calls += 1;
                }
                Event::Return(to) => {
                    run.check_return(to)?;
                    return Ok(true);
                }
            }
            Ok(false)
        };
        match next() {
            Ok(false) => {}
            Ok(true) if calls == 1 => return Ok(run.depth),
            Ok(true) => {
                return Err(Failure {
                    at,
                    problem: format!("makes {calls} calls"),
                });
            }
            Err(problem) => return Err(Failure { at, problem }),
        }
    }
    Err(Failure {
        at: run.state.pc,
        problem: "never returns".into(),
    })
}

/// Numbers of registers that matter to every function of a machine.
pub(crate) struct Roles {
    pub(crate) sp: usize,
    pub(crate) fp: usize,
    /// Registers that a stub must leave as they are, the stack pointer and the frame pointer aside: integer, vector.
    preserved: (u32, u32),
    /// Registers that the callee leaves as they are, all in all.
    pub(crate) kept_by_callee: (u32, u32),
}

/// Figure 3.4 of the System V psABI: rbx, r12 to r15. Beside these rbp.
const SYSV64: (u32, u32) = (1 << 3 | 0xF << 12, 0);
/// Microsoft's *x64 calling convention*, "Caller/callee saved registers": rdi, rsi and xmm6 to xmm15, too.
const WIN64: (u32, u32) = (SYSV64.0 | 1 << 6 | 1 << 7, 0xFFC0);
/// AAPCS64 section 6.1.1: x19 to x28, and x18 where the platform takes it; 6.1.2: v8 to v15, of which the callee keeps
/// the lower halves.
const AARCH64: (u32, u32) = (0x7FF << 18, 0xFF << 8);
/// System V i386 psABI, table 2.3: ebx, esi, edi. Windows' conventions agree.
const X86: (u32, u32) = (1 << 3 | 1 << 6 | 1 << 7, 0);

impl Roles {
    fn of(abi: Abi) -> Roles {
        let (sp, fp, preserved, callee) = match (abi.machine(), abi) {
            (Machine::AArch64, _) => (31, 29, AARCH64, AARCH64),
            (Machine::X86, _) => (4, 5, X86, X86),
            // A stub is entered by the host's convention, whatever the callee's is.
            (_, callee) => {
                let of = |windows| if windows { WIN64 } else { SYSV64 };
                (4, 5, of(cfg!(windows)), of(callee == Abi::Win64))
            }
        };
        Roles {
            sp,
            fp,
            preserved,
            kept_by_callee: (callee.0 | 1 << sp | 1 << fp, callee.1),
        }
    }
}

/// A stub under way.
pub(crate) struct Run<'a> {
    pub(crate) case: &'a Case<'a>,
    pub(crate) rng: Rng,
    pub(crate) roles: Roles,
    /// Bytes of an address.
    pub(crate) word: u64,
    pub(crate) state: State,
    pub(crate) initial_ints: [u64; 32],
    initial_vectors: [u128; 32],
    pub(crate) target: u64,
    pub(crate) return_address: u64,
    /// The pieces of the result, and what is in their registers.
    pub(crate) results: Vec<(Piece, Vec<u8>)>,
    /// Bytes of stack in use at the call.
    pub(crate) depth: u64,
    /// Whether the callee was passed MMX registers.
    pub(crate) mmx_args: bool,
}

impl<'a> Run<'a> {
    fn new(case: &'a Case<'a>, seed: u64) -> Run<'a> {
        let mut rng = Rng::with_seed(seed);
        let roles = Roles::of(case.assignment.abi);
        let Entry {
            word,
            state,
            target,
            return_address,
        } = Entry::new(case, roles.sp, &mut rng);
        Run {
            case,
            rng,
            roles,
            word,
            initial_ints: state.ints,
            initial_vectors: state.vectors,
            state,
            target,
            return_address,
            results: Vec::new(),
            depth: 0,
            mmx_args: false,
        }
    }

    /// What the one unwind entry of all stubs says: after two instructions the frame pointer points at the caller's,
    /// above which lies the return address.
    pub(crate) fn check_frame_pointer(&mut self) -> Result<(), Fault> {
        let Roles { sp, fp, .. } = self.roles;
        let entry = self.initial_ints[sp];
        let below = if self.case.assignment.abi.machine() == Machine::AArch64 {
            16
        } else {
            self.word
        };
        let at = self.state.ints[fp];
        if at != entry - below {
            return Err(format!(
                "has the frame pointer at {at:#x} where {:#x} is expected",
                entry - below
            ));
        }
        for (offset, wanted) in [(0, self.initial_ints[fp]), (self.word, self.return_address)] {
            let bytes = self.state.memory.read(at + offset, self.word)?;
            compare(
                "the frame that is unwound",
                &wanted.to_le_bytes()[..bytes.len()],
                bytes,
            )?;
        }
        Ok(())
    }

    /// Bits of a vector register that are preserved where any are.
    pub(crate) fn preserved_bits(&self) -> u128 {
        match self.case.assignment.abi.machine() {
            Machine::AArch64 => u64::MAX.into(),
            _ => u128::MAX,
        }
    }

    fn check_return(&mut self, to: u64) -> Result<(), Fault> {
        if to != self.return_address {
            return Err(format!("returns to {to:#x}, and not to where it came from"));
        }
        let Roles {
            sp,
            fp,
            preserved: (ints, vectors),
            ..
        } = self.roles;
        let on_stack = if self.case.assignment.abi.machine() == Machine::AArch64 {
            0
        } else {
            self.word
        };
        let written = (
            self.state.ints_written & ints,
            self.state.vectors_written & vectors,
        );
        if written != (0, 0) {
            return Err(format!(
                "wrote registers that are its caller's: bits {:#x}, vector {:#x}",
                written.0, written.1
            ));
        }
        let kept = (0..32).all(|number| {
            let int =
                ints >> number & 1 == 0 || self.state.ints[number] == self.initial_ints[number];
            let changed = self.state.vectors[number] ^ self.initial_vectors[number];
            int && (vectors >> number & 1 == 0 || changed & self.preserved_bits() == 0)
        });
        if !kept {
            return Err("returns with registers changed that are its caller's".into());
        }
        if self.state.ints[sp] != self.initial_ints[sp] + on_stack
            || self.state.ints[fp] != self.initial_ints[fp]
        {
            return Err("returns with another stack or frame pointer than its caller's".into());
        }
        if !self.state.x87.is_empty() || self.state.mmx_mode {
            return Err("returns with x87 registers in use".into());
        }
        // Nothing else can have been written: only these bytes are writable.
        for (piece, wanted) in &self.results {
            let what = format!(
                "result, from byte {} on, from {:?}",
                piece.offset, piece.reg
            );
            let found = self.state.memory.result(piece.offset, piece.size);
            let found = found.ok_or_else(|| format!("{what}: not all was written"))?;
            compare(&what, wanted, found)?;
        }
        Ok(())
    }
}

/// Whether bytes are the wanted ones, with the first that is not.
pub(crate) fn compare(what: &str, wanted: &[u8], found: &[u8]) -> Result<(), Fault> {
    let Some(at) = wanted
        .iter()
        .zip(found)
        .position(|(wanted, found)| wanted != found)
    else {
        return Ok(());
    };
    let shown = |bytes: &[u8]| {
        let bytes = bytes.iter().skip(at / 16 * 16).take(16);
        bytes.map(|byte| format!("{byte:02x} ")).collect::<String>()
    };
    Err(format!(
        "{what}: at byte {at} want {}got {}",
        shown(wanted),
        shown(found)
    ))
}
