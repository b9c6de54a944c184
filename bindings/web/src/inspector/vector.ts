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

interface Case {
  now: string;
  do: unknown;
  expect: { verdict?: string; records: string[]; exported?: string[]; offered: object[]; withdrawn: object[]; decisions?: object[] };
}

/**
 * The steps that a runner can repeat, with what came of each. It begins where this page opened its client: what lay in
 * the journal before is not told, and people who are given other ids may come to other arms.
 */
export function vectorOf(handled: Handled[], playbook: string): string {
  const names = new Map<string, string>();
  const name = (id: string) => names.get(id) ?? names.set(id, `p${names.size + 1}`).get(id)!;
  const steps: Case[] = [];
  let seen: boolean | undefined;
  for (const { input, ctx, step } of handled) {
    if (step.verdict === "rejected" && step.rejection.code === "repeated") continue;
    const kind = typeof input === "string" ? input : (Object.keys(input)[0] as string);
    const records = (step.written ? (JSON.parse(step.written) as { records: { type: string; consent: string[] }[] }).records : []);
    const kinds = records.map(({ type }) => type);
    const exported = records.filter(({ type, consent }) => type !== "$imported" && consent.includes("analytics")).map(({ type }) => type);
    const open = steps.at(-1);
    if (["install_playbook", "store_state"].includes(kind) && open && steps.length === 1) {
      open.expect.records.push(...kinds);
      continue;
    }
    const turned = kind === "host_state" && seen !== ctx.can_display;
    const what = turned ? { can_display: ctx.can_display } : doing(input, name);
    if (what === undefined) continue;
    // A page opens before it is seen; a runner sees from the beginning.
    if (turned && seen === undefined && ctx.can_display) steps.push({ now: instant(ctx), do: { can_display: false }, expect: { records: [], offered: [], withdrawn: [] } });
    if (kind === "host_state") seen = ctx.can_display;
    steps.push({
      now: instant(ctx), do: what,
      expect: {
        ...(step.verdict !== "accepted" && { verdict: step.verdict }), records: kinds, ...(exported.length !== kinds.length && { exported }),
        offered: step.offered.map(({ presentation_id, campaign }) => ({ as: name(presentation_id), campaign, channel: "in_app" })),
        withdrawn: step.withdrawn.map(({ presentation_id, cause }) => ({ presentation: name(presentation_id), cause })),
        decisions: step.decisions.map(({ campaign, outcome, ...rest }) => ("reason" in rest ? { campaign, outcome, stage: rest.stage, reason: rest.reason.code } : { campaign, outcome })),
      },
    });
  }
  return JSON.stringify({ vector: 1, name: "copied", title: "What was seen in a page", rules: [], playbook: forApps(playbook), steps }, undefined, 2);
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

/** Runners are apps: what shows in a browser shows there too. */
function forApps(text: string): unknown {
  const playbook = JSON.parse(text) as { campaigns?: { channel: string[] }[] };
  const campaigns = playbook.campaigns?.map((campaign) => ({ ...campaign, channel: [...new Set(campaign.channel.map((name) => (name === "in_browser" ? "in_app" : name)))] }));
  return { ...playbook, ...(campaigns && { campaigns }) };
}
