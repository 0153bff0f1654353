//! Structures and unions (C11 6.7.2.1).

use super::attribute::Attributes;
use super::body::Members;
use super::declarator::Declarator;
use super::specifiers::Specifiers;
use super::{Failure, Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::{CdefErrorKind, Tag};
use crate::ctype::{CType, RecordId, RecordKind, TypeId, TypeSource};
use crate::layout::RecordRules;

impl<'a> Parser<'a> {
    /// Reads a `struct`, `union` or `enum` specifier. The alignment that a `__declspec` before it asks for becomes that of
    /// the record it defines, and no declarator's (Microsoft's documentation of `align`, by its examples).
    pub(super) fn tag_specifier(
        &mut self,
        in_typedef: bool,
        declspecs: &mut Attributes,
    ) -> Parsed<TypeId> {
        let kind = match self.peek() {
            TokenKind::Struct => RecordKind::Struct,
            TokenKind::Union => RecordKind::Union,
            _ => return self.nested(|p| p.enum_specifier(in_typedef)),
        };
        self.bump();
        let mut attributes = self.attributes()?;
        let tag = (self.peek() == TokenKind::Identifier).then(|| self.bump());
        let id = if self.peek() == TokenKind::BraceOpen {
            let id = self.record_to_define(kind, tag, in_typedef)?;
            attributes.merge(&declspecs.take_alignment());
            let outer = std::mem::replace(&mut self.in_parameters, false);
            self.draft
                .begin_body(Tag::Record(id), tag.unwrap_or(self.token()).start);
            let body = self.nested(|p| p.record_body(id, &mut attributes));
            self.draft.end_body(Tag::Record(id));
            self.in_parameters = outer;
            if let Err(failure) = body {
                self.failed_types.insert(self.table().record(id).spelling());
                return Err(failure);
            }
            id
        } else {
            let Some(tag) = tag else {
                return Err(self.expected("'{'"));
            };
            self.record_mentioned(kind, tag)?
        };
        Ok(self.table().record(id).type_id())
    }

    /// The record that a tag without braces stands for. Only a definition hides a predefined one.
    fn record_mentioned(&mut self, kind: RecordKind, tag: Token) -> Parsed<RecordId> {
        let name = self.text_of(tag);
        if self.draft.tag(kind.keyword(), name).is_none()
            && let Some(id) = self.predefined_tag(kind, name)
        {
            return Ok(id);
        }
        self.record_named(kind, tag)
    }

    fn record_named(&mut self, kind: RecordKind, tag: Token) -> Parsed<RecordId> {
        let name = self.text_of(tag);
        match self.draft.tag(kind.keyword(), name) {
            Some(Tag::Record(id)) if self.table().record(id).kind == kind => Ok(id),
            Some(Tag::Record(id)) => {
                let other = self.table().record(id).kind.keyword();
                self.record_beside(kind, tag, other)
            }
            Some(Tag::Enum(_)) => self.record_beside(kind, tag, "enum"),
            None => match self.posix_structure(kind, name) {
                Some(id) => Ok(id),
                None => Ok(self.new_record(kind, name)),
            },
        }
    }

    /// The record of a tag that stands for something else as well, which only [`CdefOptions::cffi`](crate::cdef::CdefOptions)
    /// allows. It is known by its keyword and tag.
    fn record_beside(&mut self, kind: RecordKind, tag: Token, other: &str) -> Parsed<RecordId> {
        let key = format!("{} {}", kind.keyword(), self.text_of(tag));
        match self.draft.tag(kind.keyword(), &key) {
            Some(Tag::Record(id)) => Ok(id),
            _ if self.options.cffi => {
                let id = self.draft.new_record(kind, self.text_of(tag));
                self.draft.declare_tag(&key, Tag::Record(id));
                Ok(id)
            }
            _ => Err(self.other_tag(tag, other)),
        }
    }

    fn new_record(&mut self, kind: RecordKind, tag: &str) -> RecordId {
        let id = self.draft.new_record(kind, tag);
        self.draft.declare_tag(tag, Tag::Record(id));
        id
    }

    /// The failure that a tag was declared with another keyword (C11 6.7.2.3 §3).
    pub(super) fn other_tag(&self, tag: Token, keyword: &str) -> Box<Failure> {
        let name = self.text_of(tag);
        self.fail_at(
            tag,
            CdefErrorKind::Redeclared {
                name: name.into(),
                before: format!("'{keyword} {name}'"),
            },
        )
    }

    fn new_untagged_record(&mut self, kind: RecordKind, in_typedef: bool) -> RecordId {
        let (tag, typedef_name) = self.anonymous_tag(in_typedef);
        let id = self.draft.new_record(kind, &tag);
        if let Some(name) = typedef_name {
            let ty = self.table().record(id).type_id();
            self.draft.name_at_once(ty, name);
        }
        id
    }

    fn record_to_define(
        &mut self,
        kind: RecordKind,
        tag: Option<Token>,
        in_typedef: bool,
    ) -> Parsed<RecordId> {
        let Some(tag) = tag else {
            return Ok(self.new_untagged_record(kind, in_typedef));
        };
        let id = self.record_named(kind, tag)?;
        self.refuse_nested(tag, Tag::Record(id))?;
        let defined = self.draft.record_body(id).is_some() || self.draft.record_is_partial(id);
        if defined && (self.options.replace || self.is_posix_structure(id)) {
            return Ok(self.new_record(kind, self.text_of(tag)));
        }
        if defined {
            let name = format!("{} {}", kind.keyword(), self.text_of(tag));
            return Err(self.fail_at(tag, CdefErrorKind::Redefined(name)));
        }
        Ok(id)
    }

    /// Refuses a body inside the braces of the same type's own. gcc refuses it in C11 as well, where the type is not yet
    /// complete (6.7.2.3 §4); taken, the record could contain itself.
    pub(super) fn refuse_nested(&self, at: Token, tag: Tag) -> Parsed<()> {
        if !self.draft.is_in_body(tag) {
            return Ok(());
        }
        let spelling = match tag {
            Tag::Record(id) => self.table().record(id).spelling(),
            Tag::Enum(id) => self.table().enumeration(id).spelling(),
        };
        Err(self.invalid(at, format!("'{spelling}' is defined inside its own braces")))
    }

    /// What stands for a missing tag: `$name` in `typedef struct {...} name`, else the next number, as in cffi. In the
    /// first case the typedef's name comes with it.
    pub(super) fn anonymous_tag(&mut self, in_typedef: bool) -> (String, Option<&'a str>) {
        let ahead = in_typedef.then(|| self.typedef_name_ahead()).flatten();
        match ahead.map(|name| self.text_of(name)) {
            Some(name) => (format!("${name}"), Some(name)),
            None => (self.draft.anonymous_tag(), None),
        }
    }

    /// The name that directly follows the braces that begin here.
    fn typedef_name_ahead(&self) -> Option<Token> {
        let mut depth = 0u32;
        let mut ahead = self.tokens[self.at..].iter();
        for token in ahead.by_ref() {
            match token.kind {
                TokenKind::BraceOpen => depth += 1,
                TokenKind::BraceClose => depth -= 1,
                TokenKind::End => return None,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        let (name, next) = (ahead.next()?, ahead.next()?);
        let plain = name.kind == TokenKind::Identifier
            && matches!(
                next.kind,
                TokenKind::Comma | TokenKind::Semicolon | TokenKind::Attribute
            );
        plain.then_some(*name)
    }

    /// Reads a body, whose levels nest: everything that takes stack is in functions of its own.
    fn record_body(&mut self, id: RecordId, attributes: &mut Attributes) -> Parsed<()> {
        let pack_at_start = self.pack();
        let open = self.bump();
        let mut members = Members::default();
        while self.peek() != TokenKind::BraceClose {
            self.evaluate_defines();
            let start = self.place();
            let read = match self.peek() {
                TokenKind::StaticAssert => self.static_assert(),
                TokenKind::End => return Err(self.unclosed_body(members, open)),
                _ => self.member_declaration(&mut members),
            };
            if let Err(failure) = read {
                // The other members may be wrong for reasons of their own.
                self.recover(start, &failure);
                members.failed = Some(failure);
            }
        }
        // Where a pragma stands between the braces, Microsoft's compiler goes by the packing before, gcc by the one after.
        let pack = match self.table().model().rules {
            RecordRules::Msvc => pack_at_start,
            RecordRules::SysV | RecordRules::Mingw => self.pack(),
        };
        self.bump();
        self.finish_record(id, members, attributes, pack, open)
    }

    #[inline(never)]
    fn unclosed_body(&self, members: Members, open: Token) -> Box<Failure> {
        match members.failed {
            Some(failure) => failure.and_reported(),
            None => self.unclosed(open),
        }
    }

    #[inline(never)]
    fn finish_record(
        &mut self,
        id: RecordId,
        mut members: Members,
        attributes: &mut Attributes,
        pack: Option<u32>,
        open: Token,
    ) -> Parsed<()> {
        attributes.merge(&self.attributes_of_body()?);
        if !members.partial {
            for failure in std::mem::take(&mut members.unfit) {
                self.report(&failure);
                members.failed = Some(failure);
            }
        }
        if let Some(failure) = members.failed {
            return Err(failure.and_reported());
        }
        if members.partial {
            self.draft.mark_partial(id, self.declared_members(&members));
            return Ok(());
        }
        let body = self.lay_out_body(id, members, attributes, pack, open)?;
        self.draft.complete_record(id, body);
        Ok(())
    }

    fn member_declaration(&mut self, members: &mut Members) -> Parsed<()> {
        match self.peek() {
            TokenKind::Semicolon => {
                self.bump();
                return Ok(());
            }
            TokenKind::Ellipsis => return self.partial_end(members),
            _ => {}
        }
        let first = self.token();
        // What follows `auto` may be no type.
        if let TokenKind::Auto | TokenKind::Static | TokenKind::Register = first.kind {
            return Err(self.invalid(first, "a member has no storage class"));
        }
        let specifiers = self.specifiers()?;
        if let Some(class) = specifiers.storage_class {
            return Err(self.invalid(class, "a member has no storage class"));
        }
        if self.eat(TokenKind::Semicolon) {
            return self.anonymous_member(members, &specifiers, first);
        }
        loop {
            self.member(members, &specifiers)?;
            if self.eat(TokenKind::Comma) {
                continue;
            }
            return match self.peek() {
                TokenKind::Semicolon => {
                    self.bump();
                    Ok(())
                }
                // gcc takes a last member without its semicolon.
                TokenKind::BraceClose => Ok(()),
                _ => Err(self.expected("',' or ';'")),
            };
        }
    }

    /// cffi's `...;`
    #[inline(never)]
    fn partial_end(&mut self, members: &mut Members) -> Parsed<()> {
        self.bump();
        members.partial = true;
        if self.peek() != TokenKind::BraceClose {
            self.expect(TokenKind::Semicolon)?;
        }
        Ok(())
    }

    /// `struct {...};` inside a record (C11 6.7.2.1 §13). A tagged record or an enumeration is only declared there, except
    /// that on Windows any record is a member (Microsoft's extension, on by default in mingw's gcc).
    #[inline(never)]
    fn anonymous_member(
        &mut self,
        members: &mut Members,
        specifiers: &Specifiers,
        at: Token,
    ) -> Parsed<()> {
        let table = self.table();
        let anonymous = match table.get(specifiers.ty) {
            CType::Record(id) => {
                let complete = self.draft.record_body(id).is_some();
                self.is_untagged(specifiers, id) || (complete && table.model().is_windows())
            }
            _ => false,
        };
        if anonymous {
            let attributes = specifiers
                .attributes
                .of_anonymous_member(table.model().rules);
            return self.add_member(members, None, specifiers.ty, &attributes, None, at);
        }
        if specifiers.has_tag {
            Ok(())
        } else {
            Err(self.invalid(at, "this member has no name"))
        }
    }

    fn is_untagged(&self, specifiers: &Specifiers, id: RecordId) -> bool {
        specifiers.has_tag && self.table().record(id).tag.starts_with('$')
    }

    fn member(&mut self, members: &mut Members, specifiers: &Specifiers) -> Parsed<()> {
        let at = self.token();
        let declarator = match self.peek() {
            TokenKind::Colon => None,
            _ => Some(self.declarator()?),
        };
        let width = if self.eat(TokenKind::Colon) {
            Some(self.bit_width()?)
        } else {
            None
        };
        let mut attributes = self.declarator_attributes()?;
        if let Some(declarator) = &declarator {
            attributes.merge_own(&declarator.attributes);
        }
        attributes.merge(&specifiers.attributes);
        if width.is_some() {
            self.no_alignas(&attributes, "a bit-field")?;
        }
        let name = declarator
            .as_ref()
            .and_then(|declarator: &Declarator| declarator.name);
        let ty = match &declarator {
            Some(declarator) => {
                self.declared_type(specifiers, declarator, &attributes, name.unwrap_or(at))?
                    .0
            }
            None => specifiers.ty,
        };
        self.add_member(members, name, ty, &attributes, width, name.unwrap_or(at))
    }

    fn bit_width(&mut self) -> Parsed<u32> {
        let at = self.token();
        let width = self.constant_expression()?.value.integer();
        let width = width.and_then(|width| u32::try_from(width).ok());
        width.ok_or_else(|| self.invalid(at, "a bit-field's width must be an integer from 0"))
    }
}
