//! Bucketing (engine.md 7.1): pure functions from a seed and a unit to a place. GrowthBook's are kept bit for bit, so that an
//! imported experiment leaves everybody where they were.

use sha2::{Digest, Sha256};

/// Basis points of the whole.
pub(crate) const WHOLE: u32 = 10_000;

/// FNV-1a over UTF-16 units, as JavaScript SDKs compute it.
pub(crate) fn fnv1a32(text: &str) -> u32 {
    let mut hash = 0x811c_9dc5u32;
    for unit in text.encode_utf16() {
        hash = (hash ^ u32::from(unit)).wrapping_mul(0x0100_0193);
    }
    hash
}

/// GrowthBook's place of a unit in basis points: version 1 has steps of ten. Nothing for another version.
pub(crate) fn growthbook_bucket(seed: &str, unit: &str, version: u32) -> Option<u32> {
    match version {
        1 => Some(fnv1a32(&[unit, seed].concat()) % 1_000 * 10),
        2 => {
            let inner = fnv1a32(&[seed, unit].concat());
            Some(fnv1a32(&inner.to_string()) % WHOLE)
        }
        _ => None,
    }
}

/// Ours: the first 32 bits of SHA-256(seed ":" unit), scaled to 0..=9999.
pub(crate) fn bucket(seed: &str, unit: &str) -> u32 {
    let digest = Sha256::new().chain_update(seed).chain_update(":").chain_update(unit).finalize();
    let first = digest.first_chunk().map_or(0, |head| u32::from_be_bytes(*head));
    ((u64::from(first) * u64::from(WHOLE)) >> 32) as u32
}

#[cfg(any(test, feature = "conformance"))]
pub(crate) use published::*;

/// What GrowthBook's SDKs compute beside it, for the suites that they share.
#[cfg(any(test, feature = "conformance"))]
mod published {
    use super::{WHOLE, growthbook_bucket};

    /// The same as GrowthBook publishes it: in [0, 1).
    pub(crate) fn growthbook_hash(seed: &str, unit: &str, version: u32) -> Option<f64> {
        growthbook_bucket(seed, unit, version).map(|bucket| f64::from(bucket) / f64::from(WHOLE))
    }

    /// A range of GrowthBook's: [start, end).
    pub(crate) type Range = (f64, f64);

    /// Whether a place lies in a range.
    pub(crate) fn in_range(place: f64, range: Range) -> bool {
        place >= range.0 && place < range.1
    }

    /// GrowthBook's namespaces.
    pub(crate) fn in_namespace(unit: &str, id: &str, range: Range) -> bool {
        growthbook_hash(&["__", id].concat(), unit, 1).is_some_and(|place| in_range(place, range))
    }

    /// As many equal weights.
    pub(crate) fn equal_weights(n: usize) -> Vec<f64> {
        vec![1.0 / n as f64; n]
    }

    /// GrowthBook's ranges. Weights of another number, or that do not add up to 1, count as equal.
    pub(crate) fn bucket_ranges(n: usize, coverage: f64, weights: Option<&[f64]>) -> Vec<Range> {
        let coverage = coverage.clamp(0.0, 1.0);
        let mut weights = weights.unwrap_or_default().to_vec();
        let mut total = 0.0;
        for weight in &weights {
            total += weight;
        }
        if weights.len() != n || !(0.99..=1.01).contains(&total) {
            weights = equal_weights(n);
        }
        let mut ranges = Vec::with_capacity(n);
        let mut start = 0.0;
        for weight in weights {
            ranges.push((start, start + coverage * weight));
            start += weight;
        }
        ranges
    }

    /// The first range that a place lies in.
    pub(crate) fn choose_variation(place: f64, ranges: &[Range]) -> Option<usize> {
        ranges.iter().position(|range| in_range(place, *range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_places_are_kept() {
        assert_eq!(growthbook_hash("", "a", 1), Some(0.22));
        assert_eq!(growthbook_hash("b", "a", 1), Some(0.946));
        assert_eq!(growthbook_hash("seed", "b", 2), Some(0.2696));
        assert_eq!(growthbook_hash("abc", "def", 99), None);
    }

    #[test]
    fn published_namespaces_are_kept() {
        for (unit, id, lower) in [("1", "namespace1", false), ("1", "namespace2", false), ("2", "namespace1", false)] {
            assert_eq!(in_namespace(unit, id, (0.0, 0.4)), lower, "{unit} {id}");
            assert_eq!(in_namespace(unit, id, (0.4, 1.0)), !lower, "{unit} {id}");
        }
    }

    #[test]
    fn units_are_hashed_as_javascript_sees_them() {
        assert_eq!(fnv1a32(""), 0x811c_9dc5);
        assert_eq!(fnv1a32("a"), 0xe40c_292c);
        // One unit past a byte, two units past the first plane.
        assert_eq!(fnv1a32("é"), (0x811c_9dc5u32 ^ 0xe9).wrapping_mul(0x0100_0193));
        assert_ne!(fnv1a32("😀"), fnv1a32("\u{f600}"));
    }

    #[test]
    fn ours_is_the_head_of_a_sha_256() {
        // sha256("seed:unit") starts with 4 bytes that Python's hashlib gives as well.
        let digest = Sha256::digest(b"seed:unit");
        let head = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        assert_eq!(bucket("seed", "unit"), ((u64::from(head) * 10_000) >> 32) as u32);
        let mut counts = [0u32; 10];
        for n in 0..10_000 {
            counts[bucket("spread", &n.to_string()) as usize / 1_000] += 1;
        }
        assert!(counts.iter().all(|count| (900..1_100).contains(count)), "{counts:?}");
    }

    #[test]
    fn ranges_shrink_from_their_end_and_bad_weights_are_equal() {
        assert_eq!(bucket_ranges(2, 0.5, None), [(0.0, 0.25), (0.5, 0.75)]);
        assert_eq!(bucket_ranges(2, 7.0, Some(&[0.7, 0.6])), [(0.0, 0.5), (0.5, 1.0)]);
        assert_eq!(bucket_ranges(2, -1.0, Some(&[1.0])), [(0.0, 0.0), (0.5, 0.5)]);
        assert_eq!(bucket_ranges(0, 1.0, None), []);
        assert_eq!(choose_variation(0.5, &[(0.0, 0.5), (0.5, 0.5), (0.5, 1.0)]), Some(2));
    }
}
