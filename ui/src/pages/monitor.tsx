// One monitor: what it compares, the chart with its thresholds, every group's state, its message.
import { useMemo, useState } from 'react';
import { useResource } from '../api/resource';
import type { Monitor } from '../api/types';
import { formatCount, formatValue } from '../model/format';
import { countStates, filterGroups, groupRows, kStates, lastChange, pageOf, type State } from '../model/monitors';
import { attributionPath } from '../model/spans_url';
import { parseRange, writeRange } from '../model/time_range';
import { StateBadge } from '../parts/badge';
import { Evidence, MonitorSentence } from '../parts/evidence';
import { Message } from '../parts/message';
import { MuteLine } from '../parts/mute';
import { Pager } from '../parts/pager';
import { RangePicker } from '../parts/range_picker';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { ChangedText, TimeText } from '../parts/time_text';
import { Link, useSearch } from '../router';

export function MonitorPage({ id }: { id: string }) {
  const monitor = useResource<Monitor>(`/api/v1/monitor/${encodeURIComponent(id)}?group_states=all`, {
    topics: ['monitors', 'metrics'], // groups get new values at every cut
  });
  if (!monitor.data) {
    return (
      <>
        <p className="crumb">
          <Link to="/monitors">Monitors</Link>
        </p>
        <h1 tabIndex={-1}>Monitor {id}</h1>
        {monitor.error ? (
          <ErrorState error={monitor.error} what={`loading monitor ${id}`} retry={monitor.reload} />
        ) : (
          <Loading what="the monitor" rows={8} />
        )}
      </>
    );
  }
  return (
    <>
      <p className="crumb">
        <Link to="/monitors">Monitors</Link>
      </p>
      <div className="page-head">
        <h1 tabIndex={-1}>{monitor.data.name ?? `Monitor ${id}`}</h1>
        <span className="head-facts">
          <StateBadge state={monitor.data.overall_state} />
          <span className="muted">
            <ChangedText time_s={lastChange(monitor.data)} />
          </span>
        </span>
      </div>
      <StaleNotice error={monitor.error} loaded_s={monitor.loaded_s} retry={monitor.reload} />
      <MuteLine monitor={monitor.data} id={id} onChange={monitor.reload} />
      <Body monitor={monitor.data} />
    </>
  );
}

function Body({ monitor }: { monitor: Monitor }) {
  const [params, change] = useSearch();
  const range = parseRange(params);
  return (
    <>
      <section className="panel stacked" aria-labelledby="query-title">
        <div className="panel-head">
          <h2 id="query-title">Query</h2>
          <RangePicker
            range={range}
            onChange={(next) => change((p) => writeRange(p, next))}
          />
        </div>
        <pre className="query-text">{monitor.query}</pre>
        <MonitorSentence monitor={monitor} />
        {monitor.evaluation_error && (
          <p className="notice notice-bad" role="alert">
            <strong>The last evaluation failed.</strong> Groups keep the states they had. {monitor.evaluation_error}
          </p>
        )}
        {(monitor.warnings ?? []).map((warning) => (
          <p key={warning} className="notice notice-warn">
            {warning}
          </p>
        ))}
        <Evidence monitor={monitor} range={range} />
      </section>
      <Groups monitor={monitor} />
      <div className="columns">
        <section className="panel" aria-labelledby="message-title">
          <h2 id="message-title">Message</h2>
          {monitor.message ? (
            <Message text={monitor.message} />
          ) : (
            <EmptyState title="No message">
              Nobody is told. Add a text with an <code>@incident-…</code> or <code>@webhook-…</code> handle.
            </EmptyState>
          )}
        </section>
        <Settings monitor={monitor} />
      </div>
    </>
  );
}

// The server sends no more groups of one monitor.
const kGroupsSentMax = 1000;
const kRows = 20; // trouble sorts first; the message below should not be a long way down

