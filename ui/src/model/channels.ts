// Notification channels and their delivery log, as the server tells them; and what a form of one means.
import { asList, asNumber, asObject, asText, asTexts, listIn, type Json } from './json';
import type { Tone } from './scores';

export const kChannelsPath = '/api/godseye/v1/notifications/channels';
export const kDeliveriesPath = '/api/godseye/v1/notifications/deliveries';

export type ChannelKind = 'webhook' | 'slack' | 'mail' | 'pagerduty' | 'console';

export interface Channel {
  id: string;
  kind: string;
  name: string;
  handle: string;
  enabled: boolean;
  settings: Json;
  secrets_set: string[];
  rate_per_minute: number | null;
  digest_after: number | null;
  state: string; // unused, ok, failing, paused
  failures: number;
  paused_until_s: number | null;
  last_success_s: number | null;
  last_error: string;
}

const seconds = (ms: unknown): number | null => {
  const value = asNumber(ms);
  return value === null || value === 0 ? null : value / 1000;
};

export function readChannels(answer: unknown): Channel[] {
  return listIn(answer, 'channels').map(readChannel);
}

export function readChannel(value: unknown): Channel {
  const raw = asObject(value);
  const health = asObject(raw['health']);
  return {
    id: asText(raw['id']),
    kind: asText(raw['kind']),
    name: asText(raw['name']),
    handle: asText(raw['handle']),
    enabled: raw['enabled'] !== false,
    settings: asObject(raw['settings']),
    secrets_set: asTexts(raw['secrets_set']),
    rate_per_minute: asNumber(raw['rate_per_minute']),
    digest_after: asNumber(raw['digest_after']),
    state: asText(health['state']),
    failures: asNumber(health['failures_in_a_row']) ?? 0,
    paused_until_s: seconds(health['paused_until_ms']),
    last_success_s: seconds(health['last_success_ms']),
    last_error: asText(health['last_error']),
  };
}

export function channelState(channel: Channel): { tone: Tone; word: string } {
  if (!channel.enabled) return { tone: 'none', word: 'Off' };
  if (channel.state === 'paused') return { tone: 'bad', word: 'Paused' };
  if (channel.state === 'failing') return { tone: 'warn', word: 'Failing' };
  if (channel.state === 'ok') return { tone: 'good', word: 'Works' };
  return { tone: 'none', word: 'Not used yet' };
}

export interface Delivery {
  id: string;
  kind: string;
  channel: string;
  target: string;
  state: string;
  title: string;
  event_id: string;
  attempts: number;
  created_s: number | null;
  next_attempt_s: number | null;
  last_error: string;
  incident_id: string;
}

export function readDelivery(value: unknown): Delivery {
  const raw = asObject(value);
  return {
    id: asText(raw['id']),
    kind: asText(raw['kind']),
    channel: asText(raw['channel']),
    target: asText(raw['target']),
    state: asText(raw['state']),
    title: asText(raw['title']),
    event_id: asText(raw['event_id']),
    attempts: asNumber(raw['attempts']) ?? 0,
    created_s: asNumber(raw['created']),
    next_attempt_s: seconds(raw['next_attempt_ms']),
    last_error: asText(raw['last_error']),
    incident_id: asText(raw['incident_id']),
  };
}

export function deliveryState(state: string): { tone: Tone; word: string } {
  if (state === 'delivered') return { tone: 'good', word: 'Delivered' };
  if (state === 'failed') return { tone: 'bad', word: 'Failed' };
  if (state === 'pending') return { tone: 'warn', word: 'Owed' };
  return { tone: 'none', word: 'Unknown' };
}

export interface Attempt {
  time_s: number | null;
  duration_ms: number | null;
  status: number;
  error: string;
  answer: string;
  together: number;
}

export function readAttempts(delivery: unknown): Attempt[] {
  return asList(asObject(delivery)['attempt_log']).map((value) => {
    const raw = asObject(value);
    return {
      time_s: seconds(raw['time_ms']),
      duration_ms: asNumber(raw['duration_ms']),
      status: asNumber(raw['status']) ?? 0,
      error: asText(raw['error']),
      answer: asText(raw['answer']),
      together: asNumber(raw['together']) ?? 1,
    };
  });
}

