// Writes a monitor: a new one, a copy, or one that exists. While it is typed the server judges it, the chart shows what it
// would compare, and the message is rendered for a sample.
import { useEffect, useMemo, useState, type FormEvent } from 'react';
import { ApiError, postJson, putJson } from '../api/client';
import { useResource } from '../api/resource';
import type { Monitor } from '../api/types';
import { asText, type Json } from '../model/json';
import { bodyOf, canDraw, draftOf, draftOfJson, emptyDraft, fieldOf, type Draft, type FieldName } from '../model/monitor_draft';
import { readGroups } from '../model/monitor_history';
import { parseRange, writeRange } from '../model/time_range';
import { Evidence, MonitorSentence } from '../parts/evidence';
import { MessageEditor, MessagePreview, useLate } from '../parts/message_editor';
import { NameFields, OptionFields, QueryFields, ThresholdFields } from '../parts/monitor_fields';
import { MonitorTrial } from '../parts/monitor_trial';
import { RangePicker } from '../parts/range_picker';
import { EmptyState, ErrorState, Loading } from '../parts/states';
import { Link, navigate, useSearch } from '../router';

// `id` '' is a new monitor; `?from=` names one to begin with.
export function MonitorEditPage({ id }: { id: string }) {
  const [params] = useSearch();
  const source = id !== '' ? id : (params.get('from') ?? '');
  const monitor = useResource<Monitor>(source === '' ? null : `/api/v1/monitor/${encodeURIComponent(source)}`, { paused: true });
  const title = id === '' ? 'New monitor' : 'Change the monitor';
  if (source !== '' && !monitor.data) {
    return (
      <>
        <Crumb id={id} />
        <h1 tabIndex={-1}>{title}</h1>
        {monitor.error ? <ErrorState error={monitor.error} what={`loading monitor ${source}`} retry={monitor.reload} /> : <Loading what="the monitor" rows={8} />}
      </>
    );
  }
  return <Editor id={id} title={title} first={monitor.data} />;
}

function Crumb({ id }: { id: string }) {
  return (
    <p className="crumb">
      <Link to={id === '' ? '/monitors' : `/monitors/${encodeURIComponent(id)}`}>{id === '' ? 'Monitors' : 'The monitor'}</Link>
    </p>
  );
}

function begin(first: Monitor | null, copy: boolean): Draft {
  if (!first) return emptyDraft();
  const draft = draftOf(first);
  return copy ? { ...draft, name: `${draft.name} (copy)` } : draft;
}

const kJudgePause_ms = 400;

interface Verdict {
  body: string; // what was judged
  errors: Partial<Record<FieldName, string>>;
  failed: string; // the server could not be asked
}

