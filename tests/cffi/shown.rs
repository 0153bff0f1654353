//! Values as Python shows them.

use std::fmt::Write;

use farcall::object::float_repr;

use crate::host::{Strict, Val};

/// The value as Python's `ascii` shows it.
pub(crate) fn ascii(host: &Strict<'_>, value: &Val) -> String {
    let all = |items: &[Val]| {
        let items: Vec<String> = items.iter().map(|item| ascii(host, item)).collect();
        items.join(", ")
    };
    match value {
        Val::None => "None".into(),
        Val::Bool(true) => "True".into(),
        Val::Bool(false) => "False".into(),
        Val::Int(int) => int.to_string(),
        Val::Float(float) => float_repr(*float),
        Val::Complex(real, imaginary) => complex(*real, *imaginary),
        Val::Bytes(bytes) => {
            let codes: Vec<u32> = bytes.iter().map(|&byte| byte.into()).collect();
            format!("b{}", quoted(&codes))
        }
        Val::Text(codes) => quoted(codes),
        Val::List(items) => format!("[{}]", all(items)),
        Val::Dict(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("'{name}': {}", ascii(host, value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Val::Growing(count) => format!("<text of {} so far>", count.get()),
        Val::CData(cdata) if let Some(own) = &cdata.own => escaped(&own.repr()),
        // SAFETY: numbers lie in the cdata's memory, which is alive.
        Val::CData(cdata) => match unsafe { farcall::object::repr(host, &cdata.object) } {
            Ok(repr) => repr,
            Err(error) => error.to_string(),
        },
    }
}

/// Text as `ascii` leaves it: what is not ASCII by its code.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match u32::from(c) {
            ..0x80 => escaped.push(c),
            code @ ..0x100 => write!(escaped, "\\x{code:02x}").unwrap(),
            code @ ..0x1_0000 => write!(escaped, "\\u{code:04x}").unwrap(),
            code => write!(escaped, "\\U{code:08x}").unwrap(),
        }
    }
    escaped
}

fn complex(real: f64, imaginary: f64) -> String {
    let part = |value: f64| {
        let text = float_repr(value);
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    };
    if real == 0.0 && real.is_sign_positive() {
        return format!("{}j", part(imaginary));
    }
    let sign = if part(imaginary).starts_with('-') {
        ""
    } else {
        "+"
    };
    format!("({}{sign}{}j)", part(real), part(imaginary))
}

fn quoted(codes: &[u32]) -> String {
    let has = |quote: char| codes.contains(&u32::from(quote));
    let quote = if has('\'') && !has('"') { '"' } else { '\'' };
    let mut text = String::from(quote);
    for &code in codes {
        match (code, char::from_u32(code)) {
            (9, _) => text.push_str("\\t"),
            (10, _) => text.push_str("\\n"),
            (13, _) => text.push_str("\\r"),
            (_, Some(c)) if c == quote || c == '\\' => {
                text.push('\\');
                text.push(c);
            }
            (0x20..0x7f, Some(c)) => text.push(c),
            (..0x100, _) => write!(text, "\\x{code:02x}").unwrap(),
            (..0x1_0000, _) => write!(text, "\\u{code:04x}").unwrap(),
            _ => write!(text, "\\U{code:08x}").unwrap(),
        }
    }
    text.push(quote);
    text
}