// One field of a channel's form. `list` is written with commas; a secret is sent only when something was typed.
export interface ChannelField {
  name: string;
  label: string;
  kind: 'text' | 'number' | 'list' | 'choice' | 'long' | 'secret';
  hint?: string;
  choices?: readonly string[];
  required?: boolean;
}

export const kChannelFields: Readonly<Record<ChannelKind, readonly ChannelField[]>> = {
  webhook: [
    { name: 'url', label: 'Address', kind: 'text', hint: 'https: address that is called by POST', required: true },
    { name: 'payload', label: 'Payload (JSON with $VARIABLES)', kind: 'long', hint: 'nothing: the default payload' },
    { name: 'custom_headers', label: 'Headers (a JSON object)', kind: 'long', hint: '{"X-Team": "ops"}' },
    { name: 'encode_as', label: 'Sent as', kind: 'choice', choices: ['json', 'form'] },
    { name: 'hmac_secret', label: 'Signing secret', kind: 'secret' },
  ],
  slack: [
    { name: 'url', label: 'Webhook address', kind: 'secret', hint: 'the address that Slack made for it', required: true },
    { name: 'channel', label: 'Channel', kind: 'text', hint: 'nothing: the webhook’s own' },
    { name: 'username', label: 'Shown as', kind: 'text' },
  ],
  mail: [
    { name: 'host', label: 'Server', kind: 'text', hint: 'smtp.example.com', required: true },
    { name: 'tls', label: 'Encryption', kind: 'choice', choices: ['starttls', 'implicit', 'none'] },
    { name: 'port', label: 'Port', kind: 'number', hint: 'nothing: 587, 465 or 25' },
    { name: 'from', label: 'From', kind: 'text', hint: 'godseye@example.com', required: true },
    { name: 'to', label: 'To', kind: 'list', hint: 'ops@example.com, boss@example.com' },
    { name: 'user', label: 'User', kind: 'text' },
    { name: 'password', label: 'Password', kind: 'secret' },
  ],
  pagerduty: [
    { name: 'routing_key', label: 'Integration key', kind: 'secret', required: true },
    { name: 'url', label: 'Address', kind: 'text', hint: 'nothing: PagerDuty’s own' },
  ],
  console: [],
};
export const kChannelKinds = Object.keys(kChannelFields) as ChannelKind[];

// What a form's texts mean to the API. Empty fields are left out; a secret that was not typed stays as it is.
export function channelBody(kind: ChannelKind, name: string, texts: Readonly<Record<string, string>>): Json {
  const settings: Json = {};
  const secrets: Json = {};
  for (const field of kChannelFields[kind]) {
    const text = (texts[field.name] ?? '').trim();
    if (text === '') continue;
    if (field.kind === 'secret') secrets[field.name] = text;
    else if (field.kind === 'number') settings[field.name] = Number(text);
    else if (field.kind === 'list') settings[field.name] = text.split(/[\s,;]+/).filter((one) => one !== '');
    else settings[field.name] = text;
  }
  return { kind, name: name.trim(), settings, ...(Object.keys(secrets).length > 0 ? { secrets } : {}) };
}

// The texts of a form that shows `channel`; secrets stay empty, nobody gives them out.
export function channelTexts(channel: Channel): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const field of kChannelFields[channel.kind as ChannelKind] ?? []) {
    const value = channel.settings[field.name];
    if (field.kind !== 'secret') texts[field.name] = field.kind === 'list' ? asTexts(value).join(', ') : asText(value);
  }
  return texts;
}

// Where it goes, in a few words.
export function channelGoal(channel: Channel): string {
  if (channel.kind === 'webhook') return asText(channel.settings['url']);
  if (channel.kind === 'mail') return asTexts(channel.settings['to']).join(', ') || `through ${asText(channel.settings['host'])}`;
  if (channel.kind === 'slack') return asText(channel.settings['channel']) || 'the webhook’s own channel';
  if (channel.kind === 'console') return 'the server’s log';
  return asText(channel.settings['url']) || 'PagerDuty';
}
