//! Random machine signatures, all of which pass the checks of `farcall_jit`.

use farcall_jit::{Abi, Bits, Field, Float, Int, Machine, Record, Signature, Type, Vector};
use fastrand::Rng;

/// Bytes that the arguments of one signature take about.
const BUDGET: u64 = 96 << 10;

/// The signature of a number.
pub(crate) fn signature(abi: Abi, seed: u64) -> Signature {
    let mut rng = Rng::with_seed(seed ^ (abi as u64) << 40);
    let foreign = rng.u8(..) < 8;
    let mut maker = Maker {
        rng,
        abi,
        foreign,
        budget: BUDGET,
    };
    maker.signature()
}

struct Maker {
    rng: Rng,
    abi: Abi,
    /// Whether there may be types that the ABI does not have.
    foreign: bool,
    budget: u64,
}

impl Maker {
    fn signature(&mut self) -> Signature {
        let count = match self.rng.u8(..100) {
            0..60 => self.rng.usize(..8),
            60..90 => self.rng.usize(..20),
            _ => self.rng.usize(..=64),
        };
        // Mostly alike, for then they are in registers; or anything.
        let records = self.rng.u8(..60);
        let params: Vec<Type> = (0..count).map(|_| self.value(records)).collect();
        let result = (self.rng.u8(..100) < 85).then(|| self.value(40));
        let fixed = (self.rng.u8(..100) < 15).then(|| self.rng.u16(..=count as u16));
        Signature {
            abi: self.abi,
            params: params.into(),
            result,
            fixed,
        }
    }

    /// A type of an argument or a result; it is a record in so many of a hundred cases.
    fn value(&mut self, records: u8) -> Type {
        let ty = match self.rng.u8(..100) {
            at if at < records => self.record(0),
            _ => self.scalar(),
        };
        self.budget = self.budget.saturating_sub(ty.size());
        ty
    }

    fn scalar(&mut self) -> Type {
        match self.rng.u8(..100) {
            0..55 => self.int().into(),
            55..85 => self.float().into(),
            85..92 => Type::Complex(self.float()),
            _ => self.vector().into(),
        }
    }

    fn int(&mut self) -> Int {
        use Int::*;
        let all = [I8, U8, I16, U16, I32, U32, I64, U64, I128, U128];
        let native = if self.abi.machine() == Machine::X86 {
            8
        } else {
            10
        };
        all[self.rng.usize(..if self.foreign { 10 } else { native })]
    }

    fn float(&mut self) -> Float {
        use Float::*;
        let all = [F32, F64, F32, F64, F16, F128, F80, F80In12];
        let of_all = match self.abi.machine() {
            _ if self.foreign => &all[..],
            Machine::AArch64 => &all[..6],
            Machine::X86 => &[F32, F64, F32, F64, F16, F128, F80In12],
            _ => &all[..7],
        };
        of_all[self.rng.usize(..of_all.len())]
    }

    fn vector(&mut self) -> Vector {
        let float = self.rng.bool();
        let least = match self.abi.machine() {
            _ if self.foreign => 0,
            Machine::AArch64 if float => 3,
            Machine::X86 if self.abi.name().starts_with("MSVC") => 4,
            _ => 0,
        };
        let most = if self.foreign { 6 } else { 4 };
        let size = self.rng.u8(least..=most);
        let lane = self.rng.u8(..=size.min(3));
        Vector {
            size: 1 << size,
            lane: 1 << lane,
            float,
        }
    }

    fn record(&mut self, depth: u32) -> Type {
        match self.rng.u8(..100) {
            0..15 => self.homogeneous(),
            15..25 => self.bytes(),
            _ => self.members(depth),
        }
    }

    /// A structure of members of one kind, which some ABIs pass in vector registers.
    fn homogeneous(&mut self) -> Type {
        let member = match self.rng.u8(..4) {
            0 => self.vector().into(),
            1 => Type::Complex(self.float()),
            _ => self.float().into(),
        };
        let count = self.rng.u64(1..=5);
        let (size, align) = (member.size() * count, member.align());
        let fields: Vec<Field> = if self.rng.bool() {
            vec![Field::new(0, Type::array(member, count))]
        } else {
            (0..count)
                .map(|at| Field::new(at * member.size(), member.clone()))
                .collect()
        };
        Record::structure(size, align, fields).into()
    }

    /// A structure of so many bytes, some of which take more than a page.
    fn bytes(&mut self) -> Type {
        let most = match self.rng.u16(..1000) {
            0..600 => 20,
            600..900 => 300,
            900..990 => 10_000,
            _ => 50_000,
        };
        let size = self.rng.u64(1..=most).min(self.budget.max(20));
        Record::structure(size, 1, [Field::new(0, Type::array(Int::U8, size))]).into()
    }

    /// Any structure or union.
    fn members(&mut self, depth: u32) -> Type {
        let union = self.rng.u8(..5) == 0;
        let most_aligned = match self.rng.u8(..10) {
            0 => 1,
            1 => 2,
            2 => 4,
            _ => 16,
        };
        let (mut end, mut natural) = (0, 1);
        let mut fields = Vec::new();
        for _ in 0..self.rng.u8(..=5) {
            let at = if union { 0 } else { end };
            let field = match self.rng.u8(..8) {
                0 => self.bit_field(at),
                _ => {
                    let ty = self.member(depth);
                    let align = ty.align().min(most_aligned);
                    natural = natural.max(align);
                    Field::new(at.next_multiple_of(align), ty)
                }
            };
            let size = match field.bits {
                None => field.ty.size(),
                Some(bits) => u64::from(bits.shift + bits.width).div_ceil(8),
            };
            end = end.max(field.offset + size);
            fields.push(field);
        }
        if !union && self.rng.u8(..30) == 0 {
            fields.push(Field::new(end, Type::flexible_array(Int::U8)));
        }
        let align = natural.max(self.alignment());
        let size = end.next_multiple_of(align);
        let record = if union {
            Record::union
        } else {
            Record::structure
        };
        record(size, align, fields)
            .naturally_aligned(natural)
            .into()
    }

    /// By an attribute.
    fn alignment(&mut self) -> u64 {
        match self.rng.u16(..1000) {
            0..900 => 1,
            900..994 => 1 << self.rng.u8(1..=7),
            994..998 => 1 << self.rng.u8(8..=12),
            _ => 1 << self.rng.u8(12..=16),
        }
    }

    fn member(&mut self, depth: u32) -> Type {
        match self.rng.u8(..100) {
            0..15 if depth < 3 => self.record(depth + 1),
            0..25 => {
                let element = self.scalar();
                Type::array(element, self.rng.u64(..=4))
            }
            _ => self.scalar(),
        }
    }

    fn bit_field(&mut self, at: u64) -> Field {
        let int = [Int::U8, Int::I16, Int::U32, Int::I64][self.rng.usize(..4)];
        let bits = 8 * int.size() as u32;
        let width = self.rng.u32(..=bits);
        let bits = Bits {
            shift: self.rng.u32(..=bits - width),
            width,
            named: width > 0 && self.rng.u8(..4) > 0,
        };
        Field::bits(at.next_multiple_of(int.size()), int, bits)
    }
}
