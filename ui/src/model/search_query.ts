// The search bar's text: adding and removing facets without understanding the whole grammar, which stays in the server.
// A term counts as present only when it stands at the top level by itself (`service:web`, `-env:dev`, `@x:"a b"`).

export interface Term {
  text: string;
  start: number;
  end: number;
  negated: boolean;
  key: string; // as written, with its @; '' for free text
  value: string; // unquoted
}

export function topLevelTerms(query: string): Term[] {
  const terms: Term[] = [];
  let depth = 0;
  for (let i = 0; i < query.length; ) {
    const c = query[i] ?? '';
    if (/\s/.test(c)) {
      i++;
    } else if (c === '(') {
      depth++;
      i++;
    } else if (c === ')') {
      depth = Math.max(0, depth - 1);
      i++;
    } else {
      const end = termEnd(query, i);
      if (depth === 0) terms.push(readTerm(query.slice(i, end), i, end));
      i = Math.max(end, i + 1);
    }
  }
  return terms;
}

// Past a word with the quotes, brackets and parentheses that belong to it: `key:(a OR b)`, `@n:[1 TO 5]`, `"a b"`.
function termEnd(query: string, start: number): number {
  let round = 0;
  let square = 0;
  for (let i = start; i < query.length; i++) {
    const c = query[i] ?? '';
    if (c === '\\') i++;
    else if (c === '"') {
      i++;
      while (i < query.length && query[i] !== '"') i += query[i] === '\\' ? 2 : 1;
    } else if (c === '[' || c === '{') square++;
    else if (c === ']' || c === '}') square--;
    else if (c === '(') round++;
    else if (c === ')') {
      if (round === 0) return i;
      round--;
    } else if (/\s/.test(c) && round <= 0 && square <= 0) return i;
  }
  return query.length;
}

function readTerm(text: string, start: number, end: number): Term {
  const negated = text.startsWith('-') && text.length > 1;
  const body = negated ? text.slice(1) : text;
  const match = /^(@?[A-Za-z_][\w.\-/]*):([\s\S]*)$/.exec(body);
  return { text, start, end, negated, key: match?.[1] ?? '', value: unquote(match?.[2] ?? body) };
}

export function unquote(text: string): string {
  const inner = /^"([\s\S]*)"$/.exec(text)?.[1] ?? text;
  return inner.replace(/\\([\s\S])/g, '$1');
}

// Quoted whenever the value holds anything that could mean something to the grammar.
export function quoteValue(value: string): string {
  if (/^[A-Za-z0-9_][\w.\-/]*$/.test(value) && !/^(AND|OR|NOT|TO)$/.test(value)) return value;
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}

export function hasTerm(query: string, key: string, value: string, negated = false): boolean {
  return topLevelTerms(query).some((term) => term.key === key && term.value === value && term.negated === negated);
}

// Adds the term, or takes it away when it is there; its opposite goes either way.
export function toggleTerm(query: string, key: string, value: string, negated = false): string {
  const same = topLevelTerms(query).filter((term) => term.key === key && term.value === value);
  let rest = query.trim();
  for (let at = find(rest, key, value); at; at = find(rest, key, value)) rest = without(rest, at);
  if (same.some((term) => term.negated === negated)) return rest;
  const term = `${negated ? '-' : ''}${key}:${quoteValue(value)}`;
  if (rest === '') return term;
  // `a OR b term` would bind differently: what was there stays together.
  return /(?:^|\s)OR(?:\s|$)/.test(withoutGroups(rest)) ? `(${rest}) ${term}` : `${rest} ${term}`;
}

function find(query: string, key: string, value: string): Term | undefined {
  return topLevelTerms(query).find((term) => term.key === key && term.value === value);
}

// An operator that lost one of its sides would be an error of ours.
function without(query: string, term: Term): string {
  let left = query.slice(0, term.start).trimEnd().replace(/(^|[\s(])NOT$/, '$1').trimEnd();
  let right = query.slice(term.end).trimStart();
  if (right === '' || /^(AND|OR)\s/.test(right)) left = left.replace(/(^|\s)(AND|OR)$/, '').trimEnd();
  if (left === '') right = right.replace(/^(AND|OR)\s+/, '');
  return `${left} ${right}`.trim();
}

function withoutGroups(query: string): string {
  return topLevelTerms(query).map((term) => (term.key === '' && !term.text.startsWith('"') ? term.text : 'x')).join(' ');
}

export interface SearchSpot {
  start: number;
  end: number;
  prefix: string; // what is typed of the word
}

// The word at the cursor, for completion; null inside quotes.
export function searchSpot(query: string, cursor: number): SearchSpot | null {
  const before = query.slice(0, cursor);
  if ((before.replace(/\\./g, '').match(/"/g) ?? []).length % 2 === 1) return null;
  let start = cursor;
  while (start > 0 && !/[\s()]/.test(query[start - 1] ?? '')) start--;
  if (query[start] === '-') start++;
  let end = cursor;
  while (end < query.length && !/[\s()]/.test(query[end] ?? '')) end++;
  return start > cursor ? null : { start, end, prefix: query.slice(start, cursor) };
}

export interface FacetValues {
  key: string;
  values: readonly { value: string; count: number }[];
}

// What could stand at the spot: keys before the colon, values after it.
export function suggestTerms(spot: SearchSpot, facets: readonly FacetValues[], keys: readonly string[], max = 12): string[] {
  const colon = spot.prefix.indexOf(':');
  if (colon < 0) {
    const typed = spot.prefix.toLowerCase();
    return [...new Set([...facets.map((facet) => facet.key), ...keys])]
      .filter((key) => key.toLowerCase().startsWith(typed) || key.toLowerCase().startsWith(`@${typed}`))
      .map((key) => `${key}:`)
      .slice(0, max);
  }
  const key = spot.prefix.slice(0, colon);
  const typed = spot.prefix.slice(colon + 1).toLowerCase();
  const facet = facets.find((one) => one.key === key);
  if (!facet) return [];
  const values = facet.values.map((one) => one.value).filter((value) => value.toLowerCase().includes(typed));
  return values.map((value) => `${key}:${quoteValue(value)}`).slice(0, max);
}
