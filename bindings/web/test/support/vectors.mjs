// Runs the shared vectors (tests/vectors/README.md): against the engine as the package ships it, in Node and in a browser
// (an engine runner), and against the shell over its store (shell-driver.mjs, a client runner).

const ALL = ["analytics", "personalization", "messaging"];

/** An RFC 3339 instant and its offset in minutes. */
function instant(text) {
  const found = /(?:Z|([+-])(\d\d):(\d\d))$/.exec(text);
  const minutes = Number(found[2] ?? 0) * 60 + Number(found[3] ?? 0);
  return { now: Date.parse(text), offset_min: found[1] === "-" ? -minutes : minutes };
}

/** Anything as JSON with its keys in order: what two values are compared by. */
export function canonical(value) {
  return JSON.stringify(value ?? null, (_, inner) =>
    inner && typeof inner === "object" && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner);
}

/** The engine itself: every record is seen. */
class InEngine {
  exports = false;
  seen = { records: [], offered: [], withdrawn: [], decisions: [] };
  canDisplay = true;
  locale = "en";
  #open;
  #rows = [];
  #blobs = new Map();
  #opened = 0;
  #handled = 0;
  #moment;
  #engine;
  #playbook;

  constructor(open) {
    this.#open = open;
  }

  at(moment) {
    this.#moment = moment;
  }

