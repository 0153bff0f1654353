//! String literals (C11 6.4.5): only their types matter here.

use super::Parser;
use super::operand::Operand;
use crate::cdef::lex::TokenKind;
use crate::ctype::Primitive;

impl Parser<'_> {
    /// String literals next to each other are one array, with a zero at its end (C11 6.4.5 §6).
    #[inline(never)]
    pub(super) fn string(&mut self) -> Operand {
        let (mut element, mut length) = (Primitive::Char, 1);
        while self.peek() == TokenKind::String {
            let token = self.bump();
            let text = self.text_of(token);
            let (prefix, quoted) = text.split_at(text.find('"').unwrap_or(0));
            match prefix {
                "L" => element = Primitive::Wchar,
                "u" => element = Primitive::Char16,
                "U" => element = Primitive::Char32,
                _ => {}
            }
            let size = element.layout(self.table().model()).size;
            let inside = quoted
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'));
            length += string_units(inside.unwrap_or(quoted), size);
        }
        let table = self.table();
        Operand::typed(table.array(table.primitive(element), Some(length)))
    }
}

/// Units of `size` bytes that a literal's text takes; an escape is one, and a character as many as its encoding.
fn string_units(text: &str, size: u64) -> u64 {
    let units = |c: char| match size {
        1 => c.len_utf8() as u64,
        2 => c.len_utf16() as u64,
        _ => 1,
    };
    let mut characters = text.chars().peekable();
    let mut count = 0;
    while let Some(c) = characters.next() {
        if c != '\\' {
            count += units(c);
            continue;
        }
        let (radix, most) = match characters.next() {
            Some('x') => (16, usize::MAX),
            Some('0'..='7') => (8, 2),
            Some(kind @ ('u' | 'U')) => {
                let digits: String = characters
                    .by_ref()
                    .take(if kind == 'u' { 4 } else { 8 })
                    .collect();
                let named = u32::from_str_radix(&digits, 16)
                    .ok()
                    .and_then(char::from_u32);
                count += named.map_or(1, units);
                continue;
            }
            _ => (0, 0),
        };
        count += 1;
        for _ in 0..most {
            if characters
                .next_if(|c| radix > 0 && c.is_digit(radix))
                .is_none()
            {
                break;
            }
        }
    }
    count
}
