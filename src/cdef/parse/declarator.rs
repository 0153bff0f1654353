//! Declarators (C11 6.7.6), named and abstract, and what type they make of a base type.

use super::attribute::Attributes;
use super::{Parsed, Parser};
use crate::cdef::CdefErrorKind;
use crate::cdef::lex::{Token, TokenKind};
use crate::ctype::{Convention, Primitive, TypeId};
use crate::layout::RecordRules;

/// As many pointers, arrays and parameter lists may stand around one name; C11 5.2.4.1 asks for 12.
const MAX_DERIVATIONS: usize = 100;

/// A name, and what stands around it.
#[derive(Debug)]
pub(super) struct Declarator {
    pub(super) name: Option<Token>,
    /// Read from the name outwards: `*(*f)(int)` is a pointer to a function that returns a pointer.
    pub(super) derivations: Vec<Derivation>,
    /// What attributes around the name asked for: behind the last `*`, or between the name and what follows it. The
    /// alignment among them is Microsoft's, by whose rules clang reads it as that of what is declared.
    pub(super) attributes: Attributes,
}

#[derive(Debug)]
pub(super) enum Derivation {
    Pointer {
        constant: bool,
        /// From behind the `*`: for the function that it points to, or else for one whose result it is.
        convention: Option<Convention>,
    },
    Array(Length),
    /// To gcc `__attribute__((aligned(n)))` behind a `*` or a parenthesis makes another type, as a typedef's does.
    Aligned(u32),
    Function {
        params: Vec<TypeId>,
        variadic: bool,
        convention: Option<Convention>,
    },
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// `[]`
    Open,
    /// A parameter's length that is known only when its function is called.
    Variable,
    Known(u64),
    /// A manual page's `[.count]`, which names a parameter that follows: what is declared is a pointer.
    Described,
    /// cffi's `[...]`.
    Deferred,
}

/// Whether a declarator has a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    Named,
    Abstract,
    /// A parameter's, or a type's that stands alone, may have one.
    Either,
}

impl Declarator {
    /// Whether the declarator is a bare name, so that the declared type is the base type.
    pub(super) fn is_plain(&self) -> bool {
        self.derivations.is_empty()
    }
}

