//! A row as it is kept: what orders it in fixed places, the rest in one run of bytes.

use std::cmp::Ordering;

use hearken_core::success::Scalar;

use crate::keys::Key;
use crate::reason::Place;

/// What of a row is asked for often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) ts: i64,
    /// Of the id.
    pub(crate) hash: u64,
    /// Of the properties as they stood, and the profile.
    pub(crate) payload: u64,
    pub(crate) line: u64,
    /// Where its bytes are.
    pub(crate) at: u32,
    pub(crate) part: u32,
    pub(crate) user: Key,
    /// Where it matters whose the row is: without a user, and where the profile gets one.
    pub(crate) profile: Key,
    pub(crate) event: Key,
    /// The place among the events that facts ask for; [`UNASKED`] for others.
    pub(crate) asked: u16,
    pub(crate) offset: i16,
    pub(crate) file: u16,
    pub(crate) merges: bool,
}

pub(crate) const UNASKED: u16 = u16::MAX;

impl Row {
    pub(crate) fn place(&self) -> Place {
        Place { file: self.file, line: self.line, part: self.part }
    }

    /// Whose it is, before profiles become users.
    pub(crate) fn who(&self) -> Key {
        if self.user == crate::keys::NONE { self.profile } else { self.user }
    }

    /// The row as so many bytes.
    pub(crate) const SIZE: usize = 4 * 8 + 5 * 4 + 3 * 2 + 1;

    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.ts.to_le_bytes());
        for long in [self.hash, self.payload, self.line] {
            to.extend_from_slice(&long.to_le_bytes());
        }
        for int in [self.at, self.part, self.user, self.profile, self.event] {
            to.extend_from_slice(&int.to_le_bytes());
        }
        to.extend_from_slice(&self.asked.to_le_bytes());
        to.extend_from_slice(&self.offset.to_le_bytes());
        to.extend_from_slice(&self.file.to_le_bytes());
        to.push(self.merges.into());
    }

    pub(crate) fn read(from: &[u8]) -> Option<Self> {
        let mut reader = Bytes(from);
        Some(Self {
            ts: i64::from_le_bytes(reader.array()?),
            hash: u64::from_le_bytes(reader.array()?),
            payload: u64::from_le_bytes(reader.array()?),
            line: u64::from_le_bytes(reader.array()?),
            at: u32::from_le_bytes(reader.array()?),
            part: u32::from_le_bytes(reader.array()?),
            user: u32::from_le_bytes(reader.array()?),
            profile: u32::from_le_bytes(reader.array()?),
            event: u32::from_le_bytes(reader.array()?),
            asked: u16::from_le_bytes(reader.array()?),
            offset: i16::from_le_bytes(reader.array()?),
            file: u16::from_le_bytes(reader.array()?),
            merges: reader.byte()? == 1,
        })
    }
}

/// Bytes, read from their start on.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn run(&mut self, length: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    /// A text that [`put_text`] wrote.
    pub(crate) fn text(&mut self) -> Option<Text<'a>> {
        match self.byte()? {
            UUID => Some(Text::Uuid(self.run(16)?)),
            LONG => {
                let length = u32::from_le_bytes(self.array()?);
                Some(Text::Plain(self.run(length as usize)?))
            }
            length => Some(Text::Plain(self.run(length.into())?)),
        }
    }

    /// A text that was written as it is.
    pub(crate) fn plain(&mut self) -> Option<&'a str> {
        match self.text()? {
            Text::Plain(bytes) => std::str::from_utf8(bytes).ok(),
            Text::Uuid(_) => None,
        }
    }

    /// The properties that [`put_scalars`] wrote, by their places.
    pub(crate) fn scalars(&mut self, to: &mut [Scalar<'a>]) -> Option<()> {
        let count = self.byte()?;
        for _ in 0..count {
            let place = u16::from_le_bytes(self.array()?);
            let scalar = match self.byte()? {
                0 => Scalar::Text(self.plain()?),
                1 => Scalar::Int(i64::from_le_bytes(self.array()?)),
                2 => Scalar::Fraction(f64::from_le_bytes(self.array()?)),
                3 => Scalar::Bool(self.byte()? == 1),
                _ => Scalar::Structure,
            };
            if let Some(slot) = to.get_mut(usize::from(place)) {
                *slot = scalar;
            }
        }
        Some(())
    }
}

const UUID: u8 = 255;
const LONG: u8 = 254;

/// A text as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text<'a> {
    Plain(&'a [u8]),
    /// A UUID in lower case, as its 16 bytes: half of what most rows would take.
    Uuid(&'a [u8]),
}

impl Text<'_> {
    /// By the bytes of the texts.
    pub(crate) fn compare(self, other: Text<'_>) -> Ordering {
        match (self, other) {
            (Self::Plain(a), Text::Plain(b)) | (Self::Uuid(a), Text::Uuid(b)) => a.cmp(b),
            (a, b) => a.write(&mut [0; 36]).cmp(b.write(&mut [0; 36])),
        }
    }

    fn write<'b>(&'b self, buffer: &'b mut [u8; 36]) -> &'b [u8] {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Uuid(bytes) => {
                let mut at = 0;
                for (place, byte) in bytes.iter().enumerate() {
                    if matches!(place, 4 | 6 | 8 | 10) {
                        put(buffer, &mut at, b'-');
                    }
                    put(buffer, &mut at, hex(byte >> 4));
                    put(buffer, &mut at, hex(byte & 15));
                }
                buffer
            }
        }
    }

    /// The text.
    pub(crate) fn as_str<'b>(&'b self, buffer: &'b mut [u8; 36]) -> &'b str {
        std::str::from_utf8(self.write(buffer)).unwrap_or_default()
    }
}

