//! Apache Parquet: whole columns, row group by row group.

use std::borrow::Cow;
use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray, RecordBatch};
use arrow_schema::{DataType, Fields, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use rayon::iter::{IntoParallelIterator, ParallelBridge, ParallelIterator};

use super::mapping::{Columns, Mapping, milliseconds};
use super::spec::{Column, Spec};
use super::{Failure, Input, Sink};
use crate::cell::Cell;
use crate::progress::Progress;
use crate::reason::Place;

/// How many rows are decoded together.
const BATCH: usize = 16_384;

/// Every column that is not a structure, by its path with dots.
fn leaves(fields: &Fields, before: &str, to: &mut Vec<String>) {
    for field in fields {
        let path = format!("{before}{}", field.name());
        match field.data_type() {
            DataType::Struct(inner) => leaves(inner, &format!("{path}."), to),
            _ => to.push(path),
        }
    }
}

/// Reads a file from its start to its end.
pub(crate) fn read<S: Sink>(
    input: &Input,
    spec: Option<&Spec>,
    progress: &dyn Progress,
    make: &(impl Fn() -> S + Sync),
    done: &(impl Fn(S) -> Result<(), Failure> + Sync),
) -> Result<(), Failure> {
    let broken = |error: parquet::errors::ParquetError| input.unusable(error.to_string());
    let open = || File::open(&input.path).map_err(|source| input.unreadable(source));
    let metadata = ArrowReaderMetadata::load(&open()?, Default::default()).map_err(broken)?;
    let mut names = Vec::new();
    leaves(metadata.schema().fields(), "", &mut names);
    let native = Spec::native(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let find = |column: &Column| match column {
        Column::Named(name) => names.iter().position(|known| known == name),
        Column::Placed(place) => Some(place - 1).filter(|place| *place < names.len()),
    };
    let mapping = Mapping::new(spec.unwrap_or(&native), false, find)
        .map_err(|column| input.unusable(format!("there is no column `{column}`; there are: {}", names.join(", "))))?;
    let used: Vec<(usize, &str)> =
        mapping.columns().into_iter().filter_map(|place| Some((place, names.get(place)?.as_str()))).collect();
    let schema = metadata.parquet_schema();
    let mask = ProjectionMask::columns(schema, used.iter().map(|(_, name)| *name));
    let mut first = 1;
    let groups: Vec<(usize, u64)> = metadata
        .metadata()
        .row_groups()
        .iter()
        .enumerate()
        .map(|(place, group)| {
            let start = first;
            first += group.num_rows().unsigned_abs();
            (place, start)
        })
        .collect();
    let each = (input.size() / groups.len().max(1) as u64).max(1);
    let batches = |group: usize| {
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(open()?, metadata.clone());
        builder
            .with_row_groups(vec![group])
            .with_projection(mask.clone())
            .with_batch_size(BATCH)
            .build()
            .map_err(broken)
    };
    let one = |batch: Result<RecordBatch, arrow_schema::ArrowError>, first: u64| {
        let batch = batch.map_err(|error| input.unusable(error.to_string()))?;
        let mut columns: Vec<Values<'_>> = Vec::new();
        columns.resize_with(names.len(), || Values::Other);
        for (place, name) in &used {
            if let Some(slot) = columns.get_mut(*place) {
                *slot = column(&batch, name).map_or(Values::Other, values);
            }
        }
        let mut sink = make();
        for row in 0..batch.num_rows() {
            let place = Place { file: input.number, line: first + row as u64, part: 0 };
            sink.take(place, mapping.draft(&Row { columns: &columns, row }));
        }
        done(sink)
    };
    if groups.len() > rayon::current_num_threads() {
        groups.into_par_iter().try_for_each(|(group, first)| {
            let mut line = first;
            for batch in batches(group)? {
                let rows = batch.as_ref().map_or(0, RecordBatch::num_rows) as u64;
                one(batch, line)?;
                line += rows;
            }
            progress.read(each);
            Ok(())
        })
    } else {
        // Few groups: one thread decodes while others go through the rows.
        for (group, first) in groups {
            let mut line = first;
            let numbered = batches(group)?.map(|batch| {
                let first = line;
                line += batch.as_ref().map_or(0, RecordBatch::num_rows) as u64;
                (batch, first)
            });
            numbered.par_bridge().try_for_each(|(batch, first)| one(batch, first))?;
            progress.read(each);
        }
        Ok(())
    }
}

/// The array of a column, found by its path.
fn column<'b>(batch: &'b RecordBatch, path: &str) -> Option<&'b ArrayRef> {
    fn inside<'b>(array: &'b ArrayRef, path: &str) -> Option<&'b ArrayRef> {
        let structure = array.as_struct_opt()?;
        deeper(path, |name| structure.column_by_name(name))
    }
    fn deeper<'b>(path: &str, find: impl Fn(&str) -> Option<&'b ArrayRef>) -> Option<&'b ArrayRef> {
        if let Some(array) = find(path) {
            return Some(array);
        }
        // A name may have dots of its own.
        path.match_indices('.').find_map(|(at, _)| inside(find(path.get(..at)?)?, path.get(at + 1..)?))
    }
    deeper(path, |name| batch.column_by_name(name))
}

