// The search bar of spans: Datadog's syntax, with facets and their values completed from what is there. Nothing is chosen
// until an arrow key chooses it, so Enter always runs what is written.
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { labelText } from '../model/plain_text';
import { kQueryCharsMax } from '../model/query_state';
import { searchSpot, suggestTerms, type FacetValues, type SearchSpot } from '../model/search_query';

interface SearchBoxProps {
  query: string; // what is shown; typing is a draft until it runs
  onRun: (query: string) => void;
  facets: readonly FacetValues[];
  invalid: boolean;
  describedBy?: string;
  cursorAt?: number | null;
  label?: string;
}

const kKeys = [
  'service', 'env', 'version', 'host', 'status', 'type', 'operation_name', 'resource_name', 'trace_id', 'span_id', '@duration',
  '@http.status_code', '@session_id', '@usr.id', '@error.type', '@error.message', '@meta.span.kind', '@meta.model_name',
];

export function SearchBox({ query, onRun, facets, invalid, describedBy, cursorAt, label = 'Search spans' }: SearchBoxProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(query);
  const [spot, setSpot] = useState<SearchSpot | null>(null);
  const [chosen, setChosen] = useState(-1);
  const nextCursor = useRef<number | null>(null);
  const found = spot ? suggestTerms(spot, facets, kKeys) : [];
  const open = spot !== null && found.length > 0;

  useEffect(() => setDraft(query), [query]);

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

  const close = (): void => {
    setSpot(null);
    setChosen(-1);
  };
  const take = (term: string): void => {
    if (!spot) return;
    const ready = !term.endsWith(':');
    const inserted = ready && draft.slice(spot.end).trim() === '' ? `${term} ` : term;
    const next = draft.slice(0, spot.start) + inserted + draft.slice(spot.end);
    const cursor = spot.start + inserted.length;
    nextCursor.current = cursor;
    setDraft(next);
    setChosen(-1);
    setSpot(ready ? null : searchSpot(next, cursor));
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const term = found[chosen];
    if (event.key === 'Enter') {
      event.preventDefault();
      if (open && term !== undefined) take(term);
      else {
        close();
        onRun(event.currentTarget.value);
      }
    } else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const places = found.length + 1; // the suggestions and, at -1, none of them
      setChosen((old) => ((old + 1 + (event.key === 'ArrowDown' ? 1 : -1) + places) % places) - 1);
    } else if (open && event.key === 'Tab' && !event.shiftKey && spot.prefix !== '') {
      event.preventDefault();
      take(found[Math.max(chosen, 0)] ?? '');
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      close();
    }
  };

  return (
    <div className="query-row">
      <div className="query-box">
        <input
          ref={input}
          className={`query-input ${invalid ? 'invalid' : ''}`}
          type="text"
          role="combobox"
          aria-label={label}
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
          placeholder="service:chatbot status:error @duration:>2s"
          value={draft}
          onChange={(event) => {
            setDraft(event.target.value);
            setChosen(-1);
            const here = searchSpot(event.target.value, event.target.selectionStart ?? event.target.value.length);
            setSpot(here !== null && here.prefix !== '' ? here : null);
          }}
          onBlur={close}
          onKeyDown={onKeyDown}
        />
        <ul id={`${id}-list`} role="listbox" aria-label="Completions" className="suggestions" hidden={!open}>
          {found.map((term, i) => (
            <li
              key={term}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === chosen}
              className={i === chosen ? 'chosen' : ''}
              onMouseDown={(event) => {
                event.preventDefault(); // keep the focus in the field
                take(term);
              }}
            >
              <bdi>{labelText(term)}</bdi>
            </li>
          ))}
        </ul>
      </div>
      <button type="button" className="primary" onClick={() => onRun(draft)}>
        Search
      </button>
    </div>
  );
}
