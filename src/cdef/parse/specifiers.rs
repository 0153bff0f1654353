//! Declaration specifiers (C11 6.7 §1): storage, qualifiers and the base type.

use super::attribute::Attributes;
use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::predefined::{self, Predefined};
use crate::cdef::{CdefErrorKind, CdefOptions, Declaration, Declarations, Typedef};
use crate::ctype::{CType, Deferred, DeferredKind, Primitive, RecordKind, TypeId};

/// What stands before the declarators.
pub(super) struct Specifiers {
    pub(super) ty: TypeId,
    /// Whether the base type is `const`.
    pub(super) constant: bool,
    pub(super) storage: Storage,
    pub(super) attributes: Attributes,
    /// Whether a `struct`, `union` or `enum` specifier is among them.
    pub(super) has_tag: bool,
}

/// The storage-class specifier, as far as it matters for declarations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Storage {
    #[default]
    None,
    Typedef,
    Static,
    Constexpr,
}

/// The arithmetic type that a set of keywords names (C11 6.7.2 §2).
#[derive(Clone, Copy, Debug, Default)]
struct Keywords {
    base: Option<TokenKind>,
    long: u8,
    short: bool,
    signed: bool,
    unsigned: bool,
    complex: bool,
}

impl Parser<'_> {
    /// Reads the specifiers of a declaration.
    pub(super) fn specifiers(&mut self) -> Parsed<Specifiers> {
        let mut found = Specifiers {
            ty: self.table().void(),
            constant: false,
            storage: Storage::None,
            attributes: Attributes::default(),
            has_tag: false,
        };
        let first = self.token();
        let mut ty: Option<TypeId> = None;
        let mut keywords: Option<Keywords> = None;
        let mut atomic = false;
        loop {
            let token = self.token();
            match token.kind {
                TokenKind::Typedef => found.storage = Storage::Typedef,
                TokenKind::Static => found.storage = Storage::Static,
                TokenKind::Constexpr => found.storage = Storage::Constexpr,
                TokenKind::Extern
                | TokenKind::Inline
                | TokenKind::Noreturn
                | TokenKind::Register
                | TokenKind::Auto
                | TokenKind::ThreadLocal
                | TokenKind::Volatile
                | TokenKind::Restrict
                | TokenKind::IgnoredQualifier
                | TokenKind::Extension => {}
                TokenKind::Const => found.constant = true,
                TokenKind::Atomic if self.peek_at(1) == TokenKind::ParenOpen => {
                    self.one_type(ty, keywords)?;
                    ty = Some(self.atomic_specifier()?);
                    continue;
                }
                TokenKind::Atomic => atomic = true,
                TokenKind::Void if ty.is_none() && keywords.is_none() => {
                    ty = Some(self.table().void())
                }
                TokenKind::Struct | TokenKind::Union | TokenKind::Enum => {
                    self.one_type(ty, keywords)?;
                    ty = Some(self.tag_specifier(found.storage == Storage::Typedef)?);
                    found.has_tag = true;
                    continue;
                }
                TokenKind::Typeof => {
                    self.one_type(ty, keywords)?;
                    ty = Some(self.typeof_specifier()?);
                    continue;
                }
                TokenKind::Identifier if ty.is_none() && keywords.is_none() => {
                    let Some(named) = self.type_named(token)? else {
                        break;
                    };
                    ty = Some(named.ty);
                    found.constant |= named.constant;
                }
                TokenKind::Ellipsis if found.storage == Storage::Typedef && ty.is_none() => {
                    return self.deferred_typedef(found, keywords);
                }
                TokenKind::BitInt => {
                    return Err(self.fail_at(token, CdefErrorKind::Unsupported("'_BitInt'".into())));
                }
                _ if self.attribute_specifier(&mut found.attributes)? => continue,
                _ => {
                    let so_far = keywords.unwrap_or_default();
                    match so_far.with(token.kind) {
                        Some(more) => {
                            if ty.is_some() {
                                return Err(self.expected("a name"));
                            }
                            keywords = Some(more);
                        }
                        None if Keywords::default().with(token.kind).is_some() => {
                            return Err(self.invalid(
                                token,
                                format!(
                                    "'{}' does not fit the type before it",
                                    self.text_of(token)
                                ),
                            ));
                        }
                        None => break,
                    }
                }
            }
            self.bump();
        }
        found.ty = match (ty, keywords) {
            (Some(ty), _) => ty,
            (None, Some(keywords)) => match keywords.primitive() {
                Some(primitive) => self.table().primitive(primitive),
                None => return Err(self.invalid(first, "these keywords do not make a type")),
            },
            (None, None) => return Err(self.no_type()),
        };
        found.ty = self.modified(found.ty, &found.attributes, first)?;
        if atomic {
            found.ty = self.atomic(found.ty, first)?;
        }
        Ok(found)
    }

    /// A second type after a first one is an error.
    fn one_type(&self, ty: Option<TypeId>, keywords: Option<Keywords>) -> Parsed<()> {
        if ty.is_some() || keywords.is_some() {
            Err(self.expected("a name"))
        } else {
            Ok(())
        }
    }

    fn no_type(&self) -> Box<super::Failure> {
        let token = self.token();
        match token.kind {
            TokenKind::Identifier => self.fail_at(
                token,
                CdefErrorKind::UnknownType(self.text_of(token).into()),
            ),
            _ => self.expected("a type"),
        }
    }

    /// The type that an identifier names, if it names one.
    pub(super) fn type_named(&mut self, token: Token) -> Parsed<Option<Typedef>> {
        let name = self.text_of(token);
        match self.draft.name(name) {
            Some(Declaration::Typedef(typedef)) => return Ok(Some(*typedef)),
            Some(_) => return Ok(None),
            None => {}
        }
        let table = self.table();
        let plain = |ty| {
            Ok(Some(Typedef {
                ty,
                constant: false,
            }))
        };
        let windows_names = self.options.windows_names;
        match predefined::find(name, table.model(), windows_names) {
            None => Ok(None),
            Some(Predefined::Primitive(primitive)) => plain(table.primitive(primitive)),
            Some(Predefined::Opaque) => plain(self.opaque(name)),
            Some(Predefined::VaList) => plain(self.va_list()),
            Some(Predefined::Text(text)) => plain(self.nested(|p| p.predefined_type(token, text))?),
        }
    }

    /// A structure that has no members here and is the same for all declarations of the table.
    fn opaque(&mut self, name: &str) -> TypeId {
        let table = self.table();
        table.shared(name, || {
            let record = table.record(table.new_record(RecordKind::Struct, &format!("${name}")));
            table.name_by_typedef(record.type_id(), name);
            record.type_id()
        })
    }

    fn va_list(&self) -> TypeId {
        const NAME: &str = "__builtin_va_list";
        let table = self.table();
        table.shared(NAME, || {
            let mut declarations = Declarations::new(self.draft.base.types().clone());
            let parsed =
                declarations.parse(predefined::va_list(table.model()), &CdefOptions::default());
            debug_assert!(parsed.is_ok());
            declarations
                .typedef(NAME)
                .unwrap_or(table.pointer(table.void()))
        })
    }

    /// A predefined name that is spelled in terms of others.
    fn predefined_type(&mut self, at: Token, text: &str) -> Parsed<TypeId> {
        let windows_names = self.options.windows_names;
        if windows_names {
            self.draft.note_windows_names();
        }
        super::type_name(self.draft.base, text, windows_names)
            .map_err(|_| self.fail_at(at, CdefErrorKind::UnknownType(self.text_of(at).into())))
    }

    /// Whether the next token begins a type name or a declaration.
    pub(super) fn starts_type(&mut self) -> Parsed<bool> {
        self.starts_type_at(0)
    }

    /// Whether the token after `ahead` others begins a type name or a declaration.
    pub(super) fn starts_type_at(&mut self, ahead: usize) -> Parsed<bool> {
        let kind = self.peek_at(ahead);
        Ok(match kind {
            TokenKind::Identifier => {
                let token = self.tokens[self.at + ahead];
                self.type_named(token)?.is_some()
            }
            TokenKind::Const
            | TokenKind::Volatile
            | TokenKind::Restrict
            | TokenKind::Register
            | TokenKind::Atomic
            | TokenKind::Void
            | TokenKind::Struct
            | TokenKind::Union
            | TokenKind::Enum
            | TokenKind::Typeof
            | TokenKind::Extension
            | TokenKind::BitInt => true,
            _ => Keywords::default().with(kind).is_some(),
        })
    }

    fn atomic_specifier(&mut self) -> Parsed<TypeId> {
        let at = self.bump();
        self.expect(TokenKind::ParenOpen)?;
        let ty = self.nested(Self::type_name)?;
        self.expect(TokenKind::ParenClose)?;
        self.atomic(ty, at)
    }

    /// `_Atomic` aligns scalars and small records to their size, so that the machine's instructions take them.
    pub(super) fn atomic(&self, ty: TypeId, at: Token) -> Parsed<TypeId> {
        let layout = self.check_complete(at, ty)?;
        let lock_free = layout.size.is_power_of_two()
            && layout.size <= 2 * self.table().model().pointer_size.max(8);
        if lock_free && layout.align < layout.size {
            return Ok(self.table().atomic(ty, layout.size as u32));
        }
        Ok(ty)
    }

    fn typeof_specifier(&mut self) -> Parsed<TypeId> {
        self.bump();
        self.expect(TokenKind::ParenOpen)?;
        let ty = self.nested(|p| {
            if p.starts_type()? {
                p.type_name()
            } else {
                p.type_of_expression()
            }
        })?;
        self.expect(TokenKind::ParenClose)?;
        Ok(ty)
    }

    /// cffi's `typedef int... name;`, `typedef ... name;` and `typedef ... *name;`.
    fn deferred_typedef(
        &mut self,
        mut found: Specifiers,
        keywords: Option<Keywords>,
    ) -> Parsed<Specifiers> {
        self.bump();
        let pointer = self.peek() == TokenKind::Star;
        let name = self.tokens[self.at..]
            .iter()
            .find(|token| token.kind != TokenKind::Star);
        let name = match name {
            Some(token) if token.kind == TokenKind::Identifier => self.text_of(*token),
            _ => return Err(self.expected("a name")),
        };
        let table = self.table();
        found.ty = match keywords.map(|keywords| keywords.primitive()) {
            None => {
                let tag = if pointer {
                    format!("$${name}")
                } else {
                    format!("${name}")
                };
                found.has_tag = true;
                table
                    .record(table.new_record(RecordKind::Struct, &tag))
                    .type_id()
            }
            Some(Some(primitive)) if !pointer => {
                let kind = if primitive.is_integer() {
                    DeferredKind::Integer
                } else {
                    DeferredKind::Float
                };
                table.new_deferred(Deferred {
                    name: name.into(),
                    kind,
                })
            }
            Some(_) => return Err(self.expected("a name")),
        };
        Ok(found)
    }

    /// The type as a number, if it is one.
    pub(super) fn arithmetic_type(&self, ty: TypeId) -> Option<Primitive> {
        use crate::ctype::TypeSource;
        match self.table().get(self.table().plain(ty)) {
            CType::Primitive(primitive) => Some(primitive),
            CType::Enum(id) => self.draft.enum_body(id).map(|body| body.underlying),
            _ => None,
        }
    }
}

