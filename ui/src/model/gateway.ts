// Calls of the gateway and the providers behind it, as the pages read them. Everything in them was said by strangers (ids,
// models, reasons, errors): text only.
import { formatAgo, formatPercent, formatSpan, readTime } from './format';
import { asAmount, asList, asNumber, asObject, asText, asTexts, listIn, type Json } from './json';
import type { Tone } from './scores';

export interface Call {
  time_s: number | null;
  call_id: string;
  service: string;
  session: string;
  user: string;
  address: string;
  route: string;
  provider: string;
  model: string;
  status: number; // 0: the caller left before an answer
  verdict: string;
  reasons: string[];
  error: string;
  sample: string; // of the text that a rule hit, masked
  streamed: boolean;
  guard_failed: boolean;
  injection: number | null;
  pii_count: number | null;
  quality: number | null;
  tokens: number | null;
  cost_usd: number | null;
  duration_ms: number | null;
  ttft_ms: number | null;
  trace_id: string;
  span_id: string;
}

export function readCall(value: unknown): Call {
  const raw = asObject(value);
  const input = asAmount(raw['input_tokens']);
  const output = asAmount(raw['output_tokens']);
  const sum = input === null && output === null ? null : (input ?? 0) + (output ?? 0);
  return {
    time_s: readTime(raw['time']),
    call_id: asText(raw['call_id']),
    service: asText(raw['service']),
    session: asText(raw['session'] ?? raw['session_id']),
    user: asText(raw['user'] ?? raw['user_id']),
    address: asText(raw['address']),
    route: asText(raw['route']),
    provider: asText(raw['provider']),
    model: asText(raw['model']),
    status: asNumber(raw['status']) ?? 0,
    verdict: asText(raw['verdict']) || 'observe',
    reasons: asTexts(raw['reasons']),
    error: asText(raw['error']),
    sample: asText(raw['sample']),
    streamed: raw['streamed'] === true,
    guard_failed: raw['guard_failed'] === true,
    injection: asAmount(raw['injection']),
    pii_count: asAmount(raw['pii_count']),
    quality: asAmount(raw['quality']),
    tokens: asAmount(raw['tokens']) ?? sum,
    cost_usd: asAmount(raw['cost_usd']),
    duration_ms: asAmount(raw['duration_ms']),
    ttft_ms: asAmount(raw['ttft_ms']),
    trace_id: asText(raw['trace_id']),
    span_id: asText(raw['span_id']),
  };
}

export interface CallPage {
  calls: Call[];
  next: string | null;
}

export function readCallPage(value: unknown): CallPage {
  return { calls: listIn(value, 'calls').map(readCall), next: asText(asObject(value)['next']) || null };
}

export interface VerdictWord {
  word: string;
  tone: Tone;
  means: string;
}

const kVerdicts: Readonly<Record<string, VerdictWord>> = {
  observe: { word: 'Passed', tone: 'good', means: 'The guards let it pass as it came.' },
  redacted: { word: 'Redacted', tone: 'warn', means: 'It passed after personal data was taken out.' },
  shadow: { word: 'Shadow', tone: 'warn', means: 'It passed; with enforcement on it would have been stopped or redacted.' },
  refused: { word: 'Refused', tone: 'bad', means: 'This message was refused. The caller got an error of the protocol.' },
  blocked: { word: 'Blocked', tone: 'bad', means: 'Whoever sent it was blocked before; the message was not looked at.' },
};

export function verdictWord(verdict: string): VerdictWord {
  return kVerdicts[verdict] ?? { word: verdict, tone: 'none', means: '' };
}

// '' for a call that went well.
export function troubleOf(call: Call): string {
  if (call.verdict === 'refused' || call.verdict === 'blocked') return '';
  if (call.status === 0) return 'the caller left';
  if (call.status === 429) return 'rate limited';
  return call.status >= 400 ? `failed: ${call.status}` : '';
}

export function flagged(call: Call): boolean {
  return call.verdict !== 'observe';
}

// What a live list holds. A browser open for a night sees a million calls; it keeps these.
export const kCallsKept = 500;
export const kCallsShown = 100;

