// A session's LLM spans as a conversation. Every call carries the whole history, so a turn shows only what is new: the
// last thing the user said, what was answered, and what was done in between.
import { asText, asTexts, type Json } from './json';
import { readIo, type ChatMessage, type Document, type Io } from './llm_io';
import { readScores, totalTokens, type Score, type Tone } from './scores';
import { spanTitle, type Span } from './span';

export interface Step {
  span: Span;
  what: string; // kind and name
  documents: Document[];
}

export interface Detection {
  tone: Tone;
  text: string;
  reasons: string[];
  span: Span | null;
}

export interface Turn {
  key: string;
  trace_id: string;
  span_id: string; // of the call to look at
  start_ns: number;
  duration_ns: number;
  service: string;
  model: string;
  system: string; // the system prompt where it is not that of the turn before
  asked: ChatMessage | null;
  answered: ChatMessage[];
  steps: Step[];
  tokens: number | null; // of calls that count
  cost_usd: number | null;
  unpriced: number;
  scores: Score[]; // the worst of the turn's
  detections: Detection[];
}

// What the server found in the session, by the span it is about.
type Found = ReadonlyMap<string, readonly Detection[]>;

function spanKey(trace_id: string, span_id: string): string {
  return `${trace_id}/${span_id}`;
}

// As the answer for a session lists them; `span` is null where it is not among the turns.
export function readDetections(list: readonly Json[], spans: readonly Span[]): Detection[] {
  const known = new Map(spans.map((span) => [spanKey(span.trace_id, span.span_id), span]));
  return list.map((one) => ({
    tone: one['severity'] === 'warn' ? 'warn' : 'bad',
    text: asText(one['text']),
    reasons: asTexts(one['reasons']),
    span: known.get(spanKey(asText(one['trace_id']), asText(one['span_id']))) ?? null,
  }));
}

// Turns in order of their first span.
export function conversation(spans: readonly Span[], detections: readonly Detection[] = []): Turn[] {
  const found = new Map<string, Detection[]>();
  for (const one of detections) {
    if (!one.span) continue;
    const key = spanKey(one.span.trace_id, one.span.span_id);
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  const groups: Span[][] = [];
  const asked: string[] = []; // what the user last said in each group
  const open = new Map<string, number>(); // trace → its latest group
  for (const span of [...spans].sort((a, b) => a.start_ns - b.start_ns)) {
    const said = isCall(span) ? userText(readIo(span.llm?.input)) : '';
    const at = open.get(span.trace_id);
    if (at === undefined || (said !== '' && asked[at] !== '' && asked[at] !== said)) {
      open.set(span.trace_id, groups.length);
      groups.push([span]);
      asked.push(said);
    } else {
      groups[at]?.push(span);
      if (said !== '') asked[at] = said;
    }
  }
  let system = '';
  return groups.map((group) => {
    const turn = readTurn(group, system, found);
    if (turn.system !== '') system = turn.system;
    return turn;
  });
}

function isCall(span: Span): boolean {
  return span.llm !== null && (span.llm.kind === 'llm' || span.llm.kind === '');
}

function userText(io: Io): string {
  const message = [...io.messages].reverse().find((one) => one.role === 'user');
  return message ? textOf(message) : (io.value ?? '');
}

export function textOf(message: ChatMessage): string {
  return message.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('\n');
}

function readTurn(group: Span[], before: string, found: Found): Turn {
  const calls = group.filter(isCall);
  const first = calls[0] ?? group[0];
  const last = calls[calls.length - 1] ?? group[0];
  const input = readIo(first?.llm?.input);
  const output = readIo(last?.llm?.output);
  const system = input.messages
    .filter((message) => message.role === 'system' || message.role === 'developer')
    .map(textOf)
    .join('\n\n');
  const start_ns = Math.min(...group.map((span) => span.start_ns));
  const end_ns = Math.max(...group.map((span) => span.start_ns + span.duration_ns));
  const counted = group.filter((span) => span.llm?.counted);
  const scored = worstScores(group);
  return {
    key: `${first?.trace_id}/${first?.span_id}`,
    trace_id: first?.trace_id ?? '',
    span_id: last?.span_id ?? '',
    start_ns,
    duration_ns: end_ns - start_ns,
    service: first?.service ?? '',
    model: last?.llm?.response_model || last?.llm?.model || '',
    system: system === before ? '' : system,
    asked: lastUser(input),
    answered: answerOf(output, group[0]),
    steps: group.filter((span) => span !== first && span !== last).map(readStep),
    tokens: sum(counted.map((span) => (span.llm ? totalTokens(span.llm.tokens) : null))),
    cost_usd: sum(counted.map((span) => span.llm?.cost_usd ?? null)),
    unpriced: counted.filter((span) => span.llm?.price === 'unknown' && span.llm.cost_usd === null).length,
    scores: scored.map(({ score }) => score),
    detections: detectionsOf(group, found),
  };
}

function lastUser(io: Io): ChatMessage | null {
  const message = [...io.messages].reverse().find((one) => one.role === 'user');
  if (message) return message;
  const other = [...io.messages].reverse().find((one) => one.role !== 'system' && one.role !== 'developer');
  if (other) return other;
  return io.value === null || io.value === '' ? null : { role: 'user', parts: [{ kind: 'text', text: io.value }] };
}

function answerOf(output: Io, root: Span | undefined): ChatMessage[] {
  if (output.messages.length > 0) return output.messages;
  const value = output.value ?? (root ? readIo(root.llm?.output).value : null);
  return value === null || value === '' ? [] : [{ role: 'assistant', parts: [{ kind: 'text', text: value }] }];
}

function readStep(span: Span): Step {
  const kind = span.llm?.kind ?? '';
  return {
    span,
    what: [kind, spanTitle(span)].filter((text) => text !== '').join(' '),
    documents: kind === 'retrieval' ? readIo(span.llm?.output).documents : [],
  };
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

interface Worst {
  score: Score;
  span: Span;
}

const kLowIsBad = new Set(['quality', 'similarity']);

function worstScores(group: readonly Span[]): Worst[] {
  const worst = new Map<string, Worst & { value: number }>();
  for (const span of group) {
    for (const score of readScores(span.llm?.scores ?? {})) {
      const value = Number(score.text);
      const old = worst.get(score.key);
      const worse = !old || (kLowIsBad.has(score.key) ? value < old.value : value > old.value);
      if (worse) worst.set(score.key, { score, span, value });
    }
  }
  return [...worst.values()];
}

function detectionsOf(group: readonly Span[], found: Found): Detection[] {
  const all = group.flatMap((span) => found.get(spanKey(span.trace_id, span.span_id)) ?? []);
  return all.sort((a, b) => Number(b.tone === 'bad') - Number(a.tone === 'bad'));
}
