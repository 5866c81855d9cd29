// Numbers of the waterfall: which rows are in sight, where a bar stands, where the axis has its ticks.

export const kRowPx = 28;
const kExtraRows = 12; // drawn beyond the edges, so that a fast scroll shows no gap

export function rowsInSight(count: number, scrollTop: number, height: number): { first: number; last: number } {
  const first = Math.max(0, Math.floor(scrollTop / kRowPx) - kExtraRows);
  const last = Math.min(count, Math.ceil((scrollTop + height) / kRowPx) + kExtraRows);
  return { first: Math.min(first, last), last };
}

// Where to scroll so that `row` is in sight; the present place when it is already.
export function scrollToRow(row: number, scrollTop: number, height: number): number {
  const top = row * kRowPx;
  if (top < scrollTop) return top;
  if (top + kRowPx > scrollTop + height) return Math.max(0, top + kRowPx - height);
  return scrollTop;
}

export interface TimeWindow {
  from_ns: number;
  to_ns: number;
}

export interface Bar {
  left: number; // fractions of the window, clipped to it
  width: number;
  outside: 'before' | 'after' | null; // nothing of the span is in the window
}

export function barOf(start_ns: number, duration_ns: number, window: TimeWindow): Bar {
  const length = Math.max(1, window.to_ns - window.from_ns);
  const left = (start_ns - window.from_ns) / length;
  const right = (start_ns + duration_ns - window.from_ns) / length;
  if (right < 0) return { left: 0, width: 0, outside: 'before' };
  if (left > 1) return { left: 1, width: 0, outside: 'after' };
  const from = Math.max(0, left);
  return { left: from, width: Math.max(0, Math.min(1, right) - from), outside: null };
}

// A span with some air around it, inside the trace.
export function windowAround(start_ns: number, duration_ns: number, whole: TimeWindow): TimeWindow {
  const air = Math.max(duration_ns * 0.05, 500);
  return { from_ns: Math.max(whole.from_ns, start_ns - air), to_ns: Math.min(whole.to_ns, start_ns + duration_ns + air) };
}

// Four or so round steps from the start of the trace.
export function axisTicks(window: TimeWindow, origin_ns: number, about = 4): { at: number; offset_ns: number }[] {
  const length = window.to_ns - window.from_ns;
  if (!(length > 0)) return [];
  const rough = length / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10) * power;
  const ticks: { at: number; offset_ns: number }[] = [];
  for (let k = Math.ceil((window.from_ns - origin_ns) / step); ticks.length < 20; k++) {
    const at = (k * step + origin_ns - window.from_ns) / length;
    if (at > 0.98) break;
    ticks.push({ at, offset_ns: k * step });
  }
  return ticks;
}

// Services keep their colour within a trace: the busiest gets the first of the palette.
export function serviceColours(services: readonly (readonly [string, number])[]): Map<string, string> {
  return new Map(services.map(([name], i) => [name, `var(--s${i % 12})`]));
}
