//! Names: the nearest of the known ones, and what a name may be.

use crate::report::Problems;
use crate::tree::At;

/// The known name that was perhaps meant.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    if length > 64 {
        return None;
    }
    let most = 1 + length / 4;
    let distance = |known: &'a str| (distance(name, known), known);
    let near = known
        .into_iter()
        .take(300)
        .filter(|known| known.len() <= 300)
        .map(distance)
        .min_by_key(|(distance, _)| *distance)?;
    (near.0 <= most && near.0 < length).then_some(near.1)
}

/// What to write instead of an unknown name.
pub(crate) fn instead<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, none: &str) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(nearest) = nearest(name, known.iter().copied()) {
        return format!("did you mean `{nearest}`?");
    }
    match known.as_slice() {
        [] => none.to_owned(),
        all if all.len() <= 12 => format!("known are {}", all.join(", ")),
        some => format!("known are {} and {} more", some.get(..10).unwrap_or(some).join(", "), some.len() - 10),
    }
}

/// Damerau-Levenshtein, as far as neighbours go.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.to_lowercase().chars().collect(), b.to_lowercase().chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let above = rows[i][j + 1] + 1;
            let left = row[j] + 1;
            let mut least = above.min(left).min(rows[i][j] + usize::from(x != y));
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// The most bytes of a name (engine.md 2.6).
const MOST: usize = 255;

/// Checks names that people give: 1 to 255 bytes, and `$` only where it is the library's.
pub(crate) fn lint(root: &At<'_>, problems: &mut Problems) {
    for id in [root.get("id"), root.dig(&["holdout", "seed"])].into_iter().flatten() {
        length(id.text().unwrap_or("-"), &id, false, problems);
    }
    for field in ["segments", "caps", "messages"] {
        for (name, at) in root.fields_of(field) {
            length(name, &at, true, problems);
        }
    }
    for (name, at) in root.dig(&["plan", "events"]).map(|at| at.fields()).unwrap_or_default() {
        property(name, &at, problems);
        for (name, at) in at.fields_of("properties") {
            property(name, &at, problems);
        }
    }
    for (name, at) in root.dig(&["plan", "attributes"]).map(|at| at.fields()).unwrap_or_default() {
        property(name, &at, problems);
    }
    for campaign in root.items_of("campaigns") {
        if let Some(id) = campaign.get("id") {
            length(id.text().unwrap_or("-"), &id, false, problems);
        }
        if let Some(seed) = campaign.dig(&["holdout", "seed"]) {
            length(seed.text().unwrap_or("-"), &seed, false, problems);
        }
        for variant in campaign.dig(&["experiment", "variants"]).map(|at| at.items()).unwrap_or_default() {
            if let Some(id) = variant.get("id") {
                length(id.text().unwrap_or("-"), &id, false, problems);
            }
        }
    }
}

/// Whether a name can be that of something that is recorded. Tells of one that cannot: it stands as a value.
pub(super) fn recordable(at: &At<'_>, problems: &mut Problems) -> bool {
    let Some(name) = at.text() else { return false };
    length(name, at, false, problems);
    if name.starts_with('$') {
        let message = format!("`{name}` starts with `$`, which is reserved for the library");
        problems.at("HK0110", at, message, "choose a name of your own");
    }
    fits(name)
}

/// The same of the name of a property, where it stands as a field's.
pub(super) fn property(name: &str, at: &At<'_>, problems: &mut Problems) -> bool {
    length(name, at, true, problems);
    reserved(name, at, problems);
    fits(name)
}

fn fits(name: &str) -> bool {
    (1..=MOST).contains(&name.len()) && !name.starts_with('$')
}

fn length(name: &str, at: &At<'_>, key: bool, problems: &mut Problems) {
    if name.is_empty() || name.len() > MOST {
        let message = format!("a name needs 1 to {MOST} bytes, this one has {}", name.len());
        if key {
            problems.at_key("HK0110", at, message, "choose another name");
        } else {
            problems.at("HK0110", at, message, "choose another name");
        }
    }
}

fn reserved(name: &str, at: &At<'_>, problems: &mut Problems) {
    if name.starts_with('$') {
        let message = format!("`{name}` starts with `$`, which is reserved for the library");
        problems.at_key("HK0110", at, message, format!("write `{}`", name.trim_start_matches('$')));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["cart_updated", "order_completed", "beacon_entered"];
        assert_eq!(nearest("cart_udpated", known), Some("cart_updated"));
        assert_eq!(nearest("Cart_Updated", known), Some("cart_updated"));
        assert_eq!(nearest("signup", known), None);
        assert_eq!(nearest("a", ["b"]), None);
        assert_eq!(nearest("", ["b"]), None);
    }
}
