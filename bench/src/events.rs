//! Events of many users in a Parquet file, the same every time: what `presets/success.yaml` asks for, and the rest.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

/// A midnight of UTC: 2026-11-01.
pub const AS_OF: i64 = 1_793_491_200_000;
const SPAN: i64 = 420 * 86_400_000;
/// How many rows a group has: what DuckDB writes.
const GROUP: usize = 122_880;

/// Numbers from a seed (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// Names with how many of a thousand events have them.
const NAMES: [(&str, u64); 20] = [
    ("$screen", 360),
    ("$session_start", 160),
    ("order_completed", 60),
    ("order_refunded", 10),
    ("account_created", 10),
    ("project_created", 30),
    ("nps_answered", 10),
    ("feedback", 10),
    ("liked", 30),
    ("shared", 20),
    ("$delivered", 60),
    ("$opened", 30),
    ("$shown", 60),
    ("$clicked", 20),
    ("ticket_opened", 10),
    ("agent_replied", 10),
    ("ticket_solved", 10),
    ("$identify", 5),
    ("cart_updated", 75),
    ("search", 20),
];

#[derive(Clone, Default)]
struct Row {
    id: String,
    ts: i64,
    offset: i32,
    name: &'static str,
    profile: String,
    user: Option<String>,
    session: Option<String>,
    late: bool,
    merged: Option<bool>,
    order_id: Option<String>,
    revenue: Option<i64>,
    test: Option<bool>,
    refund_id: Option<String>,
    amount: Option<i64>,
    score: Option<i64>,
    sentiment: Option<i64>,
    delivery_id: Option<String>,
    presentation_id: Option<String>,
    channel: Option<&'static str>,
    ticket_id: Option<String>,
}

/// Columns that are properties, by their names.
pub const PROPERTIES: [&str; 12] = [
    "merged",
    "order_id",
    "revenue_minor",
    "test",
    "refund_id",
    "amount_minor",
    "score",
    "sentiment",
    "delivery_id",
    "presentation_id",
    "channel",
    "ticket_id",
];

/// What was sent to a user, and how often.
#[derive(Clone, Copy, Default)]
struct Sent {
    delivered: u32,
    shown: u32,
    ticket: u32,
}

fn row(numbers: &mut Numbers, number: usize, count: usize, sent: &mut [Sent]) -> Row {
    let user = numbers.below(sent.len() as u64) as usize;
    let ts = AS_OF - SPAN + (SPAN as i128 * number as i128 / count as i128) as i64 + numbers.below(2) as i64;
    let mut lot = numbers.below(1_000);
    let name = NAMES
        .iter()
        .find(|(_, share)| {
            let hit = lot < *share;
            lot = lot.saturating_sub(*share);
            hit
        })
        .map_or("other", |(name, _)| *name);
    // One in ten was anonymous at first, and one in twenty always is.
    let anonymous = user % 20 == 1 || user % 10 == 0 && name != "$identify" && number % count < count / 20 * (user % 16);
    let known = !anonymous || name == "$identify" && user % 20 != 1;
    let mut row = Row {
        id: format!("{:08x}-{:04x}-7{:03x}-8{:03x}-{:012x}", ts >> 16, ts & 0xffff, number & 0xfff, number >> 12 & 0xfff, number),
        ts,
        offset: [0, 60, 120, -300, -480, 330][user % 6],
        name,
        profile: format!("{user:08x}-0000-7000-8000-{:012x}", user * 7_919),
        user: known.then(|| format!("user-{user:07}")),
        session: Some(format!("{user:08x}-{:04x}-7000-8000-000000000000", (ts / 10_800_000) & 0xffff)),
        late: numbers.below(1_000) == 0 && name != "$identify",
        ..Row::default()
    };
    let of = &mut sent[user];
    match name {
        "$identify" => row.merged = Some(true),
        "order_completed" => {
            row.order_id = Some(format!("o-{}", numbers.below(count as u64)));
            row.revenue = Some(numbers.below(20_000) as i64 + if numbers.below(500) == 0 { -100 } else { 0 });
            row.test = (numbers.below(100) == 0).then_some(true);
        }
        "order_refunded" => {
            row.refund_id = Some(format!("r-{}", numbers.below(count as u64)));
            row.amount = Some(numbers.below(9_000) as i64);
        }
        "nps_answered" => row.score = Some(numbers.below(12) as i64),
        "feedback" => row.sentiment = Some(numbers.below(210) as i64 - 105),
        "$delivered" => {
            of.delivered += u32::from(numbers.below(30) > 0);
            row.delivery_id = Some(format!("d-{user}-{}", of.delivered));
            row.channel = ["email", "push", "sms", "in_app"].get(numbers.below(5) as usize).copied();
        }
        "$opened" => row.delivery_id = Some(format!("d-{user}-{}", of.delivered)),
        "$shown" => {
            of.shown += 1;
            row.presentation_id = Some(format!("s-{user}-{}", of.shown));
        }
        "$clicked" => row.presentation_id = Some(format!("s-{user}-{}", of.shown)),
        "ticket_opened" => {
            of.ticket += 1;
            row.ticket_id = Some(format!("t-{user}-{}", of.ticket));
        }
        "agent_replied" | "ticket_solved" => row.ticket_id = Some(format!("t-{user}-{}", of.ticket)),
        _ => {}
    }
    row
}

