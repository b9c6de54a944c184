//! The `date` filter. There is no clock here, no time zone and no language: an instant is formatted in the offset of its
//! own text or of the person, and names of months and days are English, as in Liquid.

use std::fmt::Write as _;

use super::value::{Val, made};
use crate::Timestamp;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
/// Years beyond these are no dates; it keeps all arithmetic far from overflow.
const MOST_SECONDS: u64 = 253_402_300_799;

/// An instant in seconds with its nanoseconds, and minutes east of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Instant {
    seconds: i64,
    nanos: u32,
    offset: i32,
}

/// What is no date, or has no format, stays as it is.
pub(super) fn format<'a>(input: &Val<'a>, format: &Val<'a>, now: (Timestamp, i32)) -> Val<'a> {
    let pattern = format.text();
    let instant = match input {
        Val::Int(seconds) => Some(Instant { seconds: *seconds, nanos: 0, offset: now.1 }),
        Val::Float(seconds) => Some(Instant { seconds: seconds.floor() as i64, nanos: 0, offset: now.1 }),
        _ => input.as_text().and_then(|text| read(text, now)),
    };
    match instant {
        Some(instant) if !pattern.is_empty() && instant.seconds.unsigned_abs() <= MOST_SECONDS => {
            let mut to = String::new();
            write(&mut to, instant, &pattern, 0);
            made(to)
        }
        _ => input.clone(),
    }
}

/// Whether a text is a date.
#[cfg(feature = "conformance")]
pub(crate) fn reads(text: &str) -> bool {
    read(text, (Timestamp(0), 0)).is_some()
}

/// `now`, `today`, seconds, or RFC 3339, whose time, seconds and offset may be left out.
fn read(text: &str, now: (Timestamp, i32)) -> Option<Instant> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") || text.eq_ignore_ascii_case("today") {
        let nanos = now.0.0.rem_euclid(1_000) as u32 * 1_000_000;
        return Some(Instant { seconds: now.0.0.div_euclid(1_000), nanos, offset: now.1 });
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Instant { seconds: text.parse().ok()?, nanos: 0, offset: now.1 });
    }
    let mut digits = Digits(text.as_bytes());
    let year = digits.number(4)?;
    digits.byte(b"-")?;
    let month = digits.number(2).filter(|month| (1..=12).contains(month))?;
    digits.byte(b"-")?;
    let day = digits.number(2).filter(|day| (1..=days_in(year, month)).contains(day))?;
    let (mut hour, mut minute, mut second, mut nanos, mut offset) = (0, 0, 0, 0, now.1);
    if digits.byte(b"Tt ").is_some() {
        hour = digits.number(2).filter(|hour| *hour < 24)?;
        digits.byte(b":")?;
        minute = digits.number(2).filter(|minute| *minute < 60)?;
        if digits.byte(b":").is_some() {
            second = digits.number(2).filter(|second| *second <= 60)?;
            if digits.byte(b".").is_some() {
                nanos = digits.fraction()?;
            }
        }
        digits.byte(b" ");
        if let Some(sign) = digits.byte(b"+-") {
            let hours = digits.number(2).filter(|hours| *hours < 24)?;
            digits.byte(b":");
            let minutes = digits.number(2).filter(|minutes| *minutes < 60)?;
            offset = (hours * 60 + minutes) as i32 * if sign == b'-' { -1 } else { 1 };
        } else if digits.byte(b"Zz").is_some() || digits.word("UTC") {
            offset = 0;
        }
    }
    if !digits.0.is_empty() {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(Instant { seconds: seconds - i64::from(offset) * 60, nanos, offset })
}

struct Digits<'t>(&'t [u8]);

