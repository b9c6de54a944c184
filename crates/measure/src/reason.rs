//! Why a row is not counted: every reason has a code, and the first few rows of each are told by file and line.

use std::collections::BTreeMap;

macro_rules! reasons {
    ($( $(#[$doc:meta])* $name:ident = $code:literal: $says:literal ),* $(,)?) => {
        /// Why a row is not counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Reason { $( $(#[$doc])* $name, )* }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[ $( Self::$name ),* ];

            /// The code in reports.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $( Self::$name => $code, )* }
            }

            /// What is wrong with the row.
            #[must_use]
            pub fn says(self) -> &'static str {
                match self { $( Self::$name => $says, )* }
            }
        }
    };
}

reasons! {
    /// The line is not UTF-8.
    Utf8 = "utf8": "the line is not UTF-8",
    /// The line is no JSON, or no row of the table.
    Json = "json": "the line is not JSON",
    /// A row of the table that cannot be read.
    Csv = "csv": "the record cannot be read: it has another number of fields, or is not UTF-8",
    /// The line is JSON and no object.
    RowType = "row.type": "the line is not an object",
    /// The id is no text.
    IdType = "id.type": "the id is not a text",
    /// The id is empty.
    IdEmpty = "id.empty": "the id is empty",
    /// The event's name is no text.
    EventType = "event.type": "the event's name is not a text",
    /// The event's name is empty or absent.
    EventEmpty = "event.empty": "the event's name is empty or absent",
    /// The user is neither text nor whole number.
    UserType = "user.type": "the user is neither a text nor a whole number",
    /// The user is empty.
    UserEmpty = "user.empty": "the user is empty",
    /// The profile is no text.
    ProfileType = "profile.type": "the profile is not a text",
    /// There is neither a user nor a profile.
    ProfileEmpty = "profile.empty": "there is neither a user nor a profile",
    /// The instant is absent, or no instant.
    TsType = "ts.type": "the instant is absent, or not one",
    /// The instant is before 1970 or from 2^43 ms on.
    TsRange = "ts.range": "the instant is before 1970, or from 2^43 ms (2248) on",
    /// The offset is no whole number.
    OffsetType = "offset.type": "the offset is not a whole number of minutes",
    /// The offset is beyond 1080 minutes.
    OffsetRange = "offset.range": "the offset is more than 1080 minutes",
    /// The properties are no object.
    DataType = "data.type": "the properties are not an object",
    /// The row is marked as late.
    Late = "late": "the event was too old when it was recorded: it is marked `late`",
    /// The row is older than `history_from`.
    History = "history": "the event is older than --history-from",
    /// The row is not before `as_of`.
    Future = "future": "the event is not before --as-of",
    /// Another row with the same id and the same contents is there.
    DuplicateId = "duplicate.id": "the same row is there already",
    /// Another row with the same id and other contents is kept.
    DuplicateConflict = "duplicate.conflict": "another row has the same id and other contents",
}

impl Reason {
    /// Whether the row itself is wrong, rather than out of the range that is measured.
    #[must_use]
    pub fn is_fault(self) -> bool {
        self < Self::Late
    }
}

/// A row's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which of the files.
    pub file: u16,
    /// The line, from 1; of a Parquet file the row.
    pub line: u64,
    /// Which of several rows of that line, from 0.
    pub part: u32,
}

/// How many places are kept of each reason.
const KEPT: usize = 5;

/// Rows that are not counted, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    reasons: BTreeMap<Reason, (u64, Vec<Place>)>,
}

impl Skipped {
    pub(crate) fn add(&mut self, reason: Reason, place: Place) {
        let (count, places) = self.reasons.entry(reason).or_default();
        *count += 1;
        if places.len() < KEPT {
            places.push(place);
        } else if let Some(last) = places.iter_mut().max().filter(|last| **last > place) {
            *last = place;
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (reason, (count, places)) in other.reasons {
            let entry = self.reasons.entry(reason).or_default();
            entry.0 += count;
            entry.1.extend(places);
            entry.1.sort_unstable();
            entry.1.truncate(KEPT);
        }
    }

    /// The reasons that occurred, each with how often, and where first.
    pub fn iter(&self) -> impl Iterator<Item = (Reason, u64, Vec<Place>)> {
        self.reasons.iter().map(|(reason, (count, places))| {
            let mut places = places.clone();
            places.sort_unstable();
            (*reason, *count, places)
        })
    }

    /// How often one occurred.
    #[must_use]
    pub fn count(&self, reason: Reason) -> u64 {
        self.reasons.get(&reason).map_or(0, |(count, _)| *count)
    }

    /// The first row that is wrong in itself.
    #[must_use]
    pub fn first_fault(&self) -> Option<(Reason, Place)> {
        self.iter()
            .filter(|(reason, ..)| reason.is_fault())
            .filter_map(|(reason, _, places)| Some((reason, *places.first()?)))
            .min_by_key(|(_, place)| *place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: u64) -> Place {
        Place { file: 0, line, part: 0 }
    }

    #[test]
    fn the_first_places_are_kept_in_whatever_order_they_come() {
        let mut skipped = Skipped::default();
        for line in (1..=20).rev() {
            skipped.add(Reason::Json, place(line));
        }
        let mut other = Skipped::default();
        other.add(Reason::Json, place(3));
        other.add(Reason::Late, place(1));
        skipped.merge(other);
        let (_, count, places) = skipped.iter().next().unwrap();
        assert_eq!((count, places.iter().map(|place| place.line).collect::<Vec<_>>()), (21, vec![1, 2, 3, 3, 4]));
        assert_eq!(skipped.first_fault(), Some((Reason::Json, place(1))));
    }

    #[test]
    fn every_reason_stands_in_the_documents() {
        let page = include_str!("../../../docs/measure.md");
        for reason in Reason::ALL {
            let row = format!("| `{}` | {} |\n", reason.code(), reason.says());
            assert!(page.contains(&row), "docs/measure.md lacks {row}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_no_fault() {
        let faults: Vec<&str> = Reason::ALL.iter().filter(|reason| !reason.is_fault()).map(|r| r.code()).collect();
        assert_eq!(faults, ["late", "history", "future", "duplicate.id", "duplicate.conflict"]);
    }
}
