//! Reads the host's objects.

use iced_x86::IcedError;
use iced_x86::code_asm::{AsmRegister32, AsmRegister64, CodeLabel};
use iced_x86::code_asm::{byte_ptr, dword_ptr, qword_ptr, registers::*, word_ptr};

use super::{ARGS, CALLEE, COUNT, Emitter, NAMES, SAVED_COUNT};
use crate::fused::{HostEntry, HostInts, HostSign, Reader};
use crate::stub::exact_parts;
use crate::{Float, Int, Type};

/// The object that is read.
const OBJECT: AsmRegister64 = r11;
const OBJECT_LOW: AsmRegister32 = r11d;
/// Addresses of types, while arguments are read: of the most frequent one of integers, and of floating-point numbers.
const INT_TYPE: AsmRegister64 = r8;
const FLOAT_TYPE: AsmRegister64 = r9;

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
enum Range {
    Bool,
    Of(Int),
}

/// Which numbers there are among the parameters.
#[derive(Default)]
pub(super) struct Numbers {
    ints: bool,
    floats: bool,
}

impl Emitter<'_> {
    pub(super) fn read_arguments(&mut self) -> Result<(), IcedError> {
        let fusion = self.fusion;
        let params = &fusion.signature.params;
        for (reader, ty) in fusion.recipe.readers.iter().zip(params) {
            match (reader, ty) {
                (Reader::Number, Type::Float(_)) => self.numbers.floats = true,
                (Reader::Number | Reader::Bool, _) => self.numbers.ints = true,
                _ => {}
            }
        }
        if cfg!(windows) {
            self.asm().mov(qword_ptr(rbp + SAVED_COUNT), COUNT)?;
        }
        let host = &fusion.recipe.host;
        if let (true, Some(ints)) = (self.numbers.ints, &host.ints) {
            self.asm().mov(INT_TYPE, ints.types[0] as u64)?;
        }
        if let (true, Some(floats)) = (self.numbers.floats, &host.floats) {
            self.asm().mov(FLOAT_TYPE, floats.ty as u64)?;
        }
        let frame = self.frame();
        for (index, reader) in fusion.recipe.readers.iter().enumerate() {
            let to = frame + fusion.plan.frame[index] as i32;
            match fusion.recipe.entry {
                HostEntry::Single => self.asm().mov(OBJECT, ARGS)?,
                _ => self.asm().mov(OBJECT, qword_ptr(ARGS + 8 * index as i32))?,
            }
            self.read(index, *reader, to)?;
        }
        Ok(())
    }

    /// Undoes what reading did to the registers that the stub was entered with.
    pub(super) fn give_registers_back(&mut self) -> Result<(), IcedError> {
        if cfg!(windows) {
            let asm = self.asm();
            asm.mov(COUNT, qword_ptr(rbp + SAVED_COUNT))?;
            asm.xor(NAMES.1, NAMES.1)?;
        }
        Ok(())
    }

    fn read(&mut self, index: usize, reader: Reader, to: i32) -> Result<(), IcedError> {
        match (reader, &self.fusion.signature.params[index]) {
            (Reader::Number, Type::Float(float)) => return self.read_float(*float, to),
            (Reader::Number, &Type::Int(int)) => self.read_int(Range::Of(int))?,
            (Reader::Bool, _) => self.read_int(Range::Bool)?,
            (Reader::Char, _) => self.read_char()?,
            (Reader::Pointer { bytes, any }, _) => self.read_pointer(index, bytes, any)?,
            (Reader::Record, ty) => return self.read_record(index, ty.size(), to),
            (Reader::StoredInt(stored), _) => self.read_stored_int(index, stored)?,
            (Reader::StoredFloat(stored), _) => return self.read_stored_float(index, stored, to),
            (Reader::Number, _) => unreachable!("not read in place"),
        }
        self.asm().mov(qword_ptr(rbp + to), rax)
    }

    fn later(&mut self, what: Unusual) -> (CodeLabel, CodeLabel) {
        let asm = self.asm();
        let (start, back) = (asm.create_label(), asm.create_label());
        self.pending.push(Pending { start, back, what });
        (start, back)
    }

    /// An integer to rax.
    fn read_int(&mut self, range: Range) -> Result<(), IcedError> {
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

    fn read_float(&mut self, float: Float, to: i32) -> Result<(), IcedError> {
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
        asm.movsd_2(qword_ptr(rbp + to), xmm0)
    }

    /// A byte to rax.
    fn read_char(&mut self) -> Result<(), IcedError> {
        let fusion = self.fusion;
        let host = &fusion.recipe.host;
        let bytes = host.bytes.as_ref().expect("checked");
        let slow = self.slow;
        let asm = self.asm();
        asm.mov(rax, bytes.ty as u64)?;
        asm.cmp(qword_ptr(OBJECT + host.type_offset), rax)?;
        asm.jne(slow)?;
        asm.cmp(qword_ptr(OBJECT + bytes.length_offset), 1)?;
        asm.jne(slow)?;
        asm.movzx(eax, byte_ptr(OBJECT + bytes.offset))
    }

    /// An address to rax.
    fn read_pointer(&mut self, index: usize, bytes: bool, any: bool) -> Result<(), IcedError> {
        let fusion = self.fusion;
        let host = &fusion.recipe.host;
        let cdata = host.cdata.as_ref().expect("checked");
        let slow = self.slow;
        let asm = self.asm();
        let mut done = asm.create_label();
        asm.mov(r10, qword_ptr(OBJECT + host.type_offset))?;
        if let (true, Some(bytes)) = (bytes, &host.bytes) {
            let mut other = asm.create_label();
            asm.mov(rax, bytes.ty as u64)?;
            asm.cmp(r10, rax)?;
            asm.jne(other)?;
            asm.lea(rax, qword_ptr(OBJECT + bytes.offset))?;
            asm.jmp(done)?;
            asm.set_label(&mut other)?;
        }
        self.read_class()?;
        if any {
            let asm = self.asm();
            asm.test(r10d, r10d)?;
            asm.jle(slow)?;
        } else {
            let asm = self.asm();
            let mut fits = asm.create_label();
            asm.mov(rax, qword_ptr(CALLEE + host.callee.classes_offset))?;
            asm.cmp(r10d, dword_ptr(rax + 4 * index as i32))?;
            asm.je(fits)?;
            asm.cmp(r10d, cdata.void_class)?;
            asm.jne(slow)?;
            asm.set_label(&mut fits)?;
        }
        let asm = self.asm();
        asm.mov(rax, qword_ptr(OBJECT + cdata.data_offset))?;
        asm.set_label(&mut done)
    }

    /// The class of an object whose type is in r10 to r10d, if it stands for a value of C.
    fn read_class(&mut self) -> Result<(), IcedError> {
        let fusion = self.fusion;
        let cdata = fusion.recipe.host.cdata.as_ref().expect("checked");
        let slow = self.slow;
        let asm = self.asm();
        let mut is_one = asm.create_label();
        for (index, ty) in cdata.types.iter().enumerate() {
            asm.mov(rax, *ty as u64)?;
            asm.cmp(r10, rax)?;
            if index + 1 < cdata.types.len() {
                asm.je(is_one)?;
            } else {
                asm.jne(slow)?;
            }
        }
        if cdata.types.is_empty() {
            asm.jmp(slow)?;
        }
        asm.set_label(&mut is_one)?;
        asm.mov(r10, qword_ptr(OBJECT + cdata.descriptor_offset))?;
        asm.mov(r10d, dword_ptr(r10 + cdata.class_offset))
    }

    /// The address of what an object of the parameter's class stands for, in the place of the object's.
    fn find_value(&mut self, index: usize) -> Result<(), IcedError> {
        let fusion = self.fusion;
        let host = &fusion.recipe.host;
        let cdata = host.cdata.as_ref().expect("checked");
        let slow = self.slow;
        self.asm().mov(r10, qword_ptr(OBJECT + host.type_offset))?;
        self.read_class()?;
        let asm = self.asm();
        asm.mov(rax, qword_ptr(CALLEE + host.callee.classes_offset))?;
        asm.cmp(r10d, dword_ptr(rax + 4 * index as i32))?;
        asm.jne(slow)?;
        asm.mov(OBJECT, qword_ptr(OBJECT + cdata.data_offset))
    }

    /// A number in memory to rax, extended to 64 bits.
    fn read_stored_int(&mut self, index: usize, stored: Int) -> Result<(), IcedError> {
        self.find_value(index)?;
        let asm = self.asm();
        match stored {
            Int::I8 => asm.movsx(rax, byte_ptr(OBJECT)),
            Int::U8 => asm.movzx(eax, byte_ptr(OBJECT)),
            Int::I16 => asm.movsx(rax, word_ptr(OBJECT)),
            Int::U16 => asm.movzx(eax, word_ptr(OBJECT)),
            Int::I32 => asm.movsxd(rax, dword_ptr(OBJECT)),
            Int::U32 => asm.mov(eax, dword_ptr(OBJECT)),
            _ => asm.mov(rax, qword_ptr(OBJECT)),
        }
    }

    fn read_stored_float(&mut self, index: usize, stored: Float, to: i32) -> Result<(), IcedError> {
        self.find_value(index)?;
        let asm = self.asm();
        match stored {
            Float::F32 => asm.cvtss2sd(xmm0, dword_ptr(OBJECT))?,
            _ => asm.movsd_2(xmm0, qword_ptr(OBJECT))?,
        }
        asm.movsd_2(qword_ptr(rbp + to), xmm0)
    }

    fn read_record(&mut self, index: usize, size: u64, to: i32) -> Result<(), IcedError> {
        self.find_value(index)?;
        let asm = self.asm();
        for word in (0..size).step_by(8) {
            for (offset, part) in exact_parts((size - word).min(8)) {
                let at = (word + offset) as i32;
                let (from, to) = (OBJECT + at, rbp + (to + at));
                match part {
                    1 => {
                        asm.mov(al, byte_ptr(from))?;
                        asm.mov(byte_ptr(to), al)?;
                    }
                    2 => {
                        asm.mov(ax, word_ptr(from))?;
                        asm.mov(word_ptr(to), ax)?;
                    }
                    4 => {
                        asm.mov(eax, dword_ptr(from))?;
                        asm.mov(dword_ptr(to), eax)?;
                    }
                    _ => {
                        asm.mov(rax, qword_ptr(from))?;
                        asm.mov(qword_ptr(to), rax)?;
                    }
                }
            }
        }
        Ok(())
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
