//! Elements of a device response by name (ISO 18013-5, 8.3.2.1.2.2), read without judging.

use anyhow::{Context, Result, bail};

enum Node {
    Text(String),
    Bytes(Vec<u8>),
    Items(Vec<Node>),
    Members(Vec<(Node, Node)>),
    Other,
}

/// The texts in every element called `name`.
pub fn elements(response: &[u8], name: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    search(&read(&mut &*response, 0)?, name, &mut found);
    Ok(found)
}

fn search(node: &Node, name: &str, found: &mut Vec<String>) {
    match node {
        // Items are signed as encoded CBOR inside of byte strings.
        Node::Bytes(bytes) => {
            if let Ok(inner @ (Node::Members(_) | Node::Items(_))) = read(&mut bytes.as_slice(), 0) {
                search(&inner, name, found);
            }
        }
        Node::Items(items) => items.iter().for_each(|item| search(item, name, found)),
        Node::Members(members) => {
            let member = |wanted: &str| {
                members
                    .iter()
                    .find(|(key, _)| matches!(key, Node::Text(key) if key == wanted))
                    .map(|(_, value)| value)
            };
            if matches!(member("elementIdentifier"), Some(Node::Text(element)) if element == name) {
                member("elementValue").into_iter().for_each(|value| texts(value, found));
            }
            members.iter().for_each(|(_, value)| search(value, name, found));
        }
        Node::Text(_) | Node::Other => {}
    }
}

fn texts(node: &Node, found: &mut Vec<String>) {
    match node {
        Node::Text(text) => found.push(text.clone()),
        Node::Items(items) => items.iter().for_each(|item| texts(item, found)),
        Node::Members(members) => members.iter().for_each(|(_, value)| texts(value, found)),
        Node::Bytes(_) | Node::Other => {}
    }
}

fn read(rest: &mut &[u8], depth: u32) -> Result<Node> {
    if depth > 32 {
        bail!("nested too deep");
    }
    let (first, tail) = rest.split_first().context("ends early")?;
    *rest = tail;
    let argument = argument(rest, first & 31)?;
    let count = usize::try_from(argument)?;
    Ok(match first >> 5 {
        2 => Node::Bytes(take(rest, count)?.to_vec()),
        3 => Node::Text(String::from_utf8_lossy(take(rest, count)?).into_owned()),
        4 => Node::Items((0..count).map(|_| read(rest, depth + 1)).collect::<Result<_>>()?),
        5 => {
            let member = |_| Ok((read(rest, depth + 1)?, read(rest, depth + 1)?));
            Node::Members((0..count).map(member).collect::<Result<_>>()?)
        }
        6 => read(rest, depth + 1)?,
        _ => Node::Other,
    })
}

fn argument(rest: &mut &[u8], short: u8) -> Result<u64> {
    let length = match short {
        0..=23 => return Ok(u64::from(short)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => bail!("indefinite length"),
    };
    Ok(take(rest, length)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8]> {
    let (taken, tail) = rest.split_at_checked(count).context("ends early")?;
    *rest = tail;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_found_inside_of_encoded_items() {
        let text = |text: &str| [&[0x60 + u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
        let (key, value) = (text("elementIdentifier"), text("elementValue"));
        let item = [&[0xa2], key.as_slice(), &text("family_name"), &value, &text("Muster")].concat();
        let response = [&[0x81, 0xd8, 24, 0x58, u8::try_from(item.len()).unwrap()], item.as_slice()].concat();
        assert_eq!(elements(&response, "family_name").unwrap(), ["Muster"]);
        assert!(elements(&response, "given_name").unwrap().is_empty());
        assert!(elements(&response[..9], "family_name").is_err());
    }
}
