//! How far a name is from one that is known, so that a mistake can say what was meant.

/// How many letters have to be added, left out or changed (Levenshtein's distance); case counts for nothing. More than two
/// are not counted where the lengths say so already.
pub(crate) fn edits(a: &str, b: &str) -> usize {
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (b, cell) in b.bytes().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(!a.eq_ignore_ascii_case(&b));
            diagonal = *cell;
            left = replaced.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted_without_regard_to_case() {
        for (a, b, expected) in [
            ("", "", 0),
            ("Gte", "gTE", 0),
            ("a", "A", 0),
            ("", "ab", 2),
            ("ab", "", 2),
            ("gte", "lte", 1),
            ("gt", "gte", 1),
            ("gte", "te", 1),
            ("flaw", "lawn", 2),
            ("ab", "ba", 2),
            ("abc", "bcd", 2),
            ("abc", "xyz", 3),
            ("size", "sort", 3),
            ("kitten", "sitting", 3),
            ("ab", "abcde", usize::MAX),
        ] {
            assert_eq!(edits(a, b), expected, "{a} {b}");
        }
    }
}
