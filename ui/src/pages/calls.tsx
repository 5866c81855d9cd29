// The gateway's calls as they happen. The list stands still while somebody reads it: rows that jump under the pointer at
// night get the wrong session blocked.
import { useCallback, useEffect, useId, useMemo, useRef, useState, type FocusEvent } from 'react';
import { useCallFeed } from '../api/call_feed';
import { useResource } from '../api/resource';
import { kSettingsPath } from '../api/blocks';
import { isShadow } from '../model/blocks';
import { formatCount } from '../model/format';
import { kVerdictFilters, readGatewayInfo, verdictIn, withVerdict, type Call } from '../model/gateway';
import { asObject } from '../model/json';
import { kQueryCharsMax } from '../model/query_state';
import type { FacetValues } from '../model/search_query';
import { callsPath } from '../model/spans_url';
import { CallTable } from '../parts/call_table';
import { SearchBox } from '../parts/search_box';
import { EmptyState, ErrorState, Loading } from '../parts/states';
import { Link, navigate, useSearch } from '../router';

const kKeys = [
  'verdict', 'session', 'user', 'address', 'service', 'route', 'provider', 'model', 'status', 'reason', 'call', 'trace', 'injection',
  'quality', 'cost', 'duration', 'tokens', 'pii',
];

export function CallsPage() {
  const [params] = useSearch();
  const query = (params.get('q') ?? '').slice(0, kQueryCharsMax);
  const errorId = useId();
  const [held, setHeld] = useState(false);
  const reading = useReading();
  const [olderShown, setOlderShown] = useState(false);
  const paused = held || reading.active || olderShown;
  const feed = useCallFeed(query, paused);
  const info = useResource<unknown>('/api/godseye/v1/gateway');
  const settings = useResource<unknown>(kSettingsPath);
  const gateway = info.data === null ? null : readGatewayInfo(info.data);
  const wrong = feed.error?.kind === 'invalid' ? feed.error.messages : null;
  const facets = useMemo(() => facetsOf(feed.calls ?? []), [feed.calls]);
  useEffect(() => setOlderShown(false), [query]);
  const show = (next: string): void => navigate(callsPath(next));
  const resume = (): void => {
    setHeld(false);
    if (olderShown) {
      setOlderShown(false);
      feed.reload();
    }
    reading.leave();
  };
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Live calls</h1>
        <div className="segments" role="group" aria-label="Which calls">
          {kVerdictFilters.map(({ key, label }) => (
            <button key={key} type="button" aria-pressed={verdictIn(query) === key} onClick={() => show(withVerdict(query, key))}>
              {label}
            </button>
          ))}
        </div>
      </div>
      {settings.data !== null && isShadow(asObject(settings.data)) && (
        <p className="notice notice-warn">
          Shadow mode is on: nothing is refused, redacted or blocked. <Link to="/shadow">What would have been</Link>
        </p>
      )}
      <SearchBox
        query={query}
        label="Search calls"
        onRun={(next) => (next.trim() === query ? feed.reload() : show(next))}
        facets={facets}
        keys={kKeys}
        placeholder="verdict:refused session:s-77 model:gpt* status:5xx injection:>0.4"
        invalid={wrong !== null}
        describedBy={wrong ? errorId : undefined}
      />
      {wrong && (
        <p id={errorId} className="problem" role="alert">
          {wrong.join('; ')}
        </p>
      )}
      <section className="panel" aria-label="Calls" aria-busy={feed.calls === null} onBlur={reading.onBlur} onPointerLeave={reading.onLeave}>
        <FeedBar
          paused={paused}
          why={held ? 'Paused' : olderShown ? 'Paused while older calls are shown' : 'Paused while you read'}
          waiting={feed.waiting}
          streaming={feed.streaming}
          skipped={feed.skipped}
          onHold={() => setHeld(true)}
          onResume={resume}
        />
        {feed.error && !wrong && <ErrorState error={feed.error} what="loading calls" retry={feed.reload} />}
        {feed.calls === null ? (
          !feed.error && <Loading what="calls" rows={8} />
        ) : feed.calls.length > 0 ? (
          <div ref={reading.ref} onFocus={reading.onFocus} onPointerEnter={reading.onEnter}>
            <CallTable calls={feed.calls} />
          </div>
        ) : (
          <Nothing query={query} running={gateway?.running ?? true} address={gateway?.address ?? ''} />
        )}
        {feed.older.more && (
          <p className="more">
            <button
              type="button"
              disabled={feed.older.loading}
              onClick={() => {
                setOlderShown(true);
                feed.older.load();
              }}
            >
              {feed.older.loading ? 'Loading…' : 'Load older calls'}
            </button>
          </p>
        )}
      </section>
    </>
  );
}

