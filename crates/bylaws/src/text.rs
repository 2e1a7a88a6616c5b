//! Where each policy of a file stands.

use crate::limits;
use std::ops::Range;

/// The line, from 1, of a byte of the text.
pub fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count().saturating_add(1)
}

/// One policy of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) span: Range<usize>,
    /// Deepest nesting of brackets; a measure, not a check of the grammar.
    pub(crate) depth: usize,
    /// Signs of operators, and `if`s.
    pub(crate) operators: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Code,
    Text,
    Comment,
}

/// Cuts a file after each `;` that stands in neither a string nor a comment. Each part begins with its first word, so
/// comments before a policy belong to none.
pub(crate) fn statements(text: &str) -> Vec<Statement> {
    let mut cutter = Cutter::default();
    let (mut inside, mut chars) = (Inside::Code, text.char_indices().peekable());
    while let Some((at, c)) = chars.next() {
        inside = match (inside, c) {
            (Inside::Code, '"') => Inside::Text,
            (Inside::Code, '/') if chars.peek().is_some_and(|next| next.1 == '/') => Inside::Comment,
            (Inside::Code, _) => Inside::Code,
            (Inside::Text, '"') | (Inside::Comment, '\n') => Inside::Code,
            (Inside::Text, '\\') => {
                chars.next();
                Inside::Text
            }
            (inside, _) => inside,
        };
        if inside != Inside::Comment {
            cutter.take(at, c, inside);
        }
    }
    cutter.end(text.len());
    for statement in &mut cutter.found {
        let ifs = text.get(statement.span.clone()).map_or(0, |text| text.matches("if").count());
        statement.operators = statement.operators.saturating_add(ifs);
    }
    cutter.found
}

#[derive(Default)]
struct Cutter {
    found: Vec<Statement>,
    start: Option<usize>,
    depth: usize,
    deepest: usize,
    operators: usize,
}

impl Cutter {
    fn take(&mut self, at: usize, c: char, inside: Inside) {
        if self.start.is_none() && !c.is_whitespace() {
            self.start = Some(at);
        }
        if inside != Inside::Code {
            return;
        }
        match c {
            '(' | '[' | '{' => self.depth = self.depth.saturating_add(1),
            ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
            '!' | '.' | '+' | '-' | '*' | '&' | '|' => self.operators = self.operators.saturating_add(1),
            ';' => self.end(at.saturating_add(1)),
            _ => {}
        }
        self.deepest = self.deepest.max(self.depth);
    }

    fn end(&mut self, until: usize) {
        if let Some(start) = self.start.take() {
            let (depth, operators) = (self.deepest, self.operators);
            self.found.push(Statement { span: start..until, depth, operators });
        }
        (self.depth, self.deepest, self.operators) = (0, 0, 0);
    }
}

impl Statement {
    /// Why the policy is not read at all.
    pub(crate) fn too_big(&self) -> Option<String> {
        if self.span.len() > limits::BYLAW_BYTES {
            return Some(format!("a bylaw has at most {} bytes", limits::BYLAW_BYTES));
        }
        if self.operators > limits::OPERATORS {
            return Some(format!("more than {} signs of operators", limits::OPERATORS));
        }
        (self.depth > limits::DEPTH).then(|| format!("brackets nest deeper than {}", limits::DEPTH))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = statements(text).into_iter().map(|found| &text[found.span]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_semicolon_ends_a_policy_only_in_code() {
        check("a; b;", &["a;", "b;"]);
        check("// one; two\n a \";\\\";\" ; // b;\n", &["a \";\\\";\" ;"]);
        check("a // x;\n b;c", &["a // x;\n b;", "c"]);
        check("\"한; \\\\\";é", &["\"한; \\\\\";", "é"]);
        check("  \n// nothing\n", &[]);
        check("a / b; \"open ;", &["a / b;", "\"open ;"]);
    }

    #[test]
    fn depth_is_that_of_one_policy() {
        let depths: Vec<usize> =
            statements("((\"[[[\"))[{}]; x; (()".trim()).iter().map(|found| found.depth).collect();
        assert_eq!(depths, [2, 0, 2]);
    }

    #[test]
    fn operators_count_in_code_only() {
        let counts: Vec<usize> = statements("a.b && !c; \"!.+\" // -*\n; if a then if b;")
            .iter()
            .map(|found| found.operators)
            .collect();
        assert_eq!(counts, [4, 0, 2]);
    }

    #[test]
    fn lines_count_from_one() {
        assert_eq!([0, 1, 2, 3, 99].map(|at| line_of("a\nb\n", at)), [1, 1, 2, 2, 3]);
    }
}
