// Cases as the pages show them, read from Datadog's case objects.
import { readTime } from './format';
import { asNumber, asObject, asText, asTexts, listIn, type Json } from './json';

export const kCaseStatuses = ['OPEN', 'IN_PROGRESS', 'CLOSED'] as const;
export const kCasePriorities = ['P1', 'P2', 'P3', 'P4', 'P5', 'NOT_DEFINED'] as const;
export const kCaseType = '00000000-0000-0000-0000-000000000001';
export const kCasesPageSize = 50;

export interface Case {
  id: string;
  key: string;
  title: string;
  description: string;
  status: string;
  priority: string;
  assignee: string; // empty: nobody
  author: string; // empty: a monitor
  attributed: string;
  services: string[];
  monitor_id: string | null;
  incident_id: string; // empty: none
  created_s: number | null;
  closed_s: number | null;
  archived: boolean;
}

export function readCase(raw: unknown): Case | null {
  const data = asObject(raw);
  const id = asText(data['id']);
  if (id === '') return null;
  const a = asObject(data['attributes']);
  const more = asObject(a['attributes']);
  const monitor = asNumber(a['monitor_id']);
  return {
    id,
    key: asText(a['key']) || id,
    title: asText(a['title']) || 'Untitled case',
    description: asText(a['description']),
    status: asText(a['status']) || 'OPEN',
    priority: asText(a['priority']) || 'NOT_DEFINED',
    assignee: related(data, 'assignee'),
    author: related(data, 'created_by'),
    attributed: asTexts(more['attributed_to'])[0] ?? '',
    services: asTexts(more['service']),
    monitor_id: monitor === null ? null : String(monitor),
    incident_id: asText(a['incident_id']),
    created_s: readTime(a['created_at']),
    closed_s: readTime(a['closed_at']),
    archived: readTime(a['archived_at']) !== null,
  };
}

function related(data: Json, name: string): string {
  return asText(asObject(asObject(asObject(data['relationships'])[name])['data'])['id']);
}

export function readCases(answer: unknown): { cases: Case[]; total: number } {
  const cases = listIn(answer, 'data').flatMap((raw) => readCase(raw) ?? []);
  const total = asNumber(asObject(asObject(asObject(answer)['meta'])['page'])['total']);
  return { cases, total: total ?? cases.length };
}

export interface CaseSearch {
  status: string;
  priority: string;
  text: string;
  archived: boolean;
}

export function casesPath(search: CaseSearch, page: number): string {
  const words: string[] = [];
  if (search.status !== '') words.push(`status:${search.status}`);
  if (search.priority !== '') words.push(`priority:${search.priority}`);
  if (search.archived) words.push('archived:true');
  if (search.text !== '') words.push(`title:"${search.text.replaceAll('"', ' ').trim()}"`);
  const params = new URLSearchParams({ filter: words.join(' '), 'page[size]': String(kCasesPageSize), 'page[number]': String(page) });
  return `/api/v2/cases?${params.toString()}`;
}

export const priorityText = (priority: string): string => (priority === 'NOT_DEFINED' ? 'P –' : priority);
export const statusText = (status: string): string =>
  ({ OPEN: 'Open', IN_PROGRESS: 'In progress', CLOSED: 'Closed' })[status] ?? status;

export const caseBody = (attributes: Json): unknown => ({ data: { type: 'case', attributes } });
