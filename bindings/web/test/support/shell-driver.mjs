// A client runner: the pump, the journal and a real store, driven through the queue; records are seen through the export,
// which is acknowledged after each step. The clock is the page's, moved by hand.

/** `parts` are the package's own modules (internals.mjs); `module` is the compiled engine. */
export function shellDriver(parts, module, openStore, name) {
  const { Journal, Queue, Shell, TabStore, exportBatches } = parts;
  let clock = { now: 0, offset_min: 0 };
  let shell;
  let journal;
  let opened = 0;
  const real = { now: Date.now, offset: Date.prototype.getTimezoneOffset };
  /** Ticks come from the vector alone. */
  class Unhurried extends Journal {
    async handle(...given) {
      const batch = await super.handle(...given);
      for (const { step } of batch.steps) delete step.next_wakeup;
      return batch;
    }
  }
  Date.now = () => clock.now;
  Date.prototype.getTimezoneOffset = () => -clock.offset_min;

  let installed;
  const driver = {
    exports: true,
    seen: undefined,
    canDisplay: true,
    locale: "en",
    at: (moment) => (clock = moment),

    async open(playbook, consent) {
      await shell?.close();
      const owner = `owner-${++opened}`;
      const store = await openStore(name);
      journal = new Unhurried(module, owner, undefined, "in_app");
      await journal.look(store);
      const { foreign } = journal.engine.standing;
      const first = () => [{ open: { consent } }];
      shell = new Shell(
        {
          name, journal, store, first,
          tab: new TabStore(name),
          owner: { id: owner, leave() {}, release() {}, retake: async () => {} },
          events: {
            step: (_, step) => {
              for (const list of ["offered", "withdrawn", "decisions"]) driver.seen[list].push(...step[list]);
            },
            own() {},
            inbox: (text) => (driver.last = JSON.parse(text)),
            needs() {},
            report: (code, message) => driver.reports.push(`${code}: ${message}`),
            degraded: (to, error) => driver.reports.push(`degraded to ${to}: ${error.message}`),
          },
          locale: () => driver.locale,
          canDisplay: () => driver.canDisplay,
          // Nobody is waited for: the owners are told by hand.
          ownerGrace: 2 ** 30,
          kept: { age: 90 * 86_400_000, bytes: 50_000_000 },
          tidyAfter: 2 ** 30,
        },
        new Queue(),
      );
      await shell.start(false, []);
      if (foreign.length) await driver.handle({ owners_gone: { owners: foreign } });
      await driver.handle({ install_playbook: { document: playbook } });
    },

    async handle(input) {
      if (input.install_playbook) installed = input.install_playbook.document;
      const step = await new Promise((resolve) => shell.enqueue(input, true, resolve));
      // As a client does.
      if (step?.erased) await driver.handle({ install_playbook: { document: installed } });
      return step ?? { verdict: "lost" };
    },

    /** What the export delivers of the last step. */
    async settle() {
      for await (const batch of exportBatches(() => shell.store, (row, after, pii) => journal.lines(row, after, pii), 500, true)) {
        driver.seen.records.push(...batch.records.map((line) => JSON.parse(line)));
        await batch.acknowledge();
      }
    },

    success: () => shell.query((engine, ctx) => engine.success(ctx)),
    inbox: () => shell.query((engine, ctx) => engine.inbox(ctx)),
    why: (campaign) => shell.query((engine, ctx) => engine.explain(campaign, ctx)),

    /** Whether what the store holds folds to the state that is live, and stays so when it is pruned. */
    async folds() {
      const live = JSON.parse(journal.engine.checkpoint());
      const again = async () => {
        const other = new Journal(module, "folder", undefined, "in_app");
        await other.look(shell.store);
        return JSON.parse(other.engine.checkpoint());
      };
      const folded = await again();
      await journal.prune(shell.store);
      const pruned = await again();
      const same = parts.canonical(live) === parts.canonical(folded) && parts.canonical(live) === parts.canonical(pruned);
      return same && driver.reports.length === 0;
    },

    reports: [],

    async close() {
      await shell?.close();
      Date.now = real.now;
      Date.prototype.getTimezoneOffset = real.offset;
    },
  };
  return driver;
}