// Newest first, each call once (the later word wins: it may know more), at most `max`.
export function mergeCalls(fresh: readonly Call[], known: readonly Call[], max: number): Call[] {
  const seen = new Set<string>();
  const out: Call[] = [];
  for (const call of [...fresh].reverse().concat(known)) {
    if (call.call_id !== '' && seen.has(call.call_id)) continue;
    seen.add(call.call_id);
    out.push(call);
  }
  out.sort((a, b) => (b.time_s ?? 0) - (a.time_s ?? 0));
  return out.slice(0, max);
}

export const kVerdictFilters = [
  { key: '', label: 'All' },
  { key: 'flagged', label: 'Flagged' },
  { key: 'refused', label: 'Refused' },
  { key: 'blocked', label: 'Blocked' },
  { key: 'shadow', label: 'Shadow' },
] as const;

// The search box holds the whole query; the buttons only change its `verdict:` word.
export function verdictIn(query: string): string {
  return /(?:^|\s)verdict:(\w+)(?=\s|$)/.exec(query)?.[1] ?? '';
}
export function withVerdict(query: string, verdict: string): string {
  const rest = query.replace(/(^|\s)verdict:\w+(?=\s|$)/g, ' ').replace(/\s+/g, ' ').trim();
  if (verdict === '') return rest;
  return rest === '' ? `verdict:${verdict}` : `verdict:${verdict} ${rest}`;
}

// The search of calls has no escapes: quotes hold blanks together and nothing else. A value with quotes is found by what
// stands before the first one.
export function callTerm(key: string, value: string): string {
  const quote = value.indexOf('"');
  const plain = quote < 0 ? value : `${value.slice(0, quote)}*`;
  return /[\s()]/.test(plain) ? `${key}:"${plain}"` : `${key}:${plain}`;
}

export interface Quota {
  name: string;
  limit: number | null;
  remaining: number | null;
  resets_s: number | null;
}

export interface ProviderKey {
  id: string;
  source: string;
  expires_s: number | null;
}

export interface Provider {
  name: string;
  family: string;
  origin: string;
  state: string;
  reason: string;
  window_s: number;
  requests: number;
  errors: number;
  rate_limited: number;
  timeouts: number;
  latency_ms_p50: number | null;
  latency_ms_p95: number | null;
  ttft_ms_p50: number | null;
  ttft_ms_p95: number | null;
  last_error: string;
  last_ok_s: number | null;
  last_failed_s: number | null;
  retry_after_s: number | null;
  quotas: Quota[];
  keys: ProviderKey[];
  models: string[];
}

export function readProvider(value: unknown): Provider {
  const raw = asObject(value);
  const count = (name: string): number => Math.max(0, asNumber(raw[name]) ?? 0);
  return {
    name: asText(raw['name']),
    family: asText(raw['family']),
    origin: asText(raw['origin']),
    state: asText(raw['state']) || 'unknown',
    reason: asText(raw['reason']),
    window_s: asAmount(raw['window_s']) ?? 300,
    requests: count('requests'),
    errors: count('errors'),
    rate_limited: count('rate_limited'),
    timeouts: count('timeouts'),
    latency_ms_p50: asAmount(raw['latency_ms_p50']),
    latency_ms_p95: asAmount(raw['latency_ms_p95']),
    ttft_ms_p50: asAmount(raw['ttft_ms_p50']),
    ttft_ms_p95: asAmount(raw['ttft_ms_p95']),
    last_error: asText(raw['last_error']),
    last_ok_s: readTime(raw['last_ok']),
    last_failed_s: readTime(raw['last_failed']),
    retry_after_s: readTime(raw['retry_after']),
    quotas: asList(raw['quotas']).map(readQuota),
    keys: asList(raw['keys']).map(readKey),
    models: asTexts(raw['models']),
  };
}

function readQuota(value: unknown): Quota {
  const raw: Json = asObject(value);
  return { name: asText(raw['name']), limit: asAmount(raw['limit']), remaining: asAmount(raw['remaining']), resets_s: readTime(raw['resets']) };
}

function readKey(value: unknown): ProviderKey {
  const raw: Json = asObject(value);
  return { id: asText(raw['id']), source: asText(raw['source']), expires_s: readTime(raw['expires']) };
}

