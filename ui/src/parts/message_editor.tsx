// The message of a monitor: a text field that completes handles and inserts variables, beside it what a person would read
// for a sample, rendered by the server with the templates that real transitions use.
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { getJson } from '../api/client';
import { useResource } from '../api/resource';
import { asList, asObject, asText } from '../model/json';
import { bodyOf, groupKeys, kConditions, queryOf, templateVariables, type Draft } from '../model/monitor_draft';
import { handleSpot, readPreview, unescapeHtml, type HandleUse } from '../model/monitor_history';
import { Choice, Field } from './field';
import { Icon } from './icon';
import { Message } from './message';
import { Label } from './plain';
import { ErrorState, Loading } from './states';

const kMessageCharsMax = 60_000;
const kSuggestionsMax = 10;

interface EditorProps {
  draft: Draft;
  error: string | undefined;
  onChange: (message: string) => void;
}

export function MessageEditor({ draft, error, onChange }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const next = useRef<number | null>(null);
  const listId = useId();
  const [spot, setSpot] = useState<ReturnType<typeof handleSpot>>(null);
  const [chosen, setChosen] = useState(0);
  const handles = useHandles();
  const needle = spot?.prefix.toLowerCase() ?? '';
  const found = spot ? handles.filter((one) => one.handle.toLowerCase().includes(needle)).slice(0, kSuggestionsMax) : [];
  const open = found.length > 0;

  useLayoutEffect(() => {
    if (next.current === null) return;
    area.current?.setSelectionRange(next.current, next.current);
    next.current = null;
  });

  const put = (start: number, end: number, text: string): void => {
    next.current = start + text.length;
    onChange(draft.message.slice(0, start) + text + draft.message.slice(end));
    setSpot(null);
    area.current?.focus();
  };
  const take = (handle: string): void => {
    if (spot) put(spot.start, spot.end, `@${handle}`);
  };
  const insert = (text: string): void => {
    const field = area.current;
    put(field?.selectionStart ?? draft.message.length, field?.selectionEnd ?? draft.message.length, text);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setChosen((old) => (old + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length);
    } else if (event.key === 'Enter' || event.key === 'Tab') {
      const one = found[chosen];
      if (!one) return;
      event.preventDefault();
      take(one.handle);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      setSpot(null);
    }
  };

  return (
    <Field
      label="Message"
      wide
      error={error}
      hint={
        <>
          <code>@</code> names whom to tell. Text inside <code>{'{{#is_alert}}…{{/is_alert}}'}</code> is for that state alone. A line that begins with <code>Next:</code> is
          what an incident says to do.
        </>
      }
    >
      {(props) => (
        <div className="message-field">
          <Insert draft={draft} onInsert={insert} />
          <textarea
            {...props}
            ref={area}
            rows={12}
            maxLength={kMessageCharsMax}
            spellCheck={false}
            value={draft.message}
            aria-controls={listId}
            aria-activedescendant={open ? `${listId}-${chosen}` : undefined}
            onChange={(event) => {
              onChange(event.target.value);
              setSpot(handleSpot(event.target.value, event.target.selectionStart));
              setChosen(0);
            }}
            onKeyDown={onKeyDown}
            onBlur={() => setSpot(null)}
          />
          <ul id={listId} role="listbox" aria-label="Handles" className="suggestions" hidden={!open}>
            {found.map((one, i) => (
              <li
                key={one.handle}
                id={`${listId}-${i}`}
                role="option"
                aria-selected={i === chosen}
                className={i === chosen ? 'chosen' : ''}
                onMouseDown={(event) => {
                  event.preventDefault();
                  take(one.handle);
                }}
              >
                @<Label text={one.handle} max={100} /> <span className="muted">{one.about}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Field>
  );
}

function Insert({ draft, onInsert }: { draft: Draft; onInsert: (text: string) => void }) {
  return (
    <select
      aria-label="Insert into the message"
      value=""
      onChange={(event) => {
        onInsert(event.target.value);
        event.target.value = '';
      }}
    >
      <option value="">Insert…</option>
      <optgroup label="Variables">
        {templateVariables(draft).map((name) => (
          <option key={name} value={`{{${name}}}`}>{`{{${name}}}`}</option>
        ))}
      </optgroup>
      <optgroup label="Only when">
        {kConditions.map((name) => {
          const argument = name === 'is_match' ? ' "host.name" "web"' : name === 'is_priority' ? " 'P1'" : '';
          return <option key={name} value={`{{#${name}${argument}}}\n\n{{/${name}}}`}>{`{{#${name}}}`}</option>;
        })}
      </optgroup>
    </select>
  );
}

interface Known {
  handle: string;
  about: string;
}

// Any name works behind these two; the word is the one to write on.
const kOpenHandles: readonly Known[] = [
  { handle: 'incident-', about: 'opens an incident of any name' },
  { handle: 'case-', about: 'opens a case of any name' },
];

function useHandles(): readonly Known[] {
  const [known, setKnown] = useState<readonly Known[]>(kOpenHandles);
  useEffect(() => {
    const controller = new AbortController();
    getJson<unknown>('/api/godseye/v1/handles', controller.signal).then(
      (answer) => {
        const listed = asList(asObject(answer)['handles']).map((value) => ({ handle: asText(asObject(value)['handle']), about: asText(asObject(value)['about']) }));
        setKnown([...listed.filter((one) => one.handle !== ''), ...kOpenHandles]);
      },
      () => undefined, // completion is a convenience
    );
    return () => controller.abort();
  }, []);
  return known;
}

const kSamples = [
  { value: 'Alert', label: 'an alert' },
  { value: 'Warn', label: 'a warning' },
  { value: 'No Data', label: 'no data' },
  { value: 'OK', label: 'a recovery' },
  { value: 'again', label: 'an alert, told again' },
] as const;

const kPause_ms = 350;

// What that message says for a sample; the sample is the person's choice.
export function MessagePreview({ draft, groups }: { draft: Draft; groups: readonly string[] }) {
  const keys = groupKeys(queryOf(draft));
  const made = keys.length === 0 ? '*' : keys.map((key) => `${key}:example`).join(',');
  const [status, setStatus] = useState<string>('Alert');
  const [group, setGroup] = useState('');
  const [value, setValue] = useState('');
  const listId = useId();
  const limit = Number(draft.thresholds.critical);
  const sample = {
    status: status === 'again' ? 'Alert' : status,
    renotify: status === 'again',
    value: value.trim() === '' ? (status === 'No Data' ? null : Number.isFinite(limit) ? plausible(limit, draft.comparator, status === 'OK') : 1) : Number(value),
    group: group.trim() || groups[0] || made,
  };
  if (!Number.isFinite(sample.value)) sample.value = null;
  const body = useLate(JSON.stringify({ monitor: bodyOf(draft), sample }), kPause_ms);
  // A new question is a new function: useResource asks again.
  const [post, setPost] = useState<() => unknown>(() => () => JSON.parse(body) as unknown);
  useEffect(() => setPost(() => () => JSON.parse(body) as unknown), [body]);
  const answer = useResource<unknown>('/api/godseye/v1/monitors/preview', { post, paused: true, bridge: true });
  const preview = answer.data === null ? null : readPreview(answer.data);
  return (
    <div className="preview" data-testid="message-preview" aria-live="polite">
      <div className="preview-sample">
        <label>
          What is said for{' '}
          <Choice options={kSamples} value={status} onChange={setStatus} />
        </label>
        <label>
          of{' '}
          <input type="text" list={listId} maxLength={2000} placeholder={groups[0] ?? made} spellCheck={false} value={group} onChange={(event) => setGroup(event.target.value)} />
        </label>
        <datalist id={listId}>
          {groups.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <label>
          at{' '}
          <input type="text" inputMode="decimal" maxLength={40} placeholder={sample.value === null ? 'no value' : String(sample.value)} value={value} onChange={(event) => setValue(event.target.value)} />
        </label>
      </div>
      {answer.error?.kind === 'invalid' ? (
        <p className="muted">The message cannot be shown while it is not complete.</p>
      ) : preview ? (
        <>
          <p className="preview-title">
            <Label text={unescapeHtml(preview.title)} max={300} />
          </p>
          {preview.text.trim() === '' ? <p className="muted">Nothing is said in this case.</p> : <Message text={unescapeHtml(preview.text)} />}
          <Told handles={preview.handles} others={preview.others} />
        </>
      ) : answer.error ? (
        <ErrorState error={answer.error} what="rendering the message" retry={answer.reload} />
      ) : (
        <Loading what="the message" rows={3} />
      )}
    </div>
  );
}

function Told({ handles, others }: { handles: readonly HandleUse[]; others: readonly HandleUse[] }) {
  if (handles.length === 0 && others.length === 0) {
    return (
      <p className="notice notice-warn">
        <Icon name="warn" /> Nobody is told: the message names no handle.
      </p>
    );
  }
  return (
    <ul className="told">
      {handles.length === 0 && <li className="muted">Nobody is told in this case.</li>}
      {handles.map((one) => (
        <li key={one.handle} className={one.known ? '' : 'problem'}>
          <Icon name={one.known ? 'ok' : 'warn'} /> @<Label text={one.handle} max={120} /> {one.note !== '' && <span>{one.note}</span>}
        </li>
      ))}
      {others.map((one) => (
        <li key={one.handle} className={one.known ? 'muted' : 'problem'}>
          <Icon name={one.known ? 'unknown' : 'warn'} /> @<Label text={one.handle} max={120} /> {one.known ? 'in other cases' : one.note}
        </li>
      ))}
    </ul>
  );
}

// A value that could have led to that state.
function plausible(limit: number, comparator: string, recovered: boolean): number {
  const above = comparator.startsWith('>') !== recovered;
  const step = limit === 0 ? 1 : Math.abs(limit) * 0.2;
  return Number((above ? limit + step : limit - step).toPrecision(3));
}

// The text after it stood still for a while.
export function useLate(text: string, wait_ms: number): string {
  const [late, setLate] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setLate(text), wait_ms);
    return () => clearTimeout(timer);
  }, [text, wait_ms]);
  return late;
}
