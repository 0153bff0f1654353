//! The C source: callees that record what they were given, callers that another compiler can be given, and
//! tables in which the compiler tells how it laid out the records.

use std::fmt::Write;

use crate::ctype::{CType, Field, Signature};
use crate::features::Features;
use crate::scalar::Scalar;
use crate::spell::Variant;
use crate::target::Target;

const PRELUDE: &str = include_str!("prelude.h");
const JUDGE: &str = include_str!("judge.h");

/// The callees of `signatures`, with their tables.
pub(crate) fn callees(target: &Target, features: Features, signatures: &[Signature]) -> String {
    let mut text = PRELUDE.to_owned();
    text += JUDGE;
    let sizes: String = Scalar::allowed(features.and(target.features))
        .map(|scalar| format!("sizeof({}), ", scalar.spelling()))
        .collect();
    let _ = writeln!(
        text,
        "const unsigned judge_scalars[] = {{ {sizes}(char)-1 < 0 }};\n"
    );
    for signature in signatures {
        text += &signature.definitions();
        text += &callee(target, signature);
        text += &tables(signature);
    }
    text += "const struct judge_entry judge_table[] = {\n";
    for Signature { index, .. } in signatures {
        let _ = writeln!(
            text,
            "  {{ (void (*)(void))f{index}, L{index}, M{index}, \
             sizeof L{index} / sizeof *L{index} - 1, sizeof M{index} / sizeof *M{index} - 1 }},"
        );
    }
    text + "};\n"
}

/// Callers of the same functions, for a second compiler, through the pointer that the judge sets.
pub(crate) fn callers(signatures: &[Signature]) -> String {
    let mut text = PRELUDE.to_owned();
    text += "extern void (*volatile judge_target)(void);\n";
    for signature in signatures {
        text += &signature.definitions();
        text += &caller(signature);
    }
    text += "void (*const judge_callers[])(void **, void *) = {\n";
    for signature in signatures {
        let _ = writeln!(text, "  c{},", signature.index);
    }
    text + "};\n"
}

fn callee(target: &Target, signature: &Signature) -> String {
    let mut text = format!(
        "{}\n{{\n  unsigned char *p = judge_record;\n  STACK();\n",
        head(target, signature)
    );
    let fixed = signature.fixed.unwrap_or(signature.params.len());
    for (at, ty) in signature.params.iter().enumerate().take(fixed) {
        text += &record(target, signature, at, ty);
    }
    if let (Some(fixed), Some(va)) = (signature.fixed, signature.convention.va) {
        let _ = writeln!(
            text,
            "  {va}_list list;\n  {va}_start(list, a{});",
            fixed - 1
        );
        for (at, ty) in signature.params.iter().enumerate().skip(fixed) {
            let ty_name = signature.declare(ty, "");
            let variable = signature.declare(ty, &format!("a{at}"));
            let _ = writeln!(text, "  {variable} = __builtin_va_arg(list, {ty_name});");
            text += &record(target, signature, at, ty);
        }
        let _ = writeln!(text, "  {va}_end(list);");
    }
    text += "  judge_length = p - judge_record;\n";
    for (at, ty) in signature.params.iter().enumerate() {
        if matches!(ty, CType::Record(_)) {
            let _ = writeln!(text, "  SPOIL(a{at});");
        }
    }
    text + &give_back(target, signature) + "}\n"
}

/// The callee's own prototype; a dirty result is declared wider than callers know it.
fn head(target: &Target, signature: &Signature) -> String {
    let prototype = signature.prototype(true);
    match signature.dirty_result(target) {
        Some(scalar) => prototype.replacen(scalar.spelling(), "unsigned int", 1),
        None => prototype,
    }
}

fn give_back(target: &Target, signature: &Signature) -> String {
    let Some(ty) = &signature.result else {
        return String::new();
    };
    match signature.dirty_result(target) {
        Some(scalar) => {
            let size = scalar.size(target);
            format!(
                "  unsigned r = 0;\n  __builtin_memcpy(&r, judge_result, {size});\n  \
                 return r | 0xa5a5a5a5u << {};\n",
                8 * size
            )
        }
        None => {
            let variable = signature.declare(ty, "r");
            format!("  {variable};\n  __builtin_memcpy(&r, judge_result, sizeof r);\n  return r;\n")
        }
    }
}