function Groups({ monitor }: { monitor: Monitor }) {
  const rows = useMemo(() => groupRows(monitor), [monitor]);
  const counts = useMemo(() => countStates(rows.map((row) => row.state)), [rows]);
  const [text, setText] = useState('');
  const [state, setState] = useState<State | null>(null);
  const [page, setPage] = useState(0);
  const found = useMemo(() => filterGroups(rows, text, state), [rows, text, state]);
  const shown = pageOf(found, page, kRows);
  const withValue = rows.some((row) => row.value !== null);
  return (
    <section className="panel stacked" aria-labelledby="groups-title">
      <div className="panel-head">
        <h2 id="groups-title">Groups</h2>
        {rows.length >= kGroupsSentMax && <span className="muted">the {formatCount(rows.length)} worst</span>}
        {counts.size > 1 && (
          <div className="segments" role="group" aria-label="State of the group">
            <button type="button" aria-pressed={state === null} onClick={() => (setState(null), setPage(0))}>
              All<span className="segment-count">{formatCount(rows.length)}</span>
            </button>
            {kStates
              .filter((name) => counts.has(name))
              .map((name) => (
                <button
                  key={name}
                  type="button"
                  aria-pressed={state === name}
                  onClick={() => (setState(name), setPage(0))}
                >
                  {name}
                  <span className="segment-count">{formatCount(counts.get(name))}</span>
                </button>
              ))}
          </div>
        )}
      </div>
      {rows.length > 10 && (
        <input
          type="search"
          className="filter"
          placeholder={`Filter ${formatCount(rows.length)} groups`}
          aria-label="Filter groups"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setPage(0);
          }}
        />
      )}
      {rows.length === 0 ? (
        <EmptyState title="No group has reported yet">
          A group appears at the first ten-second cut after its data arrives.
        </EmptyState>
      ) : found.length === 0 ? (
        <EmptyState title="No group matches this filter" />
      ) : (
        <div className="scroll">
          <table className="table" data-testid="groups">
            <thead>
              <tr>
                <th scope="col">State</th>
                <th scope="col">Group</th>
                {withValue && (
                  <th scope="col" className="num">
                    Value
                  </th>
                )}
                <th scope="col" className="num">
                  Since
                </th>
                <th scope="col" className="num wide-only">
                  Last triggered
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.rows.map((row) => (
                <tr key={row.name}>
                  <td>
                    <StateBadge state={row.state} />
                  </td>
                  <td className="wrap-anywhere">
                    <GroupName name={row.name} />
                  </td>
                  {withValue && <td className="num">{formatValue(row.value)}</td>}
                  <td className="num">
                    <TimeText time_s={row.changed_s} />
                  </td>
                  <td className="num wide-only">
                    <TimeText time_s={row.triggered_s} form="clock" />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Pager page={shown.page} pages={shown.pages} total={found.length} what="groups" onPage={setPage} />
    </section>
  );
}

function Settings({ monitor }: { monitor: Monitor }) {
  const thresholds = Object.entries(monitor.options?.thresholds ?? {}).filter(([, value]) => typeof value === 'number');
  const options = Object.entries(monitor.options ?? {}).filter(
    ([name, value]) => name !== 'thresholds' && value !== null && typeof value !== 'object' && value !== '',
  );
  return (
    <section className="panel" aria-labelledby="settings-title">
      <h2 id="settings-title">Thresholds and settings</h2>
      <dl className="facts">
        {thresholds.map(([name, value]) => (
          <div key={name}>
            <dt>{words(name)}</dt>
            <dd>{formatValue(value as number)}</dd>
          </div>
        ))}
        {options.map(([name, value]) => (
          <div key={name}>
            <dt>{words(name)}</dt>
            <dd>{typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value).replaceAll('_', ' ')}</dd>
          </div>
        ))}
        {typeof monitor.priority === 'number' && (
          <div>
            <dt>Priority</dt>
            <dd>P{monitor.priority}</dd>
          </div>
        )}
        {(monitor.tags ?? []).length > 0 && (
          <div>
            <dt>Tags</dt>
            <dd>{monitor.tags?.join(', ')}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

// A group of one session or one user leads to what it did.
function GroupName({ name }: { name: string }) {
  const to = attributionPath(name);
  return to === null ? (
    <code>{name}</code>
  ) : (
    <Link to={to}>
      <code>{name}</code>
    </Link>
  );
}

function words(name: string): string {
  const plain = name.replaceAll('_', ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
