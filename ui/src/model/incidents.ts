// Incidents as the pages show them, read from Datadog's incident objects (`fields` holds most of what matters).
import type { IncidentData, IncidentField, IncidentsAnswer } from '../api/types';
import { readTime } from './format';

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
  fields: Record<string, string[]>;
}

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
    fields,
  };
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
  return sortIncidents((answer?.data ?? []).map(readIncident).filter((incident) => incident.open));
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

// The body of PATCH /api/v2/incidents/{id} that ends an incident.
export function resolveBody(id: string): unknown {
  return {
    data: { id, type: 'incidents', attributes: { fields: { state: { type: 'dropdown', value: 'resolved' } } } },
  };
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
