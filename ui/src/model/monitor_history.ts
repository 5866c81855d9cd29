// What a monitor did, or would have done: transitions of groups become bands of states over time.
import { asList, asNumber, asObject, asText, asTexts } from './json';
import { readState, type State } from './monitors';

export interface Transition {
  time_s: number;
  group: string;
  from: State;
  to: State;
  kind: string;
  value: number | null;
  threshold: number | null;
  notes: string;
}

export interface History {
  from_s: number;
  to_s: number;
  complete: boolean; // false: older ones are left out
  transitions: Transition[]; // newest first
}

export interface Band {
  group: string;
  segments: { from_s: number; to_s: number; state: State }[]; // oldest first, without gaps
  changes: number;
  trouble_s: number; // in Alert or Warn
}

export function readTransition(value: unknown, group?: string): Transition | null {
  const one = asObject(value);
  const time_s = asNumber(one['time']);
  if (time_s === null) return null;
  return {
    time_s,
    group: group ?? (asText(one['group']) || '*'),
    from: readState(one['from']),
    to: readState(one['to']),
    kind: asText(one['kind']),
    value: asNumber(one['value']),
    threshold: asNumber(one['threshold']),
    notes: asText(one['notes']),
  };
}

export function readHistory(answer: unknown): History {
  const root = asObject(answer);
  return {
    from_s: asNumber(root['from']) ?? 0,
    to_s: asNumber(root['to']) ?? 0,
    complete: root['complete'] !== false,
    transitions: asList(root['transitions']).flatMap((one) => readTransition(one) ?? []),
  };
}

// Groups with the most trouble first. A transition that only repeats a state (told again) changes no band.
export function bandsOf(transitions: readonly Transition[], from_s: number, to_s: number): Band[] {
  const byGroup = new Map<string, Transition[]>();
  for (const one of transitions) {
    const list = byGroup.get(one.group);
    if (list) list.push(one);
    else byGroup.set(one.group, [one]);
  }
  const bands = [...byGroup].map(([group, list]) => bandOf(group, list, from_s, to_s));
  return bands.sort((a, b) => b.trouble_s - a.trouble_s || b.changes - a.changes || (a.group < b.group ? -1 : 1));
}

function bandOf(group: string, list: readonly Transition[], from_s: number, to_s: number): Band {
  const sorted = [...list].sort((a, b) => a.time_s - b.time_s);
  const segments: Band['segments'] = [];
  let at = from_s;
  let state: State = sorted[0]?.from ?? 'Unknown';
  for (const one of sorted) {
    const time = Math.min(Math.max(one.time_s, at), to_s);
    if (one.to === state) continue;
    if (time > at) segments.push({ from_s: at, to_s: time, state });
    at = time;
    state = one.to;
  }
  if (to_s > at) segments.push({ from_s: at, to_s, state });
  const trouble_s = segments.reduce((sum, one) => sum + (one.state === 'Alert' || one.state === 'Warn' ? one.to_s - one.from_s : 0), 0);
  return { group, segments, changes: sorted.filter((one) => one.from !== one.to).length, trouble_s };
}

// One page of groups, as the server cuts it.
export interface GroupsPage {
  total: number;
  found: number;
  counts: Map<State, number>;
  groups: { name: string; state: State; since_s: number | null; triggered_s: number | null; value: number | null }[];
  left_out: number;
}

export function readGroups(answer: unknown): GroupsPage {
  const root = asObject(answer);
  const time = (value: unknown): number | null => asNumber(value) || null;
  return {
    total: asNumber(root['total']) ?? 0,
    found: asNumber(root['found']) ?? 0,
    counts: new Map(Object.entries(asObject(root['counts'])).map(([name, count]) => [readState(name), asNumber(count) ?? 0])),
    groups: asList(root['groups']).map((value) => {
      const one = asObject(value);
      return { name: asText(one['name']), state: readState(one['status']), since_s: time(one['since']), triggered_s: time(one['last_triggered_ts']), value: asNumber(one['value']) };
    }),
    left_out: asNumber(root['left_out']) ?? 0,
  };
}

