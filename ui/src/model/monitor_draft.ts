// A monitor while it is being written: every field as the text a person typed, so that nothing is lost or rounded until it
// is saved. What this page does not know stays in `rest` and goes back as it came. The server alone judges; here is only
// enough to take a query apart into fields and to put it together again.
import { asNumber, asObject, asText, asTexts, type Json } from './json';
import { isSingleSeries, splitMonitorQuery } from './monitor_query';

export type Mode = 'threshold' | 'change' | 'composite' | 'check' | 'event' | 'text';

export const kModes: readonly { mode: Mode; label: string; about: string }[] = [
  { mode: 'threshold', label: 'Metric threshold', about: 'a metric over a window is above or below a value' },
  { mode: 'change', label: 'Metric change', about: 'a metric moved by a value, or by a percentage, since some time ago' },
  { mode: 'event', label: 'Events', about: 'how many events match a search' },
  { mode: 'check', label: 'Service check', about: 'runs of a check in a row' },
  { mode: 'composite', label: 'Composite', about: 'other monitors, joined by && || !' },
];

export const kAggregators = ['avg', 'sum', 'min', 'max'] as const;
export const kComparators = ['>', '>=', '<', '<='] as const;
export const kWindows = ['1m', '5m', '10m', '15m', '30m', '1h', '2h', '4h', '1d'] as const;
export const kMissing = [
  { value: 'default', label: 'By the kind of metric: counts are 0, the rest stays as it is' },
  { value: 'show_no_data', label: 'Show No Data, tell nobody' },
  { value: 'show_and_notify_no_data', label: 'Show No Data and tell' },
  { value: 'resolve', label: 'Resolve' },
] as const;
export const kRenotifyStates = ['alert', 'warn', 'no data'] as const;

const kTypes: Readonly<Record<Exclude<Mode, 'text'>, string>> = {
  threshold: 'query alert',
  change: 'query alert',
  composite: 'composite',
  check: 'service check',
  event: 'event-v2 alert',
};

// Options that are one text field each, by the name the API has for them. Numbers are numbers on the wire.
const kNumberOptions = [
  'no_data_timeframe', 'renotify_interval', 'renotify_occurrences', 'evaluation_delay', 'new_group_delay', 'timeout_h',
] as const;
const kTextOptions = ['on_missing_data', 'group_retention_duration', 'escalation_message'] as const;
const kThresholds = ['critical', 'warning', 'critical_recovery', 'warning_recovery', 'ok', 'unknown'] as const;

export type OptionName = (typeof kNumberOptions)[number] | (typeof kTextOptions)[number];
export type ThresholdName = (typeof kThresholds)[number];

export interface Draft {
  mode: Mode;
  aggregator: string;
  window: string; // "5m"
  change: 'change' | 'pct_change';
  shift: string; // "30m"
  expression: string;
  comparator: string;
  text: string; // the whole query of the other modes
  type: string; // of mode 'text': as it came
  thresholds: Record<ThresholdName, string>;
  options: Record<OptionName, string>;
  fullWindow: boolean;
  includeTags: boolean;
  notifyBy: string; // "host, env"; "*": all together
  renotifyStates: string[];
  name: string;
  message: string;
  tags: string; // joined by commas
  priority: string;
  rest: Json;
  restOptions: Json;
}

export function emptyDraft(): Draft {
  return draftOf({
    type: 'query alert',
    query: 'avg(last_5m): > 0',
    message: '{{#is_alert}}\n**{{value}}** {{comparator}} {{threshold}}\n\nNext: \n{{/is_alert}}\n{{#is_recovery}}It is over.{{/is_recovery}}\n',
    options: { thresholds: {}, include_tags: true, on_missing_data: 'default' },
  });
}

const kServerFields = [
  'id', 'created', 'modified', 'created_at', 'creator', 'deleted', 'org_id', 'overall_state', 'overall_state_modified', 'multi', 'state',
  'matching_downtimes', 'evaluation_error', 'warnings', 'restricted_roles', 'draft_status',
];
const kOwnFields = ['name', 'type', 'query', 'message', 'tags', 'priority', 'options'];
const kOwnOptions = [
  ...kNumberOptions, ...kTextOptions, 'thresholds', 'require_full_window', 'include_tags', 'notify_by', 'renotify_statuses',
  'notify_no_data', 'silenced',
];

