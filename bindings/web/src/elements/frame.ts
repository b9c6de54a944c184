// One message on the screen: what interrupts wholly in a native dialog, banners, toasts and tooltips in the top layer
// beside the page, and what fills a place inside of it.

import type { Answers, Person } from "../engine/api.js";
import type { Button, Message, Preference } from "../message.js";
import { span } from "../span.js";
import type { Presentation, RendererHost } from "../types.js";
import { runActions } from "./actions.js";
import { follow } from "./anchor.js";
import { dropDraft, keepDraft, takeDraft } from "./drafts.js";
import { drawClose, drawPage, isAnswered, type Hands } from "./draw.js";
import { watchImpression } from "./impression.js";
import { node, plain } from "./node.js";
import { afterSight } from "./timer.js";

/** What a message needs before it can stand. */
export interface Ready {
  images: Map<string, HTMLImageElement>;
  person: Person | undefined;
  anchor: Element | undefined;
}

/** Where it stands. */
export interface Ground {
  element: HTMLElement;
  root: ShadowRoot;
  rule: CSSStyleDeclaration;
  /** Tells a screen reader, when there is time for it. */
  say(text: string): void;
  /** It is over: off the screen. */
  over(): void;
}

export class Frame {
  readonly presentation: Presentation;
  readonly host: RendererHost;
  readonly #ground: Ground;
  readonly #frame: HTMLElement;
  readonly #hands: Hands;
  readonly #answers: Answers = {};
  #page = 0;
  #passed: number[] = [];
  #stops: (() => void)[] = [];
  /** Where the focus was before the person went in. */
  #before: HTMLElement | undefined;
  #refusal = false;

  constructor(presentation: Presentation, ready: Ready, host: RendererHost, ground: Ground) {
    this.presentation = presentation;
    this.host = host;
    this.#ground = ground;
    const { message, words } = presentation;
    const draft = presentation.resumed ? takeDraft(presentation.id) : undefined;
    if (draft) {
      this.#answers = draft.answers;
      this.#passed = draft.passed;
      this.#page = Math.min(draft.page, message.pages.length - 1);
    }
    this.#hands = {
      ...ready, words, answers: this.#answers, checks: [],
      answered: () => this.#keep(),
      click: (button) => this.#click(button),
      dismiss: () => this.#dismiss(),
      prefer: (preference, on) => this.#prefer(preference, on),
    };
    this.#frame = this.#make(message);
    this.#turn(this.#page, false);
    ground.root.append(this.#frame);
    this.#show(ready.anchor);
    this.#watch(message);
    if (!this.#isModal) ground.say([message.label, ...texts(message, this.#page)].filter(Boolean).join(". "));
  }

  /** Off the screen; the focus goes back to where it was. */
  close(): void {
    dropDraft(this.presentation.id);
    for (const stop of this.#stops) stop();
    const inside = this.#frame.matches(":focus-within");
    if (this.#frame instanceof HTMLDialogElement) this.#frame.close();
    this.#frame.remove();
    if (inside && !this.#isModal) this.#before?.focus();
  }

  get #isModal(): boolean {
    return ["modal", "fullscreen"].includes(this.presentation.message.layout);
  }

  /** For whoever runs the page, so in the words of the tools. */
  get #mark(): string {
    const { campaign, variant } = this.presentation;
    return `Forced, not recorded: ${campaign}${variant === undefined ? "" : `, ${variant}`}`;
  }

  #make({ layout, lang, dir, position, label, dismissible = true }: Message): HTMLElement {
    const frame: HTMLElement = document.createElement(this.#isModal ? "dialog" : "section");
    frame.className = layout;
    frame.part.add(this.#isModal ? "dialog" : "region", layout);
    frame.lang = lang;
    frame.dir = dir;
    frame.tabIndex = -1;
    frame.ariaLabel = label || texts(this.presentation.message, 0)[0] || this.presentation.words.inbox;
    if (this.presentation.forced) frame.ariaLabel = `${this.#mark}: ${frame.ariaLabel}`;
    if (!this.#isModal) frame.role = "region";
    if (position) frame.dataset["position"] = position;
    if (["banner", "toast", "tooltip"].includes(layout)) frame.popover = "manual";
    frame.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (dismissible) this.#dismiss();
    });
    // A browser may close it without asking: the second Escape, or a back gesture.
    frame.addEventListener("close", () => this.#frame.isConnected && this.#dismiss());
    frame.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#isModal || layout === "inline" || !dismissible) return;
      event.stopPropagation();
      this.#dismiss();
    });
    frame.addEventListener("focusin", ({ relatedTarget }) => {
      if (!frame.contains(relatedTarget as Node | null)) this.#before = relatedTarget as HTMLElement | undefined;
    });
    return frame;
  }

  #show(anchor: Element | undefined): void {
    const frame = this.#frame;
    if (frame instanceof HTMLDialogElement) {
      frame.showModal();
      // The dialog itself, so that its name is read first and nothing is chosen by a stray key.
      return frame.focus();
    }
    if (frame.popover) frame.showPopover();
    if (anchor) {
      const gone = () => this.#over("unmounted");
      this.#stops.push(follow(frame, anchor, this.#ground.rule, gone));
    }
  }

