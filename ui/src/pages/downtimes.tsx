// When nobody is told: what is on now, what is planned, what was. Monitors are evaluated all the same.
import { useId, useMemo, useState, type FormEvent } from 'react';
import { ApiError, deleteJson, postJson } from '../api/client';
import { useResource } from '../api/resource';
import { downtimeBody, readDowntimes, ruleWords, type Downtime } from '../model/downtimes';
import { formatCount } from '../model/format';
import { Confirm } from '../parts/confirm';
import { May } from '../parts/may';
import { Label } from '../parts/plain';
import { EmptyState, ErrorState, Loading, StaleNotice } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { ToneBadge } from '../parts/verdict';
import { Link, useSearch } from '../router';

const kAsked = 500;
const kPath = '/api/v2/downtime';
const kPoll_ms = 10_000;

export function DowntimesPage() {
  const [params, change] = useSearch();
  const over = params.get('show') === 'over';
  const [form, setForm] = useState(false);
  const answer = useResource<unknown>(`${kPath}?include=monitor&page[limit]=${kAsked}`, { topics: ['monitors'], poll_ms: kPoll_ms });
  const all = useMemo(() => (answer.data === null ? null : readDowntimes(answer.data)), [answer.data]);
  const shown = (all ?? [])
    .filter((one) => (one.state === 'active' || one.state === 'scheduled') !== over)
    .sort((a, b) => (over ? (b.end_s ?? 0) - (a.end_s ?? 0) : Number(b.state === 'active') - Number(a.state === 'active') || (a.start_s ?? 0) - (b.start_s ?? 0)));
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Downtimes</h1>
        <div className="segments" role="group" aria-label="Which downtimes">
          <button type="button" aria-pressed={!over} onClick={() => change((p) => p.delete('show'))}>
            On and planned
          </button>
          <button type="button" aria-pressed={over} onClick={() => change((p) => p.set('show', 'over'))}>
            Over
          </button>
        </div>
      </div>
      <section className="panel" aria-label="Downtimes" aria-busy={answer.loading}>
        <div className="panel-head">
          <p className="muted">Monitors go on and keep their states; no webhook, no new incident.</p>
          <May permission="monitors_downtime">
            <button type="button" aria-expanded={form} onClick={() => setForm(!form)}>
              Plan a downtime…
            </button>
          </May>
        </div>
        {form && <DowntimeForm onDone={answer.reload} />}
        <StaleNotice error={all ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
        {all ? (
          shown.length > 0 ? (
            <>
              <Table downtimes={shown} onChange={answer.reload} />
              {all.length >= kAsked && <p className="muted note">The newest {formatCount(kAsked)} are here.</p>}
            </>
          ) : over ? (
            <EmptyState title="No downtime is over yet" />
          ) : (
            <EmptyState title="No downtime is on or planned">
              Plan one before a rollout, so that nobody is woken by it. One monitor is muted on <Link to="/monitors">its own page</Link>.
            </EmptyState>
          )
        ) : answer.error ? (
          <ErrorState error={answer.error} what="loading downtimes" retry={answer.reload} />
        ) : (
          <Loading what="downtimes" rows={5} />
        )}
      </section>
    </>
  );
}

const kStates = {
  active: { word: 'On now', tone: 'warn' },
  scheduled: { word: 'Planned', tone: 'none' },
  ended: { word: 'Over', tone: 'none' },
  canceled: { word: 'Canceled', tone: 'none' },
} as const;

