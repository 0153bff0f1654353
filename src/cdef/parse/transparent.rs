//! Unions that are passed as their first member is (`__attribute__((transparent_union))`).

use super::{Parsed, Parser};
use crate::cdef::CdefErrorKind;
use crate::cdef::lex::Token;
use crate::ctype::{
    CType, Field, Passing, PrimitiveKind, RecordBody, RecordId, RecordKind, TypeId, TypeSource,
};
use crate::layout::{RecordRules, layout_of};

/// How gcc keeps a value: its machine mode, as far as that of a union can equal a member's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MachineMode {
    /// An integer of this many bytes.
    Integer(u64),
    /// In memory.
    Block,
    Other,
}

impl Parser<'_> {
    /// How a union that asks for it is passed. The attribute is passed over where the union is not kept as its first member is
    /// (gcc's `finish_struct`), and on structures.
    pub(super) fn transparent_passing(
        &self,
        kind: RecordKind,
        fields: &[Field],
        size: u64,
        at: Token,
    ) -> Parsed<Passing> {
        let Some(first) = fields.first().filter(|_| kind == RecordKind::Union) else {
            return Ok(Passing::ByMembers);
        };
        if self.table().model().rules == RecordRules::Msvc {
            return Ok(self.transparent_for_clang(first, fields));
        }
        let union = self.record_mode(kind, fields, size);
        if union != self.field_mode(first) {
            return Ok(Passing::ByMembers);
        }
        let whole = layout_of(&self.draft, first.ty).is_ok_and(|layout| layout.size == size);
        if whole {
            Ok(Passing::AsFirstMember)
        } else {
            let what = "a transparent union that is larger than its first member";
            Err(self.fail_at(at, CdefErrorKind::Unsupported(what.into())))
        }
    }

    /// clang goes by sizes and alignments, and wants no floating-point member first.
    fn transparent_for_clang(&self, first: &Field, fields: &[Field]) -> Passing {
        let table = self.table();
        let in_vector_register = match table.get(table.plain(first.ty)) {
            CType::Primitive(primitive) => !primitive.is_integer(),
            CType::Vector { .. } => true,
            _ => false,
        };
        let layout = |field: &Field| layout_of(&self.draft, field.ty).ok();
        let fits = |field: &Field| match (layout(field), layout(first)) {
            (Some(field), Some(first)) => field.size == first.size && field.align <= first.align,
            _ => false,
        };
        if !in_vector_register && fields.iter().all(fits) {
            Passing::AsFirstMember
        } else {
            Passing::ByMembers
        }
    }

    /// The type that a typedef with the attribute gives its name to. gcc makes a variant of a union that has another name; one
    /// without is meant itself.
    pub(super) fn transparent_typedef(
        &mut self,
        ty: TypeId,
        defined_here: bool,
        at: Token,
    ) -> Parsed<TypeId> {
        let table = self.table();
        let CType::Record(id) = table.get(ty) else {
            return Ok(ty);
        };
        let record = table.record(id);
        let Some(body) = self.draft.record_body(id) else {
            return Ok(ty);
        };
        let passing = self.transparent_passing(record.kind, &body.fields, body.size, at)?;
        if passing == body.passing {
            return Ok(ty);
        }
        let body = RecordBody {
            passing,
            ..body.clone()
        };
        if defined_here && record.tag.starts_with('$') {
            self.draft.pass_as(id, passing);
            return Ok(ty);
        }
        let variant = self.draft.new_record(record.kind, &record.tag);
        self.draft.complete_record(variant, body);
        Ok(table.record(variant).type_id())
    }

    fn field_mode(&self, field: &Field) -> MachineMode {
        match field.bits {
            Some(bits) if bits.width % 8 == 0 => self.integer_mode((bits.width / 8).into()),
            Some(_) => MachineMode::Other,
            None => self.machine_mode(field.ty),
        }
    }

    fn machine_mode(&self, ty: TypeId) -> MachineMode {
        let table = self.table();
        let size = layout_of(&self.draft, ty).map_or(0, |layout| layout.size);
        match table.get(table.plain(ty)) {
            CType::Primitive(primitive) => match primitive.kind() {
                PrimitiveKind::Float | PrimitiveKind::Complex => MachineMode::Other,
                _ => MachineMode::Integer(size),
            },
            CType::Pointer(_) | CType::Enum(_) => MachineMode::Integer(size),
            CType::Array { element, length } => match self.machine_mode(element) {
                mode if length == Some(1) => mode,
                MachineMode::Block => MachineMode::Block,
                _ => self.integer_mode(size),
            },
            CType::Record(id) => self.mode_of_record(id),
            _ => MachineMode::Other,
        }
    }

    fn mode_of_record(&self, id: RecordId) -> MachineMode {
        let kind = self.table().record(id).kind;
        match self.draft.record_body(id) {
            Some(body) => self.record_mode(kind, &body.fields, body.size),
            None => MachineMode::Block,
        }
    }

    /// gcc's `compute_record_mode`: an integer, or what the member is that fills a structure alone.
    fn record_mode(&self, kind: RecordKind, fields: &[Field], size: u64) -> MachineMode {
        let size_of = |field: &Field| layout_of(&self.draft, field.ty).map_or(0, |l| l.size);
        let whole = |field: &&Field| field.bits.is_none() && size_of(field) == size;
        let blocks = fields.iter().any(|field| {
            let size = size_of(field);
            field.bits.is_none() && size > 0 && self.machine_mode(field.ty) == MachineMode::Block
        });
        if blocks {
            return MachineMode::Block;
        }
        match fields.iter().find(whole) {
            Some(field) if kind == RecordKind::Struct => self.machine_mode(field.ty),
            _ => self.integer_mode(size),
        }
    }

    /// Values of sizes that no integer register has are kept in memory.
    fn integer_mode(&self, size: u64) -> MachineMode {
        let most = 2 * self.table().model().pointer_size;
        if size.is_power_of_two() && size <= most {
            MachineMode::Integer(size)
        } else {
            MachineMode::Block
        }
    }
}