impl Keywords {
    /// With one keyword more, if that may follow those so far.
    fn with(self, keyword: TokenKind) -> Option<Keywords> {
        use TokenKind::*;
        let no_length = !self.short && self.long == 0;
        let no_sign = !self.signed && !self.unsigned;
        let can_be_integer = matches!(self.base, None | Some(Int));
        Some(match keyword {
            Int if self.base.is_none() => Keywords {
                base: Some(Int),
                ..self
            },
            Char | Int128 | Int8 | Int16 | Int32 | Int64 if self.base.is_none() && no_length => {
                Keywords {
                    base: Some(keyword),
                    ..self
                }
            }
            Double if self.base.is_none() && !self.short && self.long < 2 && no_sign => Keywords {
                base: Some(Double),
                ..self
            },
            Bool | Float | Float16 | Float32 | Float64 | Float128 | Float32x | Float64x
                if self.base.is_none() && no_length && no_sign =>
            {
                Keywords {
                    base: Some(keyword),
                    ..self
                }
            }
            Short if can_be_integer && no_length => Keywords {
                short: true,
                ..self
            },
            Long if can_be_integer && self.long < 2 && !self.short => Keywords {
                long: self.long + 1,
                ..self
            },
            Long if self.base == Some(Double) && self.long == 0 => Keywords { long: 1, ..self },
            Signed if no_sign && self.takes_sign() => Keywords {
                signed: true,
                ..self
            },
            Unsigned if no_sign && self.takes_sign() => Keywords {
                unsigned: true,
                ..self
            },
            Complex if !self.complex => Keywords {
                complex: true,
                ..self
            },
            _ => return None,
        })
    }

