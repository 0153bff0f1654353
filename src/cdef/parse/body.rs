//! Members to a record's body: what layout needs to know of them, and their names.

use hashbrown::HashMap;

use super::attribute::Attributes;
use super::{Failure, Parsed, Parser};
use crate::cdef::CdefErrorKind;
use crate::cdef::lex::Token;
use crate::ctype::{
    CType, DeclaredMember, DeferredKind, Field, FieldId, Member, Passing, Primitive, RecordBody,
    RecordId, RecordKind, TypeId, TypeSource,
};
use crate::layout::{
    LayoutError, MemberSpec, Mode, RecordRules, RecordSpec, lay_out, layout_of, type_align,
};

/// Records and arrays together may be inside each other this deep, typedef by typedef, so that code that walks what a type
/// holds needs no depth check of its own. The engine's own limit is higher.
pub(super) const MAX_TYPE_DEPTH: u32 = 150;

/// A member as it was read.
pub(super) struct Read {
    name: Option<Token>,
    /// Where it begins.
    at: Token,
    ty: TypeId,
    bit_width: Option<u32>,
    /// None where the size is not known: such members are not laid out.
    spec: Option<MemberSpec>,
}

/// What a record's braces held.
#[derive(Default)]
pub(super) struct Members {
    read: Vec<Read>,
    /// cffi's `...;`, or a member that only a compiler could complete.
    pub(super) partial: bool,
    flexible: bool,
    /// What is wrong with members, unless a compiler is to lay the record out.
    #[allow(clippy::vec_box, reason = "failures are boxes everywhere")]
    pub(super) unfit: Vec<Box<Failure>>,
    /// The last member that is no member at all.
    pub(super) failed: Option<Box<Failure>>,
}

/// Anonymous records hand their members' names on, level by level: this bounds the memory that takes.
const MAX_INHERITED: usize = 1 << 17;

