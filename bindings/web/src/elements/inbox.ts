/** `@hearken/web/inbox`: registers `<hearken-inbox>`, the list of cards, and `<hearken-bell>`, a button that counts and opens it. */
import type { HearkenClient } from "../client.js";
import type { Card, Words } from "../engine/api.js";
import type { Button } from "../message.js";
import { runActions } from "./actions.js";
import { ClientElement, define } from "./base.js";
import { drawPage, type Hands } from "./draw.js";
import { watchImpression } from "./impression.js";
import { drawing, node, plain, sign } from "./node.js";
import { sheetOf, tokens } from "./tokens.js";
import type { WithClient } from "./index.js";

declare global {
  interface HTMLElementTagNameMap {
    "hearken-inbox": HTMLElement & WithClient;
    "hearken-bell": HTMLElement & WithClient;
  }
}

/** What of a card can have the focus. */
const CONTROLS = "a[href], button";
const CROSS = "M4 4 16 16M16 4 4 16";
const BELL = "M10 3a5 5 0 0 0-5 5v3l-1.5 3h13L15 11V8a5 5 0 0 0-5-5M8.5 16.5a1.5 1.5 0 0 0 3 0";
const PIN = "M7 3h6l-1 6 3 3H5l3-3zM10 12v5";

const styles = sheetOf(`
${tokens}
:host { display: block; color: var(--hearken-text); font: 16px/1.5 var(--hearken-font); }
ul { display: flex; flex-direction: column; gap: 12px; margin: 0; padding: 0; list-style: none; }
.card { position: relative; overflow: hidden; border: 1px solid var(--hearken-line); border-radius: var(--hearken-radius); background: var(--hearken-surface); }
.card.unread { border-color: var(--hearken-accent); }
.card.unread::before { content: ""; position: absolute; inset-block: 0; inset-inline-start: 0; inline-size: 5px; background: var(--hearken-accent); }
.head { display: flex; align-items: center; gap: 10px; padding: 14px 16px 0 20px; color: var(--hearken-muted); font-size: 0.8125rem; }
.head .mark { display: inline-flex; align-items: center; gap: 4px; }
.head svg { inline-size: 14px; block-size: 14px; }
.head .unread { color: var(--hearken-accent); font-weight: 700; }
.head .close { margin-inline-start: auto; margin-block: -8px; }
.page { display: flex; flex-direction: column; gap: 8px; padding: 8px 20px 18px; }
.heading { font-size: 1.0625rem; }
.button { align-self: start; min-block-size: 44px; padding-block: 8px; }
.image { display: block; inline-size: 100%; aspect-ratio: 16 / 9; object-fit: cover; border-radius: 10px; }
.empty { margin: 0; padding: 24px; color: var(--hearken-muted); text-align: center; }
`);

class Inbox extends ClientElement {
  #stops: (() => void)[] = [];
  #drawn = new Map<string, { text: string; element: HTMLElement; stop: () => void }>();
  #words: Words | undefined;

  constructor() {
    super(styles());
  }

  protected override enter(client: HearkenClient): void {
    this.#stops.push(client.on("inbox", () => this.#draw(client)));
    void client.words().then((words) => {
      this.#words = words;
      this.#draw(client);
    }, () => {});
  }

