// Cases: what somebody should look at, but not tonight.
import { useId, useState, type FormEvent } from 'react';
import { ApiError } from '../api/client';
import { useResource } from '../api/resource';
import { openCase } from '../api/work';
import { casesPath, kCasePriorities, kCasesPageSize, kCaseStatuses, priorityText, readCases, statusText, type Case, type CaseSearch } from '../model/cases';
import { May } from '../parts/may';
import { Pager } from '../parts/pager';
import { Label } from '../parts/plain';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { Link, navigate, useSearch } from '../router';

export function CasesPage() {
  const [params, change] = useSearch();
  const [page, setPage] = useState(0);
  const [form, setForm] = useState(false);
  const search: CaseSearch = {
    status: params.get('status') ?? '',
    priority: params.get('priority') ?? '',
    text: params.get('q') ?? '',
    archived: params.get('archived') === 'true',
  };
  const set = (name: string, value: string): void => {
    setPage(0);
    change((p) => (value === '' ? p.delete(name) : p.set(name, value)));
  };
  const answer = useResource<unknown>(casesPath(search, page), { topics: ['cases'], bridge: true });
  const read = answer.data === null ? null : readCases(answer.data);
  const narrowed = search.status !== '' || search.priority !== '' || search.text !== '' || search.archived;
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Cases</h1>
        <May permission="cases_write">
          <button type="button" aria-expanded={form} onClick={() => setForm(!form)}>
            Open one…
          </button>
        </May>
      </div>
      {form && <OpenForm />}
      <Filters search={search} onChange={set} />
      <StaleNotice error={read ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {read ? (
        read.cases.length > 0 ? (
          <>
            <CaseRows cases={read.cases} />
            <Pager page={page} pages={Math.max(1, Math.ceil(read.total / kCasesPageSize))} total={read.total} what="cases" onPage={setPage} />
          </>
        ) : (
          <EmptyState title={narrowed ? 'No case fits' : 'There is no case'}>
            {narrowed ? (
              'Take a filter away to see more.'
            ) : (
              <>
                A monitor opens one when its message names a <code>@case-…</code> handle. See <Link to="/monitors">the monitors</Link>.
              </>
            )}
          </EmptyState>
        )
      ) : answer.error ? (
        <ErrorState error={answer.error} what="loading cases" retry={answer.reload} />
      ) : (
        <Loading what="cases" rows={5} />
      )}
    </>
  );
}

function CaseRows({ cases }: { cases: readonly Case[] }) {
  return (
    <ul className="incidents" data-testid="cases">
      {cases.map((one) => (
        <li key={one.id} className="incident">
          <Link to={`/cases/${encodeURIComponent(one.key)}`} className="incident-link">
            <span className="incident-head">
              <span className="severity severity-none">{priorityText(one.priority)}</span>
              <span className="muted">{one.key}</span>
              <span className="incident-title">
                <Label text={one.title} max={300} />
              </span>
            </span>
            <span className="incident-facts">
              <span>{one.assignee === '' ? <span className="muted">nobody has it</span> : <Label text={one.assignee} max={80} />}</span>
              <span className="muted">
                since <TimeText time_s={one.created_s} form="clock" />
              </span>
            </span>
          </Link>
          <CaseBadge status={one.status} />
        </li>
      ))}
    </ul>
  );
}

export function CaseBadge({ status }: { status: string }) {
  const tone = { OPEN: 'warn', IN_PROGRESS: 'none', CLOSED: 'good' }[status] ?? 'none';
  return <span className={`badge badge-${tone}`}>{statusText(status)}</span>;
}

function Filters({ search, onChange }: { search: CaseSearch; onChange: (name: string, value: string) => void }) {
  const id = useId();
  return (
    <div className="work-filters" role="search" aria-label="Narrow the list">
      <label htmlFor={`${id}-status`}>
        Status
        <select id={`${id}-status`} value={search.status} onChange={(event) => onChange('status', event.target.value)}>
          <option value="">any</option>
          {kCaseStatuses.map((status) => (
            <option key={status} value={status}>
              {statusText(status)}
            </option>
          ))}
        </select>
      </label>
      <label htmlFor={`${id}-priority`}>
        Priority
        <select id={`${id}-priority`} value={search.priority} onChange={(event) => onChange('priority', event.target.value)}>
          <option value="">any</option>
          {kCasePriorities.map((priority) => (
            <option key={priority} value={priority}>
              {priorityText(priority)}
            </option>
          ))}
        </select>
      </label>
      <label className="grow" htmlFor={`${id}-q`}>
        Words
        <input id={`${id}-q`} type="search" autoComplete="off" value={search.text} onChange={(event) => onChange('q', event.target.value)} />
      </label>
      <label className="work-check" htmlFor={`${id}-archived`}>
        <input id={`${id}-archived`} type="checkbox" checked={search.archived} onChange={(event) => onChange('archived', event.target.checked ? 'true' : '')} />
        Archived ones
      </label>
    </div>
  );
}

function OpenForm() {
  const id = useId();
  const [title, setTitle] = useState('');
  const [priority, setPriority] = useState('P3');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    openCase(title.trim(), priority, '').then(
      (made) => navigate(`/cases/${encodeURIComponent(made.data?.id ?? '')}`),
      (failed: unknown) => {
        setBusy(false);
        setError(failed instanceof ApiError ? failed.message : 'It could not be sent.');
      },
    );
  };
  return (
    <form className="block-form" onSubmit={send} data-testid="open-case">
      <label className="grow" htmlFor={`${id}-title`}>
        What should be looked at
        <input id={`${id}-title`} type="text" required maxLength={500} autoComplete="off" value={title} onChange={(event) => setTitle(event.target.value)} />
      </label>
      <label htmlFor={`${id}-priority`}>
        Priority
        <select id={`${id}-priority`} value={priority} onChange={(event) => setPriority(event.target.value)}>
          {kCasePriorities.map((one) => (
            <option key={one} value={one}>
              {priorityText(one)}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" className="primary" disabled={busy || title.trim() === ''}>
        {busy ? 'Opening…' : 'Open the case'}
      </button>
      {error !== '' && (
        <p className="problem" role="alert">
          Not opened: {error}
        </p>
      )}
    </form>
  );
}
