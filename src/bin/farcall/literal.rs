//! The notation of arguments: C's literals, with braces for structs and brackets for arrays.

/// An argument as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    /// `12`, `-0x1f`, `1e-3`, `inf`.
    Number(String),
    /// `"text"`, which `\xff` makes any bytes.
    Text(Vec<u8>),
    /// `'c'`.
    Character(char),
    /// `NULL`.
    Null,
    /// `true`, `RED`.
    Name(String),
    /// `{1, 2}`, `{x: 1, .y = 2}`.
    Braces(Vec<(Option<String>, Literal)>),
    /// `[1, 2, 3]`, `[0; 64]`.
    Brackets(Vec<Literal>),
}

/// How deep braces and brackets nest at most.
const MAX_DEPTH: usize = 64;
/// Literals in one argument at most, each item that `[x; n]` repeats among them.
const MAX_LITERALS: usize = 1 << 24;

impl Literal {
    /// Reads a whole argument. The error says what is wrong, and behind how many characters.
    pub(crate) fn parse(text: &str) -> Result<Literal, String> {
        let mut reader = Reader {
            text,
            at: 0,
            depth: 0,
            literals: 0,
        };
        let literal = reader.literal()?;
        match reader.peek() {
            None => Ok(literal),
            Some(_) => Err(reader.expected("the end")),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// How many there are so far.
    literals: usize,
}

impl Reader<'_> {
    fn literal(&mut self) -> Result<Literal, String> {
        self.literals += 1;
        match self.peek() {
            Some('"') => self.quoted('"').map(Literal::Text),
            Some('\'') => {
                let text = self.quoted('\'')?;
                let characters = str::from_utf8(&text).unwrap_or_default().chars();
                match (text.as_slice(), characters.collect::<Vec<_>>().as_slice()) {
                    (_, [character]) => Ok(Literal::Character(*character)),
                    // A byte that is no UTF-8 has its number, in Latin-1 too.
                    ([byte], _) => Ok(Literal::Character((*byte).into())),
                    _ => Err(format!("'{}' is not one character", text.escape_ascii())),
                }
            }
            Some('{') => self.nested('}', Reader::member).map(Literal::Braces),
            Some('[') => self.brackets(),
            Some(c) if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => {
                Ok(Literal::Number(self.word()))
            }
            Some(c) if c.is_alphabetic() || c == '_' => {
                let word = self.word();
                Ok(match word.as_str() {
                    "NULL" => Literal::Null,
                    "inf" | "nan" => Literal::Number(word),
                    _ => Literal::Name(word),
                })
            }
            _ => Err(self.expected("a number, \"text\", 'c', NULL, {...} or [...]")),
        }
    }

    fn brackets(&mut self) -> Result<Literal, String> {
        let items = self.nested(']', |reader| {
            let before = reader.literals;
            let item = reader.literal()?;
            if reader.peek() != Some(';') {
                return Ok((item, None));
            }
            reader.at += 1;
            reader.peek();
            let word = reader.word();
            let count: usize = word
                .parse()
                .map_err(|_| format!("'{word}' is not a count"))?;
            reader.repeat(reader.literals - before, count)?;
            Ok((item, Some(count)))
        })?;
        Ok(Literal::Brackets(match items.as_slice() {
            [(item, Some(count))] => vec![item.clone(); *count],
            _ if items.iter().any(|(_, count)| count.is_some()) => {
                return Err("[x; n] has one item and a count".into());
            }
            _ => items.into_iter().map(|(item, _)| item).collect(),
        }))
    }

    /// Accounts for `count` times as many of the last literals, before they take up memory.
    fn repeat(&mut self, last: usize, count: usize) -> Result<(), String> {
        let all = last
            .checked_mul(count)
            .and_then(|repeated| (self.literals - last).checked_add(repeated))
            .filter(|&all| all <= MAX_LITERALS);
        self.literals = all.ok_or_else(|| format!("more than {MAX_LITERALS} items"))?;
        Ok(())
    }

    fn member(&mut self) -> Result<(Option<String>, Literal), String> {
        let start = self.at;
        if self.peek() == Some('.') && !self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) {
            self.at += 1;
        }
        if self.peek().is_some_and(|c| c.is_alphabetic() || c == '_') {
            let name = self.word();
            if matches!(self.peek(), Some(':' | '=')) {
                self.at += 1;
                return Ok((Some(name), self.literal()?));
            }
        }
        self.at = start;
        Ok((None, self.literal()?))
    }