impl Digits<'_> {
    fn number(&mut self, length: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(length)?;
        let mut number = 0;
        for digit in digits {
            number = number * 10 + i64::from(char::from(*digit).to_digit(10)?);
        }
        self.0 = rest;
        Some(number)
    }

    fn byte(&mut self, any: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        any.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    fn word(&mut self, word: &str) -> bool {
        let rest = self.0.strip_prefix(word.as_bytes());
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn fraction(&mut self) -> Option<u32> {
        let (mut nanos, mut unit, mut any) = (0, 100_000_000, false);
        while let Some(digit) = self.0.first().and_then(|byte| char::from(*byte).to_digit(10)) {
            nanos += digit * unit;
            unit /= 10;
            any = true;
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        any.then_some(nanos)
    }
}

/// Days since 1970-01-01 in the Gregorian calendar (Hinnant, `days_from_civil`).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day (Hinnant, `civil_from_days`).
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1)
}

fn days_in(year: i64, month: i64) -> i64 {
    let next = if month == 12 { days_from_civil(year + 1, 1, 1) } else { days_from_civil(year, month + 1, 1) };
    next - days_from_civil(year, month, 1)
}

/// The year and the number of a week by ISO 8601: the one with the Thursday.
fn iso_week(days: i64, weekday: i64) -> (i64, i64) {
    let thursday = days + 3 - (weekday + 6) % 7;
    let (year, ..) = civil_from_days(thursday);
    (year, (thursday - days_from_civil(year, 1, 1)) / 7 + 1)
}

