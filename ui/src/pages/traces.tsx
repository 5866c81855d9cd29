// Search over spans. The URL holds the query and the range; facets add to the query; rows lead to the trace.
import { useCallback, useEffect, useId, useMemo, useState } from 'react';
import { ApiError, getJson } from '../api/client';
import { useResource } from '../api/resource';
import { readFacets, readSpanPage, type Facets, type SpanPage } from '../model/activity';
import { columnToIndex, parseQueryError } from '../model/caret';
import { formatCount } from '../model/format';
import { apiPath, pagePath, readSearchState, type SearchState } from '../model/spans_url';
import { FacetPanel } from '../parts/facet_panel';
import { QueryErrors } from '../parts/query_errors';
import { RangePicker } from '../parts/range_picker';
import { SearchBox } from '../parts/search_box';
import { SpanHistogram } from '../parts/span_histogram';
import { SpanTable } from '../parts/span_table';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { navigate, useSearch } from '../router';

const kPageSpans = 50;
const kOlderMax = 40; // pages kept below the first
const kPoll_ms = 5000;
const kFacetPoll_ms = 20_000;
const kNoFacets: Facets = { spans: null, facets: [], warnings: [] };

export function TracesPage() {
  const [params] = useSearch();
  const search = params.toString();
  const state = useMemo(() => readSearchState(search), [search]);
  const errorId = useId();
  const older = useOlder(state);
  const moving = state.range.kind === 'last';
  const paused = !moving || older.pages.length > 0;

  const pathOf = useCallback(() => apiPath('spans', state, { limit: String(kPageSpans) }), [state]);
  const facetsOf = useCallback(() => apiPath('spans/facets', state), [state]);
  const answer = useResource<unknown>(pathOf, { topics: ['metrics'], poll_ms: kPoll_ms, paused, bridge: true });
  const counts = useResource<unknown>(facetsOf, { topics: ['metrics'], poll_ms: kFacetPoll_ms, paused, bridge: true });
  const page = useMemo(() => (answer.data === null ? null : readSpanPage(answer.data)), [answer.data]);
  const facets = useMemo(() => (counts.data === null ? kNoFacets : readFacets(counts.data)), [counts.data]);

  const show = (next: Partial<SearchState>): void => navigate(pagePath('/traces', { ...state, ...next }));
  const run = (query: string): void => {
    if (query.trim() === state.query) {
      older.clear();
      answer.reload();
      counts.reload();
    } else show({ query });
  };
  const failed = answer.error?.kind === 'invalid' ? answer.error.messages : null;
  const column = failed?.[0] ? parseQueryError(failed[0]).column : null;

  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Traces</h1>
        <RangePicker range={state.range} onChange={(range) => show({ range })} />
      </div>
      <SearchBox
        query={state.query}
        onRun={run}
        facets={facets.facets}
        invalid={failed !== null}
        describedBy={failed ? errorId : undefined}
        cursorAt={column === null ? null : columnToIndex(state.query, column)}
      />
      {failed ? (
        <QueryErrors id={errorId} query={state.query} errors={failed.length > 0 ? failed : ['The query was refused without a reason.']} />
      ) : (
        <div className="search-columns">
          <aside aria-label="Facets" id="facets" tabIndex={-1} className="panel facet-side">
            {counts.data === null && counts.loading ? (
              <Loading what="facets" rows={4} />
            ) : facets.facets.length === 0 ? (
              <p className="muted">{counts.error ? `No facets: ${counts.error.message}` : 'No facets: nothing matches.'}</p>
            ) : (
              <FacetPanel facets={facets} query={state.query} onQuery={(query) => show({ query })} />
            )}
          </aside>
          <section className="panel search-result" aria-label="Spans" aria-busy={answer.loading}>
            <StaleNotice error={page ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
            {page && page.spans.length > 0 && (
              <SpanHistogram state={state} paused={paused} onZoom={(from_s, to_s) => show({ range: { kind: 'fixed', from_s, to_s } })} />
            )}
            {page ? (
              <Result
                page={page}
                total={facets.spans}
                paused={paused}
                moving={moving}
                older={older}
                onNewest={() => {
                  older.clear();
                  answer.reload();
                }}
                onWider={() => show({ range: { kind: 'last', seconds: 86400 } })}
                onQuery={(query) => show({ query })}
                query={state.query}
              />
            ) : answer.error ? (
              <ErrorState error={answer.error} what="searching spans" retry={answer.reload} />
            ) : (
              <Loading what="spans" rows={10} />
            )}
          </section>
        </div>
      )}
    </>
  );
}

