// Reading answers leniently: a missing or strange field is a default, never a crash.
export type Json = Record<string, unknown>;

export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return '';
}

// Finite numbers, also when they came as text; null for everything else.
export function asNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string' && value.trim() !== '') {
    const number = Number(value);
    return Number.isFinite(number) ? number : null;
  }
  return null;
}

// Counts, money and scores, where the server writes −1 for "nobody said".
export function asAmount(value: unknown): number | null {
  const number = asNumber(value);
  return number === null || number < 0 ? null : number;
}

export function asTexts(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return asList(value).map(asText).filter((text) => text !== '');
}

// JSON that may have been sent as text: the value inside, or the text when it is none.
export function parsedJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const trimmed = value.trim();
  if (!/^[[{"]/.test(trimmed)) return value;
  try {
    return JSON.parse(trimmed) as unknown;
  } catch {
    return value;
  }
}

// The list of an answer, under whichever of the names it comes.
export function listIn(answer: unknown, ...names: string[]): unknown[] {
  if (Array.isArray(answer)) return answer;
  const root = asObject(answer);
  for (const name of [...names, 'data', 'items']) if (Array.isArray(root[name])) return root[name] as unknown[];
  return [];
}
