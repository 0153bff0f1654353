//! Reads the host's objects.

use super::{ARGS, CALLEE, Emitter, SCRATCH, VALUE};
use crate::fused::{HostEntry, HostInts, HostSign, Reader};
use crate::stub::aarch64::ARGUMENTS;
use crate::stub::aarch64::encode::{Branch, Condition, Data, Label, X};
use crate::stub::exact_parts;
use crate::{Float, Int, Type};

/// The object that is read.
const OBJECT: X = X(10);
/// An address of a type, or of the classes; the lower digit of two.
const OTHER: X = X(13);
/// Addresses of types, while arguments are read: of the most frequent one of integers, and of floating-point numbers.
const INT_TYPE: X = X(15);
const FLOAT_TYPE: X = X(17);
/// Gets a floating-point number.
const NUMBER: X = X(16);

/// Bits of a digit.
const DIGIT: u32 = 30;

/// What is read off the usual path.
pub(super) struct Pending {
    /// Leads there.
    branch: Branch,
    /// Where it goes on.
    back: Option<Label>,
    what: Unusual,
}

enum Unusual {
    /// An integer whose type is another of the integers' types.
    OtherInt,
    /// An integer of two digits, at least if the word ahead of them (in the scratch register, one too large where the
    /// sign is the count's) says so.
    TwoDigits(Range),
    /// An integer for a floating-point parameter.
    IntAsFloat,
}

/// The values that a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Range {
    Bool,
    Of(Int),
}

