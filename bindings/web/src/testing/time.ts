// Instants as people write them in tests.

/** An instant and its offset from UTC: `2026-11-21T10:00:00+02:00`, or milliseconds since the Unix epoch at UTC. */
export function instant(value: string | number): { now: number; offset_min: number } {
  if (typeof value === "number") return { now: value, offset_min: 0 };
  const found = /(?:Z|([+-])(\d{2}):(\d{2}))$/.exec(value);
  const now = Date.parse(value);
  if (!found || Number.isNaN(now)) throw new RangeError(`\`${value}\` is not an instant: write 2026-11-21T10:00:00+02:00`);
  const minutes = Number(found[2] ?? 0) * 60 + Number(found[3] ?? 0);
  return { now, offset_min: found[1] === "-" ? -minutes : minutes };
}