    fn takes_sign(self) -> bool {
        use TokenKind::*;
        matches!(
            self.base,
            None | Some(Int | Char | Int128 | Int8 | Int16 | Int32 | Int64)
        )
    }

    fn primitive(self) -> Option<Primitive> {
        use TokenKind::{
            Bool, Char, Double, Float, Float16, Float32, Float32x, Float64, Float64x, Float128,
        };
        use TokenKind::{Int8, Int16, Int32, Int64, Int128};
        if self.complex {
            return match (self.base, self.long) {
                (Some(Float), _) => Some(Primitive::FloatComplex),
                // gcc takes a bare `_Complex` for a `double` one.
                (Some(Double) | None, 0) if !self.signed && !self.unsigned => {
                    Some(Primitive::DoubleComplex)
                }
                (Some(Double), 1) => Some(Primitive::LongDoubleComplex),
                (Some(Float16), _) => Some(Primitive::Float16Complex),
                (Some(Float32), _) => Some(Primitive::Float32Complex),
                (Some(Float64), _) => Some(Primitive::Float64Complex),
                (Some(Float128), _) => Some(Primitive::Float128Complex),
                _ => None,
            };
        }
        let sign = |signed, unsigned| Some(if self.unsigned { unsigned } else { signed });
        match self.base {
            Some(Bool) => Some(Primitive::Bool),
            Some(Char) if self.signed => Some(Primitive::SignedChar),
            Some(Char) => sign(Primitive::Char, Primitive::UnsignedChar),
            Some(Int8) => sign(Primitive::SignedChar, Primitive::UnsignedChar),
            Some(Int16) => sign(Primitive::Short, Primitive::UnsignedShort),
            Some(Int32) => sign(Primitive::Int, Primitive::UnsignedInt),
            Some(Int64) => sign(Primitive::LongLong, Primitive::UnsignedLongLong),
            Some(Int128) => sign(Primitive::Int128, Primitive::UnsignedInt128),
            Some(Float) => Some(Primitive::Float),
            Some(Double) if self.long == 1 => Some(Primitive::LongDouble),
            Some(Double) => Some(Primitive::Double),
            Some(Float16) => Some(Primitive::Float16),
            Some(Float32) => Some(Primitive::Float32),
            Some(Float64) => Some(Primitive::Float64),
            Some(Float128) => Some(Primitive::Float128),
            Some(Float32x) => Some(Primitive::Float32x),
            Some(Float64x) => Some(Primitive::Float64x),
            _ if self.short => sign(Primitive::Short, Primitive::UnsignedShort),
            _ if self.long == 1 => sign(Primitive::Long, Primitive::UnsignedLong),
            _ if self.long == 2 => sign(Primitive::LongLong, Primitive::UnsignedLongLong),
            _ => sign(Primitive::Int, Primitive::UnsignedInt),
        }
    }
}
