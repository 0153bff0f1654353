//! What must hold for every text, whatever it is.

use std::sync::Arc;

use farcall::cdef::{CdefOptions, Declaration, Declarations, Tag};
use farcall::ctype::{CType, FunctionId, RecordId, TypeTable};
use farcall::layout::{DataModel, layout_of};
use farcall::lower::Lowering;

/// What was declared before the text: every kind of name and tag, complete or not, some of them such as texts of the
/// corpus complete, repeat or contradict.
const PRELUDE: &str = "struct s; struct list; union u; enum fixed : unsigned char; typedef struct opaque_tag *handle;\n\
                       struct early { int a; struct s *p; }; enum early_e { EARLY, LATE = 7 }; typedef ... early_op;\n\
                       struct early_partial { int x; ...; }; typedef struct { struct early in; } early_t;\n\
                       #define EARLY_N 4\n\
                       int early_f(struct s *, early_t); extern int early_x[]; static const int early_c = 3; int f(int);";

/// Reads a text as declarations for every target, alone and after others, and as a type name.
///
/// # Panics
///
/// If farcall panics or runs out of stack, if an error has no place in the text, if a failed text leaves something behind or
/// changes what was declared before it, if a type that was declared has no spelling that means itself, or a record no use
/// by value.
pub(crate) fn check(text: &str) {
    for &model in DataModel::ALL {
        check_after("", text, model);
    }
    check_after(PRELUDE, text, DataModel::HOST);
    let declarations = Declarations::new(Arc::new(TypeTable::new(DataModel::HOST)));
    if let Ok(ty) = declarations.type_of(text) {
        assert!(!declarations.types().spelling(ty).is_empty());
        assert_eq!(declarations.type_of(text).ok(), Some(ty));
    }
}

fn check_after(before: &str, text: &str, model: DataModel) {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(model)));
    declarations
        .parse(before, &CdefOptions::default())
        .unwrap_or_else(|errors| panic!("the prelude is right: {errors}"));
    let known = state(&declarations);
    match declarations.parse(text, &CdefOptions::default()) {
        Ok(()) => {
            check_declared(&declarations);
            check_types(declarations.types());
            check_by_value(&mut declarations);
        }
        Err(errors) => {
            assert!(!errors.errors().is_empty());
            errors
                .errors()
                .iter()
                .for_each(|error| check_place(error, text));
            assert_eq!(state(&declarations), known);
        }
    }
}

/// Everything that declarations say: names, and what stands behind the tags.
fn state(declarations: &Declarations) -> (Vec<(String, Declaration)>, Vec<String>) {
    let types = declarations.types();
    let names = declarations
        .iter()
        .map(|(name, declaration)| (name.to_string(), declaration.clone()))
        .collect();
    let behind = |(name, tag): (&str, Tag)| match tag {
        Tag::Record(id) => {
            let record = types.record(id);
            let fields = record
                .body()
                .map(|body| (&body.fields, body.size, body.align));
            let partial = record.is_partial();
            format!("{name} {id:?} {} {partial} {fields:?}", record.spelling())
        }
        Tag::Enum(id) => {
            let enumeration = types.enumeration(id);
            format!(
                "{name} {id:?} {} {:?}",
                enumeration.spelling(),
                enumeration.body()
            )
        }
    };
    (names, declarations.tags().map(behind).collect())
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

/// Sizes and spells every type, and lowers every function.
fn check_types(types: &Arc<TypeTable>) {
    let lowering = Lowering::new(Arc::clone(types));
    for ty in types.ids() {
        let _ = layout_of(&**types, ty);
        assert!(!types.spelling(ty).is_empty());
        if let CType::Function(id) = types.get(ty) {
            lower(&lowering, types, id);
        }
    }
}

fn lower(lowering: &Lowering, types: &TypeTable, id: FunctionId) {
    if let Ok(signature) = lowering.signature("f", types.function(id), &[]) {
        let layouts = types
            .function(id)
            .params
            .iter()
            .map(|&ty| layout_of(types, ty));
        for (machine, layout) in signature.params.iter().zip(layouts) {
            // What is passed as its first member has that one's size.
            let size = layout.expect("what is lowered has a layout").size;
            assert!(
                machine.size() <= size,
                "{} for {size} bytes",
                machine.size()
            );
        }
    }
}

/// Uses each record that has a tag by value in another text: as a member, an element, an argument, a result.
fn check_by_value(declarations: &mut Declarations) {
    let types = Arc::clone(declarations.types());
    let complete: Vec<(String, RecordId)> = declarations
        .tags()
        .filter_map(|(tag, meaning)| match meaning {
            Tag::Record(id) if types.record(id).body().is_some() => Some((tag.to_string(), id)),
            _ => None,
        })
        .collect();
    for (number, (tag, id)) in complete.into_iter().enumerate() {
        let record = types.record(id);
        let spelling = format!("{} {tag}", record.kind.keyword());
        let text = format!(
            "union by_value_{number}_ {{ {spelling} one; char c; }}; {spelling} by_value_f_{number}_({spelling});"
        );
        // A flexible array or too deep a type is refused.
        if declarations.parse(&text, &CdefOptions::default()).is_err() {
            continue;
        }
        let name = format!("union by_value_{number}_");
        let holder = declarations.type_of(&name).expect("just declared");
        let size = layout_of(&*types, holder).expect("complete").size;
        assert!(size >= record.body().expect("complete").size, "{spelling}");
        let function = declarations.function(&format!("by_value_f_{number}_"));
        if let CType::Function(id) = types.get(function.expect("just declared").ty) {
            lower(&Lowering::new(Arc::clone(&types)), &types, id);
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
