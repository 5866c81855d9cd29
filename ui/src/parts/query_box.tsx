// The query box: a plain text field with metric-name completion, following the ARIA combobox pattern. Nothing is chosen
// until an arrow key chooses it, so Enter always runs what is written.
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { getJson } from '../api/client';
import { applyCompletion, completionSpot, type CompletionSpot } from '../model/completion';
import { kQueryCharsMax } from '../model/query_state';

interface QueryBoxProps {
  value: string;
  onChange: (query: string) => void;
  onRun: (query: string) => void;
  invalid: boolean;
  describedBy?: string;
  cursorAt?: number | null; // put the text cursor here when it changes: the place of an error
}

const kSuggestionsMax = 12;
const kTypingPauseMs = 120;

export function QueryBox({ value, onChange, onRun, invalid, describedBy, cursorAt }: QueryBoxProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [spot, setSpot] = useState<CompletionSpot | null>(null);
  const [found, setFound] = useState<string[]>([]);
  const [chosen, setChosen] = useState(-1);
  const nextCursor = useRef<number | null>(null);
  const open = spot !== null && found.length > 0;

  useEffect(() => {
    if (!spot) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      findMetrics(spot.prefix, controller.signal).then(
        (names) => {
          setFound(names.slice(0, kSuggestionsMax));
          setChosen(-1);
        },
        () => setFound([]), // completion is a convenience: a failure shows when the query runs
      );
    }, kTypingPauseMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [spot?.prefix, spot?.start]);

  useLayoutEffect(() => {
    if (nextCursor.current === null) return;
    input.current?.setSelectionRange(nextCursor.current, nextCursor.current);
    nextCursor.current = null;
  });

  useEffect(() => {
    if (cursorAt === null || cursorAt === undefined || document.activeElement !== input.current) return;
    input.current?.setSelectionRange(cursorAt, cursorAt);
  }, [cursorAt]);

  // `/` anywhere on the page brings the cursor here, unless something else is being typed.
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      const target = event.target as HTMLElement | null;
      if (event.key !== '/' || event.ctrlKey || event.metaKey || target?.closest('input, textarea, dialog')) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const look = (text: string, cursor: number): void => {
    const here = completionSpot(text, cursor);
    setSpot(here && (here.prefix.length > 0 || text.trim() === '') ? here : null);
    if (!here) setFound([]);
  };
  const close = (): void => {
    setSpot(null);
    setFound([]);
    setChosen(-1);
  };
  const take = (metric: string): void => {
    if (!spot) return;
    const result = applyCompletion(value, spot, metric);
    nextCursor.current = result.cursor;
    onChange(result.query);
    close();
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Enter') {
      event.preventDefault();
      const metric = found[chosen];
      if (open && metric !== undefined) take(metric);
      else {
        close();
        onRun(event.currentTarget.value);
      }
    } else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      const places = found.length + 1; // the suggestions and, at -1, none of them
      setChosen((old) => ((old + 1 + step + places) % places) - 1);
    } else if (open && event.key === 'Tab' && !event.shiftKey) {
      const metric = found[Math.max(chosen, 0)];
      if (metric !== undefined) {
        event.preventDefault();
        take(metric);
      }
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      close();
    }
  };

  return (
    <div className="query-box">
      <input
        ref={input}
        className={`query-input ${invalid ? 'invalid' : ''}`}
        type="text"
        role="combobox"
        aria-label="Metric query"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open && chosen >= 0 ? `${id}-${chosen}` : undefined}
        aria-invalid={invalid}
        aria-describedby={describedBy}
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        maxLength={kQueryCharsMax}
        placeholder="avg:llm.request.duration{*} by {service}"
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
          look(event.target.value, event.target.selectionStart ?? event.target.value.length);
        }}
        onFocus={(event) => {
          if (event.target.value === '') look('', 0);
        }}
        onBlur={close}
        onKeyDown={onKeyDown}
      />
      <ul id={`${id}-list`} role="listbox" aria-label="Metrics" className="suggestions" hidden={!open}>
        {found.map((metric, i) => (
          <li
            key={metric}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === chosen}
            className={i === chosen ? 'chosen' : ''}
            onMouseDown={(event) => {
              event.preventDefault(); // keep the focus in the field
              take(metric);
            }}
          >
            {metric}
          </li>
        ))}
      </ul>
    </div>
  );
}

async function findMetrics(prefix: string, signal: AbortSignal): Promise<string[]> {
  if (prefix === '') {
    const from = Math.floor(Date.now() / 1000) - 3600;
    const answer = await getJson<{ metrics?: string[] }>(`/api/v1/metrics?from=${from}`, signal);
    return answer.metrics ?? [];
  }
  const q = encodeURIComponent(`metrics:${prefix}`);
  const answer = await getJson<{ results?: { metrics?: string[] } }>(`/api/v1/search?q=${q}`, signal);
  const names = answer.results?.metrics ?? [];
  // Names that begin with what is typed come before those that only contain it.
  return [...names.filter((name) => name.startsWith(prefix)), ...names.filter((name) => !name.startsWith(prefix))];
}