export interface Advice {
  tone: Tone;
  what: string;
  next: string;
}

export const kQuotaLow = 0.1;
export const kKeyWarn_s = 14 * 86_400;
const kErrorsMuch = 0.05;

// What is wrong with a provider and what to do about it, the worst first; empty when it is well.
export function adviceOf(provider: Provider, now_s: number): Advice[] {
  const out: Advice[] = [];
  if (provider.state === 'down') {
    const since = provider.last_ok_s === null ? '' : ` (last good answer ${formatAgo(provider.last_ok_s, now_s)})`;
    out.push({
      tone: 'bad',
      what: `It does not answer${since}${provider.reason === '' ? '' : `: ${provider.reason}`}.`,
      next: `Check that ${provider.origin || 'its address'} can be reached from this machine and that it is not the provider's own outage. Until then send its models elsewhere (\`models\` in the gateway's settings).`,
    });
  }
  for (const key of provider.keys) {
    if (key.expires_s === null || key.expires_s - now_s > kKeyWarn_s) continue;
    const gone = key.expires_s <= now_s;
    out.push({
      tone: gone ? 'bad' : 'warn',
      what: gone ? `Key ${key.id} expired ${formatAgo(key.expires_s, now_s)}.` : `Key ${key.id} expires in ${formatSpan(key.expires_s - now_s)}.`,
      next: key.source === 'environment' ? 'Put a new one into the environment and restart the gateway.' : 'Store a new one, then withdraw the old one at the provider.',
    });
  }
  const waits = provider.retry_after_s !== null && provider.retry_after_s > now_s;
  if (provider.rate_limited > 0 || waits) {
    const share = provider.requests > 0 ? provider.rate_limited / provider.requests : 0;
    out.push({
      tone: share > kErrorsMuch || waits ? 'warn' : 'none',
      what: `${provider.rate_limited} of ${provider.requests} calls were over its rate limit (429)${waits ? `; it asks to wait ${formatSpan((provider.retry_after_s ?? 0) - now_s)}` : ''}.`,
      next: 'Slow the callers down, spread them over another provider, or ask for a higher quota. The gateway passes 429 and its Retry-After on.',
    });
  }
  for (const quota of provider.quotas) {
    if (quota.limit === null || quota.remaining === null || quota.limit <= 0 || quota.remaining / quota.limit > kQuotaLow) continue;
    out.push({
      tone: 'warn',
      what: `Only ${formatPercent(quota.remaining / quota.limit)} of the ${quota.name} quota is left.`,
      next: quota.resets_s === null ? 'It was stated by its last answer.' : `It resets in ${formatSpan(Math.max(0, quota.resets_s - now_s))}.`,
    });
  }
  if (provider.state !== 'down' && provider.requests > 0 && provider.errors / provider.requests > kErrorsMuch) {
    out.push({
      tone: provider.state === 'failing' ? 'bad' : 'warn',
      what: `${provider.errors} of ${provider.requests} calls failed (${formatPercent(provider.errors / provider.requests)})${provider.timeouts > 0 ? `, ${provider.timeouts} by time-out` : ''}.`,
      next: provider.last_error === '' ? 'Open its failed calls.' : `The last one said: ${provider.last_error}`,
    });
  }
  const weight = (tone: Tone): number => ['bad', 'warn', 'none', 'good'].indexOf(tone);
  return out.sort((a, b) => weight(a.tone) - weight(b.tone));
}

export const kProviderStates: Readonly<Record<string, { word: string; tone: Tone }>> = {
  up: { word: 'Up', tone: 'good' },
  failing: { word: 'Failing', tone: 'warn' },
  down: { word: 'Down', tone: 'bad' },
  unknown: { word: 'Not used yet', tone: 'none' },
};

export interface GatewayInfo {
  running: boolean;
  address: string;
  playground: boolean;
  providers: { name: string; models: string[] }[];
}

export function readGatewayInfo(value: unknown): GatewayInfo {
  const raw = asObject(value);
  return {
    running: raw['running'] === true,
    address: asText(raw['address']),
    playground: raw['playground'] === true,
    providers: asList(raw['providers']).map((one) => ({ name: asText(asObject(one)['name']), models: asTexts(asObject(one)['models']) })),
  };
}
