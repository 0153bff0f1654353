//! Structures and unions (C11 6.7.2.1).

use hashbrown::HashMap;

use super::attribute::Attributes;
use super::declarator::Declarator;
use super::specifiers::{Specifiers, Storage};
use super::{Parsed, Parser};
use crate::cdef::lex::{Token, TokenKind};
use crate::cdef::{CdefErrorKind, Tag};
use crate::ctype::{
    CType, DeferredKind, Field, FieldId, Member, Passing, Primitive, RecordBody, RecordId,
    RecordKind, TypeId, TypeSource,
};
use crate::layout::{LayoutError, MemberSpec, Mode, RecordRules, RecordSpec, lay_out, layout_of};

/// Records may be nested this deep, typedef by typedef, so that code that walks types needs no depth check of its own.
const MAX_RECORD_DEPTH: u32 = 100;

/// A member as it was read.
struct Read {
    name: Option<Token>,
    ty: TypeId,
    spec: MemberSpec,
}

/// What a record's braces held.
#[derive(Default)]
struct Members {
    read: Vec<Read>,
    /// cffi's `...;`, or a member that only a compiler could complete.
    partial: bool,
    flexible: bool,
}

impl<'a> Parser<'a> {
    /// Reads a `struct`, `union` or `enum` specifier.
    pub(super) fn tag_specifier(&mut self, in_typedef: bool) -> Parsed<TypeId> {
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
            self.nested(|p| p.record_body(id, &mut attributes))?;
            id
        } else {
            let Some(tag) = tag else {
                return Err(self.expected("'{'"));
            };
            self.record_named(kind, tag)?
        };
        Ok(self.table().record(id).type_id())
    }

    fn record_named(&mut self, kind: RecordKind, tag: Token) -> Parsed<RecordId> {
        let name = self.text_of(tag);
        match self.draft.tag(name) {
            Some(Tag::Record(id)) if self.table().record(id).kind == kind => Ok(id),
            Some(Tag::Record(id)) => {
                Err(self.other_tag(tag, self.table().record(id).kind.keyword()))
            }
            Some(Tag::Enum(_)) => Err(self.other_tag(tag, "enum")),
            None => Ok(self.new_record(kind, name)),
        }
    }

    fn new_record(&mut self, kind: RecordKind, tag: &str) -> RecordId {
        let id = self.table().new_record(kind, tag);
        self.draft.declare_tag(tag, Tag::Record(id));
        id
    }

    /// The failure that a tag was declared with another keyword (C11 6.7.2.3 §3).
    pub(super) fn other_tag(&self, tag: Token, keyword: &str) -> Box<super::Failure> {
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
        let id = self.table().new_record(kind, &tag);
        if let Some(name) = typedef_name {
            self.table()
                .name_by_typedef(self.table().record(id).type_id(), name);
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
        let defined = self.draft.record_body(id).is_some() || self.draft.record_is_partial(id);
        if defined && self.options.replace {
            return Ok(self.new_record(kind, self.text_of(tag)));
        }
        if defined {
            let name = format!("{} {}", kind.keyword(), self.text_of(tag));
            return Err(self.fail_at(tag, CdefErrorKind::Redefined(name)));
        }
        Ok(id)
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

    fn record_body(&mut self, id: RecordId, attributes: &mut Attributes) -> Parsed<()> {
        let open = self.bump();
        let mut members = Members::default();
        while self.peek() != TokenKind::BraceClose {
            self.evaluate_defines();
            match self.peek() {
                TokenKind::Semicolon => {
                    self.bump();
                }
                TokenKind::StaticAssert => self.static_assert()?,
                TokenKind::Ellipsis => {
                    self.bump();
                    members.partial = true;
                    if self.peek() != TokenKind::BraceClose {
                        self.expect(TokenKind::Semicolon)?;
                    }
                }
                TokenKind::End => return Err(self.expected("'}'")),
                _ => self.member_declaration(&mut members)?,
            }
        }
        let pack = self.pack();
        self.bump();
        attributes.merge(&self.attributes()?);
        if members.partial {
            self.draft.mark_partial(id);
            return Ok(());
        }
        let body = self.lay_out_body(id, members, attributes, pack, open)?;
        self.draft.complete_record(id, body);
        Ok(())
    }

    fn member_declaration(&mut self, members: &mut Members) -> Parsed<()> {
        let first = self.token();
        let specifiers = self.specifiers()?;
        if specifiers.storage != Storage::None {
            return Err(self.invalid(first, "a member has no storage class"));
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

    /// `struct {...};` inside a record (C11 6.7.2.1 §13). A tagged record or an enumeration is only declared there.
    fn anonymous_member(
        &mut self,
        members: &mut Members,
        specifiers: &Specifiers,
        at: Token,
    ) -> Parsed<()> {
        let table = self.table();
        let untagged = match table.get(specifiers.ty) {
            CType::Record(id) => table.record(id).tag.starts_with('$') && specifiers.has_tag,
            _ if specifiers.has_tag => false,
            _ => return Err(self.invalid(at, "this member has no name")),
        };
        if untagged {
            self.add_member(
                members,
                None,
                specifiers.ty,
                &specifiers.attributes,
                None,
                at,
            )?;
        }
        Ok(())
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
        attributes.merge(&specifiers.attributes);
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

    fn add_member(
        &mut self,
        members: &mut Members,
        name: Option<Token>,
        ty: TypeId,
        attributes: &Attributes,
        bit_width: Option<u32>,
        at: Token,
    ) -> Parsed<()> {
        if members.flexible {
            return Err(self.invalid(at, "a member follows an array without a length"));
        }
        let table = self.table();
        let flexible = match table.get(table.plain(ty)) {
            CType::Array {
                element,
                length: None,
            } => Some(element),
            _ => None,
        };
        members.flexible |= flexible.is_some();
        // An array without a length has no elements here, but their alignment.
        let sized = flexible.map_or(ty, |element| table.array(element, Some(0)));
        let layout = match layout_of(&self.draft, sized) {
            Ok(layout) => layout,
            Err(LayoutError::NeedsCompiler(_)) => {
                members.partial = true;
                return Ok(());
            }
            Err(error) => return Err(self.fail_at(at, error.into())),
        };
        if let Some(width) = bit_width {
            self.check_bit_field(name, ty, width, at)?;
        }
        let spec = MemberSpec {
            layout,
            microsoft_align: self.microsoft_align(ty, layout.align),
            aligned: attributes.aligned.map(u64::from),
            packed: attributes.packed,
            user_align: self.user_align(ty),
            eight_byte_record: self
                .innermost_body(ty)
                .is_some_and(|body| body.size == 8 && body.mode == Mode::Integer),
            mode: self.mode(ty, layout.size),
            required_align: self.required_align(ty),
            bit_width,
            named: name.is_some(),
        };
        members.read.push(Read {
            name,
            ty: table.plain(ty),
            spec,
        });
        Ok(())
    }

    /// C11 6.7.2.1 §4, §5; any integer type will do, as for gcc.
    fn check_bit_field(
        &self,
        name: Option<Token>,
        ty: TypeId,
        width: u32,
        at: Token,
    ) -> Parsed<()> {
        let spelling = self.table().spelling(ty);
        let Some(primitive) = self
            .arithmetic_type(ty)
            .filter(|primitive| primitive.is_integer())
        else {
            return Err(self.invalid(at, format!("a bit-field cannot have type '{spelling}'")));
        };
        let bits = match primitive {
            Primitive::Bool => 1,
            _ => 8 * primitive.layout(self.table().model()).size,
        };
        if u64::from(width) > bits {
            return Err(self.invalid(at, format!("{width} bits do not fit '{spelling}'")));
        }
        if width == 0 && name.is_some() {
            return Err(self.invalid(at, "a bit-field of no bits cannot have a name"));
        }
        Ok(())
    }

    fn lay_out_body(
        &mut self,
        id: RecordId,
        members: Members,
        attributes: &Attributes,
        pack: Option<u32>,
        open: Token,
    ) -> Parsed<RecordBody> {
        let table = self.table();
        let record = table.record(id);
        let spec = RecordSpec {
            kind: record.kind,
            packed: attributes.packed,
            aligned: attributes.aligned.map(u64::from),
            pack: pack.map(u64::from),
            bit_fields: attributes.bit_fields,
            members: members.read.iter().map(|member| member.spec).collect(),
        };
        let laid_out = lay_out(table.model(), &spec);
        let too_large = || self.fail_at(open, LayoutError::TooLarge(record.spelling()).into());
        let laid_out = laid_out.ok_or_else(too_large)?;
        let places = members.read.iter().zip(&laid_out.places);
        let fields: Box<[Field]> = places
            .map(|(member, place)| Field {
                name: member.name.map(|name| self.text_of(name).into()),
                ty: member.ty,
                offset: place.offset,
                bits: place.bits,
            })
            .collect();
        let depth = 1 + fields
            .iter()
            .map(|field| self.record_depth(field.ty))
            .max()
            .unwrap_or(0);
        if depth > MAX_RECORD_DEPTH {
            return Err(self.fail_at(open, CdefErrorKind::TooDeep(MAX_RECORD_DEPTH)));
        }
        Ok(RecordBody {
            members: self.members_by_name(id, &members.read, &fields)?,
            fields,
            size: laid_out.size,
            align: laid_out.align,
            natural_align: laid_out.natural_align,
            required_align: laid_out.required_align,
            user_align: laid_out.user_align,
            mode: laid_out.mode,
            flexible: members.flexible,
            passing: if attributes.transparent_union {
                Passing::AsFirstMember
            } else {
                Passing::ByMembers
            },
            depth,
        })
    }

    fn members_by_name(
        &self,
        id: RecordId,
        read: &[Read],
        fields: &[Field],
    ) -> Parsed<HashMap<Box<str>, Member>> {
        let mut members = HashMap::with_capacity(fields.len());
        let mut add = |name: &str, member: Member, at: Option<Token>| {
            if members.insert(Box::from(name), member).is_none() {
                return Ok(());
            }
            let record = self.table().record(id).spelling();
            let kind = CdefErrorKind::DuplicateMember {
                record,
                member: name.into(),
            };
            Err(self.fail_at(at.unwrap_or(self.token()), kind))
        };
        for (i, field) in fields.iter().enumerate() {
            let own = FieldId(i as u32);
            let place = Member {
                field: own,
                ty: field.ty,
                offset: field.offset,
                bits: field.bits,
            };
            match (&field.name, self.table().get(field.ty)) {
                (Some(name), _) => add(name, place, read[i].name)?,
                (None, CType::Record(inner)) => {
                    let body = self.draft.record_body(inner);
                    for (name, member) in body.iter().flat_map(|body| &body.members) {
                        add(
                            name,
                            Member {
                                field: own,
                                offset: field.offset + member.offset,
                                ..*member
                            },
                            None,
                        )?;
                    }
                }
                (None, _) => {}
            }
        }
        Ok(members)
    }

    fn record_depth(&self, ty: TypeId) -> u32 {
        self.innermost_body(ty).map_or(0, |body| body.depth)
    }

    /// The alignment that Microsoft's rules start from. Its own compiler does not count a typedef's; gcc counts 8-byte
    /// scalars as the processor does, where the i386 psABI aligns them to 4 bytes in records.
    fn microsoft_align(&self, ty: TypeId, align: u64) -> u64 {
        let table = self.table();
        let model = table.model();
        if model.rules == RecordRules::Msvc {
            return layout_of(&self.draft, table.plain(ty)).map_or(align, |layout| layout.align);
        }
        let mut inner = ty;
        while let CType::Array { element, .. } = table.get(inner) {
            inner = element;
        }
        match table.get(inner) {
            CType::Primitive(primitive) => {
                let part = primitive.component().unwrap_or(primitive).layout(model);
                if part.size == 8 { 8 } else { align }
            }
            CType::Enum(_)
                if layout_of(&self.draft, inner).is_ok_and(|layout| layout.size == 8) =>
            {
                8
            }
            _ => align,
        }
    }

    /// Whether an attribute took part in a type's alignment.
    fn user_align(&self, ty: TypeId) -> bool {
        matches!(self.table().get(ty), CType::Aligned { atomic: false, .. })
            || self.innermost_body(ty).is_some_and(|body| body.user_align)
    }

    /// How gcc keeps values of a type. Vectors of floating-point numbers have no register on i386 as Debian builds for it.
    fn mode(&self, ty: TypeId, size: u64) -> Mode {
        let table = self.table();
        match table.get(table.plain(ty)) {
            CType::Array { length: None, .. } => Mode::Block,
            _ if size == 0 => Mode::Integer,
            CType::Array {
                length: Some(1),
                element,
            } => self.mode(element, size),
            CType::Array { .. } if !size.is_power_of_two() || size > 16 => Mode::Block,
            CType::Record(id) => self
                .draft
                .record_body(id)
                .map_or(Mode::Block, |body| body.mode),
            CType::Vector { element, .. } => match self.arithmetic_type(element) {
                Some(primitive) if primitive.is_integer() => Mode::Vector,
                _ => Mode::Block,
            },
            _ => Mode::Integer,
        }
    }

    /// Microsoft's compiler keeps `__declspec(align)` apart from other alignments: packing does not lower it.
    fn required_align(&self, ty: TypeId) -> u64 {
        let own = match self.table().get(ty) {
            CType::Aligned { align, .. } => u64::from(align),
            _ => 1,
        };
        own.max(
            self.innermost_body(ty)
                .map_or(1, |body| body.required_align),
        )
    }

    /// The body of the record that a type is, or is an array of.
    fn innermost_body(&self, mut ty: TypeId) -> Option<&RecordBody> {
        let table = self.table();
        loop {
            ty = match table.get(table.plain(ty)) {
                CType::Array { element, .. } => element,
                CType::Deferred(id) => match table.deferred(id).kind {
                    DeferredKind::Array { element } => element,
                    _ => return None,
                },
                CType::Record(id) => return self.draft.record_body(id),
                _ => return None,
            };
        }
    }
}
