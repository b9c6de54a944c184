// The view model of a message (crates/core message.rs): roles, texts and actions, never markup.

import type { Json } from "./engine/api.js";

/** One message, ready to be drawn. */
export interface Message {
  /** How it stands on the screen. */
  layout: "modal";
  /** Its accessible name. */
  label?: string;
  /** Its pages; at least one. */
  pages: Block[][];
}

/** One block of a page; the order is also the order of focus. */
export type Block = { image: Image } | { heading: string } | { text: string } | { button: Button };

/** A picture. */
export interface Image {
  src: string;
  /** What a person who cannot see it is told; empty for decoration. */
  alt: string;
}

/** A button. */
export interface Button {
  /** What a click names as its target. */
  id: string;
  label: string;
  role: "primary" | "secondary";
  actions: Action[];
  /** Whether the message stays open after a click. */
  stay: boolean;
}

/** What a button does. `track` is done by the engine, `open_url` and `deep_link` by the host. */
export type Action =
  | "dismiss"
  | { open_url: string }
  | { deep_link: string }
  | { track: { event: string; properties: Record<string, Json> } };
