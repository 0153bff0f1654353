use std::fs;
use std::path::Path;

use crate::tally::Skip;

/// Why these tests are marked `#[ignore = "..."]`, as the sources below `root` have it.
pub(super) fn reasons(root: &Path, names: Vec<String>) -> Vec<Skip> {
    if names.is_empty() {
        return Vec::new();
    }
    let mut sources = Vec::new();
    collect(root, &mut sources);
    let why = |name: &str| {
        let function = name.rsplit("::").next().unwrap_or(name);
        let function = function.rsplit(' ').next().unwrap_or(function);
        let reason = sources.iter().find_map(|source| reason(source, function));
        reason.unwrap_or_else(|| "it is marked `#[ignore]`".into())
    };
    names
        .into_iter()
        .map(|what| Skip {
            why: why(&what),
            what,
        })
        .collect()
}

fn collect(folder: &Path, sources: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let is_hidden = name.to_string_lossy().starts_with('.');
        if path.is_dir() && !is_hidden && name != "target" {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.extend(fs::read_to_string(path));
        }
    }
}

/// The reason above `fn function()`.
fn reason(source: &str, function: &str) -> Option<String> {
    let (above, _) = source.split_once(&format!("fn {function}()"))?;
    let attributes = above.lines().rev().skip(1);
    attributes
        .map(str::trim)
        .take_while(|line| line.starts_with("#["))
        .find_map(|line| {
            Some(
                line.strip_prefix("#[ignore = \"")?
                    .strip_suffix("\"]")?
                    .into(),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_stands_above_the_function() {
        let source = "#[ignore = \"other\"]\nfn other() {}\n\n    #[test]\n    #[ignore = \"takes an hour\"]\n    fn all() {";
        assert_eq!(reason(source, "all").as_deref(), Some("takes an hour"));
        assert_eq!(reason(source, "none"), None);
        assert_eq!(reason("#[ignore]\nfn bare() {}", "bare"), None);
    }
}
