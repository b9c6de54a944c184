// The custom properties of every element, light and dark: the playbook's theme fills `--hearken-light-*` and
// `--hearken-dark-*`, and a page that sets `--hearken-*` itself wins.

const TOKENS: Record<string, [light: string, dark: string]> = {
  surface: ["#ffffff", "#1c1d22"],
  text: ["#16181d", "#f2f3f5"],
  muted: ["#4c515c", "#b9bec9"],
  accent: ["#1f4fd8", "#9db8ff"],
  "on-accent": ["#ffffff", "#0c1430"],
  line: ["#d5d9e2", "#41444f"],
  error: ["#b3261e", "#ffb4ab"],
};

/** Tokens that are another one's unless something else is said. */
const SAME: Record<string, string> = { heading: "text", link: "accent", field: "surface", "field-text": "text", secondary: "surface", "secondary-text": "text" };

const colour = (name: string, light: string, dark: string) =>
  `--hearken-${name}: light-dark(var(--hearken-light-${name}, ${light}), var(--hearken-dark-${name}, ${dark}));`;

export const tokens = `
:host {
  ${Object.entries(TOKENS).map(([name, [light, dark]]) => colour(name, light, dark)).join("\n  ")}
  ${Object.entries(SAME).map(([name, other]) => colour(name, `var(--hearken-${other})`, `var(--hearken-${other})`)).join("\n  ")}
  --hearken-radius: var(--hearken-light-radius, 18px);
  --hearken-font: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  color-scheme: light dark;
}
:host([hidden]) { display: none; }
.button {
  box-sizing: border-box;
  min-block-size: 48px;
  padding: 10px 20px;
  border: 1px solid var(--hearken-line);
  border-radius: min(12px, var(--hearken-radius));
  background: var(--hearken-secondary);
  color: var(--hearken-secondary-text);
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}
.button.primary { border-color: transparent; background: var(--hearken-accent); color: var(--hearken-on-accent); }
.button:hover { filter: brightness(0.94); }
.close {
  flex: none;
  display: grid;
  place-items: center;
  inline-size: 44px;
  block-size: 44px;
  padding: 0;
  border: 0;
  border-radius: 50%;
  background: color-mix(in srgb, var(--hearken-surface) 82%, transparent);
  color: var(--hearken-text);
  cursor: pointer;
}
svg { inline-size: 18px; block-size: 18px; stroke: currentColor; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; fill: none; }
:focus-visible { outline: 3px solid var(--hearken-accent); outline-offset: 2px; }
.heading { margin: 0; color: var(--hearken-heading); font-size: 1.5rem; line-height: 1.2; font-weight: 700; letter-spacing: -0.01em; text-wrap: balance; overflow-wrap: anywhere; }
.text { margin: 0; color: var(--hearken-muted); text-wrap: pretty; overflow-wrap: anywhere; }
.text :is(strong, em) { color: var(--hearken-text); }
.text a { color: var(--hearken-link); }
.list { margin: 0; padding-inline-start: 1.4em; }
.list .text + .text { margin-block-start: 4px; }
.divider { inline-size: 100%; margin: 0; border: 0; border-block-start: 1px solid var(--hearken-line); }
${Array.from({ length: 8 }, (_, n) => `.spacer[data-size="${n + 1}"] { block-size: ${(n + 1) * 8}px; }`).join("\n")}
.label { color: var(--hearken-text); font-weight: 600; }
.progress { display: block; inline-size: 100%; block-size: 10px; margin-block-start: 8px; accent-color: var(--hearken-accent); }
.preference { display: flex; align-items: center; justify-content: space-between; gap: 16px; min-block-size: 44px; cursor: pointer; }
.switch { flex: none; appearance: none; box-sizing: border-box; position: relative; inline-size: 52px; block-size: 30px; margin: 0; border: 2px solid var(--hearken-muted); border-radius: 15px; background: var(--hearken-field); cursor: pointer; }
.switch::before { content: ""; position: absolute; inset-block-start: 3px; inset-inline-start: 3px; inline-size: 20px; block-size: 20px; border-radius: 50%; background: var(--hearken-muted); }
.switch:checked { border-color: var(--hearken-accent); background: var(--hearken-accent); }
.switch:checked::before { inset-inline-start: 25px; background: var(--hearken-on-accent); }
@media (forced-colors: active) {
  .button, .close { border: 2px solid ButtonText; background: ButtonFace; color: ButtonText; }
  .button.primary { border-color: Highlight; }
  .switch { border-color: ButtonText; }
  .switch::before { background: ButtonText; }
  .switch:checked { background: Highlight; forced-color-adjust: none; }
  .switch:checked::before { background: HighlightText; }
}
`;

/** Made at first use: importing must not need a page. */
export function sheetOf(css: string): () => CSSStyleSheet {
  let sheet: CSSStyleSheet | undefined;
  return () => {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
    }
    return sheet;
  };
}
