// A message that is drawn for whoever runs the page: it knows no caps and leaves no facts (DESIGN: display protocol).

import type { Words } from "./engine/api.js";
import type { Message } from "./message.js";
import type { Presentation } from "./types.js";

let made = 0;

export class Preview implements Presentation {
  readonly id = `preview-${++made}`;
  readonly channel = "in_browser";
  readonly placement = undefined;
  readonly resumed = false;
  /** Nobody needs to hear that it went. */
  readonly over = true;

  constructor(readonly campaign: string, readonly variant: string | undefined, readonly message: Message, readonly words: Words, readonly gone: (id: string) => void) {}

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
    if (!stays(this.message, target)) this.gone(this.id);
  }

  dismiss(): void {
    this.gone(this.id);
  }

  ended(): void {
    this.gone(this.id);
  }
}

/** Whether a message stands on after a click. */
export function stays({ pages }: Message, target: string): boolean {
  const blocks = pages.flatMap((page) => page.blocks);
  return blocks.some((block) => typeof block === "object" && "button" in block && block.button.id === target && block.button.stay);
}