/// An array, by what its values are.
enum Values<'a> {
    Text(&'a arrow_array::StringArray),
    LongText(&'a arrow_array::LargeStringArray),
    TextView(&'a arrow_array::StringViewArray),
    Bytes(&'a arrow_array::BinaryArray),
    Dictionary(Box<dyn Fn(usize) -> Option<&'a str> + 'a>),
    Int(Ints<'a>),
    Float(Box<dyn Fn(usize) -> Option<f64> + 'a>),
    Bool(&'a arrow_array::BooleanArray),
    /// Milliseconds since the Unix epoch.
    Instant(Box<dyn Fn(usize) -> Option<i64> + 'a>),
    Decimal(&'a PrimitiveArray<Decimal128Type>, i8),
    Other,
}

enum Ints<'a> {
    Long(&'a PrimitiveArray<Int64Type>),
    Int(&'a PrimitiveArray<Int32Type>),
    Any(Box<dyn Fn(usize) -> Option<i64> + 'a>),
}

struct Row<'c, 'a> {
    columns: &'c [Values<'a>],
    row: usize,
}

impl<'a> Columns<'a> for Row<'_, 'a> {
    fn cell(&self, column: usize) -> Cell<'a> {
        self.columns.get(column).map_or(Cell::Absent, |values| values.cell(self.row))
    }
}

fn at<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    array.is_valid(row).then(|| array.value(row))
}

impl<'a> Values<'a> {
    fn cell(&self, row: usize) -> Cell<'a> {
        let cell = match self {
            Self::Text(array) => array.is_valid(row).then(|| Cell::text(array.value(row))),
            Self::LongText(array) => array.is_valid(row).then(|| Cell::text(array.value(row))),
            Self::TextView(array) => array.is_valid(row).then(|| Cell::text(array.value(row))),
            Self::Bytes(array) => {
                array.is_valid(row).then(|| std::str::from_utf8(array.value(row)).map_or(Cell::Structure, Cell::text))
            }
            Self::Dictionary(value) => value(row).map(Cell::text),
            Self::Int(Ints::Long(array)) => at(array, row).map(Cell::Int),
            Self::Int(Ints::Int(array)) => at(array, row).map(|int| Cell::Int(int.into())),
            Self::Int(Ints::Any(value)) | Self::Instant(value) => value(row).map(Cell::Int),
            Self::Float(value) => value(row).map(Cell::Fraction),
            Self::Bool(array) => array.is_valid(row).then(|| Cell::Bool(array.value(row))),
            Self::Decimal(array, scale) => at(array, row).map(|value| decimal(value, *scale)),
            Self::Other => Some(Cell::Structure),
        };
        cell.unwrap_or_default()
    }
}

fn values(array: &ArrayRef) -> Values<'_> {
    fn any<'a, T: ArrowPrimitiveType>(
        array: &'a ArrayRef,
        value: impl Fn(T::Native) -> Option<i64> + 'a,
    ) -> Box<dyn Fn(usize) -> Option<i64> + 'a> {
        let array = array.as_primitive::<T>();
        Box::new(move |row| at(array, row).and_then(&value))
    }
    let instant = |a_second: i64| move |ticks: i64| Some(milliseconds(ticks, a_second));
    match array.data_type() {
        DataType::Utf8 => Values::Text(array.as_string()),
        DataType::LargeUtf8 => Values::LongText(array.as_string()),
        DataType::Utf8View => Values::TextView(array.as_string_view()),
        DataType::Binary => Values::Bytes(array.as_binary()),
        DataType::Int64 => Values::Int(Ints::Long(array.as_primitive())),
        DataType::Int32 => Values::Int(Ints::Int(array.as_primitive())),
        DataType::Int16 => Values::Int(Ints::Any(any::<Int16Type>(array, |int| Some(int.into())))),
        DataType::Int8 => Values::Int(Ints::Any(any::<Int8Type>(array, |int| Some(int.into())))),
        DataType::UInt8 => Values::Int(Ints::Any(any::<UInt8Type>(array, |int| Some(int.into())))),
        DataType::UInt16 => Values::Int(Ints::Any(any::<UInt16Type>(array, |int| Some(int.into())))),
        DataType::UInt32 => Values::Int(Ints::Any(any::<UInt32Type>(array, |int| Some(int.into())))),
        // What is beyond a signed number is beyond every range here, and must not be absent.
        DataType::UInt64 => {
            Values::Int(Ints::Any(any::<UInt64Type>(array, |int| Some(i64::try_from(int).unwrap_or(i64::MAX)))))
        }
        DataType::Float64 => {
            let array = array.as_primitive::<Float64Type>();
            Values::Float(Box::new(move |row| at(array, row)))
        }
        DataType::Float32 => {
            let array = array.as_primitive::<Float32Type>();
            Values::Float(Box::new(move |row| at(array, row).map(f64::from)))
        }
        DataType::Boolean => Values::Bool(array.as_boolean()),
        DataType::Date32 => Values::Instant(any::<Date32Type>(array, |days| Some(i64::from(days) * 86_400_000))),
        DataType::Timestamp(unit, _) => Values::Instant(match unit {
            TimeUnit::Second => any::<TimestampSecondType>(array, instant(1)),
            TimeUnit::Millisecond => any::<TimestampMillisecondType>(array, instant(1_000)),
            TimeUnit::Microsecond => any::<TimestampMicrosecondType>(array, instant(1_000_000)),
            TimeUnit::Nanosecond => any::<TimestampNanosecondType>(array, instant(1_000_000_000)),
        }),
        DataType::Decimal128(_, scale) => Values::Decimal(array.as_primitive(), *scale),
        DataType::Dictionary(..) => dictionary(array).map_or(Values::Other, Values::Dictionary),
        DataType::Null => Values::Dictionary(Box::new(|_| None)),
        _ => Values::Other,
    }
}

fn dictionary<'a>(array: &'a ArrayRef) -> Option<Box<dyn Fn(usize) -> Option<&'a str> + 'a>> {
    let array = array.as_any_dictionary_opt()?;
    let keys = array.normalized_keys();
    let texts = array.values().as_string_opt::<i32>()?;
    let nulls = array.nulls().cloned();
    Some(Box::new(move |row| {
        let key = *keys.get(row)?;
        let there = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) && texts.is_valid(key);
        there.then(|| texts.value(key))
    }))
}

/// A decimal as the text that it is.
fn decimal(value: i128, scale: i8) -> Cell<'static> {
    let scale = usize::from(scale.max(0).unsigned_abs());
    let digits = value.unsigned_abs().to_string();
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    if fraction.bytes().all(|byte| byte == b'0')
        && let Ok(whole) = whole.parse::<i64>()
    {
        return Cell::Int(if value < 0 { -whole } else { whole });
    }
    let sign = if value < 0 { "-" } else { "" };
    Cell::Text(Cow::Owned(format!("{sign}{whole}.{fraction}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_exact() {
        for (value, scale, expected) in [
            (1_234, 2, Cell::Text("12.34".into())),
            (-5, 3, Cell::Text("-0.005".into())),
            (1_200, 2, Cell::Int(12)),
            (-700, 2, Cell::Int(-7)),
            (0, 4, Cell::Int(0)),
        ] {
            assert_eq!(decimal(value, scale), expected);
        }
    }
}