/// Writes a pattern of `strftime`. A directive that is not known stays as it is.
fn write(to: &mut String, instant: Instant, pattern: &str, depth: u32) {
    let local = instant.seconds + i64::from(instant.offset) * 60;
    let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let (year, month, day) = civil_from_days(days);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let weekday = (days + 4).rem_euclid(7);
    let of_year = days - days_from_civil(year, 1, 1);
    let half = if hour % 12 == 0 { 12 } else { hour % 12 };
    let month_name = MONTHS.get(month as usize - 1).copied().unwrap_or_default();
    let day_name = DAYS.get(weekday as usize).copied().unwrap_or_default();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('%') {
        to.push_str(before);
        let (mut pad, mut upper, mut colon, mut width, mut used) = (None, false, false, 0, 0);
        let mut directive = None;
        for c in after.chars() {
            used += c.len_utf8();
            match c {
                '-' | '_' => pad = Some(c),
                '0' if width == 0 => pad = Some(c),
                '^' => upper = true,
                '#' => upper = true,
                ':' => colon = true,
                '0'..='9' => width = (width * 10 + c as usize - '0' as usize).min(100),
                c => {
                    directive = Some(c);
                    break;
                }
            }
        }
        let written = after.get(..used).unwrap_or_default();
        rest = after.get(used..).unwrap_or_default();
        let mut part = String::new();
        // A number with its usual width and what fills it.
        let (number, usual, fill) = match directive.unwrap_or('\0') {
            'Y' => (year, if year < 0 { 5 } else { 4 }, '0'),
            'C' => (year.div_euclid(100), 2, '0'),
            'y' => (year.rem_euclid(100), 2, '0'),
            'm' => (month, 2, '0'),
            'd' => (day, 2, '0'),
            'e' => (day, 2, ' '),
            'j' => (of_year + 1, 3, '0'),
            'H' => (hour, 2, '0'),
            'k' => (hour, 2, ' '),
            'I' => (half, 2, '0'),
            'l' => (half, 2, ' '),
            'M' => (minute, 2, '0'),
            'S' => (second % 60, 2, '0'),
            'L' => (i64::from(instant.nanos / 1_000_000), 3, '0'),
            'N' => (i64::from(instant.nanos), 9, '0'),
            's' => (instant.seconds, 1, '0'),
            'u' => ((weekday + 6) % 7 + 1, 1, '0'),
            'w' => (weekday, 1, '0'),
            'U' => ((of_year + 7 - weekday) / 7, 2, '0'),
            'W' => ((of_year + 7 - (weekday + 6) % 7) / 7, 2, '0'),
            'V' => (iso_week(days, weekday).1, 2, '0'),
            'G' => (iso_week(days, weekday).0, 4, '0'),
            other => {
                match other {
                    'B' => part.push_str(month_name),
                    'b' | 'h' => part.push_str(month_name.get(..3).unwrap_or_default()),
                    'A' => part.push_str(day_name),
                    'a' => part.push_str(day_name.get(..3).unwrap_or_default()),
                    'p' if upper && written.contains('#') => part.push_str(if hour < 12 { "am" } else { "pm" }),
                    'p' => part.push_str(if hour < 12 { "AM" } else { "PM" }),
                    'P' => part.push_str(if hour < 12 { "am" } else { "pm" }),
                    'z' => {
                        let minutes = instant.offset.unsigned_abs();
                        part.push(if instant.offset < 0 { '-' } else { '+' });
                        let colon = if colon { ":" } else { "" };
                        let _ = write!(part, "{:02}{colon}{:02}", minutes / 60, minutes % 60);
                    }
                    'n' => part.push('\n'),
                    't' => part.push('\t'),
                    '%' => part.push('%'),
                    'D' | 'x' => nested(&mut part, instant, "%m/%d/%y", depth),
                    'F' => nested(&mut part, instant, "%Y-%m-%d", depth),
                    'T' | 'X' => nested(&mut part, instant, "%H:%M:%S", depth),
                    'R' => nested(&mut part, instant, "%H:%M", depth),
                    'r' => nested(&mut part, instant, "%I:%M:%S %p", depth),
                    'c' => nested(&mut part, instant, "%a %b %e %H:%M:%S %Y", depth),
                    'v' => nested(&mut part, instant, "%e-%^b-%Y", depth),
                    _ => {
                        to.push('%');
                        to.push_str(written);
                        continue;
                    }
                }
                for _ in part.chars().count()..width {
                    to.push(if pad == Some('0') { '0' } else { ' ' });
                }
                if upper && !written.contains("#p") {
                    part.make_ascii_uppercase();
                }
                to.push_str(&part);
                continue;
            }
        };
        if directive == Some('N') && width > 0 {
            // The first digits of the fraction.
            let _ = write!(part, "{number:09}");
            to.push_str(part.get(..width.min(9)).unwrap_or_default());
            continue;
        }
        let _ = write!(part, "{}", number.unsigned_abs());
        let wide = if width > 0 { width } else { usual };
        let fill = if pad == Some('_') {
            ' '
        } else if pad == Some('0') {
            '0'
        } else {
            fill
        };
        let sign = if number < 0 { "-" } else { "" };
        if pad == Some('-') {
            to.push_str(sign);
        } else {
            to.push_str(if fill == '0' { sign } else { "" });
            for _ in part.len() + sign.len()..wide {
                to.push(fill);
            }
            to.push_str(if fill == '0' { "" } else { sign });
        }
        to.push_str(&part);
    }
    to.push_str(rest);
}

