// Metric explorer. The URL holds the query and the range; the page is what the URL says.
import { useCallback, useEffect, useId, useState } from 'react';
import { getJson } from '../api/client';
import { useResource } from '../api/resource';
import type { QueryAnswer } from '../api/types';
import { columnToIndex, parseQueryError } from '../model/caret';
import { readQueryState, writeQueryState } from '../model/query_state';
import { resolveRange, type TimeRange } from '../model/time_range';
import { QueryBox } from '../parts/query_box';
import { QueryErrors } from '../parts/query_errors';
import { RangePicker } from '../parts/range_picker';
import { SeriesView } from '../parts/series_view';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { navigate, useSearch } from '../router';

export function ExplorerPage() {
  const [params] = useSearch();
  const { query, range } = readQueryState(params.toString());
  const [draft, setDraft] = useState(query);
  const errorId = useId();

  useEffect(() => setDraft(query), [query]);

  const rangeText = JSON.stringify(range);
  const path = useCallback(() => {
    const { from_s, to_s } = resolveRange(JSON.parse(rangeText) as TimeRange, Math.floor(Date.now() / 1000));
    return `/api/v1/query?from=${from_s}&to=${to_s}&query=${encodeURIComponent(query)}`;
  }, [query, rangeText]);
  const answer = useResource<QueryAnswer>(query === '' ? null : path, {
    topics: range.kind === 'last' ? ['metrics'] : [],
    paused: range.kind === 'fixed',
    bridge: true,
  });

  const show = (next: { query?: string; range?: TimeRange }): void => {
    navigate(`/explorer${writeQueryState({ query, range, ...next })}`);
  };
  const run = (text: string): void => {
    if (text.trim() === query) answer.reload();
    else show({ query: text });
  };

  const failed = queryErrors(answer.data, answer.error?.kind === 'invalid' ? answer.error.messages : null);
  const first = failed?.[0] ? parseQueryError(failed[0]) : null;
  const { from_s, to_s } = resolveRange(range, answer.loaded_s ?? Date.now() / 1000);

  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Explorer</h1>
        <RangePicker range={range} onChange={(next) => show({ range: next })} />
      </div>
      <div className="query-row">
        <QueryBox
          value={draft}
          onChange={setDraft}
          onRun={run}
          invalid={failed !== null}
          describedBy={failed ? errorId : undefined}
          cursorAt={first?.column ? columnToIndex(query, first.column) : null}
        />
        <button type="button" className="primary" onClick={() => run(draft)}>
          Run
        </button>
      </div>
      {failed ? (
        <QueryErrors id={errorId} query={query} errors={failed} />
      ) : query === '' ? (
        <StartHere onPick={(text) => show({ query: text })} />
      ) : (
        <section className="panel" aria-label="Result" aria-busy={answer.loading}>
          <StaleNotice error={answer.data ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
          {answer.data ? (
            <Result
              answer={answer.data}
              from_s={from_s}
              to_s={to_s}
              onZoom={(from, to) => show({ range: { kind: 'fixed', from_s: from, to_s: to } })}
              onWider={() => show({ range: { kind: 'last', seconds: 86400 } })}
            />
          ) : answer.error ? (
            <ErrorState error={answer.error} what="running the query" retry={answer.reload} />
          ) : (
            <Loading what="the series" rows={6} />
          )}
        </section>
      )}
    </>
  );
}

// A wrong query is 400 with `errors`, or 200 with status "error" as Datadog's API also answers.
function queryErrors(answer: QueryAnswer | null, messages: string[] | null): string[] | null {
  if (messages) return messages.length > 0 ? messages : ['The query was refused without a reason.'];
  if (answer?.status === 'error') return [answer.error ?? answer.message ?? 'The query failed.'];
  return null;
}

interface ResultProps {
  answer: QueryAnswer;
  from_s: number;
  to_s: number;
  onZoom: (from_s: number, to_s: number) => void;
  onWider: () => void;
}

function Result({ answer, from_s, to_s, onZoom, onWider }: ResultProps) {
  if ((answer.series ?? []).length === 0) {
    return (
      <EmptyState title="No data in this time range">
        <p>
          The query is valid, but nothing matches it here. Check the metric name and the scope, or{' '}
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
      {answer.message && <p className="notice notice-warn">{answer.message}</p>}
      <SeriesView answer={answer} from_s={from_s} to_s={to_s} height={340} onZoom={onZoom} />
    </>
  );
}

const kListedMax = 60;

// With no query yet: what has arrived lately, one click from a chart.
function StartHere({ onPick }: { onPick: (query: string) => void }) {
  const [metrics, setMetrics] = useState<string[] | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const controller = new AbortController();
    const from = Math.floor(Date.now() / 1000) - 3600;
    getJson<{ metrics?: string[] }>(`/api/v1/metrics?from=${from}`, controller.signal).then(
      (answer) => setMetrics(answer.metrics ?? []),
      () => !controller.signal.aborted && setFailed(true),
    );
    return () => controller.abort();
  }, []);
  if (failed) return <p className="muted">Write a query and press Enter.</p>;
  if (metrics === null) return <Loading what="metric names" rows={2} />;
  if (metrics.length === 0) {
    return (
      <EmptyState title="No metric has arrived in the last hour">
        <p>Send one to the DogStatsD port and it is here ten seconds later:</p>
        <pre className="detail">echo -n 'demo.orders:1|c|#env:dev' | nc -u -w1 127.0.0.1 8125</pre>
      </EmptyState>
    );
  }
  return (
    <section className="panel" aria-labelledby="recent-metrics">
      <h2 id="recent-metrics">Metrics of the last hour</h2>
      <ul className="metric-list">
        {metrics.slice(0, kListedMax).map((metric) => (
          <li key={metric}>
            <button type="button" className="metric" onClick={() => onPick(`avg:${metric}{*}`)}>
              {metric}
            </button>
          </li>
        ))}
      </ul>
      {metrics.length > kListedMax && (
        <p className="muted">and {metrics.length - kListedMax} more: type part of a name in the box above.</p>
      )}
    </section>
  );
}
