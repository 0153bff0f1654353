//! The engine, judged by the compilers of the machine that this runs on; and the judge, by its own means.

// On other machines `cargo xtask cross` has them judged, for few of them have a compiler of their own.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::process::Command;

use farcall_abitest::{Check, Features, Report, Source, Target, Through, check};

fn source(features: Features, count: u32) -> Source {
    let target = Target::host().expect("a known target");
    Source {
        target,
        features,
        seed: 1,
        from: 0,
        count,
    }
}

fn judged(source: Source, cc: &str, caller_cc: Option<&str>, through: Through) -> Report {
    let runner = vec![env!("CARGO_BIN_EXE_farcall-abitest").to_owned()];
    let caller_cc = caller_cc.map(Into::into);
    check(&Check {
        source,
        cc: cc.into(),
        caller_cc,
        through,
        runner,
        keep: None,
    })
    .expect("the judge runs")
}

fn assert_clean(report: &Report) {
    let texts = [&report.wrong[..], &report.refused[..]].concat();
    assert!(report.is_clean(), "{}\n{report}", texts.join("\n\n"));
}

fn present(cc: &str) -> bool {
    let found = Command::new(cc).arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: there is no {cc}");
    }
    found
}

#[test]
fn gcc_finds_nothing_wrong() {
    if present("gcc") {
        assert_clean(&judged(
            source(Features::GROUND, 500),
            "gcc",
            None,
            Through::Engine,
        ));
    }
}

#[test]
fn clang_finds_nothing_wrong_where_gcc_agrees() {
    if present("clang") && present("gcc") {
        let report = judged(
            source(Features::GROUND, 300),
            "clang",
            Some("gcc"),
            Through::Engine,
        );
        assert_clean(&report);
        assert!(report.disagreements.len() < 30, "{report}");
    }
}

#[test]
fn gcc_agrees_with_itself_on_everything() {
    if present("gcc") {
        assert_clean(&judged(
            source(Features::ALL, 300),
            "gcc",
            Some("gcc"),
            Through::Callers,
        ));
    }
}

#[test]
fn callbacks_are_called_by_gcc_and_by_clang() {
    for cc in ["gcc", "clang"] {
        if present(cc) && present("gcc") {
            let source = source(Features::GROUND, 200);
            let report = judged(source, "gcc", Some(cc), Through::Callbacks);
            assert_clean(&report);
            assert!(report.disagreements.len() < 30, "{report}");
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_caller_of_another_convention_is_found_out() {
    if present("gcc") {
        let report = judged(
            source(Features::GROUND, 100),
            "gcc",
            Some("gcc -mabi=ms"),
            Through::Callers,
        );
        assert!(report.wrong.len() > 80, "{report}");
    }
}