const without = (object: Json, names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

export function draftOf(monitor: unknown): Draft {
  const root = asObject(monitor);
  const options = asObject(root['options']);
  const thresholds = asObject(options['thresholds']);
  const query = asText(root['query']);
  const type = asText(root['type']);
  const parts = takeApart(type, query);
  const texts = <Name extends string>(names: readonly Name[], from: Json): Record<Name, string> =>
    Object.fromEntries(names.map((name) => [name, asText(from[name])])) as Record<Name, string>;
  const draft: Draft = {
    ...parts,
    type,
    thresholds: texts(kThresholds, thresholds),
    options: texts([...kNumberOptions, ...kTextOptions], options),
    fullWindow: options['require_full_window'] === true,
    includeTags: options['include_tags'] !== false,
    notifyBy: asTexts(options['notify_by']).join(', '),
    renotifyStates: asTexts(options['renotify_statuses']),
    name: asText(root['name']),
    message: asText(root['message']),
    tags: asTexts(root['tags']).join(', '),
    priority: asText(root['priority']),
    rest: without(root, [...kServerFields, ...kOwnFields]),
    restOptions: without(options, kOwnOptions),
  };
  if (draft.thresholds.critical === '' && parts.threshold !== '') draft.thresholds.critical = parts.threshold;
  if (draft.options.on_missing_data === '') draft.options.on_missing_data = options['notify_no_data'] === true ? 'show_and_notify_no_data' : 'default';
  return draft;
}

type QueryParts = Pick<Draft, 'mode' | 'aggregator' | 'window' | 'change' | 'shift' | 'expression' | 'comparator' | 'text'> & { threshold: string };

const kFrame = /^(avg|sum|min|max)\s*\(\s*last_(\w+)\s*\)\s*:/;
const kChangeFrame = /^(change|pct_change)\s*\(\s*(avg|sum|min|max)\s*\(\s*last_(\w+)\s*\)\s*,\s*last_(\w+)\s*\)\s*:/;
const kTail = /\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)\s*$/i;

// Null unless putting the parts together again gives the same query.
function takeApart(type: string, query: string): QueryParts {
  const base: QueryParts = {
    mode: 'text', aggregator: 'avg', window: '5m', change: 'pct_change', shift: '1h', expression: '', comparator: '>', text: query, threshold: '',
  };
  if (type === 'composite') return { ...base, mode: 'composite' };
  if (type === 'service check') return { ...base, mode: 'check' };
  if (type === 'event-v2 alert' || type === 'event alert') return { ...base, mode: 'event', threshold: kTail.exec(query)?.[2] ?? '' };
  const text = query.trim();
  const tail = kTail.exec(text);
  const change = kChangeFrame.exec(text);
  const frame = change ?? kFrame.exec(text);
  if (!frame || !tail) return base;
  const shared = { ...base, expression: text.slice(frame[0].length, tail.index).trim(), comparator: tail[1] ?? '>', threshold: tail[2] ?? '' };
  if (change) {
    return { ...shared, mode: 'change', change: change[1] as 'change' | 'pct_change', aggregator: change[2] ?? 'avg', window: change[3] ?? '5m', shift: change[4] ?? '1h' };
  }
  return { ...shared, mode: 'threshold', aggregator: frame[1] ?? 'avg', window: frame[2] ?? '5m' };
}

// The query as the API has it. The critical threshold stands in it, so that both can never disagree.
export function queryOf(draft: Draft): string {
  const limit = draft.thresholds.critical.trim();
  switch (draft.mode) {
    case 'threshold':
      return `${draft.aggregator}(last_${draft.window}):${draft.expression.trim()} ${draft.comparator} ${limit === '' ? '0' : limit}`;
    case 'change':
      return `${draft.change}(${draft.aggregator}(last_${draft.window}),last_${draft.shift}):${draft.expression.trim()} ${draft.comparator} ${limit === '' ? '0' : limit}`;
    case 'event':
      return limit !== '' && kTail.test(draft.text) ? draft.text.replace(kTail, (_all, comparator: string) => ` ${comparator} ${limit}`) : draft.text.trim();
    default:
      return draft.text.trim();
  }
}

export function typeOf(draft: Draft): string {
  return draft.mode === 'text' ? draft.type || 'query alert' : kTypes[draft.mode];
}

// Which thresholds a mode has.
export function thresholdsOf(mode: Mode): readonly ThresholdName[] {
  if (mode === 'composite') return [];
  if (mode === 'check') return ['critical', 'warning', 'ok', 'unknown'];
  return ['critical', 'warning', 'critical_recovery', 'warning_recovery'];
}

