//! The WebAssembly module under `@hearken/web`. It wraps `hearken-core` and decides nothing: one JSON text in, one
//! JSON text out. The hand-written TypeScript facade is its only caller; all calls are synchronous, so that they can
//! run inside one IndexedDB transaction (engine.md 11.3).

use hearken_core::{Blob, Checkpoint, Context, Engine, Input, JournalError, Row, Withdrawn};
use wasm_bindgen::prelude::*;

/// What a caller can act on: a code, and what a person reads. Thrown as its JSON text.
fn failure(code: &str, message: impl ToString) -> JsValue {
    let mut json = String::from("{\"code\":\"");
    json.push_str(code);
    json.push_str("\",\"message\":");
    json.push_str(&hearken_core::text_json(&message.to_string()));
    json.push('}');
    JsValue::from_str(&json)
}

fn journal_failure(error: JournalError) -> JsValue {
    let code = match error {
        JournalError::Newer { .. } => "newer_format",
        _ => "damaged",
    };
    failure(code, error)
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

    /// Starts from a stored checkpoint.
    ///
    /// # Errors
    /// `newer_format` or `damaged`.
    pub fn load(&mut self, checkpoint: &str) -> Result<(), JsValue> {
        self.engine.load(Checkpoint::from_json(checkpoint).map_err(journal_failure)?);
        Ok(())
    }

    /// Folds a stored row; answers with what it took from this owner's screen, as JSON.
    ///
    /// # Errors
    /// `newer_format` or `damaged`: the engine is to be discarded.
    pub fn fold(&mut self, row: &str) -> Result<String, JsValue> {
        let row = Row::from_json(row).map_err(journal_failure)?;
        self.engine.fold(&row).map(|withdrawn| Withdrawn::list_json(&withdrawn)).map_err(journal_failure)
    }

    /// The hash of the playbook whose document the engine needs.
    #[wasm_bindgen(js_name = playbookNeeded)]
    pub fn playbook_needed(&self) -> Option<String> {
        self.engine.playbook_needed().map(str::to_owned)
    }

    /// Hands over the installed playbook's document.
    ///
    /// # Errors
    /// `invalid_playbook`.
    #[wasm_bindgen(js_name = supplyPlaybook)]
    pub fn supply_playbook(&mut self, document: &str) -> Result<(), JsValue> {
        self.engine.supply_playbook(document).map_err(|error| failure("invalid_playbook", error))
    }

    /// Handles one input. The step's row and blob wait to be taken.
    ///
    /// # Errors
    /// `invalid_input`: the texts are no input or no context.
    pub fn handle(&mut self, input: &str, ctx: &str) -> Result<String, JsValue> {
        let input = Input::from_json(input).map_err(|error| failure("invalid_input", error))?;
        let ctx = Context::from_json(ctx).map_err(|error| failure("invalid_input", error))?;
        let step = self.engine.handle(input, &ctx);
        let json = step.to_json();
        self.row = step.row;
        self.blob = step.blob;
        Ok(json)
    }

    /// The row of the last step, to be stored as it is.
    #[wasm_bindgen(js_name = takeRow)]
    pub fn take_row(&mut self) -> Option<String> {
        self.row.take().map(|row| row.to_json())
    }

    /// The document of the last step, to be stored under the step's `blob`.
    #[wasm_bindgen(js_name = takeBlob)]
    pub fn take_blob(&mut self) -> Option<String> {
        self.blob.take().map(|blob| blob.content)
    }

    /// The whole state, to be stored as it is.
    pub fn checkpoint(&self) -> String {
        self.engine.checkpoint_json()
    }

    /// Why a campaign is, or is not, shown at this moment, as JSON.
    ///
    /// # Errors
    /// `invalid_input`.
    pub fn explain(&self, campaign: &str, ctx: &str) -> Result<String, JsValue> {
        let ctx = Context::from_json(ctx).map_err(|error| failure("invalid_input", error))?;
        Ok(self.engine.explain(campaign, &ctx).to_json())
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

    /// Other owners with something offered or on a screen.
    #[wasm_bindgen(js_name = foreignOwners)]
    pub fn foreign_owners(&self) -> Vec<String> {
        self.engine.foreign_owners()
    }

    /// This owner's presentations that are offered or on its screen.
    #[wasm_bindgen(js_name = ownOpen)]
    pub fn own_open(&self) -> Vec<String> {
        self.engine.own_open().iter().map(ToString::to_string).collect()
    }

    /// Whether a trigger waits.
    #[wasm_bindgen(js_name = hasWaiting)]
    pub fn has_waiting(&self) -> bool {
        self.engine.has_waiting()
    }

    /// The ids of the campaigns of the playbook in force that can be used.
    pub fn campaigns(&self) -> Vec<String> {
        self.engine.playbook().into_iter().flat_map(|playbook| playbook.campaigns().map(str::to_owned)).collect()
    }
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
