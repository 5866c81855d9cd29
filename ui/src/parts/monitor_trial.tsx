// What a monitor would have done over stored history, before anybody relies on it. Evaluated by the server in pieces of a
// few seconds, so that it can be stopped.
import { useEffect, useRef, useState } from 'react';
import { ApiError, postJson } from '../api/client';
import { formatCount, formatSpan } from '../model/format';
import type { Json } from '../model/json';
import { bandsOf, joinTrials, readTrial, type Trial } from '../model/monitor_history';
import { Choice } from './field';
import { StateBands, TransitionTable } from './state_bands';
import { EmptyState } from './states';

const kRanges = [
  { value: '3600', label: 'the last hour' },
  { value: '14400', label: 'the last 4 hours' },
  { value: '86400', label: 'the last day' },
  { value: '604800', label: 'the last 7 days' },
] as const;
const kPiecesMax = 60;

interface Run {
  from_s: number;
  to_s: number;
  trial: Trial | null;
  state: 'running' | 'done' | 'stopped';
  error: string;
  body: string; // which monitor was tried
}

export function MonitorTrial({ body, ready }: { body: Json; ready: boolean }) {
  const [seconds, setSeconds] = useState('14400');
  const [run, setRun] = useState<Run | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const text = JSON.stringify(body);

  const start = async (): Promise<void> => {
    const controller = new AbortController();
    stop.current?.abort();
    stop.current = controller;
    const to_s = Math.floor(Date.now() / 1000);
    const from_s = to_s - Number(seconds);
    let trial: Trial | null = null;
    setRun({ from_s, to_s, trial, state: 'running', error: '', body: text });
    try {
      for (let piece = 0; piece < kPiecesMax; piece++) {
        const again: Json = trial ? { resume: trial.resume, from: trial.evaluated_to_s } : { from: from_s };
        const asked = { monitor: body, to: to_s, ...again };
        trial = joinTrials(trial, readTrial(await postJson<unknown>('/api/godseye/v1/monitors/try', asked, controller.signal)));
        if (controller.signal.aborted) return;
        setRun({ from_s, to_s, trial, state: trial.complete ? 'done' : 'running', error: '', body: text });
        if (trial.complete) return;
      }
      setRun((old) => old && { ...old, state: 'stopped' });
    } catch (failed) {
      if (controller.signal.aborted) return;
      const error = failed instanceof ApiError ? failed.messages.join('; ') || failed.message : 'It could not be sent.';
      setRun((old) => old && { ...old, state: 'stopped', error });
    }
  };

  return (
    <section className="panel stacked" aria-labelledby="trial-title" data-testid="trial">
      <div className="panel-head">
        <h2 id="trial-title">What would it have done?</h2>
        <span className="actions">
          <Choice options={kRanges} value={seconds} onChange={setSeconds} aria-label="Over which time" />
          {run?.state === 'running' ? (
            <button
              type="button"
              onClick={() => {
                stop.current?.abort();
                setRun((old) => old && { ...old, state: 'stopped' });
              }}
            >
              Stop
            </button>
          ) : (
            <button type="button" disabled={!ready} onClick={() => void start()}>
              Try it
            </button>
          )}
        </span>
      </div>
      {run ? <Outcome run={run} stale={run.body !== text} /> : <p className="muted">Evaluates this monitor over what is stored. Nobody is told, and nothing of it is kept.</p>}
    </section>
  );
}

function Outcome({ run, stale }: { run: Run; stale: boolean }) {
  const { trial, from_s } = run;
  if (run.error !== '') {
    return (
      <p className="notice notice-bad" role="alert">
        Not tried: {run.error}
      </p>
    );
  }
  if (!trial) return <p role="status">Evaluating…</p>;
  const to_s = trial.complete ? run.to_s : (trial.evaluated_to_s ?? run.to_s);
  const done = run.to_s > from_s ? Math.min(1, (to_s - from_s) / (run.to_s - from_s)) : 1;
  const triggered = trial.groups.reduce((sum, one) => sum + one.triggered, 0);
  const groups = trial.groups.filter((one) => one.triggered > 0).length;
  const alert_s = trial.groups.reduce((sum, one) => sum + one.alert_s, 0);
  return (
    <>
      <p role="status">
        {run.state === 'running' && `${Math.floor(done * 100)} % · `}
        {triggered === 0 ? (
          'It would not have alerted.'
        ) : (
          <>
            It would have alerted <strong>{formatCount(triggered)}</strong> {triggered === 1 ? 'time' : 'times'}, for {formatCount(groups)} of {formatCount(trial.groups_total)}{' '}
            {trial.groups_total === 1 ? 'group' : 'groups'}, {formatSpan(alert_s)} in all.
          </>
        )}{' '}
        <span className="muted">{formatCount(trial.evaluations)} evaluations.</span>
        {run.state === 'stopped' && <span className="muted"> Stopped before the end.</span>}
        {stale && <span className="muted"> The monitor was changed since.</span>}
      </p>
      {trial.failed > 0 && <p className="notice notice-warn">{formatCount(trial.failed)} evaluations failed and changed nothing.</p>}
      {trial.left_out > 0 && <p className="notice notice-warn">{formatCount(trial.left_out)} groups or changes are counted but not listed.</p>}
      {trial.warnings.map((text) => (
        <p key={text} className="notice notice-warn">
          {text}
        </p>
      ))}
      {trial.transitions.length > 0 ? (
        <>
          <StateBands bands={bandsOf(trial.transitions, from_s, to_s)} from_s={from_s} to_s={to_s} />
          <TransitionTable transitions={[...trial.transitions].sort((a, b) => b.time_s - a.time_s)} />
        </>
      ) : (
        run.state === 'done' && trial.groups_total === 0 && <EmptyState title="No group had data in this time" />
      )}
    </>
  );
}
