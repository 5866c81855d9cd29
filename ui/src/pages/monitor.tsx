// One monitor: what it compares, the chart with its thresholds, every group's state, its message.
import { deleteJson } from '../api/client';
import { useResource } from '../api/resource';
import type { Monitor } from '../api/types';
import { formatValue } from '../model/format';
import { lastChange } from '../model/monitors';
import { parseRange, writeRange } from '../model/time_range';
import { StateBadge } from '../parts/badge';
import { Confirm } from '../parts/confirm';
import { Evidence, MonitorSentence } from '../parts/evidence';
import { May } from '../parts/may';
import { Message } from '../parts/message';
import { MonitorGroups } from '../parts/monitor_groups';
import { MonitorChanges, MonitorHistory } from '../parts/monitor_history';
import { MuteLine } from '../parts/mute';
import { RangePicker } from '../parts/range_picker';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { ChangedText } from '../parts/time_text';
import { Link, navigate, useSearch } from '../router';

export function MonitorPage({ id }: { id: string }) {
  const monitor = useResource<Monitor>(`/api/v1/monitor/${encodeURIComponent(id)}`, {
    topics: ['monitors'],
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
      <May permission="monitors_write">
        <Actions id={id} />
      </May>
      <MuteLine monitor={monitor.data} id={id} onChange={monitor.reload} />
      <Body monitor={monitor.data} id={id} />
    </>
  );
}

function Actions({ id }: { id: string }) {
  const path = `/monitors/${encodeURIComponent(id)}`;
  return (
    <div className="actions monitor-actions">
      <Link to={`${path}/edit`} className="button">
        Change
      </Link>
      <Link to={`/monitors/new?from=${encodeURIComponent(id)}`} className="button">
        Copy
      </Link>
      <Confirm
        label="Delete…"
        question="It is evaluated no more, its open incidents are resolved. History and audit stay."
        yes="Yes, delete it"
        danger
        onYes={() => deleteJson(`/api/v1/monitor/${encodeURIComponent(id)}`).then(() => navigate('/monitors'))}
      />
    </div>
  );
}

function Body({ monitor, id }: { monitor: Monitor; id: string }) {
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
        {monitor.evaluation_error &&
          ((monitor.groups_left_out ?? 0) > 0 ? (
            <p className="notice notice-warn" role="alert">
              <strong>Not every group is watched.</strong> {monitor.evaluation_error}
            </p>
          ) : (
            <p className="notice notice-bad" role="alert">
              <strong>The last evaluation failed.</strong> Groups keep the states they had. {monitor.evaluation_error}
            </p>
          ))}
        {(monitor.warnings ?? []).map((warning) => (
          <p key={warning} className="notice notice-warn">
            {warning}
          </p>
        ))}
        <Evidence monitor={monitor} range={range} />
      </section>
      <MonitorHistory id={id} range={range} />
      <MonitorGroups id={id} />
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
      <MonitorChanges id={id} />
    </>
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

function words(name: string): string {
  const plain = name.replaceAll('_', ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
