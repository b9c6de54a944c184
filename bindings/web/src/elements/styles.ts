// One constructable stylesheet for every element of a page: no style attribute, no inline style, so that a strict
// Content-Security-Policy stands (DESIGN: headless first).

const CSS = `
:host {
  --hearken-surface: light-dark(#ffffff, #1c1d22);
  --hearken-text: light-dark(#16181d, #f2f3f5);
  --hearken-muted: light-dark(#4c515c, #b9bec9);
  --hearken-accent: light-dark(#1f4fd8, #9db8ff);
  --hearken-on-accent: light-dark(#ffffff, #0c1430);
  --hearken-line: light-dark(#d5d9e2, #41444f);
  --hearken-radius: 18px;
  --hearken-font: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  color-scheme: light dark;
  display: contents;
}
dialog, section {
  box-sizing: border-box;
  inline-size: min(420px, calc(100vw - 32px));
  max-block-size: min(720px, calc(100dvh - 32px));
  padding: 0;
  border: 0;
  border-radius: var(--hearken-radius);
  background: var(--hearken-surface);
  color: var(--hearken-text);
  font: 16px/1.5 var(--hearken-font);
  text-align: start;
  overflow: auto;
  overscroll-behavior: contain;
  box-shadow: 0 24px 64px rgb(10 14 28 / 0.32), 0 2px 8px rgb(10 14 28 / 0.16);
}
.fullscreen { inline-size: 100vw; max-inline-size: none; block-size: 100dvh; max-block-size: none; border-radius: 0; }
.banner, .toast, .tooltip { position: fixed; inset-inline: 16px; inset-block-end: 16px; margin-inline: auto; z-index: 2147483646; }
.banner { inline-size: min(720px, calc(100vw - 32px)); }
.banner[data-position="top"] { inset-block: 16px auto; }
.inline, .card { inline-size: auto; max-block-size: none; box-shadow: none; border: 1px solid var(--hearken-line); }
dialog:focus, section:focus { outline: none; }
dialog:focus-visible { outline: 3px solid var(--hearken-accent); outline-offset: 2px; }
dialog::backdrop { background: rgb(12 15 26 / 0.55); backdrop-filter: blur(2px); }
.page { display: flex; flex-direction: column; gap: 12px; padding: 24px; padding-block-end: 28px; }
.image { display: block; inline-size: calc(100% + 48px); max-inline-size: none; block-size: auto; margin-inline: -24px; }
.image:first-child { margin-block-start: -24px; margin-block-end: 8px; }
.heading { margin: 0; font-size: 1.5rem; line-height: 1.2; font-weight: 700; letter-spacing: -0.01em; text-wrap: balance; }
.heading:first-child { padding-inline-end: 44px; }
.text { margin: 0; color: var(--hearken-muted); text-wrap: pretty; }
.text a { color: var(--hearken-accent); }
.list { margin: 0; padding-inline-start: 1.4em; }
.divider { inline-size: 100%; margin: 0; border: 0; border-block-start: 1px solid var(--hearken-line); }
.spacer { block-size: 8px; }
.field { display: flex; flex-wrap: wrap; gap: 4px 12px; margin: 0; padding: 0; border: 0; }
.label { font-weight: 600; }
.field .label:not(legend) { display: flex; align-items: center; gap: 8px; min-block-size: 44px; font-weight: 400; }
.label > :is(textarea, input[type="email"], progress), .field > input { box-sizing: border-box; display: block; inline-size: 100%; min-block-size: 44px; font: inherit; }
.hint { inline-size: 100%; color: var(--hearken-muted); }
.button {
  box-sizing: border-box;
  min-block-size: 48px;
  padding: 10px 20px;
  border: 1px solid var(--hearken-line);
  border-radius: 12px;
  background: transparent;
  color: var(--hearken-text);
  font: inherit;
  font-weight: 600;
  cursor: pointer;
}
.text + .button, .heading + .button, .image + .button { margin-block-start: 8px; }
.button.primary { border-color: transparent; background: var(--hearken-accent); color: var(--hearken-on-accent); }
.button:hover { filter: brightness(0.94); }
.button:focus-visible, .close:focus-visible { outline: 3px solid var(--hearken-accent); outline-offset: 2px; }
.corner { position: sticky; inset-block-start: 0; block-size: 0; display: flex; justify-content: flex-end; z-index: 1; }
.close {
  flex: none;
  inline-size: 44px;
  block-size: 44px;
  margin: 10px;
  padding: 0;
  border: 0;
  border-radius: 50%;
  background: color-mix(in srgb, var(--hearken-surface) 82%, transparent);
  color: var(--hearken-text);
  cursor: pointer;
  display: grid;
  place-items: center;
}
.close svg { inline-size: 18px; block-size: 18px; stroke: currentColor; stroke-width: 2.2; stroke-linecap: round; fill: none; }
@media (prefers-reduced-motion: no-preference) {
  dialog { transition: opacity 180ms ease-out, translate 220ms cubic-bezier(0.2, 0.8, 0.2, 1); }
  dialog::backdrop { transition: opacity 180ms ease-out; }
  @starting-style {
    dialog[open] { opacity: 0; translate: 0 16px; }
    dialog[open]::backdrop { opacity: 0; }
  }
}
@media (forced-colors: active) {
  dialog, section { border: 2px solid CanvasText; }
  .button, .close { border: 2px solid ButtonText; background: ButtonFace; color: ButtonText; }
  .button.primary { border-color: Highlight; }
}
@media (max-width: 480px) {
  .page { padding: 20px; padding-block-end: 24px; }
  .image { inline-size: calc(100% + 40px); margin-inline: -20px; }
  .image:first-child { margin-block-start: -20px; }
}
`;

let sheet: CSSStyleSheet | undefined;

/** Made at first use: importing must not need a page. */
export function styles(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
