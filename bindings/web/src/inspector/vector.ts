// What happened in this page, as a vector (tests/vectors/README.md): a defect that was seen becomes a case that is kept.

import type { Context, Input, Step } from "../engine/api.js";

export interface Handled {
  input: Input;
  ctx: Context;
  step: Step;
}

/** RFC 3339 in the person's own offset. */
export function instant({ now, offset_min }: Context): string {
  const local = new Date(now + offset_min * 60_000).toISOString().slice(0, -1);
  const two = (n: number) => String(Math.floor(n)).padStart(2, "0");
  const ahead = Math.abs(offset_min);
  return `${local}${offset_min < 0 ? "-" : "+"}${two(ahead / 60)}:${two(ahead % 60)}`;
}

/** The steps that a runner can repeat, with what came of each. */
export function vectorOf(handled: Handled[], playbook: string): string {
  const names = new Map<string, string>();
  const name = (id: string) => names.get(id) ?? names.set(id, `p${names.size + 1}`).get(id)!;
  const steps = handled.map(({ input, ctx, step }) => ({
    now: instant(ctx),
    do: doing(input, name),
    expect: {
      ...(step.verdict !== "accepted" && { verdict: step.verdict }),
      offered: step.offered.map(({ presentation_id, campaign, channel }) => ({ as: name(presentation_id), campaign, channel })),
      withdrawn: step.withdrawn.map(({ presentation_id, cause }) => ({ presentation: name(presentation_id), cause })),
      decisions: step.decisions,
    },
  }));
  const vector = { vector: 1, name: "copied", title: "What was seen in a page", rules: [], playbook: parsed(playbook), steps: steps.filter((step) => step.do !== undefined) };
  return JSON.stringify(vector, undefined, 2);
}

function doing(input: Input, name: (id: string) => string): unknown {
  if (input === "tick" || input === "reset" || input === "erase") return { [input]: {} };
  if (input === "host_state") return { host_state: {} };
  if (typeof input !== "object") return undefined;
  if ("open" in input) return { open: {} };
  if ("install_playbook" in input) return undefined;
  if ("consent" in input) return { consent: input.consent };
  for (const kind of ["displaying", "visible"] as const) if (kind in input) return { [kind]: name((input as Record<string, { presentation_id: string }>)[kind]!.presentation_id) };
  if ("ended" in input) return { ended: { presentation: name(input.ended.presentation_id), cause: input.ended.cause } };
  return JSON.parse(JSON.stringify(input, (key, value) => (key === "presentation_id" ? name(value) : value)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