/// Statements that record argument `at`, leaf by leaf.
fn record(target: &Target, signature: &Signature, at: usize, ty: &CType) -> String {
    let mut text = String::new();
    for leaf in signature.leaves(ty) {
        let path = signature.path(ty, &leaf.path);
        let verb = if leaf.bits.is_some() { "WIDE" } else { "COPY" };
        let _ = writeln!(text, "  {verb}(a{at}{path});");
    }
    if let CType::Scalar(scalar) = ty
        && scalar.small_integer(target).is_some()
    {
        let _ = writeln!(text, "  WIDE(a{at});");
    }
    text
}

fn caller(signature: &Signature) -> String {
    let index = signature.index;
    let mut text = format!("{};\n", signature.prototype(false));
    let _ = writeln!(text, "static void c{index}(void **args, void *result)\n{{");
    for (at, ty) in signature.params.iter().enumerate() {
        let variable = signature.declare(ty, &format!("a{at}"));
        let _ = writeln!(
            text,
            "  {variable}; __builtin_memcpy(&a{at}, args[{at}], sizeof a{at});"
        );
    }
    let names: Vec<String> = (0..signature.params.len())
        .map(|at| format!("a{at}"))
        .collect();
    let call = format!(
        "((__typeof__(&f{index}))judge_target)({})",
        names.join(", ")
    );
    let _ = match &signature.result {
        Some(ty) => {
            let variable = signature.declare(ty, "r");
            writeln!(
                text,
                "  {variable} = {call};\n  __builtin_memcpy(result, &r, sizeof r);\n}}"
            )
        }
        None => writeln!(text, "  {call};\n}}"),
    };
    text
}

/// What the compiler knows of the records; [`crate::layout`] reads it back in the same order.
fn tables(signature: &Signature) -> String {
    let index = signature.index;
    let (mut text, mut numbers, mut masks) = (String::new(), String::new(), String::new());
    for (id, record) in signature.records.iter().enumerate() {
        let tag = signature.tag(id, Variant::Itself);
        let natural = if record.align.is_some() {
            Variant::Natural
        } else {
            Variant::Itself
        };
        text += &define(signature, id, natural);
        let natural = signature.tag(id, natural);
        let _ = write!(
            numbers,
            "sizeof({tag}), _Alignof({tag}), _Alignof({natural}), "
        );
        let named = if record.fields.iter().any(Field::is_hidden) {
            Variant::Named
        } else {
            Variant::Itself
        };
        text += &define(signature, id, named);
        for (at, field) in record.fields.iter().enumerate() {
            match field.bits {
                None => {
                    let _ = write!(numbers, "__builtin_offsetof({tag}, f{at}), ");
                }
                Some(bits) if bits.width > 0 => {
                    let tag = signature.tag(id, named);
                    let _ = writeln!(
                        text,
                        "static const {tag} m{index}_{id}_{at} = {{ .f{at} = -1 }};"
                    );
                    let _ = write!(masks, "{{ &m{index}_{id}_{at}, sizeof({tag}) }}, ");
                }
                Some(_) if record.union => numbers += "0, ",
                Some(_) => {
                    let marked = Variant::Marked(at);
                    text += &define(signature, id, marked);
                    let _ = write!(
                        numbers,
                        "__builtin_offsetof({}, mark), ",
                        signature.tag(id, marked)
                    );
                }
            }
        }
    }
    let _ = writeln!(
        text,
        "static const unsigned long long L{index}[] = {{ {numbers}0 }};"
    );
    let _ = writeln!(
        text,
        "static const struct judge_mask M{index}[] = {{ {masks}{{ 0 }} }};\n"
    );
    text
}

fn define(signature: &Signature, id: usize, variant: Variant) -> String {
    match variant {
        Variant::Itself => String::new(),
        _ => signature.definition(id, variant) + "\n",
    }
}

impl Field {
    /// Whether it is a bit-field that takes room and has no name.
    fn is_hidden(&self) -> bool {
        self.bits.is_some_and(|bits| !bits.named && bits.width > 0)
    }
}
