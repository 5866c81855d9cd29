// How Godseye itself does: one report, read leniently, and what is derived from two of them.
import { asList, asNumber, asObject, asText } from './json';

export interface Figure {
  name: string;
  tags: string; // "path:dogstatsd, stage:decode"
  value: number;
  counter: boolean;
}

export interface SystemReport {
  status: string;
  version: string;
  facts: Readonly<Record<string, unknown>>;
  parts: { name: string; status: string; reason: string }[]; // those that are not well first
  alarms: { name: string; text: string }[];
  tables: { name: string; rows: number; bytes: number; parts: number }[]; // largest first
  tables_error: string;
  figures: Figure[];
  settings: { name: string; value: string; origin: string }[];
}

export function readSystem(answer: unknown): SystemReport {
  const root = asObject(answer);
  const rows = <T>(name: string, read: (one: Record<string, unknown>) => T): T[] => asList(root[name]).map((one) => read(asObject(one)));
  const parts = rows('parts', (one) => ({ name: asText(one['name']), status: asText(one['status']), reason: asText(one['reason']) }));
  return {
    status: asText(root['status']),
    version: asText(root['version']),
    facts: asObject(root['facts']),
    parts: parts.sort((a, b) => Number(a.status === 'ok') - Number(b.status === 'ok')),
    alarms: rows('alarms', (one) => ({ name: asText(one['name']), text: asText(one['text']) })),
    tables: rows('tables', (one) => ({ name: asText(one['name']), rows: asNumber(one['rows']) ?? 0, bytes: asNumber(one['bytes']) ?? 0, parts: asNumber(one['parts']) ?? 0 })),
    tables_error: asText(root['tables_error']),
    figures: rows('figures', (one) => ({
      name: asText(one['name']),
      tags: Object.entries(asObject(one['tags'])).map(([key, value]) => `${key}:${asText(value)}`).join(', '),
      value: asNumber(one['value']) ?? 0,
      counter: one['counter'] === true,
    })),
    settings: rows('settings', (one) => ({ name: asText(one['name']), value: asText(one['value']), origin: asText(one['origin']) })),
  };
}

// The sum over tags of one figure; null when the server does not know it.
export function figure(report: SystemReport, name: string): number | null {
  const found = report.figures.filter((one) => one.name === name);
  return found.length === 0 ? null : found.reduce((sum, one) => sum + one.value, 0);
}

export function fact(report: SystemReport, name: string): number | null {
  return asNumber(report.facts[name]);
}

export interface Reading {
  time_s: number;
  started: number | null; // another start, other counters
  report: SystemReport;
}

// Per second since the reading before; null without one, or when the process is another.
export function rate(now: Reading | null, before: Reading | null, of: (report: SystemReport) => number | null): number | null {
  if (!now || !before || now.started !== before.started || now.time_s - before.time_s < 0.5) return null;
  const [a, b] = [of(before.report), of(now.report)];
  return a === null || b === null || b < a ? null : (b - a) / (now.time_s - before.time_s);
}

// When the disk is full if it goes on like this: from free bytes over time by least squares. Null while it does not
// shrink, or there is too little to tell.
export function fullIn(points: readonly (readonly [number, number | null])[], free: number | null): number | null {
  const known = points.flatMap(([time, value]) => (value === null || !Number.isFinite(value) ? [] : [[time / 1000, value] as const]));
  const first = known[0];
  const last = known.at(-1);
  if (!first || !last || known.length < 5 || last[0] - first[0] < 600 || free === null) return null;
  const middle = known.reduce((sum, [time]) => sum + time, 0) / known.length;
  const mean = known.reduce((sum, [, value]) => sum + value, 0) / known.length;
  let above = 0;
  let below = 0;
  for (const [time, value] of known) {
    above += (time - middle) * (value - mean);
    below += (time - middle) ** 2;
  }
  const slope = above / below; // bytes a second
  return slope >= -1 ? null : free / -slope;
}
