//! Days (success.md 3.7, 3.9, 3.10).

/// A day in milliseconds.
pub const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;

/// The last instant that counts, exclusive: 2^43 ms, in 2248.
pub const END: i64 = 1 << 43;
/// The largest offset from UTC, either way, in minutes.
pub const MAX_OFFSET: i32 = 1_080;

/// The day of an instant on a clock that is so many minutes ahead of UTC: floor division, for instants before 1970 too.
#[must_use]
pub fn day(ts: i64, offset_min: i32) -> i64 {
    ts.saturating_add(i64::from(offset_min) * MINUTE).div_euclid(DAY)
}

/// The first instant of a day.
#[must_use]
pub fn midnight(day: i64, offset_min: i32) -> i64 {
    day.saturating_mul(DAY).saturating_sub(i64::from(offset_min) * MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_its_midnight_on_every_clock() {
        for offset in [-1_080, -1, 0, 1, 120, 1_080] {
            for of in [-3, 0, 20_000] {
                let start = midnight(of, offset);
                assert_eq!(
                    (day(start - 1, offset), day(start, offset), day(start + DAY - 1, offset)),
                    (of - 1, of, of)
                );
            }
        }
    }

    #[test]
    fn floor_division_is_the_one_of_the_rule() {
        for ts in [-1, 0, 1, DAY - 1, DAY, END - 1] {
            let by_rule = (ts + 86_400_000_000_000) / DAY - 1_000_000;
            assert_eq!(day(ts, 0), by_rule);
        }
    }
}