fn put(buffer: &mut [u8; 36], at: &mut usize, byte: u8) {
    if let Some(slot) = buffer.get_mut(*at) {
        *slot = byte;
    }
    *at += 1;
}

fn hex(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

fn nibble(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != 36 {
        return None;
    }
    let mut bytes = [0; 16];
    let mut digits = text.iter().enumerate().filter(|(place, _)| !matches!(place, 8 | 13 | 18 | 23));
    for byte in &mut bytes {
        *byte = nibble(*digits.next()?.1)? << 4 | nibble(*digits.next()?.1)?;
    }
    [8, 13, 18, 23].iter().all(|place| text.get(*place) == Some(&b'-')).then_some(bytes)
}

/// Writes an id: a UUID in short.
pub(crate) fn put_id(text: &str, to: &mut Vec<u8>) {
    match uuid(text.as_bytes()) {
        Some(bytes) => {
            to.push(UUID);
            to.extend_from_slice(&bytes);
        }
        None => put_text(text, to),
    }
}

/// Writes a text as it is.
pub(crate) fn put_text(text: &str, to: &mut Vec<u8>) {
    match u8::try_from(text.len()) {
        Ok(length) if length < LONG => to.push(length),
        _ => {
            to.push(LONG);
            to.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        }
    }
    to.extend_from_slice(text.as_bytes());
}

/// Writes the properties that are there.
pub(crate) fn put_scalars<'a>(scalars: impl Iterator<Item = Scalar<'a>>, to: &mut Vec<u8>) {
    let at = to.len();
    to.push(0);
    let mut count = 0;
    for (place, scalar) in scalars.enumerate() {
        if scalar == Scalar::Absent || count == u8::MAX {
            continue;
        }
        count += 1;
        to.extend_from_slice(&u16::try_from(place).unwrap_or(u16::MAX).to_le_bytes());
        match scalar {
            Scalar::Absent => {}
            Scalar::Text(text) => {
                to.push(0);
                put_text(text, to);
            }
            Scalar::Int(int) => {
                to.push(1);
                to.extend_from_slice(&int.to_le_bytes());
            }
            Scalar::Fraction(float) => {
                to.push(2);
                to.extend_from_slice(&float.to_le_bytes());
            }
            Scalar::Bool(bool) => to.extend_from_slice(&[3, bool.into()]),
            Scalar::Structure => to.push(4),
        }
    }
    if let Some(slot) = to.get_mut(at) {
        *slot = count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_scalars_read_back() {
        let texts =
            ["", "a", "0191e6f0-0000-7000-8000-00000000000a", "0191E6F0-0000-7000-8000-00000000000A", &"x".repeat(300)];
        let scalars = [
            Scalar::Text("é"),
            Scalar::Absent,
            Scalar::Int(-7),
            Scalar::Fraction(0.5),
            Scalar::Bool(true),
            Scalar::Structure,
        ];
        let mut bytes = Vec::new();
        for text in texts {
            put_id(text, &mut bytes);
        }
        put_scalars(scalars.into_iter(), &mut bytes);
        let mut reader = Bytes(&bytes);
        for text in texts {
            assert_eq!(reader.text().unwrap().as_str(&mut [0; 36]), text);
        }
        let mut seen = [Scalar::Absent; 6];
        reader.scalars(&mut seen).unwrap();
        assert_eq!(seen, scalars);
        assert_eq!(Bytes(&[1, 0, 0, 0, 9]).scalars(&mut seen), None, "cut off");
    }

    #[test]
    fn ids_are_ordered_by_their_bytes_however_they_are_kept() {
        let mut texts: Vec<String> = [
            "",
            "0",
            "0191e6f0-0000-7000-8000-00000000000a",
            "0191e6f0-0000-7000-8000-0000000000a0",
            "0191e6f0",
            "0191e6f0-0000-7000-8000-00000000000A",
            "0191e6f0-0000-7000-8000-00000000000a!",
            "~",
            "a",
        ]
        .map(str::to_owned)
        .to_vec();
        texts.push("z".repeat(400));
        for a in &texts {
            for b in &texts {
                let (mut one, mut two) = (Vec::new(), Vec::new());
                put_id(a, &mut one);
                put_id(b, &mut two);
                let seen = Bytes(&one).text().unwrap().compare(Bytes(&two).text().unwrap());
                assert_eq!(seen, a.as_bytes().cmp(b.as_bytes()), "{a} {b}");
            }
        }
    }

    #[test]
    fn a_row_is_as_many_bytes_as_it_says() {
        let row = Row {
            ts: -1,
            hash: 2,
            payload: 3,
            line: 4,
            at: 5,
            part: 6,
            user: 7,
            profile: 8,
            event: 9,
            asked: 10,
            offset: -11,
            file: 12,
            merges: true,
        };
        let mut bytes = Vec::new();
        row.write(&mut bytes);
        assert_eq!((bytes.len(), Row::read(&bytes)), (Row::SIZE, Some(row)));
    }
}
