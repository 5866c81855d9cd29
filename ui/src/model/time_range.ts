// A time range is either relative to now ("the last hour", which moves) or absolute (fixed, from a drag on a chart or a
// shared link). In the URL a relative range is `range=1h`; an absolute one is `from=…&to=…` in Unix seconds.

export type TimeRange =
  | { kind: 'last'; seconds: number }
  | { kind: 'fixed'; from_s: number; to_s: number };

export interface Preset {
  label: string;
  text: string;
  seconds: number;
}

export const kPresets: readonly Preset[] = [
  { label: '15 m', text: 'last 15 minutes', seconds: 15 * 60 },
  { label: '1 h', text: 'last hour', seconds: 3600 },
  { label: '4 h', text: 'last 4 hours', seconds: 4 * 3600 },
  { label: '1 d', text: 'last day', seconds: 86400 },
];

export const kDefaultRange: TimeRange = { kind: 'last', seconds: 3600 };

// A minute is the shortest range with a useful chart; 400 days is beyond every retention setting.
const kSecondsMin = 60;
const kSecondsMax = 400 * 86400;

const kUnits: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

// "15m", "4h", "1d" → seconds; null for anything else or out of bounds.
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,6})([smhdw])$/.exec(text.trim().toLowerCase());
  if (!match) return null;
  const seconds = Number(match[1]) * (kUnits[match[2] ?? ''] ?? 0);
  return seconds >= kSecondsMin && seconds <= kSecondsMax ? seconds : null;
}

// The inverse of parseDuration: the largest unit that divides the value.
export function formatDurationCode(seconds: number): string {
  for (const unit of ['w', 'd', 'h', 'm'] as const) {
    const size = kUnits[unit] ?? 1;
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}

export function parseRange(params: URLSearchParams): TimeRange {
  const from = unixSeconds(params.get('from'));
  const to = unixSeconds(params.get('to'));
  if (from !== null && to !== null && to - from >= 1 && to - from <= kSecondsMax) {
    return { kind: 'fixed', from_s: from, to_s: to };
  }
  const seconds = parseDuration(params.get('range') ?? '');
  return seconds === null ? kDefaultRange : { kind: 'last', seconds };
}

export function writeRange(params: URLSearchParams, range: TimeRange): void {
  for (const name of ['range', 'from', 'to']) params.delete(name);
  if (range.kind === 'fixed') {
    params.set('from', String(range.from_s));
    params.set('to', String(range.to_s));
  } else {
    params.set('range', formatDurationCode(range.seconds));
  }
}

export function resolveRange(range: TimeRange, now_s: number): { from_s: number; to_s: number } {
  if (range.kind === 'fixed') return { from_s: range.from_s, to_s: range.to_s };
  return { from_s: now_s - range.seconds, to_s: now_s };
}

export function sameRange(a: TimeRange, b: TimeRange): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

// Accepts seconds or milliseconds (links copied from other tools carry either); whole seconds come out.
function unixSeconds(text: string | null): number | null {
  if (text === null || !/^\d{9,13}$/.test(text)) return null;
  const value = Number(text);
  return value > 1e11 ? Math.floor(value / 1000) : value;
}

// As fields for a date and a time have it, in the person's own zone: 2026-03-01T03:12:40.
export function localText(time_s: number): string {
  const time = new Date(time_s * 1000);
  const shifted = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return Number.isNaN(shifted.getTime()) ? '' : shifted.toISOString().slice(0, 19);
}

// Null for what is no time, for an end that is not after the beginning, and for more than the longest range.
export function rangeOfText(from: string, to: string): TimeRange | null {
  const from_s = Math.floor(new Date(from).getTime() / 1000);
  const to_s = Math.floor(new Date(to).getTime() / 1000);
  if (!(to_s - from_s >= 1) || to_s - from_s > kSecondsMax || from_s < 1e8) return null;
  return { kind: 'fixed', from_s, to_s };
}
