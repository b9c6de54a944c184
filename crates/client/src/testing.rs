//! The store suite: every store has to pass it, with a fault injected at every write boundary.
//!
//! ```
//! use hearken::testing::{Harness, Hook, store_suite};
//! use hearken::{Memory, store::Store};
//!
//! struct InMemory(Memory);
//! impl Harness for InMemory {
//!     fn open(&self, hook: Hook) -> Box<dyn Store> {
//!         Box::new(self.0.clone().hooked(hook))
//!     }
//! }
//! store_suite(|| InMemory(Memory::new()));
//! ```

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::{Batch, Checkpoint, Opened, Role, Store, StoreError, StoredRow};

/// Called by a store at every write boundary, with the boundary's name. An error makes the write fail there.
#[derive(Clone)]
pub struct Hook(Arc<Mutex<Call>>);

type Call = dyn FnMut(&'static str) -> Result<(), String> + Send;

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

impl Hook {
    /// A hook that calls `call`.
    pub fn new(call: impl FnMut(&'static str) -> Result<(), String> + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(call)))
    }

    /// A hook that lets everything through.
    #[must_use]
    pub fn none() -> Self {
        Self::new(|_| Ok(()))
    }

    /// A hook that fails at the boundary number `at`, from 0, and counts the boundaries it was called for.
    fn failing_at(at: usize) -> (Self, Arc<Mutex<Vec<&'static str>>>) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let counted = Arc::clone(&seen);
        let hook = Self::new(move |place| {
            let mut seen = counted.lock().unwrap_or_else(PoisonError::into_inner);
            seen.push(place);
            if seen.len() == at + 1 { Err(format!("fault at {place}")) } else { Ok(()) }
        });
        (hook, seen)
    }

    /// Called by a store.
    ///
    /// # Errors
    /// What the store's write is to fail with.
    pub fn call(&self, place: &'static str) -> Result<(), String> {
        (self.0.lock().unwrap_or_else(PoisonError::into_inner))(place)
    }
}

/// One place where a store keeps things, to be opened again and again.
pub trait Harness {
    /// The store at this place, calling `hook` at every write boundary. The one before is dropped.
    fn open(&self, hook: Hook) -> Box<dyn Store>;
}

/// Runs the whole suite, each test at a fresh place.
///
/// # Panics
/// Where the store does not hold what `Store` promises.
pub fn store_suite<H: Harness>(fresh: impl Fn() -> H) {
    starts_empty_and_keeps_its_journal(&fresh());
    appends_in_order_and_reads_head_and_tail(&fresh());
    keeps_the_cursor_and_never_moves_it_back(&fresh());
    prunes_up_to_the_base_and_no_further(&fresh());
    hands_over_and_takes_once(&fresh());
    refuses_a_second_owner(&fresh());
    sets_aside_what_cannot_be_read(&fresh());
    keeps_a_base_and_says_how_large_it_is(&fresh());
    erases_everything_and_begins_anew(&fresh());
    for write in [Write::Append, Write::Prune, Write::Acknowledge, Write::HandOver, Write::Erase] {
        a_fault_leaves_all_or_nothing(&fresh, write);
    }
}

fn owner(store: &mut dyn Store) -> Opened {
    match store.open().expect("the store opens") {
        Role::Owner(opened) => opened,
        Role::Guest => panic!("the only one that opened is the owner"),
    }
}

fn row(last: u64) -> StoredRow {
    StoredRow { last, body: format!("row {last} ünï\u{0}") }
}

fn head(seq: u64) -> Checkpoint {
    Checkpoint { seq, body: format!("checkpoint {seq}") }
}

fn batch(lasts: impl IntoIterator<Item = u64>) -> Batch {
    Batch { rows: lasts.into_iter().map(row).collect(), ..Batch::default() }
}

fn starts_empty_and_keeps_its_journal(place: &impl Harness) {
    let mut store = place.open(Hook::none());
    let first = owner(store.as_mut());
    assert!(!first.journal.is_empty(), "a journal has an id");
    assert_eq!((first.head, first.tail, first.lost), (None, vec![], None), "a new store is empty");
    drop(store);
    let mut store = place.open(Hook::none());
    assert_eq!(owner(store.as_mut()).journal, first.journal, "the id stays");
}

fn appends_in_order_and_reads_head_and_tail(place: &impl Harness) {
    let mut store = place.open(Hook::none());
    owner(store.as_mut());
    let first = Batch { blobs: vec![("h".into(), "document".into())], head: Some(head(5)), ..batch([2, 5]) };
    store.append(&first).expect("append");
    store.append(&batch([6, 9])).expect("append");
    assert_eq!(store.rows(0, 10).expect("rows"), [row(2).body, row(5).body, row(6).body, row(9).body]);
    assert_eq!(store.rows(2, 2).expect("rows"), [row(5).body, row(6).body]);
    assert_eq!(store.blob("h").expect("blob").as_deref(), Some("document"));
    assert_eq!(store.blob("i").expect("blob"), None);
    drop(store);
    let mut store = place.open(Hook::none());
    let opened = owner(store.as_mut());
    assert_eq!(opened.head, Some(head(5)));
    assert_eq!(opened.tail, [row(6).body, row(9).body], "the tail starts after the checkpoint");
    assert!(store.append(&batch([9])).is_err() || store.rows(6, 9).expect("rows").len() == 1, "a place is taken once");
}

fn keeps_the_cursor_and_never_moves_it_back(place: &impl Harness) {
    let mut store = place.open(Hook::none());
    owner(store.as_mut());
    assert_eq!(store.acknowledged().expect("cursor"), 0);
    store.acknowledge(7).expect("acknowledge");
    store.acknowledge(3).expect("acknowledge");
    drop(store);
    let mut store = place.open(Hook::none());
    owner(store.as_mut());
    assert_eq!(store.acknowledged().expect("cursor"), 7);
}

fn prunes_up_to_the_base_and_no_further(place: &impl Harness) {
    let mut store = place.open(Hook::none());
    owner(store.as_mut());
    store.append(&Batch { head: Some(head(4)), ..batch([2, 4, 6]) }).expect("append");
    store.prune(&head(4)).expect("prune");
    assert_eq!(store.rows(0, 9).expect("rows"), [row(6).body]);
    store.prune(&head(6)).expect("prune");
    assert_eq!(store.head().expect("head"), Some(head(6)), "a base past the head is the new head");
    drop(store);
    let mut store = place.open(Hook::none());
    let opened = owner(store.as_mut());
    assert_eq!((opened.head, opened.tail), (Some(head(6)), vec![]));
}

fn hands_over_and_takes_once(place: &impl Harness) {
    let mut store = place.open(Hook::none());
    owner(store.as_mut());
    store.hand_over(&["one".into(), "two".into()]).expect("hand over");
    let left = store.pending().expect("pending");
    assert_eq!(left.iter().map(|pending| pending.body.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    let first = left.first().map(|pending| pending.id).expect("an id");
    store.append(&Batch { taken: vec![first], ..batch([1]) }).expect("append");
    let left = store.pending().expect("pending");
    assert_eq!(left.iter().map(|pending| pending.body.as_str()).collect::<Vec<_>>(), ["two"]);
}

fn refuses_a_second_owner(place: &impl Harness) {
    let mut first = place.open(Hook::none());
    owner(first.as_mut());
    let mut second = place.open(Hook::none());
    assert_eq!(second.open().expect("the store opens"), Role::Guest);
    second.hand_over(&["from the guest".into()]).expect("a guest hands over");
    assert_eq!(first.pending().expect("pending").len(), 1, "the owner sees it");
    drop(first);
    drop(second);
    let mut third = place.open(Hook::none());
    owner(third.as_mut());
}

fn sets_aside_what_cannot_be_read(place: &impl Harness) {
    let mut store = place.open(Hook::none());
    let before = owner(store.as_mut());
    store.append(&batch([1])).expect("append");
    let after = store.restart("row 1: not JSON").expect("restart");
    assert_ne!(after.journal, before.journal, "a new journal has a new id");
    assert_eq!((after.head, after.tail), (None, vec![]));
    assert!(after.lost.is_some_and(|lost| lost.contains("row 1: not JSON")));
    store.append(&batch([1])).expect("it goes on");
}

fn keeps_a_base_and_says_how_large_it_is(place: &impl Harness) {
    let mut store = place.open(Hook::none());
    owner(store.as_mut());
    assert_eq!(store.base().expect("base"), None, "nothing was pruned");
    store.append(&Batch { head: Some(head(6)), ..batch([2, 4, 6]) }).expect("append");
    store.prune(&head(4)).expect("prune");
    assert_eq!(store.base().expect("base"), Some(head(4)), "rows after the base are kept");
    assert_eq!(store.head().expect("head"), Some(head(6)));
    let small = store.size().expect("size");
    let body = "x".repeat(200_000);
    store.append(&Batch { rows: vec![StoredRow { last: 7, body }], ..Batch::default() }).expect("append");
    let large = store.size().expect("size");
    assert!(large >= small + 190_000, "what is stored counts: {small}, then {large}");
}

fn erases_everything_and_begins_anew(place: &impl Harness) {
    let mut store = place.open(Hook::none());
    let before = owner(store.as_mut()).journal;
    let first = Batch { blobs: vec![("h".into(), "document".into())], head: Some(head(5)), ..batch([2, 5, 6]) };
    store.append(&first).expect("append");
    store.prune(&head(5)).expect("prune");
    store.acknowledge(5).expect("acknowledge");
    store.hand_over(&["one".into()]).expect("hand over");
    let journal = store.erase(&batch([2])).expect("erase");
    assert_ne!(journal, before, "a new journal has a new id");
    let empty = (vec![row(2).body], None, 0, None, vec![]);
    assert_eq!((contents(store.as_mut()), store.base().expect("base")), (empty.clone(), None));
    drop(store);
    let mut store = place.open(Hook::none());
    assert_eq!(owner(store.as_mut()).journal, journal);
    assert_eq!(contents(store.as_mut()), empty);
}

/// The writes that a fault is injected into.
#[derive(Clone, Copy, Debug)]
enum Write {
    Append,
    Prune,
    Acknowledge,
    HandOver,
    Erase,
}

impl Write {
    fn run(self, store: &mut dyn Store) -> Result<(), StoreError> {
        let taken: Vec<i64> = store.pending()?.iter().map(|pending| pending.id).collect();
        match self {
            Self::Append => store.append(&Batch {
                blobs: vec![("h".into(), "document".into())],
                head: Some(head(9)),
                taken,
                ..batch([7, 9])
            }),
            Self::Prune => store.prune(&head(5)),
            Self::Acknowledge => store.acknowledge(4),
            Self::HandOver => store.hand_over(&["three".into(), "four".into()]),
            Self::Erase => store.erase(&Batch { blobs: vec![("h".into(), "document".into())], ..batch([2]) }).map(drop),
        }
    }
}

/// Everything that a store says of itself.
type Contents = (Vec<String>, Option<Checkpoint>, u64, Option<String>, Vec<String>);

fn contents(store: &mut dyn Store) -> Contents {
    let rows = store.rows(0, 100).expect("rows");
    let pending = store.pending().expect("pending").into_iter().map(|pending| pending.body).collect();
    (rows, store.head().expect("head"), store.acknowledged().expect("cursor"), store.blob("h").expect("blob"), pending)
}

fn a_fault_leaves_all_or_nothing<H: Harness>(fresh: &impl Fn() -> H, write: Write) {
    let prepare = |place: &H| {
        let mut store = place.open(Hook::none());
        owner(store.as_mut());
        store.hand_over(&["one".into()]).expect("hand over");
        store.append(&Batch { head: Some(head(3)), ..batch([1, 3, 5]) }).expect("append");
        contents(store.as_mut())
    };
    let mut at = 0;
    loop {
        let place = fresh();
        let before = prepare(&place);
        let (hook, seen) = Hook::failing_at(at);
        let mut store = place.open(hook);
        owner(store.as_mut());
        let result = write.run(store.as_mut());
        let boundaries = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        drop(store);
        let mut store = place.open(Hook::none());
        owner(store.as_mut());
        let after = contents(store.as_mut());
        if boundaries.len() <= at {
            assert!(at > 0, "{write:?} has no boundary at which a fault could be tried");
            assert_eq!(result, Ok(()));
            assert_ne!(after, before, "{write:?} without a fault changes what is stored");
            return;
        }
        assert!(result.is_err(), "{write:?}: the fault at {boundaries:?} is reported");
        assert_eq!(after, before, "{write:?}: nothing of a write that failed at {boundaries:?} is kept");
        write.run(store.as_mut()).expect("it works when tried again");
        at += 1;
    }
}
