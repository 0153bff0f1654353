//! The few instructions of A64 that stubs are made of.
//!
//! Source: *Arm Architecture Reference Manual for A-profile*, chapter C6 "A64 Base Instruction Descriptions" and C7
//! for loads and stores of vector registers; each function names the instruction whose encoding it is.

/// An integer register by its number, or a vector register where [`Data`] says so. What number 31 is depends on the
/// instruction: in all of these the stack pointer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct X(pub(crate) u8);

pub(crate) const SP: X = X(31);
/// The indirect result location register.
pub(crate) const RESULT_ADDRESS: X = X(8);

impl X {
    pub(crate) const FRAME: X = X(29);

    fn bits(self) -> u32 {
        self.0.into()
    }
}

/// Gets addresses too far for an instruction's own offset.
const ADDRESS: X = X(14);

/// Number of the register that reads as zero, and of the stack pointer elsewhere.
const ZERO: u32 = 31;

/// What a load or store moves.
#[derive(Clone, Copy)]
pub(crate) enum Data {
    Byte,
    Half,
    Single,
    Word,
    /// Extended to 32 bits.
    SignedByte,
    /// Extended to 32 bits.
    SignedHalf,
    /// From or to a vector register; the logarithm of the size in bytes.
    Vector(u32),
}

impl Data {
    /// For an integer of 1, 2, 4 or 8 bytes.
    pub(crate) fn unsigned(size: u64) -> Data {
        match size {
            1 => Data::Byte,
            2 => Data::Half,
            4 => Data::Single,
            _ => Data::Word,
        }
    }

    /// For 2, 4, 8 or 16 bytes.
    pub(crate) fn vector(size: u64) -> Data {
        Data::Vector(size.ilog2())
    }

    fn log_size(self) -> u32 {
        match self {
            Data::Byte | Data::SignedByte => 0,
            Data::Half | Data::SignedHalf => 1,
            Data::Single => 2,
            Data::Word => 3,
            Data::Vector(log) => log,
        }
    }

    /// The fields `size`, `V` and `opc` of a load or store.
    fn fields(self, load: bool) -> u32 {
        let (vector, opc) = match self {
            Data::SignedByte | Data::SignedHalf => (0, 0b11),
            Data::Vector(4) => (1, 0b10 | u32::from(load)),
            Data::Vector(_) => (1, u32::from(load)),
            _ => (0, u32::from(load)),
        };
        (self.log_size() & 0b11) << 30 | vector << 26 | opc << 22
    }
}

/// Instructions, in order.
#[derive(Default)]
pub(crate) struct Code {
    words: Vec<u32>,
}

/// A place that is jumped to.
#[derive(Clone, Copy)]
pub(crate) struct Label(usize);

