// Spans and instants as people write them in tests; a span has the playbook's units (time.rs).

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `1h`, `7d`, or of a number of milliseconds. */
export function span(value: string | number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  const found = /^(\d+)(ms|s|m|h|d)$/.exec(String(value));
  const unit = UNITS[found?.[2] ?? ""];
  if (!found || unit === undefined) throw new RangeError(`\`${value}\` is not a span of time: write a whole number with ms, s, m, h or d`);
  return Number(found[1]) * unit;
}

/** An instant and its offset from UTC: `2026-11-21T10:00:00+02:00`, or milliseconds since the Unix epoch at UTC. */
export function instant(value: string | number): { now: number; offset_min: number } {
  if (typeof value === "number") return { now: value, offset_min: 0 };
  const found = /(?:Z|([+-])(\d{2}):(\d{2}))$/.exec(value);
  const now = Date.parse(value);
  if (!found || Number.isNaN(now)) throw new RangeError(`\`${value}\` is not an instant: write 2026-11-21T10:00:00+02:00`);
  const minutes = Number(found[2] ?? 0) * 60 + Number(found[3] ?? 0);
  return { now, offset_min: found[1] === "-" ? -minutes : minutes };
}
