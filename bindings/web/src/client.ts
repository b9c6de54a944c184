// The facade: what an app calls. It queues, asks the delegate, and hands offers to renderers; it decides nothing.

import type { AttributeOp, Context, Decision, Explanation, HostValues, Inbox, Input, Json, Needs, Person, Rejection, Step, SuccessReport, Touch, Words } from "./engine/api.js";
import type { Engine } from "./engine/engine.js";
import { compile, type WasmSource } from "./engine/module.js";
import { Cues } from "./cues.js";
import { Emitter } from "./emitter.js";
import { HearkenError } from "./error.js";
import { exportBatches } from "./export.js";
import { Health } from "./health.js";
import { mount } from "./mount.js";
import { granted, kept, PURPOSES } from "./options.js";
import { asError, invalidPlaybook, loadPlaybook } from "./playbook.js";
import type { Message } from "./message.js";
import { OfferedPresentation, type Door } from "./presentation.js";
import { Preview } from "./preview.js";
import { toJson } from "./properties.js";
import { Journal } from "./shell/journal.js";
import { Owner } from "./shell/owner.js";
import { EarlyLeave, follow } from "./shell/page.js";
import { kindOf, Queue } from "./shell/queue.js";
import { Shell } from "./shell/shell.js";
import { TabStore } from "./shell/tabstore.js";
import { Stage } from "./stage.js";
import { Surroundings } from "./surroundings.js";
import { MemoryStore } from "./store/memory.js";
import { openStore } from "./store/open.js";
import type {
  AttributeValue, ClientEvents, ClientOptions, Consent, Delegate, EventName, EventProperties, ExportBatch, InboxView, OpenPlan, PlanOf, PlaybookSource, Receipt, Renderer, RendererHost, Report, Status,
  TrackVerdict,
} from "./types.js";

/** How long a new tab lets a reload win (engine.md 6.2), and how long the browser may stay silent (engine.md 11.3). */
const TIMES = { ownerGrace: 10_000, openTimeout: 3_000, transactionTimeout: 5_000, tidyAfter: 5_000 };

/** What is said of the person. */
const PERSONAL = ["consent", "identify", "reset"];

export class HearkenClient<P extends PlanOf = OpenPlan> implements RendererHost {
  /** Resolves once the client is open, in whatever way; it never rejects. */
  readonly ready: Promise<Status>;
  readonly delegate: Delegate;
  readonly inbox: InboxView = {
    get: () => this.#inbox,
    subscribe: (listener) => this.on("inbox", listener),
    act: (card, action, options) => this.#converted({ card, action, ...options }, "card", (_, json) => ({ card: json as never })),
  };
  readonly #options: ClientOptions;
  readonly #queue = new Queue();
  readonly #events = new Emitter<ClientEvents>();
  readonly #tab: TabStore;
  readonly #early: EarlyLeave;
  #playbook: string | undefined;
  #shell: Shell | undefined;
  readonly #health: Health;
  #inbox: Inbox = { cards: [], unread: 0 };
  #inboxText = "";
  readonly #page: Surroundings;
  #unfollow = () => {};
  readonly #stage: Stage;
  #journal: Journal | undefined;
  #needs: Needs | undefined;
  readonly #cues = new Cues((cue, value) => this.cue(cue, value));
  #unexport = () => {};
  /** Takes back what `mount` did. */
  readonly #mounts = new Set<() => void>();

