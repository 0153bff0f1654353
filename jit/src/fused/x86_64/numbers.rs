//! Reads integers and floating-point numbers: the usual ones on the way, the others behind the rest of the stub.

use iced_x86::IcedError;
use iced_x86::code_asm::CodeLabel;
use iced_x86::code_asm::{dword_ptr, qword_ptr, registers::*};

use super::Emitter;
use super::read::{FLOAT_TYPE, INT_TYPE, OBJECT, OBJECT_LOW};
use crate::fused::{HostInts, HostSign};
use crate::{Float, Int};

/// Bits of a digit.
const DIGIT: u32 = 30;

/// What is read off the usual path.
pub(super) struct Pending {
    /// Where it begins.
    start: CodeLabel,
    /// Where it goes on.
    back: CodeLabel,
    what: Unusual,
}

enum Unusual {
    /// An integer whose type is another of the integers' types.
    OtherInt,
    /// An integer of two digits, at least if the word ahead of them (in r10, one too large where the sign is the count's)
    /// says so.
    TwoDigits(Range),
    /// An integer for a floating-point parameter, to be left in xmm0.
    IntAsFloat,
}

/// The values that a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    Bool,
    Of(Int),
}

impl Emitter<'_> {
    fn later(&mut self, what: Unusual) -> (CodeLabel, CodeLabel) {
        let asm = self.asm();
        let (start, back) = (asm.create_label(), asm.create_label());
        self.pending.push(Pending { start, back, what });
        (start, back)
    }

    /// An integer to rax.
    pub(super) fn read_int(&mut self, range: Range) -> Result<(), IcedError> {
        let fusion = self.fusion;
        let host = &fusion.recipe.host;
        let ints = host.ints.as_ref().expect("checked");
        let slow = self.slow;
        self.asm()
            .cmp(qword_ptr(OBJECT + host.type_offset), INT_TYPE)?;
        if ints.types.len() > 1 {
            let (other, mut back) = self.later(Unusual::OtherInt);
            self.asm().jne(other)?;
            self.asm().set_label(&mut back)?;
        } else {
            self.asm().jne(slow)?;
        }
        let (two, mut back) = self.later(Unusual::TwoDigits(range));
        self.read_digit(ints, two)?;
        self.check_digit(range)?;
        self.asm().set_label(&mut back)
    }

    /// An integer of one digit or none to rax; `more` where it has more.
    fn read_digit(&mut self, ints: &HostInts, more: CodeLabel) -> Result<(), IcedError> {
        let asm = self.asm();
        asm.mov(r10, qword_ptr(OBJECT + ints.count_offset))?;
        match ints.sign {
            HostSign::OfCount => {
                asm.mov(eax, dword_ptr(OBJECT + ints.digits_offset))?;
                // The count is -1, 0 or 1.
                asm.imul_2(rax, r10)?;
                asm.inc(r10)?;
                asm.cmp(r10, 2)?;
                asm.ja(more)
            }
            HostSign::LowBits => {
                asm.cmp(r10, 2 << 3)?;
                asm.jae(more)?;
                asm.mov(eax, dword_ptr(OBJECT + ints.digits_offset))?;
                // 1 - 0, 1 - 1 or 1 - 2.
                asm.and(r10d, 3)?;
                asm.neg(r10)?;
                asm.inc(r10)?;
                asm.imul_2(rax, r10)
            }
        }
    }

    /// Checks an integer of one digit in rax.
    fn check_digit(&mut self, range: Range) -> Result<(), IcedError> {
        let slow = self.slow;
        let asm = self.asm();
        match range {
            Range::Of(Int::I32 | Int::I64 | Int::I128) => Ok(()),
            // Less than 30 bits, so only the sign may be wrong.
            Range::Of(Int::U32 | Int::U64 | Int::U128) => {
                asm.test(rax, rax)?;
                asm.js(slow)
            }
            _ => self.check_range(range),
        }
    }

    /// Checks an integer of any size in rax.
    fn check_range(&mut self, range: Range) -> Result<(), IcedError> {
        let slow = self.slow;
        let asm = self.asm();
        match range {
            Range::Bool => {
                asm.cmp(rax, 1)?;
                return asm.ja(slow);
            }
            Range::Of(Int::I8) => asm.movsx(r10, al)?,
            Range::Of(Int::U8) => asm.movzx(r10d, al)?,
            Range::Of(Int::I16) => asm.movsx(r10, ax)?,
            Range::Of(Int::U16) => asm.movzx(r10d, ax)?,
            Range::Of(Int::I32) => asm.movsxd(r10, eax)?,
            Range::Of(Int::U32) => asm.mov(r10d, eax)?,
            Range::Of(Int::I64 | Int::I128) => return Ok(()),
            Range::Of(Int::U64 | Int::U128) => {
                asm.test(rax, rax)?;
                return asm.js(slow);
            }
        }
        asm.cmp(r10, rax)?;
        asm.jne(slow)
    }

    pub(super) fn read_float(&mut self, float: Float, to: i32) -> Result<(), IcedError> {
        let fusion = self.fusion;
        let host = &fusion.recipe.host;
        let floats = host.floats.as_ref().expect("checked");
        let (slow, as_int) = (self.slow, host.ints.is_some());
        self.asm()
            .cmp(qword_ptr(OBJECT + host.type_offset), FLOAT_TYPE)?;
        let back = if as_int {
            let (other, back) = self.later(Unusual::IntAsFloat);
            self.asm().jne(other)?;
            Some(back)
        } else {
            self.asm().jne(slow)?;
            None
        };
        let asm = self.asm();
        asm.movsd_2(xmm0, qword_ptr(OBJECT + floats.offset))?;
        if let Some(mut back) = back {
            asm.set_label(&mut back)?;
        }
        if float == Float::F32 {
            asm.cvtsd2ss(xmm0, xmm0)?;
        }
        let to = self.outgoing.place(to);
        self.asm().movsd_2(qword_ptr(to), xmm0)
    }

    pub(super) fn read_pending(&mut self) -> Result<(), IcedError> {
        for Pending {
            mut start,
            back,
            what,
        } in std::mem::take(&mut self.pending)
        {
            self.asm().set_label(&mut start)?;
            match what {
                Unusual::OtherInt => self.check_other_int()?,
                Unusual::TwoDigits(range) => self.read_two_digits(range)?,
                Unusual::IntAsFloat => self.read_int_as_float()?,
            }
            self.asm().jmp(back)?;
        }
        Ok(())
    }

    fn check_other_int(&mut self) -> Result<(), IcedError> {
        let fusion = self.fusion;
        let host = &fusion.recipe.host;
        let ints = host.ints.as_ref().expect("checked");
        let slow = self.slow;
        let asm = self.asm();
        let mut is_one = asm.create_label();
        let others = &ints.types[1..];
        for (index, ty) in others.iter().enumerate() {
            asm.mov(rax, *ty as u64)?;
            asm.cmp(qword_ptr(OBJECT + host.type_offset), rax)?;
            if index + 1 < others.len() {
                asm.je(is_one)?;
            } else {
                asm.jne(slow)?;
            }
        }
        asm.set_label(&mut is_one)
    }

    fn read_two_digits(&mut self, range: Range) -> Result<(), IcedError> {
        let fusion = self.fusion;
        let ints = fusion.recipe.host.ints.as_ref().expect("checked");
        let slow = self.slow;
        let asm = self.asm();
        let (mut join, mut positive) = (asm.create_label(), asm.create_label());
        let high = OBJECT + (ints.digits_offset + 4);
        match ints.sign {
            HostSign::OfCount => {
                // 2 or -2, and one more.
                asm.cmp(r10, 3)?;
                asm.je(join)?;
                asm.cmp(r10, -1)?;
                asm.jne(slow)?;
            }
            HostSign::LowBits => {
                asm.mov(rax, r10)?;
                asm.shr(rax, 3)?;
                asm.cmp(rax, 2)?;
                asm.jne(slow)?;
            }
        }
        asm.set_label(&mut join)?;
        asm.mov(eax, dword_ptr(high))?;
        asm.shl(rax, DIGIT)?;
        asm.mov(OBJECT_LOW, dword_ptr(OBJECT + ints.digits_offset))?;
        asm.or(rax, OBJECT)?;
        match ints.sign {
            HostSign::OfCount => {
                asm.test(r10, r10)?;
                asm.jns(positive)?;
            }
            HostSign::LowBits => {
                asm.test(r10d, 2)?;
                asm.jz(positive)?;
            }
        }
        asm.neg(rax)?;
        asm.set_label(&mut positive)?;
        self.check_range(range)
    }

    fn read_int_as_float(&mut self) -> Result<(), IcedError> {
        let fusion = self.fusion;
        let host = &fusion.recipe.host;
        let ints = host.ints.as_ref().expect("checked");
        let slow = self.slow;
        let asm = self.asm();
        asm.mov(rax, ints.types[0] as u64)?;
        asm.cmp(qword_ptr(OBJECT + host.type_offset), rax)?;
        asm.jne(slow)?;
        self.read_digit(ints, slow)?;
        let asm = self.asm();
        asm.xorps(xmm0, xmm0)?;
        asm.cvtsi2sd(xmm0, rax)
    }
}
