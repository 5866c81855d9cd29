// Metric-name completion: what is being typed at the cursor, and the text after a suggestion is taken. The query
// language's grammar stays in the server; here is only enough to tell a metric name from a scope, a tag or a function.

export interface CompletionSpot {
  start: number; // half-open range of the name being typed, in string indices
  end: number;
  prefix: string; // the part before the cursor; may be empty
}

const kNameCharacter = /[A-Za-z0-9_.]/;

// Null inside braces, strings, numbers and after the dot of a modifier, where a metric name cannot stand.
export function completionSpot(query: string, cursor: number): CompletionSpot | null {
  if (insideBracesOrQuotes(query, cursor)) return null;
  let start = cursor;
  while (start > 0 && kNameCharacter.test(query[start - 1] ?? '')) start--;
  let end = cursor;
  while (end < query.length && kNameCharacter.test(query[end] ?? '')) end++;
  const prefix = query.slice(start, cursor);
  if (/^[\d.]/.test(prefix)) return null; // a number, or a modifier such as `.as_count`
  const before = query.slice(0, start).trimEnd();
  if (before.endsWith('}') || before.endsWith(')')) return null; // `by`, not a name
  if (query[end] === '(' || query[end] === ':') return null; // a function or an aggregator
  return { start, end, prefix };
}

// Put `metric` in place of what is typed. A bare name gets an aggregator and a scope, so the result runs as it is.
export function applyCompletion(
  query: string,
  spot: CompletionSpot,
  metric: string,
): { query: string; cursor: number } {
  const before = query.slice(0, spot.start);
  const after = query.slice(spot.end);
  const aggregator = /:\s*$/.test(before) ? '' : 'avg:';
  const scope = after.trimStart().startsWith('{') ? '' : '{*}';
  const inserted = aggregator + metric + scope;
  return { query: before + inserted + after, cursor: before.length + inserted.length };
}

function insideBracesOrQuotes(query: string, cursor: number): boolean {
  let depth = 0;
  let quote = '';
  for (const c of query.slice(0, cursor)) {
    if (quote !== '') {
      if (c === quote) quote = '';
    } else if (c === '"' || c === "'") {
      quote = c;
    } else if (c === '{') {
      depth++;
    } else if (c === '}') {
      depth = Math.max(0, depth - 1);
    }
  }
  return depth > 0 || quote !== '';
}