function Editor({ id, title, first }: { id: string; title: string; first: Monitor | null }) {
  const [start] = useState(() => begin(first, id === ''));
  const [draft, setDraft] = useState(start);
  const [json, setJson] = useState<string | null>(null); // the text of the JSON view; null: fields
  const [jsonError, setJsonError] = useState('');
  const [sent, setSent] = useState(false); // once pressed, everything that is wrong is said
  const [saving, setSaving] = useState(false);
  const [refused, setRefused] = useState('');
  const body = useMemo(() => bodyOf(draft), [draft]);
  const text = JSON.stringify(body);
  const dirty = text !== JSON.stringify(bodyOf(start));
  const unnamed = (draft.mode === 'threshold' || draft.mode === 'change') && draft.expression.trim() === '';
  const verdict = useVerdict(text, id, unnamed);
  const fresh = verdict.body === text;
  const all = refused === '' ? verdict.errors : { ...verdict.errors, [fieldOf(refused).field]: fieldOf(refused).text };
  const errors = sent || dirty ? visibleErrors(all, sent) : {};
  const change = (part: Partial<Draft>): void => {
    setDraft((old) => ({ ...old, ...part }));
    setRefused('');
  };
  useLeaveWarning(dirty && !saving);

  const save = (event: FormEvent): void => {
    event.preventDefault();
    setSent(true);
    if (json !== null && jsonError !== '') return;
    setSaving(true);
    setRefused('');
    const request = id === '' ? postJson<Monitor>('/api/v1/monitor', body) : putJson<Monitor>(`/api/v1/monitor/${encodeURIComponent(id)}`, bodyOf(draft, true));
    request.then(
      (made) => navigate(`/monitors/${encodeURIComponent(id === '' ? asText(made.id) : id)}`),
      (failed: unknown) => {
        setSaving(false);
        setRefused(failed instanceof ApiError ? failed.messages.join('; ') || failed.message : 'It could not be sent.');
        requestAnimationFrame(() => document.querySelector<HTMLElement>('.monitor-form [aria-invalid="true"]')?.focus());
      },
    );
  };
  const showJson = (on: boolean): void => {
    setJsonError('');
    setJson(on ? JSON.stringify(body, null, 2) : null);
  };
  return (
    <>
      <Crumb id={id} />
      <div className="page-head">
        <h1 tabIndex={-1}>{title}</h1>
        <div className="segments" role="group" aria-label="How it is written">
          <button type="button" aria-pressed={json === null} disabled={jsonError !== ''} onClick={() => showJson(false)}>
            Fields
          </button>
          <button type="button" aria-pressed={json !== null} onClick={() => showJson(true)}>
            JSON
          </button>
        </div>
      </div>
      <form className="monitor-form" onSubmit={save} noValidate data-testid="monitor-form">
        {json !== null ? (
          <JsonView
            text={json}
            error={jsonError}
            onChange={(next) => {
              setJson(next);
              const read = draftOfJson(next);
              setJsonError(read instanceof Error ? read.message : '');
              if (!(read instanceof Error)) change(read);
            }}
          />
        ) : (
          <>
            <section className="panel stacked" aria-labelledby="watch-title">
              <h2 id="watch-title">What is watched</h2>
              <QueryFields draft={draft} change={change} errors={errors} />
              <ThresholdFields draft={draft} change={change} errors={errors} />
            </section>
            <Chart draft={draft} body={fresh && verdict.errors.query === undefined ? body : null} />
            <MonitorTrial body={body} ready={fresh && Object.keys(verdict.errors).length === 0} />
            <section className="panel stacked" aria-labelledby="message-title">
              <h2 id="message-title">Whom it tells, and what</h2>
              <NameFields draft={draft} change={change} errors={errors} />
              <div className="message-columns">
                <MessageEditor draft={draft} error={errors.message} onChange={(message) => change({ message })} />
                <KnownGroups id={id} draft={draft} />
              </div>
            </section>
            <details className="panel stacked folded-panel" open={hasOptionErrors(errors) || undefined}>
              <summary>
                <h2>Silence, delays, telling again</h2>
              </summary>
              <OptionFields draft={draft} change={change} errors={errors} />
            </details>
          </>
        )}
        <SaveBar id={id} errors={json !== null ? all : errors} saving={saving} dirty={dirty || id === ''} failed={verdict.failed} ready={fresh && Object.keys(all).length === 0 && jsonError === ''} />
      </form>
    </>
  );
}

// A monitor that was hardly begun is not scolded: an empty query or name is wrong, but everybody knows.
function visibleErrors(errors: Verdict['errors'], sent: boolean): Verdict['errors'] {
  if (sent || errors.query !== 'name a metric') return errors;
  const { query: _query, ...others } = errors;
  return others;
}

function hasOptionErrors(errors: Verdict['errors']): boolean {
  const shown = ['query', 'message', 'name', 'tags', 'priority', 'other', 'type'];
  return Object.keys(errors).some((name) => !shown.includes(name) && !name.startsWith('thresholds'));
}

// What the server says about `text`, shortly after it stopped changing.
function useVerdict(text: string, id: string, unnamed: boolean): Verdict {
  const [verdict, setVerdict] = useState<Verdict>({ body: '', errors: {}, failed: '' });
  const late = useLate(text, kJudgePause_ms);
  useEffect(() => {
    if (unnamed) {
      setVerdict({ body: late, errors: { query: 'name a metric' }, failed: '' });
      return;
    }
    const controller = new AbortController();
    const path = id === '' ? '/api/v1/monitor/validate' : `/api/v1/monitor/${encodeURIComponent(id)}/validate`;
    postJson<unknown>(path, JSON.parse(late) as Json, controller.signal).then(
      () => setVerdict({ body: late, errors: {}, failed: '' }),
      (failed: unknown) => {
        if (controller.signal.aborted) return;
        if (failed instanceof ApiError && failed.kind === 'invalid') {
          const errors = Object.fromEntries(failed.messages.map((message) => [fieldOf(message).field, fieldOf(message).text]));
          setVerdict({ body: late, errors, failed: '' });
        } else setVerdict({ body: late, errors: {}, failed: failed instanceof ApiError ? failed.message : 'It could not be checked.' });
      },
    );
    return () => controller.abort();
  }, [late, id, unnamed]);
  return verdict;
}

