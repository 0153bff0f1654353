//! Callbacks: Debian's libexpat1 parses an XML file and tells three Rust closures what it comes upon. What they share
//! travels through C as a handle.

#![allow(unsafe_code)]

use std::sync::{Arc, Mutex};

use farcall::{Args, Failure, Ffi, Library, Value};

const DECLARATIONS: &str = "
    typedef char XML_Char;
    typedef struct XML_ParserStruct *XML_Parser;
    typedef void (*XML_StartElementHandler)(void *userData, const XML_Char *name, const XML_Char **atts);
    typedef void (*XML_EndElementHandler)(void *userData, const XML_Char *name);
    typedef void (*XML_CharacterDataHandler)(void *userData, const XML_Char *s, int len);

    XML_Parser XML_ParserCreate(const XML_Char *encoding);
    void XML_ParserFree(XML_Parser parser);
    void XML_SetUserData(XML_Parser parser, void *userData);
    void XML_SetElementHandler(XML_Parser parser, XML_StartElementHandler start, XML_EndElementHandler end);
    void XML_SetCharacterDataHandler(XML_Parser parser, XML_CharacterDataHandler handler);
    int XML_Parse(XML_Parser parser, const char *s, int len, int isFinal);
    int XML_GetErrorCode(XML_Parser parser);
    const char *XML_ErrorString(int code);
    unsigned long XML_GetCurrentLineNumber(XML_Parser parser);
";

/// What the callbacks share.
#[derive(Default)]
struct Outline {
    depth: usize,
    elements: u32,
    text: String,
}

type Shared = Mutex<Outline>;

fn main() -> Result<(), Failure> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/planets.xml");
    let elements = outline(&std::fs::read_to_string(path)?)?;
    println!("{elements} elements");

    let error = outline("<a>\n<b></a>").unwrap_err();
    println!("and a wrong text: {error}");
    Ok(())
}

/// Prints the elements of a document, each with its attributes, indented by depth; how many there were.
fn outline(document: &str) -> Result<u32, Failure> {
    let ffi = Ffi::new();
    ffi.cdef(DECLARATIONS)?;
    // SAFETY: the declarations are those of expat.h.
    let lib = unsafe { ffi.dlopen("libexpat.so.1") }?;

    let start = ffi.callback("XML_StartElementHandler", |args| {
        // SAFETY: expat passes a name, and names and values of attributes, ended by a NULL.
        let (name, attributes) = unsafe { (text(&args.value(1)?)?, pairs(&args.value(2)?)?) };
        let shared = shared(args)?;
        let mut outline = shared.lock().expect("no callback panics");
        println!(
            "{:indent$}{name}{attributes}",
            "",
            indent = 2 * outline.depth
        );
        outline.depth += 1;
        outline.elements += 1;
        outline.text.clear();
        Ok(())
    })?;
    let end = ffi.callback("XML_EndElementHandler", |args| {
        let shared = shared(args)?;
        let mut outline = shared.lock().expect("no callback panics");
        let text = std::mem::take(&mut outline.text);
        if !text.trim().is_empty() {
            println!(
                "{:indent$}\"{}\"",
                "",
                text.trim(),
                indent = 2 * outline.depth
            );
        }
        outline.depth -= 1;
        Ok(())
    })?;
    let characters = ffi.callback("XML_CharacterDataHandler", |args| {
        let (characters, len) = (args.value(1)?, args.get::<u64>(2)?);
        // SAFETY: expat passes so many bytes, without a NUL behind them.
        let bytes = unsafe { characters.cdata()?.trust(len) }.string()?;
        let shared = shared(args)?;
        let mut outline = shared.lock().expect("no callback panics");
        outline.text.push_str(&String::from_utf8(bytes)?);
        Ok(())
    })?;

    let state = ffi.new_handle(Shared::default());
    let parser = call(&lib, "XML_ParserCreate", (Value::None,))?;
    call(&lib, "XML_SetUserData", (&parser, &state))?;
    call(&lib, "XML_SetElementHandler", (&parser, &start, &end))?;
    call(&lib, "XML_SetCharacterDataHandler", (&parser, &characters))?;
    let parsed = call(&lib, "XML_Parse", (&parser, document, document.len(), 1))?;
    let problem = call(&lib, "XML_GetErrorCode", (&parser,))?;
    let line = call(&lib, "XML_GetCurrentLineNumber", (&parser,))?;
    call(&lib, "XML_ParserFree", (&parser,))?;
    if parsed == Value::Int(1) {
        let shared = ffi.from_handle::<Shared>(&state)?;
        return Ok(shared.lock().expect("no callback panics").elements);
    }
    let problem = call(&lib, "XML_ErrorString", (problem,))?;
    // SAFETY: expat gives a constant.
    let problem = unsafe { text(&problem) }?;
    Err(format!("line {line}: {problem}").into())
}

fn call(
    lib: &Library,
    function: &str,
    arguments: impl farcall::Arguments,
) -> Result<Value, farcall::Error> {
    // SAFETY: only called from this program, with a live parser, and callbacks that live as long.
    unsafe { lib.call(function, arguments) }
}

/// What is behind a callback's user data.
fn shared(args: &Args<'_>) -> Result<Arc<Shared>, farcall::Error> {
    let user_data = args.value(0)?;
    args.callback_type().ffi().from_handle(user_data.cdata()?)
}

/// # Safety
///
/// It is a C string.
unsafe fn text(pointer: &Value) -> Result<String, Failure> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { pointer.cdata()?.c_string() }?;
    Ok(String::from_utf8(bytes)?)
}

/// # Safety
///
/// It is an array of C strings, ended by a NULL.
unsafe fn pairs(array: &Value) -> Result<String, Failure> {
    let mut words = Vec::new();
    for index in 0.. {
        // SAFETY: the caller's promise: what is before the NULL was read already.
        let word = unsafe { array.cdata()?.trust(index + 1) }.item(index as i64)?;
        if word.cdata()?.is_null() {
            break;
        }
        // SAFETY: as above.
        words.push(unsafe { text(&word) }?);
    }
    Ok(words
        .chunks_exact(2)
        .map(|pair| format!(" {}={}", pair[0], pair[1]))
        .collect())
}
