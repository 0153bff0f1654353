//! Parameter lists (C11 6.7.6.3), and what array lengths in them may name.

use hashbrown::HashSet;

use super::declarator::{Declarator, Derivation, Naming};
use super::specifiers::Specifiers;
use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::ctype::{CType, DeferredKind, TypeId};

impl Parser<'_> {
    /// A parameter list; `()` counts as `(void)`.
    pub(super) fn parameters(&mut self) -> Parsed<Derivation> {
        self.bump();
        if !self.in_parameters
            && let Some(names) = self.old_style_names()?
        {
            return self.old_style_parameters(names);
        }
        self.parameter_scope(Self::parameter_list)
    }

    /// Reads what may name parameters. Those that come into sight here go again at its end.
    pub(super) fn parameter_scope<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        let outer = std::mem::replace(&mut self.in_parameters, true);
        let hidden = std::mem::take(&mut self.hidden_parameters);
        let parsed = parse(self);
        for (name, before) in std::mem::replace(&mut self.hidden_parameters, hidden)
            .into_iter()
            .rev()
        {
            match before {
                Some(ty) => self.parameters.insert(name, ty),
                None => self.parameters.remove(name),
            };
        }
        self.in_parameters = outer;
        parsed
    }

    /// Lets array lengths name a parameter.
    #[inline(never)]
    pub(super) fn bring_into_sight(&mut self, name: Token, ty: TypeId) {
        let name = self.text_of(name);
        let before = self.parameters.insert(name, ty);
        self.hidden_parameters.push((name, before));
    }

    fn parameter_list(&mut self) -> Parsed<Derivation> {
        let mut params = Vec::new();
        let mut names = HashSet::new();
        let mut variadic = false;
        if self.peek() == TokenKind::Void && self.peek_at(1) == TokenKind::ParenClose {
            self.bump();
        }
        while self.peek() != TokenKind::ParenClose {
            if self.peek() == TokenKind::Ellipsis {
                // C23 needs no parameter before it (6.7.7.4).
                self.bump();
                variadic = true;
                break;
            }
            let first = self.token();
            let (ty, name, qualified) = self.parameter()?;
            if ty == self.table().void() {
                // A typedef of `void` may stand for the empty list as well.
                let alone = params.is_empty() && name.is_none();
                if alone && self.peek() == TokenKind::ParenClose {
                    if qualified {
                        return Err(self.invalid(first, "'void' stands alone for no parameters"));
                    }
                    break;
                }
                return Err(self.invalid(first, "a parameter has type void"));
            }
            params.push(ty);
            if let Some(name) = name {
                if !names.insert(self.text_of(name)) && !self.options.cffi {
                    let what = format!("two parameters are named '{}'", self.text_of(name));
                    return Err(self.invalid(name, what));
                }
                self.bring_into_sight(name, ty);
            }
            if !self.eat(TokenKind::Comma) {
                break;
            }
            if self.peek() == TokenKind::ParenClose {
                return Err(self.expected("a parameter"));
            }
        }
        if self.peek() != TokenKind::ParenClose {
            return Err(self.expected("',' or ')'"));
        }
        self.bump();
        Ok(Derivation::Function {
            params,
            variadic,
            convention: None,
        })
    }

    /// A parameter's type and name, and whether something stands with the type's own words.
    fn parameter(&mut self) -> Parsed<(TypeId, Option<Token>, bool)> {
        let specifiers = self.parameter_specifiers()?;
        let declarator = self.declarator_of(Naming::Either)?;
        let ty = self.parameter_type(&specifiers, &declarator)?;
        let qualified = specifiers.qualified || specifiers.storage_class.is_some();
        Ok((ty, declarator.name, qualified))
    }

    pub(super) fn parameter_specifiers(&mut self) -> Parsed<Specifiers> {
        let specifiers = self.specifiers()?;
        let class = specifiers.storage_class;
        if let Some(class) = class.filter(|class| class.kind != TokenKind::Register) {
            return Err(self.invalid(class, "a parameter has no storage class but 'register'"));
        }
        self.no_alignas(&specifiers.attributes, "a parameter")?;
        Ok(specifiers)
    }

    /// The type of a parameter, arrays and functions turned into pointers (C11 6.7.6.3 §7, §8).
    pub(super) fn parameter_type(
        &mut self,
        specifiers: &Specifiers,
        declarator: &Declarator,
    ) -> Parsed<TypeId> {
        let at = declarator.name.unwrap_or(self.token());
        let mut attributes = self.declarator_attributes()?;
        attributes.merge_own(&declarator.attributes);
        let (ty, _) = self.declared_type(specifiers, declarator, &attributes, at)?;
        let table = self.table();
        Ok(match table.get(table.plain(ty)) {
            CType::Array { element, .. } => table.pointer(element),
            CType::Function(_) => table.pointer(ty),
            CType::Deferred(id) => match table.deferred(id).kind {
                DeferredKind::Array { element } => table.pointer(element),
                DeferredKind::Integer | DeferredKind::Float => ty,
            },
            _ => table.plain(ty),
        })
    }
}
