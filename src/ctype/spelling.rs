//! Types back to C.

use super::{CType, Convention, DeferredKind, FunctionType, TypeId, TypeTable};

impl TypeTable {
    /// The type's name in C, as cffi spells it: `int(*)(char *, ...)`.
    pub fn spelling(&self, ty: TypeId) -> String {
        self.spelling_with(ty, "")
    }

    /// The type's name in C with `extra` where a declared name would stand, as cffi's `getctype` does it:
    /// `int(*)[5]` with `&` is `int(* &)[5]`, `int[5]` with `*` is `int(*)[5]`.
    pub fn spelling_with(&self, ty: TypeId, extra: &str) -> String {
        let extra = extra.trim();
        let spelled = Spelled::of(self, ty);
        match extra.chars().next() {
            Some('*') if spelled.after.starts_with('[') => spelled.around(&format!("({extra})")),
            None | Some('[' | '(') => spelled.around(extra),
            Some(_) => spelled.around(&format!(" {extra}")),
        }
    }

    /// The declaration of something of this type, as a person writes it: `int (*compare)(const void *)` without the
    /// qualifiers, which types do not keep.
    pub fn declaration(&self, ty: TypeId, name: &str) -> String {
        let spelled = Spelled::of(self, ty);
        let gap = if spelled.before.ends_with('*') || name.is_empty() {
            ""
        } else {
            " "
        };
        spelled.around(&format!("{gap}{name}"))
    }
}

/// A type's name around the place for a declared name.
struct Spelled {
    before: String,
    after: String,
}

impl Spelled {
    /// Walks from the outermost derivation inwards and so never recurses along a chain of pointers or arrays.
    fn of(table: &TypeTable, mut ty: TypeId) -> Spelled {
        let mut stars = Vec::new();
        let mut after = String::new();
        let before = loop {
            ty = match table.get(ty) {
                CType::Pointer(target) => {
                    let opens = wraps(table, target);
                    let convention = convention_of(table, target);
                    match (opens, convention) {
                        (true, Convention::Default) => stars.push("(*".to_string()),
                        (true, other) => stars.push(format!("({} *", other.keyword())),
                        (false, _) => stars.push(" *".to_string()),
                    }
                    if opens {
                        after.push(')');
                    }
                    target
                }
                CType::Array { element, length } => {
                    after.push_str(&length.map_or("[]".into(), |n| format!("[{n}]")));
                    element
                }
                CType::Function(id) => {
                    let function = table.function(id);
                    after.push_str(&parameters(table, function));
                    function.result
                }
                CType::Deferred(id) => match table.deferred(id).kind {
                    DeferredKind::Array { element } => {
                        after.push_str("[...]");
                        element
                    }
                    DeferredKind::Integer | DeferredKind::Float => {
                        break table.deferred(id).name.to_string();
                    }
                },
                CType::Aligned { ty, .. } => ty,
                CType::Void => break "void".to_string(),
                CType::Primitive(primitive) => break primitive.spelling().to_string(),
                CType::Record(id) => break table.record(id).spelling(),
                CType::Enum(id) => break table.enumeration(id).spelling(),
                CType::Vector { element, lanes } => {
                    break format!(
                        "{} __attribute__((vector_size({lanes} * sizeof({0}))))",
                        table.spelling(element)
                    );
                }
            }
        };
        let stars: String = stars.into_iter().rev().collect();
        Spelled {
            before: before + &stars,
            after,
        }
    }

    fn around(&self, middle: &str) -> String {
        format!("{}{middle}{}", self.before, self.after)
    }
}

fn wraps(table: &TypeTable, target: TypeId) -> bool {
    match table.get(table.plain(target)) {
        CType::Array { .. } | CType::Function(_) => true,
        CType::Deferred(id) => matches!(table.deferred(id).kind, DeferredKind::Array { .. }),
        _ => false,
    }
}

fn convention_of(table: &TypeTable, ty: TypeId) -> Convention {
    match table.get(ty) {
        CType::Function(id) => table.function(id).convention,
        _ => Convention::Default,
    }
}

fn parameters(table: &TypeTable, function: &FunctionType) -> String {
    let mut params: Vec<String> = function.params.iter().map(|&p| table.spelling(p)).collect();
    if function.variadic {
        params.push("...".into());
    }
    format!("({})", params.join(", "))
}
