// Addresses of the trace pages and of what they ask the server. Ids of sessions and users go into the query string: they
// are free text, may hold slashes and dots, and as part of a path they could mean another page.
import { kQueryCharsMax } from './query_state';
import { parseRange, resolveRange, writeRange, type TimeRange } from './time_range';

export interface SearchState {
  query: string;
  range: TimeRange;
}

export function readSearchState(search: string): SearchState {
  const params = new URLSearchParams(search);
  return { query: (params.get('q') ?? '').slice(0, kQueryCharsMax), range: parseRange(params) };
}

export function pagePath(page: string, state: Partial<SearchState>, extra: Record<string, string> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(extra)) if (value !== '') params.set(name, value);
  const query = (state.query ?? '').trim();
  if (query !== '') params.set('q', query);
  if (state.range && !(state.range.kind === 'last' && state.range.seconds === 3600)) writeRange(params, state.range);
  const text = params.toString();
  return `${page}${text === '' ? '' : `?${text}`}`;
}

export const tracePath = (trace_id: string, span_id = ''): string =>
  pagePath(`/traces/${encodeURIComponent(trace_id)}`, {}, { span: span_id });
export const sessionPath = (id: string): string => pagePath('/sessions', {}, { id });
export const userPath = (id: string): string => pagePath('/users', {}, { id });

// Where `session_id:x` or `user_id:y` leads, as monitors and incidents name whom they are about; null for other tags, and
// for several at once.
export function attributionPath(tag: string): string | null {
  const colon = tag.indexOf(':');
  const id = tag.slice(colon + 1);
  if (id === '' || /,\w+:/.test(id)) return null;
  return tag.startsWith('session_id:') ? sessionPath(id) : tag.startsWith('user_id:') ? userPath(id) : null;
}

// `/api/godseye/v1/<what>` with the search, the range in whole seconds and further parameters.
export function apiPath(what: string, state: SearchState, extra: Record<string, string> = {}, now_s = Date.now() / 1000): string {
  const { from_s, to_s } = resolveRange(state.range, now_s);
  // A range that moves ends a little ahead: spans of this very second belong to it.
  const end_s = state.range.kind === 'last' ? Math.ceil(to_s) + 5 : to_s;
  const params = new URLSearchParams({ query: state.query.trim(), from: String(Math.floor(from_s)), to: String(end_s) });
  for (const [name, value] of Object.entries(extra)) if (value !== '') params.set(name, value);
  return `/api/godseye/v1/${what}?${params.toString()}`;
}

// An id as one segment of an API path. `.` and `..` cannot be sent as a segment: a browser would resolve them.
export function idSegment(id: string): string {
  return encodeURIComponent(id);
}

export const callPath = (call_id: string): string => `/gateway/${encodeURIComponent(call_id)}`;
export const callsPath = (query = ''): string => pagePath('/gateway', { query });
