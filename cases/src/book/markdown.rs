//! Takes a chapter apart: headings, prose, the line of articles, fenced blocks.

use anyhow::ensure;

/// The start of the line that names the articles of a scenario.
const ARTICLES: &str = "Articles:";

/// One piece of Markdown, in the order of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Token {
    /// `# ...`
    Title(String),
    /// `## ...`
    Heading(String),
    /// A paragraph, on one line.
    Paragraph(String),
    /// The citations of a line `Articles: ...; ...`.
    Articles(Vec<String>),
    /// A fenced block: the words after the fence, and the text.
    Block(String, String),
}

/// The pieces of a chapter.
pub(super) fn tokens(markdown: &str) -> anyhow::Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut paragraph = String::new();
    let mut open: Option<(String, String)> = None;
    for line in markdown.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                end(&mut tokens, &mut paragraph);
                open = Some((info.trim().to_owned(), String::new()));
            }
            (Some(_), Some(_)) => {
                tokens.extend(open.take().map(|(info, text)| Token::Block(info, text)));
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => outside(&mut tokens, &mut paragraph, line),
        }
    }
    end(&mut tokens, &mut paragraph);
    ensure!(open.is_none(), "a fenced block below `{}` is not closed", last_heading(&tokens));
    Ok(tokens)
}

/// A line outside of blocks.
fn outside(tokens: &mut Vec<Token>, paragraph: &mut String, line: &str) {
    let line = line.trim();
    let token = if let Some(text) = line.strip_prefix("## ") {
        Token::Heading(text.trim().to_owned())
    } else if let Some(text) = line.strip_prefix("# ") {
        Token::Title(text.trim().to_owned())
    } else if let Some(text) = line.strip_prefix(ARTICLES) {
        let cited = text.split(';').map(|cited| cited.trim().trim_end_matches('.').to_owned());
        Token::Articles(cited.filter(|cited| !cited.is_empty()).collect())
    } else if line.is_empty() {
        return end(tokens, paragraph);
    } else {
        if !paragraph.is_empty() {
            paragraph.push(' ');
        }
        paragraph.push_str(line);
        return;
    };
    end(tokens, paragraph);
    tokens.push(token);
}

fn end(tokens: &mut Vec<Token>, paragraph: &mut String) {
    if !paragraph.is_empty() {
        tokens.push(Token::Paragraph(std::mem::take(paragraph)));
    }
}

fn last_heading(tokens: &[Token]) -> &str {
    let headings = tokens.iter().rev().filter_map(|token| match token {
        Token::Heading(text) => Some(text.as_str()),
        _ => None,
    });
    headings.into_iter().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chapter_falls_into_its_pieces() {
        let text = "# Title\n\none\ntwo\n\n## Head\nprose\nArticles: 15 CFR 772.1; 50 USC 4801(5).\n```toml case\na = 1\n```\n";
        let cited = vec!["15 CFR 772.1".to_owned(), "50 USC 4801(5)".to_owned()];
        assert_eq!(
            tokens(text).unwrap(),
            [
                Token::Title("Title".to_owned()),
                Token::Paragraph("one two".to_owned()),
                Token::Heading("Head".to_owned()),
                Token::Paragraph("prose".to_owned()),
                Token::Articles(cited),
                Token::Block("toml case".to_owned(), "a = 1\n".to_owned()),
            ]
        );
        assert!(tokens("## Head\n```toml case\n").unwrap_err().to_string().contains("`Head` is not closed"));
    }
}