impl Code {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.words
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect()
    }

    pub(crate) fn here(&self) -> Label {
        Label(self.words.len())
    }

    fn put(&mut self, word: u32) {
        self.words.push(word);
    }

    /// `stp x29, x30, [sp, #-16]!; mov x29, sp`.
    pub(crate) fn enter(&mut self) {
        self.push_pair(X::FRAME, X(30));
        self.put(0x9100_0000 | SP.bits() << 5 | X::FRAME.bits());
    }

    /// `mov sp, x29; ldp x29, x30, [sp], #16; ret`.
    pub(crate) fn leave(&mut self) {
        self.put(0x9100_0000 | X::FRAME.bits() << 5 | SP.bits());
        self.put(0xA8C1_7BFD);
        self.put(0xD65F_03C0);
    }

    /// STP, pre-indexed by -16.
    pub(crate) fn push_pair(&mut self, low: X, high: X) {
        self.put(0xA9BF_0000 | high.bits() << 10 | SP.bits() << 5 | low.bits());
    }

    /// MOV (register), which is ORR with the zero register.
    pub(crate) fn mov(&mut self, to: X, from: X) {
        self.put(0xAA00_0000 | from.bits() << 16 | ZERO << 5 | to.bits());
    }

    /// MOVZ and as many MOVK as it takes.
    pub(crate) fn set(&mut self, to: X, value: u64) {
        let half = |index: u32| (value >> (16 * index)) as u16;
        self.put(0xD280_0000 | u32::from(half(0)) << 5 | to.bits());
        for index in (1..4).filter(|&index| half(index) != 0) {
            self.put(0xF280_0000 | index << 21 | u32::from(half(index)) << 5 | to.bits());
        }
    }

    /// ADD (immediate), or after [`Code::set`] ADD (extended register), which takes the stack pointer, too.
    pub(crate) fn add(&mut self, to: X, base: X, offset: u64) {
        if offset < 1 << 12 {
            self.put(0x9100_0000 | (offset as u32) << 10 | base.bits() << 5 | to.bits());
        } else {
            self.set(ADDRESS, offset);
            self.put(0x8B20_6000 | ADDRESS.bits() << 16 | base.bits() << 5 | to.bits());
        }
    }

    /// SUB (immediate) of up to a page.
    pub(crate) fn lower_stack(&mut self, size: u64) {
        let size = size as u32;
        let immediate = match size {
            0 => return,
            1..0x1000 => size << 10,
            _ => 1 << 22 | (size >> 12) << 10,
        };
        self.put(0xD100_0000 | immediate | SP.bits() << 5 | SP.bits());
    }

    /// Rounds the stack pointer up: LSR and LSL by the alignment's logarithm.
    pub(crate) fn align_stack(&mut self, scratch: X, align: u64) {
        let shift = align.ilog2();
        self.add(scratch, SP, align - 1);
        self.shift_right(scratch, scratch, shift);
        let (rotate, last) = (64 - shift, 63 - shift);
        self.put(0xD340_0000 | rotate << 16 | last << 10 | scratch.bits() << 5 | scratch.bits());
        self.add(SP, scratch, 0);
    }

    /// `ldr xzr, [sp]`: touches the page.
    pub(crate) fn probe(&mut self) {
        self.put(0xF940_0000 | SP.bits() << 5 | ZERO);
    }

    /// SUBS (immediate) of one, and B.NE.
    pub(crate) fn loop_while_decremented(&mut self, count: X, next: Label) {
        self.put(0xF100_0000 | 1 << 10 | count.bits() << 5 | count.bits());
        let distance = next.0 as i32 - self.words.len() as i32;
        self.put(0x5400_0001 | (distance as u32 & 0x7_FFFF) << 5);
    }

    /// LDR and STR (immediate, post-indexed) of eight bytes.
    pub(crate) fn copy_word_and_advance(&mut self, through: X, from: X, to: X) {
        self.put(0xF840_0400 | 8 << 12 | from.bits() << 5 | through.bits());
        self.put(0xF800_0400 | 8 << 12 | to.bits() << 5 | through.bits());
    }

    /// `orr to, to, part, lsl #shift`.
    pub(crate) fn or_shifted(&mut self, to: X, part: X, shift: u32) {
        self.put(0xAA00_0000 | part.bits() << 16 | shift << 10 | to.bits() << 5 | to.bits());
    }

    /// LSR (immediate).
    pub(crate) fn shift_right(&mut self, to: X, from: X, shift: u32) {
        self.put(0xD340_FC00 | shift << 16 | from.bits() << 5 | to.bits());
    }

    /// BLR.
    pub(crate) fn call(&mut self, target: X) {
        self.put(0xD63F_0000 | target.bits() << 5);
    }

    pub(crate) fn load(&mut self, data: Data, to: X, base: X, offset: u64) {
        self.access(data.fields(true), data, to, base, offset);
    }

    pub(crate) fn store(&mut self, data: Data, from: X, base: X, offset: u64) {
        self.access(data.fields(false), data, from, base, offset);
    }

    /// LDUR of eight bytes, near the base.
    pub(crate) fn load_word(&mut self, to: X, base: X, offset: i64) {
        let offset = offset as u32 & 0x1FF;
        self.put(0xF840_0000 | offset << 12 | base.bits() << 5 | to.bits());
    }

    /// The form with a scaled offset where it can be, else the one with an unscaled offset, else through an address.
    fn access(&mut self, fields: u32, data: Data, reg: X, base: X, offset: u64) {
        let scaled = offset >> data.log_size();
        let (form, base) = if scaled << data.log_size() == offset && scaled < 1 << 12 {
            (0x3900_0000 | (scaled as u32) << 10, base)
        } else if offset < 1 << 8 {
            (0x3800_0000 | (offset as u32) << 12, base)
        } else {
            self.add(ADDRESS, base, offset);
            (0x3900_0000, ADDRESS)
        };
        self.put(form | fields | base.bits() << 5 | reg.bits());
    }

    /// STUR of eight bytes, near the base.
    pub(crate) fn store_word(&mut self, from: X, base: X, offset: i64) {
        let offset = offset as u32 & 0x1FF;
        self.put(0xF800_0000 | offset << 12 | base.bits() << 5 | from.bits());
    }

    /// LDUR and STUR of eight bytes of a vector register, near the base.
    pub(crate) fn vector_word(&mut self, load: bool, reg: X, base: X, offset: i64) {
        let (load, offset) = (u32::from(load) << 22, offset as u32 & 0x1FF);
        self.put(0xFC00_0000 | load | offset << 12 | base.bits() << 5 | reg.bits());
    }

    /// ADD (shifted register).
    pub(crate) fn add_register(&mut self, to: X, left: X, right: X) {
        self.put(0x8B00_0000 | right.bits() << 16 | left.bits() << 5 | to.bits());
    }

    /// SUB (shifted register).
    pub(crate) fn subtract(&mut self, to: X, left: X, right: X) {
        self.put(0xCB00_0000 | right.bits() << 16 | left.bits() << 5 | to.bits());
    }

    /// NEG, which is SUB from the zero register.
    pub(crate) fn negate(&mut self, reg: X) {
        self.put(0xCB00_0000 | reg.bits() << 16 | ZERO << 5 | reg.bits());
    }

    /// MUL, which is MADD with the zero register.
    pub(crate) fn multiply(&mut self, to: X, by: X) {
        self.put(0x9B00_7C00 | by.bits() << 16 | to.bits() << 5 | to.bits());
    }

    /// AND (immediate) of the lowest two bits.
    pub(crate) fn low_two_bits(&mut self, to: X, from: X) {
        self.put(0x9240_0400 | from.bits() << 5 | to.bits());
    }

    /// LSL (immediate) by one, which is UBFM.
    pub(crate) fn double(&mut self, to: X, from: X) {
        self.put(0xD340_0000 | 63 << 16 | 62 << 10 | from.bits() << 5 | to.bits());
    }

    /// SXTB, SXTH, SXTW to 64 bits, UXTB, UXTH, and MOV of 32 bits: all other bits of a number of so many bytes.
    pub(crate) fn extend(&mut self, to: X, from: X, size: u64, signed: bool) {
        let registers = from.bits() << 5 | to.bits();
        let last = (8 * size as u32 - 1) << 10;
        self.put(match (size, signed) {
            (8, _) => return self.mov(to, from),
            (_, true) => 0x9340_0000 | last | registers,
            (_, false) => 0x5300_0000 | last | registers,
        });
    }

    /// CMP (shifted register), of 64 bits.
    pub(crate) fn compare(&mut self, left: X, right: X) {
        self.put(0xEB00_0000 | right.bits() << 16 | left.bits() << 5 | ZERO);
    }

    /// CMP (shifted register), of 32 bits.
    pub(crate) fn compare_narrow(&mut self, left: X, right: X) {
        self.put(0x6B00_0000 | right.bits() << 16 | left.bits() << 5 | ZERO);
    }

    /// CMP (immediate), of 64 bits, with less than 4096.
    pub(crate) fn compare_with(&mut self, left: X, right: u32) {
        self.put(0xF100_0000 | right << 10 | left.bits() << 5 | ZERO);
    }

    /// FCVT from `double` to `float`.
    pub(crate) fn narrow_float(&mut self, reg: X) {
        self.put(0x1E62_4000 | reg.bits() << 5 | reg.bits());
    }

    /// FCVT from `float` to `double`.
    pub(crate) fn widen_float(&mut self, reg: X) {
        self.put(0x1E22_C000 | reg.bits() << 5 | reg.bits());
    }

    /// SCVTF of 64 bits to `double`.
    pub(crate) fn int_to_double(&mut self, to: X, from: X) {
        self.put(0x9E62_0000 | from.bits() << 5 | to.bits());
    }

    /// MRS of TPIDR_EL0, the thread pointer.
    pub(crate) fn thread_pointer(&mut self, to: X) {
        self.put(0xD53B_D040 | to.bits());
    }

    /// As [`Code::leave`], but ends with BR.
    pub(crate) fn leave_for(&mut self, target: X) {
        self.leave();
        self.words.pop();
        self.put(0xD61F_0000 | target.bits() << 5);
    }

    /// B.cond, or B, to a place that is not known yet.
    pub(crate) fn branch(&mut self, condition: Condition) -> Branch {
        self.put(match condition {
            Condition::Always => 0x1400_0000,
            condition => 0x5400_0000 | condition as u32,
        });
        Branch(self.words.len() - 1)
    }

    /// Leads a branch to what comes next.
    pub(crate) fn land(&mut self, branch: Branch) {
        let distance = (self.words.len() - branch.0) as u32;
        self.lead(branch, distance);
    }

    /// Leads a branch back.
    pub(crate) fn land_at(&mut self, branch: Branch, label: Label) {
        let distance = (label.0 as i32 - branch.0 as i32) as u32;
        self.lead(branch, distance);
    }

    fn lead(&mut self, branch: Branch, distance: u32) {
        let word = &mut self.words[branch.0];
        *word |= match *word >> 26 {
            0b00_0101 => distance & 0x3FF_FFFF,
            _ => (distance & 0x7_FFFF) << 5,
        };
    }
}

/// A branch that leads nowhere yet.
#[derive(Clone, Copy)]
#[must_use]
pub(crate) struct Branch(usize);

/// Conditions by their numbers (C1.2.4).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Equal = 0,
    NotEqual = 1,
    HigherOrSame = 2,
    Negative = 4,
    Positive = 5,
    Higher = 8,
    LessOrEqual = 13,
    Always = 14,
}
