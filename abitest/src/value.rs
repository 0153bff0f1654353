//! Random values, as the caller holds them and as the callee must record them.

use crate::ctype::{CType, Leaf, Signature};
use crate::dice::Dice;
use crate::layout::Layouts;
use crate::scalar::Prim;
use crate::target::Target;

/// A value of one type: its bytes in memory, padding included, and what its leaves hold.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) bytes: Vec<u8>,
    pub(crate) leaves: Vec<LeafValue>,
    /// How many bytes ahead of inaccessible memory it ends when it is given by address: mostly none, and any
    /// number at times, so that nothing relies on its alignment.
    pub(crate) slack: usize,
}

#[derive(Debug)]
pub(crate) struct LeafValue {
    pub(crate) leaf: Leaf,
    /// The leaf's own bytes; of a bit-field, its value as a `long long`.
    pub(crate) bytes: Vec<u8>,
    /// Where in the value it starts.
    pub(crate) bit: u64,
}

impl Value {
    /// A random value of type `ty`, between random padding.
    pub(crate) fn random(
        target: &Target,
        signature: &Signature,
        layouts: &Layouts<'_>,
        ty: &CType,
        dice: &mut Dice,
    ) -> Value {
        let mut bytes = vec![0; layouts.size(ty) as usize];
        dice.fill(&mut bytes);
        let mut leaves = Vec::new();
        for leaf in signature.leaves(ty) {
            let own = random_leaf(target, &leaf, dice);
            let bit = layouts.locate(ty, &leaf.path);
            write(target, &mut bytes, &leaf, bit, &own);
            leaves.push(LeafValue {
                leaf,
                bytes: own,
                bit,
            });
        }
        let slack = if dice.percent(25) {
            dice.below(32) as usize
        } else {
            0
        };
        Value {
            bytes,
            leaves,
            slack,
        }
    }
}

impl LeafValue {
    /// The same leaf's bytes in another value of the type.
    pub(crate) fn read(&self, value: &[u8]) -> Vec<u8> {
        let Some(width) = self.leaf.bits else {
            let start = (self.bit / 8) as usize;
            return value[start..start + self.bytes.len()].to_vec();
        };
        let ones = (0..width).filter(|at| bit_of(value, self.bit + u64::from(*at)));
        let number = ones.fold(0u64, |number, at| number | 1 << at);
        let negative = self.bytes[7] & 0x80 != 0 && width < 64;
        let sign = if negative && number >> (width - 1) == 1 {
            u64::MAX << width
        } else {
            0
        };
        (number | sign).to_le_bytes().to_vec()
    }
}

fn bit_of(bytes: &[u8], bit: u64) -> bool {
    bytes[(bit / 8) as usize] >> (bit % 8) & 1 == 1
}

fn write(target: &Target, value: &mut [u8], leaf: &Leaf, bit: u64, own: &[u8]) {
    if let Some(width) = leaf.bits {
        for at in 0..u64::from(width) {
            let (byte, mask) = (((bit + at) / 8) as usize, 1 << ((bit + at) % 8));
            value[byte] = if bit_of(own, at) {
                value[byte] | mask
            } else {
                value[byte] & !mask
            };
        }
        return;
    }
    let prim = leaf.scalar.shape(target).prim();
    let (step, meaningful) = (prim.size(target) as usize, prim.meaningful(target) as usize);
    let place = &mut value[(bit / 8) as usize..][..own.len()];
    for (to, from) in place.chunks_exact_mut(step).zip(own.chunks_exact(step)) {
        to[..meaningful].copy_from_slice(&from[..meaningful]);
    }
}

fn random_leaf(target: &Target, leaf: &Leaf, dice: &mut Dice) -> Vec<u8> {
    let shape = leaf.scalar.shape(target);
    let prim = shape.prim();
    if let Some(width) = leaf.bits {
        let unused = 64 - width;
        let number = random_prim(prim, dice) as u64;
        let kept = if prim.is_signed() {
            ((number << unused) as i64 >> unused) as u64
        } else {
            number << unused >> unused
        };
        return kept.to_le_bytes().to_vec();
    }
    let size = prim.size(target) as usize;
    let lane = |dice: &mut Dice| {
        let mut bytes = random_prim(prim, dice).to_le_bytes()[..size.min(16)].to_vec();
        bytes.resize(size, 0);
        bytes
    };
    (0..leaf.count * shape.lanes())
        .flat_map(|_| lane(dice))
        .collect()
}

fn random_prim(prim: Prim, dice: &mut Dice) -> u128 {
    match prim {
        Prim::Bool => u128::from(dice.bits() & 1),
        Prim::F16 => random_float(5, 10, dice),
        Prim::F32 => random_float(8, 23, dice),
        Prim::F64 => random_float(11, 52, dice),
        Prim::F128 => random_float(15, 112, dice),
        Prim::X87 => random_x87(dice),
        _ => random_integer(dice),
    }
}

/// Any bits, and often those at the ends of a type's range.
fn random_integer(dice: &mut Dice) -> u128 {
    let any = u128::from(dice.bits()) << 64 | u128::from(dice.bits());
    match dice.below(12) {
        0 => 0,
        1 => u128::MAX,
        2 => 0x8000_8080_0000_0080_8000_0000_8000_8080,
        3 => 0x7fff_7f7f_7fff_ff7f_7fff_ffff_7fff_7f7f,
        _ => any,
    }
}

/// Normal, denormal, zero or infinite, of either sign; never a NaN, whose bits need not survive a move.
fn random_float(exponent_bits: u32, fraction_bits: u32, dice: &mut Dice) -> u128 {
    let fraction = random_integer(dice) & ((1 << fraction_bits) - 1);
    let sign = u128::from(dice.bits() & 1) << (exponent_bits + fraction_bits);
    let infinite = (1u128 << exponent_bits) - 1;
    let normal = 1 + u128::from(dice.bits()) % (infinite - 1);
    sign | match dice.below(12) {
        0 => 0,
        1 => infinite << fraction_bits,
        2 => fraction,
        _ => normal << fraction_bits | fraction,
    }
}

/// As [`random_float`], with the integer bit that the x87 format spells out.
fn random_x87(dice: &mut Dice) -> u128 {
    let number = random_float(15, 63, dice);
    let (high, fraction) = (number >> 63, number & ((1 << 63) - 1));
    let integer = u128::from(high & 0x7fff != 0);
    high << 64 | integer << 63 | fraction
}
