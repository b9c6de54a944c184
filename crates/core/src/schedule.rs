//! When a campaign runs, and when nothing interrupts: instants, days and hours of local time (engine.md 1.10, 5.1).

use crate::Value;
use crate::time::{Span, Timestamp};
use crate::wire::{At, Read, Write, names, wire};

const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;

wire! {
    /// When a campaign runs: `[start, end)`, on these days, within one of these windows of local time.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub(crate) struct Schedule [deny_unknown_fields] {
        /// Its first instant, in milliseconds since the Unix epoch.
        pub(crate) start: Option<Timestamp>,
        /// The first instant at which it no longer runs.
        pub(crate) end: Option<Timestamp>,
        /// The days; every day if none is named. The part of a window after midnight belongs to the day before.
        pub(crate) days: Vec<Weekday> = Vec::new(),
        /// The windows; the whole day if none is named.
        pub(crate) windows: Vec<Window> = Vec::new(),
    }

    /// Hours of local time: `[from, to)`, past midnight if `to` comes before `from`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(crate) struct Window [deny_unknown_fields] {
        /// Its first minute.
        pub(crate) from: ClockTime,
        /// The first minute after it.
        pub(crate) to: ClockTime,
    }
}

names! {
    /// A day of the week.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Weekday {
        /// Monday.
        Mon = "mon",
        /// Tuesday.
        Tue = "tue",
        /// Wednesday.
        Wed = "wed",
        /// Thursday.
        Thu = "thu",
        /// Friday.
        Fri = "fri",
        /// Saturday.
        Sat = "sat",
        /// Sunday.
        Sun = "sun",
    }
}

/// A time of day, in minutes from midnight; written `"HH:MM"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClockTime(pub(crate) i64);

impl Read for ClockTime {
    fn read(value: Option<&Value>, at: &At<'_>) -> Self {
        let two = |text: &str| {
            (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
        };
        let read = || {
            let (hours, minutes) = value?.as_str()?.split_once(':')?;
            let (hours, minutes): (i64, i64) = (two(hours)?, two(minutes)?);
            ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(Self(hours * 60 + minutes))
        };
        read().unwrap_or_else(|| {
            at.expected("a time of day such as \"22:00\"", value);
            Self(0)
        })
    }
}

impl Write for ClockTime {
    fn write(&self, to: &mut String) {
        let digit = |n: i64| char::from(b'0' + (n % 10) as u8);
        let (hours, minutes) = (self.0 / 60, self.0 % 60);
        for c in ['"', digit(hours / 10), digit(hours), ':', digit(minutes / 10), digit(minutes), '"'] {
            to.push(c);
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ClockTime {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ClockTime".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" })
    }
}

/// A moment of local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalTime {
    /// Days since the epoch, local.
    day: i64,
    /// Minutes since local midnight.
    pub(crate) minute: i64,
    /// Milliseconds since local midnight.
    ms: i64,
}

impl LocalTime {
    pub(crate) fn of(now: Timestamp, offset_min: i32) -> Self {
        let local = now.0.saturating_add(i64::from(offset_min) * MINUTE);
        let ms = local.rem_euclid(DAY);
        Self { day: local.div_euclid(DAY), minute: ms / MINUTE, ms }
    }

    /// The day of the week; 1 January 1970 was a Thursday.
    pub(crate) fn weekday(self) -> Weekday {
        weekday(self.day)
    }
}

fn weekday(day: i64) -> Weekday {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    match day.rem_euclid(7) {
        0 => Thu,
        1 => Fri,
        2 => Sat,
        3 => Sun,
        4 => Mon,
        5 => Tue,
        _ => Wed,
    }
}

impl Window {
    fn wraps(&self) -> bool {
        self.to <= self.from
    }

    /// How long the window lasts.
    fn length(&self) -> i64 {
        (self.to.0 - self.from.0) * MINUTE + if self.wraps() { DAY } else { 0 }
    }

    /// When it ends, if `now` lies in it; `days` are the days on which it begins.
    fn end_if_open(&self, now: Timestamp, local: LocalTime, days: &[Weekday]) -> Option<Timestamp> {
        for back in [0, 1] {
            let into = local.ms + back * DAY - self.from.0 * MINUTE;
            let begins = days.is_empty() || days.contains(&weekday(local.day - back));
            if begins && (0..self.length()).contains(&into) {
                return Some(now.plus(Span(self.length() - into)));
            }
        }
        None
    }

    /// When it ends, if `now` lies in it.
    pub(crate) fn until(&self, now: Timestamp, offset_min: i32) -> Option<Timestamp> {
        self.end_if_open(now, LocalTime::of(now, offset_min), &[])
    }
}