interface FeedBarProps {
  paused: boolean;
  why: string;
  waiting: number;
  streaming: boolean;
  skipped: number;
  onHold: () => void;
  onResume: () => void;
}

function FeedBar({ paused, why, waiting, streaming, skipped, onHold, onResume }: FeedBarProps) {
  return (
    <div className="feed-bar" data-testid="feed-bar">
      <span className={paused ? 'tone-warn' : streaming ? 'tone-good' : 'muted'} role="status">
        {paused ? why : streaming ? 'Calls appear as they end' : 'Not streaming: loaded again every few seconds'}
      </span>
      {paused ? (
        <button type="button" className={waiting > 0 ? 'primary' : ''} onClick={onResume}>
          {waiting > 0 ? `Show ${formatCount(waiting)} new` : 'Resume'}
        </button>
      ) : (
        <button type="button" onClick={onHold}>
          Pause
        </button>
      )}
      {skipped > 0 && (
        <span className="muted" title="Only so many calls a second are sent to a page; flagged ones have a share of their own.">
          {formatCount(skipped)} more were too fast to show. Search to see fewer.
        </span>
      )}
    </div>
  );
}

function Nothing({ query, running, address }: { query: string; running: boolean; address: string }) {
  if (!running) {
    return (
      <EmptyState title="No gateway runs in this server">
        Start it with <code>godseye serve --gateway 127.0.0.1:8081 --provider openai=URL</code> and give your
        application that address as its base URL. A gateway that runs alone is seen by its spans in <Link to="/traces">Traces</Link>.
      </EmptyState>
    );
  }
  if (query !== '') {
    return (
      <EmptyState title="No remembered call matches">
        The gateway remembers the newest few thousand. Older ones are spans: search them in <Link to="/traces">Traces</Link>.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No call has come through the gateway yet">
      Set the base URL of your client library to <code>{address === '' ? 'the gateway' : `${address}/v1`}</code>, or try it in the{' '}
      <Link to="/playground">playground</Link>.
    </EmptyState>
  );
}

const kFacetKeys = ['session', 'user', 'model', 'provider', 'route', 'service'] as const;

function facetsOf(calls: readonly Call[]): FacetValues[] {
  const out: FacetValues[] = [
    { key: 'verdict', values: ['flagged', 'observe', 'redacted', 'refused', 'blocked', 'shadow'].map((value) => ({ value, count: 0 })) },
    { key: 'status', values: ['2xx', '4xx', '429', '5xx'].map((value) => ({ value, count: 0 })) },
  ];
  for (const key of kFacetKeys) {
    const values = [...new Set(calls.map((call) => call[key]).filter((value) => value !== '' && !value.includes('"')))];
    out.push({ key, values: values.slice(0, 50).map((value) => ({ value, count: 0 })) });
  }
  return out;
}

// Somebody reads: the pointer came over the rows, the keyboard is in them, or the page is scrolled below their beginning.
// On the way from the rows to the button that shows the new ones nothing may change, so only leaving the panel ends it.
function useReading() {
  const ref = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState(false);
  const [focused, setFocused] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  useEffect(() => {
    const onScroll = (): void => setScrolled((ref.current?.getBoundingClientRect().top ?? 0) < 0);
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, []);
  const leave = useCallback(() => {
    setOver(false);
    setFocused(false);
    window.scrollTo(0, 0);
  }, []);
  return {
    ref,
    active: over || focused || scrolled,
    leave,
    onEnter: (event: { pointerType: string }) => event.pointerType === 'mouse' && setOver(true),
    onLeave: () => setOver(false),
    onFocus: () => setFocused(true),
    onBlur: (event: FocusEvent) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setFocused(false),
  };
}
