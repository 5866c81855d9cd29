// From the answer of GET /api/v1/query to what the chart draws and the legend lists.
//
// The chart wants one column of times shared by all series. Two kinds of hole have to be told apart: `null` is a real
// gap (the series was silent: the line breaks), `undefined` is only a time that other series have and this one does not
// (the line goes on). A point with no neighbour on either side would be an invisible line: the chart draws it as a dot.
import type { QueryAnswer, QuerySeries } from '../api/types';

export interface ShapedSeries {
  label: string; // "session_id:mallory-77", or the expression when the query has no groups
  group: string[];
  expression: string;
  metric: string;
  last: number | null;
  avg: number | null;
  max: number | null;
  min: number | null;
  points: number; // how many values are not null
}

export type Column = (number | null | undefined)[];

export interface ShapedQuery {
  times: number[]; // Unix seconds, ascending, one per distinct time of any series
  columns: Column[]; // one per series, as long as `times`
  series: ShapedSeries[];
  interval_s: number; // the finest interval of any series; 0 when there is none
}

// More lines than this are unreadable and slow on a phone: the rest is listed, not drawn.
export const kSeriesDrawnMax = 300;

export function shapeQuery(answer: QueryAnswer): ShapedQuery {
  const input = answer.series ?? [];
  const interval_s = input.reduce((least, s) => {
    const interval = s.interval ?? 0;
    return interval > 0 && (least === 0 || interval < least) ? interval : least;
  }, 0);
  const times = unionOfTimes(input, interval_s);
  const several = new Set(input.map((s) => s.query_index ?? 0)).size > 1;
  const shaped = input.map((s) => ({ column: columnOf(s, times), series: summarise(s, several) }));
  shaped.sort((a, b) => (b.series.max ?? -Infinity) - (a.series.max ?? -Infinity));
  return {
    times,
    columns: shaped.map((s) => s.column),
    series: shaped.map((s) => s.series),
    interval_s,
  };
}

// Where every series is silent for longer than an interval the union gets one extra time, so that lines break there.
function unionOfTimes(input: QuerySeries[], interval_s: number): number[] {
  const all = new Set<number>();
  for (const s of input) for (const [ms] of s.pointlist ?? []) all.add(ms / 1000);
  const sorted = [...all].sort((a, b) => a - b);
  if (interval_s <= 0) return sorted;
  const result: number[] = [];
  for (const time of sorted) {
    const previous = result[result.length - 1];
    if (previous !== undefined && time - previous > interval_s * 1.5) result.push(previous + interval_s);
    result.push(time);
  }
  return result;
}

function columnOf(series: QuerySeries, times: number[]): Column {
  const points = (series.pointlist ?? []).filter(([ms]) => Number.isFinite(ms));
  const reach = (series.interval ?? 0) * 1.5;
  const column: Column = new Array<number | null | undefined>(times.length).fill(null);
  let next = 0;
  let before: number | null = null; // time of the last real value at or before `time`
  times.forEach((time, i) => {
    while (next < points.length && (points[next]?.[0] ?? 0) / 1000 < time) next++;
    const point = points[next];
    if (point && point[0] / 1000 === time) {
      column[i] = finite(point[1]);
      before = column[i] === null ? null : time;
      return;
    }
    const after = point && finite(point[1]) !== null ? point[0] / 1000 : null;
    if (before !== null && after !== null && after - before <= reach) column[i] = undefined;
  });
  return column;
}

function summarise(series: QuerySeries, several: boolean): ShapedSeries {
  let sum = 0;
  let points = 0;
  let last: number | null = null;
  let max: number | null = null;
  let min: number | null = null;
  for (const [, raw] of series.pointlist ?? []) {
    const value = finite(raw);
    if (value === null) continue;
    sum += value;
    points++;
    last = value;
    if (max === null || value > max) max = value;
    if (min === null || value < min) min = value;
  }
  const group = series.tag_set ?? [];
  const expression = series.expression ?? series.display_name ?? series.metric ?? '';
  const grouped = group.join(', ');
  const of = several ? ` · ${series.display_name ?? series.metric ?? ''}` : ''; // which of `a, b` it belongs to
  const label = grouped === '' ? expression : grouped + of;
  return {
    label: label === '' ? '*' : label,
    group,
    expression,
    metric: series.metric ?? '',
    last,
    avg: points === 0 ? null : sum / points,
    max,
    min,
    points,
  };
}

function finite(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

// Indices of points that have no value on either side: drawn as dots, since a line needs two.
export function lonelyPoints(column: Column): number[] {
  const lonely: number[] = [];
  const neighbour = (from: number, step: number): number | null => {
    let i = from + step;
    while (column[i] === undefined && i >= 0 && i < column.length) i += step;
    return column[i] ?? null;
  };
  column.forEach((value, i) => {
    if (typeof value === 'number' && neighbour(i, -1) === null && neighbour(i, 1) === null) lonely.push(i);
  });
  return lonely;
}

// A line's colour follows its group, not its place in the answer: FNV-1a over the label, then the first free slot, so
// that few series never share a colour. Slots are given in the order of the labels, so the same set of groups has the
// same colours whatever their values do.
export function colourSlots(labels: readonly string[], slots: number): number[] {
  const taken = new Set<number>();
  const given = new Map<string, number>();
  for (const label of [...labels].sort()) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193) >>> 0;
    let slot = hash % slots;
    if (taken.size < slots) {
      while (taken.has(slot)) slot = (slot + 1) % slots;
      taken.add(slot);
    }
    given.set(label, slot);
  }
  return labels.map((label) => given.get(label) ?? 0);
}
