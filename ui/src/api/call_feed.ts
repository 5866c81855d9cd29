// The live list of calls: what the server remembers, then what it streams. Both are bounded here: events are gathered for
// half a second before the page draws, and what is held while somebody reads is cut as well. A stream that ends is opened
// again and the list loaded anew, so a gap never stays.
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { kCallsKept, kCallsShown, mergeCalls, readCall, readCallPage, type Call } from '../model/gateway';
import { asNumber, asObject } from '../model/json';
import { ApiError, getJson } from './client';
import { keyHeaders, keysVersion, subscribeKeys } from './keys';
import { EventParser } from './sse';

export interface CallFeed {
  calls: readonly Call[] | null; // null: not loaded yet
  waiting: number; // arrived while paused
  skipped: number; // too many a second to show; counted only
  streaming: boolean;
  error: ApiError | null;
  older: { more: boolean; loading: boolean; load: () => void };
  reload: () => void;
}

const kFlush_ms = 500;
const kRetry_ms_min = 1000;
const kRetry_ms_max = 15_000;

interface Held {
  calls: Call[] | null;
  next: string | null;
}

export function useCallFeed(query: string, paused: boolean): CallFeed {
  const [held, setHeld] = useState<Held>({ calls: null, next: null });
  const [waiting, setWaiting] = useState(0);
  const [skipped, setSkipped] = useState(0);
  const [streaming, setStreaming] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [loadingOlder, setLoadingOlder] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const keys = useSyncExternalStore(subscribeKeys, keysVersion);
  const arrived = useRef<Call[]>([]);
  const overflow = useRef(0);
  const stop = useRef(paused);
  stop.current = paused;

  useEffect(() => {
    const controller = new AbortController();
    arrived.current = [];
    overflow.current = 0;
    setHeld({ calls: null, next: null });
    setWaiting(0);
    setSkipped(0);
    setError(null);
    const take = (calls: Call[], left: number): void => {
      const all = arrived.current.concat(calls);
      overflow.current += Math.max(0, all.length - kCallsKept);
      arrived.current = all.slice(-kCallsKept);
      if (left > 0) setSkipped((old) => old + left);
    };
    const show = (page: { calls: Call[]; next: string | null }): void => {
      setHeld((old) => ({ calls: mergeCalls([...page.calls].reverse(), old.calls ?? [], kCallsShown), next: page.next }));
      setError(null);
    };
    void run(query, controller.signal, { take, show, fail: setError, streaming: setStreaming });
    return () => controller.abort();
  }, [query, keys, attempt]);

  useEffect(() => {
    const timer = setInterval(() => {
      const count = arrived.current.length;
      if (stop.current) return setWaiting(count + overflow.current);
      setWaiting(0);
      if (count === 0) return;
      const fresh = arrived.current;
      arrived.current = [];
      overflow.current = 0;
      setHeld((old) => ({ ...old, calls: mergeCalls(fresh, old.calls ?? [], kCallsShown) }));
    }, kFlush_ms);
    return () => clearInterval(timer);
  }, []);

  const load = useCallback(() => {
    if (held.next === null) return;
    setLoadingOlder(true);
    getJson<unknown>(listPath(query, held.next)).then(
      (answer) => {
        const page = readCallPage(answer);
        setHeld((old) => ({ calls: mergeCalls([...page.calls].reverse(), old.calls ?? [], kCallsKept), next: page.next }));
        setLoadingOlder(false);
      },
      (failed: unknown) => {
        setError(failed instanceof ApiError ? failed : null);
        setLoadingOlder(false);
      },
    );
  }, [held.next, query]);

  const full = (held.calls?.length ?? 0) >= kCallsKept;
  return {
    calls: held.calls,
    waiting,
    skipped,
    streaming,
    error,
    older: { more: held.next !== null && !full, loading: loadingOlder, load },
    reload: useCallback(() => setAttempt((n) => n + 1), []),
  };
}

const kBase = '/api/godseye/v1/gateway';

function listPath(query: string, cursor = ''): string {
  const params = new URLSearchParams({ limit: String(kCallsShown) });
  if (query !== '') params.set('query', query);
  if (cursor !== '') params.set('cursor', cursor);
  return `${kBase}/calls?${params.toString()}`;
}

interface Sink {
  take: (calls: Call[], skipped: number) => void;
  show: (page: { calls: Call[]; next: string | null }) => void;
  fail: (error: ApiError) => void;
  streaming: (open: boolean) => void;
}

async function run(query: string, signal: AbortSignal, sink: Sink): Promise<void> {
  let wait_ms = kRetry_ms_min;
  while (!signal.aborted) {
    const round = new AbortController();
    const both = AbortSignal.any([signal, round.signal]);
    let wrong = false;
    try {
      // The stream first: what ends between its opening and the list is in one of them.
      const streamed = stream(query, both, sink);
      sink.show(readCallPage(await getJson<unknown>(listPath(query), both)));
      if (await streamed) wait_ms = kRetry_ms_min;
    } catch (error) {
      if (signal.aborted) return;
      const known = error instanceof ApiError ? error : new ApiError('unreachable', 0, ['The server does not answer.']);
      wrong = known.kind === 'invalid' || known.kind === 'refused'; // asking again would change nothing
      sink.fail(known);
    }
    round.abort();
    sink.streaming(false);
    if (wrong) return;
    await new Promise((resolve) => setTimeout(resolve, wait_ms * (0.75 + Math.random() / 2)));
    wait_ms = Math.min(wait_ms * 2, kRetry_ms_max);
  }
}

// Returns when the stream ends, true if it had been open; failing to is no error: the list is loaded again meanwhile.
async function stream(query: string, signal: AbortSignal, sink: Sink): Promise<boolean> {
  let open = false;
  const path = `${kBase}/live${query === '' ? '' : `?query=${encodeURIComponent(query)}`}`;
  try {
    const response = await fetch(path, {
      headers: { Accept: 'text/event-stream', ...keyHeaders() },
      credentials: 'same-origin',
      cache: 'no-store',
      signal,
    });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      return false;
    }
    open = true;
    sink.streaming(true);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return open;
      const calls: Call[] = [];
      let skipped = 0;
      for (const event of parser.feed(value)) {
        const data = parsed(event.data);
        if (event.event === 'call') calls.push(readCall(data));
        if (event.event === 'skipped') skipped += asNumber(asObject(data)['calls']) ?? 0;
      }
      if (calls.length > 0 || skipped > 0) sink.take(calls, skipped);
    }
  } catch {
    return open; // dropped by the network or by us
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
