// What the explorer shows is a pure function of its URL, so a link is a shared view and Back works.
import { parseRange, writeRange, type TimeRange } from './time_range';

export interface QueryState {
  query: string;
  range: TimeRange;
}

// Longer queries are refused by the server; a link must not be able to make the page hold megabytes.
export const kQueryCharsMax = 8000;

export function readQueryState(search: string): QueryState {
  const params = new URLSearchParams(search);
  return { query: (params.get('q') ?? '').slice(0, kQueryCharsMax), range: parseRange(params) };
}

// Returns `?q=…&range=…`, or '' when everything is at its default and there is no query.
export function writeQueryState(state: QueryState): string {
  const params = new URLSearchParams();
  const query = state.query.trim();
  if (query !== '') params.set('q', query);
  writeRange(params, state.range);
  if (query === '' && params.get('range') === '1h') return '';
  return `?${params.toString()}`;
}
