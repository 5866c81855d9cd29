// `useResource(path)` is how a page holds server data: it loads, keeps the last good answer while it loads again, and
// reloads when a live event concerns it, when the keys change, when the tab becomes visible, and by a timer (slow while
// the live stream is up, faster when it is down). A reload never blanks the page; a failed one leaves the old data with
// the error beside it, so a person sees that what they read is old.
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { ApiError, getJson, postJson } from './client';
import { keysVersion, subscribeKeys } from './keys';
import { liveStatus, subscribeStatus, subscribeTopics, type LiveStatus, type Topic } from './live';

export interface Resource<T> {
  data: T | null;
  error: ApiError | null;
  loading: boolean;
  loaded_s: number | null; // when `data` arrived
  reload: () => void;
}

export interface ResourceOptions {
  topics?: readonly Topic[];
  poll_ms?: number; // with the live stream up; without it at most kPollDownMs
  paused?: boolean;
  alsoOk?: number; // see getJson
  post?: () => unknown; // the body of a question that is sent by POST; as stable between renders as the path
  bridge?: boolean; // keep showing the answer of the last path until that of the next is there
}

const kPollLiveMs = 30_000;
const kPollDownMs = 10_000;
// Events come in bursts (one per group): load at most this often.
const kReloadGapMs = 1000;
// And an answer that took long to get is not asked for again at once: at most a tenth of the time goes into loading it.
const kReloadGapFactor = 10;
const kReloadGapMsMax = 60_000;

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(subscribeStatus, liveStatus);
}

// `path` is a string, or a function of the present for paths that hold the time (it must be stable between renders:
// useCallback). null loads nothing.
export function useResource<T>(path: string | (() => string) | null, options: ResourceOptions = {}): Resource<T> {
  const { topics, poll_ms = kPollLiveMs, paused = false, alsoOk, post, bridge = false } = options;
  const [state, setState] = useState<Omit<Resource<T>, 'reload'>>({
    data: null,
    error: null,
    loading: path !== null,
    loaded_s: null,
  });
  const [attempt, setAttempt] = useState(0);
  const keys = useSyncExternalStore(subscribeKeys, keysVersion);
  const live = useLiveStatus();
  const shown = useRef<unknown>(null); // the path (or body) whose data is in `state`
  const asked_ms = useRef(0);
  const took_ms = useRef(0);
  const busy = useRef(false);
  const again = useRef(false); // something changed while an answer was on its way: load once more after it
  const topicText = (topics ?? []).join(' ');
  const gapLeft = useCallback(
    () => {
      const gap = Math.max(kReloadGapMs, Math.min(took_ms.current * kReloadGapFactor, kReloadGapMsMax));
      return Math.max(0, gap - (Date.now() - asked_ms.current));
    },
    [],
  );
  const reload = useCallback(() => setAttempt((n) => n + 1), []);

  useEffect(() => {
    if (path === null) {
      shown.current = null;
      setState({ data: null, error: null, loading: false, loaded_s: null });
      return;
    }
    const controller = new AbortController();
    asked_ms.current = Date.now();
    busy.current = true;
    const done = (): void => {
      busy.current = false;
      took_ms.current = Date.now() - asked_ms.current;
      if (!again.current) return;
      again.current = false;
      setTimeout(() => {
        if (!controller.signal.aborted) setAttempt((n) => n + 1);
      }, gapLeft());
    };
    const question = post ?? path;
    const keep = shown.current === question || (bridge && shown.current !== null);
    setState((old) => ({ ...old, data: keep ? old.data : null, error: shown.current === question ? old.error : null, loading: true }));
    const address = typeof path === 'string' ? path : path();
    (post ? postJson<T>(address, post(), controller.signal) : getJson<T>(address, controller.signal, alsoOk)).then(
      (data) => {
        if (controller.signal.aborted) return;
        shown.current = question;
        setState({ data, error: null, loading: false, loaded_s: Date.now() / 1000 });
        done();
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        const known = error instanceof ApiError ? error : new ApiError('unreadable', 0, [String(error)]);
        const same = shown.current === question; // what another path answered must not stand beside this one's error
        setState((old) => ({ ...old, data: same ? old.data : null, error: known, loading: false }));
        done();
      },
    );
    return () => controller.abort();
  }, [path, post, attempt, keys, alsoOk, bridge]);

  useEffect(() => {
    if (path === null || paused) return;
    let pending: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      if (pending !== undefined || document.hidden) return;
      pending = setTimeout(() => {
        pending = undefined;
        // Starting over would abort the answer under way; with frequent events none would ever arrive.
        if (busy.current) again.current = true;
        else reload();
      }, gapLeft());
    };
    const wanted = new Set(topicText.split(' '));
    const stopTopics = subscribeTopics((changed) => {
      if (changed.some((topic) => wanted.has(topic))) soon();
    });
    const timer = setInterval(soon, live === 'live' ? poll_ms : Math.min(poll_ms, kPollDownMs));
    document.addEventListener('visibilitychange', soon);
    return () => {
      stopTopics();
      clearInterval(timer);
      clearTimeout(pending);
      document.removeEventListener('visibilitychange', soon);
    };
  }, [path, paused, poll_ms, live, topicText, reload]);

  return { ...state, reload };
}

// The present, ticking: for "4 min ago".
export function useNow(every_ms = 5000): number {
  const [now_s, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now_s;
}