impl Parser<'_> {
    /// Reads a declarator with a name.
    pub(super) fn declarator(&mut self) -> Parsed<Declarator> {
        self.declarator_of(Naming::Named)
    }

    /// Reads a type name (C11 6.7.7).
    pub(super) fn type_name(&mut self) -> Parsed<TypeId> {
        self.type_name_of(Naming::Abstract)
    }

    fn type_name_of(&mut self, naming: Naming) -> Parsed<TypeId> {
        let first = self.token();
        let specifiers = self.specifiers()?;
        if let Some(class) = specifiers.storage_class {
            return Err(self.invalid(class, "a type name has no storage class"));
        }
        self.no_alignas(&specifiers.attributes, "a type name")?;
        let declarator = self.declarator_of(naming)?;
        let attributes = self.declarator_attributes()?;
        Ok(self
            .declared_type(&specifiers, &declarator, &attributes, first)?
            .0)
    }

    /// Reads a type name that is the whole text. As for cffi it may be a declaration's, with a name in it.
    pub(super) fn whole_type_name(&mut self) -> Parsed<TypeId> {
        let ty = self.type_name_of(Naming::Either)?;
        if self.peek() == TokenKind::End {
            Ok(ty)
        } else {
            Err(self.expected("the end of the type"))
        }
    }

    pub(super) fn declarator_of(&mut self, naming: Naming) -> Parsed<Declarator> {
        let mut declarator = Declarator {
            name: None,
            derivations: Vec::new(),
            attributes: Attributes::default(),
        };
        let convention = self.declarator_level(&mut declarator, naming)?;
        if let Some(convention) = convention {
            let nearest =
                declarator
                    .derivations
                    .iter_mut()
                    .find_map(|derivation| match derivation {
                        Derivation::Function { convention, .. } => Some(convention),
                        _ => None,
                    });
            nearest.map(|slot| slot.get_or_insert(convention));
        }
        Ok(declarator)
    }

    /// Reads one level of parentheses. The answer is a calling convention that is for the level around it: in
    /// `int (__stdcall *f)(int)` it stands before the pointer, so it is not `f` that is called by it.
    fn declarator_level(
        &mut self,
        declarator: &mut Declarator,
        naming: Naming,
    ) -> Parsed<Option<Convention>> {
        let mut ahead = Attributes::default();
        while self.attribute_specifier(&mut ahead)? {}
        let mut behind = Attributes::default();
        let pointers = self.pointers(&mut behind)?;
        let (mut outer, mut own) = (ahead.convention.or(behind.convention), None);
        if pointers.is_empty() {
            own = outer.take();
            behind.merge_own(&ahead);
        }
        let mut inner = None;
        match self.peek() {
            TokenKind::ParenOpen if self.is_group(naming)? => {
                self.bump();
                inner = self.nested(|p| p.declarator_level(declarator, naming))?;
                self.expect(TokenKind::ParenClose)?;
            }
            TokenKind::Identifier if naming != Naming::Abstract => {
                declarator.name = Some(self.bump());
                // gcc passes over `packed` there.
                declarator.attributes = Attributes {
                    convention: None,
                    packed: false,
                    aligned: None,
                    last_aligned: None,
                    ..behind.clone()
                };
            }
            _ if naming == Naming::Named => return Err(self.no_name()),
            _ => {}
        }
        let suffix_start = declarator.derivations.len();
        self.suffixes(declarator)?;
        if let Some(Derivation::Function {
            convention: slot, ..
        }) = declarator.derivations.get_mut(suffix_start)
        {
            *slot = inner.take().or_else(|| own.take());
        }
        if self.table().model().rules == RecordRules::Msvc {
            let aligned = &mut declarator.attributes.aligned;
            *aligned = (*aligned).max(ahead.aligned).max(behind.aligned);
        } else {
            let aligned = behind.last_aligned.map(Derivation::Aligned);
            declarator.derivations.extend(aligned);
        }
        declarator.derivations.extend(pointers.into_iter().rev());
        if declarator.derivations.len() > MAX_DERIVATIONS {
            return Err(self.fail_at(self.token(), CdefErrorKind::TooDeep(MAX_DERIVATIONS as u32)));
        }
        Ok(outer.or(own).or(inner))
    }

    pub(super) fn pointers(&mut self, attributes: &mut Attributes) -> Parsed<Vec<Derivation>> {
        let mut pointers = Vec::new();
        loop {
            match self.peek() {
                TokenKind::Star => {
                    if pointers.len() == MAX_DERIVATIONS {
                        return Err(self.fail_at(
                            self.token(),
                            CdefErrorKind::TooDeep(MAX_DERIVATIONS as u32),
                        ));
                    }
                    pointers.push(Derivation::Pointer {
                        constant: false,
                        convention: None,
                    });
                    // What stood ahead of it was for what it points to.
                    *attributes = Attributes {
                        convention: attributes.convention,
                        aligned: attributes.aligned,
                        ..Attributes::default()
                    };
                }
                TokenKind::Const if !pointers.is_empty() => {
                    if let Some(Derivation::Pointer { constant, .. }) = pointers.last_mut() {
                        *constant = true;
                    }
                }
                TokenKind::Volatile | TokenKind::Restrict | TokenKind::Atomic
                    if !pointers.is_empty() => {}
                TokenKind::IgnoredQualifier | TokenKind::Extension => {}
                _ => {
                    let ahead = attributes.convention.take();
                    let found = self.attribute_specifier(attributes)?;
                    if let Some(Derivation::Pointer { convention, .. }) = pointers.last_mut() {
                        *convention = convention.or(attributes.convention.take());
                    }
                    attributes.convention = attributes.convention.or(ahead);
                    if !found {
                        return Ok(pointers);
                    }
                    continue;
                }
            }
            self.bump();
        }
    }

    /// Whether the parenthesis that is next groups a declarator, rather than begin a parameter list (C11 6.7.6.3 §11).
    fn is_group(&mut self, naming: Naming) -> Parsed<bool> {
        if naming == Naming::Named {
            return Ok(true);
        }
        Ok(match self.peek_at(1) {
            TokenKind::ParenClose | TokenKind::Ellipsis => false,
            TokenKind::Identifier if naming == Naming::Abstract => false,
            _ => !self.starts_type_at(1)?,
        })
    }

    fn suffixes(&mut self, declarator: &mut Declarator) -> Parsed<()> {
        loop {
            let derivation = match self.peek() {
                TokenKind::BracketOpen if self.peek_at(1) == TokenKind::BracketOpen => {
                    self.attribute_specifier(&mut declarator.attributes)?;
                    continue;
                }
                TokenKind::BracketOpen => {
                    let outermost = declarator.derivations.is_empty();
                    Derivation::Array(self.nested(|p| p.array_length(outermost))?)
                }
                TokenKind::ParenOpen => self.nested(Self::parameters)?,
                _ => return Ok(()),
            };
            declarator.derivations.push(derivation);
            if declarator.derivations.len() > MAX_DERIVATIONS {
                return Err(
                    self.fail_at(self.token(), CdefErrorKind::TooDeep(MAX_DERIVATIONS as u32))
                );
            }
        }
    }

    /// `[3]`, `[]`, `[...]`, and in parameters `[static 3]`, `[const]`, `[*]`, `[n]`.
    fn array_length(&mut self, outermost: bool) -> Parsed<Length> {
        self.bump();
        let is_qualifier = |kind| {
            use TokenKind::{Const, IgnoredQualifier, Restrict, Static, Volatile};
            matches!(
                kind,
                Static | Const | Volatile | Restrict | IgnoredQualifier
            )
        };
        let mut is_static = false;
        while self.in_parameters && is_qualifier(self.peek()) {
            // C11 6.7.6.2 §1
            if !outermost {
                return Err(self.expected("the length of an array inside a parameter's"));
            }
            is_static |= self.bump().kind == TokenKind::Static;
        }
        let star = self.in_parameters
            && !is_static
            && self.peek() == TokenKind::Star
            && self.peek_at(1) == TokenKind::BracketClose;
        let length = match self.peek() {
            TokenKind::BracketClose if !is_static => Length::Open,
            TokenKind::Ellipsis => {
                self.bump();
                Length::Deferred
            }
            _ if star => {
                self.bump();
                Length::Variable
            }
            _ if self.is_described() => self.described_length()?,
            _ => self.known_length()?,
        };
        self.expect(TokenKind::BracketClose)?;
        Ok(length)
    }

    #[inline(never)]
    fn known_length(&mut self) -> Parsed<Length> {
        let first = self.token();
        let length = self.nested(Self::conditional)?;
        let is_integer = self
            .arithmetic_type(length.ty)
            .is_some_and(Primitive::is_integer);
        match length.value.map(|value| value.integer().map(u64::try_from)) {
            Some(Some(Ok(length))) => Ok(Length::Known(length)),
            // A parameter's length may be another parameter (C11 6.7.6.2 §4): it is only known when called.
            None if is_integer && self.in_parameters => Ok(Length::Variable),
            None if is_integer => Err(self.no_value(first)),
            Some(Some(Err(_))) => {
                Err(self.invalid(first, "an array's length must be from 0 to 2^64 - 1"))
            }
            Some(None) | None => Err(self.invalid(first, "an array's length must be an integer")),
        }
    }
}
