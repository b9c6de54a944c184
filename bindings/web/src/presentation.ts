import type { Input, Offer, Step } from "./engine/api.js";
import type { Message } from "./message.js";
import type { Presentation } from "./types.js";

/** Hands an input to the shell; `done` hears of the step once it is stored. */
export type Say = (input: Input, done?: (step: Step | undefined) => void) => void;

/** An offer in a host's hands. Every word goes to the engine, which alone decides what follows (engine.md 6.2). */
export class OfferedPresentation implements Presentation {
  readonly id: string;
  readonly campaign: string;
  readonly channel: string;
  readonly resumed: boolean;
  readonly message: Message;
  readonly locale: string;
  readonly #say: Say;
  /** Whether the host or the person ended it: the engine's withdrawal is no news then. */
  #over = false;
  #begun: Promise<boolean> | undefined;

  constructor(offer: Offer, locale: string, say: Say) {
    this.id = offer.presentation_id;
    this.campaign = offer.campaign;
    this.channel = offer.channel;
    this.resumed = offer.resumed;
    this.message = offer.message;
    this.locale = locale;
    this.#say = say;
  }

  get over(): boolean {
    return this.#over;
  }

  begin(): Promise<boolean> {
    return (this.#begun ??= new Promise((resolve) => {
      this.#say({ displaying: { presentation_id: this.id } }, (step) => resolve(step?.verdict === "accepted"));
    }));
  }

  visible(): void {
    this.#say({ visible: { presentation_id: this.id } });
  }

  click(target: string): void {
    this.#over ||= !this.#stays(target);
    this.#say({ interaction: { presentation_id: this.id, kind: "click", target } });
  }

  dismiss(): void {
    this.#over = true;
    this.#say({ interaction: { presentation_id: this.id, kind: "dismiss" } });
  }

  ended(cause: "auto" | "unmounted"): void {
    this.#over = true;
    this.#say({ ended: { presentation_id: this.id, cause } });
  }

  #stays(target: string): boolean {
    const blocks = this.message.pages.flat();
    return blocks.some((block) => "button" in block && block.button.id === target && block.button.stay);
  }
}