  protected override leave(): void {
    for (const stop of [...this.#stops, ...[...this.#drawn.values()].map(({ stop }) => stop)]) stop();
    this.#stops = [];
    this.#drawn.clear();
  }

  #draw(client: HearkenClient): void {
    const words = this.#words;
    if (!words || !this.isConnected) return;
    const cards = client.inbox.get().cards.filter(({ archived }) => !archived);
    const focused = this.root.activeElement;
    const at = focused?.closest<HTMLElement>("[data-card]");
    const place = at ? [...at.querySelectorAll(CONTROLS)].indexOf(focused as Element) : -1;
    if (!cards.length) {
      const slot = document.createElement("slot");
      slot.name = "empty";
      slot.append(node("p", "empty", words.empty));
      this.root.replaceChildren(slot);
    } else {
      const list = this.root.querySelector("ul") ?? document.createElement("ul");
      list.role = "list";
      list.ariaLabel = words.inbox;
      list.replaceChildren(...cards.map((card) => this.#card(card, client, words)));
      this.root.replaceChildren(list);
    }
    for (const [id, { stop }] of this.#drawn) {
      if (cards.some(({ card }) => card === id)) continue;
      stop();
      this.#drawn.delete(id);
    }
    if (!at || this.root.activeElement) return;
    // The control that had the focus was drawn anew, or is gone with its card: then the list's first one has it.
    const same = [...this.root.querySelectorAll<HTMLElement>("[data-card]")].find(({ dataset }) => dataset["card"] === at.dataset["card"]);
    const control = same?.querySelectorAll<HTMLElement>(CONTROLS)[place] ?? this.root.querySelector<HTMLElement>(CONTROLS);
    control?.focus();
  }

  #card(card: Card, client: HearkenClient, words: Words): HTMLElement {
    const text = JSON.stringify(card);
    const before = this.#drawn.get(card.card);
    if (before?.text === text) return before.element;
    before?.stop();
    const { message } = card;
    const item = document.createElement("li");
    item.dataset["card"] = card.card;
    const article = node("article", "card");
    article.classList.toggle("unread", !card.read);
    article.lang = message.lang;
    article.dir = message.dir;
    article.ariaLabel = message.label ?? "";
    const head = node("div", "head");
    const mark = (name: string, word: string, path?: string) => {
      const holder = node("span", name);
      holder.classList.add("mark");
      holder.append(...(path ? [drawing(path)] : []), word);
      head.append(holder);
    };
    if (card.pinned) mark("pinned", words.pinned, PIN);
    if (!card.read) mark("unread", words.unread);
    const when = document.createElement("time");
    when.dateTime = new Date(card.made_at).toISOString();
    when.textContent = new Intl.DateTimeFormat(message.lang, { dateStyle: "medium" }).format(card.made_at);
    head.append(when);
    if (!card.pinned) head.append(sign("close", `${words.remove}: ${message.label || firstText(card)}`, CROSS, () => client.inbox.act(card.card, "dismiss")));
    const click = (button: Button) => {
      if (!card.read) client.inbox.act(card.card, "read");
      client.inbox.act(card.card, "click", { target: button.id });
      runActions(button.actions, this, client);
    };
    const hands: Hands = { images: new Map(pictures(card)), words, answers: {}, checks: [], person: undefined, answered() {}, click, dismiss() {}, prefer() {} };
    const [page] = message.pages;
    article.append(head, ...(page ? [drawPage(page, hands)] : []));
    article.addEventListener("click", () => !card.read && client.inbox.act(card.card, "read"));
    item.append(article);
    const stop = card.seen ? () => {} : watchImpression(item, client.needs?.impression ?? 1_000, () => client.inbox.act(card.card, "seen"));
    this.#drawn.set(card.card, { text, element: item, stop });
    return item;
  }
}

function pictures({ message }: Card): [string, HTMLImageElement][] {
  const sources = message.pages.flatMap(({ blocks }) => blocks.flatMap((block) => (typeof block === "object" && "image" in block ? [block.image.src] : [])));
  return sources.map((src) => {
    const image = document.createElement("img");
    image.loading = "lazy";
    image.src = src;
    return [src, image];
  });
}

function firstText({ message }: Card): string {
  const texts = message.pages.flatMap(({ blocks }) => blocks.flatMap((block) => (typeof block === "object" && "text" in block ? [plain(block.text)] : [])));
  return texts[0] ?? "";
}

const bellStyles = sheetOf(`
${tokens}
:host { display: inline-block; position: relative; color: inherit; font: 16px/1.5 var(--hearken-font); }
.bell { display: grid; place-items: center; position: relative; inline-size: 44px; block-size: 44px; padding: 0; border: 0; border-radius: 50%; background: none; color: inherit; cursor: pointer; }
.bell svg { inline-size: 24px; block-size: 24px; stroke-width: 1.6; }
.badge { position: absolute; inset-block-start: 2px; inset-inline-end: 0; min-inline-size: 20px; padding-inline: 5px; box-sizing: border-box; border-radius: 10px; background: var(--hearken-accent); color: var(--hearken-on-accent); font: 700 12px/20px var(--hearken-font); text-align: center; }
.badge[hidden] { display: none; }
.panel { position: fixed; inset: auto; inset-block-start: var(--_top, 64px); inset-inline-end: var(--_end, 16px); box-sizing: border-box; inline-size: min(420px, calc(100vw - 32px)); max-block-size: calc(100dvh - 96px); margin: 0; padding: 14px; border: 1px solid var(--hearken-line); border-radius: var(--hearken-radius); background: var(--hearken-surface); color: var(--hearken-text); overflow: auto; box-shadow: 0 24px 64px rgb(10 14 28 / 0.32); }
h2 { margin: 0 0 10px; padding-inline: 6px; font-size: 1.125rem; }
`);

class Bell extends ClientElement {
  readonly #button = sign("bell", "", BELL, () => {});
  readonly #badge = node("span", "badge");
  readonly #panel = node("section", "panel");
  readonly #title = document.createElement("h2");
  readonly #inbox = document.createElement("hearken-inbox");
  #stop = () => {};
  #words: Words | undefined;

  constructor() {
    super(bellStyles());
    this.#badge.ariaHidden = "true";
    this.#badge.hidden = true;
    this.#button.append(this.#badge);
    this.#button.ariaExpanded = "false";
    this.#button.ariaHasPopup = "dialog";
    this.#button.popoverTargetElement = this.#panel;
    this.#panel.popover = "auto";
    this.#panel.role = "dialog";
    this.#panel.tabIndex = -1;
    this.#panel.addEventListener("beforetoggle", () => this.#place());
    this.#panel.addEventListener("toggle", (event) => {
      const open = (event as ToggleEvent).newState === "open";
      this.#button.ariaExpanded = String(open);
      if (open) this.#panel.focus();
      // Not every browser gives the focus back from a shadow root inside of what it closes.
      else if (this.#panel.matches(":focus-within") || document.activeElement === document.body) this.#button.focus({ preventScroll: true });
    });
    this.#panel.append(this.#title, this.#inbox);
    this.root.append(this.#button, this.#panel);
  }

  protected override enter(client: HearkenClient): void {
    this.#inbox.client = client;
    this.#stop = client.on("inbox", () => this.#count(client));
    void client.words().then((words) => {
      this.#words = words;
      this.#title.textContent = words.inbox;
      this.#panel.ariaLabel = words.inbox;
      this.#count(client);
    }, () => {});
  }

  protected override leave(): void {
    this.#stop();
    this.#inbox.client = undefined;
  }

  #count(client: HearkenClient): void {
    const { unread } = client.inbox.get();
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = unread > 99 ? "99+" : String(unread);
    const { inbox = "", unread: word = "" } = this.#words ?? {};
    this.#button.ariaLabel = unread ? `${inbox}, ${word}: ${unread}` : inbox;
  }

  #place(): void {
    const at = this.#button.getBoundingClientRect();
    const end = getComputedStyle(this).direction === "rtl" ? at.left : innerWidth - at.right;
    this.rule.setProperty("--_top", `${at.bottom + 8}px`);
    this.rule.setProperty("--_end", `${Math.max(16, Math.min(end, innerWidth - 436))}px`);
  }
}

define("hearken-inbox", Inbox);
define("hearken-bell", Bell);
