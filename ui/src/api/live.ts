// One stream of change notices for the whole page. An event never carries what is shown: it only says that something of
// a kind changed, and whoever shows that kind loads it again. So a lost event costs a few seconds, never a wrong page,
// and when the stream is down the pages poll (see resource.ts).
import { keyHeaders, subscribeKeys } from './keys';
import { currentSession } from './session';
import { EventParser, type ServerEvent } from './sse';

export type LiveStatus = 'connecting' | 'live' | 'reconnecting';
export type Topic = 'incidents' | 'monitors' | 'metrics' | 'health' | 'cases';

const kAllTopics: readonly Topic[] = ['incidents', 'monitors', 'metrics', 'health', 'cases'];
const kRetryMsMin = 1000;
const kRetryMsMax = 15_000;
// The server sends a comment at least every 15 s; three missed ones mean a dead connection nobody told us about.
const kSilenceMsMax = 45_000;

let status: LiveStatus = 'connecting';
let started = false;
let generation = new AbortController();
const statusListeners = new Set<() => void>();
const topicListeners = new Set<(topics: readonly Topic[]) => void>();

export function liveStatus(): LiveStatus {
  return status;
}

export function subscribeStatus(listener: () => void): () => void {
  statusListeners.add(listener);
  return () => statusListeners.delete(listener);
}

export function subscribeTopics(listener: (topics: readonly Topic[]) => void): () => void {
  topicListeners.add(listener);
  return () => topicListeners.delete(listener);
}

// Which pages an event concerns. Names we do not know refresh everything: newer servers may say more.
export function topicsOf(event: ServerEvent): readonly Topic[] {
  const name = event.event === 'message' ? typeInside(event.data) : event.event;
  if (/hello|ready|ping|keep/i.test(name)) return [];
  if (/incident/i.test(name)) return ['incidents'];
  if (/^cases?$/i.test(name)) return ['cases'];
  if (/monitor|transition|group|state/i.test(name)) return ['monitors', 'incidents'];
  if (/cut|tick|metric|point|stored|segment/i.test(name)) return ['metrics'];
  if (/health|ingest|journal|store/i.test(name)) return ['health'];
  return kAllTopics;
}

function typeInside(data: string): string {
  try {
    const value = JSON.parse(data) as { type?: unknown; kind?: unknown };
    return String(value.type ?? value.kind ?? '');
  } catch {
    return '';
  }
}

export function startLive(): void {
  if (started) return;
  started = true;
  subscribeKeys(() => generation.abort());
  void run();
}

async function run(): Promise<never> {
  let wait_ms = kRetryMsMin;
  for (;;) {
    generation = new AbortController();
    const opened = await listen(generation).catch(() => false);
    if (opened) wait_ms = kRetryMsMin;
    setStatus('reconnecting');
    await new Promise((resolve) => setTimeout(resolve, wait_ms * (0.75 + Math.random() / 2)));
    wait_ms = Math.min(wait_ms * 2, kRetryMsMax);
  }
}

// Returns when the stream ends: true if it had been open.
async function listen(controller: AbortController): Promise<boolean> {
  const session = currentSession();
  if (session.people && !session.signedIn) return false; // nobody is there to whom anything is live
  const response = await fetch('/api/godseye/v1/live', {
    headers: { Accept: 'text/event-stream', ...keyHeaders() },
    credentials: 'same-origin',
    cache: 'no-store',
    signal: controller.signal,
  });
  if (!response.ok || !response.body || !response.headers.get('content-type')?.includes('event-stream')) {
    controller.abort();
    return false;
  }
  const wasDown = status === 'reconnecting';
  setStatus('live');
  if (wasDown) notify(kAllTopics); // whatever happened while the stream was down
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  let silence = setTimeout(() => controller.abort(), kSilenceMsMax);
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return true;
      clearTimeout(silence);
      silence = setTimeout(() => controller.abort(), kSilenceMsMax);
      const topics = new Set<Topic>();
      for (const event of parser.feed(value)) for (const topic of topicsOf(event)) topics.add(topic);
      if (topics.size > 0) notify([...topics]);
    }
  } catch {
    return true; // dropped by the network or by us
  } finally {
    clearTimeout(silence);
  }
}

function setStatus(next: LiveStatus): void {
  if (status === next) return;
  status = next;
  for (const listener of statusListeners) listener();
}

function notify(topics: readonly Topic[]): void {
  for (const listener of topicListeners) listener(topics);
}
