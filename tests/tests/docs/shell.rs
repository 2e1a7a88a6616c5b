//! Commands in Markdown, read as a shell would read them.

/// The `douane` commands of the fenced blocks, each as its words without the program's name.
pub fn fenced(markdown: &str) -> Vec<Vec<String>> {
    let joined = blocks(markdown).replace("\\\n", " ");
    joined.lines().flat_map(statements).filter_map(|words| arguments(&words)).collect()
}

/// The text inside the fences.
fn blocks(markdown: &str) -> String {
    let mut inside = false;
    let mut text = String::new();
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if inside {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// Sub-commands named in running text, such as `douane directive approve`, up to the first word that is not one.
pub fn inline(markdown: &str) -> Vec<Vec<String>> {
    let spans = markdown.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let named = spans.filter_map(|span| span.strip_prefix("douane "));
    named.map(sub_commands).filter(|words| !words.is_empty()).collect()
}

/// Verbs with verbs of their own.
const FAMILIES: [&str; 5] = ["directive", "reading", "officer", "people", "key"];

fn sub_commands(span: &str) -> Vec<String> {
    let plain = |word: &&str| {
        word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-') && !word.starts_with('-')
    };
    let mut words = span.split_whitespace().take_while(plain).map(str::to_owned);
    let Some(first) = words.next() else { return Vec::new() };
    let second = FAMILIES.contains(&first.as_str()).then(|| words.next()).flatten();
    std::iter::once(first).chain(second).collect()
}

/// One line taken apart at `&&`, `|`, `;` and `&`; quotes keep words together, `#` ends the line.
fn statements(line: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let (mut word, mut begun, mut quote) = (String::new(), false, None);
    for letter in line.chars().chain([' ']) {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => word.push(letter),
            (None, '"' | '\'') => (quote, begun) = (Some(letter), true),
            (None, '#') if !begun => break,
            (None, ' ' | '\t' | '&' | '|' | ';' | '>' | '<') => {
                if begun {
                    all.last_mut().unwrap().push(std::mem::take(&mut word));
                }
                begun = false;
                if !letter.is_whitespace() {
                    all.push(Vec::new());
                }
            }
            (None, _) => {
                word.push(letter);
                begun = true;
            }
        }
    }
    all
}

/// What follows the program's name, where a statement calls it, also by way of cargo.
fn arguments(words: &[String]) -> Option<Vec<String>> {
    let after = |at: usize| words.get(at..).filter(|rest| !rest.is_empty()).map(<[String]>::to_vec);
    match words {
        [program, ..] if program == "douane" || program.ends_with("/douane") => after(1),
        [cargo, run, ..] if cargo == "cargo" && run == "run" => {
            words.iter().position(|word| word == "--").and_then(|at| after(at + 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn commands_are_read_as_a_shell_reads_them() {
        let text = "```sh\ndouane lint a.toml # why\ncp x y && ./target/release/douane verify \\\n  z --key k &\n\
                    douane reading record q c --why \"two words\"\ncargo run --locked -- demo --once\ncargo test -- demo\n```\ndouane no\n";
        let mut expected =
            ["lint a.toml", "verify z --key k", "reading record q c --why", "demo --once"].map(words);
        expected[2].push("two words".to_owned());
        assert_eq!(fenced(text), expected);
    }

    #[test]
    fn mentions_are_cut_at_the_first_word_that_is_no_verb() {
        let text = "Run `douane directive approve ID`, `douane check`, `douane lint FILE...` or `douane verify x`; not `init`.";
        assert_eq!(inline(text), ["directive approve", "check", "lint", "verify"].map(words));
    }
}
