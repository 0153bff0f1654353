//! What errors say that is no plain text.

use std::fmt;

/// The values of a bit-field. One of a single bit with a sign receives a 1 too, as cffi has it.
pub(super) fn bit_range(bits: u32, signed: bool) -> String {
    let max = u128::MAX >> (128 - bits.clamp(1, 128));
    match (signed, bits) {
        (true, 1) => "-1 <= x <= 1".into(),
        (true, bits) => format!("{} <= x <= {}", -1i128 << (bits - 1), max >> 1),
        (false, _) => format!("0 <= x <= {max}"),
    }
}

pub(super) struct Attempts<'a>(pub(super) &'a [(String, String)]);

impl fmt::Display for Attempts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, reason) in self.0 {
            write!(f, "\n  tried {name}: {reason}")?;
        }
        Ok(())
    }
}
