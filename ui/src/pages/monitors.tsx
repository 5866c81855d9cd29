// Monitors, those in trouble first.
import { useMemo, useState } from 'react';
import { useResource } from '../api/resource';
import type { Monitor } from '../api/types';
import { formatCount } from '../model/format';
import { compareMonitors, countStates, groupSummary, kStates, lastChange, pageOf, readState, type GroupSummary, type State } from '../model/monitors';
import { StateBadge } from '../parts/badge';
import { May } from '../parts/may';
import { Pager } from '../parts/pager';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { ChangedText } from '../parts/time_text';
import { Link, useSearch } from '../router';

const kRows = 50;

export function MonitorsPage() {
  const [params, change] = useSearch();
  const wanted = kStates.find((state) => state === params.get('state')) ?? null;
  const monitors = useResource<Monitor[]>('/api/v1/monitor', { topics: ['monitors'] });
  const [filter, setFilter] = useState('');
  const [page, setPage] = useState(0);
  const sorted = useMemo(() => [...(monitors.data ?? [])].sort(compareMonitors), [monitors.data]);
  const counts = countStates(sorted.map((monitor) => readState(monitor.overall_state)));
  const needle = filter.trim().toLowerCase();
  const found = sorted.filter(
    (monitor) =>
      (wanted === null || readState(monitor.overall_state) === wanted) &&
      (needle === '' || `${monitor.name}\n${monitor.query}\n${monitor.tags?.join(' ')}`.toLowerCase().includes(needle)),
  );
  const shown = pageOf(found, page, kRows);
  const choose = (state: State | null): void => {
    setPage(0);
    change((p) => (state === null ? p.delete('state') : p.set('state', state)));
  };

  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Monitors</h1>
        <div className="segments" role="group" aria-label="State">
          <button type="button" aria-pressed={wanted === null} onClick={() => choose(null)}>
            All<span className="segment-count">{formatCount(sorted.length)}</span>
          </button>
          {kStates
            .filter((state) => counts.has(state) || state === wanted)
            .map((state) => (
              <button key={state} type="button" aria-pressed={wanted === state} onClick={() => choose(state)}>
                {state}
                <span className="segment-count">{formatCount(counts.get(state) ?? 0)}</span>
              </button>
            ))}
        </div>
      </div>
      <May permission="monitors_write">
        <p className="actions">
          <Link to="/monitors/new" className="button">
            New monitor
          </Link>
        </p>
      </May>
      <StaleNotice error={monitors.data ? monitors.error : null} loaded_s={monitors.loaded_s} retry={monitors.reload} />
      {sorted.length > 6 && (
        <input
          type="search"
          className="filter stacked"
          placeholder="Filter by name, query or tag"
          aria-label="Filter monitors"
          value={filter}
          onChange={(event) => {
            setFilter(event.target.value);
            setPage(0);
          }}
        />
      )}
      {monitors.data ? (
        found.length > 0 ? (
          <>
            <ul className="monitors" data-testid="monitors">
              {shown.rows.map((monitor) => (
                <MonitorRow key={monitor.id} monitor={monitor} />
              ))}
            </ul>
            <Pager page={shown.page} pages={shown.pages} total={found.length} what="monitors" onPage={setPage} />
          </>
        ) : sorted.length === 0 ? (
          <EmptyState title="No monitor yet">
            <Link to="/monitors/new">Write one</Link>, or send it to <code>POST /api/v1/monitor</code> in Datadog's JSON. The seven rules that ship with Godseye are
            in <code>datadog/monitors.json</code>.
          </EmptyState>
        ) : (
          <EmptyState title="No monitor matches">
            <button
              type="button"
              className="link"
              onClick={() => {
                setFilter('');
                choose(null);
              }}
            >
              Show all {formatCount(sorted.length)}
            </button>
          </EmptyState>
        )
      ) : monitors.error ? (
        <ErrorState error={monitors.error} what="loading monitors" retry={monitors.reload} />
      ) : (
        <Loading what="monitors" rows={6} />
      )}
    </>
  );
}

function MonitorRow({ monitor }: { monitor: Monitor }) {
  const summary = groupSummary(monitor);
  return (
    <li className="monitor">
      <Link to={`/monitors/${monitor.id}`} className="monitor-link">
        <span className="monitor-head">
          <StateBadge state={monitor.overall_state} />
          <span className="monitor-name">{monitor.name ?? `Monitor ${monitor.id}`}</span>
        </span>
        <code className="monitor-query">{monitor.query}</code>
      </Link>
      <span className="monitor-facts">
        {monitor.evaluation_error && summary.leftOut === 0 ? (
          <strong className="tone-bad">evaluation failed</strong>
        ) : (
          <GroupText {...summary} />
        )}
        <span className="muted">
          <ChangedText time_s={lastChange(monitor)} />
        </span>
      </span>
    </li>
  );
}

function GroupText({ total, alert, warn, first, leftOut }: GroupSummary) {
  if (total === 0) return <span className="muted">no groups yet</span>;
  const one = alert + warn === 1 && first !== '' && first !== '*';
  return (
    <span>
      {alert > 0 && <strong className="tone-bad">{formatCount(alert)} alerting</strong>}
      {alert > 0 && warn > 0 && ', '}
      {warn > 0 && <strong className="tone-warn">{formatCount(warn)} warning</strong>}
      <span className="muted">
        {alert + warn > 0 ? ` of ${formatCount(total)}` : `${formatCount(total)} ${total === 1 ? 'group' : 'groups'}`}
      </span>
      {leftOut > 0 && <strong className="tone-warn"> {formatCount(leftOut)} left out</strong>}
      {one && <code className="group-first">{first}</code>}
    </span>
  );
}
