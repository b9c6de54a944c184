//! Addresses: which schemes a message may lead to.

use hearken_core::authoring::scheme;

use crate::report::Problems;
use crate::tree::At;

/// The schemes that every playbook may open.
const OPEN: [&str; 3] = ["https", "mailto", "tel"];
/// What runs code or reads files, wherever it stands.
const NEVER: [&str; 6] = ["javascript", "data", "vbscript", "blob", "file", "about"];

/// Where an address stands, and so what it may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// `open_url`, and links in texts.
    Open,
    /// `deep_link`: the host's own.
    Deep,
    /// A picture.
    Image,
}

pub(crate) fn lint_schemes(schemes: &At<'_>, problems: &mut Problems) {
    for one in schemes.items() {
        let Some(text) = one.text() else { continue };
        let named = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        if NEVER.contains(&text.to_ascii_lowercase().as_str()) {
            problems.at("HK0702", &one, format!("the scheme `{text}:` runs code or reads files"), "delete it");
        } else if !named {
            let help = format!(
                "write the scheme alone, such as {}",
                text.split(':').next().filter(|s| !s.is_empty()).unwrap_or("shop")
            );
            problems.at("HK0703", &one, format!("`{text}` is no scheme"), help);
        }
    }
}

pub(crate) fn lint(address: &str, at: &At<'_>, role: Role, schemes: &[&str], problems: &mut Problems) {
    if address.trim().is_empty() {
        return problems.at("HK0703", at, "an address is needed here", "write for example https://example.com/");
    }
    let scheme = scheme(address);
    // An address that begins with what a person has can be anything; the device refuses what it may not open.
    if scheme.is_none() && address.trim_start().starts_with("{{") {
        return;
    }
    let scheme = scheme.as_deref();
    let allowed: Vec<&str> = match role {
        Role::Open => OPEN.into_iter().chain(schemes.iter().copied()).collect(),
        Role::Image => vec!["https"],
        Role::Deep => Vec::new(),
    };
    match (role, scheme) {
        (_, Some(scheme)) if NEVER.contains(&scheme) => {
            problems.at(
                "HK0702",
                at,
                format!("the scheme `{scheme}:` is never allowed"),
                "write an address that opens a page",
            );
        }
        (Role::Deep, _) => {}
        (_, Some(scheme)) if allowed.contains(&scheme) => {}
        (Role::Image, Some(scheme)) => {
            problems.at(
                "HK0702",
                at,
                format!("a picture cannot come over `{scheme}:`"),
                "use https, or a path of the host's own",
            );
        }
        (Role::Open, Some(scheme)) => {
            let help = match scheme {
                "http" => "write https".to_owned(),
                other => format!("use {}, or add {other} to `schemes` if it is your app's", OPEN.join(", ")),
            };
            problems.at("HK0702", at, format!("the scheme `{scheme}:` is not allowed here"), help);
        }
        (Role::Open, None) => {
            problems.at(
                "HK0703",
                at,
                format!("`{address}` has no scheme"),
                "write it whole, such as https://example.com/",
            );
        }
        (Role::Image, None) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Node, Span};

    fn refused(address: &str, role: Role) -> bool {
        let node = Node::text(Span::default(), address);
        let mut problems = Problems::default();
        lint(address, &At::root(&node), role, &["shop"], &mut problems);
        !problems.0.is_empty()
    }

    #[test]
    fn no_address_that_runs_code_gets_through() {
        for address in
            ["javascript:alert(1)", " JaVaScRiPt:x", "java\tscript:x", "\u{1}javascript:x", "data:x", "file:///x", ""]
        {
            for role in [Role::Open, Role::Deep, Role::Image] {
                assert!(refused(address, role), "{address:?}");
            }
        }
    }

    #[test]
    fn what_the_playbook_declares_may_be_opened() {
        assert!(!refused("shop://cart", Role::Open) && !refused("HTTPS://example.com/?a=b:c", Role::Open));
        assert!(
            refused("other://cart", Role::Open) && refused("/cart", Role::Open) && refused("http://x.y", Role::Open)
        );
        assert!(
            !refused("/cart", Role::Deep)
                && !refused("/cart.svg", Role::Image)
                && refused("http://x.y/a.png", Role::Image)
        );
    }
}
