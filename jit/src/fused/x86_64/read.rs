//! Reads the host's objects.

use iced_x86::IcedError;
use iced_x86::code_asm::{AsmRegister32, AsmRegister64};
use iced_x86::code_asm::{byte_ptr, dword_ptr, qword_ptr, registers::*, word_ptr};

use super::numbers::Range;
use super::{ARGS, CALLEE, COUNT, Emitter, NAMES, SAVED_COUNT};
use crate::fused::{HostEntry, Reader};
use crate::stub::exact_parts;
use crate::{Float, Int, Type};

/// The object that is read.
pub(super) const OBJECT: AsmRegister64 = r11;
pub(super) const OBJECT_LOW: AsmRegister32 = r11d;
/// Addresses of types, while arguments are read: of the most frequent one of integers, and of floating-point numbers.
pub(super) const INT_TYPE: AsmRegister64 = r8;
pub(super) const FLOAT_TYPE: AsmRegister64 = r9;

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
            let saved = self.outgoing.place(SAVED_COUNT);
            self.asm().mov(saved, COUNT)?;
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
            let saved = self.outgoing.place(SAVED_COUNT);
            let asm = self.asm();
            asm.mov(COUNT, saved)?;
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
        let to = self.outgoing.place(to);
        self.asm().mov(to, rax)
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
        let to = self.outgoing.place(to);
        let asm = self.asm();
        match stored {
            Float::F32 => asm.cvtss2sd(xmm0, dword_ptr(OBJECT))?,
            _ => asm.movsd_2(xmm0, qword_ptr(OBJECT))?,
        }
        asm.movsd_2(qword_ptr(to), xmm0)
    }

    fn read_record(&mut self, index: usize, size: u64, to: i32) -> Result<(), IcedError> {
        self.find_value(index)?;
        let to = self.outgoing.place(to);
        let asm = self.asm();
        for word in (0..size).step_by(8) {
            for (offset, part) in exact_parts((size - word).min(8)) {
                let at = (word + offset) as i32;
                let (from, to) = (OBJECT + at, to + at);
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
}
