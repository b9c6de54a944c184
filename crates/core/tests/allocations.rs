//! What an event costs, counted (engine.md 3.4): allocations and bytes, not times. A binary of its own, because it counts
//! every allocation of the process.
#![allow(missing_docs)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use hearken_core::{Context, Engine, Input, Properties, Purposes, Timestamp};
use serde_json::json;

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn playbook(campaigns: usize) -> String {
    let campaign = |n: usize| {
        json!({"id": format!("c{n}"), "channel": ["in_app"], "trigger": {"event": format!("e{n}"), "where": {"items": {"$gte": 1}}},
            "audience": {"tier": {"$ne": "gold"}}, "message": "m"})
    };
    json!({"spec": 1, "id": "p", "revision": 1, "plan": {"mode": "open"}, "campaigns": (0..campaigns).map(campaign).collect::<Vec<_>>(),
        "messages": {"m": {"layout": "modal", "pages": [[{"heading": "Hello"}]]}}})
    .to_string()
}

struct World {
    engine: Engine,
    handled: u128,
}

impl World {
    fn new(campaigns: usize) -> Self {
        let mut world = Self { engine: Engine::new("owner", ["in_app"]).unwrap(), handled: 0 };
        world.handle(Input::Open { consent: Some(Purposes::all()), resumes: None, lost: None });
        world.handle(Input::InstallPlaybook { document: playbook(campaigns), history: Vec::new() });
        world
    }

    /// Handles an input; answers with how often memory was asked for.
    fn handle(&mut self, input: Input) -> usize {
        self.handled += 1;
        let ctx = Context {
            now: Timestamp(1_795_248_000_000 + self.handled as i64 * 1_000),
            entropy: self.handled.to_be_bytes(),
            locale: "en".into(),
            can_display: true,
            ..Context::default()
        };
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let step = self.engine.handle(input, &ctx);
        let asked = ALLOCATIONS.load(Ordering::Relaxed) - before;
        assert!(step.row.is_some());
        asked
    }

    fn track(&mut self) -> usize {
        let properties: Properties = json!({"items": 2, "total_minor": 4998, "top_item": "Lamp", "returning": true})
            .as_object()
            .unwrap()
            .clone();
        self.handle(Input::Track { name: "viewed".into(), properties, at: None })
    }
}

/// One test, so that nothing else allocates meanwhile.
#[test]
fn an_event_asks_for_the_same_memory_however_many_campaigns_there_are_and_the_state_stays_small() {
    let mut counts = Vec::new();
    for campaigns in [10, 1_000, 10_000] {
        let mut world = World::new(campaigns);
        for _ in 0..200 {
            world.track();
        }
        counts.push((0..50).map(|_| world.track()).max().unwrap());
        for _ in 0..1_000 {
            world.track();
        }
        let bytes = world.engine.checkpoint_json().len();
        assert!(bytes < 16_000, "{bytes} bytes of state after 1,250 events");
    }
    println!("allocations of one event with 10, 1,000 and 10,000 campaigns: {counts:?}");
    assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
    assert!(counts[0] <= 11, "{counts:?}");
}
