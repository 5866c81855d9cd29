// One case: what it is about, who has it, what spans tell, what happened so far; and the way to make an incident of it.
import { useId, useState } from 'react';
import { ApiError } from '../api/client';
import { useResource } from '../api/resource';
import { archiveCase, assignCase, casePath, caseToIncident, caseWorkPath, changeCase, commentCase } from '../api/work';
import { kCasePriorities, kCaseStatuses, priorityText, readCase, statusText, type Case } from '../model/cases';
import { asObject } from '../model/json';
import { splitSummary } from '../model/incidents';
import { Named } from '../parts/badge';
import { Confirm } from '../parts/confirm';
import { FoundEvidence } from '../parts/found_evidence';
import { May } from '../parts/may';
import { Message } from '../parts/message';
import { PersonField } from '../parts/person_field';
import { Label } from '../parts/plain';
import { ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { CommentForm, TimelineView } from '../parts/timeline_view';
import { Link, navigate } from '../router';
import { CaseBadge } from './cases';

export function CasePage({ id }: { id: string }) {
  const answer = useResource<unknown>(casePath(id), { topics: ['cases'] });
  const timeline = useResource<unknown>(caseWorkPath(id, 'timeline'), { topics: ['cases'] });
  const one = readCase(asObject(answer.data)['data']);
  if (one === null) {
    return (
      <>
        <Crumb />
        <h1 tabIndex={-1}>Case</h1>
        {answer.error ? <ErrorState error={answer.error} what={`loading case ${id}`} retry={answer.reload} /> : <Loading what="the case" rows={8} />}
      </>
    );
  }
  const reload = (): void => {
    answer.reload();
    timeline.reload();
  };
  return (
    <>
      <Crumb />
      <div className="page-head incident-page-head">
        <h1 tabIndex={-1}>
          <span className="muted">{one.key}</span> <Label text={one.title} max={500} />
        </h1>
        {one.incident_id === '' ? (
          <May permission="cases_write">
            <Confirm
              label="Make an incident of it…"
              question="Open an incident for this?"
              yes="Yes, open it"
              onYes={() =>
                caseToIncident(one.id).then((made) => {
                  navigate(`/incidents/${encodeURIComponent(made.data?.id ?? '')}`);
                })
              }
            />
          </May>
        ) : (
          <Link to={`/incidents/${encodeURIComponent(one.incident_id)}`}>Its incident</Link>
        )}
      </div>
      <StaleNotice error={answer.error} loaded_s={answer.loaded_s} retry={answer.reload} />
      <Facts one={one} />
      <May permission="cases_write">
        <CaseControls one={one} onDone={reload} />
      </May>
      <About one={one} />
      <section className="panel stacked" aria-labelledby="found-title">
        <h2 id="found-title">Conversations and traces</h2>
        <FoundEvidence path={caseWorkPath(one.id, 'evidence')} topics={['cases']} />
      </section>
      <section className="panel" aria-labelledby="timeline-title">
        <h2 id="timeline-title">Timeline</h2>
        {timeline.data !== null ? (
          <>
            <TimelineView answer={timeline.data} />
            <May permission="cases_write">
              <CommentForm send={(text) => commentCase(one.id, text)} onDone={reload} />
            </May>
          </>
        ) : timeline.error ? (
          <ErrorState error={timeline.error} what="loading the timeline" retry={timeline.reload} />
        ) : (
          <Loading what="the timeline" />
        )}
      </section>
    </>
  );
}

function Crumb() {
  return (
    <p className="crumb">
      <Link to="/cases">Cases</Link>
    </p>
  );
}

function Facts({ one }: { one: Case }) {
  return (
    <dl className="incident-strip" data-testid="case-facts">
      <div>
        <dt>Status</dt>
        <dd>
          <CaseBadge status={one.status} /> <span className="severity severity-none">{priorityText(one.priority)}</span>
          {one.archived && <span className="badge badge-none">Archived</span>}
        </dd>
      </div>
      {one.assignee !== '' && (
        <div>
          <dt>Who has it</dt>
          <dd>
            <Label text={one.assignee} max={80} />
          </dd>
        </div>
      )}
      <div className="grow">
        <dt>About</dt>
        <dd>
          <Named values={one.attributed !== '' ? [one.attributed] : one.services.map((name) => `service:${name}`)} linked />
        </dd>
      </div>
      <div>
        <dt>Opened</dt>
        <dd>
          <TimeText time_s={one.created_s} form="clock" />
        </dd>
      </div>
      {one.closed_s !== null && (
        <div>
          <dt>Closed</dt>
          <dd>
            <TimeText time_s={one.closed_s} form="clock" />
          </dd>
        </div>
      )}
      <div>
        <dt>Opened by</dt>
        <dd>
          {one.author !== '' ? (
            <Label text={one.author} max={80} />
          ) : one.monitor_id !== null ? (
            <Link to={`/monitors/${one.monitor_id}`}>monitor {one.monitor_id}</Link>
          ) : (
            'a monitor'
          )}
        </dd>
      </div>
    </dl>
  );
}

function About({ one }: { one: Case }) {
  const { what, why, next } = splitSummary(one.description);
  if (one.description === '') return null;
  return (
    <div className="story stacked">
      <section className="panel" aria-labelledby="what-title">
        <h2 id="what-title">What it is about</h2>
        <Message text={what} />
      </section>
      {why !== '' && (
        <section className="panel" aria-labelledby="why-title">
          <h2 id="why-title">Why</h2>
          <Message text={why} />
        </section>
      )}
      {next !== '' && (
        <section className="panel next" aria-labelledby="next-title">
          <h2 id="next-title">What to do next</h2>
          <Message text={next} />
        </section>
      )}
    </div>
  );
}

function CaseControls({ one, onDone }: { one: Case; onDone: () => void }) {
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const run = (work: Promise<unknown>): void => {
    setBusy(true);
    setError('');
    work.then(
      () => {
        setBusy(false);
        onDone();
      },
      (failed: unknown) => {
        setBusy(false);
        setError(failed instanceof ApiError ? failed.message : 'It could not be sent.');
      },
    );
  };
  return (
    <div className="incident-controls" data-testid="case-controls">
      <label htmlFor={`${id}-status`}>
        Status
        <select id={`${id}-status`} value={one.status} disabled={busy} onChange={(event) => run(changeCase(one.id, 'status', event.target.value))}>
          {kCaseStatuses.map((status) => (
            <option key={status} value={status}>
              {statusText(status)}
            </option>
          ))}
        </select>
      </label>
      <label htmlFor={`${id}-priority`}>
        Priority
        <select id={`${id}-priority`} value={one.priority} disabled={busy} onChange={(event) => run(changeCase(one.id, 'priority', event.target.value))}>
          {kCasePriorities.map((priority) => (
            <option key={priority} value={priority}>
              {priorityText(priority)}
            </option>
          ))}
        </select>
      </label>
      <PersonField label="Who has it" value={one.assignee} busy={busy} permission="cases_write" set={(to) => run(assignCase(one.id, to))} />
      <button type="button" disabled={busy} onClick={() => run(archiveCase(one.id, !one.archived))}>
        {one.archived ? 'Take out of the archive' : 'Archive'}
      </button>
      {error !== '' && (
        <p className="problem" role="alert">
          Not changed: {error}
        </p>
      )}
    </div>
  );
}
