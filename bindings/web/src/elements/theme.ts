// The theme of the playbook (docs/playbook.md) as custom properties of an element's own rule. What the page writes on the
// element wins over it.

import type { Theme } from "../engine/api.js";

/** Tokens whose property has another name. */
const NAMES: Record<string, string> = { background: "surface", button: "accent", button_text: "on-accent" };

/** A value is one token of a declaration: it cannot end it, and it loads nothing. */
const PLAIN = /^[^;{}\\]*$/;

export function paint(rule: CSSStyleDeclaration, theme: Theme = {}): void {
  for (const name of [...rule]) if (/^--hearken-(light|dark)-/.test(name)) rule.removeProperty(name);
  for (const mode of ["light", "dark"] as const) {
    for (const [token, value] of Object.entries(theme[mode] ?? {})) {
      const text = String(value);
      if (PLAIN.test(text) && !/url\(|image/i.test(text)) rule.setProperty(`--hearken-${mode}-${NAMES[token] ?? token.replaceAll("_", "-")}`, text);
    }
  }
}