  async open(playbook, consent) {
    this.#opened += 1;
    const engine = (this.#engine = await this.#folded());
    const hash = engine.playbookNeeded();
    if (hash !== undefined) engine.supplyPlaybook(this.#blobs.get(hash));
    const owners = engine.standing.foreign;
    this.handle({ open: { consent } });
    if (owners.length) this.handle({ owners_gone: { owners } });
    this.handle({ install_playbook: { document: playbook } });
  }

  /** What the journal has of the events that a playbook's new counters need: its oldest record, and these (engine.md 3.3). */
  #history(document) {
    const events = this.#engine.historyNeeded(document);
    if (!events.length) return [];
    const records = this.#rows.flatMap((row) => JSON.parse(row).records);
    return records.filter((record, n) => n === 0 || events.includes(record.type));
  }

  handle(given) {
    const install = given.install_playbook;
    const input = install ? { install_playbook: { ...install, history: this.#history(install.document) } } : given;
    const step = this.#engine.handle(input, this.#context());
    const row = this.#engine.takeRow();
    const content = this.#engine.takeBlob();
    if (step.erased) {
      this.#rows = [];
      this.#blobs.clear();
    }
    if (row !== undefined) {
      this.#rows.push(row);
      this.seen.records.push(...JSON.parse(row).records);
    }
    if (content !== undefined) this.#blobs.set(step.blob, content);
    for (const list of ["offered", "withdrawn", "decisions"]) this.seen[list].push(...step[list]);
    this.nextWakeup = step.next_wakeup ?? null;
    if (install) this.#playbook = install.document;
    // As a client does.
    if (step.erased) this.handle({ install_playbook: { document: this.#playbook } });
    return step;
  }

  success() {
    return this.#engine.success(this.#context());
  }

  inbox() {
    return this.#engine.inbox(this.#context());
  }

  why(campaign) {
    return this.#engine.explain(campaign, this.#context());
  }

  /** Whether a new engine that folds the rows comes to the very same state (engine.md 1.4). */
  async folds() {
    const engine = await this.#folded();
    return canonical(JSON.parse(engine.checkpoint())) === canonical(JSON.parse(this.#engine.checkpoint()));
  }

  async #folded() {
    const engine = await this.#open({ owner: `owner-${this.#opened}`, channels: ["in_app"] });
    for (const row of this.#rows) engine.fold(row);
    return engine;
  }

  #context() {
    this.#handled += 1;
    return { ...this.#moment, entropy: this.#handled.toString(16).padStart(16, "0").padEnd(32, "0"), locale: this.locale, can_display: this.canDisplay };
  }
}

/** The part of `seen` that `expected` speaks of: its fields, one by one; a list only as a whole, item by item. */
function spokenOf(expected, seen) {
  if (Array.isArray(expected) && Array.isArray(seen)) return expected.length === seen.length ? expected.map((item, n) => spokenOf(item, seen[n])) : seen;
  if (!expected || !seen || typeof expected !== "object" || typeof seen !== "object" || Array.isArray(expected) || Array.isArray(seen)) return seen;
  return Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, spokenOf(value, seen[name] ?? null)]));
}

/** A decision, with those fields of its reason that a case speaks of; an instant is written as the case writes it. */
function plain({ campaign, outcome, stage, reason }, speaks) {
  if (!reason) return { campaign, outcome };
  const fields = speaks && Object.entries(spokenOf(speaks, reason)).map(([name, value]) => [name, typeof speaks[name] === "string" && Date.parse(speaks[name]) === value ? speaks[name] : value]);
  return { campaign, outcome, stage, reason: reason.code, ...(fields && { with: Object.fromEntries(fields) }) };
}

/** What a verb says to the engine; a verb of no short form is an input by its own name. */
function inputOf(verb, given, id, document) {
  const interaction = (kind, target) => ({ interaction: { presentation_id: id(given.presentation ?? given), kind, ...(target !== undefined && { target }) } });
  switch (verb) {
    case "consent":
      return { consent: Array.isArray(given) ? { purposes: given } : given };
    case "install":
      return { install_playbook: { document } };
    case "displaying":
    case "visible":
      return { [verb]: { presentation_id: id(given) } };
    case "dismiss":
      return interaction("dismiss");
    case "click":
      return interaction("click", given.target);
    case "ended":
      return { ended: { presentation_id: id(given.presentation), cause: given.cause } };
    case "answer":
      return { host_answer: { presentation_id: id(given.presentation), answer: given.answer } };
    default: {
      const named = { ...given };
      for (const field of ["presentation_id", "card"]) if (field in named) named[field] = id(named[field]);
      return { [verb]: named };
    }
  }
}

/**
 * Runs one case; every difference is a line of the answer. `open` gives an engine, `read` the text of a file beside the
 * index.
 */
export const runCase = (vector, open, read) => runWith(vector, new InEngine(open), read);

/** The same with another driver. */
export async function runWith(vector, driver, read) {
  const names = new Map();
  const wrong = [];
  const id = (name) => names.get(name) ?? name;
  // A name that is known stays with its presentation: what is offered again has to be the same.
  const know = (name, real) => names.has(name) || names.set(name, real);
  const text = async (source) => (typeof source === "string" ? read(source) : JSON.stringify(source));
  const playbook = await text(vector.playbook);
  for (const [number, { now, do: what, expect }] of vector.steps.entries()) {
    const differs = (field, expected, seen) => {
      if (canonical(expected) !== canonical(seen)) wrong.push(`${vector.name}, step ${number}: ${field}: expected ${canonical(expected)}, seen ${canonical(seen)}`);
    };
    driver.at(instant(now));
    driver.seen = { records: [], offered: [], withdrawn: [], decisions: [] };
    const [verb, given] = Object.entries(what)[0];
    let step = { verdict: "accepted" };
    if (verb === "open") {
      driver.canDisplay = true;
      driver.locale = given.locale ?? "en";
      await driver.open(playbook, vector.consent ?? ALL);
    } else {
      if (verb === "can_display") driver.canDisplay = given;
      const input = verb === "can_display" ? "host_state" : inputOf(verb, given, id, verb === "install" ? await text(given) : undefined);
      step = await driver.handle(input);
    }
    await driver.settle?.();
    const { records, offered, withdrawn, decisions } = driver.seen;
    differs("verdict", expect.verdict ?? "accepted", step.verdict);
    if (expect.rejection) differs("rejection", expect.rejection, step.rejection?.code);
    const exported = driver.exports ? records : records.filter((record) => record.type === "$erase" || (record.type !== "$imported" && record.consent.includes("analytics")));
    if (!driver.exports) differs("records", expect.records, records.map(({ type }) => type));
    differs("exported", expect.exported ?? expect.records, exported.map(({ type }) => type));
    for (const [kind, fields] of Object.entries(expect.data ?? {})) {
      const data = records.find(({ type }) => type === kind)?.data;
      for (const [field, value] of Object.entries(fields)) differs(`${kind}.${field}`, value, data?.[field]);
    }
    (expect.offered ?? []).forEach(({ as }, place) => offered[place] && know(as, offered[place].presentation_id));
    const name = (wanted) => [...names].find(([, known]) => known === wanted)?.[0] ?? "?";
    differs("offered", expect.offered ?? [], offered.map((offer, n) => {
      const { as, campaign, channel, ...more } = expect.offered?.[n] ?? {};
      return { as: name(offer.presentation_id), campaign: offer.campaign, channel: offer.channel, ...spokenOf(more, offer) };
    }));
    differs("withdrawn", expect.withdrawn ?? [], withdrawn.map(({ presentation_id, cause }) => ({ presentation: name(presentation_id), cause })));
    if (expect.decisions) {
      differs("decisions", expect.decisions, decisions.map((decision, n) => plain(decision, expect.decisions[n]?.with)));
    }
    if ("next_wakeup" in expect && "nextWakeup" in driver) differs("next_wakeup", expect.next_wakeup && instant(expect.next_wakeup).now, driver.nextWakeup);
    for (const [metric, expected] of Object.entries(expect.success ?? {})) {
      const report = await driver.success();
      const found = report.metrics.find((of) => of.metric === metric) ?? null;
      differs(`success of ${metric}`, expected, spokenOf(expected, found));
    }
    if (expect.inbox) {
      const inbox = await driver.inbox();
      (expect.inbox.cards ?? []).forEach(({ as }, place) => inbox.cards[place] && know(as, inbox.cards[place].card));
      const cards = inbox.cards.map((card, n) => ({ ...spokenOf(expect.inbox.cards[n] ?? {}, card), as: name(card.card), campaign: card.campaign }));
      differs("inbox", expect.inbox, { cards, unread: inbox.unread });
    }
    for (const [campaign, fields] of Object.entries(expect.why ?? {})) {
      const why = await driver.why(campaign);
      for (const [field, value] of Object.entries(fields)) {
        const seen = field === "reason" ? why.reason?.code : why[field];
        differs(`why ${campaign}.${field}`, field === "next_eligible_at" ? instant(value).now : value, seen);
      }
    }
  }
  if (!(await driver.folds())) wrong.push(`${vector.name}: folding the rows gives another state`);
  return wrong;
}
