//! The rows of each user, folded one after the other, on several threads.

use hearken_core::success::{Faults, Observed, Person, Plan, Reading, Scalar};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::keys::Frozen;
use crate::people::{Grouped, Users};
use crate::progress::Progress;
use crate::row::{Row, UNASKED};
use crate::source::Failure;
use crate::store::Chunk;
use crate::totals::Totals;

/// How many properties fit without a list of their own.
const FEW: usize = 32;
/// How many users are folded one after the other on one thread.
const TOGETHER: usize = 512;
/// How many of these are under way before the lines of their users are handed on.
const AHEAD: usize = 256;

/// Writes one user's pairs.
pub(crate) type Line<'l> = dyn Fn(&str, &[Reading]) -> String + Sync + 'l;

/// What every user is folded with.
pub(crate) struct Folding<'f> {
    pub(crate) plan: &'f Plan,
    pub(crate) users: &'f Users,
    pub(crate) keys: &'f Frozen,
    pub(crate) as_of: i64,
    pub(crate) progress: &'f dyn Progress,
    /// How the lines of single users are written, where they are asked for.
    pub(crate) line: Option<&'f Line<'f>>,
}

impl Folding<'_> {
    /// Folds the users of a group; hands their lines on, in the order of the users.
    pub(crate) fn fold(
        &self,
        grouped: &Grouped,
        emit: &mut dyn FnMut(&str) -> Result<(), Failure>,
    ) -> Result<Totals, Failure> {
        let metrics = self.plan.definition().metrics.len();
        let nobody = self.readings(&self.plan.person());
        let stretches: Vec<(usize, usize)> =
            (0..grouped.len()).step_by(TOGETHER).map(|from| (from, (from + TOGETHER).min(grouped.len()))).collect();
        let mut totals = Totals::new(metrics);
        for ahead in stretches.chunks(AHEAD) {
            let folded: Vec<(Totals, String)> = ahead
                .to_vec()
                .into_par_iter()
                .map(|(from, to)| {
                    let folded = self.stretch(grouped, from..to, &nobody);
                    self.progress.users((to - from) as u64);
                    folded
                })
                .collect();
            for (one, lines) in folded {
                totals = totals.merge(one);
                if !lines.is_empty() {
                    emit(&lines)?;
                }
            }
        }
        Ok(totals)
    }

    fn stretch(&self, grouped: &Grouped, users: std::ops::Range<usize>, nobody: &[Reading]) -> (Totals, String) {
        let mut totals = Totals::new(nobody.len());
        let (mut rows, mut lines, mut idle) = (Vec::new(), String::new(), 0);
        for user in users {
            grouped.rows(user, &mut rows);
            let name = || {
                let key = self.users.keys.get(grouped.first + user).copied().unwrap_or(crate::keys::NONE);
                format!("{}:{}", if self.keys.is_user(key) { 'u' } else { 'p' }, self.keys.text(key))
            };
            // Whoever has no event that a fact asks for reads like anybody else who has none.
            if rows.iter().all(|(_, row)| row.asked == UNASKED) {
                idle += 1;
                lines.extend(self.line.map(|line| line(&name(), nobody)));
                continue;
            }
            let mut person = self.plan.person();
            for (chunk, row) in &rows {
                self.observe(&mut person, chunk, row, &mut totals.faults);
            }
            let readings = self.readings(&person);
            totals.add(&readings, 1);
            lines.extend(self.line.map(|line| line(&name(), &readings)));
        }
        totals.add(nobody, idle);
        (totals, lines)
    }

    fn readings(&self, person: &Person) -> Vec<Reading> {
        (0..self.plan.definition().metrics.len()).map(|metric| self.plan.read(person, metric, self.as_of)).collect()
    }

    fn observe(&self, person: &mut Person, chunk: &Chunk, row: &Row, faults: &mut Faults) {
        if row.asked == UNASKED {
            return;
        }
        let mut bytes = chunk.bytes(row);
        let (mut few, mut many) = ([Scalar::Absent; FEW], Vec::new());
        let asked = self.plan.definition().properties.len();
        let properties = match few.get_mut(..asked) {
            Some(few) => few,
            None => {
                many.resize(asked, Scalar::Absent);
                many.as_mut_slice()
            }
        };
        let (_id, session) = (bytes.text(), bytes.text());
        bytes.scalars(properties);
        let mut buffer = [0; 36];
        let session = session.as_ref().map(|session| session.as_str(&mut buffer)).filter(|session| !session.is_empty());
        let observed =
            Observed { event: row.asked.into(), ts: row.ts, offset_min: row.offset.into(), session, properties };
        self.plan.observe(person, &observed, faults);
    }
}
