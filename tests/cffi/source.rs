//! Operations in Python's words.

use crate::host::{Strict, Val};
use crate::operation::{Operation, PathStep};
use crate::shown::ascii;

/// What the other side evaluates ("E") or executes ("S").
pub(crate) fn source(operation: &Operation) -> (&'static str, String) {
    let optional = |value: &Option<i64>| value.map_or(String::new(), |value| value.to_string());
    let path = |path: &[PathStep]| {
        let steps: String = path
            .iter()
            .map(|step| format!(", {}", step.source()))
            .collect();
        steps
    };
    let evaluated = match operation {
        Operation::New(ty, init) => format!("ffi.new('{ty}', {})", literal(init)),
        Operation::Cast(ty, value) => format!("ffi.cast('{ty}', {})", literal(value)),
        Operation::Item(v, index) => format!("{}[{index}]", v.name),
        Operation::SetItem(v, index, value) => {
            return ("S", format!("{}[{index}] = {}", v.name, literal(value)));
        }
        Operation::Field(v, name) => format!("{}.{name}", v.name),
        Operation::SetField(v, name, value) => {
            return ("S", format!("{}.{name} = {}", v.name, literal(value)));
        }
        Operation::Slice(v, start, stop) => {
            format!("{}[{}:{}]", v.name, optional(start), optional(stop))
        }
        Operation::SetSlice(v, start, stop, value) => {
            return (
                "S",
                format!("{}[{start}:{stop}] = {}", v.name, literal(value)),
            );
        }
        Operation::Add(v, by) => format!("{} + {by}", v.name),
        Operation::Subtract(v, w) => format!("{} - {}", v.name, w.name),
        Operation::Compare(v, w, operator) => format!("{} {operator} {}", v.name, w.name),
        Operation::Length(v) => format!("len({})", v.name),
        Operation::Iterate(v) => format!("list({})", v.name),
        Operation::Truth(v) => format!("bool({})", v.name),
        Operation::Int(v) => format!("int({})", v.name),
        Operation::Float(v) => format!("float({})", v.name),
        Operation::Complex(v) => format!("complex({})", v.name),
        Operation::Text(v, max) => match max {
            Some(max) => format!("ffi.string({}, {max})", v.name),
            None => format!("ffi.string({})", v.name),
        },
        Operation::Unpack(v, length) => format!("ffi.unpack({}, {length})", v.name),
        Operation::Bytes(v, size) => match size {
            Some(size) => format!("ffi.buffer({}, {size})[:]", v.name),
            None => format!("ffi.buffer({})[:]", v.name),
        },
        Operation::Size(v) => format!("ffi.sizeof({})", v.name),
        Operation::Dir(v) => format!("sorted(dir({}))", v.name),
        Operation::AddressOf(v, steps) => format!("ffi.addressof({}{})", v.name, path(steps)),
        Operation::SizeOf(ty) => format!("ffi.sizeof('{ty}')"),
        Operation::AlignOf(ty) => format!("ffi.alignof('{ty}')"),
        Operation::OffsetOf(ty, steps) => format!("ffi.offsetof('{ty}'{})", path(steps)),
        Operation::Kind(ty) => format!("ffi.typeof('{ty}').kind"),
    };
    ("E", evaluated)
}

/// A value in Python's words.
fn literal(value: &Val) -> String {
    let types = farcall::ctype::TypeTable::new(farcall::layout::DataModel::HOST);
    match value {
        Val::CData(cdata) => cdata.name.clone(),
        Val::List(items) => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        Val::Dict(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("'{name}': {}", literal(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        other => ascii(&Strict { types: &types }, other),
    }
}
