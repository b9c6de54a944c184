//! The WebAssembly module under `@hearken/web`. It wraps `hearken-core` and decides nothing: texts in, one JSON text
//! out. The hand-written TypeScript facade is its only caller; all calls are synchronous, so that they can run inside one
//! IndexedDB transaction (engine.md 11.3).
//!
//! Every export costs a page its wrapper and its glue, so there are few: what is done, and what is asked, is named by the
//! first argument.

use hearken_core::{
    Blob, Checkpoint, Context, Engine, Input, InteractionKind, JournalError, Row, Withdrawn, text_json,
};
use wasm_bindgen::prelude::*;

/// What a caller can act on: a code, and what a person reads. Thrown as its JSON text.
fn failure(code: &str, message: impl ToString) -> JsValue {
    let message = text_json(&message.to_string());
    JsValue::from_str(&["{\"code\":\"", code, "\",\"message\":", &message, "}"].concat())
}

fn journal_failure(error: JournalError) -> JsValue {
    let code = match error {
        JournalError::Newer { .. } => "newer_format",
        _ => "damaged",
    };
    failure(code, error)
}

fn input(json: &str) -> Result<Input, JsValue> {
    Input::from_json(json).map_err(|error| failure("invalid_input", error))
}

fn context(json: &str) -> Result<Context, JsValue> {
    Context::from_json(json).map_err(|error| failure("invalid_input", error))
}

/// One engine: one tab, or one test.
#[wasm_bindgen]
pub struct HearkenEngine {
    engine: Engine,
    row: Option<Row>,
    blob: Option<Blob>,
}

#[wasm_bindgen]
impl HearkenEngine {
    /// An engine without a past; `channels` are names with commas between them.
    ///
    /// # Errors
    /// An empty owner or an unknown channel.
    #[wasm_bindgen(constructor)]
    pub fn new(owner: &str, channels: &str) -> Result<HearkenEngine, JsValue> {
        let engine = Engine::new(owner, channels.split(',')).map_err(|error| failure("invalid_option", error))?;
        Ok(Self { engine, row: None, blob: None })
    }

    /// Does or asks one thing. An empty text is the answer where there is nothing.
    ///
    /// | `what` | `a`, `b` | answer |
    /// |---|---|---|
    /// | `load` | a stored checkpoint | |
    /// | `fold` | a stored row | what it took from this owner's screen |
    /// | `handle` | an input, its context | the step; its row and blob wait to be taken |
    /// | `row`, `blob` | | what the last step has to store, once |
    /// | `checkpoint` | | the whole state, to be stored as it is |
    /// | `playbook` | the installed playbook's document; nothing to ask | the hash of the document that is needed |
    /// | `history` | a playbook's document | the events that its new counters count |
    /// | `open` | | what stands on this and on other screens, and whether a trigger waits |
    /// | `explain` | a campaign, a context | the walk |
    /// | `preview` | a campaign, a line end, a variant or nothing; a context | what it would show, or the reason |
    /// | `next` | the interaction `page` of the page that is there, with the answers | the id of the page that follows |
    /// | `inbox` | nothing, a context | the cards |
    /// | `success` | nothing, a context | the success report |
    /// | `state` | | what another device may take over |
    /// | `words` | a locale | the library's own words |
    /// | `needs` | | what the playbook asks of the page: theme, cues, impression |
    /// | `campaigns` | | the ids of those that can be used |
    /// | `person` | | who is here, what they agreed to, what is known of them |
    ///
    /// # Errors
    /// `newer_format`, `damaged`: the engine is to be discarded. `invalid_input`, `invalid_playbook`: nothing changed.
    pub fn call(&mut self, what: &str, a: &str, b: &str) -> Result<String, JsValue> {
        let engine = &mut self.engine;
        Ok(match what {
            "load" => {
                engine.load(Checkpoint::from_json(a).map_err(journal_failure)?);
                String::new()
            }
            "fold" => {
                let row = Row::from_json(a).map_err(journal_failure)?;
                let withdrawn = engine.fold(&row).map_err(journal_failure)?;
                if withdrawn.is_empty() { String::new() } else { Withdrawn::list_json(&withdrawn) }
            }
            "handle" => {
                let step = engine.handle(input(a)?, &context(b)?);
                let json = step.to_json();
                self.row = step.row;
                self.blob = step.blob;
                json
            }
            "row" => self.row.take().map(|row| row.to_json()).unwrap_or_default(),
            "blob" => self.blob.take().map(|blob| blob.content).unwrap_or_default(),
            "checkpoint" => engine.checkpoint_json(),
            "playbook" => {
                if !a.is_empty() {
                    engine.supply_playbook(a).map_err(|error| failure("invalid_playbook", error))?;
                }
                engine.playbook_needed().unwrap_or_default().to_owned()
            }
            // What is wrong with the document is told when it is installed.
            "history" => list(&engine.history_needed(a).unwrap_or_default()),
            "open" => {
                let own: Vec<String> = engine.own_open().iter().map(ToString::to_string).collect();
                let (own, foreign) = (list(&own), list(&engine.foreign_owners()));
                let waiting = if engine.has_waiting() { "true" } else { "false" };
                ["{\"own\":", &own, ",\"foreign\":", &foreign, ",\"waiting\":", waiting, "}"].concat()
            }
            "explain" => engine.explain(a, &context(b)?).to_json(),
            "preview" => {
                let (campaign, variant) = a.split_once('\n').unwrap_or((a, ""));
                engine.preview_json(campaign, Some(variant).filter(|id| !id.is_empty()), &context(b)?)
            }
            "next" => match input(a)? {
                Input::Interaction { presentation_id, kind: InteractionKind::Page, target: Some(page), answers } => {
                    engine.next_page(presentation_id, &page, &answers).unwrap_or_default()
                }
                _ => String::new(),
            },
            "inbox" => engine.inbox_json(context(b)?.now),
            "success" => engine.success_report(context(b)?.now).to_json(),
            "state" => engine.export_state(),
            "words" => engine.words_json(a),
            "needs" => engine.playbook().map(|playbook| playbook.needs_json()).unwrap_or_default(),
            "campaigns" => {
                let ids: Vec<String> = engine
                    .playbook()
                    .into_iter()
                    .flat_map(|playbook| playbook.campaigns())
                    .map(str::to_owned)
                    .collect();
                list(&ids)
            }
            "person" => engine.person_json(),
            _ => return Err(failure("invalid_input", what)),
        })
    }

    /// The place of the last record.
    pub fn seq(&self) -> f64 {
        self.engine.seq() as f64
    }

    /// The last number of this owner's inputs that was stored.
    #[wasm_bindgen(js_name = lastN)]
    pub fn last_n(&self) -> f64 {
        self.engine.last_n() as f64
    }
}

/// Texts as a JSON list.
fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| text_json(text)).collect();
    ["[", &texts.join(","), "]"].concat()
}

/// The lines that a stored row exports after a place in the journal, each with its place before it:
/// `seq`, a space, the line, a line end.
///
/// # Errors
/// `newer_format` or `damaged`.
#[wasm_bindgen(js_name = exportRow)]
pub fn export_row(row: &str, after: f64, with_pii: bool) -> Result<String, JsValue> {
    let row = Row::from_json(row).map_err(journal_failure)?;
    let records = row.records.iter().filter(|record| record.seq as f64 > after && record.is_exported());
    Ok(records.map(|record| format!("{} {}\n", record.seq, record.export_line(with_pii))).collect())
}
