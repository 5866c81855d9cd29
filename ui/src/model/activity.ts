// Search results, facets, sessions, users and errors, as /api/godseye/v1 answers them.
import { asAmount, asList, asNumber, asObject, asText, asTexts, listIn, type Json } from './json';
import { readSpan, type Span } from './span';
import type { TimeRange } from './time_range';

export interface SpanPage {
  spans: Span[];
  cursor: string; // of the next page; '' at the end
  warnings: string[];
}

export function readSpanPage(answer: unknown): SpanPage {
  const root = asObject(answer);
  return {
    spans: listIn(answer, 'spans').map(readSpan),
    cursor: asText(root['next_cursor'] ?? root['cursor']),
    warnings: asTexts(root['warnings']),
  };
}

export interface FacetValue {
  value: string;
  count: number;
}

export interface Facet {
  name: string;
  label: string;
  key: string; // in a search
  values: FacetValue[];
  more: number; // values that exist beyond those listed
}

export interface Facets {
  spans: number | null; // that match
  facets: Facet[];
  warnings: string[];
}

// What the server calls a facet → how a search names it and how a person does.
const kFacets: Readonly<Record<string, { key: string; label: string }>> = {
  error: { key: 'status', label: 'Status' },
  service: { key: 'service', label: 'Service' },
  env: { key: 'env', label: 'Environment' },
  type: { key: 'type', label: 'Type' },
  name: { key: 'operation_name', label: 'Operation' },
  resource: { key: 'resource_name', label: 'Resource' },
  kind: { key: '@meta.span.kind', label: 'LLM kind' },
  model: { key: '@meta.model_name', label: 'Model' },
};
const kFacetOrder = Object.keys(kFacets);

export function readFacets(answer: unknown): Facets {
  const root = asObject(answer);
  const raw = root['facets'] ?? answer;
  const named: [string, unknown][] = Array.isArray(raw)
    ? raw.map((one) => [asText(asObject(one)['name']), one])
    : Object.entries(asObject(raw)).filter(([name]) => name in kFacets || raw === root['facets']);
  const facets = named.map(([name, value]) => readFacet(name, value)).filter((facet) => facet.values.length > 0);
  facets.sort((a, b) => place(a.name) - place(b.name));
  return { spans: asNumber(root['spans'] ?? root['total']), facets, warnings: asTexts(root['warnings']) };
}

function place(name: string): number {
  const at = kFacetOrder.indexOf(name);
  return at < 0 ? kFacetOrder.length : at;
}

function readFacet(name: string, value: unknown): Facet {
  const root = asObject(value);
  const list = Array.isArray(value) ? value : asList(root['values']);
  const values =
    list.length > 0 || Array.isArray(value) || 'values' in root
      ? list.map((one) => ({ value: asText(asObject(one)['value']), count: asAmount(asObject(one)['count']) ?? 0 }))
      : Object.entries(root).map(([text, count]) => ({ value: text, count: asAmount(count) ?? 0 }));
  const known = kFacets[name];
  const kept = values.filter((one) => one.count > 0 && one.value !== '').map((one) => (name === 'error' ? { ...one, value: statusOf(one.value) } : one));
  kept.sort((a, b) => b.count - a.count);
  return {
    name,
    label: known?.label ?? name,
    key: asText(root['key']) || (known?.key ?? `@${name}`),
    values: kept,
    more: Math.max(0, (asNumber(root['values_total']) ?? 0) - values.length),
  };
}

function statusOf(value: string): string {
  return value === '1' || value === 'true' || value === 'error' ? 'error' : 'ok';
}

export interface Activity {
  id: string;
  user_id: string;
  first_s: number | null;
  last_s: number | null;
  spans: number;
  llm_calls: number;
  errors: number;
  sessions: number;
  input_tokens: number;
  output_tokens: number;
  cost_usd: number | null;
  unpriced: number; // calls with tokens and no known price
  injection_max: number | null;
  quality_avg: number | null;
  suspicious: number;
  refused: number;
  blocked: boolean;
  services: string[];
  models: string[];
}

export function readActivity(value: unknown): Activity {
  const raw = asObject(value);
  const count = (...names: string[]): number => names.map((name) => asAmount(raw[name])).find((n) => n !== null) ?? 0;
  return {
    id: asText(raw['id'] ?? raw['session_id'] ?? raw['user_id']),
    user_id: asText(raw['user_id']),
    first_s: seconds(raw['first_ns'] ?? raw['first_seen_ns']),
    last_s: seconds(raw['last_ns'] ?? raw['last_seen_ns']),
    spans: count('spans'),
    llm_calls: count('llm_calls', 'calls', 'turns'),
    errors: count('errors'),
    sessions: asList(raw['sessions']).length || count('sessions'),
    input_tokens: asAmount(asObject(raw['tokens'])['input']) ?? count('input_tokens'),
    output_tokens: asAmount(asObject(raw['tokens'])['output']) ?? count('output_tokens'),
    cost_usd: asAmount(raw['cost_usd']),
    unpriced: count('unpriced_calls'),
    injection_max: asAmount(raw['injection_max']),
    quality_avg: asAmount(raw['quality_avg']),
    suspicious: count('suspicious'),
    refused: count('refused'),
    blocked: raw['blocked'] === true,
    services: asTexts(raw['services']),
    models: asTexts(raw['models']),
  };
}

