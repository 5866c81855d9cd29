// One incident: what failed, why, what to do next; then the evidence and what happened so far.
import { useState } from 'react';
import { ApiError } from '../api/client';
import { useNow, useResource } from '../api/resource';
import type { IncidentData, Monitor } from '../api/types';
import { changeIncident, commentIncident, incidentWorkPath } from '../api/work';
import { formatSpan } from '../model/format';
import { durationOf, readIncident, splitSummary, type Incident } from '../model/incidents';
import type { TimeRange } from '../model/time_range';
import { AlertsOf } from '../parts/alerts_of';
import { IncidentBadge, Named, Severity } from '../parts/badge';
import { Checklist } from '../parts/checklist';
import { Evidence, MonitorSentence } from '../parts/evidence';
import { FoundEvidence } from '../parts/found_evidence';
import { AttributedBlocks, IncidentControls } from '../parts/incident_controls';
import { May } from '../parts/may';
import { Message } from '../parts/message';
import { Label } from '../parts/plain';
import { ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { CommentForm, TimelineView } from '../parts/timeline_view';
import { Link } from '../router';

export function IncidentPage({ id }: { id: string }) {
  const path = `/api/v2/incidents/${encodeURIComponent(id)}`;
  const answer = useResource<{ data?: IncidentData }>(path, { topics: ['incidents'] });
  const timeline = useResource<unknown>(`/api/godseye/v1/incidents/${encodeURIComponent(id)}/timeline`, {
    topics: ['incidents'],
  });
  const data = answer.data?.data;
  if (!data) {
    return (
      <>
        <Crumb />
        <h1 tabIndex={-1}>Incident</h1>
        {answer.error ? (
          <ErrorState error={answer.error} what={`loading incident ${id}`} retry={answer.reload} />
        ) : (
          <Loading what="the incident" rows={8} />
        )}
      </>
    );
  }
  const incident = readIncident(data);
  const reload = (): void => {
    answer.reload();
    timeline.reload();
  };
  return (
    <>
      <Crumb />
      <div className="page-head incident-page-head">
        <h1 tabIndex={-1}>{incident.title}</h1>
        {incident.open && (
          <May permission="incident_write">
            <Resolve id={data.id} onDone={reload} />
          </May>
        )}
      </div>
      <StaleNotice error={answer.error} loaded_s={answer.loaded_s} retry={answer.reload} />
      <Facts incident={incident} />
      <AttributedBlocks attributed={incident.attributed} />
      <IncidentControls incident={incident} onDone={reload} />
      <Story incident={incident} />
      <div className="incident-columns">
        <section className="panel" aria-labelledby="checklist-title">
          <h2 id="checklist-title">Checklist</h2>
          <Checklist id={data.id} onChange={timeline.reload} />
        </section>
        <section className="panel" aria-labelledby="found-title">
          <h2 id="found-title">Prompts and traces</h2>
          <FoundEvidence path={incidentWorkPath(data.id, 'evidence')} topics={['incidents']} />
        </section>
      </div>
      <section className="panel" aria-labelledby="timeline-title">
        <h2 id="timeline-title">Timeline</h2>
        {timeline.data !== null ? (
          <>
            <TimelineView answer={timeline.data} />
            <May permission="incident_write">
              <CommentForm send={(text) => commentIncident(data.id, text)} onDone={reload} />
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
      <Link to="/incidents">Incidents</Link>
    </p>
  );
}

function Facts({ incident }: { incident: Incident }) {
  const now_s = useNow();
  const duration = durationOf(incident, now_s);
  return (
    <dl className="incident-strip" data-testid="incident-facts">
      <div>
        <dt>State</dt>
        <dd>
          <IncidentBadge state={incident.state} open={incident.open} /> <Severity severity={incident.severity} />
        </dd>
      </div>
      <div className="grow">
        <dt>Attributed to</dt>
        <dd>
          <Named values={incident.attributed} linked />
        </dd>
      </div>
      <div>
        <dt>Opened</dt>
        <dd>
          <TimeText time_s={incident.opened_s} form="clock" />
        </dd>
      </div>
      <div>
        <dt>{incident.open ? 'Open for' : 'Lasted'}</dt>
        <dd>{duration === null ? '–' : formatSpan(duration)}</dd>
      </div>
      {incident.commander !== '' && (
        <div>
          <dt>Commander</dt>
          <dd>
            <Label text={incident.commander} max={80} />
          </dd>
        </div>
      )}
      {incident.impacted && (
        <div>
          <dt>Customers</dt>
          <dd>
            <Label text={incident.impact || 'affected'} max={200} />
          </dd>
        </div>
      )}
      {incident.runbook !== '' && (
        <div className="grow">
          <dt>Runbook</dt>
          <dd>
            <RunbookLink address={incident.runbook} />
          </dd>
        </div>
      )}
      {!incident.open && (
        <div>
          <dt>Resolved</dt>
          <dd>
            <TimeText time_s={incident.resolved_s} form="clock" />
          </dd>
        </div>
      )}
    </dl>
  );
}

// Written by whoever made the monitor. Only http and https become a link; anything else stays text.
function RunbookLink({ address }: { address: string }) {
  if (!/^https?:\/\//.test(address)) return <Label text={address} max={200} />;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      <Label text={address} max={200} />
    </a>
  );
}

// The monitor may be gone; the incident's own fields then tell what there is to tell.
function Story({ incident }: { incident: Incident }) {
  const first = (...names: string[]): string => names.map((name) => incident.fields[name]?.[0] ?? '').find((text) => text !== '') ?? '';
  const monitorId = incident.monitor_id;
  const monitor = useResource<Monitor>(monitorId === null ? null : `/api/v1/monitor/${monitorId}`, { topics: [] });
  const summary = splitSummary(first('summary'));
  const { what } = summary;
  const why = summary.why || first('root_cause');
  const next = summary.next || monitor.data?.message || '';
  return (
    <>
      <div className="story stacked">
        <section className="panel" aria-labelledby="what-title">
          <h2 id="what-title">What failed</h2>
          <Message text={what === '' ? incident.title : what} />
          {monitorId !== null && (
            <p className="muted note">
              Found by{' '}
              <Link to={`/monitors/${monitorId}`}>{monitor.data?.name ?? `monitor ${monitorId}`}</Link>
            </p>
          )}
          <AlertsOf id={incident.id} />
        </section>
        <section className="panel" aria-labelledby="why-title">
          <h2 id="why-title">Why</h2>
          {why !== '' && <Message text={why} />}
          {monitor.data && <MonitorSentence monitor={monitor.data} />}
          {why === '' && !monitor.data && <p className="muted">Nothing is recorded. The timeline below has the facts.</p>}
        </section>
        <section className="panel next" aria-labelledby="next-title">
          <h2 id="next-title">What to do next</h2>
          {next !== '' ? <Message text={next} /> : <p className="muted">The monitor's message says nothing about it.</p>}
        </section>
      </div>
      {monitor.data && (
        <section className="panel stacked" aria-labelledby="evidence-title">
          <h2 id="evidence-title">Evidence</h2>
          <Evidence
            monitor={monitor.data}
            range={rangeAround(incident)}
            tags={incident.attributed}
            markers={markersOf(incident)}
          />
        </section>
      )}
    </>
  );
}

const kBefore_s = 10 * 60;
const kShortest_s = 15 * 60;
const kAfter_s = 5 * 60;

// From ten minutes before it opened to now, or to a little after its end.
function rangeAround(incident: Incident): TimeRange {
  const now_s = Math.floor(Date.now() / 1000);
  const opened_s = Math.floor(incident.opened_s ?? now_s);
  const from_s = opened_s - kBefore_s;
  if (incident.open) {
    return { kind: 'last', seconds: Math.max(Math.ceil((now_s - from_s) / 60) * 60, kShortest_s) };
  }
  return { kind: 'fixed', from_s, to_s: Math.min(now_s, Math.floor(incident.resolved_s ?? now_s) + kAfter_s) };
}

function markersOf(incident: Incident): { time_s: number; label: string }[] {
  const markers: { time_s: number; label: string }[] = [];
  if (incident.opened_s !== null) markers.push({ time_s: incident.opened_s, label: 'opened' });
  if (incident.resolved_s !== null) markers.push({ time_s: incident.resolved_s, label: 'resolved' });
  return markers;
}

// Two presses: a resolved incident is not reopened by the same group until it recovers and fails again.
function Resolve({ id, onDone }: { id: string; onDone: () => void }) {
  const [step, setStep] = useState<'idle' | 'sure' | 'sending'>('idle');
  const [error, setError] = useState<string | null>(null);
  const send = (): void => {
    setStep('sending');
    changeIncident(id, { state: 'resolved' }).then(
      () => {
        setStep('idle');
        onDone();
      },
      (failed: unknown) => {
        setStep('idle');
        setError(failed instanceof ApiError ? failed.message : 'It could not be sent.');
      },
    );
  };
  return (
    <div className="resolve">
      {error !== null && (
        <span className="problem" role="alert">
          Not resolved: {error}
        </span>
      )}
      {step === 'idle' ? (
        <button type="button" className="primary" onClick={() => (setError(null), setStep('sure'))}>
          Resolve…
        </button>
      ) : (
        <>
          <span>End this incident?</span>
          <button type="button" className="primary" autoFocus disabled={step === 'sending'} onClick={send}>
            {step === 'sending' ? 'Resolving…' : 'Yes, resolve'}
          </button>
          <button type="button" className="quiet" disabled={step === 'sending'} onClick={() => setStep('idle')}>
            Cancel
          </button>
        </>
      )}
    </div>
  );
}
