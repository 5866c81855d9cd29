// How Godseye itself does: every part and why, where data waits, what it uses, what it was told.
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useResource } from '../api/resource';
import type { QueryAnswer } from '../api/types';
import { formatBytes, formatCount, formatRate, formatSpan } from '../model/format';
import { asText } from '../model/json';
import { pageOf } from '../model/monitors';
import { fact, figure, fullIn, rate, readSystem, type Reading, type SystemReport } from '../model/system';
import { Icon } from '../parts/icon';
import { Pager } from '../parts/pager';
import { Label } from '../parts/plain';
import { SeriesView } from '../parts/series_view';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { ToneBadge } from '../parts/verdict';
import { Link } from '../router';

const kPath = '/api/godseye/v1/system';

export function SystemPage() {
  const answer = useResource<unknown>(kPath, { topics: ['health'], poll_ms: 5000 });
  const report = useMemo(() => (answer.data === null ? null : readSystem(answer.data)), [answer.data]);
  const { now, before } = useReadings(report, answer.loaded_s);
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>System</h1>
        {report && (
          <span className="head-facts">
            <StatusBadge status={report.status} />
            <span className="muted">
              Godseye <Label text={report.version} max={40} />, up {formatSpan(fact(report, 'uptime_s') ?? 0)}
            </span>
          </span>
        )}
      </div>
      <StaleNotice error={report ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {report ? (
        <>
          <Parts report={report} />
          <div className="columns">
            <Panel title="Intake and queues" facts={queueFacts(report, now, before)} more={<Link to="/ingestion">Ingestion in detail</Link>} />
            <Panel title="Evaluator and notifications" facts={evaluatorFacts(report)} />
            <Panel title="Process" facts={processFacts(report, now, before)} />
            <Panel title="Gateway and registry" facts={gatewayFacts(report, now, before)} />
          </div>
          <Disk report={report} />
          <Tables report={report} />
          <Settings report={report} />
          <Figures report={report} now={now} before={before} />
        </>
      ) : answer.error ? (
        <ErrorState error={answer.error} what="loading the state of the system" retry={answer.reload} />
      ) : (
        <Loading what="the state of the system" rows={8} />
      )}
    </>
  );
}

// Rates need two readings.
function useReadings(report: SystemReport | null, loaded_s: number | null): { now: Reading | null; before: Reading | null } {
  const kept = useRef<Reading[]>([]);
  const [pair, setPair] = useState<{ now: Reading | null; before: Reading | null }>({ now: null, before: null });
  useEffect(() => {
    if (!report || loaded_s === null) return;
    const reading = { time_s: loaded_s, started: fact(report, 'started'), report };
    kept.current = [...kept.current.filter((one) => loaded_s - one.time_s < 31 && one.started === reading.started), reading];
    setPair({ now: reading, before: kept.current.length > 1 ? (kept.current[0] ?? null) : null });
  }, [report, loaded_s]);
  return pair;
}

function StatusBadge({ status }: { status: string }) {
  const tone = status === 'ok' ? 'good' : status === 'degraded' ? 'warn' : status === 'failing' ? 'bad' : 'none';
  const word = { ok: 'Healthy', degraded: 'Degraded', failing: 'Failing' }[status] ?? 'Unknown';
  return <ToneBadge tone={tone} word={word} icon={tone === 'good' ? 'ok' : 'alert'} />;
}