impl Parser<'_> {
    /// Adds a member of a type, which must be complete.
    pub(super) fn add_member(
        &mut self,
        members: &mut Members,
        name: Option<Token>,
        ty: TypeId,
        attributes: &Attributes,
        bit_width: Option<u32>,
        at: Token,
    ) -> Parsed<()> {
        if members.flexible {
            let failure = self.invalid(at, "a member follows an array without a length");
            members.unfit.push(failure);
        }
        self.check_alignas(attributes, ty)?;
        let table = self.table();
        members.read.push(Read {
            name,
            at,
            ty: table.plain(ty),
            bit_width,
            spec: None,
        });
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
            Err(error) => {
                members.unfit.push(self.fail_at(at, error.into()));
                return Ok(());
            }
        };
        if let Some(width) = bit_width {
            self.check_bit_field(name, ty, width, at)?;
        }
        let spec = MemberSpec {
            bit_width,
            named: name.is_some(),
            layout,
            microsoft_align: self.microsoft_align(ty, layout.align),
            aligned: attributes.aligned.map(u64::from),
            packed: attributes.packed,
            user_align: self.user_align(ty),
            record_in_registers: self.record_in_registers(ty),
            mode: self.mode(ty, layout.size),
            required_align: self.required_align(ty),
        };
        if let Some(read) = members.read.last_mut() {
            read.spec = Some(spec);
        }
        Ok(())
    }

    /// The members of a record that only a compiler could lay out.
    pub(super) fn declared_members(&self, members: &Members) -> Box<[DeclaredMember]> {
        let declared = members.read.iter().map(|member| DeclaredMember {
            name: member.name.map(|name| self.text_of(name).into()),
            ty: member.ty,
            bit_width: member.bit_width,
        });
        declared.collect()
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

    /// Lays the record out.
    pub(super) fn lay_out_body(
        &mut self,
        id: RecordId,
        members: Members,
        attributes: &Attributes,
        pack: Option<u32>,
        open: Token,
    ) -> Parsed<RecordBody> {
        let table = self.table();
        let record = table.record(id);
        if members.flexible && table.model().rules != RecordRules::Msvc {
            self.check_flexible(record.kind, &members, open)?;
        }
        let spec = RecordSpec {
            kind: record.kind,
            packed: attributes.packed,
            aligned: attributes.type_align(table.model().rules).map(u64::from),
            pack: pack.map(u64::from),
            bit_fields: attributes.bit_fields,
            members: members
                .read
                .iter()
                .filter_map(|member| member.spec)
                .collect(),
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
        let depths = fields.iter().map(|field| self.type_depth(field.ty));
        let depth = 1 + depths.max().unwrap_or(0);
        if depth > MAX_TYPE_DEPTH {
            return Err(self.fail_at(open, CdefErrorKind::TooDeep(MAX_TYPE_DEPTH)));
        }
        let members_by_name = self.members_by_name(id, &members.read, &fields)?;
        let own = fields.iter().filter(|field| field.name.is_some()).count();
        self.inherited += members_by_name.len() - own;
        if self.inherited > MAX_INHERITED {
            let what = format!("handing on more than {MAX_INHERITED} names of anonymous members");
            return Err(self.fail_at(open, CdefErrorKind::Unsupported(what)));
        }
        let passing = if attributes.transparent_union {
            self.transparent_passing(record.kind, &fields, laid_out.size, open)?
        } else {
            Passing::ByMembers
        };
        Ok(RecordBody {
            members: members_by_name,
            fields,
            size: laid_out.size,
            align: laid_out.align,
            natural_align: laid_out.natural_align,
            required_align: laid_out.required_align,
            user_align: laid_out.user_align,
            mode: laid_out.mode,
            flexible: members.flexible,
            passing,
            depth,
        })
    }

    /// An array without a length follows a member with a name (C11 6.7.2.1 §18), but for Microsoft and cffi.
    fn check_flexible(&self, kind: RecordKind, members: &Members, open: Token) -> Parsed<()> {
        if self.options.cffi {
            return Ok(());
        }
        if kind == RecordKind::Union {
            return Err(self.invalid(open, "a union cannot have an array without a length"));
        }
        let counts = |member: &&Read| member.name.is_some() || member.bit_width.is_none();
        if members.read.iter().filter(counts).count() < 2 {
            let what = "an array without a length needs another member with a name before it";
            return Err(self.invalid(open, what));
        }
        Ok(())
    }

    fn members_by_name(
        &self,
        id: RecordId,
        read: &[Read],
        fields: &[Field],
    ) -> Parsed<HashMap<Box<str>, Member>> {
        let mut members = HashMap::with_capacity(fields.len());
        let mut add = |name: &str, member: Member, at: Token| {
            if members.insert(Box::from(name), member).is_none() {
                return Ok(());
            }
            let record = self.table().record(id).spelling();
            let kind = CdefErrorKind::DuplicateMember {
                record,
                member: name.into(),
            };
            Err(self.fail_at(at, kind))
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
                (Some(name), _) => add(name, place, read[i].at)?,
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
                            read[i].at,
                        )?;
                    }
                }
                (None, _) => {}
            }
        }
        Ok(members)
    }

    /// How many arrays and records a type's innermost scalar is inside of.
    pub(super) fn type_depth(&self, mut ty: TypeId) -> u32 {
        let mut arrays = 0;
        while let Some(element) = self.array_element(ty) {
            ty = element;
            arrays += 1;
        }
        arrays + self.innermost_body(ty).map_or(0, |body| body.depth)
    }

    fn array_element(&self, ty: TypeId) -> Option<TypeId> {
        let table = self.table();
        match table.get(table.plain(ty)) {
            CType::Array { element, .. } => Some(element),
            CType::Deferred(id) => match table.deferred(id).kind {
                DeferredKind::Array { element } => Some(element),
                _ => None,
            },
            _ => None,
        }
    }

    /// The alignment that Microsoft's rules start from. Its own compiler does not count a typedef's; gcc counts 8-byte
    /// scalars as the processor does, where the i386 psABI aligns them to 4 bytes in records.
    fn microsoft_align(&self, ty: TypeId, align: u64) -> u64 {
        let table = self.table();
        let model = table.model();
        if model.rules == RecordRules::Msvc {
            return match table.get(ty) {
                CType::Aligned { ty, atomic, .. } if !atomic => {
                    layout_of(&self.draft, ty).map_or(align, |layout| layout.align)
                }
                _ => align,
            };
        }
        let inner = self.element_of(ty);
        type_align(&self.draft, inner, align)
    }

    /// Whether a type is a record, or an array of records, that gcc keeps as an integer or as two `double`s. It leaves the
    /// alignment of atomic ones alone.
    fn record_in_registers(&self, ty: TypeId) -> bool {
        let element = self.table().get(self.element_of(ty));
        let atomic = matches!(element, CType::Aligned { atomic: true, .. });
        self.innermost_body(ty).is_some_and(|body| match body.mode {
            Mode::Integer => body.size == 8 && !atomic,
            Mode::Complex => !atomic,
            Mode::Block | Mode::Vector => false,
        })
    }

    /// Whether an attribute took part in a type's alignment.
    pub(super) fn user_align(&self, ty: TypeId) -> bool {
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
            CType::Array { .. } if !size.is_power_of_two() || size > 8 => Mode::Block,
            CType::Primitive(Primitive::DoubleComplex) => Mode::Complex,
            CType::Primitive(Primitive::FloatComplex) => Mode::Vector,
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

    /// Microsoft's compiler keeps `__declspec(align)` apart from other alignments: packing does not lower it, not that of
    /// an array's elements either.
    fn required_align(&self, ty: TypeId) -> u64 {
        let own = match self.table().get(self.element_of(ty)) {
            CType::Aligned { atomic: true, .. } => return 1,
            CType::Aligned { align, .. } => u64::from(align),
            _ => 1,
        };
        own.max(
            self.innermost_body(ty)
                .map_or(1, |body| body.required_align),
        )
    }

    /// What a type is an array of, with its own alignment; the type itself if it is none.
    pub(super) fn element_of(&self, mut ty: TypeId) -> TypeId {
        while let CType::Array { element, .. } = self.table().get(ty) {
            ty = element;
        }
        ty
    }

    /// The body of the record that a type is, or is an array of.
    fn innermost_body(&self, mut ty: TypeId) -> Option<&RecordBody> {
        while let Some(element) = self.array_element(ty) {
            ty = element;
        }
        match self.table().get(self.table().plain(ty)) {
            CType::Record(id) => self.draft.record_body(id),
            _ => None,
        }
    }
}
