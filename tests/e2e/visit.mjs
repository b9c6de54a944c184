// Replays the example shop's recorded visit in a headless browser, and says what the engine showed, and why.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { launch, pause } from "./support/browser.mjs";

const { values } = parseArgs({ options: { url: { type: "string" }, screenshot: { type: "string" } } });
if (!values.url || !values.screenshot) {
  console.error("usage: node visit.mjs --url http://127.0.0.1:PORT/ --screenshot FILE.png");
  process.exit(2);
}
const visit = JSON.parse(readFileSync(new URL("../../examples/web/visit.json", import.meta.url), "utf8"));

const { browser, close } = await launch();
const problems = [];
try {
  const page = await browser.newPage();
  await page.setViewport(visit.viewport);
  page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
  for (const step of visit.steps) {
    try {
      await run(page, step);
    } catch (error) {
      // What the journal says explains it best.
      problems.push(`${JSON.stringify(step)}: ${error.message}`);
      break;
    }
  }
  const { lines, why } = await told(page);
  report(lines, why);
} finally {
  await close();
}
for (const problem of problems) console.error(problem);
if (problems.length) process.exitCode = 1;

async function run(page, step) {
  switch (step.do) {
    case "open":
      await page.goto(new URL(step.path, values.url).href, { waitUntil: "networkidle0" });
      return;
    case "click": {
      const target = await page.waitForSelector(`aria/${step.name}[role="${step.role ?? "button"}"]`, { visible: true, timeout: 8_000 });
      await target.click();
      return;
    }
    case "wait":
      await pause(step.ms);
      return;
    case "picture":
      await page.screenshot({ path: values.screenshot });
      return;
    default:
      throw new Error(`visit.json: no step is called ${step.do}`);
  }
}

/** The journal as an export delivers it, and the engine's own explanations. */
function told(page) {
  return page.evaluate(async () => {
    const { hearken } = window;
    const lines = [];
    for await (const batch of hearken.export()) lines.push(...batch.records.map((line) => JSON.parse(line)));
    const why = await Promise.all((await hearken.campaigns()).map((id) => hearken.explain(id)));
    return { lines, why };
  });
}

function report(lines, why) {
  for (const { seq, type, data } of lines) console.log(`${String(seq).padStart(3)}  ${type.padEnd(20)} ${JSON.stringify(data)}`);
  const shown = lines.filter(({ type }) => type === "$shown");
  for (const { data } of shown) {
    const cause = lines.find(({ type, data: fired }) => type === "$triggered" && fired.campaign === data.campaign);
    const event = lines.find(({ id }) => id === cause?.data.event);
    const clicks = lines.filter(({ type, data: used }) => type === "$clicked" && used.presentation_id === data.presentation_id);
    console.log(`shown: ${data.campaign} on ${data.channel}, because of ${event?.type} ${JSON.stringify(event?.data)}; clicked: ${clicks.map((click) => click.data.target).join(", ") || "nothing"}`);
  }
  for (const { campaign, outcome, stage, reason, next_eligible_at: next } of why) {
    const detail = reason ? ` at ${stage}: ${JSON.stringify(reason)}` : "";
    console.log(`now: ${campaign} is ${outcome}${detail}${next === undefined ? "" : `, again at ${new Date(next).toISOString()}`}`);
  }
  console.log(`screenshot: ${values.screenshot}`);
  if (shown.length === 0) {
    console.error("nothing in the journal says that a message was shown");
    process.exitCode = 1;
  }
}
