// What every element of this package is: a shadow root with its sheets, a client, and the playbook's theme.

import type { HearkenClient } from "../client.js";
import { paint } from "./theme.js";

/** A server that imports this file has no HTMLElement. */
const Base = (globalThis.customElements ? HTMLElement : class {}) as typeof HTMLElement;

/** Asked of whoever stands above an element that has no client: `client.mount` answers. */
export const WANTED = "hearken-client";

export abstract class ClientElement extends Base {
  protected readonly root = this.attachShadow({ mode: "open" });
  /** The rule of this one element: where values go that are not known beforehand, since no style attribute is written. */
  protected readonly rule: CSSStyleDeclaration;
  #client: HearkenClient | undefined;
  #unlisten = () => {};
  #entered = false;

  constructor(...sheets: CSSStyleSheet[]) {
    super();
    const own = new CSSStyleSheet();
    own.insertRule(":host {}");
    this.rule = (own.cssRules[0] as CSSStyleRule).style;
    this.root.adoptedStyleSheets = [...sheets, own];
    // Set before the element was defined.
    if (Object.hasOwn(this, "client")) {
      const { client } = this as { client?: HearkenClient };
      delete (this as { client?: HearkenClient }).client;
      this.client = client;
    }
  }

  /** The client whose messages it draws. */
  get client(): HearkenClient | undefined {
    return this.#client;
  }

  set client(client: HearkenClient | undefined) {
    if (client === this.#client) return;
    this.#leave();
    this.#client = client;
    this.#enter();
  }

  connectedCallback(): void {
    const take = (client: HearkenClient) => (this.client = client);
    if (!this.#client) this.dispatchEvent(new CustomEvent(WANTED, { detail: take, bubbles: true, composed: true }));
    this.#enter();
  }

  disconnectedCallback(): void {
    this.#leave();
  }

  protected abstract enter(client: HearkenClient): void;
  protected abstract leave(client: HearkenClient): void;

  #enter(): void {
    const client = this.#client;
    if (!this.isConnected || !client || this.#entered) return;
    this.#entered = true;
    paint(this.rule, client.needs?.theme);
    this.#unlisten = client.on("playbook", ({ theme }) => paint(this.rule, theme));
    this.enter(client);
  }

  #leave(): void {
    if (!this.#entered || !this.#client) return;
    this.#entered = false;
    this.#unlisten();
    this.leave(this.#client);
  }
}

export function define(tag: string, element: CustomElementConstructor): void {
  if (globalThis.customElements && !customElements.get(tag)) customElements.define(tag, element);
}
