// Facets beside a result: how many spans have which value, and one press to keep or leave them out.
import { useState } from 'react';
import type { Facet, Facets } from '../model/activity';
import { formatCount } from '../model/format';
import { labelText } from '../model/plain_text';
import { hasTerm, toggleTerm } from '../model/search_query';

const kShownFirst = 6;
const kShownMax = 100;

interface FacetPanelProps {
  facets: Facets;
  query: string;
  onQuery: (query: string) => void;
}

export function FacetPanel({ facets, query, onQuery }: FacetPanelProps) {
  return (
    <div className="facets" data-testid="facets">
      {facets.facets.map((facet) => (
        <FacetGroup key={facet.name} facet={facet} query={query} onQuery={onQuery} />
      ))}
    </div>
  );
}

function FacetGroup({ facet, query, onQuery }: { facet: Facet; query: string; onQuery: (query: string) => void }) {
  const [all, setAll] = useState(false);
  const shown = facet.values.slice(0, all ? kShownMax : kShownFirst);
  const most = Math.max(1, ...facet.values.map((one) => one.count));
  const hidden = facet.values.length - shown.length;
  return (
    <fieldset className="facet">
      <legend>{facet.label}</legend>
      <ul>
        {shown.map(({ value, count }) => {
          const kept = hasTerm(query, facet.key, value);
          const left = hasTerm(query, facet.key, value, true);
          const label = labelText(value, 80);
          return (
            <li key={value}>
              <button
                type="button"
                className="facet-value"
                aria-pressed={kept}
                title={labelText(value)}
                onClick={() => onQuery(toggleTerm(query, facet.key, value))}
              >
                <span className="facet-bar" style={{ width: `${(100 * count) / most}%` }} aria-hidden="true" />
                <bdi className="facet-name">{label}</bdi>
                <span className="facet-count">{formatCount(count)}</span>
              </button>
              <button
                type="button"
                className="facet-not"
                aria-pressed={left}
                aria-label={`Leave out ${facet.label.toLowerCase()} ${label}`}
                title="Leave out"
                onClick={() => onQuery(toggleTerm(query, facet.key, value, true))}
              >
                −
              </button>
            </li>
          );
        })}
      </ul>
      {hidden > 0 && (
        <button type="button" className="link facet-more" onClick={() => setAll(true)}>
          {formatCount(hidden + facet.more)} more
        </button>
      )}
      {all && facet.more > 0 && <p className="muted">and {formatCount(facet.more)} more values</p>}
    </fieldset>
  );
}
