//! Text and bytes as Python writes them, for reprs that are cffi's.

/// Text in quotes, as Python writes it.
pub(super) fn quoted(text: &str) -> String {
    let quote = match text.contains('\'') && !text.contains('"') {
        true => '"',
        false => '\'',
    };
    let mut quoted = String::from(quote);
    for character in text.chars() {
        let code = u32::from(character);
        match character {
            '\t' => quoted += "\\t",
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\\' => quoted += "\\\\",
            _ if character == quote => quoted.extend(['\\', quote]),
            '\'' | '"' => quoted.push(character),
            _ if character != '\0' && character.escape_debug().len() == 1 => quoted.push(character),
            _ if code < 0x100 => quoted += &format!("\\x{code:02x}"),
            _ if code < 0x1_0000 => quoted += &format!("\\u{code:04x}"),
            _ => quoted += &format!("\\U{code:08x}"),
        }
    }
    quoted.push(quote);
    quoted
}

/// Bytes in quotes, as Python writes them.
pub(super) fn quoted_bytes(bytes: &[u8]) -> String {
    let text = bytes.escape_ascii().to_string();
    let text = text.replace("\\\"", "\"").replace("\\'", "'");
    match text.contains('\'') && !text.contains('"') {
        true => format!("b\"{text}\""),
        false => format!("b'{}'", text.replace('\'', "\\'")),
    }
}
