// The view model of a message (crates/core message.rs, docs/playbook.md): roles, texts and actions, never markup.

import type { Json, Span } from "./engine/api.js";

/** How a message stands on the screen. */
export type Layout = "modal" | "fullscreen" | "banner" | "toast" | "tooltip" | "inline" | "card" | "custom";

/** One message, ready to be drawn: every text is filled in. */
export interface Message {
  layout: Layout;
  /** Of a banner. */
  position?: "top" | "bottom";
  /** What a tooltip points at. */
  anchor?: string;
  /** Its accessible name. */
  label?: string;
  /** How long it stands in sight. */
  auto_dismiss?: Span;
  /** Whether a person can close it; they can if nothing is said. */
  dismissible?: boolean;
  /** For `custom`. */
  data?: Record<string, Json>;
  /** At least one, except for `custom`. */
  pages: Page[];
  /** The language of its texts, and which way it is written. */
  lang: string;
  dir: "ltr" | "rtl";
}

export interface Page {
  id: string;
  blocks: Block[];
  /** Which page follows: asked by `presentation.next`. */
  next?: Json[];
}

/** One block of a page; the order is also the order of focus. */
export type Block =
  | { image: Image }
  | { heading: string }
  | { text: Text }
  | { button: Button }
  | { divider: object }
  | "divider"
  | { spacer: { size?: number } }
  | "spacer"
  | { list: { items: Text[]; ordered?: boolean } }
  | { progress: { value: number; max?: number; label?: string } }
  | { field: Field }
  | { preference: Preference };

/** A text, or its parts. */
export type Text = string | Inline[];

export interface Inline {
  text?: string;
  bold?: boolean;
  italic?: boolean;
  link?: string;
  break?: boolean;
}

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

/** A question. */
export interface Field {
  kind: "nps" | "rating" | "single" | "multi" | "text" | "email";
  /** What its answer is called. */
  name: string;
  label: string;
  required?: boolean;
  /** Of `single` and `multi`. */
  options?: { value: Json; label: string }[];
  /** Whether an answer of the person's own is possible. */
  other?: boolean;
  /** The highest `rating`, 5 if nothing is said. */
  max?: number;
  hint?: string;
}

/** A switch of a preference centre: a purpose, or an attribute with its two values. */
export interface Preference {
  label: string;
  consent?: "analytics" | "personalization" | "messaging";
  attribute?: string;
  on?: Json;
  off?: Json;
}

/**
 * What a button does. The engine does `track`, `set_attribute`, `set_consent`, `snooze` and `submit`; the host turns
 * pages, opens addresses and places in the app, asks for permissions and does what is its own.
 */
export type Action =
  | "dismiss"
  | "next"
  | "previous"
  | "submit"
  | { open_url: string }
  | { deep_link: string }
  | { track: { event: string; properties?: Record<string, Json> } }
  | { set_attribute: { name: string; value: Json } }
  | { set_consent: { purpose: string; granted: boolean } }
  | { snooze: Span }
  | { submit: { event?: string } }
  | { request_permission: string }
  | { custom: { name: string; data?: Record<string, Json> } };
