// One span as the pages use it, read from /api/godseye/v1/traces/{id} and /api/godseye/v1/spans. Ids are decimal text: they
// are 64-bit numbers and would lose digits as numbers. Times lose up to 256 ns that way, which no page shows.
import { asAmount, asList, asNumber, asObject, asText, asTexts, parsedJson, type Json } from './json';

export interface Tokens {
  input: number | null; // includes cached ones
  output: number | null; // includes reasoning
  total: number | null;
  cache_read: number | null;
  cache_write: number | null;
  cache_write_1h: number | null;
  reasoning: number | null;
}

export interface LlmSpan {
  kind: string;
  ml_app: string;
  model: string;
  response_model: string;
  provider: string;
  input: unknown;
  output: unknown;
  expected_output: unknown;
  metadata: Json;
  tools: unknown[];
  prompt: Json;
  finish_reason: string;
  tokens: Tokens;
  cost_usd: number | null;
  input_cost_usd: number | null;
  output_cost_usd: number | null;
  price: string; // '': no tokens; 'reported'; 'unknown'; or the row of the price table
  time_to_first_token_s: number | null;
  scores: Json; // by name, as sent; see model/scores
  reasons: string[];
  scored_by: string;
  counted: boolean; // false: another span carries its tokens and money
  error: { type: string; message: string; stack: string };
  evaluations: Json[];
  tags: string[];
  cut: string[]; // texts that were too large to be kept whole
}

export interface SpanLink {
  trace_id: string;
  span_id: string;
  attributes: Json;
}

export interface SpanEvent {
  name: string;
  time_ns: number | null;
  attributes: Json;
}

export interface Span {
  trace_id: string;
  span_id: string;
  parent_id: string; // '0': a root
  service: string;
  name: string;
  resource: string;
  type: string;
  env: string;
  version: string;
  host: string;
  session_id: string;
  user_id: string;
  start_ns: number;
  duration_ns: number;
  error: boolean;
  error_fingerprint: string;
  meta: Json;
  metrics: Json;
  links: SpanLink[];
  events: SpanEvent[];
  llm: LlmSpan | null;
}

export function readSpan(value: unknown): Span {
  const raw = asObject(value);
  const meta = asObject(raw['meta']);
  const named = (name: string, ...tags: string[]): string =>
    asText(raw[name]) || tags.map((tag) => asText(meta[tag])).find((text) => text !== '') || '';
  const llm = raw['llm'] ?? raw['llm_span'];
  return {
    trace_id: asText(raw['trace_id']),
    span_id: asText(raw['span_id'] ?? raw['id']),
    parent_id: parentOf(raw),
    service: asText(raw['service']),
    name: asText(raw['name'] ?? raw['operation_name']),
    resource: asText(raw['resource'] ?? raw['resource_name']),
    type: asText(raw['type']),
    env: named('env', 'env'),
    version: named('version', 'version'),
    host: named('host', '_dd.hostname', 'host'),
    session_id: named('session_id', 'session_id', 'usr.session.id', 'session.id'),
    user_id: named('user_id', 'usr.id', 'user_id', 'user.id'),
    start_ns: asNumber(raw['start_ns']) ?? 0,
    duration_ns: Math.max(0, asNumber(raw['duration_ns']) ?? 0),
    error: raw['error'] === true || (asNumber(raw['error']) ?? 0) > 0 || asText(raw['status']) === 'error',
    error_fingerprint: asText(raw['error_fingerprint']).replace(/^0$/, ''),
    meta,
    metrics: asObject(raw['metrics']),
    links: asList(parsedJson(raw['links'])).map(readLink),
    events: asList(parsedJson(raw['events'])).map(readEvent),
    llm: typeof llm === 'object' && llm !== null ? readLlm(asObject(llm)) : null,
  };
}

