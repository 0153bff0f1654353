//! The text of a failure.

use std::fmt::Write;

use crate::ctype::{CType, Signature};
use crate::report::Source;

/// Differences shown of one signature.
const SHOWN: usize = 12;

/// The prototype with the records that it needs, what is wrong, and how to see it again.
pub(crate) fn describe(
    source: &Source,
    signature: &Signature,
    route: &str,
    wrong: &[String],
) -> String {
    let mut text = String::new();
    for id in signature.reachable() {
        let _ = writeln!(
            text,
            "{}",
            signature.definition(id, crate::spell::Variant::Itself)
        );
    }
    let _ = writeln!(text, "{};", signature.prototype(false));
    if let Some(fixed) = signature.fixed {
        let types: Vec<String> = signature.params[fixed..]
            .iter()
            .map(|ty| signature.declare(ty, ""))
            .collect();
        let _ = writeln!(text, "  ... = {}", types.join(", "));
    }
    for line in wrong.iter().take(SHOWN) {
        let _ = writeln!(text, "  {line}");
    }
    if wrong.len() > SHOWN {
        let _ = writeln!(text, "  and {} more", wrong.len() - SHOWN);
    }
    let _ = writeln!(text, "  called through: {route}");
    let _ = write!(
        text,
        "  reproduce: {source} --from {} --count 1",
        signature.index
    );
    text
}

impl Signature {
    /// The records that the prototype mentions, directly or not.
    fn reachable(&self) -> Vec<usize> {
        let mut seen = vec![false; self.records.len()];
        for ty in self.params.iter().chain(&self.result) {
            self.mark(ty, &mut seen);
        }
        (0..seen.len()).filter(|id| seen[*id]).collect()
    }

    fn mark(&self, ty: &CType, seen: &mut [bool]) {
        match ty {
            CType::Scalar(_) => {}
            CType::Array(element, _) | CType::Flexible(element) => self.mark(element, seen),
            CType::Record(id) => {
                seen[*id] = true;
                self.records[*id]
                    .fields
                    .iter()
                    .for_each(|field| self.mark(&field.ty, seen));
            }
        }
    }

    /// Whether a `long double` is anywhere in it, or it is variadic: what may be left to libffi.
    pub(crate) fn may_use_libffi(&self) -> bool {
        let holds = |ty: &CType| self.holds_long_double(ty);
        self.fixed.is_some() || self.params.iter().chain(&self.result).any(holds)
    }

    fn holds_long_double(&self, ty: &CType) -> bool {
        match ty {
            CType::Scalar(scalar) => scalar.spelling().ends_with("long double"),
            CType::Array(element, _) => self.holds_long_double(element),
            CType::Flexible(_) => false,
            CType::Record(id) => self.records[*id]
                .fields
                .iter()
                .any(|field| self.holds_long_double(&field.ty)),
        }
    }
}
