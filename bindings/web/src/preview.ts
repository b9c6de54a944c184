// A message that is drawn for whoever runs the page, whatever its stages say: it says so itself, knows no caps, and leaves no
// facts (engine.md 5.4).

import type { Words } from "./engine/api.js";
import type { Message } from "./message.js";
import type { Presentation, RendererHost } from "./types.js";

let made = 0;

/** What a preview is drawn from. */
export interface Previewed {
  campaign: string;
  variant: string | undefined;
  placement: string | undefined;
  message: Message;
  words: Words;
}

export class Preview implements Presentation {
  readonly id = `preview-${++made}`;
  readonly channel = "in_browser";
  readonly resumed = false;
  readonly forced = true;
  /** Nobody needs to hear that it went. */
  readonly over = true;
  readonly campaign: string;
  readonly variant: string | undefined;
  readonly placement: string | undefined;
  readonly message: Message;
  readonly words: Words;
  readonly #gone: (id: string) => void;

  constructor({ campaign, variant, placement, message, words }: Previewed, gone: (id: string) => void) {
    this.campaign = campaign;
    this.variant = variant;
    this.placement = placement;
    // The inbox holds what the engine keeps; a card that it does not keep is shown for itself.
    this.message = message.layout === "card" ? { ...message, layout: "toast" } : message;
    this.words = words;
    this.#gone = gone;
  }

  begin(): Promise<boolean> {
    return Promise.resolve(true);
  }

  /** In the order of the pages: branches are the engine's, which knows nothing of a preview. */
  next(page: string): Promise<string | undefined> {
    const { pages } = this.message;
    return Promise.resolve(pages[pages.findIndex(({ id }) => id === page) + 1]?.id);
  }

  visible(): void {}
  page(): void {}

  click(target: string): void {
    if (!stays(this.message, target)) this.#gone(this.id);
  }

  dismiss(): void {
    this.#gone(this.id);
  }

  ended(): void {
    this.#gone(this.id);
  }
}

/** What a preview is told of its client: everything, but its switches turn nothing. */
export function muted(host: RendererHost): RendererHost {
  return {
    delegate: host.delegate,
    get needs() {
      return host.needs;
    },
    person: () => host.person(),
    report: (code, message) => host.report(code, message),
    setConsent() {},
    remember() {},
  };
}

/** Whether a message stands on after a click. */
export function stays({ pages }: Message, target: string): boolean {
  const blocks = pages.flatMap((page) => page.blocks);
  return blocks.some((block) => typeof block === "object" && "button" in block && block.button.id === target && block.button.stay);
}
