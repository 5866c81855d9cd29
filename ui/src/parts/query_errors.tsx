// What the server says about a query it did not understand, with a caret under the place.
import { caretLines, parseQueryError } from '../model/caret';

const kCaretWidth = 72;

export function QueryErrors({ id, query, errors }: { id: string; query: string; errors: readonly string[] }) {
  const width = Math.min(kCaretWidth, Math.max(24, Math.floor((window.innerWidth - 80) / 8.5)));
  return (
    <div id={id} className="notice notice-bad query-error" role="alert">
      {errors.map((text, i) => {
        const error = parseQueryError(text);
        const lines = error.column === null ? null : caretLines(query, error.column, width);
        return (
          <div key={i}>
            {lines && (
              <pre className="caret" data-testid="caret" aria-hidden="true">
                {lines.text}
                {'\n'}
                <span className="caret-mark">{lines.caret}</span>
              </pre>
            )}
            <p>
              {error.column !== null && <span className="muted">Column {error.column}: </span>}
              {error.message}
            </p>
          </div>
        );
      })}
    </div>
  );
}
