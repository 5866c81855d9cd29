// All incidents, open ones first, narrowed by state, severity, service and words; and a way to open one by hand.
import { useEffect, useId, useMemo, useState, type FormEvent } from 'react';
import { ApiError, getJson } from '../api/client';
import { useResource } from '../api/resource';
import type { IncidentData, IncidentsAnswer } from '../api/types';
import { openIncident } from '../api/work';
import { incidentsPath, kIncidentsPageSize, kSeverities, listedIncidents, readIncident, sortIncidents, type IncidentSearch } from '../model/incidents';
import { IncidentRows } from '../parts/incident_rows';
import { May } from '../parts/may';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { Link, navigate, useSearch } from '../router';

const kTabs = ['open', 'resolved', 'all'] as const;
type Tab = (typeof kTabs)[number];

export function IncidentsPage() {
  const [params, change] = useSearch();
  const tab: Tab = kTabs.find((name) => name === params.get('show')) ?? 'all';
  const [form, setForm] = useState(false);
  const search: IncidentSearch = { severity: params.get('severity') ?? '', service: params.get('service') ?? '', text: params.get('q') ?? '' };
  const narrowed = search.severity !== '' || search.service !== '' || search.text !== '';
  const path = incidentsPath(search, 0);
  const first = useResource<IncidentsAnswer>(path, { topics: ['incidents'], bridge: true });
  const older = useOlder(first.data, search);
  const all = useMemo(() => {
    const seen = new Map<string, IncidentData>();
    for (const data of [...older.data, ...listedIncidents(first.data)]) seen.set(data.id, data); // the newest reading wins
    return sortIncidents([...seen.values()].map(readIncident));
  }, [first.data, older.data]);
  const shown = all.filter((incident) => tab === 'all' || incident.open === (tab === 'open'));
  const counts = { all: all.length, open: all.filter((i) => i.open).length, resolved: all.filter((i) => !i.open).length };

  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Incidents</h1>
        <div className="segments" role="group" aria-label="Which incidents">
          {kTabs.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={tab === name}
              onClick={() => change((p) => (name === 'all' ? p.delete('show') : p.set('show', name)))}
            >
              {name.charAt(0).toUpperCase() + name.slice(1)}
              <span className="segment-count">
                {counts[name]}
                {older.more && name !== 'open' ? '+' : ''}
              </span>
            </button>
          ))}
        </div>
        <May permission="incident_write">
          <button type="button" aria-expanded={form} onClick={() => setForm(!form)}>
            Open one…
          </button>
        </May>
      </div>
      {form && <OpenForm />}
      <Filters search={search} onChange={(name, value) => change((p) => (value === '' ? p.delete(name) : p.set(name, value)))} />
      <StaleNotice error={first.data ? first.error : null} loaded_s={first.loaded_s} retry={first.reload} />
      {first.data ? (
        shown.length > 0 ? (
          <IncidentRows incidents={shown} />
        ) : (
          <Nothing tab={tab} narrowed={narrowed} />
        )
      ) : first.error ? (
        <ErrorState error={first.error} what="loading incidents" retry={first.reload} />
      ) : (
        <Loading what="incidents" rows={5} />
      )}
      {older.error && <ErrorState error={older.error} what="loading older incidents" />}
      {older.more && tab !== 'open' && (
        <p className="more">
          <button type="button" disabled={older.loading} onClick={older.load}>
            {older.loading ? 'Loading…' : 'Load older incidents'}
          </button>
        </p>
      )}
    </>
  );
}

interface FiltersProps {
  search: IncidentSearch;
  onChange: (name: string, value: string) => void;
}

