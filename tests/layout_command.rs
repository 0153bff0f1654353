//! `farcall layout`, as it is run.

// tests/windows.rs runs the command too.
#![cfg(target_os = "linux")]

use std::process::{Command, Output};

/// A run of the command for one target.
fn layout(arguments: &[&str]) -> Output {
    layout_for("x86_64-linux", arguments)
}

/// A run of the command; where the processor does not know the program, by what runs it.
fn layout_for(target: &str, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_farcall");
    let runner = std::env::var("FARCALL_TEST_RUNNER").unwrap_or_default();
    let mut words = runner.split_whitespace().chain([program]);
    Command::new(words.next().unwrap_or(program))
        .args(words)
        .args(["layout", "--target", target])
        .args(arguments)
        .output()
        .expect("the command was built")
}

fn prints(arguments: &[&str]) -> String {
    let output = layout(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("output is text")
}

#[test]
fn a_typedefs_alignment_is_shown() {
    let shown = prints(
        &["typedef struct { char a; } ta __attribute__((aligned(8)));
         typedef struct s { int x; } al __attribute__((aligned(16))); typedef struct s lower;"],
    );
    assert!(
        shown.contains("/* size: 1, alignment: 8, members: 1 */"),
        "{shown}"
    );
    assert!(
        shown.contains("/* size: 4, alignment: 4, members: 1 */"),
        "{shown}"
    );
    let line = "typedef struct s al;                        /* size: 4, alignment: 16 */\n";
    assert!(shown.contains(line), "{shown}");
    assert!(!shown.contains("lower"), "{shown}");
}

#[test]
fn records_without_a_name_are_shown_by_what_leads_to_them() {
    let shown = prints(&[
        "typedef struct { int p; } *P; struct { int q; } v, *w; typedef union { int u; } u_t[3];
         struct o { struct { int a; char c; } m[3], (*q)[2]; };",
    ]);
    for part in [
        "typedef struct {                            /* offset   size */\n    int p;",
        "\n} *P;\n",
        "\nstruct {                                    /* offset   size */\n    int q;",
        "\n} v;\n",
        "\ntypedef union { ",
        "\n} u_t[3];\n",
        "\n    } m[3];                                 /*        0     24 */\n",
        "\n    } (*q)[2];                              /*       24      8 */\n",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert!(!shown.contains('$'), "{shown}");
    assert_eq!(shown.matches("        int a; ").count(), 2, "{shown}");
}

#[test]
fn typedefs_that_double_do_not_double_the_output() {
    let mut text = String::from("typedef struct { int x; } *P0;");
    for i in 1..60 {
        text += &format!("typedef struct {{ P{0} a, b; }} *P{i};", i - 1);
    }
    assert!(prints(&[&text]).len() < 20_000_000);
}

#[test]
fn a_text_without_records_is_right() {
    let output = layout(&["enum e { A }; int f(void);"]);
    assert!(output.status.success() && output.stdout.is_empty());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said, "farcall: the declarations have no struct or union\n");
}

#[test]
fn windows_names_are_known_when_asked_for() {
    let text = "struct s { DWORD n; WCHAR w[2]; HANDLE h; LONG l; };";
    let shown = prints(&["--windows-names", text]);
    assert!(shown.contains("size: 24, alignment: 8"), "{shown}");
    assert!(!layout(&[text]).status.success());
}

#[test]
fn every_spelling_of_a_target_is_listed_and_known() {
    let text = "struct s { long l; };";
    let said = String::from_utf8(layout_for("pdp11", &[text]).stderr).unwrap();
    assert!(said.contains("'-msvc-rules'"), "{said}");
    assert!(
        layout_for("i686-windows-msvc-rules", &[text])
            .status
            .success()
    );
}
