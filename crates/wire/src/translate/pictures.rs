//! Pictures: what is in them is never looked at.

use serde_json::{Value, json};

use super::{Translation, fields::Fields, no_counterpart, unreadable};

/// An `image_url` part as an `image` block. A data URL becomes base64, any other URL is left to the provider to fetch.
pub(super) fn to_block(mut part: Fields) -> Translation<Value> {
    let mut picture = part.object("image_url")?.map_or_else(|| unreadable(part.way("image_url")), Ok)?;
    part.done()?;
    picture.ignore("detail", |detail| detail == "auto")?;
    let way = picture.way("url");
    let url = picture.needed_text("url")?;
    picture.done()?;
    let source = match url.strip_prefix("data:") {
        None if url.starts_with("https://") || url.starts_with("http://") => {
            json!({"type": "url", "url": url})
        }
        None => return no_counterpart(way),
        Some(data) => match data.split_once(";base64,") {
            Some((media_type, data)) if !media_type.contains([';', ',']) => {
                json!({"type": "base64", "media_type": media_type, "data": data})
            }
            _ => return no_counterpart(way),
        },
    };
    Ok(json!({"type": "image", "source": source}))
}

/// An `image` block as an `image_url` part.
pub(super) fn to_part(mut block: Fields) -> Translation<Value> {
    let mut source = block.object("source")?.map_or_else(|| unreadable(block.way("source")), Ok)?;
    block.done()?;
    let url = match source.kind()?.as_str() {
        "url" => source.needed_text("url")?,
        "base64" => {
            format!("data:{};base64,{}", source.needed_text("media_type")?, source.needed_text("data")?)
        }
        _ => return no_counterpart(source.way("type")),
    };
    source.done()?;
    Ok(json!({"type": "image_url", "image_url": {"url": url}}))
}