function Filters({ search, onChange }: FiltersProps) {
  const id = useId();
  return (
    <div className="work-filters" role="search" aria-label="Narrow the list">
      <label htmlFor={`${id}-severity`}>
        Severity
        <select id={`${id}-severity`} value={search.severity} onChange={(event) => onChange('severity', event.target.value)}>
          <option value="">any</option>
          {kSeverities.map((severity) => (
            <option key={severity} value={severity}>
              {severity}
            </option>
          ))}
        </select>
      </label>
      <label htmlFor={`${id}-service`}>
        Service
        <input id={`${id}-service`} type="search" autoComplete="off" spellCheck={false} value={search.service} onChange={(event) => onChange('service', event.target.value)} />
      </label>
      <label className="grow" htmlFor={`${id}-q`}>
        Words of the title
        <input id={`${id}-q`} type="search" autoComplete="off" value={search.text} onChange={(event) => onChange('q', event.target.value)} />
      </label>
    </div>
  );
}

function OpenForm() {
  const id = useId();
  const [title, setTitle] = useState('');
  const [severity, setSeverity] = useState('SEV-3');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    openIncident(title.trim(), severity).then(
      (made) => navigate(`/incidents/${encodeURIComponent(made.data?.id ?? '')}`),
      (failed: unknown) => {
        setBusy(false);
        setError(failed instanceof ApiError ? failed.message : 'It could not be sent.');
      },
    );
  };
  return (
    <form className="block-form" onSubmit={send} data-testid="open-incident">
      <label className="grow" htmlFor={`${id}-title`}>
        What is wrong
        <input id={`${id}-title`} type="text" required maxLength={500} autoComplete="off" value={title} onChange={(event) => setTitle(event.target.value)} />
      </label>
      <label htmlFor={`${id}-severity`}>
        Severity
        <select id={`${id}-severity`} value={severity} onChange={(event) => setSeverity(event.target.value)}>
          {kSeverities.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" className="primary" disabled={busy || title.trim() === ''}>
        {busy ? 'Opening…' : 'Open the incident'}
      </button>
      {error !== '' && (
        <p className="problem" role="alert">
          Not opened: {error}
        </p>
      )}
    </form>
  );
}

function Nothing({ tab, narrowed }: { tab: Tab; narrowed: boolean }) {
  if (narrowed) return <EmptyState title="No incident fits">Take a filter away to see more.</EmptyState>;
  if (tab === 'open') return <EmptyState title="No incident is open" />;
  return (
    <EmptyState title={tab === 'all' ? 'There has not been an incident yet' : 'No incident has been resolved yet'}>
      A monitor opens one when its message names an <code>@incident-…</code> handle and a group goes to Alert. See{' '}
      <Link to="/monitors">the monitors</Link>.
    </EmptyState>
  );
}

interface Older {
  data: IncidentData[];
  more: boolean;
  loading: boolean;
  error: ApiError | null;
  load: () => void;
}

// Pages after the first, loaded on demand and not refreshed: old incidents hardly change.
function useOlder(first: IncidentsAnswer | null, search: IncidentSearch): Older {
  const [data, setData] = useState<IncidentData[]>([]);
  const [offset, setOffset] = useState(kIncidentsPageSize);
  const [ended, setEnded] = useState(false);
  const [loading, setLoading] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const full = listedIncidents(first).length >= kIncidentsPageSize;
  const path = incidentsPath(search, offset);
  const start = incidentsPath(search, 0);
  useEffect(() => {
    setData([]);
    setOffset(kIncidentsPageSize);
    setEnded(false);
  }, [start]);
  useEffect(() => {
    if (!loading) return;
    const controller = new AbortController();
    getJson<IncidentsAnswer>(path, controller.signal).then(
      (answer) => {
        const found = listedIncidents(answer);
        setData((old) => [...old, ...found]);
        setOffset((old) => old + kIncidentsPageSize);
        setEnded(found.length < kIncidentsPageSize);
        setLoading(false);
        setError(null);
      },
      (failed: unknown) => {
        if (controller.signal.aborted) return;
        setError(failed instanceof ApiError ? failed : null);
        setLoading(false);
      },
    );
    return () => controller.abort();
  }, [loading, path]);
  return { data, more: full && !ended, loading, error, load: () => setLoading(true) };
}
