import { sheetOf, tokens } from "../elements/tokens.js";

export const styles = sheetOf(`
${tokens}
:host { --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace; --good: light-dark(#176b45, #7fd3a8); --held: light-dark(#7d5006, #f0c069); --bad: var(--hearken-error); display: flex; flex-direction: column; min-block-size: 0; background: var(--hearken-surface); color: var(--hearken-text); font: 14px/1.45 var(--hearken-font); }
[role=tablist] { display: flex; flex-wrap: wrap; gap: 2px; padding: 8px 8px 0; border-block-end: 1px solid var(--hearken-line); }
[role=tab] { min-block-size: 36px; padding: 4px 9px; border: 0; border-block-end: 3px solid transparent; background: none; color: var(--hearken-muted); font: inherit; font-weight: 600; cursor: pointer; }
[role=tab][aria-selected=true] { border-color: var(--hearken-accent); color: var(--hearken-text); }
[role=tabpanel] { flex: 1; min-block-size: 0; overflow: auto; padding: 10px; }
[role=tabpanel][hidden] { display: none; }
ol, ul, dl { margin: 0; padding: 0; list-style: none; }
.row { padding: 8px 10px; border-block-end: 1px solid var(--hearken-line); }
.row:last-child { border: 0; }
.line { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; }
.line .name { font-weight: 600; overflow-wrap: anywhere; }
.when { margin-inline-start: auto; color: var(--hearken-muted); font: 12px var(--mono); }
code { color: var(--hearken-muted); font: 12px/1.5 var(--mono); overflow-wrap: anywhere; }
.chip { padding: 1px 9px; border: 1px solid currentColor; border-radius: 10px; color: var(--held); font-size: 12px; font-weight: 600; overflow-wrap: anywhere; }
.chip.offered, .chip.displaying, .chip.eligible, .chip.accepted { color: var(--good); }
.chip.rejected { color: var(--bad); }
.chip.stopped { color: var(--hearken-muted); }
.decided { display: flex; flex-wrap: wrap; gap: 4px; margin-block-start: 5px; }
summary { display: flex; align-items: baseline; gap: 8px; cursor: pointer; padding-block: 2px; }
summary::before { content: "›"; color: var(--hearken-muted); font-weight: 700; }
[open] > summary::before { rotate: 90deg; }
summary .line { flex: 1; }
.walk { margin-block-start: 6px; padding-inline-start: 4px; }
.walk li { display: flex; gap: 8px; color: var(--hearken-muted); font-size: 13px; }
.walk li::before { content: "✓"; color: var(--good); }
.walk li.stop { color: var(--held); font-weight: 600; }
.walk li.stop::before { content: "■"; color: var(--held); }
.tools { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 8px; }
.said { margin: 6px 0 0; color: var(--held); font-size: 13px; }
.said:empty { display: none; }
pre { max-block-size: 240px; margin: 6px 0 0; overflow: auto; color: var(--hearken-muted); font: 12px/1.5 var(--mono); }
.tools :is(button, select) { min-block-size: 32px; padding: 2px 12px; border: 1px solid var(--hearken-line); border-radius: 8px; background: none; color: inherit; font: inherit; font-size: 13px; cursor: pointer; }
.tools :is(button, select):hover { border-color: var(--hearken-accent); }
.note { margin: 0; padding: 14px 10px; color: var(--hearken-muted); }
table { inline-size: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 8px; border-block-end: 1px solid var(--hearken-line); text-align: start; vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--hearken-muted); font-size: 12px; }
.good { color: var(--good); } .held { color: var(--held); }
`);
