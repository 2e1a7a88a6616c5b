//! What a person signs in with: pages, forms, redirects and cookies, no script.

use crate::form::{parameter, unescape};
use crate::http::{Answer, Request};
use std::net::SocketAddr;

/// Redirects in a row.
const REDIRECTS: usize = 10;

/// A browser with its cookies.
#[derive(Default)]
pub struct Browser {
    cookies: Vec<Cookie>,
}

struct Cookie {
    place: SocketAddr,
    path: String,
    name: String,
    value: String,
}

/// Where a browser arrived.
pub struct Page {
    /// Its address.
    pub url: String,
    /// What is there; nothing when the address is an app's own, which no browser opens.
    pub answer: Option<Answer>,
}

impl Browser {
    /// Opens an address.
    pub fn open(&mut self, url: &str) -> Page {
        self.follow(url.to_owned(), None)
    }

    /// Sends the form whose address ends with `to`, with what it holds and these fields.
    pub fn submit(&mut self, page: &Page, to: &str, fields: &[(&str, &str)]) -> Page {
        let form = page.form(to);
        let fill = |(name, value): (String, String)| {
            let filled = fields.iter().find(|(have, _)| *have == name);
            (name, filled.map_or(value, |(_, value)| (*value).to_owned()))
        };
        let mut all: Vec<_> = form.fields.into_iter().map(fill).collect();
        for (name, value) in fields {
            if !all.iter().any(|(have, _)| have == name) {
                all.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        self.follow(page.absolute(&form.action), Some(&all))
    }

    /// `POST` of a form or `GET`, then `GET` along the redirects.
    fn follow(&mut self, mut url: String, mut form: Option<&[(String, String)]>) -> Page {
        for _ in 0..REDIRECTS {
            let Some((place, target)) = split(&url) else { return Page { url, answer: None } };
            let request = match form.take() {
                Some(fields) => {
                    let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
                    Request::form(target, &fields).header("sec-fetch-site", "same-origin")
                }
                None => Request::get(target),
            };
            let answer = self.send(request, place, target);
            let page = Page { url: url.clone(), answer: Some(answer) };
            match page.answer().header("location") {
                Some(location) => url = page.absolute(location),
                None => return page,
            }
        }
        panic!("more than {REDIRECTS} redirects, the last to {url}");
    }

    fn send(&mut self, request: Request, place: SocketAddr, target: &str) -> Answer {
        let path = target.split('?').next().unwrap_or_default();
        let fits = |cookie: &&Cookie| cookie.place == place && path.starts_with(&cookie.path);
        let held = self.cookies.iter().filter(fits).map(|held| format!("{}={}", held.name, held.value));
        let held = held.collect::<Vec<_>>().join("; ");
        let request = request.set("host", &place.to_string()).header("accept", "text/html");
        let request = request.header("connection", "close");
        let request = if held.is_empty() { request } else { request.header("cookie", &held) };
        let answer = request.send(place);
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.keep(place, line);
        }
        answer
    }

    fn keep(&mut self, place: SocketAddr, line: &str) {
        let mut parts = line.split("; ");
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie has a name");
        let path = parts.find_map(|part| part.to_ascii_lowercase().strip_prefix("path=").map(|_| &part[5..]));
        let path = path.unwrap_or("/").to_owned();
        self.cookies.retain(|old| (old.place, &*old.path, &*old.name) != (place, &*path, name));
        if !value.is_empty() {
            self.cookies.push(Cookie { place, path, name: name.to_owned(), value: value.to_owned() });
        }
    }
}

/// Address and target of `http://IP:PORT/...`; an address without port is an app's own.
fn split(url: &str) -> Option<(SocketAddr, &str)> {
    let rest = url.strip_prefix("http://").unwrap_or_else(|| panic!("only plain http on loopback: {url}"));
    let (place, _) = rest.split_once('/').unwrap_or((rest, ""));
    let target = &rest[place.len()..];
    Some((place.parse().ok()?, if target.is_empty() { "/" } else { target }))
}

struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

impl Page {
    /// What is there.
    pub fn answer(&self) -> &Answer {
        self.answer.as_ref().unwrap_or_else(|| panic!("no browser opens {}", self.url))
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.answer().text()
    }

    /// A parameter of its address.
    pub fn parameter(&self, name: &str) -> Option<String> {
        parameter(&self.url, name)
    }

    /// The address that the first link leads to.
    pub fn link(&self) -> String {
        let text = self.text();
        let tag = text.split("<a ").nth(1).unwrap_or_else(|| panic!("no link on {}: {text}", self.url));
        self.absolute(&attribute(tag, "href").expect("a link leads somewhere"))
    }

    fn form(&self, to: &str) -> Form {
        let text = self.text();
        let all = text.split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap_or_default());
        let mut all = all.map(|form| Form {
            action: attribute(form, "action").unwrap_or_else(|| self.url.clone()),
            fields: form.split("<input ").skip(1).filter_map(field).collect(),
        });
        all.find(|form| form.action.ends_with(to))
            .unwrap_or_else(|| panic!("no form leads to {to} from {}: {text}", self.url))
    }

    fn absolute(&self, address: &str) -> String {
        if address.contains("://") {
            return address.to_owned();
        }
        let (place, _) = split(&self.url).expect("a page has an address");
        format!("http://{place}{address}")
    }
}

fn field(tag: &str) -> Option<(String, String)> {
    Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
}

/// An attribute of the tag that a text begins in.
fn attribute(text: &str, name: &str) -> Option<String> {
    let tag = format!(" {}", text.split('>').next()?);
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next().map(unescape)
}