impl Schedule {
    /// Whether a local window is open; otherwise when the next one opens.
    pub(crate) fn window(&self, now: Timestamp, offset_min: i32) -> Result<(), Timestamp> {
        if self.days.is_empty() && self.windows.is_empty() {
            return Ok(());
        }
        let day = [Window { from: ClockTime(0), to: ClockTime(0) }];
        let windows = if self.windows.is_empty() { &day[..] } else { &self.windows[..] };
        let local = LocalTime::of(now, offset_min);
        let mut opens = now.plus(Span(8 * DAY));
        for window in windows {
            if window.end_if_open(now, local, &self.days).is_some() {
                return Ok(());
            }
            for ahead in 0..8 {
                let at = now.plus(Span(ahead * DAY + window.from.0 * MINUTE - local.ms));
                let begins = self.days.is_empty() || self.days.contains(&weekday(local.day + ahead));
                if begins && at > now {
                    opens = opens.min(at);
                }
            }
        }
        Err(opens)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schedule(json: Value) -> Schedule {
        crate::wire::read(&json, "schedule").unwrap()
    }

    /// Saturday 21 November 2026, local time at UTC+2.
    fn at(hour: i64, minute: i64) -> Timestamp {
        const SATURDAY: i64 = 1_795_219_200_000;
        Timestamp(SATURDAY + (hour * 60 + minute - 120) * MINUTE)
    }

    fn open(schedule: &Schedule, at: Timestamp) -> Result<(), i64> {
        schedule.window(at, 120).map_err(|opens| opens.since(at).0 / MINUTE)
    }

    #[test]
    fn a_window_is_half_open_in_local_time() {
        let office = schedule(json!({"windows": [{"from": "09:00", "to": "18:00"}]}));
        assert_eq!(open(&office, at(8, 59)), Err(1));
        assert_eq!(open(&office, at(9, 0)), Ok(()));
        assert_eq!(open(&office, at(17, 59)), Ok(()));
        assert_eq!(open(&office, at(18, 0)), Err(15 * 60));
    }

    #[test]
    fn a_window_past_midnight_belongs_to_the_day_on_which_it_begins() {
        let night = schedule(json!({"days": ["fri"], "windows": [{"from": "22:00", "to": "02:00"}]}));
        assert_eq!(open(&night, at(1, 59)), Ok(()), "Friday's night");
        assert_eq!(open(&night, at(2, 0)), Err((6 * 24 + 20) * 60));
        assert_eq!(open(&night, at(23, 0)), Err((6 * 24 - 1) * 60), "Saturday's night is not Friday's");
    }

    #[test]
    fn days_alone_are_whole_days() {
        let sunday = schedule(json!({"days": ["sun"]}));
        assert_eq!(open(&sunday, at(23, 59)), Err(1));
        assert_eq!(open(&sunday, at(24, 0)), Ok(()));
        assert_eq!(open(&sunday, at(48, 0)), Err(6 * 24 * 60));
    }

    #[test]
    fn quiet_hours_wrap_midnight_and_say_when_they_end() {
        let quiet = Window { from: ClockTime(22 * 60), to: ClockTime(8 * 60) };
        assert_eq!(quiet.until(at(21, 59), 120), None);
        assert_eq!(quiet.until(at(22, 0), 120), Some(at(32, 0)));
        assert_eq!(quiet.until(at(7, 59), 120), Some(at(8, 0)));
        assert_eq!(quiet.until(at(8, 0), 120), None);
    }

    #[test]
    fn a_time_of_day_is_read_strictly_and_written_as_read() {
        for text in ["00:00", "09:05", "23:59"] {
            let time: ClockTime = crate::wire::read(&json!(text), "t").unwrap();
            assert_eq!(crate::wire::to_json(&time), format!("\"{text}\""));
        }
        for wrong in [json!("24:00"), json!("9:00"), json!("09:60"), json!("+9:00"), json!(9), json!("09.00")] {
            assert!(crate::wire::read::<ClockTime>(&wrong, "t").is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_day_of_the_week_comes_round() {
        let days = ["sat", "sun", "mon", "tue", "wed", "thu", "fri", "sat"];
        for (n, day) in days.into_iter().enumerate() {
            let noon = at(12 + 24 * n as i64, 0);
            assert_eq!(open(&schedule(json!({"days": [day]})), noon), Ok(()), "{day}");
            let others: Vec<_> = days.into_iter().filter(|other| *other != day).collect();
            assert_eq!(open(&schedule(json!({ "days": others })), noon), Err(12 * 60), "{day}");
        }
    }

    #[test]
    fn the_day_of_the_week_is_right_before_and_after_the_epoch() {
        assert_eq!(LocalTime::of(Timestamp(0), 0).weekday(), Weekday::Thu);
        assert_eq!(LocalTime::of(Timestamp(-1), 0).weekday(), Weekday::Wed);
        assert_eq!(LocalTime::of(at(12, 0), 120).weekday(), Weekday::Sat);
        assert_eq!(LocalTime::of(at(12, 0), 120).minute, 720);
    }
}
