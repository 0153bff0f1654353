//! Where members lie, as the C compiler told it, and the machine types that follow.

use farcall_jit as jit;

use crate::Error;
use crate::ctype::{Bits, CType, Field, Record, Signature};
use crate::scalar::{Prim, Shape};
use crate::target::Target;

/// The answers of one entry of the C table, in the order in which [`crate::emit`] asks.
#[derive(Debug)]
pub(crate) struct Answers {
    pub(crate) numbers: Vec<u64>,
    /// Objects in which one bit-field is all ones.
    pub(crate) masks: Vec<Vec<u8>>,
}

/// The layouts of a signature's records.
#[derive(Debug)]
pub(crate) struct Layouts<'s> {
    signature: &'s Signature,
    target: &'static Target,
    records: Vec<Layout>,
}

#[derive(Debug)]
struct Layout {
    size: u64,
    align: u64,
    natural: u64,
    /// The first bit of each member.
    bits: Vec<u64>,
}

impl<'s> Layouts<'s> {
    /// Reads the answers about `signature`.
    pub(crate) fn read(
        target: &'static Target,
        signature: &'s Signature,
        answers: &Answers,
    ) -> Result<Layouts<'s>, Error> {
        let mut numbers = answers.numbers.iter().copied();
        let mut masks = answers.masks.iter();
        let mut number = || {
            numbers.next().ok_or(Error::BadTable {
                signature: signature.index,
            })
        };
        let mut records = Vec::new();
        for record in &signature.records {
            let (size, align, natural) = (number()?, number()?, number()?);
            let place = |field: &Field| match field.bits {
                Some(bits) if bits.width > 0 => {
                    masks.next().and_then(|mask| run_of_ones(mask, bits.width))
                }
                _ => number().ok().map(|bytes| 8 * bytes),
            };
            let bits: Option<Vec<u64>> = record.fields.iter().map(place).collect();
            let bits = bits.ok_or(Error::BadTable {
                signature: signature.index,
            })?;
            records.push(Layout {
                size,
                align,
                natural,
                bits,
            });
        }
        Ok(Layouts {
            signature,
            target,
            records,
        })
    }

    /// Size in bytes.
    pub(crate) fn size(&self, ty: &CType) -> u64 {
        match ty {
            CType::Scalar(scalar) => scalar.size(self.target).into(),
            CType::Array(element, count) => self.size(element) * u64::from(*count),
            CType::Flexible(_) => 0,
            CType::Record(id) => self.records[*id].size,
        }
    }

    /// The bit at which the part of a value of type `ty` that `path` leads to starts.
    pub(crate) fn locate(&self, ty: &CType, path: &[u32]) -> u64 {
        let Some((&at, rest)) = path.split_first() else {
            return 0;
        };
        match ty {
            CType::Scalar(_) | CType::Flexible(_) => 0,
            CType::Array(element, _) => {
                8 * self.size(element) * u64::from(at) + self.locate(element, rest)
            }
            CType::Record(id) => {
                let member = &self.signature.records[*id].fields[at as usize].ty;
                self.records[*id].bits[at as usize] + self.locate(member, rest)
            }
        }
    }

    /// The machine type.
    pub(crate) fn machine(&self, ty: &CType) -> jit::Type {
        match ty {
            CType::Scalar(scalar) => scalar_machine(scalar.shape(self.target), self.target),
            CType::Array(element, count) => {
                jit::Type::array(self.machine(element), u64::from(*count))
            }
            CType::Flexible(element) => jit::Type::flexible_array(self.machine(element)),
            CType::Record(id) => self.record(&self.signature.records[*id], &self.records[*id]),
        }
    }

    fn record(&self, record: &Record, layout: &Layout) -> jit::Type {
        let fields = record.fields.iter().zip(&layout.bits).map(|(field, &bit)| {
            let ty = self.machine(&field.ty);
            match field.bits {
                None => jit::Field::new(bit / 8, ty),
                Some(bits) => bit_field(bit, ty, bits),
            }
        });
        let fields: Vec<jit::Field> = fields.collect();
        let made = if record.union {
            jit::Record::union(layout.size, layout.align, fields)
        } else {
            jit::Record::structure(layout.size, layout.align, fields)
        };
        made.naturally_aligned(layout.natural).into()
    }
}

/// The first bit of the only run of ones in `mask`, if it is `width` bits long.
fn run_of_ones(mask: &[u8], width: u32) -> Option<u64> {
    let is_one = |bit: &usize| mask[bit / 8] >> (bit % 8) & 1 == 1;
    let ones: Vec<usize> = (0..8 * mask.len()).filter(is_one).collect();
    let (first, last) = (*ones.first()?, *ones.last()?);
    (ones.len() == width as usize && last - first + 1 == ones.len()).then_some(first as u64)
}

/// Counts the bits from the unit of the declared type, or from the nearest byte where packing let the field
/// straddle units.
fn bit_field(bit: u64, ty: jit::Type, bits: Bits) -> jit::Field {
    let unit = 8 * ty.size();
    let straddles = bit % unit + u64::from(bits.width) > unit;
    let start = if straddles {
        bit - bit % 8
    } else {
        bit - bit % unit
    };
    let bits = jit::Bits {
        shift: (bit - start) as u32,
        width: bits.width,
        named: bits.named,
    };
    jit::Field::bits(start / 8, ty, bits)
}

fn scalar_machine(shape: Shape, target: &Target) -> jit::Type {
    match shape {
        Shape::One(prim) => one(prim, target),
        Shape::Complex(prim) => match one(prim, target) {
            jit::Type::Float(float) => jit::Type::Complex(float),
            other => other,
        },
        Shape::Vector { lane, lanes } => {
            let size = (lanes * lane.size(target)) as u8;
            jit::Type::Vector(jit::Vector {
                size,
                lane: size / lanes as u8,
                float: !lane.is_integer(),
            })
        }
    }
}

fn one(prim: Prim, target: &Target) -> jit::Type {
    use jit::Int;
    jit::Type::Int(match prim {
        Prim::Bool | Prim::U8 => Int::U8,
        Prim::I8 => Int::I8,
        Prim::I16 => Int::I16,
        Prim::U16 => Int::U16,
        Prim::I32 => Int::I32,
        Prim::U32 => Int::U32,
        Prim::I64 => Int::I64,
        Prim::U64 => Int::U64,
        Prim::I128 => Int::I128,
        Prim::U128 => Int::U128,
        Prim::F16 => return jit::Type::Float(jit::Float::F16),
        Prim::F32 => return jit::Type::Float(jit::Float::F32),
        Prim::F64 => return jit::Type::Float(jit::Float::F64),
        Prim::X87 if target.x87_size == 12 => return jit::Type::Float(jit::Float::F80In12),
        Prim::X87 => return jit::Type::Float(jit::Float::F80),
        Prim::F128 => return jit::Type::Float(jit::Float::F128),
    })
}
