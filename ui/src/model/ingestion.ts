// The intake counters and the health of the parts, read leniently: servers may name more paths, stages and parts than
// this page was built with, and all of them are shown.

export interface IntakePath {
  name: string;
  label: string;
  bytes_in: number;
  events_in: number;
  events_out: number;
  errors: [stage: string, count: number][]; // only stages that counted something, largest first
  errors_total: number;
  discarded: number;
}

export interface RefusedMetric {
  metric: string;
  refused: number;
}

export interface Fact {
  name: string;
  value: string | number | boolean;
}

export interface Ingestion {
  paths: IntakePath[];
  contexts_active: number | null;
  contexts_max: number | null;
  refused: RefusedMetric[];
  journal: Fact[];
  store: Fact[];
  http: Fact[];
  spans: Fact[]; // what the span intake decided
}

type Json = Record<string, unknown>;

const kLabels: Readonly<Record<string, string>> = {
  dogstatsd: 'DogStatsD',
  series: 'HTTP series',
  series_v1: 'Series v1',
  series_v2: 'Series v2',
  distribution_points: 'Distribution points',
  sketches: 'Sketches',
  check_run: 'Service checks',
  events: 'Events',
  'v0.6_stats': 'Trace statistics',
  llmobs: 'LLM spans',
  llmobs_api: 'LLM spans of the API',
  llmobs_evaluations: 'Evaluations',
  evp: 'Agent proxy',
  evp_llmobs: 'LLM spans, agent proxy',
  evp_llmobs_api: 'LLM spans of the API, agent proxy',
  evp_llmobs_evaluations: 'Evaluations, agent proxy',
  dogstatsd_proxy: 'DogStatsD, trace agent',
  telemetry: 'Client telemetry',
};

// Also of the client's paths in the proof of ingestion.
export function pathLabel(name: string): string {
  return kLabels[name] ?? (/^v\d+\.\d+$/.test(name) ? `Traces ${name}` : name);
}

export function readIngestion(answer: unknown): Ingestion {
  const root = object(answer);
  const contexts = object(root['contexts']);
  return {
    paths: listOrMap(root['paths'] ?? root['intakes'] ?? root['protocols'], 'path').map(readPath),
    contexts_active: number(contexts['active'] ?? contexts['current']),
    contexts_max: number(contexts['max'] ?? contexts['limit']),
    refused: listOrMap(contexts['refused_by_metric'] ?? contexts['refused'] ?? root['refused_contexts'], 'metric')
      .map((entry) => ({ metric: text(entry['metric']), refused: number(entry['refused'] ?? entry['count'] ?? entry['value']) ?? 0 }))
      .filter((entry) => entry.refused > 0)
      .sort((a, b) => b.refused - a.refused),
    journal: facts(root['journal']),
    store: facts(root['store']),
    http: facts(root['http']),
    spans: facts(object(root['spans'])['intake']),
  };
}

function readPath(entry: Json): IntakePath {
  const name = text(entry['path'] ?? entry['protocol'] ?? entry['name']);
  const raw = entry['errors'];
  const errors =
    typeof raw === 'number'
      ? ([['all', raw]] as [string, number][])
      : Object.entries(object(raw)).map(([stage, count]): [string, number] => [stage, number(count) ?? 0]);
  const counted = errors.filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  return {
    name,
    label: pathLabel(name),
    bytes_in: number(entry['bytes_in']) ?? 0,
    events_in: number(entry['events_in']) ?? 0,
    events_out: number(entry['events_out']) ?? 0,
    errors: counted,
    errors_total: counted.reduce((sum, [, count]) => sum + count, 0),
    discarded: number(entry['discarded']) ?? 0,
  };
}

export interface Health {
  state: 'ok' | 'degraded' | 'failing' | 'unknown';
  parts: { name: string; state: string; reason: string }[]; // parts that are not ok come first
}

export function readHealth(answer: unknown): Health {
  const root = object(answer);
  const found = listOrMap(root['checks'] ?? root['parts'] ?? root['components'], 'name');
  const parts = found.map((part) => ({
    name: text(part['name']),
    state: text(part['status'] ?? part['state'] ?? part['value']).toLowerCase(),
    reason: text(part['reason'] ?? part['message'] ?? ''),
  }));
  parts.sort((a, b) => Number(isOk(a.state)) - Number(isOk(b.state)));
  return { state: healthState(text(root['status'] ?? root['state'])), parts };
}

export function isOk(state: string): boolean {
  return ['ok', 'up', 'healthy', 'true', 'pass'].includes(state);
}

function healthState(value: string): Health['state'] {
  const lower = value.toLowerCase();
  if (isOk(lower)) return 'ok';
  if (/degrad|warn/.test(lower)) return 'degraded';
  if (/fail|down|unhealthy|error/.test(lower)) return 'failing';
  return 'unknown';
}

// One reading of the counters; rates come from two of them.
export interface Sample {
  time_s: number;
  paths: Readonly<Record<string, IntakePath>>;
}

// Two minutes at one reading every five seconds: the rate shown is over what is kept.
export const kSamplesMax = 24;

export function addSample(samples: readonly Sample[], ingestion: Ingestion, time_s: number): Sample[] {
  const last = samples[samples.length - 1];
  if (last && time_s - last.time_s < 0.5) return [...samples];
  const paths = Object.fromEntries(ingestion.paths.map((path) => [path.name, path]));
  return [...samples, { time_s, paths }].slice(-kSamplesMax);
}

// Per second over the last 30 s or what there is; null until there are two readings. A counter that fell means that the
// server started again: older readings say nothing.
export function rateOf(
  samples: readonly Sample[],
  path: string,
  counter: 'bytes_in' | 'events_in' | 'events_out',
): number | null {
  const last = samples[samples.length - 1];
  const end = last?.paths[path];
  if (!last || !end) return null;
  let first: Sample | null = null;
  let newer = end[counter];
  for (let i = samples.length - 2; i >= 0; i--) {
    const sample = samples[i];
    const value = sample?.paths[path]?.[counter];
    if (!sample || value === undefined || value > newer || last.time_s - sample.time_s > 31) break;
    newer = value;
    first = sample;
  }
  if (!first) return null;
  return (end[counter] - (first.paths[path]?.[counter] ?? 0)) / (last.time_s - first.time_s);
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

// `[{path: "a", …}]` and `{"a": {…}}` say the same; so does `{"a": 3}` for one number each.
function listOrMap(value: unknown, key: string): Json[] {
  if (Array.isArray(value)) return value.map(object);
  return Object.entries(object(value)).map(([name, entry]) =>
    typeof entry === 'object' && entry !== null ? { [key]: name, ...object(entry) } : { [key]: name, value: entry },
  );
}

function facts(value: unknown): Fact[] {
  return Object.entries(object(value)).flatMap(([name, entry]): Fact[] => {
    if (typeof entry === 'number' || typeof entry === 'boolean') return [{ name, value: entry }];
    if (typeof entry === 'string') return entry === '' ? [] : [{ name, value: entry }];
    return facts(entry).map((inner) => ({ name: `${name} ${inner.name}`, value: inner.value }));
  });
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : String(value);
}
