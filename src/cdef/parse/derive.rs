//! Derived types: what pointers, arrays and parameter lists make of a base type.

use super::attribute::Attributes;
use super::body::MAX_TYPE_DEPTH;
use super::declarator::{Declarator, Derivation, Length};
use super::specifiers::{Specifiers, Storage};
use super::{Parsed, Parser};
use crate::cdef::CdefErrorKind;
use crate::cdef::lex::Token;
use crate::ctype::{CType, Convention, Deferred, DeferredKind, FunctionType, TypeId};
use crate::layout::{LayoutError, RecordRules, layout_of};

impl Parser<'_> {
    /// The declared type, and whether it is `const` at the top level.
    #[inline(never)]
    pub(super) fn declared_type(
        &mut self,
        specifiers: &Specifiers,
        declarator: &Declarator,
        attributes: &Attributes,
        at: Token,
    ) -> Parsed<(TypeId, bool)> {
        let mut ty = specifiers.ty;
        let mut variable = false;
        // gcc: what is behind a `*` and not for what it points to is for the function that returns the pointer.
        let mut passed_on = None;
        for derivation in declarator.derivations.iter().rev() {
            let variable_element = std::mem::replace(&mut variable, false);
            let inherited = passed_on.take();
            ty = match derivation {
                Derivation::Pointer { convention, .. } => {
                    let (target, left) = self.pointed_to(ty, *convention);
                    passed_on = left.or(inherited.filter(|_| self.distributes()));
                    self.table().pointer(target)
                }
                Derivation::Aligned(align) => {
                    let atomic = specifiers.atomic && ty == specifiers.ty;
                    self.aligned_object(ty, *align, atomic)
                }
                // `void buf[.count]`; what is inside of another derivation is no parameter.
                Derivation::Array(Length::Described)
                    if ty == self.table().void()
                        && std::ptr::eq(derivation, &declarator.derivations[0]) =>
                {
                    self.table().pointer(ty)
                }
                Derivation::Array(length) => {
                    variable =
                        variable_element || matches!(length, Length::Variable | Length::Described);
                    self.array_of(ty, variable_element, length, at)?
                }
                Derivation::Function {
                    params,
                    variadic,
                    convention,
                } => {
                    let convention = convention.or(inherited);
                    self.function_returning(ty, params, *variadic, convention, at)?
                }
            };
        }
        let convention = attributes.convention.or(specifiers.attributes.convention);
        if let Some(convention) = convention {
            ty = self.call_by(ty, convention);
        }
        ty = self.modified(ty, attributes, at)?;
        // gcc sees the specifiers' attributes after the declarator's.
        let mut all = attributes.clone();
        all.merge(&specifiers.attributes);
        let align = all.type_align(self.table().model().rules);
        if let (Some(align), Storage::Typedef) = (align, specifiers.storage) {
            ty = self.table().aligned(ty, align);
        }
        let constant = declarator
            .derivations
            .iter()
            .find_map(|derivation| match derivation {
                Derivation::Pointer { constant, .. } => Some(*constant),
                Derivation::Array(_) | Derivation::Aligned(_) => None,
                Derivation::Function { .. } => Some(false),
            });
        Ok((ty, constant.unwrap_or(specifiers.constant)))
    }

    /// The type with another alignment; functions have none. gcc looks at `_Atomic` after it, which may raise that of a type
    /// without a tag again.
    fn aligned_object(&self, ty: TypeId, align: u32, atomic: bool) -> TypeId {
        let table = self.table();
        let atomic = atomic
            && !matches!(
                table.get(table.plain(ty)),
                CType::Record(_) | CType::Enum(_)
            );
        let lock_free = match layout_of(&self.draft, ty) {
            Ok(layout) if atomic && layout.size.is_power_of_two() && layout.size <= 16 => {
                layout.size as u32
            }
            _ => 1,
        };
        match table.get(ty) {
            CType::Function(_) => ty,
            _ => table.aligned(ty, align.max(lock_free)),
        }
    }

    fn array_of(
        &mut self,
        element: TypeId,
        variable_element: bool,
        length: &Length,
        at: Token,
    ) -> Parsed<TypeId> {
        let table = self.table();
        match layout_of(&self.draft, element) {
            Ok(_) | Err(LayoutError::NeedsCompiler(_)) => {}
            Err(LayoutError::Incomplete(_)) if variable_element => {}
            // cffi takes a parameter `struct s[]` before `struct s` is complete: it is a pointer in the end.
            Err(LayoutError::Incomplete(_)) if self.is_open_parameter(element, length) => {}
            Err(error) => return Err(self.fail_at(at, error.into())),
        }
        self.check_element(element, at)?;
        let array = match length {
            Length::Open | Length::Variable | Length::Described => table.array(element, None),
            Length::Known(length) => table.array(element, Some(*length)),
            Length::Deferred => {
                let kind = DeferredKind::Array { element };
                self.draft.new_deferred(Deferred {
                    name: "".into(),
                    kind,
                })
            }
        };
        if let Err(error @ LayoutError::TooLarge(_)) = layout_of(&self.draft, array) {
            return Err(self.fail_at(at, error.into()));
        }
        if self.type_depth(array) > MAX_TYPE_DEPTH {
            return Err(self.fail_at(at, CdefErrorKind::TooDeep(MAX_TYPE_DEPTH)));
        }
        Ok(array)
    }

    /// gcc takes no arrays whose elements cannot all be aligned; clang, by Microsoft's rules, does.
    fn check_element(&self, element: TypeId, at: Token) -> Parsed<()> {
        let table = self.table();
        let Ok(layout) = layout_of(&self.draft, element) else {
            return Ok(());
        };
        let atomic = matches!(table.get(element), CType::Aligned { atomic: true, .. });
        if layout.size.is_multiple_of(layout.align)
            || atomic
            || table.model().rules == RecordRules::Msvc
        {
            return Ok(());
        }
        let what = format!(
            "the elements' size, {}, is no multiple of their alignment, {}",
            layout.size, layout.align
        );
        Err(self.invalid(at, what))
    }

    fn is_open_parameter(&self, element: TypeId, length: &Length) -> bool {
        let table = self.table();
        let record = matches!(table.get(table.plain(element)), CType::Record(_));
        record && self.in_parameters && matches!(length, Length::Open | Length::Described)
    }

    fn function_returning(
        &self,
        result: TypeId,
        params: &[TypeId],
        variadic: bool,
        convention: Option<Convention>,
        at: Token,
    ) -> Parsed<TypeId> {
        let table = self.table();
        let result = table.plain(result);
        let what = match table.get(result) {
            CType::Array { .. } => "an array",
            CType::Function(_) => "a function",
            _ => {
                let convention = for_function(convention.unwrap_or_default(), variadic);
                let params = params.into();
                return Ok(table.function_type(FunctionType {
                    result,
                    params,
                    variadic,
                    convention,
                }));
            }
        };
        let kind = CdefErrorKind::Invalid(format!(
            "a function cannot return {what} ('{}')",
            table.spelling(result)
        ));
        Err(self.fail_at(at, kind))
    }

    /// What a pointer with that convention behind its `*` points to, and the convention if it was not for that.
    fn pointed_to(
        &self,
        ty: TypeId,
        convention: Option<Convention>,
    ) -> (TypeId, Option<Convention>) {
        let table = self.table();
        let mut depth = 0;
        let mut innermost = ty;
        while let (CType::Pointer(target), true) = (table.get(innermost), self.distributes()) {
            (innermost, depth) = (target, depth + 1);
        }
        match (convention, table.get(innermost)) {
            (Some(convention), CType::Function(_)) => {
                let function = self.call_by(innermost, convention);
                let pointer = (0..depth).fold(function, |ty, _| table.pointer(ty));
                (pointer, None)
            }
            _ => (ty, convention),
        }
    }

    /// Whether conventions go through several `*` at once: so clang does, and gcc does not.
    fn distributes(&self) -> bool {
        self.table().model().rules == RecordRules::Msvc
    }

    /// Sets the calling convention of the function type that a type is, or points to.
    fn call_by(&self, ty: TypeId, convention: Convention) -> TypeId {
        let table = self.table();
        match table.get(ty) {
            CType::Function(id) => {
                let function = table.function(id).clone();
                if function.convention != Convention::Default {
                    return ty;
                }
                let convention = for_function(convention, function.variadic);
                table.function_type(FunctionType {
                    convention,
                    ..function
                })
            }
            CType::Pointer(target) if matches!(table.get(target), CType::Function(_)) => {
                table.pointer(self.call_by(target, convention))
            }
            _ => ty,
        }
    }
}

/// Variadic functions are called the system's own way: a callee cannot pop, nor find in registers, what it does not know of.
fn for_function(convention: Convention, variadic: bool) -> Convention {
    match convention {
        Convention::MsAbi | Convention::SysvAbi => convention,
        _ if variadic => Convention::Default,
        _ => convention,
    }
}
