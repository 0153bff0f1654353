//! `_Alignas` (C11 6.7.5), and where it may not stand.

use super::attribute::Attributes;
use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::ctype::TypeId;
use crate::layout::{RecordRules, layout_of};

/// The strictest alignment that a declaration's `_Alignas` asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alignas {
    at: Token,
    bytes: u32,
}

impl Attributes {
    /// What counts ahead of the type of a member without a name, where gcc passes over all attributes but `_Alignas`.
    pub(super) fn of_anonymous_member(&self, rules: RecordRules) -> Attributes {
        if rules == RecordRules::Msvc {
            return self.clone();
        }
        let aligned = self.alignas.map(|alignas| alignas.bytes);
        Attributes {
            aligned: aligned.filter(|&bytes| bytes > 0),
            alignas: self.alignas,
            ..Attributes::default()
        }
    }
}

impl Parser<'_> {
    /// `_Alignas(type)` and `_Alignas(expression)`; zero has no effect.
    #[inline(never)]
    pub(super) fn alignas(&mut self, found: &mut Attributes) -> Parsed<()> {
        let at = self.expect(TokenKind::Alignas)?;
        self.expect(TokenKind::ParenOpen)?;
        let align = self.nested(|p| {
            if p.starts_type()? {
                let ty = p.type_name()?;
                Ok(Some(p.check_complete(at, ty)?.align as u32))
            } else {
                let number = p.constant_expression()?;
                p.alignment(number.value.integer().unwrap_or(-1), at)
            }
        })?;
        self.expect(TokenKind::ParenClose)?;
        if let Some(bytes) = align {
            found.align(bytes);
        }
        let bytes = align
            .unwrap_or(0)
            .max(found.alignas.map_or(0, |found| found.bytes));
        found.alignas = Some(Alignas { at, bytes });
        Ok(())
    }

    /// Refuses `_Alignas` on what has no alignment of its own: "a typedef", "a parameter".
    pub(super) fn no_alignas(&self, attributes: &Attributes, on: &str) -> Parsed<()> {
        match attributes.alignas {
            Some(alignas) => Err(self.invalid(alignas.at, format!("{on} cannot have '_Alignas'"))),
            None => Ok(()),
        }
    }

    /// Refuses an `_Alignas` weaker than the type's alignment (C11 6.7.5 §4).
    pub(super) fn check_alignas(&self, attributes: &Attributes, ty: TypeId) -> Parsed<()> {
        let (Some(alignas), Ok(layout)) = (attributes.alignas, layout_of(&self.draft, ty)) else {
            return Ok(());
        };
        if alignas.bytes == 0 || u64::from(alignas.bytes) >= layout.align {
            return Ok(());
        }
        let (bytes, spelling) = (alignas.bytes, self.table().spelling(ty));
        let what = format!(
            "'_Alignas' cannot lower the alignment: it asks for {bytes}, and '{spelling}' has {}",
            layout.align
        );
        Err(self.invalid(alignas.at, what))
    }
}
