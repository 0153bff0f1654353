//! What must hold for every text, whatever it is.

use std::sync::Arc;

use farcall::cdef::{CdefOptions, Declaration, Declarations, Tag};
use farcall::ctype::TypeTable;
use farcall::layout::{DataModel, layout_of};

/// Reads a text as declarations for every target, and as a type name.
///
/// # Panics
///
/// If farcall panics, if an error has no place in the text, if a failed text leaves something behind, or if a type that
/// was declared has no spelling that means itself.
pub(crate) fn check(text: &str) {
    for &model in DataModel::ALL {
        let mut declarations = Declarations::new(Arc::new(TypeTable::new(model)));
        match declarations.parse(text, &CdefOptions::default()) {
            Ok(()) => check_declared(&declarations),
            Err(errors) => {
                assert!(!errors.errors().is_empty());
                errors
                    .errors()
                    .iter()
                    .for_each(|error| check_place(error, text));
                assert_eq!(
                    (declarations.iter().len(), declarations.tags().len()),
                    (0, 0)
                );
            }
        }
    }
    let declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
    if let Ok(ty) = declarations.type_of(text) {
        assert!(!declarations.types().spelling(ty).is_empty());
        assert_eq!(declarations.type_of(text).ok(), Some(ty));
    }
}

fn check_declared(declarations: &Declarations) {
    let types = declarations.types();
    for (name, declaration) in declarations.iter() {
        let ty = match declaration {
            Declaration::Function(function) => function.ty,
            Declaration::Variable(variable) => variable.ty,
            Declaration::Typedef(typedef) => typedef.ty,
            Declaration::Constant(constant) => constant.ty,
            _ => continue,
        };
        let _ = layout_of(&**types, ty);
        assert!(types.declaration(ty, name).contains(name));
    }
    for (_, tag) in declarations.tags() {
        let Tag::Record(id) = tag else { continue };
        let Some(body) = types.record(id).body() else {
            continue;
        };
        assert!(body.align.is_power_of_two());
        for (name, member) in body.members() {
            assert!(member.offset <= body.size, "{name}");
            let end = member
                .bits
                .map(|bits| u64::from(bits.shift) + u64::from(bits.width));
            assert!(
                end.is_none_or(|end| 8 * member.offset + end <= 8 * body.size),
                "{name}"
            );
        }
    }
}

fn check_place(error: &farcall::cdef::CdefError, text: &str) {
    let line = text
        .split('\n')
        .nth(error.line as usize - 1)
        .expect("the error's line exists");
    assert!(error.column as usize <= line.chars().count() + 1, "{error}");
    assert!(!error.to_string().is_empty());
}