/// Writes so many events of so many users. One in a hundred rows comes twice.
pub fn write(path: &Path, events: usize, users: usize) {
    let mut numbers = Numbers(events as u64 ^ (users as u64) << 32);
    let mut sent = vec![Sent::default(); users];
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).set_max_row_group_row_count(Some(GROUP)).build();
    let mut writer: Option<ArrowWriter<File>> = None;
    let mut rows: Vec<Row> = Vec::with_capacity(GROUP);
    for number in 0..events {
        let fresh = if rows.len() > 100 && numbers.below(100) == 0 {
            rows[rows.len() - 1 - numbers.below(100) as usize].clone()
        } else {
            row(&mut numbers, number, events, &mut sent)
        };
        rows.push(fresh);
        if rows.len() == GROUP || number + 1 == events {
            let batch = batch(&rows);
            let writer = writer.get_or_insert_with(|| {
                let file = File::create(path).expect("a file");
                ArrowWriter::try_new(file, batch.schema(), Some(properties.clone())).expect("a writer")
            });
            writer.write(&batch).expect("written");
            rows.clear();
        }
    }
    writer.expect("at least one row").close().expect("written");
}

fn batch(rows: &[Row]) -> RecordBatch {
    let text = |of: fn(&Row) -> Option<&str>| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<StringArray>()) };
    let number = |of: fn(&Row) -> Option<i64>| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<Int64Array>()) };
    let bool = |of: fn(&Row) -> Option<bool>| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<BooleanArray>()) };
    let columns = [
        ("id", text(|row| Some(&row.id))),
        ("ts", number(|row| Some(row.ts))),
        ("offset", Arc::new(rows.iter().map(|row| Some(row.offset)).collect::<Int32Array>()) as ArrayRef),
        ("type", text(|row| Some(row.name))),
        ("profile", text(|row| Some(&row.profile))),
        ("user", text(|row| row.user.as_deref())),
        ("session", text(|row| row.session.as_deref())),
        ("late", bool(|row| Some(row.late))),
        ("merged", bool(|row| row.merged)),
        ("order_id", text(|row| row.order_id.as_deref())),
        ("revenue_minor", number(|row| row.revenue)),
        ("test", bool(|row| row.test)),
        ("refund_id", text(|row| row.refund_id.as_deref())),
        ("amount_minor", number(|row| row.amount)),
        ("score", number(|row| row.score)),
        ("sentiment", number(|row| row.sentiment)),
        ("delivery_id", text(|row| row.delivery_id.as_deref())),
        ("presentation_id", text(|row| row.presentation_id.as_deref())),
        ("channel", text(|row| row.channel)),
        ("ticket_id", text(|row| row.ticket_id.as_deref())),
    ];
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length")
}