  #watch({ auto_dismiss: auto, layout, dismissible = true }: Message): void {
    this.#stops.push(watchImpression(this.#frame, this.host.needs?.impression ?? 1_000, () => this.presentation.visible()));
    if (auto !== undefined) this.#stops.push(afterSight(this.#frame, span(auto), () => this.#over("auto")));
    if (layout !== "tooltip" || !dismissible) return;
    // A tooltip covers what it stands on, so Escape takes it away wherever the focus is (WCAG 2.2, 1.4.13).
    const stop = new AbortController();
    addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && this.#dismiss(), { signal: stop.signal });
    this.#stops.push(() => stop.abort());
  }

  #turn(to: number, focus = true): void {
    const page = this.presentation.message.pages[(this.#page = to)];
    const { dismissible = true, layout } = this.presentation.message;
    const inside = this.#frame.matches(":focus-within");
    const close = dismissible && layout !== "inline" ? [drawClose(this.#hands)] : [];
    const mark = this.presentation.forced ? [node("p", "forced", this.#mark)] : [];
    if (page) this.#frame.replaceChildren(...mark, ...close, drawPage(page, this.#hands));
    this.#frame.scrollTop = 0;
    if (focus && (inside || this.#isModal)) this.#frame.focus();
    if (focus) this.#keep();
  }

  async #next(): Promise<void> {
    const { pages } = this.presentation.message;
    const following = await this.presentation.next(pages[this.#page]?.id ?? "", this.#answers);
    if (!this.#frame.isConnected) return;
    const to = pages.findIndex((page) => page.id === following);
    if (to < 0) return this.#dismiss();
    this.#passed.push(this.#page);
    this.#turn(to);
    this.presentation.page(pages[to]?.id ?? "", this.#answers);
  }

  #click(button: Button): void {
    const does = (name: string) => button.actions.some((action) => action === name || (typeof action === "object" && name in action));
    if ((does("next") || does("submit")) && !isAnswered(this.#hands)) return;
    this.presentation.click(button.id, this.#answers);
    if (!button.stay) this.#leave();
    runActions(button.actions, this.#ground.element, this.host);
    if (does("previous")) this.#turn(this.#passed.pop() ?? 0);
    else if (does("next")) void this.#next();
  }

  #dismiss(): void {
    this.presentation.dismiss();
    this.#leave();
  }

  #over(cause: "auto" | "unmounted"): void {
    this.presentation.ended(cause);
    this.#leave();
  }

  #leave(): void {
    if (this.#refusal) this.host.setConsent({ messaging: false });
    this.#ground.over();
  }

  /** At once; but without `messaging` the message itself would go, so that refusal waits until the person closes it. */
  #prefer({ consent, attribute, on: yes = true, off: no = false }: Preference, on: boolean): void {
    if (attribute !== undefined) this.host.remember(attribute, on ? yes : no);
    if (consent === "messaging") this.#refusal = !on;
    if (consent && !(consent === "messaging" && !on)) this.host.setConsent({ [consent]: on });
  }

  #keep(): void {
    keepDraft(this.presentation.id, { answers: this.#answers, page: this.#page, passed: this.#passed });
  }
}

function texts({ pages }: Message, place: number): string[] {
  const blocks = pages[place]?.blocks ?? [];
  return blocks.flatMap((block) => (typeof block === "object" && "text" in block ? [plain(block.text)] : []));
}