function Chart({ draft, body }: { draft: Draft; body: Json | null }) {
  const [params, change] = useSearch();
  const range = parseRange(params);
  // The chart stays while the next query is being typed.
  const [shown, setShown] = useState<Json | null>(null);
  const text = body === null ? '' : JSON.stringify({ query: body['query'], thresholds: (body['options'] as Json)['thresholds'] });
  useEffect(() => {
    if (body !== null && canDraw(draft)) setShown(body);
  }, [text]);
  if (draft.mode !== 'threshold' && draft.mode !== 'change') return null;
  const monitor = shown as unknown as Monitor | null;
  return (
    <section className="panel stacked" aria-labelledby="chart-title" data-testid="chart">
      <div className="panel-head">
        <h2 id="chart-title">What it compares</h2>
        <RangePicker range={range} onChange={(next) => change((p) => writeRange(p, next))} />
      </div>
      {monitor ? (
        <>
          <MonitorSentence monitor={monitor} />
          <Evidence monitor={monitor} range={range} />
        </>
      ) : (
        <EmptyState title="The chart appears with the query">Name a metric above: the first letters are enough to choose from.</EmptyState>
      )}
    </section>
  );
}

// Groups of the monitor as it is stored, to choose the sample from.
function KnownGroups({ id, draft }: { id: string; draft: Draft }) {
  const groups = useResource<unknown>(id === '' ? null : `/api/godseye/v1/monitors/${encodeURIComponent(id)}/groups?per_page=20`, { paused: true });
  const names = useMemo(() => readGroups(groups.data).groups.map((one) => one.name), [groups.data]);
  return <MessagePreview draft={draft} groups={names} />;
}

function JsonView({ text, error, onChange }: { text: string; error: string; onChange: (text: string) => void }) {
  return (
    <section className="panel stacked" aria-labelledby="json-title">
      <h2 id="json-title">Datadog's JSON</h2>
      <textarea
        className="json-text"
        aria-labelledby="json-title"
        aria-invalid={error !== ''}
        rows={30}
        maxLength={250_000}
        spellCheck={false}
        value={text}
        onChange={(event) => onChange(event.target.value)}
      />
      {error !== '' && (
        <p className="problem" role="alert">
          {error}
        </p>
      )}
    </section>
  );
}

interface SaveProps {
  id: string;
  errors: Verdict['errors'];
  saving: boolean;
  dirty: boolean;
  failed: string;
  ready: boolean;
}

function SaveBar({ id, errors, saving, dirty, failed, ready }: SaveProps) {
  const wrong = Object.entries(errors);
  return (
    <div className="save-bar">
      <div className="save-say" role="status">
        {wrong.length > 0 ? (
          wrong.map(([field, text]) => (
            <p key={field} className="problem">
              {field === 'other' ? '' : `${field.replaceAll('_', ' ').replace('thresholds.', '')}: `}
              {text}
            </p>
          ))
        ) : failed !== '' ? (
          <p className="muted">Not checked: {failed}</p>
        ) : (
          <p className="muted">{ready ? (dirty ? 'Nothing is wrong with it.' : 'Nothing was changed.') : 'Checking…'}</p>
        )}
      </div>
      <span className="actions">
        <Link to={id === '' ? '/monitors' : `/monitors/${encodeURIComponent(id)}`}>Cancel</Link>
        <button type="submit" className="primary" disabled={saving}>
          {saving ? 'Saving…' : id === '' ? 'Create' : 'Save'}
        </button>
      </span>
    </div>
  );
}

// The browser's own question, when the tab is closed over unsaved text.
function useLeaveWarning(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [unsaved]);
}
