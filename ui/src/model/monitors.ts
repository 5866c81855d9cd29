// Monitors and their group states in the order a person wants them: trouble first, newest trouble first.
import type { Monitor, MonitorGroup } from '../api/types';
import { readTime } from './format';

export type State = 'Alert' | 'Warn' | 'No Data' | 'Unknown' | 'OK' | 'Skipped' | 'Ignored';

export const kStates: readonly State[] = ['Alert', 'Warn', 'No Data', 'Unknown', 'OK', 'Skipped', 'Ignored'];

export function readState(value: unknown): State {
  const text = String(value ?? '').toLowerCase();
  return kStates.find((state) => state.toLowerCase() === text) ?? 'Unknown';
}

export interface GroupRow {
  name: string;
  state: State;
  changed_s: number | null; // when it entered its state, as far as the API tells
  triggered_s: number | null;
  resolved_s: number | null;
  value: number | null;
}

export function groupRows(monitor: Monitor): GroupRow[] {
  const rows = Object.entries(monitor.state?.groups ?? {}).map(([key, group]) => groupRow(key, group));
  return rows.sort(compareGroups);
}

function groupRow(key: string, group: MonitorGroup): GroupRow {
  const state = readState(group.status);
  const triggered_s = readTime(group.last_triggered_ts);
  const resolved_s = readTime(group.last_resolved_ts);
  const nodata_s = readTime(group.last_nodata_ts);
  const changed_s =
    state === 'Alert' || state === 'Warn' ? triggered_s : state === 'No Data' ? nodata_s : resolved_s;
  const value = group.last_value ?? group.value;
  return {
    name: group.name ?? key,
    state,
    changed_s,
    triggered_s,
    resolved_s,
    value: typeof value === 'number' ? value : null,
  };
}

function compareGroups(a: GroupRow, b: GroupRow): number {
  const severity = kStates.indexOf(a.state) - kStates.indexOf(b.state);
  if (severity !== 0) return severity;
  const newest = (b.changed_s ?? 0) - (a.changed_s ?? 0);
  return newest !== 0 ? newest : a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

// What the list says of a monitor's groups. The server counts them; one that does not has sent the groups.
export interface GroupSummary {
  total: number;
  alert: number;
  warn: number;
  first: string; // the worst group; empty: none is in trouble
  leftOut: number;
}

export function groupSummary(monitor: Monitor): GroupSummary {
  const counted = monitor.group_counts;
  if (counted !== undefined) {
    const total = Object.values(counted).reduce((sum, count) => sum + count, 0);
    return {
      total,
      alert: counted['Alert'] ?? 0,
      warn: counted['Warn'] ?? 0,
      first: monitor.worst_group ?? '',
      leftOut: monitor.groups_left_out ?? 0,
    };
  }
  const rows = groupRows(monitor);
  const trouble = rows.filter((row) => row.state === 'Alert' || row.state === 'Warn');
  const alert = trouble.filter((row) => row.state === 'Alert').length;
  return { total: rows.length, alert, warn: trouble.length - alert, first: trouble[0]?.name ?? '', leftOut: 0 };
}

export function filterGroups(rows: readonly GroupRow[], text: string, state: State | null): GroupRow[] {
  const needle = text.trim().toLowerCase();
  return rows.filter(
    (row) => (state === null || row.state === state) && (needle === '' || row.name.toLowerCase().includes(needle)),
  );
}

export function countStates(states: Iterable<State>): Map<State, number> {
  const counts = new Map<State, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

// When the monitor or any of its groups last changed state; null if it never did.
export function lastChange(monitor: Monitor): number | null {
  // A server that does not track it repeats the time of the last edit there.
  const edited = monitor.overall_state_modified === monitor.modified;
  let latest = edited ? null : readTime(monitor.overall_state_modified);
  const said = readTime(monitor.groups_changed_ts);
  if (said !== null && said > 0 && (latest === null || said > latest)) latest = said;
  for (const group of Object.values(monitor.state?.groups ?? {})) {
    for (const value of [group.last_triggered_ts, group.last_resolved_ts, group.last_nodata_ts]) {
      const time = readTime(value);
      if (time !== null && (latest === null || time > latest)) latest = time;
    }
  }
  return latest;
}

export function compareMonitors(a: Monitor, b: Monitor): number {
  const severity = kStates.indexOf(readState(a.overall_state)) - kStates.indexOf(readState(b.overall_state));
  if (severity !== 0) return severity;
  return (a.name ?? '').localeCompare(b.name ?? '');
}

export function pageOf<T>(rows: readonly T[], page: number, size: number): { rows: T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const at = Math.min(Math.max(0, page), pages - 1);
  return { rows: rows.slice(at * size, (at + 1) * size), page: at, pages };
}
