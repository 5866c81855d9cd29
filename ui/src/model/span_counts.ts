// Spans over time, failed ones apart: the body of an aggregate request, its answer as bars, and where a drag on them points.
import { asList, asNumber, asObject, asText, type Json } from './json';

export interface CountBar {
  time_s: number; // start
  ok: number;
  error: number;
}

const kBarsAbout = 60;
const kIntervals: readonly [text: string, seconds: number][] = [
  ['1s', 1], ['5s', 5], ['10s', 10], ['15s', 15], ['30s', 30], ['1m', 60], ['2m', 120], ['5m', 300], ['10m', 600], ['30m', 1800],
  ['1h', 3600], ['3h', 10_800], ['6h', 21_600], ['12h', 43_200], ['1d', 86_400], ['7d', 604_800],
];

export function intervalFor(range_s: number): [text: string, seconds: number] {
  return kIntervals.find(([, seconds]) => range_s / seconds <= kBarsAbout * 1.5) ?? ['7d', 604_800];
}

export function countsRequest(query: string, from_s: number, to_s: number): Json {
  return {
    data: {
      type: 'aggregate_request',
      attributes: {
        filter: { query: query.trim() === '' ? '*' : query.trim(), from: String(Math.floor(from_s * 1000)), to: String(Math.ceil(to_s * 1000)) },
        compute: [{ aggregation: 'count', type: 'timeseries', interval: intervalFor(to_s - from_s)[0] }],
        group_by: [{ facet: 'status', limit: 10 }],
      },
    },
  };
}

const kBarsMax = 2000;

// Bars of the whole range, empty ones too, so that silence is seen as silence.
export function readCounts(answer: unknown, from_s: number, to_s: number): { bars: CountBar[]; interval_s: number } {
  const interval_s = intervalFor(to_s - from_s)[1];
  const bars = new Map<number, CountBar>();
  const start = Math.floor(from_s / interval_s) * interval_s;
  for (let time_s = start; time_s < to_s && bars.size < kBarsMax; time_s += interval_s) bars.set(time_s, { time_s, ok: 0, error: 0 });
  for (const bucket of asList(asObject(answer)['data'])) {
    const attributes = asObject(asObject(bucket)['attributes']);
    const computed = asObject(attributes['computes'] ?? attributes['compute']);
    const failed = asText(asObject(attributes['by'])['status']) === 'error';
    for (const point of asList(computed['c0'])) {
      const ms = Date.parse(asText(asObject(point)['time']));
      const value = asNumber(asObject(point)['value']) ?? 0;
      const bar = bars.get(Math.floor(ms / 1000 / interval_s) * interval_s);
      if (!bar) continue;
      if (failed) bar.error += value;
      else bar.ok += value;
    }
  }
  return { bars: [...bars.values()], interval_s };
}

// Between two fractions of the width, in whole bars.
export function rangeBetween(a: number, b: number, bars: readonly CountBar[], interval_s: number): { from_s: number; to_s: number } | null {
  if (bars.length === 0) return null;
  const at = (fraction: number): number => Math.min(bars.length - 1, Math.max(0, Math.floor(fraction * bars.length)));
  const first = bars[at(Math.min(a, b))];
  const last = bars[at(Math.max(a, b))];
  return first && last ? { from_s: first.time_s, to_s: last.time_s + interval_s } : null;
}
