//! Function definitions as before ANSI C: `int f(a, b) int a; char *b; {...}` (C11 6.9.1 §6).

use hashbrown::HashMap;

use super::declarator::Derivation;
use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::ctype::{CType, Primitive, TypeId};

impl Parser<'_> {
    /// Takes the names of such a definition, if the list whose parenthesis was just read is one: names alone, and
    /// declarations behind it.
    #[inline(never)]
    pub(super) fn old_style_names(&mut self) -> Parsed<Option<Vec<Token>>> {
        let mut names = Vec::new();
        loop {
            let token = self.tokens[(self.at + 2 * names.len()).min(self.tokens.len() - 1)];
            if token.kind != TokenKind::Identifier {
                return Ok(None);
            }
            names.push(token);
            match self.peek_at(2 * names.len() - 1) {
                TokenKind::Comma => {}
                TokenKind::ParenClose if self.starts_type_at(2 * names.len())? => break,
                _ => return Ok(None),
            }
        }
        if self.type_named(names[0])?.is_some() {
            return Ok(None);
        }
        self.at += 2 * names.len();
        Ok(Some(names))
    }

    /// Reads the declarations between the list and the body. One without a declaration is an `int`.
    #[inline(never)]
    pub(super) fn old_style_parameters(&mut self, names: Vec<Token>) -> Parsed<Derivation> {
        let mut types: HashMap<&str, Option<TypeId>> = HashMap::with_capacity(names.len());
        for &name in &names {
            if types.insert(self.text_of(name), None).is_some() {
                let what = format!("two parameters are named '{}'", self.text_of(name));
                return Err(self.invalid(name, what));
            }
        }
        self.parameter_scope(|p| {
            while p.peek() != TokenKind::BraceOpen {
                p.old_style_declaration(&mut types)?;
            }
            Ok(())
        })?;
        let int = self.table().primitive(Primitive::Int);
        let types = names
            .iter()
            .map(|&name| types[self.text_of(name)].unwrap_or(int));
        Ok(Derivation::Function {
            params: types.map(|ty| self.passed_without_prototype(ty)).collect(),
            variadic: false,
            convention: None,
        })
    }

    fn old_style_declaration(&mut self, types: &mut HashMap<&str, Option<TypeId>>) -> Parsed<()> {
        let specifiers = self.parameter_specifiers()?;
        loop {
            let declarator = self.declarator()?;
            let ty = self.parameter_type(&specifiers, &declarator)?;
            let name = declarator.name.unwrap_or(self.token());
            self.bring_into_sight(name, ty);
            match types.get_mut(self.text_of(name)) {
                Some(slot @ None) => *slot = Some(ty),
                Some(Some(_)) => {
                    let what = format!("parameter '{}' is declared twice", self.text_of(name));
                    return Err(self.invalid(name, what));
                }
                None => {
                    let what = format!("'{}' is no parameter of the list", self.text_of(name));
                    return Err(self.invalid(name, what));
                }
            }
            if !self.eat(TokenKind::Comma) {
                return self.expect(TokenKind::Semicolon).map(drop);
            }
        }
    }

    /// Without a prototype, callers pass what the default argument promotions make of an argument (C11 6.5.2.2 §6).
    fn passed_without_prototype(&self, ty: TypeId) -> TypeId {
        let table = self.table();
        match (table.get(ty), self.arithmetic_type(ty)) {
            (_, Some(Primitive::Float)) => table.primitive(Primitive::Double),
            (CType::Primitive(primitive), _)
                if primitive.is_integer() && primitive.layout(table.model()).size < 4 =>
            {
                table.primitive(Primitive::Int)
            }
            _ => ty,
        }
    }
}