interface Older {
  pages: SpanPage[];
  loading: boolean;
  error: ApiError | null;
  load: (cursor: string) => void;
  clear: () => void;
}

// Pages before the newest; forgotten when the search changes.
function useOlder(state: SearchState): Older {
  const [pages, setPages] = useState<SpanPage[]>([]);
  const [error, setError] = useState<ApiError | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const clear = useCallback(() => {
    setPages([]);
    setError(null);
    setAsked(null);
  }, []);
  useEffect(clear, [state, clear]);
  useEffect(() => {
    if (asked === null) return;
    const controller = new AbortController();
    const path = apiPath('spans', state, { limit: String(kPageSpans), cursor: asked });
    getJson<unknown>(path, controller.signal).then(
      (answer) => {
        setPages((old) => [...old, readSpanPage(answer)].slice(0, kOlderMax));
        setAsked(null);
        setError(null);
      },
      (failure: unknown) => {
        if (controller.signal.aborted) return;
        setError(failure instanceof ApiError ? failure : new ApiError('unreadable', 0, [String(failure)]));
        setAsked(null);
      },
    );
    return () => controller.abort();
  }, [asked, state]);
  return { pages, loading: asked !== null, error, load: setAsked, clear };
}

interface ResultProps {
  page: SpanPage;
  total: number | null;
  paused: boolean;
  moving: boolean;
  older: Older;
  query: string;
  onNewest: () => void;
  onWider: () => void;
  onQuery: (query: string) => void;
}

function Result({ page, total, paused, moving, older, query, onNewest, onWider, onQuery }: ResultProps) {
  const spans = useMemo(() => [page, ...older.pages].flatMap((one) => one.spans), [page, older.pages]);
  const cursor = (older.pages[older.pages.length - 1] ?? page).cursor;
  if (spans.length === 0) {
    return (
      <EmptyState title={query === '' ? 'No spans in this time range' : 'No span matches in this time range'}>
        <p>
          {query === '' ? (
            <>
              Point a client at the trace agent (<code>DD_AGENT_HOST</code> and <code>DD_TRACE_AGENT_PORT=8126</code>), or{' '}
            </>
          ) : (
            <>
              Check the spelling,{' '}
              <button type="button" className="link" onClick={() => onQuery('')}>
                search for everything
              </button>
              , or{' '}
            </>
          )}
          <button type="button" className="link" onClick={onWider}>
            look at the last day
          </button>
          .
        </p>
      </EmptyState>
    );
  }
  return (
    <>
      <div className="result-head">
        <p data-testid="span-count">
          <strong>{total === null ? `${formatCount(spans.length)}${cursor === '' ? '' : '+'}` : formatCount(total)}</strong>{' '}
          {total === 1 ? 'span' : 'spans'} <span className="muted">newest first</span>
        </p>
        <button type="button" className="quiet narrow-only" onClick={() => document.getElementById('facets')?.focus()}>
          Facets
        </button>
        {moving &&
          (paused ? (
            <button type="button" onClick={onNewest}>
              Paused: back to the newest
            </button>
          ) : (
            <span className="muted result-live">
              <span className="live-dot on" aria-hidden="true" /> refreshes by itself
            </span>
          ))}
      </div>
      {page.warnings.map((warning) => (
        <p key={warning} className="notice notice-warn">
          {warning}
        </p>
      ))}
      <SpanTable spans={spans} />
      {older.error && <ErrorState error={older.error} what="loading older spans" retry={() => older.load(cursor)} />}
      {cursor !== '' && older.pages.length < kOlderMax && (
        <p className="more">
          <button type="button" disabled={older.loading} onClick={() => older.load(cursor)}>
            {older.loading ? 'Loading…' : `Show ${kPageSpans} older`}
          </button>
        </p>
      )}
      {older.pages.length >= kOlderMax && (
        <p className="muted note">{formatCount(spans.length)} spans are shown. Narrow the search to see further back.</p>
      )}
    </>
  );
}
