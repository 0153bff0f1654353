//! A second of what `cargo fuzz run cdef` does for longer: texts of the corpus, cut up and put together anew.

#[path = "fuzz/oracle.rs"]
mod oracle;

use std::time::{Duration, Instant};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/cdef");
const LONGEST: usize = 8 << 10;

fn corpus() -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(CORPUS)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect()
}

#[test]
fn the_corpus_itself() {
    corpus().iter().for_each(|text| oracle::check(text));
}

#[test]
fn mutated_texts_for_a_second() {
    let corpus = corpus();
    // FARCALL_FUZZ_SECONDS runs it for longer, and on other texts each time.
    let longer = std::env::var("FARCALL_FUZZ_SECONDS")
        .ok()
        .and_then(|seconds| seconds.parse().ok());
    let mut rng = if longer.is_some() {
        fastrand::Rng::new()
    } else {
        fastrand::Rng::with_seed(7)
    };
    let end = Duration::from_secs(longer.unwrap_or(1));
    let start = Instant::now();
    let mut texts = 0;
    // On a busy machine a second may be over after a few.
    while start.elapsed() < end || texts < 20 {
        let mut text = corpus[rng.usize(..corpus.len())].clone();
        for _ in 0..rng.usize(1..6) {
            text = mutated(&text, &corpus, &mut rng);
        }
        let begin = Instant::now();
        if let Err(panic) = std::panic::catch_unwind(|| oracle::check(&text)) {
            println!("{text}");
            std::panic::resume_unwind(panic);
        }
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "{:?} for\n{text}",
            begin.elapsed()
        );
        texts += 1;
    }
}

/// Words and single characters, so that mutations keep most of C's syntax.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at(word.max(first.len_utf8()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn mutated(text: &str, corpus: &[String], rng: &mut fastrand::Rng) -> String {
    const HOSTILE: &[&str] = &[
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "*",
        ";",
        ",",
        "...",
        "\"",
        "'",
        "/*",
        "\\\n",
        "#define ",
        "#pragma pack(",
        "0x",
        "18446744073709551615",
        "struct ",
        "sizeof(",
        "__attribute__((aligned(",
        "\u{e9}",
        "\0",
        "-",
        "<<",
        "?",
        ":",
    ];
    let mut pieces = pieces(text);
    if pieces.is_empty() {
        return HOSTILE[rng.usize(..HOSTILE.len())].into();
    }
    let (a, b) = (rng.usize(..pieces.len()), rng.usize(..pieces.len()));
    let (low, high) = (a.min(b), a.max(b));
    let other = &corpus[rng.usize(..corpus.len())];
    match rng.usize(..6) {
        0 => pieces.swap(a, b),
        1 => drop(pieces.drain(low..high.min(low + 20))),
        2 => pieces.insert(a, HOSTILE[rng.usize(..HOSTILE.len())]),
        3 => {
            let copy = pieces[low..high.min(low + 50)].to_vec();
            for _ in 0..rng.usize(1..40) {
                pieces.splice(low..low, copy.iter().copied());
            }
        }
        4 => pieces.truncate(a),
        _ => {
            let theirs = self::pieces(other);
            let from = rng.usize(..theirs.len().max(1));
            pieces.splice(a..a, theirs.into_iter().skip(from).take(60));
        }
    }
    let mut text = pieces.concat();
    let end = (0..=LONGEST.min(text.len()))
        .rev()
        .find(|&end| text.is_char_boundary(end))
        .unwrap_or(0);
    text.truncate(end);
    text
}