function Table({ downtimes, onChange }: { downtimes: readonly Downtime[]; onChange: () => void }) {
  return (
    <div className="scroll">
      <table className="table cards blocks" data-testid="downtimes">
        <thead>
          <tr>
            <th scope="col">Monitors</th>
            <th scope="col">Groups</th>
            <th scope="col">State</th>
            <th scope="col">When</th>
            <th scope="col">Why</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {downtimes.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <Which downtime={one} />
              </th>
              <td data-label="Groups">{one.scope === '*' || one.scope === '' ? 'all' : <Label text={one.scope} max={120} />}</td>
              <td data-label="State">
                <ToneBadge tone={kStates[one.state].tone} word={kStates[one.state].word} icon={one.state === 'active' ? 'mute' : undefined} />
              </td>
              <td data-label="When">
                <When downtime={one} />
              </td>
              <td data-label="Why">
                <Label text={one.message || '–'} max={200} />
              </td>
              <td>
                {(one.state === 'active' || one.state === 'scheduled') && (
                  <Confirm
                    label="Cancel it"
                    permission="monitors_downtime"
                    question={one.state === 'active' ? 'People are told again from now on.' : 'It will not take place.'}
                    yes="Yes, cancel it"
                    onYes={() => deleteJson(`${kPath}/${encodeURIComponent(one.id)}`).then(onChange)}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Which({ downtime }: { downtime: Downtime }) {
  if (downtime.monitor_id !== '') {
    return (
      <Link to={`/monitors/${encodeURIComponent(downtime.monitor_id)}`}>
        <Label text={downtime.monitor_name || `Monitor ${downtime.monitor_id}`} max={80} />
      </Link>
    );
  }
  const tags = downtime.monitor_tags.filter((tag) => tag !== '*');
  return tags.length === 0 ? <>Every monitor</> : <Label text={`those with ${tags.join(' and ')}`} max={160} />;
}

function When({ downtime }: { downtime: Downtime }) {
  const { rules, start_s, end_s, state } = downtime;
  return (
    <span>
      {state === 'active' ? (
        <>since <TimeText time_s={start_s} form="clock" /></>
      ) : (
        <TimeText time_s={start_s} form="clock" />
      )}
      {end_s === null ? ' until canceled' : <> to <TimeText time_s={end_s} form="clock" /></>}
      {rules.slice(0, 5).map((rule) => (
        <small key={rule.rrule} className="muted">
          {' '}
          <Label text={`${ruleWords(rule.rrule)}, for ${rule.duration}`} max={120} />
        </small>
      ))}
      {rules.length > 0 && downtime.timezone !== '' && (
        <small className="muted">
          {' '}
          <Label text={downtime.timezone} max={40} />
        </small>
      )}
    </span>
  );
}

const kMinutes = [
  { label: '30 minutes', minutes: 30 },
  { label: '1 hour', minutes: 60 },
  { label: '4 hours', minutes: 240 },
  { label: '1 day', minutes: 1440 },
  { label: 'until canceled', minutes: 0 },
] as const;
const kRepeats = [
  { label: 'once', rrule: '' },
  { label: 'every day', rrule: 'FREQ=DAILY' },
  { label: 'every weekday', rrule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR' },
  { label: 'every week', rrule: 'FREQ=WEEKLY' },
  { label: 'by a rule of mine', rrule: 'own' },
] as const;

function DowntimeForm({ onDone }: { onDone: () => void }) {
  const id = useId();
  const [monitor, setMonitor] = useState('');
  const [scope, setScope] = useState('');
  const [message, setMessage] = useState('');
  const [start, setStart] = useState('');
  const [minutes, setMinutes] = useState(60);
  const [repeat, setRepeat] = useState('');
  const [rule, setRule] = useState('FREQ=MONTHLY;BYDAY=1TU');
  const [state, setState] = useState<'idle' | 'sending' | 'done'>('idle');
  const [error, setError] = useState('');
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  const repeats = repeat !== '';
  const send = (event: FormEvent): void => {
    event.preventDefault();
    setState('sending');
    setError('');
    const wanted = { monitor, scope, message, start, minutes, repeat: repeat === 'own' ? rule.trim() : repeat, timezone };
    postJson(kPath, downtimeBody(wanted, Date.now() / 1000)).then(
      () => {
        setState('done');
        onDone();
      },
      (failed: unknown) => {
        setState('idle');
        setError(failed instanceof ApiError ? failed.messages.join('; ') || failed.message : 'It could not be sent.');
      },
    );
  };
  return (
    <form className="block-form" onSubmit={send} data-testid="downtime-form">
      <label className="grow" htmlFor={`${id}-monitor`}>
        Monitors
        <input id={`${id}-monitor`} type="text" maxLength={500} autoComplete="off" spellCheck={false} placeholder="an id, or tags: team:shop, or nothing for every one" value={monitor} onChange={(event) => setMonitor(event.target.value)} />
      </label>
      <label className="grow" htmlFor={`${id}-scope`}>
        Groups
        <input id={`${id}-scope`} type="text" maxLength={1000} autoComplete="off" spellCheck={false} placeholder="env:prod AND service:chatbot, or nothing for all" value={scope} onChange={(event) => setScope(event.target.value)} />
      </label>
      <label htmlFor={`${id}-start`}>
        Begins ({timezone})
        <input id={`${id}-start`} type="datetime-local" required={repeats} value={start} onChange={(event) => setStart(event.target.value)} />
      </label>
      <label htmlFor={`${id}-minutes`}>
        Lasts
        <select id={`${id}-minutes`} value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
          {kMinutes
            .filter((one) => !repeats || one.minutes > 0)
            .map((one) => (
              <option key={one.minutes} value={one.minutes}>
                {one.label}
              </option>
            ))}
        </select>
      </label>
      <label htmlFor={`${id}-repeat`}>
        How often
        <select
          id={`${id}-repeat`}
          value={repeat}
          onChange={(event) => {
            setRepeat(event.target.value);
            if (event.target.value !== '' && minutes === 0) setMinutes(60);
          }}
        >
          {kRepeats.map((one) => (
            <option key={one.rrule} value={one.rrule}>
              {one.label}
            </option>
          ))}
        </select>
      </label>
      {repeat === 'own' && (
        <label className="grow" htmlFor={`${id}-rule`}>
          Rule (RFC 5545)
          <input id={`${id}-rule`} type="text" required maxLength={500} spellCheck={false} value={rule} onChange={(event) => setRule(event.target.value)} />
        </label>
      )}
      <label className="grow" htmlFor={`${id}-message`}>
        Why
        <input id={`${id}-message`} type="text" maxLength={1000} autoComplete="off" value={message} onChange={(event) => setMessage(event.target.value)} />
      </label>
      <button type="submit" className="primary" disabled={state === 'sending'}>
        {state === 'sending' ? 'Planning…' : start === '' ? 'Begin now' : 'Plan it'}
      </button>
      {error !== '' && (
        <p className="problem" role="alert">
          Not planned: {error}
        </p>
      )}
      {state === 'done' && error === '' && (
        <p className="muted" role="status">
          Planned.
        </p>
      )}
    </form>
  );
}