// What a monitor would have done over stored history. Asked for in pieces: `resume` goes back as it came.
export interface Trial {
  complete: boolean;
  evaluated_to_s: number | null;
  evaluations: number;
  failed: number;
  groups: { group: string; triggered: number; alert_s: number; warn_s: number; no_data_s: number }[];
  transitions: Transition[];
  groups_total: number;
  left_out: number; // groups and transitions that are not listed
  warnings: string[];
  resume: unknown;
}

export function readTrial(answer: unknown): Trial {
  const root = asObject(answer);
  const number = (name: string): number => asNumber(root[name]) ?? 0;
  const groups = asList(root['groups']).map((value) => {
    const one = asObject(value);
    const amount = (name: string): number => asNumber(one[name]) ?? 0;
    const group = asText(one['group']) || '*';
    return {
      group, triggered: amount('triggered'), alert_s: amount('alert_s'), warn_s: amount('warn_s'), no_data_s: amount('no_data_s'),
      transitions: asList(one['transitions']).flatMap((entry) => readTransition(entry, group) ?? []),
    };
  });
  return {
    complete: root['complete'] !== false,
    evaluated_to_s: asNumber(root['evaluated_to']),
    evaluations: number('evaluations'),
    failed: number('evaluations_failed'),
    groups: groups.map(({ transitions: _transitions, ...one }) => one),
    transitions: groups.flatMap((one) => one.transitions),
    groups_total: number('groups_total'),
    left_out: number('groups_left_out') + number('transitions_left_out'),
    warnings: asTexts(root['warnings']),
    resume: root['resume'] ?? null,
  };
}

// Two pieces of one trial.
export function joinTrials(first: Trial | null, next: Trial): Trial {
  if (!first) return next;
  const groups = new Map(first.groups.map((one) => [one.group, { ...one }]));
  for (const one of next.groups) {
    const known = groups.get(one.group);
    if (!known) groups.set(one.group, { ...one });
    else {
      known.triggered += one.triggered;
      known.alert_s += one.alert_s;
      known.warn_s += one.warn_s;
      known.no_data_s += one.no_data_s;
    }
  }
  return {
    ...next,
    evaluations: first.evaluations + next.evaluations,
    failed: first.failed + next.failed,
    groups: [...groups.values()],
    transitions: [...first.transitions, ...next.transitions],
    groups_total: Math.max(first.groups_total, next.groups_total),
    left_out: first.left_out + next.left_out,
    warnings: next.warnings,
  };
}

export interface HandleUse {
  handle: string;
  kind: string;
  known: boolean;
  note: string;
}

export interface Preview {
  title: string;
  text: string;
  cut: boolean;
  handles: HandleUse[];
  others: HandleUse[]; // of branches that this sample does not take
}

export function readPreview(answer: unknown): Preview {
  const root = asObject(answer);
  const uses = (value: unknown): HandleUse[] =>
    asList(value).map((entry) => {
      const one = asObject(entry);
      return { handle: asText(one['handle']), kind: asText(one['kind']), known: one['known'] === true, note: asText(one['note']) };
    });
  return { title: asText(root['title']), text: asText(root['text']), cut: root['cut'] === true, handles: uses(root['handles']), others: uses(root['other_handles']) };
}

// Texts of a message are escaped for receivers that read HTML; here they are text nodes.
export function unescapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };
  return text.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (whole, name: string) => names[name] ?? whole);
}

// The handle that is being typed at the cursor: "@inc" → its range. Null elsewhere.
export function handleSpot(text: string, cursor: number): { start: number; end: number; prefix: string } | null {
  const before = /(^|[^\w@])@([\w.-]{0,100})$/.exec(text.slice(0, cursor));
  if (!before) return null;
  const prefix = before[2] ?? '';
  const after = /^[\w.-]*/.exec(text.slice(cursor))?.[0] ?? '';
  return { start: cursor - prefix.length - 1, end: cursor + after.length, prefix };
}
