import type { Answers, Input, Offer, Step, Words } from "./engine/api.js";
import type { Message } from "./message.js";
import { stays } from "./preview.js";
import type { Presentation } from "./types.js";

/** Hands an input to the shell; `done` hears of the step once it is stored. */
export type Say = (input: Input, done?: (step: Step | undefined) => void) => void;

/** What a presentation says and asks. */
export interface Door {
  say: Say;
  /** The page that follows the one of a `page` interaction. */
  next(input: Input): Promise<string | undefined>;
}

/** An offer in a host's hands. Every word goes to the engine, which alone decides what follows (engine.md 6.2). */
export class OfferedPresentation implements Presentation {
  readonly id: string;
  readonly campaign: string;
  readonly variant: string | undefined;
  readonly channel: string;
  readonly placement: string | undefined;
  readonly resumed: boolean;
  readonly message: Message;
  readonly words: Words;
  readonly #door: Door;
  /** Whether the host or the person ended it: the engine's withdrawal is no news then. */
  #over = false;
  #begun: Promise<boolean> | undefined;

  constructor(offer: Offer, words: Words, door: Door) {
    this.id = offer.presentation_id;
    this.campaign = offer.campaign;
    this.variant = offer.variant;
    this.channel = offer.channel;
    this.placement = offer.placement;
    this.resumed = offer.resumed;
    this.message = offer.message;
    this.words = words;
    this.#door = door;
  }

  get over(): boolean {
    return this.#over;
  }

  begin(): Promise<boolean> {
    return (this.#begun ??= new Promise((resolve) => {
      this.#door.say({ displaying: { presentation_id: this.id } }, (step) => resolve(step?.verdict === "accepted"));
    }));
  }

  visible(): void {
    this.#door.say({ visible: { presentation_id: this.id } });
  }

  click(target: string, answers?: Answers): void {
    this.#over ||= !stays(this.message, target);
    this.#door.say(this.#did("click", target, answers));
  }

  page(page: string, answers?: Answers): void {
    this.#door.say(this.#did("page", page, answers));
  }

  next(page: string, answers: Answers = {}): Promise<string | undefined> {
    return this.#door.next(this.#did("page", page, answers));
  }

  dismiss(): void {
    this.#over = true;
    this.#door.say(this.#did("dismiss"));
  }

  ended(cause: "auto" | "unmounted"): void {
    this.#over = true;
    this.#door.say({ ended: { presentation_id: this.id, cause } });
  }

  #did(kind: "click" | "dismiss" | "page", target?: string, answers?: Answers): Input {
    return { interaction: { presentation_id: this.id, kind, ...(target !== undefined && { target }), ...(answers && { answers }) } };
  }
}
