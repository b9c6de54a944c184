// The side panel: what the engine says of itself. Nothing here knows a campaign or an outcome.

const find = (id) => document.getElementById(id);
const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const words = (code) => code.replaceAll("_", " ");

/** The campaign that was decided on last. */
let last;

/** Live: every decision, with the stage that stopped it and what was seen there. */
export function showDecisions(hearken) {
  hearken.on("decisions", (decisions) => {
    for (const decision of decisions) {
      last = decision.campaign;
      const item = make("li", decision.outcome);
      item.append(make("span", "when", clock.format(new Date())), make("b", "", decision.campaign), ` ${words(decision.outcome)}`);
      if (decision.reason) item.append(make("code", "", `at ${words(decision.stage)}: ${details(decision.reason)}`));
      find("decisions").querySelector(".empty")?.remove();
      find("decisions").prepend(item);
    }
    explainCampaign(hearken);
  });
  hearken.on("shown", () => explainCampaign(hearken));
  hearken.on("withdrawn", () => explainCampaign(hearken));
}

/** Every stage of the campaign that was decided on last, as it stands now. */
export async function explainCampaign(hearken) {
  if (last === undefined) return;
  const { outcome, stage, reason, passed, next_eligible_at: next } = await hearken.explain(last);
  const lines = passed.map((line) => [words(line.stage), "pass", `✓ ${line.detail}`]);
  if (reason) lines.push([words(stage), "stop", `✕ ${details(reason)}`]);
  else lines.push(["now", "pass", words(outcome)]);
  if (next !== undefined) lines.push(["again", "", clock.format(new Date(next))]);
  find("explain").replaceChildren(
    ...lines.flatMap(([name, kind, text]) => {
      const value = make("dd", kind, "");
      value.append(make("code", "", text));
      return [make("dt", "", name), value];
    }),
  );
}

function details({ code, ...rest }) {
  const more = Object.entries(rest).filter(([, value]) => value !== undefined);
  return [words(code), ...more.map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`)].join(", ");
}

/** The export, read again whenever something happened. It is not acknowledged: the panel is no warehouse. */
export async function showJournal(hearken) {
  let reading;
  const read = () => (reading = (reading ?? Promise.resolve()).then(() => draw(hearken)));
  for (const event of ["decisions", "shown", "withdrawn", "offer"]) hearken.on(event, read);
  addEventListener("click", () => setTimeout(read, 0));
  await hearken.ready;
  read();
}

async function draw(hearken) {
  const items = [];
  for await (const batch of hearken.export({ max: 500 })) {
    for (const line of batch.records) {
      const { seq, type, data } = JSON.parse(line);
      const item = document.createElement("li");
      const fact = make("span", "", "");
      fact.append(make("span", "type", type), " ", make("span", "data", Object.keys(data).length ? JSON.stringify(data) : ""));
      item.append(make("span", "seq", seq), fact);
      items.unshift(item);
    }
  }
  find("journal").replaceChildren(...items);
  find("journal-count").textContent = items.length;
}
