//! The shape of the canonical playbook, as docs/playbook.md tells it.

use super::shape::Shape::{
    Any, Bool, Clock, Length, List, Map, Number, NumberOrWords, Object, OneOf, Page, Record, Scalar, Text, Whole,
};
use super::shape::{Field, Shape, field, needed};

const BIG: i64 = 9_007_199_254_740_991;
const BP: Shape = Shape::Points;
const LINE: Shape = Shape::Words { spans: false };

pub(crate) const CHANNELS: [&str; 3] = ["in_app", "in_browser", "inbox"];
pub(crate) const PURPOSES: [&str; 3] = ["analytics", "personalization", "messaging"];
pub(crate) const KINDS: [&str; 6] = ["string", "int", "number", "bool", "list", "object"];
pub(crate) const LAYOUTS: [&str; 8] = ["modal", "fullscreen", "banner", "toast", "tooltip", "inline", "card", "custom"];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

pub(crate) static PLAYBOOK: Shape = Record(&[
    needed("spec", Whole(0, BIG)),
    needed("id", Text),
    needed("revision", Whole(0, BIG)),
    field("development", Bool),
    field("semantics", OneOf(&["native", "growthbook"])),
    field("locales", Record(&[needed("default", Text), field("also", List(&Text)), field("parents", Map(&Text))])),
    field("plurals", Map(&Map(&Text))),
    field("plan", Record(PLAN)),
    field("settings", Record(SETTINGS)),
    field("segments", Map(&Object)),
    field("caps", Map(&Record(CAP))),
    field("quiet_hours", Record(HOURS)),
    field("holdout", Record(HOLDOUT)),
    field("schemes", List(&Text)),
    field("theme", Record(&[field("light", Map(&Scalar)), field("dark", Map(&Scalar))])),
    field("retract", List(&Text)),
    field("text", Map(&Map(&Shape::Words { spans: true }))),
    field("messages", Map(&Record(MESSAGE))),
    field("campaigns", List(&Record(CAMPAIGN))),
    field("success", Object),
]);

const HOLDOUT: &[Field] = &[needed("bp", BP), needed("seed", Text), field("bucket_by", BUCKET)];
const BUCKET: Shape = OneOf(&["user_id", "profile_id"]);

const PLAN: &[Field] = &[
    field("mode", OneOf(&["strict", "open"])),
    field(
        "events",
        Map(&Record(&[field("properties", Map(&Record(PROPERTY))), field("purpose", List(&OneOf(&PURPOSES)))])),
    ),
    field("attributes", Map(&Record(PROPERTY))),
];

const PROPERTY: &[Field] = &[
    needed("type", OneOf(&KINDS)),
    field("required", Bool),
    field("pii", Bool),
    field("one_of", List(&Scalar)),
    field("purpose", List(&OneOf(&PURPOSES))),
];

const SETTINGS: &[Field] = &[
    field("interval", Length),
    field("session_timeout", Length),
    field("impression", Length),
    field("memory_messages", Bool),
    field("page_answers", Bool),
];

const CAP: &[Field] = &[needed("max", Whole(0, BIG)), needed("per", Length), field("counts", List(&Text))];
const HOURS: &[Field] = &[needed("from", Clock), needed("to", Clock)];

const CAMPAIGN: &[Field] = &[
    needed("id", Text),
    field("name", Text),
    field("enabled", Bool),
    needed("channel", List(&OneOf(&CHANNELS))),
    needed("trigger", Record(TRIGGER)),
    field("delay", Length),
    field("cancel_on", List(&Record(EVENT))),
    field("ttl", Length),
    field("audience", Object),
    field(
        "schedule",
        Record(&[
            field("start", Whole(-BIG, BIG)),
            field("end", Whole(-BIG, BIG)),
            field("days", List(&OneOf(&DAYS))),
            field("windows", List(&Record(HOURS))),
        ]),
    ),
    field("quiet_hours", Bool),
    field("screens", Record(&[field("only", List(&Text)), field("not", List(&Text))])),
    field("placement", Text),
    field("caps", List(&Text)),
    field("limit", Record(&[field("times", Whole(0, 4_294_967_295)), field("again_after", Length)])),
    field("priority", Whole(0, 4_294_967_295)),
    field("transactional", Bool),
    field("goal", Text),
    field("stop_on_success", OneOf(&["after_shown", "ever", "never"])),
    field(
        "card",
        Record(&[
            field("pin", Bool),
            field("expires_in", Length),
            field("expires_at", Whole(-BIG, BIG)),
            field("remove_on", List(&Record(EVENT))),
        ]),
    ),
    field("interruptive", Bool),
    field("holdout", Record(HOLDOUT)),
    field("experiment", Record(EXPERIMENT)),
    field("message", Text),
];

