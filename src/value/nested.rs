//! What is done with lists in lists: however deep they are, the stack does not have to be.

use std::slice::Iter;
use std::{fmt, mem};

use super::Value;

/// One after the other, not one inside the other's `drop`.
impl Drop for Value {
    fn drop(&mut self) {
        let mut nested = Vec::new();
        self.take_nested(&mut nested);
        while let Some(mut value) = nested.pop() {
            value.take_nested(&mut nested);
        }
    }
}

impl Value {
    fn nests(&self) -> bool {
        matches!(self, Value::List(_) | Value::Map(_))
    }

    /// Moves the lists and mappings directly inside out of it.
    fn take_nested(&mut self, into: &mut Vec<Value>) {
        match self {
            Value::List(items) => into.extend(items.drain(..).filter(Value::nests)),
            Value::Map(members) => {
                into.extend(members.drain(..).map(|(_, v)| v).filter(Value::nests));
            }
            _ => {}
        }
    }

    /// A copy of what nests at most once.
    fn flat(&self) -> Option<Value> {
        match self {
            Value::List(items) if !items.iter().any(Value::nests) => {
                Some(Value::List(items.iter().map(Value::shallow).collect()))
            }
            Value::List(_) | Value::Map(_) => None,
            _ => Some(self.shallow()),
        }
    }

    /// A copy of what is no list and no mapping; of these an empty one.
    fn shallow(&self) -> Value {
        match self {
            Value::None => Value::None,
            Value::Bool(value) => Value::Bool(*value),
            Value::Int(value) => Value::Int(*value),
            Value::Large(value) => Value::Large(*value),
            Value::Float(value) => Value::Float(*value),
            Value::Complex(real, imaginary) => Value::Complex(*real, *imaginary),
            Value::Bytes(bytes) => Value::Bytes(bytes.clone()),
            Value::Text(text) => Value::Text(text.clone()),
            Value::List(items) => Value::List(Vec::with_capacity(items.len())),
            Value::Map(members) => Value::Map(Vec::with_capacity(members.len())),
            Value::CData(cdata) => Value::CData(cdata.clone()),
        }
    }
}

/// What of a list or a mapping has not been visited yet.
enum Rest<'v> {
    Items(Iter<'v, Value>),
    Members(Iter<'v, (String, Value)>),
}

impl<'v> Rest<'v> {
    fn of(value: &'v Value) -> Rest<'v> {
        match value {
            Value::List(items) => Rest::Items(items.iter()),
            Value::Map(members) => Rest::Members(members.iter()),
            _ => Rest::Items([].iter()),
        }
    }

    /// The next value, and its name in a mapping.
    fn next(&mut self) -> Option<(Option<&'v str>, &'v Value)> {
        match self {
            Rest::Items(items) => items.next().map(|value| (None, value)),
            Rest::Members(members) => members.next().map(|(name, value)| (Some(&**name), value)),
        }
    }
}

impl Clone for Value {
    fn clone(&self) -> Value {
        if let Some(copy) = self.flat() {
            return copy;
        }
        // Copies that are being filled around the one at hand, each with what follows and the name of that one in it.
        let mut around: Vec<(Value, Rest<'_>, Option<&str>)> = Vec::new();
        let (mut copy, mut rest) = (self.shallow(), Rest::of(self));
        loop {
            match rest.next() {
                Some((name, value)) => match value.flat() {
                    Some(flat) => copy.put(name, flat),
                    None => {
                        let outer = mem::replace(&mut copy, value.shallow());
                        around.push((outer, mem::replace(&mut rest, Rest::of(value)), name));
                    }
                },
                None => match around.pop() {
                    Some((mut outer, following, name)) => {
                        outer.put(name, copy);
                        (copy, rest) = (outer, following);
                    }
                    None => return copy,
                },
            }
        }
    }
}

impl Value {
    fn put(&mut self, name: Option<&str>, value: Value) {
        match (self, name) {
            (Value::List(items), _) => items.push(value),
            (Value::Map(members), Some(name)) => members.push((name.into(), value)),
            _ => {}
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        let (mut pairs, mut next) = (Vec::new(), Some((self, other)));
        while let Some(pair) = next {
            let same = match pair {
                (Value::None, Value::None) => true,
                (Value::Bool(a), Value::Bool(b)) => a == b,
                (Value::Int(a), Value::Int(b)) => a == b,
                (Value::Large(a), Value::Large(b)) => a == b,
                (Value::Float(a), Value::Float(b)) => a == b,
                (Value::Complex(a, b), Value::Complex(c, d)) => (a, b) == (c, d),
                (Value::Bytes(a), Value::Bytes(b)) => a == b,
                (Value::Text(a), Value::Text(b)) => a == b,
                (Value::CData(a), Value::CData(b)) => a == b,
                (Value::List(a), Value::List(b)) => {
                    let same = a.len() == b.len();
                    if same {
                        pairs.extend(a.iter().zip(b));
                    }
                    same
                }
                (Value::Map(a), Value::Map(b)) => {
                    let values = |(a, b): (&'_ (String, Value), &'_ (String, Value))| a.0 == b.0;
                    let same = a.len() == b.len() && a.iter().zip(b).all(values);
                    if same {
                        pairs.extend(a.iter().zip(b).map(|(a, b)| (&a.1, &b.1)));
                    }
                    same
                }
                _ => false,
            };
            if !same {
                return false;
            }
            next = pairs.pop();
        }
        true
    }
}

/// What is nested deeper prints as three dots.
const SHOWN: usize = 100;

/// A value inside so many others.
struct Inside<'v>(&'v Value, usize);

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Inside(self, 0).fmt(f)
    }
}

impl fmt::Display for Inside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inside(value, depth) = *self;
        let (open, close) = match value {
            Value::None => return f.write_str("none"),
            Value::Bool(value) => return value.fmt(f),
            Value::Int(value) => return value.fmt(f),
            Value::Large(value) => return value.fmt(f),
            Value::Float(value) => return value.fmt(f),
            Value::Complex(real, imaginary) => return write!(f, "{real}{imaginary:+}i"),
            Value::Bytes(bytes) => return write!(f, "\"{}\"", bytes.escape_ascii()),
            Value::Text(text) => return write!(f, "{text:?}"),
            Value::CData(cdata) => return cdata.fmt(f),
            Value::List(_) => ("[", "]"),
            Value::Map(_) => ("{", "}"),
        };
        if depth == SHOWN {
            return write!(f, "{open}...{close}");
        }
        f.write_str(open)?;
        let mut rest = Rest::of(value);
        let mut separator = "";
        while let Some((name, value)) = rest.next() {
            f.write_str(separator)?;
            if let Some(name) = name {
                write!(f, "{name}: ")?;
            }
            Inside(value, depth + 1).fmt(f)?;
            separator = ", ";
        }
        f.write_str(close)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Inside(self, 0).fmt(f)
    }
}

