// What the engine knows of this page and never stores: whom the host says it is, which places are there, whether it pauses.

import type { Context, HostValues, Input } from "./engine/api.js";
import { moment } from "./shell/clock.js";

export class Surroundings {
  paused = false;
  readonly #locale: string | undefined;
  readonly #host: HostValues;
  /** The places in the page that are there. */
  readonly #places = new Set<string>();

  constructor(locale: string | undefined, host: HostValues | undefined) {
    this.#locale = locale;
    this.#host = { platform: "web", ...host };
  }

  add(values: HostValues): void {
    Object.assign(this.#host, values);
  }

  place(name: string, mounted: boolean): void {
    if (mounted) this.#places.add(name);
    else this.#places.delete(name);
  }

  /** The place in the page that a campaign of a playbook fills, if it is there. */
  placeOf(campaign: string, playbook: string | undefined): string | undefined {
    const { campaigns = [] } = JSON.parse(playbook ?? "{}") as { campaigns?: { id: string; placement?: string }[] };
    const placement = campaigns.find(({ id }) => id === campaign)?.placement;
    return placement !== undefined && this.#places.has(placement) ? placement : undefined;
  }

  /** How the host stands now. */
  get state(): Input {
    const { host, pathname, search, hash } = location;
    const values = { ...this.#host, "url.host": host, "url.path": pathname, "url.query": search.slice(1), "url.hash": hash.slice(1) };
    return { host_state: { host: values, paused: this.paused } };
  }

  /** All of it, for an engine that starts. `storeless`: nothing that it does could be remembered. */
  told(storeless: boolean): Input[] {
    const places = [...this.#places].map((placement): Input => ({ mount: { placement } }));
    return [...(storeless ? [{ store_state: { volatile: true } }] : []), this.state, ...places];
  }

  get moment(): Context {
    return moment(this.locale, this.canDisplay);
  }

  get locale(): string {
    return this.#locale ?? (document.documentElement.lang || navigator.language);
  }

  get canDisplay(): boolean {
    return document.visibilityState === "visible";
  }
}
