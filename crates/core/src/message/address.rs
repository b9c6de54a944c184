//! Addresses in messages: what a host opens or loads must not run anything (engine.md 8.1).

use crate::Value;
use crate::wire::listed;

/// What is wrong with a message whose texts are filled in: an address that a template made unsafe.
pub(crate) fn unsafe_address(value: &Value, schemes: &[String]) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(|item| unsafe_address(item, schemes)),
        Value::Object(object) => object.iter().find_map(|(name, value)| {
            let checked = match (name.as_str(), value) {
                ("src" | "link", Value::String(address)) => allowed(address, schemes, true),
                ("open_url", Value::String(address)) => allowed(address, schemes, false),
                ("deep_link", Value::String(link)) => refuse_script(link),
                _ => Ok(()),
            };
            checked.err().or_else(|| unsafe_address(value, schemes))
        }),
        _ => None,
    }
}

/// The scheme of an address as a browser reads it: leading blanks and control characters, tabs and line ends dropped.
pub(crate) fn scheme(address: &str) -> Option<String> {
    let clean: String = address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let (scheme, _) = clean.split_once(':')?;
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    named.then(|| scheme.to_ascii_lowercase())
}

/// `inside`: pictures and links may also be paths of the host's own, but take no other scheme than `https`.
pub(super) fn allowed(address: &str, schemes: &[String], inside: bool) -> Result<(), String> {
    let known: &[&str] = if inside { &["https"] } else { &["https", "mailto", "tel"] };
    match scheme(address) {
        Some(scheme) if known.contains(&scheme.as_str()) => Ok(()),
        Some(scheme) if !inside && !runs(&scheme) && schemes.contains(&scheme) => Ok(()),
        // A template says which address it is when it is rendered, and is checked then.
        _ if address.contains("{{") && scheme(address).is_none() => Ok(()),
        Some(scheme) => Err(format!("the scheme `{scheme}:` is not allowed here; use {}", listed(known))),
        None if inside && !address.is_empty() => Ok(()),
        None => Err(format!("an address with a scheme is needed: {}", listed(known))),
    }
}

fn runs(scheme: &str) -> bool {
    matches!(scheme, "javascript" | "data" | "vbscript" | "blob" | "file")
}

pub(super) fn refuse_script(link: &str) -> Result<(), String> {
    match scheme(link) {
        Some(scheme) if runs(&scheme) => Err(format!("the scheme `{scheme}:` is not allowed in a link")),
        _ if link.is_empty() => Err("a link is needed".into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::tests::{fault, with};
    use super::*;
    use serde_json::json;

    #[test]
    fn no_address_that_runs_code_gets_through() {
        for url in [
            "javascript:alert(1)",
            " JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            "\u{1}javascript:x",
            "data:text/html,x",
            "file:///etc",
            "/relative",
            "",
        ] {
            let (path, _) = fault(json!([{"button": {"label": "x", "actions": [{"open_url": url}]}}]));
            assert_eq!(path, "m.pages[0][0].button.actions[0].open_url", "{url:?}");
        }
        for link in ["javascript:alert(1)", "\njavascript:alert(1)", "data:x", ""] {
            assert!(with(json!([{"button": {"label": "x", "actions": [{"deep_link": link}]}}])).is_err(), "{link:?}");
        }
        for src in ["http://example.com/a.png", "data:image/png;base64,x", ""] {
            assert!(with(json!([{"image": {"src": src, "alt": ""}}])).is_err(), "{src:?}");
        }
        let fine = json!([
            {"image": {"src": "/cart.svg", "alt": "Cart"}},
            {"button": {"label": "x", "actions": [{"open_url": "HTTPS://example.com/?a=b:c"}, {"open_url": "shop://x"},
                {"deep_link": "shop://cart"}, {"deep_link": "/cart"}, "dismiss"]}},
            {"image": {"src": "/a,b:c.png", "alt": "what stands before the colon is no scheme"}},
            {"image": {"src": "1a:c.png", "alt": "nor is this"}}
        ]);
        assert!(with(fine).is_ok());
        let rendered = json!({"pages": [{"blocks": [{"button": {"actions": [{"open_url": "javascript:alert(1)"}]}}]}]});
        assert!(unsafe_address(&rendered, &[]).is_some());
        assert!(unsafe_address(&json!({"open_url": "https://example.com"}), &[]).is_none());
    }

    /// What a template makes of an address is held against the schemes again (engine.md 8.1).
    #[test]
    fn a_rendered_address_is_checked_wherever_one_stands() {
        let rendered = |place: &str, address: &str| {
            let block = match place {
                "src" => json!({"image": {"src": address, "alt": ""}}),
                "link" => json!({"text": [{"text": "x", "link": address}]}),
                action => json!({"button": {"label": "x", "actions": ["dismiss", { action: address }]}}),
            };
            let message = json!({"layout": "modal", "pages": [{"blocks": [{"heading": "x"}]}, {"blocks": [block]}]});
            unsafe_address(&message, &["shop".to_owned(), "javascript".to_owned()]).is_none()
        };
        for place in ["src", "link", "open_url", "deep_link"] {
            for script in ["javascript:alert(1)", " JAVA\tSCRIPT:x", "data:x", "vbscript:x", "blob:x", "file:x", ""] {
                assert!(!rendered(place, script), "{place} {script:?}");
            }
            assert!(rendered(place, "https://a.example"), "{place}");
        }
        for (place, path, scheme, mail) in [
            ("src", true, false, false),
            ("link", true, false, false),
            ("open_url", false, true, true),
            ("deep_link", true, true, true),
        ] {
            assert_eq!(rendered(place, "/cart"), path, "{place}");
            assert_eq!(rendered(place, "shop://cart"), scheme, "{place}");
            assert_eq!(rendered(place, "mailto:ann@a.example"), mail, "{place}");
        }
    }
}