function Parts({ report }: { report: SystemReport }) {
  return (
    <section className="panel stacked" aria-labelledby="parts-title">
      <h2 id="parts-title">Parts</h2>
      {report.alarms.map((alarm) => (
        <p key={alarm.name} className="notice notice-bad" role="alert">
          <Icon name="alert" /> <strong>{words(alarm.name)}</strong> <Label text={alarm.text} max={400} />
        </p>
      ))}
      <ul className="system-parts" data-testid="parts">
        {report.parts.map((part) => (
          <li key={part.name}>
            <StatusBadge status={part.status} /> <strong>{words(part.name)}</strong>
            {part.reason !== '' && (
              <span className="wrap-anywhere">
                {' '}
                <Label text={part.reason} max={600} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface Fact {
  name: string;
  value: string;
  bad?: boolean;
}

const count = (name: string, value: number | null, bad = false): Fact => ({ name, value: value === null ? '–' : formatCount(value), bad: bad && (value ?? 0) > 0 });
const bytes = (name: string, value: number | null): Fact => ({ name, value: value === null ? '–' : formatBytes(value) });
const span_ms = (name: string, value: number | null, late_ms: number): Fact => ({ name, value: value === null ? '–' : value < 1000 ? `${value} ms` : `${(value / 1000).toFixed(1)} s`, bad: (value ?? 0) > late_ms });

function perSecond(name: string, now: Reading | null, before: Reading | null, figureName: string): Fact {
  const value = rate(now, before, (report) => figure(report, figureName));
  return { name, value: value === null ? '–' : `${formatRate(value)}/s` };
}

function queueFacts(report: SystemReport, now: Reading | null, before: Reading | null): Fact[] {
  const journal = fact(report, 'journal_bytes');
  const max = fact(report, 'journal_bytes_max');
  return [
    perSecond('Events in', now, before, 'intake.events_in'),
    perSecond('Discarded', now, before, 'intake.discarded'),
    { name: 'Journal', value: journal === null ? '–' : `${formatBytes(journal)} of ${formatBytes(max ?? 0)}`, bad: max !== null && (journal ?? 0) > max / 2 },
    count('Segments that wait', figure(report, 'journal.segments')),
    count('Segments set aside', fact(report, 'set_aside'), true),
    span_ms('Oldest data not queryable', figure(report, 'store.lag_ms'), 30_000),
    count('Spans accepted and not queryable', figure(report, 'ingestion.gap'), true),
    count('Metric contexts', figure(report, 'aggregator.contexts')),
    count('Points lost at a cut', figure(report, 'cut.points_lost'), true),
  ];
}

function evaluatorFacts(report: SystemReport): Fact[] {
  return [
    span_ms('Last evaluation took', figure(report, 'monitor.duration_ms'), 8000),
    span_ms('Evaluated after the cut by', figure(report, 'monitor.evaluated_after_ms'), 10_000),
    count('Evaluations', figure(report, 'monitor.evaluations')),
    count('Failed', figure(report, 'monitor.failures'), true),
    count('Out of time', figure(report, 'monitor.deadline_misses'), true),
    count('Groups left out', figure(report, 'monitor.groups_left_out'), true),
    count('Cuts skipped', figure(report, 'monitor.evaluations_skipped'), true),
    count('Changes of state', figure(report, 'monitor.transitions')),
    count('Notifications delivered', figure(report, 'notifier.delivered')),
    count('Notifications given up', figure(report, 'notifier.failed'), true),
  ];
}

function processFacts(report: SystemReport, now: Reading | null, before: Reading | null): Fact[] {
  const cpu = rate(now, before, (one) => figure(one, 'process.cpu_ms'));
  return [
    { name: 'CPU', value: cpu === null ? '–' : `${(cpu / 10).toFixed(0)} % of a core` },
    bytes('Memory', fact(report, 'resident_bytes')),
    bytes('Memory of the store', fact(report, 'engine_resident_bytes')),
    count('Descriptors', figure(report, 'process.descriptors')),
    count('Restarts of the store', figure(report, 'store.engine_restarts'), true),
    { name: 'Engine', value: asText(report.facts['engine_version']) || 'not running', bad: asText(report.facts['engine_version']) === '' },
    { name: 'Schema of the registry', value: asText(report.facts['registry_schema']) || '–' },
    { name: 'Data', value: asText(report.facts['data_dir']) || '–' },
  ];
}

function gatewayFacts(report: SystemReport, now: Reading | null, before: Reading | null): Fact[] {
  return [
    perSecond('Calls', now, before, 'gateway.calls_in'),
    count('Calls now', figure(report, 'gateway.calls_now')),
    count('Guard failed or late', figure(report, 'gateway.guard_failures'), true),
    count('Blocks in force', figure(report, 'control.blocks_now')),
    perSecond('Writes to the registry', now, before, 'registry.writes'),
    count('Writes that wait', figure(report, 'registry.writes_waiting')),
    count('Writes that failed', figure(report, 'registry.writes_failed'), true),
    perSecond('Requests', now, before, 'http.requests'),
    count('Connections', figure(report, 'http.connections')),
  ];
}

function Panel({ title, facts, more }: { title: string; facts: readonly Fact[]; more?: ReactNode }) {
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      <dl className="facts">
        {facts.map((one) => (
          <div key={one.name}>
            <dt>{one.name}</dt>
            <dd className={one.bad ? 'lost' : ''}>
              <Label text={one.value} max={200} />
            </dd>
          </div>
        ))}
      </dl>
      {more !== undefined && <p className="note">{more}</p>}
    </section>
  );
}

const kTrend_s = 6 * 3600;

function Disk({ report }: { report: SystemReport }) {
  const free = fact(report, 'disk_free_bytes');
  const all = fact(report, 'disk_bytes');
  const path = useCallback(() => {
    const to = Math.floor(Date.now() / 1000);
    return `/api/v1/query?from=${to - kTrend_s}&to=${to}&query=${encodeURIComponent('min:godseye.disk.free_bytes{*}')}`;
  }, []);
  const trend = useResource<QueryAnswer>(path, { poll_ms: 60_000 });
  const points = trend.data?.series?.[0]?.pointlist ?? [];
  const left_s = fullIn(points, free);
  const used = free !== null && all !== null && all > 0 ? 1 - free / all : null;
  const to_s = trend.loaded_s ?? Date.now() / 1000;
  return (
    <section className="panel stacked" aria-labelledby="disk-title">
      <h2 id="disk-title">Disk</h2>
      <p>
        <strong>{free === null ? '–' : formatBytes(free)}</strong> of {all === null ? '–' : formatBytes(all)} are free
        {used !== null && ` (${Math.round(used * 100)} % used)`}.{' '}
        {left_s !== null ? (
          <strong className={left_s < 86_400 ? 'tone-bad' : ''}>At the pace of the last hours it is full in {formatSpan(left_s)}.</strong>
        ) : (
          points.length > 5 && <span className="muted">It is not filling up.</span>
        )}
      </p>
      {points.length > 1 && trend.data ? (
        <SeriesView answer={trend.data} from_s={to_s - kTrend_s} to_s={to_s} height={140} rows={3} />
      ) : (
        <p className="muted">{trend.error ? 'The trend cannot be read from the store now.' : 'The trend appears after some minutes.'}</p>
      )}
    </section>
  );
}

function Tables({ report }: { report: SystemReport }) {
  const total = report.tables.reduce((sum, one) => sum + one.bytes, 0);
  return (
    <section className="panel stacked" aria-labelledby="tables-title">
      <h2 id="tables-title">Store</h2>
      {report.tables_error !== '' ? (
        <p className="notice notice-warn">
          Its tables cannot be counted: <Label text={report.tables_error} max={400} />
        </p>
      ) : report.tables.length === 0 ? (
        <EmptyState title="Nothing is stored yet" />
      ) : (
        <div className="scroll">
          <table className="table cards" data-testid="tables">
            <thead>
              <tr>
                <th scope="col">Table ({formatBytes(total)} in all)</th>
                <th scope="col" className="num">
                  On disk
                </th>
                <th scope="col" className="num">
                  Rows
                </th>
                <th scope="col" className="num">
                  Parts
                </th>
              </tr>
            </thead>
            <tbody>
              {report.tables.map((one) => (
                <tr key={one.name}>
                  <th scope="row">
                    <code>
                      <Label text={one.name} max={80} />
                    </code>
                  </th>
                  <td className="num" data-label="On disk">
                    {formatBytes(one.bytes)}
                  </td>
                  <td className="num" data-label="Rows">
                    {formatCount(one.rows)}
                  </td>
                  <td className="num" data-label="Parts">
                    <span className={one.parts > 300 ? 'lost' : ''}>{formatCount(one.parts)}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Settings({ report }: { report: SystemReport }) {
  const [all, setAll] = useState(false);
  const shown = report.settings.filter((one) => all || one.origin !== '');
  return (
    <section className="panel stacked" aria-labelledby="settings-title">
      <div className="panel-head">
        <h2 id="settings-title">Settings in force</h2>
        <div className="segments" role="group" aria-label="Which settings">
          <button type="button" aria-pressed={!all} onClick={() => setAll(false)}>
            Given
          </button>
          <button type="button" aria-pressed={all} onClick={() => setAll(true)}>
            All<span className="segment-count">{formatCount(report.settings.length)}</span>
          </button>
        </div>
      </div>
      {shown.length === 0 ? (
        <EmptyState title="Everything is at its default" />
      ) : (
        <div className="scroll">
          <table className="table cards" data-testid="settings">
            <thead>
              <tr>
                <th scope="col">Setting</th>
                <th scope="col">Value</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={one.name}>
                  <th scope="row">{one.name}</th>
                  <td data-label="Value" className="wrap-anywhere">
                    {one.value === '' ? <span className="muted">empty</span> : <code><Label text={one.value} max={400} /></code>}
                  </td>
                  <td data-label="From" className="wrap-anywhere">
                    {one.origin === '' ? <span className="muted">default</span> : <Label text={one.origin} max={200} />}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const kFigureRows = 30;

function Figures({ report, now, before }: { report: SystemReport; now: Reading | null; before: Reading | null }) {
  const [text, setText] = useState('');
  const [page, setPage] = useState(0);
  const needle = text.trim().toLowerCase();
  const found = report.figures.filter((one) => `${one.name} ${one.tags}`.toLowerCase().includes(needle));
  const shown = pageOf(found, page, kFigureRows);
  const rateOf = (name: string, tags: string): string => {
    const value = rate(now, before, (one) => one.figures.find((other) => other.name === name && other.tags === tags)?.value ?? null);
    return value === null || value === 0 ? '' : `${formatRate(value)}/s`;
  };
  return (
    <details className="panel stacked folded-panel">
      <summary>
        <h2>All figures</h2>
      </summary>
      <p className="muted">
        The same as <code>/metrics</code>, and as metrics <code>godseye.*</code> in the explorer. Since <TimeText time_s={fact(report, 'started')} form="clock" />.
      </p>
      <input
        type="search"
        className="filter"
        placeholder={`Filter ${formatCount(report.figures.length)} figures`}
        aria-label="Filter figures"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setPage(0);
        }}
      />
      <div className="scroll">
        <table className="table cards" data-testid="figures">
          <thead>
            <tr>
              <th scope="col">Figure</th>
              <th scope="col">Of</th>
              <th scope="col" className="num">
                Value
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.rows.map((one) => (
              <tr key={`${one.name} ${one.tags}`}>
                <th scope="row">{one.name}</th>
                <td data-label="Of" className="wrap-anywhere">
                  {one.tags === '' ? <span className="muted">–</span> : <Label text={one.tags} max={300} />}
                </td>
                <td className="num" data-label="Value">
                  {formatCount(one.value)}
                  {one.counter && <small>{rateOf(one.name, one.tags)}</small>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Pager page={shown.page} pages={shown.pages} total={found.length} what="figures" onPage={setPage} />
    </details>
  );
}

function words(name: string): string {
  const plain = name.replaceAll('_', ' ');
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