impl Emitter<'_> {
    pub(super) fn read_arguments(&mut self) {
        let fusion = self.fusion;
        let host = &fusion.recipe.host;
        if let Some(ints) = &host.ints {
            self.code().set(INT_TYPE, ints.types[0] as u64);
        }
        if let Some(floats) = &host.floats {
            self.code().set(FLOAT_TYPE, floats.ty as u64);
        }
        for (index, reader) in fusion.recipe.readers.iter().enumerate() {
            let to = fusion.plan.frame[index];
            match fusion.recipe.entry {
                HostEntry::Single => self.code().mov(OBJECT, ARGS),
                _ => self.code().load(Data::Word, OBJECT, ARGS, 8 * index as u64),
            }
            self.read(index, *reader, to);
        }
    }

    fn read(&mut self, index: usize, reader: Reader, to: u64) {
        match (reader, &self.fusion.signature.params[index]) {
            (Reader::Number, Type::Float(float)) => return self.read_float(*float, to),
            (Reader::Number, &Type::Int(int)) => self.read_int(Range::Of(int)),
            (Reader::Bool, _) => self.read_int(Range::Bool),
            (Reader::Char, _) => self.read_char(),
            (Reader::Pointer { bytes, any }, _) => self.read_pointer(index, bytes, any),
            (Reader::Record, ty) => return self.read_record(index, ty.size(), to),
            (Reader::StoredInt(stored), _) => self.read_stored_int(index, stored),
            (Reader::StoredFloat(stored), _) => return self.read_stored_float(index, stored, to),
            (Reader::Number, _) => unreachable!("not read in place"),
        }
        self.code().store(Data::Word, VALUE, ARGUMENTS, to);
    }

    /// What a branch leads to is written later.
    fn later(&mut self, condition: Condition, what: Unusual) -> usize {
        let branch = self.code().branch(condition);
        self.pending.push(Pending {
            branch,
            back: None,
            what,
        });
        self.pending.len() - 1
    }

    /// The unusual path goes on here.
    fn back(&mut self, pending: usize) {
        let here = self.code().here();
        self.pending[pending].back = Some(here);
    }

    /// The object's type to the scratch register.
    fn load_type(&mut self) {
        let offset = self.fusion.recipe.host.type_offset as u64;
        self.code().load(Data::Word, SCRATCH, OBJECT, offset);
    }

    /// An integer to the value register.
    fn read_int(&mut self, range: Range) {
        let fusion = self.fusion;
        let ints = fusion.recipe.host.ints.as_ref().expect("checked");
        self.load_type();
        self.code().compare(SCRATCH, INT_TYPE);
        if ints.types.len() > 1 {
            let other = self.later(Condition::NotEqual, Unusual::OtherInt);
            self.back(other);
        } else {
            self.slow_if(Condition::NotEqual);
        }
        let more = self.read_digit(ints);
        self.pending.push(Pending {
            branch: more,
            back: None,
            what: Unusual::TwoDigits(range),
        });
        let two = self.pending.len() - 1;
        self.check_range(range);
        self.back(two);
    }

    /// An integer of one digit or none to the value register; the branch is taken where it has more.
    fn read_digit(&mut self, ints: &HostInts) -> Branch {
        let (count, digits) = (ints.count_offset as u64, ints.digits_offset as u64);
        let code = self.code();
        code.load(Data::Word, SCRATCH, OBJECT, count);
        code.load(Data::Single, VALUE, OBJECT, digits);
        match ints.sign {
            HostSign::OfCount => {
                // The count is -1, 0 or 1.
                code.multiply(VALUE, SCRATCH);
                code.add(SCRATCH, SCRATCH, 1);
                code.compare_with(SCRATCH, 2);
                code.branch(Condition::Higher)
            }
            HostSign::LowBits => {
                code.compare_with(SCRATCH, 2 << 3);
                let more = code.branch(Condition::HigherOrSame);
                // 1 - 0, 1 - 1 or 1 - 2.
                code.low_two_bits(SCRATCH, SCRATCH);
                code.negate(SCRATCH);
                code.add(SCRATCH, SCRATCH, 1);
                code.multiply(VALUE, SCRATCH);
                more
            }
        }
    }

    fn check_range(&mut self, range: Range) {
        match range {
            Range::Bool => {
                self.code().compare_with(VALUE, 1);
                self.slow_if(Condition::Higher);
            }
            Range::Of(int) if int.size() < 8 => {
                self.code()
                    .extend(SCRATCH, VALUE, int.size(), int.is_signed());
                self.code().compare(SCRATCH, VALUE);
                self.slow_if(Condition::NotEqual);
            }
            Range::Of(int) if int.is_signed() => {}
            Range::Of(_) => {
                self.code().compare_with(VALUE, 0);
                self.slow_if(Condition::Negative);
            }
        }
    }

    fn read_float(&mut self, float: Float, to: u64) {
        let fusion = self.fusion;
        let host = &fusion.recipe.host;
        let floats = host.floats.as_ref().expect("checked");
        self.load_type();
        self.code().compare(SCRATCH, FLOAT_TYPE);
        let int = match host.ints {
            Some(_) => Some(self.later(Condition::NotEqual, Unusual::IntAsFloat)),
            None => {
                self.slow_if(Condition::NotEqual);
                None
            }
        };
        let offset = floats.offset as u64;
        self.code().load(Data::vector(8), NUMBER, OBJECT, offset);
        if let Some(int) = int {
            self.back(int);
        }
        if float == Float::F32 {
            self.code().narrow_float(NUMBER);
        }
        self.code().store(Data::vector(8), NUMBER, ARGUMENTS, to);
    }

    /// A byte to the value register.
    fn read_char(&mut self) {
        let fusion = self.fusion;
        let bytes = fusion.recipe.host.bytes.as_ref().expect("checked");
        self.load_type();
        self.code().set(OTHER, bytes.ty as u64);
        self.code().compare(SCRATCH, OTHER);
        self.slow_if(Condition::NotEqual);
        let (length, offset) = (bytes.length_offset as u64, bytes.offset as u64);
        self.code().load(Data::Word, SCRATCH, OBJECT, length);
        self.code().compare_with(SCRATCH, 1);
        self.slow_if(Condition::NotEqual);
        self.code().load(Data::Byte, VALUE, OBJECT, offset);
    }

    /// An address to the value register.
    fn read_pointer(&mut self, index: usize, bytes: bool, any: bool) {
        let fusion = self.fusion;
        let host = &fusion.recipe.host;
        let cdata = host.cdata.as_ref().expect("checked");
        self.load_type();
        let mut done = None;
        if let (true, Some(bytes)) = (bytes, &host.bytes) {
            let code = self.code();
            code.set(OTHER, bytes.ty as u64);
            code.compare(SCRATCH, OTHER);
            let other = code.branch(Condition::NotEqual);
            code.add(VALUE, OBJECT, bytes.offset as u64);
            done = Some(code.branch(Condition::Always));
            code.land(other);
        }
        self.read_class();
        if any {
            // It is a number of 32 bits.
            self.code().extend(SCRATCH, SCRATCH, 4, true);
            self.code().compare_with(SCRATCH, 0);
            self.slow_if(Condition::LessOrEqual);
        } else {
            self.compare_class(index);
            let fits = self.code().branch(Condition::Equal);
            self.code().set(OTHER, u64::from(cdata.void_class as u32));
            self.code().compare_narrow(SCRATCH, OTHER);
            self.slow_if(Condition::NotEqual);
            self.code().land(fits);
        }
        let data = cdata.data_offset as u64;
        self.code().load(Data::Word, VALUE, OBJECT, data);
        if let Some(done) = done {
            self.code().land(done);
        }
    }

    /// The class of an object whose type is in the scratch register to that register, if it stands for a value of C.
    fn read_class(&mut self) {
        let fusion = self.fusion;
        let cdata = fusion.recipe.host.cdata.as_ref().expect("checked");
        let mut found = Vec::new();
        for ty in &cdata.types {
            self.code().set(OTHER, *ty as u64);
            self.code().compare(SCRATCH, OTHER);
            found.push(self.code().branch(Condition::Equal));
        }
        self.slow_if(Condition::Always);
        for branch in found {
            self.code().land(branch);
        }
        let descriptor = cdata.descriptor_offset as u64;
        self.code().load(Data::Word, SCRATCH, OBJECT, descriptor);
        self.code()
            .load(Data::Single, SCRATCH, SCRATCH, cdata.class_offset as u64);
    }

    /// Compares the class in the scratch register with that of a parameter.
    fn compare_class(&mut self, index: usize) {
        let classes = self.fusion.recipe.host.callee.classes_offset as u64;
        self.code().load(Data::Word, OTHER, CALLEE, classes);
        self.code()
            .load(Data::Single, OTHER, OTHER, 4 * index as u64);
        self.code().compare_narrow(SCRATCH, OTHER);
    }

    /// The address of what an object of the parameter's class stands for, in the place of the object's.
    fn find_value(&mut self, index: usize) {
        let fusion = self.fusion;
        let cdata = fusion.recipe.host.cdata.as_ref().expect("checked");
        self.load_type();
        self.read_class();
        self.compare_class(index);
        self.slow_if(Condition::NotEqual);
        self.code()
            .load(Data::Word, OBJECT, OBJECT, cdata.data_offset as u64);
    }

    /// A number in memory to the value register, extended to 64 bits.
    fn read_stored_int(&mut self, index: usize, stored: Int) {
        self.find_value(index);
        let size = stored.size().min(8);
        self.code().load(Data::unsigned(size), VALUE, OBJECT, 0);
        if stored.is_signed() && size < 8 {
            self.code().extend(VALUE, VALUE, size, true);
        }
    }

    fn read_stored_float(&mut self, index: usize, stored: Float, to: u64) {
        self.find_value(index);
        let size = if stored == Float::F32 { 4 } else { 8 };
        self.code().load(Data::vector(size), NUMBER, OBJECT, 0);
        if stored == Float::F32 {
            self.code().widen_float(NUMBER);
        }
        self.code().store(Data::vector(8), NUMBER, ARGUMENTS, to);
    }

    fn read_record(&mut self, index: usize, size: u64, to: u64) {
        self.find_value(index);
        for word in (0..size).step_by(8) {
            for (offset, part) in exact_parts((size - word).min(8)) {
                let (data, at) = (Data::unsigned(part), word + offset);
                self.code().load(data, VALUE, OBJECT, at);
                self.code().store(data, VALUE, ARGUMENTS, to + at);
            }
        }
    }

    pub(super) fn read_pending(&mut self) {
        for Pending { branch, back, what } in std::mem::take(&mut self.pending) {
            self.code().land(branch);
            match what {
                Unusual::OtherInt => self.check_other_int(),
                Unusual::TwoDigits(range) => self.read_two_digits(range),
                Unusual::IntAsFloat => self.read_int_as_float(),
            }
            let end = self.code().branch(Condition::Always);
            let back = back.expect("every unusual path comes back");
            self.code().land_at(end, back);
        }
    }

    fn check_other_int(&mut self) {
        let fusion = self.fusion;
        let ints = fusion.recipe.host.ints.as_ref().expect("checked");
        let mut found = Vec::new();
        for ty in &ints.types[1..] {
            self.code().set(OTHER, *ty as u64);
            self.code().compare(SCRATCH, OTHER);
            found.push(self.code().branch(Condition::Equal));
        }
        self.slow_if(Condition::Always);
        for branch in found {
            self.code().land(branch);
        }
    }

    fn read_two_digits(&mut self, range: Range) {
        let fusion = self.fusion;
        let ints = fusion.recipe.host.ints.as_ref().expect("checked");
        let digits = ints.digits_offset as u64;
        match ints.sign {
            HostSign::OfCount => {
                // 2 or -2, and one more.
                self.code().compare_with(SCRATCH, 3);
                let positive = self.code().branch(Condition::Equal);
                self.code().add(VALUE, SCRATCH, 1);
                self.code().compare_with(VALUE, 0);
                self.slow_if(Condition::NotEqual);
                self.code().land(positive);
            }
            HostSign::LowBits => {
                self.code().shift_right(VALUE, SCRATCH, 3);
                self.code().compare_with(VALUE, 2);
                self.slow_if(Condition::NotEqual);
            }
        }
        let code = self.code();
        code.load(Data::Single, VALUE, OBJECT, digits);
        code.load(Data::Single, OTHER, OBJECT, digits + 4);
        code.or_shifted(VALUE, OTHER, DIGIT);
        let positive = match ints.sign {
            HostSign::OfCount => {
                code.compare_with(SCRATCH, 0);
                code.branch(Condition::Positive)
            }
            HostSign::LowBits => {
                code.low_two_bits(SCRATCH, SCRATCH);
                code.compare_with(SCRATCH, 2);
                code.branch(Condition::NotEqual)
            }
        };
        code.negate(VALUE);
        code.land(positive);
        self.check_range(range);
    }

    fn read_int_as_float(&mut self) {
        let fusion = self.fusion;
        let ints = fusion.recipe.host.ints.as_ref().expect("checked");
        self.code().compare(SCRATCH, INT_TYPE);
        self.slow_if(Condition::NotEqual);
        let more = self.read_digit(ints);
        self.slow.push(more);
        self.code().int_to_double(NUMBER, VALUE);
    }
}