// Spans that came only through LLM Observability may name their parent there alone ("undefined": none).
function parentOf(raw: Json): string {
  const own = asText(raw['parent_id']) || '0';
  if (own !== '0') return own;
  const named = asText(asObject(raw['llm'])['parent_id']);
  return /^[1-9]\d*$/.test(named) ? named : '0';
}

function readLink(value: unknown): SpanLink {
  const raw = asObject(value);
  return {
    trace_id: asText(raw['trace_id']),
    span_id: asText(raw['span_id']),
    attributes: asObject(parsedJson(raw['attributes'])),
  };
}

function readEvent(value: unknown): SpanEvent {
  const raw = asObject(value);
  return {
    name: asText(raw['name']),
    time_ns: asNumber(raw['time_ns'] ?? raw['time_unix_nano']),
    attributes: asObject(parsedJson(raw['attributes'])),
  };
}

export function readTokens(value: unknown): Tokens {
  const raw = asObject(value);
  const of = (...names: string[]): number | null => {
    for (const name of names) {
      const amount = asAmount(raw[name] ?? raw[`${name}_tokens`]);
      if (amount !== null) return amount;
    }
    return null;
  };
  return {
    input: of('input'),
    output: of('output'),
    total: of('total'),
    cache_read: of('cache_read', 'cache_read_input'),
    cache_write: of('cache_write', 'cache_write_input'),
    cache_write_1h: of('cache_write_1h', 'ephemeral_1h_input'),
    reasoning: of('reasoning', 'reasoning_output'),
  };
}

function readLlm(raw: Json): LlmSpan {
  const error = asObject(raw['error']);
  const scores = asObject(raw['scores']);
  return {
    kind: asText(raw['kind']),
    ml_app: asText(raw['ml_app']),
    model: asText(raw['model'] ?? raw['model_name']),
    response_model: asText(raw['response_model']),
    provider: asText(raw['provider'] ?? raw['model_provider']),
    input: raw['input'],
    output: raw['output'],
    expected_output: raw['expected_output'],
    metadata: asObject(parsedJson(raw['metadata'])),
    tools: asList(parsedJson(raw['tool_definitions'])),
    prompt: asObject(parsedJson(raw['prompt'])),
    finish_reason: asText(raw['finish_reason']),
    tokens: readTokens(raw['tokens']),
    cost_usd: asAmount(raw['cost_usd']),
    input_cost_usd: asAmount(raw['input_cost_usd']),
    output_cost_usd: asAmount(raw['output_cost_usd']),
    price: asText(raw['price']),
    time_to_first_token_s: asAmount(raw['time_to_first_token_s']),
    scores,
    reasons: asTexts(parsedJson(raw['reasons'] ?? scores['reasons'])),
    scored_by: asText(raw['scored_by']),
    counted: raw['counted'] !== false && raw['not_counted'] !== true,
    error: {
      type: asText(raw['error_type'] ?? error['type']),
      message: asText(raw['error_message'] ?? error['message']),
      stack: asText(raw['error_stack'] ?? error['stack']),
    },
    evaluations: asList(parsedJson(raw['evaluations'])).map(asObject),
    tags: asTexts(parsedJson(raw['tags'])),
    cut: asTexts(raw['cut']),
  };
}

// What a row calls a span: the resource says what was asked for, the name which kind of work it was.
export function spanTitle(span: Span): string {
  return span.resource !== '' && span.resource !== span.name ? span.resource : span.name;
}

// Type, message and stack of a span that failed, from wherever a client wrote them.
export function spanError(span: Span): { type: string; message: string; stack: string } {
  const tag = (...names: string[]): string => names.map((name) => asText(span.meta[name])).find((text) => text !== '') ?? '';
  return {
    type: tag('error.type') || (span.llm?.error.type ?? ''),
    message: tag('error.message', 'error.msg') || (span.llm?.error.message ?? ''),
    stack: tag('error.stack') || (span.llm?.error.stack ?? ''),
  };
}
