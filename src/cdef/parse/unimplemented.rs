//! Attributes and pragmas that change layouts or calls, and that nothing here implements: to pass over one would give wrong
//! answers without a word. All others have no effect on either.

use super::{Parsed, Parser};
use crate::cdef::CdefErrorKind;
use crate::cdef::lex::{Token, TokenKind};
use crate::layout::Arch;

/// Where an attribute has an effect; elsewhere compilers pass over it.
enum On {
    Any,
    X86,
    X86_32,
    Aarch64,
}

/// From the lists of gcc 12 ("Function", "Variable" and "Type Attributes") and clang ("Attributes in Clang").
const UNIMPLEMENTED: &[(&str, On)] = &[
    // Layout.
    ("ext_vector_type", On::Any),
    ("neon_vector_type", On::Aarch64),
    ("neon_polyvector_type", On::Aarch64),
    ("arm_sve_vector_bits", On::Aarch64),
    ("matrix_type", On::Any),
    ("randomize_layout", On::Any),
    ("address_space", On::Any),
    // Calls.
    ("regcall", On::X86),
    ("preserve_most", On::Any),
    ("preserve_all", On::Any),
    ("preserve_none", On::Any),
    ("swiftcall", On::Any),
    ("swiftasynccall", On::Any),
    ("swift_context", On::Any),
    ("swift_async_context", On::Any),
    ("swift_error_result", On::Any),
    ("swift_indirect_result", On::Any),
    ("intel_ocl_bicc", On::X86),
    ("pascal", On::X86_32),
    ("sseregparm", On::X86_32),
    ("callee_pop_aggregate_return", On::X86_32),
    ("interrupt", On::Any),
    ("aarch64_vector_pcs", On::Aarch64),
    ("aarch64_sve_pcs", On::Aarch64),
    // clang passes the size as a further argument.
    ("pass_object_size", On::Any),
    ("pass_dynamic_object_size", On::Any),
];

impl Parser<'_> {
    /// Refuses an attribute that changes layouts or calls in a way that is not known here.
    #[inline(never)]
    pub(super) fn check_attribute(&mut self, at: Token, name: &str) -> Parsed<()> {
        let arch = self.table().model().arch;
        let acts = |on: &On| match on {
            On::Any => true,
            On::X86 => arch != Arch::Aarch64,
            On::X86_32 => arch == Arch::X86,
            On::Aarch64 => arch == Arch::Aarch64,
        };
        let unimplemented = UNIMPLEMENTED
            .iter()
            .any(|(other, on)| *other == name && acts(on));
        if unimplemented || name == "scalar_storage_order" && !self.is_little_endian() {
            let what = format!("the attribute '{name}'");
            return Err(self.fail_at(at, CdefErrorKind::Unsupported(what)));
        }
        Ok(())
    }

    /// Whether `("little-endian")` is next, the order of all targets.
    fn is_little_endian(&self) -> bool {
        let word = self.tokens.get(self.at + 1).copied();
        self.peek() == TokenKind::ParenOpen
            && word.is_some_and(|word| self.text_of(word) == "\"little-endian\"")
    }
}