// What is sent. A number that is none is sent as the text it is, so that the server names the field. With `clear`, fields
// that were emptied are null: an update would keep what it is not told.
export function bodyOf(draft: Draft, clear = false): Json {
  const options: Json = { ...draft.restOptions };
  const put = (into: Json, name: string, value: unknown): void => {
    if (value !== '' && value !== undefined) into[name] = value;
    else if (clear) into[name] = null;
  };
  const thresholds: Json = {};
  for (const name of thresholdsOf(draft.mode)) {
    const text = draft.thresholds[name].trim();
    if (text !== '') thresholds[name] = numberOr(text);
  }
  if (Object.keys(thresholds).length > 0) options['thresholds'] = thresholds;
  for (const name of kNumberOptions) put(options, name, numberOr(draft.options[name].trim()));
  for (const name of kTextOptions) put(options, name, draft.options[name]);
  if (options['on_missing_data'] === 'default' && draft.mode !== 'threshold' && draft.mode !== 'change') delete options['on_missing_data'];
  // The minutes belong to the modes that show No Data alone.
  if (!/^show/.test(draft.options.on_missing_data)) put(options, 'no_data_timeframe', '');
  const keys = splitList(draft.notifyBy);
  put(options, 'notify_by', keys.length > 0 ? keys : undefined);
  put(options, 'renotify_statuses', draft.renotifyStates.length > 0 ? draft.renotifyStates : undefined);
  options['require_full_window'] = draft.fullWindow;
  options['include_tags'] = draft.includeTags;
  const body: Json = {
    ...draft.rest,
    name: draft.name,
    type: typeOf(draft),
    query: queryOf(draft),
    message: draft.message,
    tags: splitList(draft.tags),
    options,
  };
  put(body, 'priority', numberOr(draft.priority.trim()));
  return body;
}

function numberOr(text: string): number | string {
  return text === '' ? '' : (asNumber(text) ?? text);
}

export function splitList(text: string): string[] {
  return text.split(',').map((one) => one.trim()).filter((one) => one !== '');
}

// Reads what a person typed as JSON; an Error says why not.
export function draftOfJson(text: string): Draft | Error {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Error('Expected one object: {"type": …}');
    return draftOf(value);
  } catch (error) {
    return error instanceof Error ? error : new Error('This is not JSON.');
  }
}

// Fields of the page an error can stand at.
export type FieldName = 'query' | 'thresholds' | 'message' | 'name' | 'tags' | 'priority' | 'type' | `thresholds.${ThresholdName}` | OptionName
  | 'notify_by' | 'renotify_statuses' | 'require_full_window' | 'other';

const kFields: readonly string[] = [
  'query', 'message', 'name', 'tags', 'priority', 'type', ...kNumberOptions, ...kTextOptions, 'notify_by', 'renotify_statuses', 'require_full_window',
];

// "options.thresholds.critical: 3 is not …" → the field, and the sentence without its name.
export function fieldOf(message: string): { field: FieldName; text: string } {
  const match = /^(?:options\.)?(thresholds\.\w+|thresholds|\w+):\s*([\s\S]+)$/.exec(message.trim());
  const name = match?.[1] ?? '';
  const text = match?.[2] ?? message;
  if (name.startsWith('thresholds')) {
    const which = name.slice(11);
    const known = kThresholds.find((one) => one === which);
    return { field: known ? `thresholds.${known}` : 'thresholds', text };
  }
  return kFields.includes(name) ? { field: name as FieldName, text } : { field: 'other', text: message };
}

// The keys after `by`, of the last series that has them.
export function groupKeys(query: string): string[] {
  const inside = [...query.matchAll(/\bby\s*\{([^}]*)\}/g)].at(-1)?.[1];
  if (inside !== undefined) return splitList(inside);
  const listed = /\.by\(([^)]*)\)/.exec(query)?.[1];
  return listed === undefined ? [] : splitList(listed.replace(/["']/g, ''));
}

// The expression with other keys; null when it is not a single series, where `by` could stand in several places.
export function withGroupKeys(expression: string, keys: readonly string[]): string | null {
  if (!isSingleSeries(expression)) return null;
  const bare = expression.replace(/\s*\bby\s*\{[^}]*\}/, '');
  if (keys.length === 0) return bare;
  return bare.replace(/\}/, `} by {${keys.join(',')}}`);
}

// What a template can name.
export function templateVariables(draft: Draft): string[] {
  return ['value', 'threshold', 'warn_threshold', 'comparator', 'last_triggered_at', 'triggered_duration_sec', ...groupKeys(queryOf(draft)).map((key) => `${key}.name`)];
}

export const kConditions = [
  'is_alert', 'is_warning', 'is_no_data', 'is_recovery', 'is_alert_recovery', 'is_warning_to_alert', 'is_renotify', 'is_match', 'is_priority',
] as const;

export function canDraw(draft: Draft): boolean {
  return splitMonitorQuery(queryOf(draft)) !== null && draft.expression.trim() !== '';
}

