// A trace while it loads. Spans appear as they arrive; a reload keeps what is shown until the new answer is complete.
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { asNumber, asText, asTexts, type Json } from '../model/json';
import { idSegment } from '../model/spans_url';
import { readSpan, type Span } from '../model/span';
import { TraceReader } from '../model/trace_stream';
import { ApiError, streamText } from './client';
import { keysVersion, subscribeKeys } from './keys';

export interface TraceState {
  trace_id: string;
  spans: readonly Span[];
  loading: boolean;
  loaded_s: number | null; // when the last complete answer was here
  complete: boolean; // false: the server left spans out, or the answer ended early
  unreadable: number;
  warnings: string[];
  error: ApiError | null;
}

// What a browser holds without trouble; the server's own limit is the same.
export const kTraceSpansMax = 200_000;
// Laying out tens of thousands of spans takes tens of milliseconds: not for every piece that arrives, and less often the
// longer the trace turns out to be.
const kShowEvery_ms = 200;
const kShowEvery_ms_max = 3200;

const kStart: TraceState = {
  trace_id: '', spans: [], loading: true, loaded_s: null, complete: true, unreadable: 0, warnings: [], error: null,
};

export function useTrace(id: string): TraceState & { reload: () => void } {
  const [state, setState] = useState<TraceState>({ ...kStart, trace_id: id });
  const [attempt, setAttempt] = useState(0);
  const keys = useSyncExternalStore(subscribeKeys, keysVersion);
  const loadedId = useRef<string | null>(null);

  useEffect(() => {
    const controller = new AbortController();
    const again = loadedId.current === id; // something complete is shown: do not go back to a part of it
    if (!again) setState({ ...kStart, trace_id: id });
    else setState((old) => ({ ...old, loading: true }));
    load(id, controller.signal, (spans) => {
      if (!again) setState((old) => ({ ...old, spans, error: null }));
    }).then(
      (done) => {
        if (controller.signal.aborted) return;
        loadedId.current = id;
        setState({ ...done, trace_id: done.trace_id || id, loading: false, loaded_s: Date.now() / 1000, error: null });
      },
      (failure: unknown) => {
        if (controller.signal.aborted) return;
        const error = failure instanceof ApiError ? failure : new ApiError('unreadable', 0, [String(failure)]);
        setState((old) => ({ ...old, loading: false, complete: false, error }));
      },
    );
    return () => controller.abort();
  }, [id, attempt, keys]);

  const reload = useCallback(() => setAttempt((n) => n + 1), []);
  return { ...state, reload };
}

type Loaded = Pick<TraceState, 'trace_id' | 'spans' | 'complete' | 'unreadable' | 'warnings'>;

async function load(id: string, signal: AbortSignal, show: (spans: readonly Span[]) => void): Promise<Loaded> {
  const reader = new TraceReader();
  const spans: Span[] = [];
  let shown_ms = -Infinity;
  let every_ms = kShowEvery_ms;
  let tooMany = false;
  try {
    for await (const text of streamText(`/api/godseye/v1/traces/${idSegment(id)}`, signal)) {
      for (const raw of reader.feed(text)) {
        if (spans.length < kTraceSpansMax) spans.push(readSpan(raw));
        else tooMany = true;
      }
      const now_ms = performance.now();
      if (spans.length === 0 || now_ms - shown_ms < every_ms) continue;
      if (shown_ms > 0) every_ms = Math.min(every_ms * 2, kShowEvery_ms_max);
      shown_ms = now_ms;
      show(spans.slice());
    }
  } catch (error) {
    if (!signal.aborted && spans.length > 0) show(spans); // a part is better than nothing; the page says that it is one
    throw error;
  }
  const end = reader.end();
  if (end === null) {
    if (spans.length === 0) throw new ApiError('unreadable', 200, ['The answer is not a trace.']);
    return { trace_id: id, spans, complete: false, unreadable: 0, warnings: ['The answer ended early.'] };
  }
  const root: Json = end.root;
  const warnings = asTexts(root['warnings']);
  if (asText(root['error']) !== '') warnings.push(asText(root['error']));
  if (tooMany) warnings.push(`Only the first ${kTraceSpansMax} spans are shown.`);
  const wanted = asNumber(root['spans_total']);
  const complete = root['complete'] !== false && !tooMany && (wanted === null || wanted <= spans.length);
  return { trace_id: asText(root['trace_id']), spans, complete, unreadable: end.unreadable, warnings };
}
