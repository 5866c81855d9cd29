// Blocks, what would have been blocked, and who changed what: read with care, shown as text.
import { readTime } from './format';
import { asAmount, asList, asNumber, asObject, asText, listIn, type Json } from './json';

export interface Block {
  id: string;
  kind: string;
  value: string;
  reason: string;
  author: string;
  rule: string;
  automatic: boolean;
  active: boolean;
  times: number;
  created_s: number | null;
  expires_s: number | null; // null: never
  lifted_s: number | null;
  lifted_by: string;
}

export const kBlockKinds = ['session', 'user', 'address', 'key'] as const;

export function readBlock(value: unknown): Block {
  const raw = asObject(value);
  return {
    id: asText(raw['id']),
    kind: asText(raw['kind']),
    value: asText(raw['value']),
    reason: asText(raw['reason']),
    author: asText(raw['author']),
    rule: asText(raw['rule']),
    automatic: raw['automatic'] === true,
    active: raw['active'] !== false,
    times: Math.max(1, asNumber(raw['times']) ?? 1),
    created_s: readTime(raw['created']),
    expires_s: readTime(raw['expires']),
    lifted_s: readTime(raw['lifted']),
    lifted_by: asText(raw['lifted_by']),
  };
}

export function readBlocks(value: unknown): Block[] {
  return listIn(value, 'blocks').map(readBlock);
}

// A block that ran out while the page was open is not in force any more.
export function inForce(block: Block, now_s: number): boolean {
  return block.active && block.lifted_s === null && (block.expires_s === null || block.expires_s > now_s);
}

const kRuleTexts: Readonly<Record<string, string>> = {
  refused_messages: 'several refused messages',
  suspicious_messages: 'many suspicious messages within a minute',
  hostile_uploads: 'several hostile pictures',
  injection: 'prompt injection',
  pii: 'personal data',
  pii_prompt: 'personal data in the prompt',
  pii_answer: 'personal data in the answer',
  image: 'hostile or broken picture',
  leak: 'leaked secret or system prompt',
  toxicity: 'rude or harmful answer',
  products: 'products that do not exist',
  block: 'sender was blocked',
  guard_failure: 'a guard failed and the route fails closed',
};

export function ruleText(rule: string): string {
  return kRuleTexts[rule] ?? rule;
}

export interface ShadowSample {
  time_s: number | null;
  call_id: string;
  session: string;
  user: string;
  text: string;
  score: number | null;
  rule: string;
}

export interface ShadowRule {
  rule: string;
  action: string; // "message.refused"; '' when nobody said
  count: number;
  sessions: number | null;
  samples: ShadowSample[];
}

export interface ShadowReport {
  total: number;
  rules: ShadowRule[];
  warnings: string[];
}

export function readShadow(value: unknown): ShadowReport {
  const raw = asObject(value);
  const rules = listIn(value, 'rules').map((one): ShadowRule => {
    const rule: Json = asObject(one);
    const name = asText(rule['rule'] ?? rule['name']);
    return {
      rule: name,
      action: asText(rule['action']),
      count: Math.max(0, asNumber(rule['count'] ?? rule['decisions']) ?? 0),
      sessions: asAmount(rule['sessions']),
      samples: asList(rule['samples']).map((sample) => readSample(sample, name)),
    };
  });
  // Samples may also stand beside the rules.
  for (const sample of asList(raw['samples']).map((one) => readSample(one, ''))) {
    rules.find((rule) => rule.rule === sample.rule)?.samples.push(sample);
  }
  rules.sort((a, b) => b.count - a.count);
  const sum = rules.reduce((total, rule) => total + rule.count, 0);
  return { total: asNumber(raw['total']) ?? sum, rules, warnings: asList(raw['warnings']).map(asText) };
}

function readSample(value: unknown, rule: string): ShadowSample {
  const raw = asObject(value);
  return {
    time_s: readTime(raw['time'] ?? raw['time_ms']),
    call_id: asText(raw['call_id'] ?? raw['call']),
    session: asText(raw['session']),
    user: asText(raw['user']),
    text: asText(raw['sample'] ?? raw['text']),
    score: asAmount(raw['score']),
    rule: asText(raw['rule']) || rule,
  };
}

export interface AuditEntry {
  id: string;
  time_s: number | null;
  author: string;
  action: string;
  what: string;
  reason: string;
}

export function readAudit(value: unknown): AuditEntry[] {
  return listIn(value, 'entries', 'audit').map((one) => {
    const raw = asObject(one);
    return {
      id: asText(raw['id']),
      time_s: readTime(raw['time'] ?? raw['time_ms']),
      author: asText(raw['author'] ?? raw['actor']),
      action: asText(raw['action'] ?? raw['kind']),
      what: asText(raw['target'] ?? raw['what'] ?? raw['subject']),
      reason: asText(raw['reason'] ?? raw['detail'] ?? raw['text']),
    };
  });
}

// The document goes back whole, with what one control changed: members this page does not know must survive.
export type Settings = Json;

export function isShadow(settings: Settings): boolean {
  return settings['shadow'] === true;
}
export function blocksByItself(settings: Settings): boolean {
  return settings['automatic_blocking'] !== false;
}
// Routes that only watch although the whole enforces.
export function shadowRoutes(settings: Settings): string[] {
  return asList(settings['routes'])
    .map(asObject)
    .filter((route) => route['shadow'] === true)
    .map((route) => asText(route['name']) || asText(route['path']) || 'a route');
}

export const kDurations = [
  { label: '1 hour', seconds: 3600 },
  { label: '1 day', seconds: 86_400 },
  { label: '7 days', seconds: 604_800 },
  { label: 'for ever', seconds: 0 },
] as const;