  /** @internal Use `createClient`. */
  constructor(options: ClientOptions) {
    this.#options = options;
    this.delegate = options.delegate ?? {};
    this.#health = new Health(options, this.#events);
    this.#page = new Surroundings(options.locale, options.host);
    this.#tab = new TabStore(this.#name);
    this.#early = new EarlyLeave(this.#tab, this.#queue);
    this.#stage = new Stage(this, this.#events, (input, done) => this.#say(input, done));
    this.ready = typeof document === "undefined" ? Promise.resolve(this.#none(new HearkenError("no_page", "there is no page here"))) : this.#boot().catch((error) => this.#none(asError(error, "wasm_unavailable")));
    void this.ready.then(({ store }) => {
      if (store !== "none" && !this.#health.closed) this.#unexport = options.exporter?.(this as never) ?? this.#unexport;
    });
  }

  /** Records an event. Never throws; what the plan refuses reaches `on("diagnostic")` when it is handled. */
  track<K extends EventName<P>>(name: K, ...[properties = {} as never]: EventProperties<P, K>): TrackVerdict {
    return this.#converted(properties, name, (name, json) => ({ track: { name, properties: json as Record<string, Json> } }));
  }

  /** The person came to a screen, or a route. */
  screen(name: string): TrackVerdict {
    return this.#queued({ screen: { name: String(name) } });
  }

  /** The person has a name: an id of the app's own (engine.md 2.1). */
  identify(user: string): TrackVerdict {
    return this.#queued({ identify: { user: String(user) } });
  }

  /** The person left: whoever comes next is somebody else. */
  reset(): TrackVerdict {
    return this.#queued("reset");
  }

  /** Sets an attribute of the person, `null` removes it; or another operation on it. */
  attribute<K extends keyof P["attributes"] & string, O extends AttributeOp = "set">(name: K, value: AttributeValue<P, K, O>, op: O | "set" = "set"): TrackVerdict {
    return this.#converted(value ?? null, name, (name, json) => ({ attribute: { op, name, value: json } }));
  }

  /** What the person chose; what is not named stays. Withdrawing `messaging` takes what is on the screen away in the same step; with `purge`, what was recorded before is no longer exported. */
  setConsent(consent: Partial<Consent>, { purge = false } = {}): TrackVerdict {
    // Each adds to what the one before came to. It waits as it is: a page that leaves at once leaves it to the next.
    return this.#queued({ consent: PURPOSES.every((purpose) => purpose in consent) ? { purposes: granted(consent), purge } : { only: consent, purge } });
  }

  /** Records nothing and shows nothing from here on, in later visits too, until `enable`. */
  disable(): TrackVerdict {
    return this.#queued({ switch: { enabled: false } });
  }

  /** Goes on from where `disable` stopped: the engine is told again what it did not take meanwhile. */
  enable(): TrackVerdict {
    return this.#queued({ switch: { enabled: true } });
  }

  /** A touch through another channel. */
  touch(touch: Touch): TrackVerdict {
    return this.#converted(touch, "touch", (_, json) => ({ touch: json as never }));
  }

  /** What only the page can see: `manual`, `route`, `visible`, `dwell`, `scroll`, `exit_intent`, and its value. */
  cue(cue: string, value?: Json): TrackVerdict {
    return this.#converted(value ?? null, cue, (cue, json) => ({ cue: { cue, ...(value !== undefined && { value: json }) } }));
  }

  /** A message or card of the app's own: a campaign without a trigger, and its `messages`, `text` and `locales`. */
  offer(document: string | Record<string, unknown>): TrackVerdict {
    return this.#converted(document, "offer", (_, json) => ({ offer: { document: typeof json === "string" ? json : JSON.stringify(json) } }));
  }

  /** A place in the page is there, or no longer. */
  placement(name: string, mounted = true): void {
    this.#page.place(name, mounted);
    // Before the client is open, its opening says so.
    if (this.#shell) this.#say({ mount: { placement: name, mounted } }, undefined, false);
  }

  /** What conditions may ask of the host. */
  host(values: HostValues): void {
    const converted = toJson(values, "host");
    if ("rejection" in converted) return void this.#refused({ host_state: {} }, converted.rejection);
    this.#page.add(converted.json as HostValues);
    this.#tellHost();
  }

  /** Why a campaign is, or is not, shown at this moment: the same walk that decides. */
  async explain(campaign: string): Promise<Explanation> {
    return (await this.#query((engine, ctx) => engine.explain(campaign, ctx))) as Explanation;
  }

  /**
   * What a campaign would show this person, whatever its stages say; or why it cannot. With `draw` it is put on the screen,
   * marked as forced, until it is closed. Nothing is recorded, spent or counted, not even if its buttons are used.
   */
  async preview(campaign: string, { variant, draw = false }: { variant?: string; draw?: boolean } = {}): Promise<{ message: Message } | { reason: { code: string } }> {
    const found = await this.#query((engine, ctx) => ({ ...engine.preview(campaign, variant, ctx), words: engine.words(this.#page.locale) }));
    if (draw && "message" in found) this.#stage.force(new Preview({ campaign, variant, placement: this.#page.placeOf(campaign, this.#playbook), ...found }, (id) => this.#stage.withdraw([id])));
    return found;
  }

  /** Who is here, what they agreed to, and what is known of them. */
  person(): Promise<Person> {
    return this.#query((engine) => engine.person());
  }

  /** The library's own words in the person's language. */
  words(): Promise<Words> {
    return this.#query((engine) => engine.words(this.#page.locale));
  }

  /** The ids of the campaigns that can be used. */
  campaigns(): Promise<string[]> {
    return this.#query((engine) => engine.campaigns());
  }

  /** Every metric of the success definition, as it stands on this device. */
  success(): Promise<SuccessReport> {
    return this.#query((engine, ctx) => engine.success(ctx));
  }

  /** For renderers: an attribute that a preference centre sets. */
  remember(name: string, value: Json): void {
    this.#converted(value, name, (name, json) => ({ attribute: { name, value: json } }));
  }

  /** For tools: the document as it was loaded. */
  get playbookText(): string | undefined {
    return this.#playbook;
  }

  /** For elements: what the playbook asks of the page. */
  get needs(): Needs | undefined {
    return this.#needs;
  }

  /** What another device of the same person may take over (engine.md 9.3). */
  exportState(): Promise<string> {
    return this.#query((engine) => engine.exportState());
  }

  /** Takes over what `exportState` gave elsewhere; rejects with `wrong_user` where it is another person's. */
  async importState(document: string): Promise<void> {
    const step = await this.handle({ import: { document } });
    if (step?.verdict === "accepted") return;
    if (step?.verdict !== "rejected") throw this.#untaken(step);
    const { code, message } = step.rejection;
    throw new HearkenError(code === "wrong_user" ? code : "invalid_input", String(message ?? "the state is another person's"));
  }

  /** Forgets everything (engine.md 2.5). The journal starts anew. */
  async erase(): Promise<Receipt> {
    await this.ready;
    const erased = this.handle("erase");
    this.#reinstall();
    const step = await erased;
    if (!step?.receipt) throw this.#health.stopped;
    return step.receipt;
  }

  /** @internal One input, and its step once it is stored. */
  handle(input: Input, spills = true): Promise<Step | undefined> {
    return new Promise((resolve) => this.#say(input, resolve, spills));
  }

  /**
   * Gives this client to the elements of this package in an element, now and later, and puts a `<hearken-messages>` there if
   * there is none. The answer takes both back, as `close` does.
   */
  mount(element: Element): () => void {
    const undo = this.#health.over ? () => {} : mount(this, element);
    this.#mounts.add(undo);
    return undo;
  }

  /** Whether `close` was called: nothing is taken any more. */
  get closed(): boolean {
    return this.#health.closed;
  }

  /** Listens; the answer stops it. */
  on<K extends keyof ClientEvents>(type: K, listener: (event: ClientEvents[K]) => void): () => void {
    return this.#events.on(type, listener);
  }

  /** What is recorded, oldest first, as JSON Lines. */
  async *export({ max = 500, pii = false }: { max?: number; pii?: boolean } = {}): AsyncGenerator<ExportBatch, void, void> {
    await this.ready;
    const shell = this.#shell;
    const journal = this.#journal;
    if (!shell || !journal) return;
    await shell.mark();
    yield* exportBatches(() => shell.store, (row, after, withPii) => journal.lines(row, after, withPii), Math.max(1, Math.floor(max) || 1), pii);
  }

  /** Resolves when everything before it survives the page's process; rejects if the browser gives no such store. */
  async flush(): Promise<void> {
    await this.ready;
    const stored = await this.#shell?.mark();
    if (stored && (this.#shell?.store.durable || this.#options.store === "memory")) return;
    throw this.#health.stopped;
  }

  /** Holds every message but cards back until `resume`: for a checkout, or a call. */
  pause(paused = true): void {
    this.#page.paused = paused;
    this.#tellHost();
  }

  resume(): void {
    this.pause(false);
  }

  /** Installs another playbook; rejects where it is refused, and the last good one stays. */
  async install(playbook: PlaybookSource): Promise<void> {
    await this.ready;
    if (this.#health.over) throw this.#health.stopped;
    const document = await loadPlaybook(playbook);
    const step = await this.handle({ install_playbook: { document } }, false);
    if (step?.verdict === "accepted") this.#playbook = document;
    else if (step?.verdict === "rejected") throw invalidPlaybook(step.rejection["message"]);
    else {
      // `enable` installs it.
      if (step) this.#playbook = document;
      throw this.#untaken(step);
    }
  }

  /** Stores what waits, and ends. What is on the screen goes. */
  async close(): Promise<void> {
    if (this.#health.closed) return;
    this.#stage.clear();
    for (const undo of this.#mounts) undo();
    this.#health.closed = true;
    this.#unfollow();
    this.#cues.stop();
    this.#unexport();
    await this.ready;
    await this.#shell?.close();
  }

  /** For renderers: what is offered from here on, and what nobody has drawn yet. */
  attach(renderer: Renderer): void {
    this.#stage.attach(renderer);
  }

  /** For renderers: nothing more, please. */
  detach(renderer: Renderer): void {
    this.#stage.detach(renderer);
  }

  /** For renderers: tells whoever runs the page. */
  report(code: Report["code"] | (string & {}), message: string, error?: HearkenError): void {
    this.#health.report(code, message, error);
  }

  /** Why an input was not handled. */
  #untaken(step: Step | undefined): HearkenError {
    return step ? new HearkenError("disabled", "the client is switched off") : this.#health.stopped;
  }

  get #name(): string {
    return this.#options.name ?? "default";
  }

  async #boot(): Promise<Status> {
    this.#follow();
    // A speculative load is no visit yet.
    if ((document as Document & { prerendering?: boolean }).prerendering) {
      await new Promise((resolve) => document.addEventListener("prerenderingchange", resolve, { once: true }));
    }
    const [module, playbook, store] = await Promise.allSettled([compile(this.#options.wasm as WasmSource), loadPlaybook(this.#options.playbook), openStore(this.#name, this.#options.store, { ...this.#times, onLost: (why) => this.#shell?.lost(new HearkenError("store_unavailable", why)) })]);
    if (playbook.status === "fulfilled") this.#playbook = playbook.value;
    else this.#health.less(playbook.reason as HearkenError);
    if (store.status === "rejected") this.#health.memory(asError(store.reason, "store_unavailable"));
    if (module.status === "rejected") {
      if (store.status === "fulfilled") store.value.close();
      return this.#none(asError(module.reason, "wasm_unavailable"));
    }
    await this.#early.present();
    const owner = new Owner(this.#name, this.#tab);
    const taken = await owner.take();
    await this.#early.present();
    // What a copy finds in its sessionStorage belongs to the tab that it was copied from.
    const left = this.#tab.takeSpill()?.items ?? [];
    this.#journal = new Journal(module.value, owner.id, () => this.#page.told(this.#health.storeless).map((input) => ({ input, ctx: this.#page.moment, spills: false })));
    this.#shell = new Shell(
      {
        name: this.#name,
        journal: this.#journal,
        store: store.status === "fulfilled" ? store.value : new MemoryStore(),
        owner,
        tab: this.#tab,
        events: {
          step: (input, step, ctx) => this.#step(input, step, ctx),
          own: (ids) => this.#stage.keepOnly(ids),
          inbox: (text) => this.#look(text),
          needs: (needs) => this.#need(needs),
          report: (code, message, error) => this.report(code, message, error),
          degraded: (to, error) => void (to === "none" ? this.#none(error) : this.#health.memory(error)),
        },
        locale: () => this.#page.locale,
        canDisplay: () => this.#page.canDisplay,
        first: (resumes, lost) => this.#first(resumes ? owner.id : undefined, lost),
        ownerGrace: this.#times.ownerGrace,
        kept: kept(this.#options),
        tidyAfter: this.#times.tidyAfter,
      },
      this.#queue,
    );
    await this.#shell.start(taken.same, taken.copy ? [] : left);
    return this.#health.status;
  }

  #first(resumes: string | undefined, lost: string | undefined): Input[] {
    const consent = granted(this.#options.consent);
    const open: Input = { open: { consent, ...(resumes !== undefined && { resumes }), ...(lost !== undefined && { lost }) } };
    const install: Input[] = this.#playbook === undefined ? [] : [{ install_playbook: { document: this.#playbook } }];
    return [open, ...install, ...this.#page.told(this.#health.storeless)];
  }

  #reinstall(): void {
    if (this.#playbook !== undefined) this.#say({ install_playbook: { document: this.#playbook } }, undefined, false);
  }

  #tellHost(): void {
    // A server has no page to tell of.
    if (!this.#health.over) this.#say(this.#page.state, undefined, false);
  }

  #need(needs: Needs | undefined): void {
    if (!needs || JSON.stringify(needs) === JSON.stringify(this.#needs)) return;
    this.#needs = needs;
    this.#cues.watch(needs.cues);
    this.#events.emit("playbook", needs);
  }

  #look(text: string): void {
    if (text === this.#inboxText) return;
    this.#inboxText = text;
    this.#inbox = JSON.parse(text) as Inbox;
    this.#events.emit("inbox", this.#inbox);
  }

  async #query<T>(ask: (engine: Engine, ctx: Context) => T): Promise<T> {
    await this.ready;
    if (!this.#shell || this.#health.closed) throw this.#health.stopped;
    return this.#shell.query(ask);
  }

  #follow(): void {
    this.#unfollow = follow({
      visibility: () => this.#say("host_state", undefined, false),
      moved: () => {
        this.#tellHost();
        this.#cues.moved();
      },
      leaving: () => this.#shell?.letGo(),
      stayed: () => void this.#shell?.reclaim(),
      left: () => (this.#shell ? this.#shell.leave() : this.#early.leave()),
      back: () => (this.#shell && !this.#early.gone ? void this.#shell.back() : this.#early.back()),
      frozen: () => this.#shell?.rest(),
      thawed: () => void this.#shell?.reclaim(),
    });
  }

  /** A confirmed step. */
  #step(input: Input, step: Step, ctx: Context): void {
    this.#events.emit("input", { input, ctx, step });
    if (step.verdict === "rejected") this.#rejected(input, step.rejection);
    // That nothing is recorded was asked for; who the person is, and what they chose, was not to be lost with it.
    if (step.verdict === "disabled" && PERSONAL.includes(kindOf(input))) this.#refused(input, { code: step.verdict });
    for (const diagnostic of step.diagnostics) {
      if (diagnostic.code === "playbook_refused") continue;
      this.#health.log("warn", `${diagnostic.code}: ${[diagnostic["path"], diagnostic["message"]].filter(Boolean).join(": ")}`);
      this.#events.emit("diagnostic", diagnostic);
    }
    if (typeof input === "object" && step.verdict === "accepted") {
      if ("visible" in input) this.#stage.shown(input.visible.presentation_id);
      // The journal tells again what else was not heard (`Journal.handle`), in front of what comes next.
      if ("switch" in input && input.switch.enabled) {
        this.#reinstall();
        this.#say("host_state", undefined, false);
      }
    }
    this.#stage.withdraw(step.withdrawn.map(({ presentation_id }) => presentation_id));
    if (step.decisions.length) this.#events.emit("decisions", step.decisions as Decision[]);
    const door: Door = { say: (said, done) => this.#say(said, done), next: (page) => this.#query((engine) => engine.nextPage(page)) };
    for (const offer of step.offered) {
      const words = this.#journal?.engine?.words(offer.message.lang);
      if (words) void this.#stage.offer(new OfferedPresentation(offer, words, door));
    }
  }

  #rejected(input: Input, rejection: Rejection): void {
    if (rejection.code === "repeated" || rejection.code === "presentation") return;
    if (kindOf(input) === "install_playbook") return this.#health.less(invalidPlaybook(rejection["message"]));
    this.#refused(input, rejection);
  }

  #say(input: Input, done?: (step: Step | undefined) => void, spills = true): void {
    if (!this.#take(input, spills, done)) done?.(undefined);
  }

  #take(input: Input, spills: boolean, done?: (step: Step | undefined) => void): boolean {
    if (this.#health.over) return false;
    if (this.#shell) return this.#shell.enqueue(input, spills, done);
    const taken = this.#queue.push({ input, ctx: this.#page.moment, spills, ...(done && { done }) });
    this.#early.say();
    return taken;
  }

  #converted(value: unknown, called: unknown, make: (name: string, json: Json) => Input): TrackVerdict {
    const name = String(called);
    const converted = toJson(value, name);
    return "rejection" in converted ? this.#refused(make(name, null), converted.rejection) : this.#queued(make(name, converted.json));
  }

  #queued(input: Input): TrackVerdict {
    if (this.#take(input, true)) return { verdict: "queued" };
    return this.#refused(input, { code: this.#health.refusal });
  }

  #refused(input: Input, rejection: Rejection): TrackVerdict {
    const name = (Object.values(input)[0] as { name?: string } | null)?.name;
    this.#events.emit("diagnostic", { code: "input_rejected", input: kindOf(input), ...(name !== undefined && { name }), rejection });
    return { verdict: "rejected", rejection };
  }

  #none(error: HearkenError): Status {
    const status = this.#health.none(error);
    for (const item of this.#queue.clear()) item.done?.(undefined);
    return status;
  }

  get #times(): typeof TIMES {
    return { ...TIMES, ...this.#options.times };
  }
}
