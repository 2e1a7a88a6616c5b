//! Small pages without script: a heading for each part, forms, and heads that keep what is on them to the reader.

use crate::gateway::GateBody;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;
use wire::lang::Lang;
use wire::page::say;

const STYLE: &str = "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}\
    section{border-top:1px solid;margin-top:1.5rem}button,textarea,.code{font:inherit}button{padding:.5rem 1rem}\
    textarea{width:100%}.code{font-weight:bold;overflow-wrap:anywhere;white-space:pre-wrap}svg{max-width:100%;height:auto}";

/// Nothing is loaded, nothing is run, nobody frames it, and forms lead here only.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// Text as it stands between tags and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            plain => out.push(plain),
        }
    }
    out
}

/// A page in the making. Texts are named as in `wire`.
pub(super) struct Page {
    lang: Lang,
    title: String,
    html: String,
}

impl Page {
    pub(super) fn new(lang: Lang, title: &str) -> Self {
        let title = say(lang, title, &[]);
        let html = format!("<h1>{}</h1>", escape(&title));
        Self { lang, title, html }
    }

    pub(super) fn text(mut self, id: &str, args: &[(&str, &str)]) -> Self {
        self.html.push_str(&format!("<p>{}</p>", escape(&say(self.lang, id, args))));
        self
    }

    /// A sentence that is at hand already.
    pub(super) fn text_of(mut self, sentence: &str) -> Self {
        self.html.push_str(&format!("<p>{}</p>", escape(sentence)));
        self
    }

    pub(super) fn heading(mut self, id: &str, args: &[(&str, &str)]) -> Self {
        self.html.push_str(&format!("<h2>{}</h2>", escape(&say(self.lang, id, args))));
        self
    }

    /// One way, under a heading of its own.
    pub(super) fn part(mut self, id: &str, args: &[(&str, &str)], fill: impl FnOnce(Self) -> Self) -> Self {
        self.html.push_str(&format!("<section><h3>{}</h3>", escape(&say(self.lang, id, args))));
        let mut filled = fill(self);
        filled.html.push_str("</section>");
        filled
    }

    pub(super) fn list(mut self, items: impl IntoIterator<Item = String>) -> Self {
        self.html.push_str("<ul>");
        for item in items {
            self.html.push_str(&format!("<li>{}</li>", escape(&item)));
        }
        self.html.push_str("</ul>");
        self
    }

    /// Something to copy, such as a code.
    pub(super) fn code(mut self, text: &str) -> Self {
        self.html.push_str(&format!("<p class=\"code\">{}</p>", escape(text)));
        self
    }

    pub(super) fn link(mut self, to: &str, id: &str, args: &[(&str, &str)]) -> Self {
        let text = escape(&say(self.lang, id, args));
        self.html.push_str(&format!("<p><a rel=\"noreferrer\" href=\"{}\">{text}</a></p>", escape(to)));
        self
    }

    /// A form of one button, with what goes along.
    pub(super) fn button(self, to: &str, hidden: &[(&str, &str)], id: &str, args: &[(&str, &str)]) -> Self {
        self.form(to, hidden, None, id, args)
    }

    /// A form of one text and one button.
    pub(super) fn form(
        mut self,
        to: &str,
        hidden: &[(&str, &str)],
        field: Option<(&str, &str, usize)>,
        id: &str,
        args: &[(&str, &str)],
    ) -> Self {
        self.html.push_str(&format!("<form method=\"post\" action=\"{}\">", escape(to)));
        for (name, value) in hidden {
            let (name, value) = (escape(name), escape(value));
            self.html.push_str(&format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"));
        }
        if let Some((name, label, longest)) = field {
            let label = escape(&say(self.lang, label, &[]));
            self.html.push_str(&format!(
                "<p><label for=\"{name}\">{label}</label><br><textarea id=\"{name}\" name=\"{name}\" rows=\"6\" \
                 maxlength=\"{longest}\" required></textarea></p>"
            ));
        }
        let button = escape(&say(self.lang, id, args));
        self.html.push_str(&format!("<p><button>{button}</button></p></form>"));
        self
    }

    /// A picture made here; `label` says in words what it is.
    pub(super) fn picture(mut self, svg: &str, label: &str) -> Self {
        let svg = svg.find("<svg").and_then(|from| svg.get(from..)).unwrap_or_default();
        let label = escape(&say(self.lang, label, &[]));
        self.html.push_str(&svg.replacen("<svg", &format!("<svg role=\"img\" aria-label=\"{label}\""), 1));
        self
    }

    pub(super) fn answer(self, status: StatusCode) -> Response<GateBody> {
        let (tag, title) = (self.lang.tag(), escape(&self.title));
        let body = format!(
            "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
             <title>{title}</title><style>{STYLE}</style></head><body><main>{}</main></body></html>",
            self.html
        );
        let mut response = closed(status, body, "text/html; charset=utf-8");
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(tag));
        headers.insert(VARY, HeaderValue::from_static("accept-language, accept"));
        response
    }
}

/// JSON for programs.
pub(super) fn json(status: StatusCode, body: &Value) -> Response<GateBody> {
    closed(status, body.to_string(), "application/json")
}

/// An answer that nobody keeps and that tells no other site where it was.
pub(super) fn closed(status: StatusCode, body: String, media: &'static str) -> Response<GateBody> {
    let mut response = Response::new(GateBody::whole(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let opener = HeaderName::from_static("cross-origin-opener-policy");
    headers.insert(opener, HeaderValue::from_static("same-origin"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        assert_eq!(escape("<a href=\"x\" b='&'>"), "&lt;a href=&quot;x&quot; b=&#39;&amp;&#39;&gt;");
        let page = Page::new(Lang::En, "page_title").code("<script>").link("\"><b>", "page_again", &[]);
        assert!(!page.html.contains("<script>") && !page.html.contains("<b>"), "{}", page.html);
    }
}
