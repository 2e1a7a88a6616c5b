//! Functions and files stay short: past the guide a place is listed, past the limit it fails.

use super::Finding;
use super::rust_text::RustText;

const FUNCTION_GUIDE: usize = 70;
const FUNCTION_LIMIT: usize = 120;
const FILE_GUIDE: usize = 500;
const FILE_LIMIT: usize = 800;

/// Measures a file and the functions in it, in lines.
pub fn check(path: &str, rust: &RustText) -> Vec<Finding> {
    let mut findings: Vec<Finding> = rust
        .functions()
        .into_iter()
        .filter_map(|function| {
            let text = format!("function `{}` has {} lines", function.name, function.lines);
            judge(path, function.line, function.lines, FUNCTION_GUIDE, FUNCTION_LIMIT, &text)
        })
        .collect();
    let lines = rust.code.lines().count();
    findings.extend(judge(path, 1, lines, FILE_GUIDE, FILE_LIMIT, &format!("file has {lines} lines")));
    findings
}

fn judge(path: &str, line: usize, size: usize, guide: usize, limit: usize, text: &str) -> Option<Finding> {
    if size > limit {
        Some(Finding::failure(path, line, format!("{text}; the limit is {limit}")))
    } else if size > guide {
        Some(Finding::remark(path, line, format!("{text}; the guide is {guide}")))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_function(lines: usize, expected: Option<bool>) {
        let text = format!("fn f() {{\n{}}}\n", "    a();\n".repeat(lines - 2));
        let found = check("src/a.rs", &RustText::new("src/a.rs", &text));
        assert_eq!(found.first().map(|finding| finding.fails), expected, "{lines} lines: {found:?}");
    }

    #[test]
    fn functions_at_the_edges() {
        check_function(70, None);
        check_function(71, Some(false));
        check_function(120, Some(false));
        check_function(121, Some(true));
    }

    #[track_caller]
    fn check_file(lines: usize, expected: Option<bool>) {
        let text = "// a\n".repeat(lines);
        let found = check("src/a.rs", &RustText::new("src/a.rs", &text));
        assert_eq!(found.first().map(|finding| finding.fails), expected, "{lines} lines: {found:?}");
    }

    #[test]
    fn files_at_the_edges() {
        check_file(500, None);
        check_file(501, Some(false));
        check_file(800, Some(false));
        check_file(801, Some(true));
    }
}
