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

/// Typedefs can make types whose names grow without bound, even doubling with each: names of more derivations than this
/// are cut short with `...`.
const MAX_STEPS: u32 = 5000;
const MAX_DEPTH: u32 = 30;

/// A type's name around the place for a declared name.
struct Spelled {
    before: String,
    after: String,
}

impl Spelled {
    fn of(table: &TypeTable, ty: TypeId) -> Spelled {
        Speller {
            table,
            steps: MAX_STEPS,
            depth: MAX_DEPTH,
        }
        .spelled(ty)
    }

    fn around(&self, middle: &str) -> String {
        format!("{}{middle}{}", self.before, self.after)
    }
}

struct Speller<'a> {
    table: &'a TypeTable,
    /// Derivations that may still be written.
    steps: u32,
    /// Parameter lists that may still be inside each other.
    depth: u32,
}

impl Speller<'_> {
    /// Walks from the outermost derivation inwards, and recurses for parameters only.
    fn spelled(&mut self, mut ty: TypeId) -> Spelled {
        let mut stars = Vec::new();
        let mut after = String::new();
        let before = loop {
            ty = match self.table.get(ty) {
                _ if self.steps == 0 => break "...".to_string(),
                CType::Pointer(target) => {
                    let opens = wraps(self.table, target);
                    stars.push(star(opens, convention_of(self.table, target)));
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
                    let function = self.table.function(id);
                    after.push_str(&self.parameters(function));
                    function.result
                }
                CType::Deferred(id) => match self.table.deferred(id).kind {
                    DeferredKind::Array { element } => {
                        after.push_str("[...]");
                        element
                    }
                    DeferredKind::Integer | DeferredKind::Float => {
                        break self.table.deferred(id).name.to_string();
                    }
                },
                CType::Aligned { ty, .. } => ty,
                CType::Void => break "void".to_string(),
                CType::Primitive(primitive) => break primitive.spelling().to_string(),
                CType::Record(id) => break self.table.record(id).spelling(),
                CType::Enum(id) => break self.table.enumeration(id).spelling(),
                CType::Vector { element, lanes } => {
                    let element = self.spelled(element).around("");
                    break format!(
                        "{element} __attribute__((vector_size({lanes} * sizeof({element}))))"
                    );
                }
            };
            self.steps = self.steps.saturating_sub(1);
        };
        let stars: String = stars.into_iter().rev().collect();
        Spelled {
            before: before + &stars,
            after,
        }
    }

    fn parameters(&mut self, function: &FunctionType) -> String {
        if self.depth == 0 {
            return "(...)".into();
        }
        self.depth -= 1;
        let mut params = Vec::new();
        for &param in &function.params {
            self.steps = self.steps.saturating_sub(1);
            if self.steps == 0 {
                params.push("...".to_string());
                break;
            }
            params.push(self.spelled(param).around(""));
        }
        if function.variadic {
            params.push("...".into());
        }
        self.depth += 1;
        format!("({})", params.join(", "))
    }
}

/// One `*`, with a parenthesis where arrays or parameters follow outside of it.
fn star(opens: bool, convention: Convention) -> String {
    match (opens, convention) {
        (true, Convention::Default) => "(*".into(),
        (true, other) => format!("({} *", other.keyword()),
        (false, _) => " *".into(),
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
