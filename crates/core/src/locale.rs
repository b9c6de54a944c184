//! Which languages a person is addressed in (engine.md 8.2): the tag itself, what it falls back to, the default.

/// A tag of BCP 47 as it is compared: in lower case, with `-`.
pub(crate) fn normal(tag: &str) -> String {
    let mut normal = tag.trim().to_ascii_lowercase();
    if normal.contains('_') {
        normal = normal.replace('_', "-");
    }
    normal
}

/// The tags to look in, first to last, in normal form: a tag, then its parent if one is named, else the tag without
/// its last part, and so on; at the end the default. Parents are pairs of a tag and its parent, in normal form.
pub(crate) fn chain(tag: &str, parents: &[(String, String)], default: &str) -> Vec<String> {
    let mut chain: Vec<String> = Vec::new();
    let mut tag = normal(tag);
    // A tag that comes again means that parents go round in a circle.
    while !tag.is_empty() && !chain.contains(&tag) {
        let parent = match parents.iter().find(|(child, _)| *child == tag) {
            Some((_, parent)) => parent.clone(),
            None => truncated(&tag).to_owned(),
        };
        chain.push(tag);
        tag = parent;
    }
    let default = normal(default);
    if !chain.contains(&default) {
        chain.push(default);
    }
    chain
}

/// Without the last part, and without the single letter that announced it (RFC 4647, 3.4).
fn truncated(tag: &str) -> &str {
    let Some((mut shorter, _)) = tag.rsplit_once('-') else { return "" };
    while let Some((before, last)) = shorter.rsplit_once('-')
        && last.len() == 1
    {
        shorter = before;
    }
    shorter
}

/// Languages that are written from right to left, unless the tag names another script.
const RIGHT_TO_LEFT: [&str; 27] = [
    "ar", "arc", "arz", "azb", "bal", "bgn", "ckb", "dv", "fa", "glk", "he", "iw", "ji", "ks", "lrc", "mzn", "nqo",
    "pnb", "prs", "ps", "sd", "sdh", "skr", "syr", "ug", "ur", "yi",
];

const SCRIPTS: [&str; 11] = ["adlm", "arab", "aran", "hebr", "mand", "mend", "nkoo", "rohg", "samr", "syrc", "thaa"];

/// Whether a language is written from right to left.
pub(crate) fn is_right_to_left(tag: &str) -> bool {
    let tag = normal(tag);
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    match parts.next() {
        Some(script) if script.len() == 4 && script.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            SCRIPTS.contains(&script)
        }
        _ => RIGHT_TO_LEFT.contains(&language),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_falls_back_to_its_parents_and_then_to_the_default() {
        let parents = [
            ("es-mx".to_owned(), "es-419".to_owned()),
            ("a".to_owned(), "b".to_owned()),
            ("b".to_owned(), "a".to_owned()),
        ];
        for (tag, expected) in [
            ("pt-BR", "pt-br pt en"),
            ("PT_br", "pt-br pt en"),
            ("es-MX", "es-mx es-419 es en"),
            ("zh-Hant-TW", "zh-hant-tw zh-hant zh en"),
            ("de-x-informal", "de-x-informal de en"),
            ("en-GB", "en-gb en"),
            ("en", "en"),
            ("a", "a b en"),
            ("", "en"),
            ("-", "- en"),
        ] {
            assert_eq!(chain(tag, &parents, "en").join(" "), expected, "{tag}");
        }
    }

    #[test]
    fn direction_follows_the_script_and_then_the_language() {
        for tag in ["ar", "AR-eg", "he-IL", "fa", "ur-PK", "az-Arab", "pa-Arab-PK", "yi", "iw"] {
            assert!(is_right_to_left(tag), "{tag}");
        }
        for tag in ["en", "el-GR", "ar-Latn", "ur-Latn-PK", "ku", "uz-Cyrl", "", "arx"] {
            assert!(!is_right_to_left(tag), "{tag}");
        }
    }
}
