//! The call in the middle of a stub: what the callee must find, and what it may do.

use farcall_jit::{Abi, Assignment, Extend, Machine, Piece, Place, Reg, ResultPlace};

use crate::entry::address_like;
use crate::memory::{Fault, number};
use crate::run::{Run, compare};
use crate::state::Register;

impl Run<'_> {
    /// Whether the target finds its arguments.
    pub(crate) fn check_call(&mut self, target: u64) -> Result<(), Fault> {
        if target != self.target {
            return Err(format!("calls {target:#x}, and not the target"));
        }
        self.check_frame_pointer()?;
        let assignment = self.case.assignment;
        let sp = self.state.sp();
        if !sp.is_multiple_of(assignment.stack_align) {
            return Err(format!(
                "calls with a stack pointer not aligned to {}",
                assignment.stack_align
            ));
        }
        self.state.memory.probed(sp)?;
        self.depth = self.initial_ints[self.roles.sp] - sp;
        let mut copies = Vec::new();
        for (index, place) in assignment.args.iter().enumerate() {
            match place {
                Place::Pieces(pieces) => {
                    for piece in pieces {
                        self.check_piece(index, piece)?;
                        let register = self.argument_register(piece.reg);
                        self.mmx_args |= matches!(register, Some(Register::Mmx(_)));
                    }
                }
                &Place::Copy {
                    address,
                    size,
                    align,
                } => {
                    let at = self.check_copy(index, address, size, align)?;
                    copies.push((at, at + size, index));
                }
            }
        }
        copies.sort_unstable();
        if let Some(pair) = copies.windows(2).find(|pair| pair[0].1 > pair[1].0) {
            return Err(format!(
                "puts arguments {} and {} into the same bytes",
                pair[0].2, pair[1].2
            ));
        }
        if let ResultPlace::Memory { address } = assignment.result {
            let wanted = self.state.memory.ret.start();
            let found = self.value(address, self.word)?;
            compare(
                "address of the result",
                &wanted.to_le_bytes()[..found.len()],
                &found,
            )?;
        }
        if assignment.abi == Abi::SysV64 && self.case.signature.fixed.is_some() {
            self.check_al()?;
        }
        // i386 psABI 2.2.4: "The CPU shall be in x87 mode upon entry to a function", but for MMX arguments.
        if self.state.mmx_mode != self.mmx_args || !self.state.x87.is_empty() {
            return Err("calls with the x87 registers in the wrong mode".into());
        }
        // Copies are the callee's as well.
        for (start, end, _) in copies {
            self.state.memory.forget(start..end);
        }
        Ok(())
    }

    /// psABI 3.2.3: AL is an upper bound on the number of vector registers used, 0 to 8.
    fn check_al(&self) -> Result<(), Fault> {
        let pieces = self
            .case
            .assignment
            .args
            .iter()
            .flat_map(|place| match place {
                Place::Pieces(pieces) => &pieces[..],
                Place::Copy { .. } => &[],
            });
        let used = pieces
            .filter(|piece| matches!(piece.reg, Reg::Vector(_)))
            .count();
        let al = self.state.ints[0] as u8;
        if usize::from(al) < used || al > 8 {
            return Err(format!(
                "calls with {al} in al where {used} vector registers are used"
            ));
        }
        Ok(())
    }

    fn check_piece(&mut self, index: usize, piece: &Piece) -> Result<(), Fault> {
        let at = self.case.signature.frame().offsets()[index] + piece.offset;
        let mut wanted = self.state.memory.argument(at, piece.size).to_vec();
        if let Some(extend) = piece.extend.filter(|_| wanted.len() < 4) {
            let negative = wanted.last().is_some_and(|byte| byte & 0x80 != 0);
            wanted.resize(
                4,
                if extend == Extend::Sign && negative {
                    0xFF
                } else {
                    0
                },
            );
        }
        let what = || {
            format!(
                "argument {index}, from byte {} on, in {:?}",
                piece.offset, piece.reg
            )
        };
        let found = self
            .value(piece.reg, wanted.len() as u64)
            .map_err(|problem| format!("{}: {problem}", what()))?;
        if wanted == found {
            return Ok(());
        }
        compare(&what(), &wanted, &found)
    }

    /// Address of the copy.
    fn check_copy(&mut self, index: usize, reg: Reg, size: u64, align: u64) -> Result<u64, Fault> {
        let what = |problem: &str| format!("copy of argument {index}: {problem}");
        let bytes = self
            .value(reg, self.word)
            .map_err(|problem| what(&problem))?;
        let address = number(&bytes) as u64;
        let arguments_end = self.state.sp() + self.case.assignment.stack_size;
        if address < arguments_end || address.saturating_add(size) > self.state.ints[self.roles.fp]
        {
            return Err(what(
                "its address is not between the stack arguments and the frame pointer",
            ));
        }
        if !address.is_multiple_of(align) {
            return Err(what(&format!("it is not aligned to {align}")));
        }
        let at = self.case.signature.frame().offsets()[index];
        let wanted = self.state.memory.argument(at, size);
        let found = self
            .state
            .memory
            .read(address, size)
            .map_err(|problem| what(&problem))?;
        compare(&what("its bytes"), wanted, found)?;
        Ok(address)
    }

    fn argument_register(&self, reg: Reg) -> Option<Register> {
        let registers = self.case.assignment.abi.registers();
        let name = match reg {
            Reg::Int(index) => registers.int_args[usize::from(index)],
            Reg::Vector(index) => registers.vector_args[usize::from(index)],
            Reg::X87(_) | Reg::Stack(_) => return None,
        };
        Some(Register::named(name))
    }

    /// The low bytes of what a register or stack slot holds at the call.
    fn value(&self, reg: Reg, size: u64) -> Result<Vec<u8>, Fault> {
        let value = match (self.argument_register(reg), reg) {
            (None, Reg::Stack(at)) => {
                if at + size > self.case.assignment.stack_size {
                    return Err("lies outside of the stack arguments".into());
                }
                let bytes = self.state.memory.read(self.state.sp() + at, size)?;
                return Ok(bytes.to_vec());
            }
            (Some(Register::Int(number)), _) if size <= self.word => self.state.ints[number].into(),
            (Some(Register::Vector(number)), _) if size <= 16 => self.state.vectors[number],
            (Some(Register::Mmx(number)), _) if size <= 8 => self.state.mmx[number].into(),
            _ => return Err("the assignment asks for what no register holds".into()),
        };
        Ok(value.to_le_bytes()[..size as usize].to_vec())
    }

    /// What a function of the ABI may do: results, and nonsense wherever it may write.
    pub(crate) fn return_from_callee(&mut self) {
        let (popped, preserved) = (self.popped(), self.preserved_bits());
        let Run { state, rng, .. } = self;
        let (ints, vectors) = self.roles.kept_by_callee;
        for number in (0..32).filter(|number| ints >> number & 1 == 0) {
            state.ints[number] = address_like(rng.u64(..), self.word);
        }
        for number in 0..32 {
            let kept = if vectors >> number & 1 == 1 {
                preserved
            } else {
                0
            };
            state.vectors[number] = state.vectors[number] & kept | rng.u128(..) & !kept;
        }
        state.mmx = state.mmx.map(|_| rng.u64(..));
        // A compiler has the callee leave it as it was.
        state.mmx_mode = self.mmx_args;
        state.zero = None;
        let sp = state.sp();
        let assignment = self.case.assignment;
        // Reads of everything that the callee might have written to fail.
        state
            .memory
            .forget(state.memory.lowest.min(sp)..sp + assignment.stack_size);
        state.ints[self.roles.sp] = sp + popped;
        if let ResultPlace::Pieces(pieces) = &assignment.result {
            for piece in pieces {
                self.make_result(*piece);
            }
        }
        self.state.x87.reverse();
    }

    /// Bytes that the callee takes off the stack: what it should, or as an undeclared convention would.
    fn popped(&mut self) -> u64 {
        let Assignment {
            abi,
            stack_size,
            callee_pops,
            ..
        } = *self.case.assignment;
        if abi.machine() == Machine::X86 && self.rng.bool() {
            self.rng.u64(..=stack_size / 4) * 4
        } else {
            callee_pops
        }
    }

    fn make_result(&mut self, piece: Piece) {
        let registers = self.case.assignment.abi.registers();
        let name = match piece.reg {
            Reg::Int(index) => registers.int_results[usize::from(index)],
            Reg::Vector(index) => registers.vector_results[usize::from(index)],
            Reg::X87(index) => registers.x87_results[usize::from(index)],
            Reg::Stack(_) => panic!("no result is on the stack"),
        };
        let value = match Register::named(name) {
            Register::Int(number) => self.state.ints[number].into(),
            Register::Vector(number) => self.state.vectors[number],
            Register::Mmx(number) => {
                self.state.mmx_mode = true;
                self.state.mmx[number].into()
            }
            Register::X87(_) => {
                self.state.mmx_mode = false;
                let value = self.rng.u128(..);
                self.state
                    .x87
                    .push(value.to_le_bytes()[..piece.size as usize].into());
                value
            }
        };
        self.results
            .push((piece, value.to_le_bytes()[..piece.size as usize].into()));
    }
}
