// Incidents as the pages show them, read from Datadog's incident objects (`fields` holds most of what matters).
import type { IncidentData, IncidentField, IncidentsAnswer } from '../api/types';
import { readTime } from './format';
import { asObject, asText } from './json';

// Everything a page of incidents needs; open ones come first in practice because new ones do.
export const kIncidentsPageSize = 100;
export const kIncidentsPath = `/api/v2/incidents?page[size]=${kIncidentsPageSize}&page[offset]=0`;

export interface Incident {
  id: string;
  number: number | null;
  title: string;
  state: string; // active, stable, resolved, completed
  severity: string; // SEV-1 … SEV-5, UNKNOWN
  attributed: string[]; // "session_id:mallory-77", one per tag of the group
  monitor_id: string | null; // of the monitor that opened it
  opened_s: number | null;
  resolved_s: number | null;
  open: boolean;
  commander: string; // empty: nobody
  author: string; // who opened it; empty: a monitor
  services: string[];
  runbook: string; // an address as text; empty: none
  impacted: boolean;
  impact: string; // what customers felt
  fields: Record<string, string[]>;
}

export const kStates = ['active', 'stable', 'resolved', 'completed'] as const;
export const kSeverities = ['SEV-1', 'SEV-2', 'SEV-3', 'SEV-4', 'SEV-5', 'UNKNOWN'] as const;

export function readIncident(data: IncidentData): Incident {
  const a = data.attributes ?? {};
  const fields: Record<string, string[]> = {};
  for (const [name, field] of Object.entries(a.fields ?? {})) fields[name] = fieldValues(field);
  const state = (a.state ?? fields['state']?.[0] ?? 'active').toLowerCase();
  const resolved_s = readTime(a.resolved);
  return {
    id: data.id,
    number: typeof a.public_id === 'number' ? a.public_id : null,
    title: a.title ?? 'Untitled incident',
    state,
    severity: a.severity ?? fields['severity']?.[0] ?? 'UNKNOWN',
    attributed: (fields['attributed_to'] ?? []).flatMap(splitGroup),
    monitor_id: monitorOf(a, fields),
    opened_s: readTime(a.created) ?? readTime(a.declared) ?? readTime(a.detected),
    resolved_s,
    open: state !== 'resolved' && state !== 'completed',
    commander: relatedId(data, 'commander_user'),
    author: relatedId(data, 'created_by_user'),
    services: fields['services'] ?? [],
    runbook: fields['runbook']?.[0] ?? '',
    impacted: a.customer_impacted === true,
    impact: a.customer_impact_scope ?? '',
    fields,
  };
}

function relatedId(data: IncidentData, name: string): string {
  return asText(asObject(asObject(asObject(data.relationships)[name])['data'])['id']);
}

// "service:chatbot,model:x" → its tags; a comma inside a value stays where it is.
function splitGroup(group: string): string[] {
  return group.split(/,(?=[A-Za-z_][\w.-]*:)/);
}

function monitorOf(attributes: Record<string, unknown>, fields: Record<string, string[]>): string | null {
  const candidates = [attributes['monitor_id'], fields['monitor_id']?.[0], fields['monitor']?.[0]];
  const found = candidates.map((value) => String(value ?? '')).find((value) => /^[1-9]\d{0,18}$/.test(value));
  return found ?? null;
}

// One name may hold several values, as a list or as one comma-separated text.
function fieldValues(field: IncidentField | undefined): string[] {
  const value = field?.value;
  if (Array.isArray(value)) return value.map(String).filter((text) => text !== '');
  return typeof value === 'string' && value !== '' ? [value] : [];
}

export function openIncidents(answer: IncidentsAnswer | null): Incident[] {
  return sortIncidents(listedIncidents(answer).map(readIncident).filter((incident) => incident.open));
}

// Worst first, then newest first: what a woken person should look at is on top.
export function sortIncidents(incidents: Incident[]): Incident[] {
  return [...incidents].sort((a, b) => {
    if (a.open !== b.open) return a.open ? -1 : 1;
    if (a.open) {
      const severity = severityRank(a.severity) - severityRank(b.severity);
      if (severity !== 0) return severity;
    }
    return (b.opened_s ?? 0) - (a.opened_s ?? 0);
  });
}

export function severityRank(severity: string): number {
  const match = /^SEV-(\d)$/.exec(severity);
  return match ? Number(match[1]) : 9;
}

export function durationOf(incident: Incident, now_s: number): number | null {
  if (incident.opened_s === null) return null;
  return Math.max(0, (incident.open ? now_s : (incident.resolved_s ?? now_s)) - incident.opened_s);
}

// The body of PATCH /api/v2/incidents/{id}.
export interface IncidentChange {
  state?: string;
  severity?: string;
  commander?: string; // empty: nobody
  impact?: { impacted: boolean; scope: string };
}

export function changeBody(id: string, change: IncidentChange): unknown {
  const fields: Record<string, unknown> = {};
  if (change.state !== undefined) fields['state'] = { type: 'dropdown', value: change.state };
  if (change.severity !== undefined) fields['severity'] = { type: 'dropdown', value: change.severity };
  const impact = change.impact && { customer_impacted: change.impact.impacted, customer_impact_scope: change.impact.scope };
  const commander =
    change.commander === undefined
      ? {}
      : { relationships: { commander_user: { data: change.commander === '' ? null : { id: change.commander, type: 'users' } } } };
  return { data: { id, type: 'incidents', attributes: { fields, ...impact }, ...commander } };
}

// The list narrowed by the server; without a filter it is the plain list.
export interface IncidentSearch {
  severity: string;
  service: string;
  text: string;
}

export function incidentsPath(search: IncidentSearch, offset: number): string {
  const words: string[] = [];
  if (search.severity !== '') words.push(`severity:${search.severity}`);
  if (search.service !== '') words.push(`service:${quoted(search.service)}`);
  if (search.text !== '') words.push(`title:${quoted(search.text)}`);
  const page = `page[size]=${kIncidentsPageSize}&page[offset]=${offset}`;
  if (words.length === 0) return `/api/v2/incidents?${page}`;
  return `/api/v2/incidents/search?query=${encodeURIComponent(words.join(' '))}&${page}`;
}

// A quotation mark cannot be asked for; what is left still narrows.
const quoted = (text: string): string => `"${text.replaceAll('"', ' ').trim()}"`;

// Of the list and of the search alike.
export function listedIncidents(answer: IncidentsAnswer | null): IncidentData[] {
  const data = answer?.data;
  if (Array.isArray(data)) return data;
  const found = data?.attributes?.incidents;
  return Array.isArray(found) ? found.flatMap((one) => (one.data ? [one.data] : [])) : [];
}

export interface Summary {
  what: string;
  why: string;
  next: string;
}

// The field `summary` of an incident that a monitor opened: paragraphs "What: …", "Why: …", "Next: …". Any other text
// is all "what". Only the first mark of each kind counts, in this order: what follows "Next:" is the monitor's message,
// which may hold anything.
export function splitSummary(text: string): Summary {
  if (!text.startsWith('What: ')) return { what: text, why: '', next: '' };
  const why = text.indexOf('\n\nWhy: ');
  const next = text.indexOf('\n\nNext: ', Math.max(why, 0));
  const end = text.length;
  return {
    what: text.slice(6, why >= 0 ? why : next >= 0 ? next : end),
    why: why >= 0 ? text.slice(why + 7, next >= 0 ? next : end) : '',
    next: next >= 0 ? text.slice(next + 8) : '',
  };
}