const kAround_s = 60;

// From a little before the first to a little after the last sign of life; the last day when the server does not say.
export function activityRange(activity: Activity | null): TimeRange {
  if (!activity || activity.first_s === null || activity.last_s === null) return { kind: 'last', seconds: 86_400 };
  return { kind: 'fixed', from_s: Math.floor(activity.first_s) - kAround_s, to_s: Math.ceil(activity.last_s) + kAround_s };
}

export interface ActivityPage {
  items: Activity[];
  more: boolean;
  warnings: string[];
}

export function readActivityPage(answer: unknown, name: 'sessions' | 'users'): ActivityPage {
  const root = asObject(answer);
  return { items: listIn(answer, name).map(readActivity), more: root['more'] === true, warnings: asTexts(root['warnings']) };
}

export interface SessionDetail {
  summary: Activity;
  turns: Span[]; // oldest first
  detections: Json[];
  warnings: string[];
}

export function readSession(answer: unknown): SessionDetail {
  const root = asObject(answer);
  return {
    summary: readActivity(root['session'] ?? root['summary'] ?? answer),
    turns: asList(root['turns'] ?? root['spans'])
      .map(readSpan)
      .sort((a, b) => a.start_ns - b.start_ns),
    detections: asList(root['detections']).map(asObject),
    warnings: asTexts(root['warnings']),
  };
}

export function readUser(answer: unknown): { summary: Activity; sessions: Activity[]; warnings: string[] } {
  const root = asObject(answer);
  return {
    summary: readActivity(root['user'] ?? root['summary'] ?? answer),
    sessions: asList(root['sessions']).map(readActivity),
    warnings: asTexts(root['warnings']),
  };
}

export interface ErrorGroup {
  fingerprint: string;
  service: string;
  type: string;
  message: string;
  stack: string;
  count: number;
  users: number;
  sessions: number;
  first_s: number | null;
  last_s: number | null;
  versions: string[];
  regression: boolean;
  traces: string[];
}

export function readErrorGroups(answer: unknown): { groups: ErrorGroup[]; warnings: string[] } {
  const groups = listIn(answer, 'errors', 'groups').map((value): ErrorGroup => {
    const raw = asObject(value);
    return {
      fingerprint: asText(raw['fingerprint'] ?? raw['id']),
      service: asText(raw['service']),
      type: asText(raw['type'] ?? raw['error_type']),
      message: asText(raw['message'] ?? raw['error_message']),
      stack: asText(raw['stack'] ?? raw['error_stack']),
      count: asAmount(raw['count']) ?? 0,
      users: asAmount(raw['users']) ?? 0,
      sessions: asAmount(raw['sessions']) ?? 0,
      first_s: seconds(raw['first_seen_ns']),
      last_s: seconds(raw['last_seen_ns']),
      versions: asTexts(raw['versions']),
      regression: raw['regression'] === true || raw['regressed'] === true,
      traces: asList(raw['sample_traces']).map((one) => asText(typeof one === 'object' ? asObject(one)['trace_id'] : one)),
    };
  });
  // Most frequent first as they came; those of which nothing is known but that they failed come last.
  const isKnown = (group: ErrorGroup): boolean => group.type !== '' || group.message !== '';
  const sorted = [...groups.filter(isKnown), ...groups.filter((group) => !isKnown(group))];
  return { groups: sorted, warnings: asTexts(asObject(answer)['warnings']) };
}

export function seconds(ns: unknown): number | null {
  const value = asNumber(ns);
  return value === null || value <= 0 ? null : value / 1e9;
}

// What an erasure did: rows by table, and what a person should know.
export interface Erased {
  rows: number;
  tables: [name: string, rows: number][];
  note: string;
}

export function readErased(answer: unknown): Erased {
  const root = asObject(answer);
  const tables = Object.entries(asObject(root['deleted'])).map(([name, rows]): [string, number] => [name, asAmount(rows) ?? 0]);
  return {
    rows: asAmount(root['rows']) ?? tables.reduce((sum, [, rows]) => sum + rows, 0),
    tables: tables.filter(([, rows]) => rows > 0),
    note: asText(root['note']),
  };
}