/// Patterns that stand for others; they hold none of themselves.
fn nested(to: &mut String, instant: Instant, pattern: &str, depth: u32) {
    if depth == 0 {
        write(to, instant, pattern, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, FixedOffset};

    fn formatted(input: &str, pattern: &str) -> String {
        let now = (Timestamp(1_795_255_440_123), 120);
        format(&Val::Text(input), &Val::Text(pattern), now).text().into_owned()
    }

    #[test]
    fn an_instant_is_formatted_in_its_own_offset_or_in_the_persons() {
        assert_eq!(formatted("2026-11-21T10:04:00+02:00", "%H:%M %z"), "10:04 +0200");
        assert_eq!(formatted("2026-11-21T10:04:00Z", "%H:%M %:z"), "10:04 +00:00");
        assert_eq!(formatted("2026-11-21 10:04", "%H:%M %z"), "10:04 +0200");
        assert_eq!(formatted("2026-11-21", "%B %-d, %Y"), "November 21, 2026");
        assert_eq!(formatted("0", "%F %T"), "1970-01-01 02:00:00");
        assert_eq!(formatted("now", "%s.%L"), "1795255440.123");
        assert_eq!(formatted("2026-11-21 10:04:05 UTC", "%T %z"), "10:04:05 +0000");
        assert_eq!(formatted("2026-11-21t23:59:60-0130", "%F %T %z %s"), "2026-11-22 00:00:00 -0130 1795311000");
    }

    #[test]
    fn numbers_are_seconds() {
        for (input, pattern, expected) in [
            (Val::Int(0), "%F %T", "1970-01-01 02:00:00"),
            (Val::Float(-0.5), "%s", "-1"),
            (Val::Int(951_782_400), "%F %j", "2000-02-29 060"),
            (Val::Int(-62_150_000_000), "%Y", "0000"),
            (Val::Int(-62_200_000_000), "%Y|%_7Y|%-Y|%y", "-0002|     -2|-2|98"),
        ] {
            assert_eq!(
                format(&input, &Val::Text(pattern), (Timestamp(0), 120)).text(),
                expected,
                "{input:?} {pattern}"
            );
        }
    }

    #[test]
    fn what_is_no_date_stays_as_it_is() {
        for text in [
            "soon",
            "",
            "2026-13-01",
            "2026-02-29",
            "2026-11-21T25:00:00Z",
            "2026-11-21x",
            "-5",
            "99999999999999",
            "2026-00-01",
            "2026-11-00",
            "2026-11-21T24:00",
            "2026-11-21T10:60",
            "2026-11-21T10:00:61",
            "2026-11-21T10:00:00.",
            "2026-11-21T10:00+24:00",
            "2026-11-21T10:00+01:60",
            "2026-11-21T10:00 GMT",
        ] {
            assert_eq!(formatted(text, "%Y"), text);
        }
        assert_eq!(formatted("2026-11-21", ""), "2026-11-21");
    }

    #[test]
    fn every_directive_agrees_with_chrono() {
        let patterns = "%Y %C %y %m %B %b %h %d %e %j %H %k %I %l %M %S %s %u %w %U %W %V %G %A %a %p %P %D %F %T %R %r %c %x %X %z %:z %n%t%% %-d %-m %_m %_H %-I";
        let mut seconds = -62_000_000_000i64;
        while seconds < 250_000_000_000 {
            for offset in [0, 120, -570] {
                let theirs = DateTime::from_timestamp(seconds, 0)
                    .unwrap()
                    .with_timezone(&FixedOffset::east_opt(offset * 60).unwrap());
                let mut ours = String::new();
                write(&mut ours, Instant { seconds, nanos: 0, offset }, patterns, 0);
                assert_eq!(ours, theirs.format(patterns).to_string(), "{seconds} {offset}");
                let text = theirs.to_rfc3339();
                if !text.starts_with(['-', '+']) {
                    assert_eq!(read(&text, (Timestamp(0), 0)), Some(Instant { seconds, nanos: 0, offset }), "{text}");
                }
            }
            seconds += 86_400 * 97 + 12_345;
        }
    }

    #[test]
    fn flags_and_widths_are_those_of_ruby() {
        let input = "2026-03-05T07:08:09.123456789Z";
        for (pattern, expected) in [
            ("%^b", "MAR"),
            ("%10A|", "  Thursday|"),
            ("%010Y", "0000002026"),
            ("%3N", "123"),
            ("%L", "123"),
            ("%-H:%-M", "7:8"),
            ("%#p", "am"),
            ("%^p %p %^a %v", "AM AM THU  5-MAR-2026"),
            ("%N %12N", "123456789 123456789"),
            ("%_3d %3e %0e %-e %05d", "  5   5 05 5 00005"),
            ("%8z", "   +0000"),
            ("%Q %", "%Q %"),
        ] {
            assert_eq!(formatted(input, pattern), expected, "{pattern}");
        }
        assert_eq!(formatted("2026-03-05T12:00:00Z", "%#p %p %P"), "pm PM pm");
    }
}