const EVENT: &[Field] = &[needed("event", Text), field("where", Object)];
const LEAF: &[Field] =
    &[needed("event", Text), field("where", Object), field("count", Whole(1, 100)), field("within", Length)];

const TRIGGER: &[Field] = &[
    field("event", Text),
    field("where", Object),
    field("count", Whole(1, 100)),
    field("within", Length),
    field("any", List(&Record(LEAF))),
    field("all", List(&Record(LEAF))),
    field("chain", List(&Record(LEAF))),
    field("unless", List(&Record(EVENT))),
    field("rearm", OneOf(&["first", "latest"])),
];

const EXPERIMENT: &[Field] = &[
    field("seed", Text),
    field("hash", OneOf(&["sha256", "fnv1a"])),
    field("hash_version", Whole(1, 2)),
    field("bucket_by", BUCKET),
    field("coverage_bp", BP),
    field("control_bp", BP),
    field("on_control", OneOf(&["show_nothing", "show_next"])),
    field("namespace", Record(&[needed("id", Text), needed("start_bp", BP), needed("end_bp", BP)])),
    field("sticky", Bool),
    field("bucket_version", Whole(0, BIG)),
    field("min_bucket_version", Whole(0, BIG)),
    field("force", Any),
    needed("variants", List(&Record(&[needed("id", Text), needed("weight_bp", BP), needed("message", Text)]))),
];

static MESSAGE: &[Field] = &[
    // A layout that is not known has a code of its own.
    needed("layout", Text),
    field("position", OneOf(&["top", "bottom"])),
    field("anchor", Text),
    field("label", LINE),
    field("auto_dismiss", Length),
    field("dismissible", Bool),
    field("data", Object),
    field("pages", List(&PAGES)),
];

static BLOCKS: Shape = List(&BLOCK);
static PAGES: Shape = Page { blocks: &BLOCKS, record: &PAGE };
static PAGE: Shape = Record(&[
    field("id", Text),
    needed("blocks", List(&BLOCK)),
    field("next", List(&Record(&[field("where", Object), needed("page", Text)]))),
]);

static BLOCK: Shape = Shape::Variant {
    what: "block",
    code: "HK0405",
    kinds: &[
        // That `alt` is missing has a code of its own.
        ("image", Some(Record(&[needed("src", LINE), field("alt", LINE)]))),
        ("heading", Some(LINE)),
        ("text", Some(Shape::Words { spans: true })),
        (
            "button",
            Some(Record(&[
                needed("label", LINE),
                field("role", OneOf(&["primary", "secondary"])),
                field("actions", List(&ACTION)),
                field("id", Text),
                field("stay", Bool),
            ])),
        ),
        ("divider", Some(Record(&[]))),
        ("spacer", Some(Record(&[field("size", Number)]))),
        ("list", Some(Record(&[needed("items", List(&LINE)), field("ordered", Bool)]))),
        (
            "progress",
            Some(Record(&[needed("value", NumberOrWords), field("max", NumberOrWords), field("label", LINE)])),
        ),
        ("field", Some(Record(FORM_FIELD))),
        (
            "preference",
            Some(Record(&[
                needed("label", LINE),
                field("consent", OneOf(&PURPOSES)),
                field("attribute", Text),
                field("on", Scalar),
                field("off", Scalar),
            ])),
        ),
    ],
};

const FORM_FIELD: &[Field] = &[
    needed("kind", OneOf(&["nps", "rating", "single", "multi", "text", "email"])),
    needed("name", Text),
    needed("label", LINE),
    field("required", Bool),
    field("options", List(&Record(&[needed("value", Scalar), needed("label", LINE)]))),
    field("other", Bool),
    field("max", Whole(1, 10_000)),
    field("hint", LINE),
];

const ACTION: Shape = Shape::Variant {
    what: "action",
    code: "HK0701",
    kinds: &[
        ("dismiss", None),
        ("next", None),
        ("previous", None),
        ("open_url", Some(LINE)),
        ("deep_link", Some(LINE)),
        ("track", Some(Record(&[needed("event", Text), field("properties", Object)]))),
        ("set_attribute", Some(Record(&[needed("name", Text), needed("value", Any)]))),
        ("set_consent", Some(Record(&[needed("purpose", OneOf(&PURPOSES)), needed("granted", Bool)]))),
        ("snooze", Some(Length)),
        ("submit", Some(Record(&[field("event", Text)]))),
        ("request_permission", Some(Text)),
        ("custom", Some(Record(&[needed("name", Text), field("data", Object)]))),
    ],
};
