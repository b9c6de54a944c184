/** `@hearken/web/inspector`: registers `<hearken-inspector>`: what the engine hears and decides in this page, and why. For developers and marketers. */
import type { HearkenClient } from "../client.js";
import type { Explanation, Input, Json, Outcome, SuccessReport } from "../engine/api.js";
import { ClientElement, define } from "../elements/base.js";
import type { WithClient } from "../elements/index.js";
import type { Message } from "../message.js";
import { styles } from "./styles.js";
import { vectorOf, type Handled } from "./vector.js";

declare global {
  interface HTMLElementTagNameMap {
    "hearken-inspector": HTMLElement & WithClient;
  }
}

/** How many inputs are kept. */
const KEPT = 400;
/** What a page says so often that it hides the rest. */
const QUIET = ["host_state", "tick"];
const VIEWS = ["Live", "Campaigns", "Caps", "Inbox", "Person", "Success"] as const;
type View = (typeof VIEWS)[number];

let made = 0;

class Inspector extends ClientElement {
  readonly #handled: Handled[] = [];
  readonly #tabs = new Map<View, HTMLButtonElement>();
  readonly #panels = new Map<View, HTMLElement>();
  readonly #open = new Set<string>();
  /** What was last said of a campaign's message. */
  readonly #said = new Map<string, string>();
  #view: View = "Live";
  #stops: (() => void)[] = [];
  #asked: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super(styles());
    const list = make("div", { role: "tablist", ariaLabel: "Hearken inspector" });
    const id = ++made;
    for (const view of VIEWS) {
      const tab = make("button", { type: "button", role: "tab", id: `tab-${id}-${view}`, textContent: view, onclick: () => this.#choose(view) }) as HTMLButtonElement;
      const panel = make("div", { role: "tabpanel", id: `panel-${id}-${view}`, tabIndex: 0 });
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("aria-labelledby", tab.id);
      this.#tabs.set(view, tab);
      this.#panels.set(view, panel);
      list.append(tab);
    }
    list.addEventListener("keydown", (event) => this.#arrow(event));
    this.root.append(list, ...this.#panels.values());
    this.#choose("Live");
  }

  protected override enter(client: HearkenClient): void {
    const heard = (handled: Handled) => {
      this.#handled.push(handled);
      if (this.#handled.length > KEPT) this.#handled.shift();
      this.#later();
    };
    this.#stops = [client.on("input", heard), client.on("inbox", () => this.#later()), client.on("playbook", () => this.#later())];
    // What is counted down moves on by itself.
    const timer = setInterval(() => this.#view !== "Live" && this.#later(), 5_000);
    this.#stops.push(() => clearInterval(timer));
    this.#later();
  }

  protected override leave(): void {
    for (const stop of this.#stops) stop();
    clearTimeout(this.#asked);
    this.#asked = undefined;
  }

  #choose(view: View): void {
    this.#view = view;
    for (const [name, tab] of this.#tabs) {
      tab.ariaSelected = String(name === view);
      tab.tabIndex = name === view ? 0 : -1;
      this.#panels.get(name)!.hidden = name !== view;
    }
    this.#later();
  }

  #arrow({ key }: KeyboardEvent): void {
    const by = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    this.#choose(VIEWS[(VIEWS.indexOf(this.#view) + by + VIEWS.length) % VIEWS.length] as View);
    this.#tabs.get(this.#view)?.focus();
  }

  /** Drawn a moment after the last of many inputs, and never in the middle of one. */
  #later(): void {
    this.#asked ??= setTimeout(() => {
      this.#asked = undefined;
      void this.#draw();
    }, 120);
  }

  async #draw(): Promise<void> {
    const { client } = this;
    const panel = this.#panels.get(this.#view);
    if (!client || !panel || !this.isConnected) return;
    const drawn = await this.#content(client).catch((error: unknown) => [make("p", { className: "note", textContent: `The engine does not answer: ${String(error)}` })]);
    const at = panel.scrollTop;
    // Whoever is at a control here keeps it.
    if (panel.contains(this.root.activeElement) && this.root.activeElement !== panel) return;
    panel.replaceChildren(...drawn);
    panel.scrollTop = at;
  }

  async #content(client: HearkenClient): Promise<Node[]> {
    switch (this.#view) {
      case "Live":
        return this.#live(client);
      case "Campaigns": {
        const explanations = await this.#walks(client);
        return [make("ul", {}, ...explanations.map((one) => this.#campaign(one, client)))];
      }
      case "Caps":
        return caps(await this.#walks(client));
      case "Inbox":
        return cards(client);
      case "Person":
        return [facts({ ...(await client.person()), ...{ store: (await client.ready).store } })];
      case "Success":
        return success(await client.success());
    }
  }

  async #walks(client: HearkenClient): Promise<Explanation[]> {
    const order = ["displaying", "offered", "waiting", "eligible", "stopped"];
    const all = await Promise.all((await client.campaigns()).map((id) => client.explain(id)));
    return all.sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome));
  }

  #live(client: HearkenClient): Node[] {
    const copy = make("button", { type: "button", textContent: "Copy as a vector" });
    copy.addEventListener("click", async () => {
      const vector = vectorOf(this.#handled, client.playbookText ?? "{}");
      copy.textContent = await navigator.clipboard.writeText(vector).then(() => "Copied", () => "The browser does not allow it");
      this.dispatchEvent(new CustomEvent("hearken-vector", { detail: vector, bubbles: true, composed: true }));
    });
    const rows = this.#handled.filter(({ input, step }) => !QUIET.includes(kindOf(input)) || step.decisions.length > 0).slice(-120).reverse();
    const list = make("ol", { ariaLabel: "What was heard, the newest first" }, ...rows.map(row));
    return [make("div", { className: "tools" }, copy), rows.length ? list : make("p", { className: "note", textContent: "Nothing was heard yet." })];
  }

  #campaign(walk: Explanation, client: HearkenClient): HTMLElement {
    const details = make("details", { open: this.#open.has(walk.campaign) }) as HTMLDetailsElement;
    details.addEventListener("toggle", () => (details.open ? this.#open.add(walk.campaign) : this.#open.delete(walk.campaign)));
    const line = make("summary", {}, make("span", { className: "line" }, make("span", { className: "name", textContent: walk.campaign }), chip(walk.outcome, verdictOf(walk)), soon(walk)));
    const steps = walk.passed.map(({ stage, detail }) => make("li", { textContent: detail && detail !== stage ? `${stage}: ${detail}` : stage }));
    if ("reason" in walk) steps.push(make("li", { className: "stop" }, `${walk.stage}: ${reasonText(walk.reason)}`));
    details.append(line, make("ul", { className: "walk" }, ...steps), ...this.#tools(walk.campaign, client));
    return make("li", { className: "row" }, details);
  }

  /** Preview says here what a campaign would show; Force puts it on the page, whatever its stages say. Neither records anything. */
  #tools(campaign: string, client: HearkenClient): HTMLElement[] {
    const said = make("p", { className: "said", role: "status", textContent: this.#said.get(campaign) ?? "" });
    const shown = make("pre", { hidden: true });
    const variants = variantsOf(client.playbookText, campaign);
    const choice = make("select", { ariaLabel: `Variant of ${campaign}` }, ...variants.map((id) => make("option", { value: id, textContent: id }))) as HTMLSelectElement;
    const tell = (text: string) => {
      this.#said.set(campaign, text);
      said.textContent = text;
    };
    const ask = (name: string, draw: boolean, then: (message: Message) => void) => {
      const button = make("button", { type: "button", textContent: name, ariaLabel: `${name} ${campaign}` });
      button.addEventListener("click", async () => {
        const found = await client.preview(campaign, { draw, ...(choice.value && { variant: choice.value }) });
        if ("reason" in found) tell(`It cannot be shown: ${reasonText(found.reason)}`);
        else then(found.message);
      });
      return button;
    };
    const preview = ask("Preview", false, (message) => {
      tell("");
      shown.hidden = false;
      shown.textContent = JSON.stringify(message, undefined, 2);
    });
    const force = ask("Force", true, ({ layout }) => tell(`Forced onto the page${layout === "card" ? ", a card as a toast" : ""}: nothing is recorded, spent or counted.`));
    return [make("div", { className: "tools" }, preview, force, ...(variants.length ? [choice] : [])), said, shown];
  }
}

/** The variants that a playbook names for a campaign. */
function variantsOf(playbook: string | undefined, campaign: string): string[] {
  const { campaigns = [] } = JSON.parse(playbook ?? "{}") as { campaigns?: { id: string; experiment?: { variants?: { id: string }[] } }[] };
  return campaigns.find(({ id }) => id === campaign)?.experiment?.variants?.map(({ id }) => id) ?? [];
}

function kindOf(input: Input): string {
  return typeof input === "string" ? input : (Object.keys(input)[0] as string);
}

function row({ input, ctx, step }: Handled): HTMLElement {
  const kind = kindOf(input);
  const data = typeof input === "object" ? (Object.values(input)[0] as Record<string, Json>) : {};
  const { name, properties, document: _document, ...rest } = data as { name?: string; properties?: Json; document?: string };
  const shown = JSON.stringify(properties ?? rest);
  const head = make("div", { className: "line" }, make("span", { className: "name", textContent: name ? `${kind} ${name}` : kind }));
  if (step.verdict !== "accepted") head.append(chip(step.verdict, step.verdict === "rejected" ? reasonText(step.rejection) : step.verdict));
  head.append(make("span", { className: "when", textContent: new Date(ctx.now).toLocaleTimeString() }));
  const decided = step.decisions.map((decision) => chip(decision.outcome, `${decision.campaign}: ${verdictOf(decision)}`));
  return make("li", { className: "row" }, head, ...(shown === "{}" ? [] : [make("code", { textContent: shown.slice(0, 300) })]), ...(decided.length ? [make("div", { className: "decided" }, ...decided)] : []));
}

function chip(kind: string, text: string): HTMLElement {
  return make("span", { className: `chip ${kind}`, textContent: text });
}

function verdictOf({ outcome, ...rest }: Outcome): string {
  const reason = "reason" in rest ? rest.reason : undefined;
  return reason ? `${outcome}, ${reason.code.replaceAll("_", " ")}` : outcome;
}

function reasonText({ code, ...rest }: { code: string; [detail: string]: Json | undefined }): string {
  const details = Object.entries(rest).map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [code.replaceAll("_", " "), ...details].join(", ");
}

function soon({ next_eligible_at: at }: Explanation): Node | string {
  return at === undefined ? "" : make("time", { className: "when", dateTime: new Date(at).toISOString(), textContent: `again ${new Date(at).toLocaleString()}` });
}

/** Frequency constraints as the walks meet them: which campaign each holds back, and until when. */
function caps(walks: Explanation[]): Node[] {
  const rows = walks.flatMap((walk) => {
    const passed = walk.passed.find(({ stage, detail }) => stage === "frequency" && !/: *$/.test(detail));
    const held = "reason" in walk && walk.stage === "frequency";
    if (!passed && !held) return [];
    const says = held ? make("td", { className: "held", textContent: reasonText(walk.reason) }) : make("td", { className: "good", textContent: passed?.detail ?? "" });
    const free = walk.next_eligible_at === undefined ? (held ? "" : "free") : new Date(walk.next_eligible_at).toLocaleString();
    return [make("tr", {}, make("td", { textContent: walk.campaign }), says, make("td", { textContent: free }))];
  });
  return rows.length ? [table(["campaign", "constraint", "free"], rows)] : [make("p", { className: "note", textContent: "No campaign came as far as its constraints yet." })];
}

function cards(client: HearkenClient): Node[] {
  const { cards } = client.inbox.get();
  if (!cards.length) return [make("p", { className: "note", textContent: "The inbox is empty." })];
  const rows = cards.map(({ campaign, message, pinned, read, seen, archived, expires_at }) => {
    const states = [pinned && "pinned", seen && "seen", read && "read", archived && "archived"].filter(Boolean).join(", ");
    return make("tr", {}, make("td", { textContent: campaign }), make("td", { textContent: message.label ?? "" }), make("td", { textContent: states || "new" }), make("td", { textContent: expires_at === undefined ? "" : new Date(expires_at).toLocaleString() }));
  });
  return [table(["campaign", "title", "state", "expires"], rows)];
}

function success({ metrics, definition, version }: SuccessReport): Node[] {
  if (!metrics.length) return [make("p", { className: "note", textContent: "The playbook brings no success definition." })];
  const number = (value?: number) => (value === undefined ? "–" : new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 }).format(value));
  const row = (name: string, value: string, num?: number, den?: number, more = "") => {
    const pair = num === undefined ? "" : den === undefined ? `${num}` : `${num} / ${den}`;
    return make("tr", {}, ...[name, value, pair, more].map((textContent) => make("td", { textContent })));
  };
  const rows = metrics.flatMap(({ metric, num, den, value, unavailable, live, goal, groups }) => [
    row(metric, unavailable ?? (groups ? "" : number(value)), num, den, [live ? "live" : "as of midnight", goal?.replaceAll("_", " ")].filter(Boolean).join(", ")),
    ...(groups ?? []).map((group) => row(`  ${group.group}`, number(group.value), group.num, group.den)),
  ]);
  return [make("p", { className: "note", textContent: `${definition} v${version}: this device's numbers` }), table(["metric", "value", "pair", ""], rows)];
}

function facts(values: object): HTMLElement {
  const rows = Object.entries(values).map(([name, value]) => make("tr", {}, make("td", { textContent: name }), make("td", {}, make("code", { textContent: typeof value === "string" ? value : JSON.stringify(value) }))));
  return table(["", ""], rows);
}

function table(heads: string[], rows: Node[]): HTMLElement {
  return make("table", {}, make("thead", {}, make("tr", {}, ...heads.map((head) => make(head ? "th" : "td", { textContent: head })))), make("tbody", {}, ...rows));
}

function make(tag: string, properties: object, ...content: (Node | string)[]): HTMLElement {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...content);
  return element;
}

define("hearken-inspector", Inspector);
