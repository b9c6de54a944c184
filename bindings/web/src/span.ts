// Spans as people write them (time.rs).

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `1h`, `7d`, or of a number of milliseconds. */
export function span(value: string | number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  const found = /^(\d+)(ms|s|m|h|d)$/.exec(String(value));
  const unit = UNITS[found?.[2] ?? ""];
  if (!found || unit === undefined) throw new RangeError(`\`${value}\` is not a span of time: write a whole number with ms, s, m, h or d`);
  return Number(found[1]) * unit;
}