    /// Items between the bracket that comes next and `close`, separated by commas.
    fn nested<T>(
        &mut self,
        close: char,
        mut item: impl FnMut(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!(
                "more than {MAX_DEPTH} levels of braces and brackets"
            ));
        }
        self.at += 1;
        let mut items = Vec::new();
        while self.peek() != Some(close) {
            items.push(item(self)?);
            match self.peek() {
                Some(',') => self.at += 1,
                Some(c) if c == close => {}
                _ => return Err(self.expected(&format!("',' or '{close}'"))),
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(items)
    }

    fn quoted(&mut self, quote: char) -> Result<Vec<u8>, String> {
        self.at += 1;
        let mut text = Vec::new();
        loop {
            let character = match self.next() {
                Some(c) if c == quote => return Ok(text),
                Some('\\') => match self.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('r') => '\r',
                    Some('0') => '\0',
                    Some('x') => {
                        let digits = self.rest().get(..2);
                        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                        text.push(byte.ok_or("two hexadecimal digits follow \\x")?);
                        self.at += 2;
                        continue;
                    }
                    Some(c) => c,
                    None => return Err(self.expected("a character after \\")),
                },
                Some(c) => c,
                None => return Err(format!("no closing {quote}")),
            };
            text.extend(character.encode_utf8(&mut [0; 4]).bytes());
        }
    }

    /// Letters, digits and what numbers have beside them.
    fn word(&mut self) -> String {
        let start = self.at;
        let mut previous = ' ';
        while let Some(c) = self.rest().chars().next() {
            let sign = matches!(c, '-' | '+')
                && (self.at == start || matches!(previous, 'e' | 'E' | 'p' | 'P'));
            if !(c.is_alphanumeric() || matches!(c, '_' | '.') || sign) {
                break;
            }
            previous = c;
            self.at += c.len_utf8();
        }
        self.text[start..self.at].into()
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// The next character that is not white space, which is skipped.
    fn peek(&mut self) -> Option<char> {
        self.at = self.text.len() - self.rest().trim_start().len();
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn expected(&self, expected: &str) -> String {
        match self.rest() {
            "" => format!("it ends where {expected} should follow"),
            rest => format!("expected {expected} at '{rest}'"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Literal::{self, *};

    fn number(text: &str) -> Literal {
        Number(text.into())
    }

    #[test]
    fn all_forms() {
        for (text, literal) in [
            ("-0x1f", number("-0x1f")),
            (" 1e-3 ", number("1e-3")),
            ("\"a\\n\\x41\\\"\"", Text("a\nA\"".into())),
            ("\"\\xff\"", Text(vec![0xff])),
            ("\"é\\xc3\\xa9\"", Text("éé".into())),
            ("'\\''", Character('\'')),
            ("'é'", Character('é')),
            ("'\\xc3\\xa9'", Character('é')),
            ("'\\xff'", Character('\u{ff}')),
            ("NULL", Null),
            ("RED", Name("RED".into())),
            (
                "{1, .5}",
                Braces(vec![(None, number("1")), (None, number(".5"))]),
            ),
            (
                "{x: 1, .y = [2]}",
                Braces(vec![
                    (Some("x".into()), number("1")),
                    (Some("y".into()), Brackets(vec![number("2")])),
                ]),
            ),
            ("[0; 3]", Brackets(vec![number("0"); 3])),
            (
                "[[0; 2]; 2]",
                Brackets(vec![Brackets(vec![number("0"); 2]); 2]),
            ),
            ("[0; 0]", Brackets(vec![])),
            ("[]", Brackets(vec![])),
        ] {
            assert_eq!(Literal::parse(text), Ok(literal), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, said) in [
            ("", "ends where"),
            ("{1", "ends where ',' or '}'"),
            ("[1 2]", "expected ',' or ']' at '2]'"),
            ("\"x", "no closing \""),
            ("'ab'", "not one character"),
            ("1 2", "expected the end at '2'"),
            ("[1; x]", "not a count"),
            ("[1; 2, 3]", "one item and a count"),
            ("[0; 16777216]", "more than 16777216 items"),
            ("[[[0;2000];2000];2000]", "more than 16777216 items"),
            ("[[0;4000];4194]", "more than 16777216 items"),
            ("[[1, 2]; 4294967295]", "more than 16777216 items"),
            ("'\\xff\\xfe'", "not one character"),
            ("\\", "expected a number"),
        ] {
            let error = Literal::parse(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(Literal::parse(&"[".repeat(100_000)).is_err());
    }
}
