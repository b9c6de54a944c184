// Runs the shared vectors (tests/vectors/README.md) against the engine as the package ships it: an engine runner. Used in
// Node and, over the loopback, in a browser.

const ALL = ["analytics", "personalization", "messaging"];

/** An RFC 3339 instant and its offset in minutes. */
function instant(text) {
  const found = /(?:Z|([+-])(\d\d):(\d\d))$/.exec(text);
  const minutes = Number(found[2] ?? 0) * 60 + Number(found[3] ?? 0);
  return { now: Date.parse(text), offset_min: found[1] === "-" ? -minutes : minutes };
}

/** Anything as JSON with its keys in order: what two values are compared by. */
function canonical(value) {
  return JSON.stringify(value ?? null, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner);
}

class Driver {
  #open;
  #read;
  #rows = [];
  #blobs = new Map();
  #opened = 0;
  #handled = 0;
  #moment;
  #canDisplay = true;
  #engine;
  seen;

  constructor(open, read) {
    this.#open = open;
    this.#read = read;
  }

  at(text) {
    this.#moment = instant(text);
    this.seen = { records: [], offered: [], withdrawn: [], decisions: [] };
  }

  async document(source) {
    return typeof source === "string" ? this.#read(source) : JSON.stringify(source);
  }

  async open(playbook, consent) {
    this.#opened += 1;
    this.#canDisplay = true;
    const engine = (this.#engine = await this.#open({ owner: `owner-${this.#opened}`, channels: ["in_app"] }));
    for (const row of this.#rows) engine.fold(row);
    const hash = engine.playbookNeeded();
    if (hash !== undefined) engine.supplyPlaybook(this.#blobs.get(hash));
    const owners = engine.foreignOwners;
    this.#handle({ open: { consent } });
    if (owners.length) this.#handle({ owners_gone: { owners } });
    this.#handle({ install_playbook: { document: playbook } });
    return { verdict: "accepted" };
  }

  /** Whether a new engine that folds the rows comes to the very same state (engine.md 1.4). */
  async folds() {
    const engine = await this.#open({ owner: `owner-${this.#opened}`, channels: ["in_app"] });
    for (const row of this.#rows) engine.fold(row);
    return canonical(JSON.parse(engine.checkpoint())) === canonical(JSON.parse(this.#engine.checkpoint()));
  }

  async act(verb, given, id) {
    const presentation_id = () => id(typeof given === "string" ? given : given.presentation);
    switch (verb) {
      case "track":
        return this.#handle({ track: { name: given.name, properties: given.properties ?? {} } });
      case "attribute":
        return this.#handle({ attribute: given });
      case "consent":
        return this.#handle({ consent: { purposes: given } });
      case "can_display":
        this.#canDisplay = given;
        return this.#handle("host_state");
      case "install":
        return this.#handle({ install_playbook: { document: await this.document(given) } });
      case "displaying":
      case "visible":
        return this.#handle({ [verb]: { presentation_id: presentation_id() } });
      case "dismiss":
        return this.#handle({ interaction: { presentation_id: presentation_id(), kind: "dismiss" } });
      case "click":
        return this.#handle({ interaction: { presentation_id: presentation_id(), kind: "click", target: given.target } });
      case "ended":
        return this.#handle({ ended: { presentation_id: presentation_id(), cause: given.cause } });
      case "answer":
        return this.#handle({ host_answer: { presentation_id: presentation_id(), answer: given.answer } });
      case "tick":
        return this.#handle("tick");
      default:
        throw new Error(`\`${verb}\` is nothing that a vector does`);
    }
  }

  why(campaign) {
    return this.#engine.explain(campaign, this.#context());
  }

  #context() {
    this.#handled += 1;
    return { ...this.#moment, entropy: this.#handled.toString(16).padStart(16, "0").padEnd(32, "0"), locale: "en", can_display: this.#canDisplay };
  }

  #handle(input) {
    const step = this.#engine.handle(input, this.#context());
    const row = this.#engine.takeRow();
    const content = this.#engine.takeBlob();
    if (row !== undefined) {
      this.#rows.push(row);
      this.seen.records.push(...JSON.parse(row).records);
    }
    if (content !== undefined) this.#blobs.set(step.blob, content);
    this.seen.offered.push(...step.offered);
    this.seen.withdrawn.push(...step.withdrawn);
    this.seen.decisions.push(...step.decisions);
    return { verdict: step.verdict, rejection: step.rejection?.code };
  }
}

/**
 * Runs one case; every difference is a line of the answer. `open` gives an engine, `read` the text of a file beside the
 * index.
 */
export async function runCase(vector, open, read) {
  const driver = new Driver(open, read);
  const names = new Map();
  const wrong = [];
  const id = (name) => {
    if (!names.has(name)) throw new Error(`${name} was not offered`);
    return names.get(name);
  };
  const playbook = await driver.document(vector.playbook);
  for (const [number, { now, do: what, expect }] of vector.steps.entries()) {
    const differs = (field, expected, seen) => {
      if (canonical(expected) !== canonical(seen)) wrong.push(`${vector.name}, step ${number}: ${field}: expected ${canonical(expected)}, seen ${canonical(seen)}`);
    };
    driver.at(now);
    const [verb, given] = Object.entries(what)[0];
    const { verdict, rejection } = verb === "open" ? await driver.open(playbook, vector.consent ?? ALL) : await driver.act(verb, given, id);
    const { records, offered, withdrawn, decisions } = driver.seen;
    differs("verdict", expect.verdict ?? "accepted", verdict);
    if (expect.rejection) differs("rejection", expect.rejection, rejection);
    differs("records", expect.records, records.map(({ type }) => type));
    const exported = records.filter(({ consent }) => consent.includes("analytics"));
    differs("exported", expect.exported ?? expect.records, exported.map(({ type }) => type));
    for (const [kind, fields] of Object.entries(expect.data ?? {})) {
      const data = records.find(({ type }) => type === kind)?.data;
      for (const [field, value] of Object.entries(fields)) differs(`${kind}.${field}`, value, data?.[field]);
    }
    (expect.offered ?? []).forEach(({ as }, place) => offered[place] && names.set(as, offered[place].presentation_id));
    const name = (wanted) => [...names].find(([, known]) => known === wanted)?.[0] ?? "?";
    differs("offered", expect.offered ?? [], offered.map(({ presentation_id, campaign, channel }) => ({ as: name(presentation_id), campaign, channel })));
    differs("withdrawn", expect.withdrawn ?? [], withdrawn.map(({ presentation_id, cause }) => ({ presentation: name(presentation_id), cause })));
    if (expect.decisions) {
      const plain = ({ campaign, outcome, stage, reason }) => ({ campaign, outcome, ...(reason && { stage, reason: reason.code }) });
      differs("decisions", expect.decisions, decisions.map(plain));
    }
    for (const [campaign, fields] of Object.entries(expect.why ?? {})) {
      const why = driver.why(campaign);
      for (const [field, value] of Object.entries(fields)) {
        const seen = field === "reason" ? why.reason?.code : why[field];
        differs(`why ${campaign}.${field}`, field === "next_eligible_at" ? instant(value).now : value, seen);
      }
    }
  }
  if (!(await driver.folds())) wrong.push(`${vector.name}: folding the rows gives another state`);
  return wrong;
}
