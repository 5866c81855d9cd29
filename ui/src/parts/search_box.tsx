// The search bar of spans: Datadog's syntax, with facets and their values completed from what is there.
import { useEffect, useState } from 'react';
import { labelText } from '../model/plain_text';
import { kQueryCharsMax } from '../model/query_state';
import { searchSpot, suggestTerms, type FacetValues, type SearchSpot } from '../model/search_query';
import { useComboBox } from './combo_box';

interface SearchBoxProps {
  query: string; // what is shown; typing is a draft until it runs
  onRun: (query: string) => void;
  facets: readonly FacetValues[];
  invalid: boolean;
  describedBy?: string;
  cursorAt?: number | null;
  label?: string;
  keys?: readonly string[];
  placeholder?: string;
}

const kSpanKeys = [
  'service', 'env', 'version', 'host', 'status', 'type', 'operation_name', 'resource_name', 'trace_id', 'span_id', '@duration',
  '@http.status_code', '@session_id', '@usr.id', '@error.type', '@error.message', '@meta.span.kind', '@meta.model_name',
];

const kSpanExample = 'service:chatbot status:error @duration:>2s';

export function SearchBox({ query, onRun, facets, invalid, describedBy, cursorAt, label = 'Search spans', keys = kSpanKeys, placeholder = kSpanExample }: SearchBoxProps) {
  const [draft, setDraft] = useState(query);
  const [spot, setSpot] = useState<SearchSpot | null>(null);
  const found = spot ? suggestTerms(spot, facets, keys) : [];

  useEffect(() => setDraft(query), [query]);

  const take = (term: string): void => {
    if (!spot) return;
    const ready = !term.endsWith(':');
    const inserted = ready && draft.slice(spot.end).trim() === '' ? `${term} ` : term;
    const next = draft.slice(0, spot.start) + inserted + draft.slice(spot.end);
    const cursor = spot.start + inserted.length;
    setDraft(next);
    box.chooseNone();
    setSpot(ready ? null : searchSpot(next, cursor));
    box.focusAt(cursor);
  };
  const box = useComboBox({
    options: found,
    open: spot !== null && found.length > 0,
    invalid,
    describedBy,
    cursorAt,
    tabTakes: spot !== null && spot.prefix !== '',
    onTake: take,
    onRun,
    onClose: () => setSpot(null),
  });

  return (
    <div className="query-row">
      <div className="query-box">
        <input
          {...box.field}
          aria-label={label}
          maxLength={kQueryCharsMax}
          placeholder={placeholder}
          value={draft}
          onChange={(event) => {
            setDraft(event.target.value);
            box.chooseNone();
            const here = searchSpot(event.target.value, event.target.selectionStart ?? event.target.value.length);
            setSpot(here !== null && here.prefix !== '' ? here : null);
          }}
        />
        <ul {...box.list} aria-label="Completions">
          {found.map((term, i) => (
            <li key={term} {...box.option(i)}>
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