impl fmt::Debug for Inside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inside(value, depth) = *self;
        let inside = |value| Inside(value, depth + 1);
        match value {
            Value::None => f.write_str("None"),
            Value::Bool(value) => f.debug_tuple("Bool").field(value).finish(),
            Value::Int(value) => f.debug_tuple("Int").field(value).finish(),
            Value::Large(value) => f.debug_tuple("Large").field(value).finish(),
            Value::Float(value) => f.debug_tuple("Float").field(value).finish(),
            Value::Complex(real, imaginary) => f
                .debug_tuple("Complex")
                .field(real)
                .field(imaginary)
                .finish(),
            Value::Bytes(bytes) => f.debug_tuple("Bytes").field(bytes).finish(),
            Value::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Value::CData(cdata) => f.debug_tuple("CData").field(cdata).finish(),
            _ if depth == SHOWN => f.write_str("..."),
            Value::List(items) => {
                f.write_str("List")?;
                f.debug_list().entries(items.iter().map(inside)).finish()
            }
            Value::Map(members) => {
                let members = members.iter().map(|(name, value)| (name, inside(value)));
                f.write_str("Map")?;
                f.debug_map().entries(members).finish()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRAPS: [fn(Value) -> Value; 2] = [
        |value| Value::List(vec![1.into(), value]),
        |value| Value::Map(vec![("next".into(), value), ("n".into(), 1.into())]),
    ];

    fn deep(wrap: fn(Value) -> Value, inner: i32, levels: usize) -> Value {
        (0..levels).fold(Value::from(inner), |value, _| wrap(value))
    }

    #[test]
    fn lists_are_dropped_copied_and_compared_however_deep_they_are() {
        for wrap in WRAPS {
            let value = deep(wrap, 1, 100_000);
            let copy = value.clone();
            assert!(copy == value);
            assert!(copy != deep(wrap, 2, 100_000) && copy != deep(wrap, 1, 99_999));
        }
    }

    #[test]
    fn lists_are_shown_to_a_depth() {
        for wrap in WRAPS {
            let value = deep(wrap, 7, 100_000);
            for shown in [
                value.to_string(),
                format!("{value:?}"),
                format!("{value:#?}"),
            ] {
                assert!(shown.contains("...") && shown.len() < 1_000_000, "{shown}");
            }
            let shown = deep(wrap, 7, SHOWN).to_string();
            assert!(shown.contains('7') && !shown.contains("..."), "{shown}");
        }
    }

    #[test]
    fn copies_are_complete() {
        let value = Value::from((
            1,
            [[2, 3], [4, 5]],
            Value::map([("a", [6, 7]), ("b", [8, 9])]),
            "x",
        ));
        let shown = "[1, [[2, 3], [4, 5]], {a: [6, 7], b: [8, 9]}, \"x\"]";
        assert_eq!(value.clone().to_string(), shown);
        assert_eq!(value.clone(), value);
    }
}
