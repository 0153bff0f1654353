//! What farcall says of declarations, as C that a compiler confirms or refuses.

use std::fmt::Write as _;
use std::sync::Arc;

use farcall::cdef::{CdefOptions, Declaration, Declarations, Tag, Value};
use farcall::ctype::{CType, TypeTable};
use farcall::layout::{DataModel, layout_of};

/// The declarations of a text, for a target.
pub(crate) fn declarations(text: &str, model: DataModel) -> Declarations {
    let mut declarations = Declarations::new(Arc::new(TypeTable::new(model)));
    declarations
        .parse(text, &CdefOptions::default())
        .unwrap_or_else(|errors| panic!("{errors}"));
    declarations
}

/// The text, and an assertion for each size, alignment and offset (not of bit-fields) of its records, each size and alignment of
/// its enumerations and each value of its constants.
pub(crate) fn claims(text: &str, model: DataModel) -> String {
    let declarations = declarations(text, model);
    let types = declarations.types();
    let mut text = text.to_string();
    let mut claim = |what: String, value: i128| {
        writeln!(
            text,
            "_Static_assert(({what}) == {value}ll, \"{what} {value}\");"
        )
        .unwrap()
    };
    for (tag, meaning) in declarations.tags() {
        let (name, ty) = match meaning {
            Tag::Record(id) => (types.record(id).spelling(), types.record(id).type_id()),
            Tag::Enum(id) => (
                types.enumeration(id).spelling(),
                types.enumeration(id).type_id(),
            ),
        };
        let layout = layout_of(&**types, ty).unwrap_or_else(|error| panic!("{tag}: {error}"));
        claim(format!("sizeof({name})"), layout.size.into());
        claim(format!("_Alignof({name})"), layout.align.into());
        let CType::Record(id) = types.get(ty) else {
            continue;
        };
        let body = types.record(id).body().unwrap();
        for (member, place) in body.members().filter(|(_, place)| place.bits.is_none()) {
            let offset = format!("__builtin_offsetof({name}, {member})");
            claim(offset, place.offset.into());
        }
    }
    for (name, declaration) in declarations.iter() {
        if let Declaration::Constant(constant) = declaration
            && let Value::Integer(value) = constant.value
        {
            claim(name.into(), value);
        }
    }
    text
}
