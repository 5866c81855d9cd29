// Scores of an LLM span as a person judges them. The limits are those of the rules that ship with Godseye.
import { asAmount, type Json } from './json';
import type { Tokens } from './span';

export type Tone = 'bad' | 'warn' | 'good' | 'none';

export interface Score {
  key: string;
  label: string;
  text: string; // the number
  verdict: string; // in a word; '' when there is nothing to say
  tone: Tone;
  fraction: number | null; // for a bar from 0 to 1
}

interface Scale {
  label: string;
  judge: (value: number) => [verdict: string, tone: Tone];
  whole?: boolean; // a count, not a fraction
}

const kScales: Readonly<Record<string, Scale>> = {
  injection: {
    label: 'Prompt injection',
    judge: (v) => (v > 0.7 ? ['refused', 'bad'] : v >= 0.4 ? ['suspicious', 'warn'] : ['harmless', 'good']),
  },
  quality: { label: 'Quality', judge: (v) => (v < 0.6 ? ['poor', 'bad'] : v < 0.75 ? ['fair', 'warn'] : ['good', 'good']) },
  toxicity: { label: 'Toxicity', judge: (v) => (v > 0.7 ? ['toxic', 'bad'] : v >= 0.4 ? ['rough', 'warn'] : ['clean', 'good']) },
  similarity: { label: 'Similarity', judge: () => ['', 'none'] },
  ungrounded: { label: 'Ungrounded', judge: (v) => (v > 0 ? ['not backed by its sources', 'bad'] : ['grounded', 'good']) },
  pii_count: { label: 'Personal data', judge: (v) => (v > 0 ? ['found', 'warn'] : ['none', 'good']), whole: true },
  recommended_products: { label: 'Products recommended', judge: () => ['', 'none'], whole: true },
  invalid_products: { label: 'Products that do not exist', judge: (v) => (v > 0 ? ['invented', 'bad'] : ['none', 'good']), whole: true },
};

const kKeys = Object.keys(kScales);

// Known scores first in a fixed order, then whatever else was sent.
export function readScores(raw: Json): Score[] {
  const found = new Map<string, number>();
  for (const [name, value] of Object.entries(raw)) {
    const amount = value === true ? 1 : value === false ? 0 : asAmount(value);
    if (amount !== null && name !== 'reasons') found.set(name.replace(/_score$/, ''), amount);
  }
  const names = [...found.keys()].sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1));
  return names.map((key) => scoreOf(key, found.get(key) ?? 0));
}

function order(key: string): number {
  const at = kKeys.indexOf(key);
  return at < 0 ? kKeys.length : at;
}

export function scoreOf(key: string, value: number): Score {
  const scale = kScales[key];
  const [verdict, tone] = scale?.judge(value) ?? ['', 'none'];
  const whole = scale?.whole === true || value > 1;
  return {
    key,
    label: scale?.label ?? key.replace(/_/g, ' '),
    text: whole ? String(value) : value.toFixed(2),
    verdict,
    tone,
    fraction: whole ? null : value,
  };
}

export interface TokenRow {
  label: string;
  tokens: number;
  note: string;
}

// Classes that do not overlap, so that they add up: cached tokens are part of the reported input, reasoning of the output.
export function tokenRows(tokens: Tokens): TokenRow[] {
  const rows: TokenRow[] = [];
  const { input, output, cache_read, cache_write, cache_write_1h, reasoning } = tokens;
  const cached = (cache_read ?? 0) + (cache_write ?? 0);
  if (input !== null) {
    const uncached = Math.max(0, input - cached);
    rows.push({ label: cached > 0 ? 'Input, not cached' : 'Input', tokens: uncached, note: '' });
  }
  if (cache_read !== null && cache_read > 0) rows.push({ label: 'Input, read from cache', tokens: cache_read, note: '' });
  if (cache_write !== null && cache_write > 0) {
    const note = cache_write_1h ? `${cache_write_1h} of them for an hour` : '';
    rows.push({ label: 'Input, written to cache', tokens: cache_write, note });
  }
  if (output !== null) {
    const thought = Math.min(reasoning ?? 0, output);
    rows.push({ label: thought > 0 ? 'Output, answer' : 'Output', tokens: output - thought, note: '' });
    if (thought > 0) rows.push({ label: 'Output, reasoning', tokens: thought, note: '' });
  }
  return rows;
}

export function totalTokens(tokens: Tokens): number | null {
  if (tokens.total !== null) return tokens.total;
  return tokens.input === null && tokens.output === null ? null : (tokens.input ?? 0) + (tokens.output ?? 0);
}

// What stands behind a cost.
export function priceText(price: string, model: string): string {
  if (price === '') return 'no tokens were reported';
  if (price === 'reported') return 'as the application reported it';
  if (price === 'unknown') return `unknown: no price for ${model === '' ? 'this model' : model}`;
  return `price ${price}`;
}
