// The constructable stylesheet of messages: no style attribute, no inline style, so that a strict Content-Security-Policy
// stands (DESIGN: headless first).

import { sheetOf, tokens } from "./tokens.js";

export const styles = sheetOf(`
${tokens}
:host { display: contents; }
:host([name]) { display: block; min-block-size: var(--hearken-reserve, 0px); }
:host([filled]) slot { display: none; }
.said { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
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
.fullscreen { inline-size: 100%; max-inline-size: none; block-size: 100dvh; max-block-size: none; border-radius: 0; }
.fullscreen .page { box-sizing: border-box; max-inline-size: 560px; min-block-size: 100%; margin-inline: auto; justify-content: center; }
.fullscreen .image { inline-size: 100%; margin: 0 0 8px; border-radius: var(--hearken-radius); }
.fullscreen .corner .close { inset-inline-end: 18px; }
[popover] { position: fixed; inset: auto; margin: 0; }
.banner { inset-inline: 16px; inset-block: auto 16px; margin-inline: auto; inline-size: min(720px, calc(100vw - 32px)); }
.banner[data-position="top"] { inset-block: 16px auto; }
.toast { inset-inline-end: 16px; inset-block-end: 16px; inline-size: min(400px, calc(100vw - 32px)); }
.banner .page, .toast .page { gap: 6px; padding: 18px 20px; }
.banner .heading, .toast .heading, .tooltip .heading { font-size: 1.125rem; }
.banner .page, .toast .page { padding-inline-end: 60px; }
:is(.banner, .toast, .tooltip) .page { flex-flow: row wrap; }
:is(.banner, .toast, .tooltip) .page > :not(.button) { flex: 0 0 100%; }
:is(.banner, .toast, .tooltip) .button { min-block-size: 44px; padding-block: 8px; }
.tooltip { left: var(--_left, 0); top: var(--_top, 0); inline-size: min(320px, calc(100vw - 16px)); overflow: visible; border: 1px solid var(--hearken-line); box-shadow: 0 12px 32px rgb(10 14 28 / 0.24); }
.tooltip .page { gap: 6px; padding: 14px 16px; padding-inline-end: 52px; }
.tooltip::before { content: ""; position: absolute; left: calc(var(--_tip, 50%) - 7px); inline-size: 12px; block-size: 12px; background: inherit; border: 1px solid var(--hearken-line); rotate: 45deg; }
.tooltip[data-side="below"]::before { top: -7px; border-block-end: 0; border-inline-end: 0; border-right: 0; border-bottom: 0; border-left: 1px solid var(--hearken-line); }
.tooltip[data-side="above"]::before { bottom: -7px; border-top: 0; border-left: 0; border-right: 1px solid var(--hearken-line); }
.tooltip[data-away="true"] { visibility: hidden; }
.tooltip .corner .close { inset-block-start: 2px; inset-inline-end: 2px; }
.inline { inline-size: auto; max-block-size: none; box-shadow: none; border: 1px solid var(--hearken-line); }
dialog:focus, section:focus { outline: none; }
dialog::backdrop { background: rgb(12 15 26 / 0.55); backdrop-filter: blur(2px); }
.page { display: flex; flex-direction: column; gap: 12px; padding: 24px; padding-block-end: 28px; }
.image { display: block; inline-size: calc(100% + 48px); max-inline-size: none; block-size: auto; margin-inline: -24px; }
.image:first-child { margin-block-start: -24px; margin-block-end: 8px; }
:is(.banner, .toast, .tooltip) .image { inline-size: 100%; margin: 0; border-radius: 8px; }
dialog .heading:first-child { padding-inline-end: 44px; }
.forced { margin: 0; padding: 6px 20px; border-block-end: 2px dashed currentColor; background: light-dark(#fff1c2, #4a3a00); color: light-dark(#3d2f00, #ffe9a8); font: 600 0.8125rem/1.4 ui-monospace, monospace; direction: ltr; text-align: left; overflow-wrap: anywhere; }
.tooltip .forced { border-radius: var(--hearken-radius) var(--hearken-radius) 0 0; }
.question { margin-block: 6px; }
.field { min-inline-size: 0; margin: 0; padding: 0; border: 0; }
.field legend { padding: 0; margin-block-end: 6px; }
.choices { display: flex; flex-direction: column; }
.choices .label { display: flex; flex-direction: row-reverse; justify-content: flex-end; align-items: center; gap: 10px; min-block-size: 44px; font-weight: 400; cursor: pointer; }
.choices .label input { flex: none; inline-size: 20px; block-size: 20px; margin: 0; accent-color: var(--hearken-accent); }
.scale .choices { flex-flow: row wrap; gap: 6px; }
.scale .choices .label { position: relative; display: grid; place-content: center; min-inline-size: 44px; border: 1px solid var(--hearken-line); border-radius: 10px; background: var(--hearken-field); color: var(--hearken-field-text); font-variant-numeric: tabular-nums; }
.scale .choices .label input { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; margin: 0; opacity: 0; cursor: pointer; }
.scale .choices .label:has(:checked) { border-color: var(--hearken-accent); background: var(--hearken-accent); color: var(--hearken-on-accent); font-weight: 700; }
.scale .choices .label:has(:focus-visible) { outline: 3px solid var(--hearken-accent); outline-offset: 2px; }
.input { box-sizing: border-box; display: block; inline-size: 100%; min-block-size: 44px; margin-block-start: 6px; padding: 10px 12px; border: 1px solid var(--hearken-muted); border-radius: min(10px, var(--hearken-radius)); background: var(--hearken-field); color: var(--hearken-field-text); font: inherit; font-weight: 400; }
textarea.input { min-block-size: 96px; resize: vertical; }
.input::placeholder { color: var(--hearken-muted); opacity: 1; }
.input[aria-invalid="true"] { border-color: var(--hearken-error); }
.error { margin: 6px 0 0; color: var(--hearken-error); font-size: 0.9375rem; }
.error::before { content: "● "; }
.error[hidden] { display: none; }
.hint { color: var(--hearken-muted); }
:is(.text, .heading, .image, .list, .progress) + .button { margin-block-start: 8px; }
.corner { position: sticky; inset-block-start: 0; block-size: 0; z-index: 1; }
.close { position: absolute; inset-block-start: 10px; inset-inline-end: 10px; }
@media (prefers-reduced-motion: no-preference) {
  dialog, [popover] { transition: opacity 180ms ease-out, translate 220ms cubic-bezier(0.2, 0.8, 0.2, 1); }
  dialog::backdrop { transition: opacity 180ms ease-out; }
  .switch::before { transition: inset-inline-start 120ms ease-out; }
  @starting-style {
    dialog[open], [popover]:popover-open { opacity: 0; translate: 0 16px; }
    dialog[open]::backdrop { opacity: 0; }
  }
}
@media (forced-colors: active) {
  dialog, section, .tooltip, .inline { border: 2px solid CanvasText; }
  .scale .choices .label:has(:checked) { border: 3px solid Highlight; forced-color-adjust: none; background: Highlight; color: HighlightText; }
}
@media (max-width: 480px) {
  .page { padding: 20px; padding-block-end: 24px; }
  .image { inline-size: calc(100% + 40px); margin-inline: -20px; }
  .image:first-child { margin-block-start: -20px; }
}
`);
