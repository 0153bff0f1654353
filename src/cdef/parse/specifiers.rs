//! Declaration specifiers (C11 6.7 §1): storage, qualifiers and the base type.

use super::attribute::Attributes;
use super::keywords::Keywords;
use super::{Parsed, Parser};
use crate::cdef::CdefErrorKind;
use crate::cdef::lex::{Token, TokenKind};
use crate::ctype::{CType, Deferred, DeferredKind, Primitive, RecordKind, TypeId};
use crate::layout::{Layout, RecordRules};

/// What stands before the declarators.
pub(super) struct Specifiers {
    pub(super) ty: TypeId,
    /// Whether the base type is `const`.
    pub(super) constant: bool,
    pub(super) storage: Storage,
    /// Whether a qualifier is among them.
    pub(super) qualified: bool,
    /// The keyword of any storage class.
    pub(super) storage_class: Option<Token>,
    pub(super) inline: bool,
    pub(super) attributes: Attributes,
    /// Whether a `struct`, `union` or `enum` specifier is among them.
    pub(super) has_tag: bool,
    /// Whether a typedef of it gives it a name, as cffi's spelling has it: the first declarator alone does, and an enumeration
    /// gets one where its constants stand.
    pub(super) takes_name: bool,
    pub(super) atomic: bool,
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

impl Parser<'_> {
    /// Reads the specifiers of a declaration.
    pub(super) fn specifiers(&mut self) -> Parsed<Specifiers> {
        let mut found = Specifiers {
            ty: self.table().void(),
            constant: false,
            qualified: false,
            storage: Storage::None,
            storage_class: None,
            inline: false,
            attributes: Attributes::default(),
            has_tag: false,
            takes_name: false,
            atomic: false,
        };
        let first = self.token();
        let mut ty: Option<TypeId> = None;
        let mut keywords: Option<Keywords> = None;
        let mut last_keyword = first;
        let mut declspecs = Attributes::default();
        let mut restrict = None;
        loop {
            let token = self.token();
            match token.kind {
                TokenKind::Typedef
                | TokenKind::Static
                | TokenKind::Constexpr
                | TokenKind::Extern
                | TokenKind::Register
                | TokenKind::Auto => self.storage_class(&mut found)?,
                TokenKind::Noreturn
                | TokenKind::ThreadLocal
                | TokenKind::IgnoredQualifier
                | TokenKind::Extension => {}
                TokenKind::Inline => found.inline = true,
                TokenKind::Volatile => found.qualified = true,
                TokenKind::Restrict => restrict = Some(token),
                TokenKind::Const => (found.constant, found.qualified) = (true, true),
                TokenKind::Alignas => {
                    self.alignas(&mut found.attributes)?;
                    continue;
                }
                TokenKind::Atomic if self.peek_at(1) == TokenKind::ParenOpen => {
                    self.one_type(ty, keywords)?;
                    ty = Some(self.atomic_specifier()?);
                    found.atomic = true;
                    continue;
                }
                TokenKind::Atomic => found.atomic = true,
                TokenKind::Void if ty.is_none() && keywords.is_none() => {
                    ty = Some(self.table().void())
                }
                TokenKind::Struct | TokenKind::Union | TokenKind::Enum => {
                    self.one_type(ty, keywords)?;
                    let (in_typedef, from) = (found.storage == Storage::Typedef, self.at);
                    ty = Some(self.tag_specifier(in_typedef, &mut declspecs)?);
                    found.has_tag = true;
                    found.takes_name = token.kind != TokenKind::Enum || self.has_brace(from);
                    continue;
                }
                TokenKind::Typeof => {
                    self.one_type(ty, keywords)?;
                    // It takes as much stack as two levels of other things.
                    ty = Some(self.nested(Self::typeof_specifier)?);
                    continue;
                }
                TokenKind::Identifier if self.is_complex_macro(0) => {
                    keywords = self.more_keywords(ty, keywords)?;
                    last_keyword = token;
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
                TokenKind::Declspec if self.at_declspec() => {
                    self.attribute_specifier(&mut declspecs)?;
                    continue;
                }
                _ if self.attribute_specifier(&mut found.attributes)? => continue,
                _ => match self.more_keywords(ty, keywords)? {
                    Some(more) => {
                        keywords = Some(more);
                        last_keyword = token;
                    }
                    None => break,
                },
            }
            self.bump();
        }
        found.ty = match (ty, keywords) {
            (Some(ty), _) => ty,
            (None, Some(keywords)) => self.keywords_type(keywords, first, last_keyword)?,
            (None, None) => return Err(self.no_type()),
        };
        if let Some(restrict) = restrict {
            self.check_restrict(restrict, found.ty)?;
        }
        found.attributes.merge(&declspecs);
        found.ty = self.modified(found.ty, &found.attributes, first)?;
        if found.atomic {
            found.ty = self.atomic(found.ty, first)?;
        }
        Ok(found)
    }

    /// Whether a brace stands between a token and the next one.
    fn has_brace(&self, from: usize) -> bool {
        let read = self.tokens.get(from..self.at).unwrap_or_default();
        read.iter().any(|token| token.kind == TokenKind::BraceOpen)
    }

    /// The keywords with the next one, if it is one that names an arithmetic type.
    #[inline(never)]
    fn more_keywords(
        &self,
        ty: Option<TypeId>,
        so_far: Option<Keywords>,
    ) -> Parsed<Option<Keywords>> {
        let token = self.token();
        let kind = match token.kind {
            TokenKind::Identifier if self.is_complex_macro(0) => TokenKind::Complex,
            kind => kind,
        };
        let more = so_far.unwrap_or_default().with(kind);
        if more.is_some() && ty.is_some() {
            return Err(self.no_name());
        }
        if more.is_none() && Keywords::default().with(kind).is_some() {
            let what = format!("'{}' does not fit the type before it", self.text_of(token));
            return Err(self.invalid(token, what));
        }
        Ok(more)
    }

    #[inline(never)]
    fn keywords_type(&self, keywords: Keywords, first: Token, last: Token) -> Parsed<TypeId> {
        match keywords.primitive() {
            Some(primitive) => {
                self.check_available(last, primitive, primitive.spelling())?;
                Ok(self.table().primitive(primitive))
            }
            None if keywords.are_complex_integer() => {
                let what = CdefErrorKind::Unsupported("'_Complex' of an integer type".into());
                Err(self.fail_at(first, what))
            }
            None => Err(self.invalid(first, "these keywords do not make a type")),
        }
    }

    /// Notes the storage class that is next: there may be one (C11 6.7.1 §2), and `constexpr` beside it (C23 6.7.2).
    #[inline(never)]
    fn storage_class(&self, found: &mut Specifiers) -> Parsed<()> {
        let token = self.token();
        let beside = |first: Token| {
            (first.kind == TokenKind::Constexpr) != (token.kind == TokenKind::Constexpr)
        };
        if let Some(first) = found.storage_class.filter(|&first| !beside(first)) {
            let (first, second) = (self.text_of(first), self.text_of(token));
            return Err(self.invalid(token, format!("'{second}' cannot follow '{first}'")));
        }
        found.storage_class = Some(token);
        found.storage = match token.kind {
            _ if found.storage == Storage::Constexpr => Storage::Constexpr,
            TokenKind::Typedef => Storage::Typedef,
            TokenKind::Static => Storage::Static,
            TokenKind::Constexpr => Storage::Constexpr,
            _ => Storage::None,
        };
        Ok(())
    }

    /// Only a pointer to an object, or an array of such, can be `restrict` (C11 6.7.3 §2).
    #[inline(never)]
    fn check_restrict(&self, at: Token, mut ty: TypeId) -> Parsed<()> {
        let table = self.table();
        while let CType::Array { element, .. } = table.get(table.plain(ty)) {
            ty = element;
        }
        match table.get(table.plain(ty)) {
            CType::Pointer(target) if !matches!(table.get(target), CType::Function(_)) => Ok(()),
            _ => Err(self.invalid(at, "'restrict' is for pointers to objects")),
        }
    }

    /// A second type after a first one is an error.
    fn one_type(&self, ty: Option<TypeId>, keywords: Option<Keywords>) -> Parsed<()> {
        if ty.is_some() || keywords.is_some() {
            Err(self.no_name())
        } else {
            Ok(())
        }
    }

    fn no_type(&self) -> Box<super::Failure> {
        let token = self.token();
        match token.kind {
            TokenKind::Identifier => {
                let name = self.text_of(token);
                let kind = match name {
                    "_Decimal32" | "_Decimal64" | "_Decimal128" | "__auto_type" | "__bf16" => {
                        CdefErrorKind::Unsupported(format!("'{name}'"))
                    }
                    _ => CdefErrorKind::UnknownType(name.into()),
                };
                self.fail_at(token, kind)
            }
            _ => self.expected("a type"),
        }
    }

    /// Whether the next token begins a type name or a declaration.
    pub(super) fn starts_type(&mut self) -> Parsed<bool> {
        self.starts_type_at(0)
    }

    /// Whether the token after `ahead` others begins a type name or a declaration.
    pub(super) fn starts_type_at(&mut self, ahead: usize) -> Parsed<bool> {
        let kind = self.peek_at(ahead);
        Ok(match kind {
            TokenKind::Identifier if self.is_complex_macro(ahead) => true,
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
        let what = match self.table().get(self.table().plain(ty)) {
            CType::Array { .. } => Some("an array"),
            CType::Function(_) => Some("a function"),
            _ => None,
        };
        if let Some(what) = what {
            return Err(self.invalid(at, format!("'_Atomic' does not take {what}")));
        }
        let layout = self.check_complete(at, ty)?;
        if self.table().model().rules == RecordRules::Msvc {
            return Ok(self.microsoft_atomic(ty, layout));
        }
        let lock_free = layout.size.is_power_of_two() && layout.size <= 16;
        // On i386 gcc lowers the alignment of members that are records, but not of atomic ones.
        let record = matches!(self.table().get(ty), CType::Record(_));
        if lock_free && (layout.align < layout.size || record) {
            return Ok(self
                .table()
                .atomic(ty, layout.align.max(layout.size) as u32));
        }
        Ok(ty)
    }

    /// To clang for Windows an atomic type is none that asks for an alignment, whatever is inside. It makes sizes powers of two,
    /// and knows no instructions for 16 bytes on 32-bit x86.
    fn microsoft_atomic(&self, ty: TypeId, layout: Layout) -> TypeId {
        let table = self.table();
        let size = layout.size.next_power_of_two();
        let lock_free = size <= 2 * table.model().pointer_size;
        let align = if lock_free { size } else { layout.align };
        match table.get(ty) {
            CType::Record(_) | CType::Aligned { .. } => table.atomic(ty, align as u32),
            _ if align != layout.align => table.atomic(ty, align as u32),
            _ => ty,
        }
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
    #[inline(never)]
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
                (found.has_tag, found.takes_name) = (true, true);
                let id = self.draft.new_record(RecordKind::Struct, &tag);
                let ty = table.record(id).type_id();
                if !pointer {
                    self.draft.name_at_once(ty, name);
                }
                self.draft.mark_partial(id, [].into());
                ty
            }
            Some(Some(primitive)) if !pointer => {
                let kind = if primitive.is_integer() {
                    DeferredKind::Integer
                } else {
                    DeferredKind::Float
                };
                self.draft.new_deferred(Deferred {
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
