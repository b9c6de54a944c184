//! Every code that `check` can tell, what it means, and how grave it is.

/// How grave a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// `build` refuses; a device would disable the part, or people would be let down.
    Error,
    /// Worth a look.
    Warning,
}

impl Severity {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A code.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) title: &'static str,
    pub(crate) explanation: &'static str,
}

pub(crate) fn find(code: &str) -> Option<&'static Code> {
    ALL.iter().find(|known| known.code.eq_ignore_ascii_case(code))
}

/// The groups, by the beginning of their codes.
pub(crate) const GROUPS: [(&str, &str); 7] = [
    ("HK01", "Document and syntax"),
    ("HK02", "Tracking plan and conditions"),
    ("HK03", "Text and locales"),
    ("HK04", "Appearance and accessibility"),
    ("HK05", "Triggers and campaigns"),
    ("HK06", "Caps, schedules and experiments"),
    ("HK07", "Actions and addresses"),
];

const fn error(code: &'static str, title: &'static str, explanation: &'static str) -> Code {
    Code { code, severity: Severity::Error, title, explanation }
}

const fn warning(code: &'static str, title: &'static str, explanation: &'static str) -> Code {
    Code { code, severity: Severity::Warning, title, explanation }
}

/// Every code, in order.
pub(crate) static ALL: &[Code] = &[
    error("HK0101", "file cannot be read", "The file is missing, may not be read, or is not UTF-8 text."),
    error(
        "HK0102",
        "not YAML or JSON",
        "The text cannot be parsed. YAML is indented with spaces; one file holds one document.",
    ),
    error(
        "HK0103",
        "field stands twice",
        "An object has the same field twice. YAML readers differ in which one wins, so neither is right.",
    ),
    error(
        "HK0104",
        "too large or too deep",
        "A playbook has at most 4 MiB, 300,000 values and 64 levels. An alias counts as all that it stands for, so a few lines of aliases cannot become a document without end.",
    ),
    error(
        "HK0105",
        "unknown field",
        "A device disables a campaign with a field that it does not know, because the field may be what keeps the message from the wrong person. Most often it is a slip of the pen.",
    ),
    error("HK0106", "wrong kind of value", "The field takes another kind of value than the one that stands there."),
    error("HK0107", "missing field", "The object cannot be used without this field."),
    error("HK0108", "unknown name", "The field takes one of a few names, and this is none of them."),
    error(
        "HK0109",
        "unknown version of the format",
        "`spec` says which version of the playbook format this is. This command knows 1.",
    ),
    error(
        "HK0110",
        "name that cannot be used",
        "Names have 1 to 255 bytes. Those that start with `$` belong to the library.",
    ),
    error(
        "HK0112",
        "not a length of time",
        "A length of time is a whole number with a unit: `250ms`, `90s`, `30m`, `1h`, `7d`. A day is always 24 hours. The longest is 100 years.",
    ),
    error(
        "HK0113",
        "not an instant, or not a time of day",
        r#"An instant is written by RFC 3339, with its offset: `2026-11-27T09:00:00+02:00`. A time of day is `"09:30"`, in quotes."#,
    ),
    error(
        "HK0114",
        "success definition cannot be inlined",
        "`success` names a file beside the playbook. It must be an object, in YAML or JSON, and be right by itself.",
    ),
    error("HK0116", "merge of something else than an object", "`<<` takes an alias of an object, or a list of these."),
    error(
        "HK0117",
        "number that cannot be kept exactly",
        "Whole numbers go up to 2^53 - 1 on every platform. Longer ids belong in quotes.",
    ),
    error(
        "HK0118",
        "refused by the engine",
        "The engine that runs on devices would leave this part out. The message is the engine's own.",
    ),
    error(
        "HK0119",
        "success definition is wrong",
        "A fact, metric or goal that cannot be used. What else the definition says stays in force; docs/success.md has the rules.",
    ),
    error(
        "HK0201",
        "unknown event",
        "The tracking plan does not name the event, so a device in strict mode refuses to record it and nothing ever comes of it.",
    ),
    error(
        "HK0202",
        "unknown property",
        "The event has no such property in the tracking plan, so the condition never holds and the text stays empty.",
    ),
    error("HK0203", "unknown attribute", "The tracking plan has no such attribute of people, so nobody has it."),
    error(
        "HK0204",
        "type differs from the plan",
        "Nothing is converted: a text never equals a number, and a comparison between the two is always false.",
    ),
    error(
        "HK0205",
        "unknown operator",
        "Conditions are in MongoDB style. An operator that the library does not know disables the campaign.",
    ),
    error(
        "HK0206",
        "operand of the wrong kind",
        "The operator takes another kind of operand: `$in` a list, `$exists` true or false, `$gte` a number or a text.",
    ),
    error("HK0207", "unknown segment", "`$segment` names a segment of the playbook."),
    error("HK0208", "segment made of itself", "Segments may name each other, but not in a circle."),
    error(
        "HK0209",
        "value that the plan rules out",
        "The tracking plan lists the values with `one_of`, and this is none of them: the condition never holds, or the value is refused.",
    ),
    error(
        "HK0210",
        "regular expression that cannot be used",
        "Regular expressions run in linear time on the device: no look-around, no references back.",
    ),
    warning(
        "HK0211",
        "GrowthBook's rules for conditions",
        "Under `semantics: growthbook` operands of different types are compared by coercion, and unknown operators are false instead of an error. It is meant for imported conditions.",
    ),
    warning(
        "HK0212",
        "segment that nobody uses",
        "No audience names the segment, neither directly nor through another one.",
    ),
    warning("HK0213", "condition that never holds", "An empty `$in`, or a lower bound above the upper one."),
    error(
        "HK0214",
        "event not recorded where it must be",
        "A message is taken back by an event (`unless`, `cancel_on`) or stops at a goal. If that event is not recorded under every purpose that can record the trigger, some people get the message although they did what it asks for.",
    ),
    warning(
        "HK0215",
        "history that some people do not have",
        "The audience looks back at an event that is not recorded under every purpose that can record the trigger. Those who granted only the other purpose have no such history.",
    ),
    error("HK0216", "listed value of another type", "A value in `one_of` is not of the property's type."),
    error("HK0217", "unknown value of the host", "`$host` and `$now` are closed tables."),
    error(
        "HK0218",
        "required property not recorded",
        "A button records an event without a property that the tracking plan requires, so the device refuses it.",
    ),
    error(
        "HK0301",
        "text missing in the default locale",
        "Everybody whose language is missing reads the default locale. A key that is missing there leaves a hole.",
    ),
    error(
        "HK0302",
        "text made of itself",
        "Texts may look each other up by `t`, but not in a circle: such a text cannot be rendered, so the message is not shown.",
    ),
    error("HK0303", "not a locale", "Locales are tags of BCP 47: `en`, `pt-BR`, `zh-Hant`."),
    error(
        "HK0304",
        "plural without `other`",
        "`other` is used where none of a language's rules holds. Every language needs it.",
    ),
    warning(
        "HK0305",
        "plural category missing",
        "The language has a rule for a category that the text does not have; people read `other` where it is wrong.",
    ),
    error(
        "HK0307",
        "template tag not closed",
        "`{{` and `{%` must be closed, and so must `if`, `for` and the like, within one run of text: bold, italic and links cut a text into runs.",
    ),
    error(
        "HK0308",
        "texts of a locale that is not declared",
        "A device leaves out the texts of a locale that is not among `locales`, so nobody reads them.",
    ),
    warning("HK0309", "HTML in a text", "Messages are drawn without HTML, so tags are shown as they are written."),
    error(
        "HK0310",
        "unknown word of the library",
        "`$sdk.*` keys are the library's own words. They may be overridden, not added to.",
    ),
    warning(
        "HK0311",
        "missing translation",
        "A language of the playbook lacks a text that a message uses; its people read the default locale.",
    ),
    warning(
        "HK0312",
        "text that nobody uses",
        "No message names the key, and no template looks it up by `t`. Where a template makes its keys, none is told.",
    ),
    warning(
        "HK0313",
        "variable without a default",
        "The text shows something that need not be there. A person without it reads a hole.",
    ),
    warning(
        "HK0314",
        "variable empty for one campaign",
        "Several campaigns show the message, and the event that triggers one of them has no such property.",
    ),
    error(
        "HK0401",
        "image without alternative text",
        r#"People who cannot see the image are told `alt`. An image that only decorates has `alt: ""`."#,
    ),
    error(
        "HK0402",
        "too little contrast",
        "Text needs a contrast of 4.5:1 to its ground (WCAG 2.2, 1.4.3), in the light theme and in the dark one.",
    ),
    error("HK0403", "not a colour", "Colour tokens are `#rgb`, `#rrggbb`, either with opacity, or `rgb()`."),
    error("HK0404", "unknown layout", "A device cannot draw a layout that it does not know."),
    error("HK0405", "unknown block", "A device cannot draw a block that it does not know."),
    warning(
        "HK0406",
        "message without an accessible name",
        "A screen reader announces a message by its `label`, or by its first heading.",
    ),
    error("HK0407", "nothing to show", "A message has at least one page, a page at least one block."),
    warning(
        "HK0408",
        "page that nothing leads to",
        "A page is reached by a button with action `next` on the page before, or by a branch in `next`.",
    ),
    warning(
        "HK0409",
        "form that nobody submits",
        "Answers are recorded by the action `submit`. Without it they are lost.",
    ),
    error(
        "HK0410",
        "unknown page",
        r#"`next` names a page of the same message, by its id; a page without an id is named by its place from "1"."#,
    ),
    error(
        "HK0411",
        "same name twice in a message",
        "Field names, page ids, button ids and the values of options are told apart in what is recorded, so they must differ.",
    ),
    warning("HK0412", "message that nobody shows", "No campaign and no variant names the message."),
    error(
        "HK0413",
        "field without what it needs",
        "A choice needs options, other fields have none; a preference is for a purpose or for an attribute.",
    ),
    warning(
        "HK0414",
        "required answer that nothing asks for",
        "A required answer is asked for when a button submits or goes on. No button of the page does.",
    ),
    error("HK0415", "button without a label", "A button must say what it does."),
    warning(
        "HK0416",
        "field of another layout",
        "`position` is for banners, `anchor` for tooltips, `data` for custom messages.",
    ),
    error("HK0501", "campaign id stands twice", "What is known of a campaign stays with its id, so ids must differ."),
    error("HK0502", "unknown message", "The campaign names a message that the playbook does not have."),
    error(
        "HK0503",
        "placement and layout disagree",
        "An inline message stands at a placement; other layouts have none.",
    ),
    error("HK0504", "no channel", "A campaign without a channel is shown nowhere."),
    error(
        "HK0505",
        "`unless` without `within`",
        "A message that waits for something not to happen must know how long to wait.",
    ),
    warning(
        "HK0506",
        "retracted campaign that does not exist",
        "`retract` removes what is already on devices. The campaign may be gone from the playbook; otherwise the id is misspelt.",
    ),
    error(
        "HK0507",
        "no message, or two",
        "A campaign names one `message`, or has an `experiment` whose variants name theirs.",
    ),
    warning("HK0508", "campaign that is switched off", "`enabled: false` keeps the campaign from running."),
    error("HK0509", "unknown metric", "`goal`, `$metric` and `$success` name metrics of the success definition."),
    error(
        "HK0510",
        "trigger without an event",
        "A trigger is one event, or one of `any`, `all` and `chain` with events.",
    ),
    warning(
        "HK0511",
        "part of a trigger without effect",
        "`rearm` needs `unless`; `count` without `within` never forgets.",
    ),
    error("HK0512", "channel and layout disagree", "The inbox shows cards, and only the inbox does."),
    warning(
        "HK0513",
        "field without effect",
        "The field is for another layout or another channel, or is a list of days or windows that lists none.",
    ),
    error(
        "HK0601",
        "unknown cap",
        "The campaign lists a frequency constraint that the playbook does not have; a device disables it.",
    ),
    error("HK0602", "cap that cannot work", "`max` is 1 to 1,000 and `per` longer than nothing."),
    warning(
        "HK0603",
        "cap that counts other channels",
        "The campaign lists the cap, but the cap counts channels that the campaign does not use.",
    ),
    warning("HK0604", "cap that nobody uses", "No campaign lists the cap, and it counts no channel."),
    warning(
        "HK0605",
        "limit that cannot be reached",
        "The campaign ends, or its caps leave too little room, before it could be shown so often.",
    ),
    error(
        "HK0606",
        "share out of range",
        "Percentages go from 0 to 100 with at most two decimals; weights add up to at most 100; a part of a namespace is not empty.",
    ),
    error(
        "HK0607",
        "variants differ in kind",
        "Arms can be compared only if they may be shown at the same places and times. So the variants of a campaign share channel, placement and class of layout.",
    ),
    error("HK0608", "hours that begin when they end", "Nobody can tell whether that is always or never."),
    error("HK0609", "schedule without time", "The campaign ends before it starts."),
    error(
        "HK0610",
        "variants that cannot be told apart",
        "An experiment has at least one variant, and their ids differ.",
    ),
    warning(
        "HK0611",
        "weights do not add up",
        "Weights are shares of their sum. If they add up to 100 they say what happens.",
    ),
    warning(
        "HK0613",
        "cap without effect",
        "A transactional campaign is not stopped by caps, and a cap counts once however often it is listed.",
    ),
    warning(
        "HK0615",
        "unknown channel in a cap",
        "Channels outside of the product are named by whoever records the touches; this name is close to one that is known.",
    ),
    error("HK0701", "unknown action", "A device cannot do what it does not know."),
    error(
        "HK0702",
        "scheme that is not allowed",
        "Messages open `https`, `mailto`, `tel` and the schemes that the playbook declares under `schemes`. What runs code or reads files is never allowed.",
    ),
    error("HK0703", "not an address", "An address is written whole, with its scheme."),
];

/// The page of all codes, as `docs/checks.md` has it.
pub(crate) fn page() -> String {
    let mut text = String::from(
        "# What `hearken check` tells\n\nMade from `crates/cli/src/codes.rs`; `hearken check --explain CODE` prints one.\n",
    );
    for (prefix, title) in GROUPS {
        text += &format!("\n## {prefix}xx: {title}\n\n| code | severity | what | why |\n|---|---|---|---|\n");
        for code in ALL.iter().filter(|code| code.code.starts_with(prefix)) {
            let explanation = code.explanation.replace('|', "\\|");
            text += &format!("| {} | {} | {} | {explanation} |\n", code.code, code.severity.name(), code.title);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_in_a_group() {
        assert!(ALL.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(ALL.iter().all(|code| GROUPS.iter().any(|(prefix, _)| code.code.starts_with(prefix))));
    }

    #[test]
    fn the_page_in_the_documents_is_the_one_made_from_the_codes() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/checks.md");
        if std::env::var_os("HEARKEN_WRITE").is_some() {
            std::fs::write(path, page()).unwrap();
        }
        assert!(std::fs::read_to_string(path).unwrap() == page(), "run the tests once with HEARKEN_WRITE=1");
    }
}
