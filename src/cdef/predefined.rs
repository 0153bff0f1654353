//! Names that are known without being declared. A declaration of the user's goes first.

use super::{compiler, posix, windows};
use crate::ctype::Primitive;
use crate::layout::{Arch, DataModel};

/// What a predefined name stands for.
pub(super) enum Predefined {
    /// A primitive of its own.
    Primitive(Primitive),
    /// A type that C can spell, in terms of other names.
    Text(&'static str),
    /// A structure without known members, one for each table.
    Opaque,
    /// A structure or union, one for each table.
    Record(&'static str),
    /// The target's `va_list`.
    VaList,
}

/// Looks up a name.
pub(super) fn find(name: &str, model: &DataModel, windows_names: bool) -> Option<Predefined> {
    if let Some(primitive) = Primitive::from_typedef_name(name) {
        return Some(Predefined::Primitive(primitive));
    }
    if let Some(primitive) = compiler::type_named(name, model) {
        return Some(Predefined::Primitive(primitive));
    }
    let everywhere = EVERYWHERE.iter().find(|row| row.0 == name);
    match name {
        "bool" => Some(Predefined::Primitive(Primitive::Bool)),
        "__fp16" if model.arch == Arch::Aarch64 => Some(Predefined::Primitive(Primitive::Fp16)),
        "FILE" => Some(Predefined::Opaque),
        "__builtin_va_list" | "__gnuc_va_list" | "va_list" => Some(Predefined::VaList),
        _ if everywhere.is_some() => everywhere.map(|row| Predefined::Text(row.1)),
        _ if model.is_windows() => windows_name(name, model),
        _ => posix::name(name, model)
            .map(Predefined::Text)
            .or_else(|| windows_names.then(|| windows_name(name, model)).flatten()),
    }
}

fn windows_name(name: &str, model: &DataModel) -> Option<Predefined> {
    windows::name(name, model)
        .map(Predefined::Text)
        .or_else(|| windows::record(name).map(Predefined::Record))
}

/// The predefined name of the record with a tag, and its body.
pub(super) fn tagged(
    keyword: &str,
    tag: &str,
    model: &DataModel,
    windows_names: bool,
) -> Option<(&'static str, &'static str)> {
    let known = windows_names || model.is_windows();
    let name = known.then(|| windows::tagged(keyword, tag)).flatten()?;
    Some((name, windows::record(name)?))
}

/// What defines the target's `va_list`: System V psABI for AMD64 figure 3.34, AAPCS64 section B.4; `char *` elsewhere.
pub(super) fn va_list(model: &DataModel) -> &'static str {
    match (model.arch, model.is_windows()) {
        (Arch::X86_64, false) => {
            "typedef struct __va_list_tag { unsigned gp_offset; unsigned fp_offset; void *overflow_arg_area; \
             void *reg_save_area; } __builtin_va_list[1];"
        }
        (Arch::Aarch64, false) => {
            "typedef struct __va_list { void *__stack; void *__gr_top; void *__vr_top; int __gr_offs; \
             int __vr_offs; } __builtin_va_list;"
        }
        _ => "typedef char *__builtin_va_list;",
    }
}

/// Names that compilers and C libraries of every target have.
const EVERYWHERE: &[(&str, &str)] = &[
    ("__int128_t", "__int128"),
    ("__uint128_t", "unsigned __int128"),
    ("_cffi_float_complex_t", "float _Complex"),
    ("_cffi_double_complex_t", "double _Complex"),
];
